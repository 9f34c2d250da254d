using Traffic.Reporting.Units;

namespace Traffic.Reporting.Counts;

/// <summary>Which changes are added up, and by what.</summary>
/// <param name="By">Names of dimensions, of <c>unitCode</c> (as recorded) and <c>calendarDay</c> (whatever day counts); with <c>item</c> or <c>overlay</c> a record counts once for each of its own.</param>
sealed record CountQuestion(DateOnly From, DateOnly To, string[]? Divisions, IReadOnlyList<string> By)
{
    /// <summary>Accepted values by dimension of the cube by offence; any where it is absent.</summary>
    public IReadOnlyDictionary<string, string[]> Accepted { get; init; } = new Dictionary<string, string[]>();

    /// <summary>Any of these will do.</summary>
    public string[]? Items { get; init; }

    /// <inheritdoc cref="Items"/>
    public string[]? Overlays { get; init; }

    public int[]? Points { get; init; }

    public bool? Criminal { get; init; }

    /// <summary>True where the day is the one on which the shift began.</summary>
    public bool ByShiftDate { get; init; }

    /// <summary><c>item</c> or <c>overlay</c> where a record counts once for each of its own that is asked for; null: once.</summary>
    public string? Each { get; init; }

    /// <summary>False where records are counted that <see cref="Each"/> counts at all.</summary>
    public bool Weighted { get; init; } = true;

    public UnitMap? Units { get; init; }

    /// <summary>Which of <see cref="CountChanges.MorePlaces"/> the answer hangs on.</summary>
    public IEnumerable<string> More => new (string Place, bool Asked)[]
    {
        ("items", Items is not null || Each == "item" || By.Contains("item")), ("overlays", Overlays is not null || Each == "overlay" || By.Contains("overlay")),
        ("points", Points is not null), ("criminal", Criminal is not null || By.Contains("criminal")), ("unit", Units is not null || By.Contains("unitCode")),
        ("shiftDays", ByShiftDate),
    }.Where(one => one.Asked).Select(one => one.Place);

    /// <summary>Only records of these calendar days; null: of all.</summary>
    public IReadOnlySet<DateOnly>? CalendarDays { get; init; }

    /// <summary>Of the values that are wanted those of dimensions that the cube by offence tells apart.</summary>
    public static IReadOnlyDictionary<string, string[]> Accepting(IReadOnlyDictionary<string, string[]>? where) =>
        (where ?? new Dictionary<string, string[]>()).Where(one => CountChanges.WhatPlaces.Contains(one.Key)).ToDictionary();

    public static CountQuestion Of(Figure figure, IReadOnlyList<string> by)
    {
        var accepted = new Dictionary<string, string[]> { ["status"] = figure.Statuses, ["origin"] = figure.Origins };
        foreach (var (dimension, values) in new[]
        {
            ("entry", figure.Entries), ("family", figure.Families), ("shift", figure.Shifts), ("source", figure.Sources), ("vehicleClass", figure.VehicleClasses),
        })
            if (values is not null)
                accepted[dimension] = values;
        return new CountQuestion(figure.From, figure.To, figure.Divisions, by)
        {
            Accepted = accepted, Items = figure.Items, Overlays = figure.Overlays, Points = figure.Points, Criminal = figure.Criminal,
            ByShiftDate = figure.ByShiftDate, Each = figure.Each, Units = figure.Scope?.Map,
        };
    }
}
