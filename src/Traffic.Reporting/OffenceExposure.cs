using Traffic.Platform;

namespace Traffic.Reporting;

/// <summary>The work behind the counts of a report: vehicles checked and officers' time, by day and division.</summary>
/// <remarks>A good campaign raises bare counts: beside each stands how many were found for what it took to find them.</remarks>
sealed class OffenceExposure(Cubes cubes, long asOf, IReadOnlyList<string> groupBy, IReadOnlyList<CubeSum> vehicles, IReadOnlyList<CubeSum> minutes)
{
    static readonly string[] Dimensions = ["status", "origin"];

    /// <summary>Grouped by one of these a row has no work of its own: what was checked is not told apart by it.</summary>
    static readonly string[] Undivided = ["shift", "source", "unit"];

    readonly Dictionary<(DateOnly, DateOnly, string?, bool), (decimal? Vehicles, decimal? Minutes, Exposure Of)> works = [];
    (Figure? Figure, (decimal? Vehicles, decimal? Minutes, Exposure Of) Work) last;

    public static async Task<OffenceExposure> Read(Snapshot snapshot, Cubes cubes, Figure figure, string[] divisions, IReadOnlyList<string> groupBy)
    {
        return new(cubes, snapshot.AsOf, groupBy, await Sum(TargetBoard.VehiclesChecked), await Sum(TargetBoard.OfficerMinutes));

        async Task<IReadOnlyList<CubeSum>> Sum(Measure measure) =>
            await snapshot.Within(figure.Scope?.Map).SumByDay(cubes.Find(measure.Cube)!, Dimensions, figure.From, figure.To, figure.Divisions ?? divisions);
    }

    readonly bool told = !groupBy.Any(Undivided.Contains);

    /// <summary>Of one row; null where it has no work of its own, or none is known.</summary>
    public Exposure? OfRow(long count, Figure narrowed) =>
        told && WorkOf(narrowed) is var work and not { Vehicles: null, Minutes: null } ? TargetBoard.Exposed(work.Of, count, work.Vehicles, work.Minutes) : null;

    /// <summary>Of a count in a figure's days and divisions.</summary>
    public Exposure Of(long count, Figure figure)
    {
        var work = WorkOf(figure);
        return TargetBoard.Exposed(work.Of, count, work.Vehicles, work.Minutes);
    }

    /// <summary>Added up once, however many counts are set against it.</summary>
    (decimal? Vehicles, decimal? Minutes, Exposure Of) WorkOf(Figure figure)
    {
        // Rows that follow one another mostly are of the same days and divisions.
        if (ReferenceEquals(last.Figure, figure))
            return last.Work;
        var scope = (figure.From, figure.To, figure.Division, figure.Below);
        if (!works.TryGetValue(scope, out var work))
            works[scope] = work = Work(figure);
        last = (figure, work);
        return work;
    }

    (decimal? Vehicles, decimal? Minutes, Exposure Of) Work(Figure figure)
    {
        // Of sessions only those that stand, whatever became of the records.
        var work = new Figure
        {
            From = figure.From, To = figure.To, Division = figure.Division, Divisions = figure.Divisions, Below = figure.Below, Origins = figure.Origins,
            Scope = figure.Scope,
        };
        var (checkedVehicles, spent) = (Add(vehicles, TargetBoard.VehiclesChecked), Add(minutes, TargetBoard.OfficerMinutes));
        return (checkedVehicles, spent, TargetBoard.Exposed(null, checkedVehicles, spent, cubes, work, asOf));

        decimal? Add(IReadOnlyList<CubeSum> cells, Measure measure) => TargetBoard.Add(Dimensions, measure,
            [.. cells.Where(cell => cell.Day >= work.From && cell.Day <= work.To && work.Divisions?.Contains(cell.Division!) != false)], work).Value;
    }
}
