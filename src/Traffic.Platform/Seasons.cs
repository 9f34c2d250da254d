using System.Globalization;
using System.Text.Json;

namespace Traffic.Platform;

/// <summary>Shift hours by season: which hold on a day. Every day of the year, 29 February too, has exactly one season.</summary>
public sealed class Seasons
{
    /// <summary>A leap year, so that every day there can be is looked at.</summary>
    const int AnyLeapYear = 2024;

    readonly List<Season> all;

    Seasons(List<Season> all) => this.all = all;

    /// <summary>The same hours all year.</summary>
    public static Seasons AllYear(ShiftHours hours) => new([new Season("year", 0101, 1231, hours)]);

    /// <summary>The hours of a calendar day in the division's zone: a night goes on under them until their day begins.</summary>
    public ShiftHours On(DateOnly day) => all.Find(one => one.Holds((day.Month * 100) + day.Day))!.Hours;

    /// <summary>Reads <c>shifts</c>: hours for the whole year, or <c>seasons</c> that follow each other without gap and overlap.</summary>
    /// <param name="text">The file, to name the line at fault.</param>
    /// <exception cref="StartRefusedException">Names file and line.</exception>
    internal static Seasons Read(JsonElement shifts, string file, string text)
    {
        if (!shifts.TryGetProperty("seasons", out var seasons))
            return AllYear(Hours(shifts, file, text, "shifts"));
        var read = seasons.EnumerateArray().Select(one =>
        {
            var id = one.GetProperty("id").GetString()!;
            return new Season(id, MonthDay(one, "from", file, text, id), MonthDay(one, "to", file, text, id), Hours(one, file, text, id));
        }).ToList();
        for (var day = new DateOnly(AnyLeapYear, 1, 1); day.Year == AnyLeapYear; day = day.AddDays(1))
        {
            var holding = read.FindAll(one => one.Holds((day.Month * 100) + day.Day));
            if (holding.Count == 0)
                throw Refused(file, text, "seasons", $"a gap: no season has {day:MM-dd}");
            if (holding.Count > 1)
                throw Refused(file, text, holding[1].Id, $"an overlap: {holding[0].Id} and {holding[1].Id} both have {day:MM-dd}");
        }
        return new Seasons(read);
    }

    static ShiftHours Hours(JsonElement season, string file, string text, string near)
    {
        var hours = new ShiftHours(Time("dayFrom"), Time("nightFrom"));
        return hours.DayFrom < hours.NightFrom ? hours : throw Refused(file, text, near, "the day shift begins after the night shift");

        TimeOnly Time(string name) => season.TryGetProperty(name, out var value)
            && TimeOnly.TryParseExact(value.GetString(), "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time)
            ? time : throw Refused(file, text, near, $"'{name}' is no time, e.g. 06:00");
    }

    /// <summary>As a number, e.g. 501 for 05-01, so that days compare.</summary>
    static int MonthDay(JsonElement season, string name, string file, string text, string near) =>
        season.TryGetProperty(name, out var value) && DateOnly.TryParseExact(
            $"{AnyLeapYear}-{value.GetString()}", "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? (day.Month * 100) + day.Day : throw Refused(file, text, near, $"'{name}' is no day of the year, e.g. 05-01");

    static StartRefusedException Refused(string file, string text, string near, string why)
    {
        var line = 1 + text.AsSpan(0, Math.Max(0, text.IndexOf($"\"{near}\"", StringComparison.Ordinal))).Count('\n');
        return new StartRefusedException($"{file}, line {line}: {why}.");
    }

    /// <summary>First and last day, both included; one that begins after it ends goes over New Year.</summary>
    sealed record Season(string Id, int From, int To, ShiftHours Hours)
    {
        public bool Holds(int day) => From <= To ? From <= day && day <= To : day >= From || day <= To;
    }
}
