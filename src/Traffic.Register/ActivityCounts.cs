using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Register;

/// <summary>What a report counts for: same arguments, same answer.</summary>
static class ActivityCounts
{
    const string None = "-", Unknown = "unknown";

    /// <summary>Calendar day it belongs to: of a session, that of its planned start, so that a night stays whole.</summary>
    /// <param name="zone">Of the division.</param>
    public static DateOnly Day(ReportedActivity report, TimeZoneInfo zone) =>
        report.Visit?.Day ?? report.Point?.From ?? DayOf(report.OccurredAt, zone);

    /// <summary>Its shares of the cells. Shares of 0 are left out.</summary>
    /// <param name="origin">Name of the import map; null for our own.</param>
    public static IReadOnlyList<ActivityCount> Of(ReportedActivity report, string? origin, TimeZoneInfo zone, Cubes cubes)
    {
        var day = Day(report, zone);
        var all = new Dictionary<string, string>
        {
            ["status"] = report.Voided is null ? "confirmed" : "voided", ["origin"] = origin ?? None, ["unit"] = report.UnitCode ?? None,
        };
        IEnumerable<(string Cube, DateOnly Day, long Value, Dictionary<string, string> Keys)> shares = report switch
        {
            { Crash: { } crash } => Crash(crash).Select(one => (one.Cube, day, one.Value, CrashKeys(crash))),
            { Danger: { } danger } => danger.Changes.Select(change =>
                ("dangers", DayOf(change.At, zone), change.State == DangerState.Cleared ? -1L : 1L, DangerKeys(danger, change))),
            { Observation: { } observation } => observation.Counts.SelectMany(count => Observed(observation, count))
                .Select(one => ("observations", day, one.Value, one.Keys)),
            { Session: { } session } => Session(session).Select(one => (one.Cube, day, one.Value, SessionKeys(session))),
            { Point: { } point } => Days(point).Select(planned =>
                ("visitsPlanned", planned, (long)point.VisitsPerDay, new Dictionary<string, string> { ["pointKind"] = point.PointKind.Word() })),
            { Visit: { } visit } => [("visitsProven", day, 1L, new Dictionary<string, string> { ["pointKind"] = visit.PointKind.Word() })],
            _ => throw new InvalidOperationException("A report is about nothing."),
        };
        return
        [
            .. shares.GroupBy(share => (share.Cube, share.Day, Keys: Joined(share.Cube, share.Keys, all, cubes)))
                .Select(share => new ActivityCount { Cube = share.Key.Cube, Day = share.Key.Day, Keys = share.Key.Keys, Value = share.Sum(one => one.Value) })
                .Where(share => share.Value != 0),
        ];
    }

    static string Joined(string cube, Dictionary<string, string> own, Dictionary<string, string> all, Cubes cubes) => string.Join(
        '|', cubes.Find(cube)!.Dimensions.Select(dimension => own.TryGetValue(dimension, out var value) ? value : all[dimension]));

    static IEnumerable<(string Cube, long Value)> Crash(ReportedCrash crash) =>
        [("crashes", 1), ("deaths", crash.Dead), ("injured", crash.Injured), ("loss", crash.LossCny)];

    static Dictionary<string, string> CrashKeys(ReportedCrash crash) => new()
    {
        ["deaths"] = DeathsBand(crash.Dead), ["deathsFrom5"] = YesNo(crash.Dead >= 5), ["casualties"] = YesNo(crash.Dead + crash.Injured > 0),
        ["keyVehicle"] = YesNo(crash.Vehicles?.Any(vehicle => vehicle.KeyVehicle) == true), ["roadKind"] = crash.RoadKind?.Word() ?? Unknown,
        ["cause"] = crash.Causes is [var main, ..] ? main.Word() : Unknown, ["occasion"] = crash.Occasion?.Word() ?? "none",
    };

    /// <summary>The sizes of accidents: 3 or more dead 较大, 10 or more 重大, 30 or more 特别重大.</summary>
    internal static string DeathsBand(int dead) => dead switch { 0 => "0", < 3 => "1-2", < 10 => "3-9", < 30 => "10-29", _ => "30+" };

    static string YesNo(bool holds) => holds ? "yes" : "no";

    static Dictionary<string, string> DangerKeys(ReportedDanger danger, DangerChange change) => new()
    {
        ["kind"] = danger.DangerKind.Word(), ["subject"] = Subject(danger.DangerKind), ["change"] = change.State.Word(),
    };

    static string Subject(DangerKind kind) => kind switch
    {
        DangerKind.InspectionOverdue or DangerKind.ScrappingOverdue => "vehicle",
        DangerKind.ReviewOverdue or DangerKind.RenewalOverdue or DangerKind.FullPointsNotStudied => "driver",
        DangerKind.Source => "enterprise",
        _ => throw new ArgumentOutOfRangeException(nameof(kind)),
    };

    static IEnumerable<(long Value, Dictionary<string, string> Keys)> Observed(ReportedObservation observation, ObservedCount count)
    {
        yield return (count.Complying, Keys("compliant"));
        yield return (count.Checked - count.Complying, Keys("other"));

        Dictionary<string, string> Keys(string result) => new()
        {
            ["thing"] = count.Thing.Word(), ["result"] = result, ["roadKind"] = observation.RoadKind?.Word() ?? Unknown,
        };
    }

    static IEnumerable<(string Cube, long Value)> Session(ReportedSession session)
    {
        yield return ("sessions", 1);
        yield return ("officerMinutesPlanned", session.OfficersPlanned * Minutes(session.PlannedFrom, session.PlannedTo));
        if (session.Closing is not { } closing)
            yield break;
        yield return ("officerMinutes", closing.Officers * Minutes(closing.ActualFrom, closing.ActualTo));
        yield return ("vehiclesChecked", closing.VehiclesChecked);
        yield return ("personsChecked", closing.PersonsChecked);
    }

    /// <summary>Whole minutes; what is begun is not counted.</summary>
    static long Minutes(DateTimeOffset from, DateTimeOffset to) => (to - from).Ticks / TimeSpan.TicksPerMinute;

    static Dictionary<string, string> SessionKeys(ReportedSession session) => new()
    {
        ["source"] = session.SessionKind.Word(), ["mode"] = session.Mode.Word(), ["state"] = session.Closing is null ? "open" : "closed",
    };

    static IEnumerable<DateOnly> Days(ReportedPoint point)
    {
        for (var day = point.From; day <= point.To; day = day.AddDays(1))
            yield return day;
    }

    static DateOnly DayOf(DateTimeOffset instant, TimeZoneInfo zone) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, zone).DateTime);
}
