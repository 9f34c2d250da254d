using System.Globalization;

namespace Traffic.Reporting.Editions;

/// <summary>First and last day, both included.</summary>
sealed record DayWindow(DateOnly From, DateOnly To)
{
    public bool Contains(DateOnly day) => day >= From && day <= To;
}

/// <summary>What an edition is about: an ISO week or a calendar month, and the two windows it is set beside.</summary>
/// <param name="Kind"><c>weekly</c> (周通报) or <c>monthly</c> (月评估).</param>
/// <param name="Name"><c>2022-W27</c> or <c>2022-07</c>.</param>
/// <param name="Before">The week or month just before (环比).</param>
/// <param name="YearBefore">The same calendar window one year before (同比); of a month, that whole month.</param>
sealed record EditionPeriod(string Kind, string Name, DayWindow Days, DayWindow Before, DayWindow YearBefore)
{
    /// <summary>Local hour on the first day after the period at which its draft is made.</summary>
    static readonly TimeOnly DraftAt = new(6, 0);

    public static readonly IReadOnlyList<string> Kinds = ["weekly", "monthly"];

    /// <summary>The period with this name; null where it is none.</summary>
    public static EditionPeriod? Parse(string kind, string name)
    {
        var dimension = kind switch { "weekly" => "week", "monthly" => "month", _ => null };
        if (dimension is null || !IsName(dimension, name))
            return null;
        var (from, to) = Period.Parse(dimension, name);
        return Period.Of(dimension, from) == name ? Of(kind, from) : null;
    }

    static bool IsName(string dimension, string name) => dimension == "week"
        ? name.Length == 8 && name[4..6] == "-W" && Number(name[..4]) is >= 1990 and < 2200 && Number(name[6..]) is >= 1 and <= 53
          && Number(name[6..]) <= ISOWeek.GetWeeksInYear(Number(name[..4]))
        : name.Length == 7 && name[4] == '-' && Number(name[..4]) is >= 1990 and < 2200 && Number(name[5..]) is >= 1 and <= 12;

    static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1;

    /// <summary>The week or month a day is in.</summary>
    public static EditionPeriod Of(string kind, DateOnly day)
    {
        if (kind == "weekly")
        {
            var monday = day.AddDays(-(((int)day.DayOfWeek + 6) % 7));
            var week = new DayWindow(monday, monday.AddDays(6));
            return new EditionPeriod(kind, Period.Of("week", monday), week,
                new DayWindow(monday.AddDays(-7), monday.AddDays(-1)), new DayWindow(week.From.AddYears(-1), week.To.AddYears(-1)));
        }
        var first = new DateOnly(day.Year, day.Month, 1);
        return new EditionPeriod(kind, Period.Of("month", first), Month(first), Month(first.AddMonths(-1)), Month(first.AddYears(-1)));
    }

    static DayWindow Month(DateOnly first) => new(first, first.AddMonths(1).AddDays(-1));

    public EditionPeriod Next => Of(Kind, Days.To.AddDays(1));

    /// <summary>When the period is over.</summary>
    public DateTimeOffset Ends(TimeZoneInfo zone) => At(Days.To.AddDays(1), TimeOnly.MinValue, zone);

    /// <summary>When its draft is made: on the day after it, at 06:00 local.</summary>
    public DateTimeOffset Due(TimeZoneInfo zone) => At(Days.To.AddDays(1), DraftAt, zone);

    static DateTimeOffset At(DateOnly day, TimeOnly time, TimeZoneInfo zone)
    {
        var local = day.ToDateTime(time);
        // An hour that a change of clocks leaves out: the one after it.
        while (zone.IsInvalidTime(local))
            local = local.AddMinutes(30);
        return new DateTimeOffset(local, zone.GetUtcOffset(local));
    }
}
