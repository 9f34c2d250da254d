using Traffic.Platform;

namespace Traffic.Reporting.RecordFigures;

/// <summary>A violation as it stood: all that a figure can ask of it.</summary>
sealed record StoodViolation(
    int Revision, string Status, string Entry, string Family, string Division, DateOnly Day, DateOnly ShiftDate, string Shift, string Source,
    string VehicleClass, string? Origin, string Items, int? Points, bool CriminalReferral, string Overlays, long BeganSequence, long? EndedSequence)
{
    public IReadOnlyList<string> ItemList { get; } = Items.Split(',', StringSplitOptions.RemoveEmptyEntries);

    public IReadOnlyList<string> OverlayList { get; } = Overlays.Split(',', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>True where the list behind a figure has it: the same conditions as its SQL, see <see cref="Snapshot.Records"/>.</summary>
    public bool In(Figure figure)
    {
        var day = figure.ByShiftDate ? ShiftDate : Day;
        return day >= figure.From && day <= figure.To && Is(figure.Divisions, Division) && Is(figure.Statuses, Status) && Is(figure.Origins, Origin ?? "-")
            && Is(figure.Entries, Entry) && Is(figure.Families, Family) && Is(figure.Shifts, Shift) && Is(figure.Sources, Source)
            && Is(figure.VehicleClasses, VehicleClass) && figure.Overlays?.Intersect(OverlayList).Any() != false
            && figure.Items?.Intersect(ItemList).Any() != false && (figure.Points is null || (Points is { } points && figure.Points.Contains(points)))
            && (figure.Criminal is null || figure.Criminal == CriminalReferral)
            && (figure.Each != "item" || ItemList.Count > 0) && (figure.Each != "overlay" || OverlayList.Count > 0);
    }

    static bool Is(string[]? accepted, string value) => accepted is null || accepted.Contains(value);
}

/// <summary>What a crash, danger, … stood for in one cell.</summary>
sealed record StoodShare(int Revision, string Cube, DateOnly Day, string Division, string Keys, long Value);

/// <summary>A crash, danger, … as it stood.</summary>
sealed record StoodActivity(int Revision, string Kind, string Status, string Division, string? Origin, long BeganSequence, long? EndedSequence)
{
    public IReadOnlyList<StoodShare> Shares { get; init; } = [];

    /// <summary>True where the list behind a figure has it: what it stands for there does not add up to nothing.</summary>
    public bool In(ActivityFigure figure) => Shares.Where(share =>
        share.Cube == figure.Cube.Id && share.Day >= figure.From && share.Day <= figure.To
        && figure.Divisions?.Contains(share.Division) != false
        && figure.Where.All(one => one.Value.Contains(share.Keys.Split('|')[figure.Cube.Dimensions.ToList().IndexOf(one.Key)]))).Sum(share => share.Value) != 0;
}

/// <summary>A record and all it ever was: which figures, at which sequence, have it behind them.</summary>
/// <param name="ReceivedAt">When intake took it.</param>
sealed record RecordPast(Guid Id, DateTime ReceivedAt, IReadOnlyList<StoodViolation> Violation, IReadOnlyList<StoodActivity> Activity)
{
    public StoodViolation? ViolationAt(long asOf) => Violation.FirstOrDefault(one => one.BeganSequence <= asOf && !(one.EndedSequence <= asOf));

    public StoodActivity? ActivityAt(long asOf) => Activity.FirstOrDefault(one => one.BeganSequence <= asOf && !(one.EndedSequence <= asOf));

    /// <summary>Days it stands for anything on, as it stood at a sequence.</summary>
    public IEnumerable<DateOnly> DaysAt(long asOf) => ViolationAt(asOf) is { } violation ? [violation.Day]
        : ActivityAt(asOf)?.Shares.Select(share => share.Day).Distinct().Order() ?? Enumerable.Empty<DateOnly>();

    public string? DivisionAt(long asOf) => ViolationAt(asOf)?.Division ?? ActivityAt(asOf)?.Division;

    /// <summary>True where a measure's list has it.</summary>
    public bool In(Cubes cubes, Measure measure, Figure figure, long asOf) => cubes.Find(measure.Cube) switch
    {
        null or { Of: "activity" } => false,
        { CountsViolations: false } cube => ActivityAt(asOf)?.In(ActivityFigure.Of(cube, measure, figure)) == true,
        var cube => ViolationAt(asOf)?.In(TargetBoard.Records(cube, measure, figure)) == true,
    };
}
