using System.Globalization;
using Traffic.Platform;

namespace Traffic.Reporting.Editions;

/// <summary>What a board asks of the cells, added up from the leaves of an edition: made when it is, and again by whoever verifies it.</summary>
sealed class LeafCounts : ICounts
{
    readonly EditionFrame frame;
    readonly IReadOnlyList<Bucket> buckets;
    readonly Ledger ledger;
    readonly (FrozenBaseline? Of, IReadOnlyList<BaselineSum>? Sums) frozen;
    readonly IReadOnlyList<DivisionTargets> stated;
    readonly ILookup<string, Cell> cells;

    readonly record struct Cell(string Cube, DateOnly Day, string Division, string Keys, long Value);

    /// <param name="frozen">The campaign's baseline as it was, null where none was frozen; and its sums, null of editions that do not have them.</param>
    /// <param name="stated">The lines as the edition has them: of what they are compared with in a frozen baseline without sums nothing else tells.</param>
    public LeafCounts(
        EditionFrame frame, SortedLeaves leaves, Ledger ledger, (FrozenBaseline?, IReadOnlyList<BaselineSum>?) frozen, IReadOnlyList<DivisionTargets> stated)
    {
        (this.frame, buckets, this.ledger, this.frozen, this.stated) = (frame, leaves.Buckets(), ledger, frozen, stated);
        cells = leaves.Activities.Where(one => !one.Late)
            .SelectMany(one => LeafShare.Parse(one.Counts).Select(share => new Cell(share.Cube, share.Day, one.Division, share.Keys, share.Value)))
            .GroupBy(one => one with { Value = 0 }).Select(group => group.Key with { Value = group.Sum(one => one.Value) })
            .Where(cell => cell.Value != 0).ToLookup(cell => cell.Cube);
    }

    public long AsOf => frame.AsOf;

    /// <summary>False of a line that counts what is no leaf: reports of any kind, or what came by an import and is not named.</summary>
    /// <param name="origins">Whose records are leaves; null of editions frozen before any were.</param>
    public static bool Holds(TargetDefinition line, Cubes cubes, IReadOnlyList<string>? origins) => Measures(line).All(measure =>
        cubes.Find(measure.Cube)?.Of != "activity" && (origins is null ? !measure.Where.ContainsKey("origin") : Origins(line).All(origins.Contains)));

    /// <summary>The imports whose records a line counts.</summary>
    public static IEnumerable<string> Origins(TargetDefinition line) =>
        Measures(line).SelectMany(measure => measure.Where.GetValueOrDefault("origin") ?? []).Where(origin => origin != "-");

    static IEnumerable<Measure> Measures(TargetDefinition line) => new[] { line.Numerator, line.Denominator }.OfType<Measure>();

    public Task<IReadOnlyList<CubeSum>?> Sum(
        Cube cube, IReadOnlyList<string> dimensions, DateOnly from, DateOnly to, string[] divisions, bool apart, IReadOnlyDictionary<string, string[]>? where = null)
    {
        var below = divisions.ToHashSet();
        var places = dimensions.Select(one => cube.Dimensions.ToList().IndexOf(one)).ToList();
        var found = cube.CountsViolations
            ? Violations(cube, from, to).Where(cell => below.Contains(cell.Division))
            : cells[cube.Id].Where(cell => cell.Day >= from && cell.Day <= to && below.Contains(cell.Division))
                .Select(cell => (cell.Division, cell.Keys.Split(','), cell.Value));
        return Task.FromResult<IReadOnlyList<CubeSum>?>(
        [
            .. found.GroupBy(cell => (Keys: string.Join('|', places.Select(place => cell.Item2[place])), Division: apart ? cell.Division : null))
                .Select(group => new CubeSum(group.Key.Keys, group.Sum(cell => cell.Value), group.Key.Division)).Where(sum => sum.Value != 0),
        ]);
    }

    IEnumerable<(string Division, string[] Keys, long Value)> Violations(Cube cube, DateOnly from, DateOnly to)
    {
        var window = frame.Windows.ToList().FindIndex(days => days == new DayWindow(from, to));
        if (window < 0)
            throw new FormatException(string.Create(CultureInfo.InvariantCulture, $"The edition holds no leaves of {from:yyyy-MM-dd} to {to:yyyy-MM-dd}."));
        foreach (var bucket in buckets.Where(bucket => bucket.In(window)))
            foreach (var listed in cube.Dimensions.Contains("item") ? bucket.Items.Split(',', StringSplitOptions.RemoveEmptyEntries)
                : cube.Dimensions.Contains("overlay") ? bucket.Overlays.Split(',', StringSplitOptions.RemoveEmptyEntries) : [""])
                yield return (bucket.Division, [.. cube.Dimensions.Select(dimension => Value(bucket, dimension, listed))], bucket.Count);
    }

    static string Value(Bucket bucket, string dimension, string listed) => dimension switch
    {
        "entry" => bucket.Entry, "family" => bucket.Family, "status" => bucket.Status, "shift" => bucket.Shift, "source" => bucket.Source,
        "vehicleClass" => bucket.VehicleClass, "origin" => bucket.Origin.Length == 0 ? "-" : bucket.Origin, "item" or "overlay" => listed,
        _ => throw new FormatException($"A leaf has no “{dimension}”."),
    };

    public Task<FrozenBaseline?> Baseline(string campaign) => Task.FromResult(frozen.Of);

    public Task<FrozenSum?> BaselineDays(FrozenBaseline _, TargetDefinition line, DateOnly from, DateOnly to, string[] divisions)
    {
        if (frozen.Sums is { } sums)
            return Task.FromResult(FrozenSum.Of(sums.Where(one =>
                (one.Line, one.From, one.To) == (FrozenBaseline.NameOf(line), from, to) && divisions.Contains(one.Division)).ToList()));
        var part = frame.Tree.First(one => one.Value.SequenceEqual(divisions)).Key;
        var was = stated.FirstOrDefault(one => one.Division == part)?.Lines.FirstOrDefault(one => one.Id == line.Id);
        return Task.FromResult(was is null ? null : line.Denominator is null
            ? new FrozenSum(was.Baseline, null) : new FrozenSum(was.Counts?.BaselineNumerator, was.Counts?.BaselineDenominator));
    }

    public Task<Ledger> Ledger() => Task.FromResult(ledger);
}
