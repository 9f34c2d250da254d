using Traffic.Platform;

namespace Traffic.Reporting;

/// <summary>Where a board's sums come from: the register as it stands, or the leaves of an edition.</summary>
interface ICounts
{
    long AsOf { get; }

    /// <summary>Cells of a cube in a window, added up over days and all dimensions not asked for; null where a former state of that cube cannot be told.</summary>
    /// <param name="dimensions">Dimensions of the cube that the keys are to hold, in their declared order.</param>
    /// <param name="apart">True for a row each division; false where they are added up too.</param>
    /// <param name="where">Only these values, by dimension, are wanted: where others cost more, they are left out. Null: all.</param>
    Task<IReadOnlyList<CubeSum>?> Sum(
        Cube cube, IReadOnlyList<string> dimensions, DateOnly from, DateOnly to, string[] divisions, bool apart, IReadOnlyDictionary<string, string[]>? where = null);

    Task<FrozenBaseline?> Baseline(string campaign);

    Task<FrozenSum?> BaselineDays(FrozenBaseline frozen, TargetDefinition line, DateOnly from, DateOnly to, string[] divisions);

    Task<Ledger> Ledger();
}

/// <summary>Gathers what each line of a campaign needs and has it judged: for one division, and for its parts beside it.</summary>
sealed class TargetBoard(ICounts sums, Cubes cubes, IWording titles)
{
    static readonly Dictionary<string, string[]> Anything = [];
    internal static readonly Measure VehiclesChecked = new("vehiclesChecked", Anything);
    internal static readonly Measure OfficerMinutes = new("officerMinutes", Anything);

    /// <summary>Cells by division, under "" where they were added up over the divisions; null where they cannot be told.</summary>
    readonly Dictionary<string, ILookup<string, CubeSum>?> read = [];

    /// <summary>Where parts are asked for too, all divisions of them: their cells are read once, division by division. Else null.</summary>
    string[]? together;

    /// <param name="parts">Divisions shown beside it, each with all below it, in the order of the tree: set side by side, not ranked.</param>
    public async Task<TargetReport> Of(Campaign campaign, Figure figure, IReadOnlyList<(string Division, string[] Below)>? parts = null)
    {
        together = parts is null ? null : figure.Divisions;
        var baseline = await sums.Baseline(campaign.Id);
        var frozen = IsAsFrozen(figure) ? baseline : null;
        var lines = await Lines(campaign, figure, frozen);
        var divisions = new List<DivisionLines>();
        foreach (var (division, below) in parts ?? [])
            divisions.Add(new DivisionLines(division, titles.Division(division),
                await Lines(campaign, figure with { Division = division, Divisions = below }, frozen)));
        return new TargetReport(
            campaign.Id, campaign.Title, campaign.Note, campaign.Source, figure.Division!, figure.From, figure.To, sums.AsOf, lines,
            await sums.Ledger())
        {
            PeriodBefore = Days(ComparisonKind.PeriodOnPeriod, figure), YearBefore = Days(ComparisonKind.YearOnYear, figure),
            Baseline = baseline is null ? null : new FrozenBaselineRow(baseline.From, baseline.To, baseline.AsOf, baseline.FrozenAt, baseline.FrozenBy),
            Divisions = parts is null ? null : divisions, Units = figure.Scope?.ToLink(),
        };
    }

    /// <summary>What is frozen are our own confirmed records, counted by division: it says nothing of others, nor of a unit.</summary>
    static bool IsAsFrozen(Figure figure) => figure is { Statuses: ["confirmed"], Origins: ["-"], Scope: null };

    static WindowRow Days(ComparisonKind kind, Figure figure) =>
        TargetRule.Before(kind, figure.From, figure.To) is var (from, to) ? new WindowRow(from, to) : throw new InvalidOperationException();

    async Task<List<TargetLine>> Lines(Campaign campaign, Figure figure, FrozenBaseline? frozen)
    {
        var lines = new List<TargetLine>();
        foreach (var line in campaign.LinesOn(figure.To))
            lines.Add(await Line(line, figure, frozen));
        return lines;
    }

    async Task<TargetLine> Line(TargetDefinition line, Figure figure, FrozenBaseline? frozen)
    {
        var before = TargetRule.Before(line.Comparison, figure.From, figure.To);
        var then = before is { } window ? figure with { From = window.From, To = window.To } : null;
        var valid = figure.To >= line.ValidFrom && (line.ValidTo is null || figure.From <= line.ValidTo);
        var stock = valid ? await Stock(line.Numerator, figure) : null;
        var now = stock is null ? await Sum(line.Numerator, figure) : stock.Value.Sum;
        Sum? nowOf = line.Denominator is { } of ? await Sum(of, figure) : null;
        var (past, pastOf, kept) = await Then(line, figure, then, frozen);
        var (thenOpens, thenAsOf) = Compared(line, figure, frozen, sums.AsOf);
        var verdict = valid
            ? TargetRule.Judge(line, now, nowOf, past, pastOf)
            : new Verdict(null, null, null, TargetStatus.NoData, "validity");
        var counts = verdict.Value is not null && line.Denominator is null && stock is null;
        return new TargetLine(
            line.Id, line.Slogan, line.Title, line.Direction, verdict.Value, verdict.Baseline, verdict.ChangePercent, verdict.Status, line.Unit,
            Camel(line.Comparison.ToString()), before?.From, before?.To,
            verdict.Reason, verdict.Reason is { } reason ? titles.Word($"reporting.reason.{reason}", reason) : null,
            verdict.Value is null ? null : Behind(line.Numerator, figure),
            verdict.Baseline is null || thenOpens is null ? null : Behind(line.Numerator, thenOpens, thenAsOf), line.Source)
        {
            Version = line.Version, ValidFrom = line.ValidFrom, Minimum = line.Minimum,
            Counts = valid && nowOf is { Value: not null } ? Opened(
                new RateCounts(now.Value, nowOf.Value.Value, past?.Value, pastOf?.Value), line, figure, thenOpens, thenAsOf) : null,
            Stock = stock?.Stock,
            BaselineAsOf = kept?.AsOf,
            Exposure = counts ? await Exposure(verdict.Value, figure) : null,
            BaselineExposure = counts && then is not null && verdict.Baseline is not null ? await Exposure(verdict.Baseline, then) : null,
        };
    }

    /// <summary>The days of a frozen baseline that a line is compared with; null where it is compared with something else.</summary>
    internal static (DateOnly From, DateOnly To)? InBaseline(TargetDefinition line, DateOnly from, DateOnly to, FrozenBaseline frozen) =>
        line is { Comparison: ComparisonKind.FixedBaseline, FixedBaseline: null } ? (frozen.From, frozen.To)
        : line.Comparison == ComparisonKind.YearOnYear && TargetRule.Before(line.Comparison, from, to) is var (first, last) && frozen.Holds(line, first, last) ? (first, last) : null;

    /// <summary>What a line is compared with, and at which sequence that is read: what is frozen, as the register had it then. Null where it is no count.</summary>
    internal static (Figure? Then, long AsOf) Compared(TargetDefinition line, Figure figure, FrozenBaseline? frozen, long asOf)
    {
        if (frozen is not null && InBaseline(line, figure.From, figure.To, frozen) is var (first, last))
            return (figure with { From = first, To = last }, frozen.AsOf);
        return (TargetRule.Before(line.Comparison, figure.From, figure.To) is var (from, to) ? figure with { From = from, To = to } : null, asOf);
    }

    RateCounts Opened(RateCounts counts, TargetDefinition line, Figure figure, Figure? then, long thenAsOf) => counts with
    {
        NumeratorRecords = counts.Numerator is null ? null : Behind(line.Numerator, figure),
        DenominatorRecords = counts.Denominator is null ? null : Behind(line.Denominator!, figure),
        BaselineNumeratorRecords = counts.BaselineNumerator is null || then is null ? null : Behind(line.Numerator, then, thenAsOf),
        BaselineDenominatorRecords = counts.BaselineDenominator is null || then is null ? null : Behind(line.Denominator!, then, thenAsOf),
    };

    /// <summary>What is compared with: from the campaign's frozen baseline where that holds the window, else counted now.</summary>
    async Task<(Sum? Numerator, Sum? Denominator, FrozenBaseline? From)> Then(
        TargetDefinition line, Figure figure, Figure? then, FrozenBaseline? frozen)
    {
        if (frozen is not null && InBaseline(line, figure.From, figure.To, frozen) is var (from, to))
            return await Frozen(frozen, line, figure, from, to) is var (kept, keptOf) ? (kept, keptOf, frozen) : default;
        if (line is { Comparison: ComparisonKind.FixedBaseline, FixedBaseline: null })
            return (new Sum(null, IsAsFrozen(figure) ? "notFrozen" : "ownConfirmed"), null, null);
        if (then is null)
            return default;
        return (await Sum(line.Numerator, then), line.Denominator is { } of ? await Sum(of, then) : null, null);
    }

    async Task<(Sum Numerator, Sum? Denominator)> Frozen(FrozenBaseline frozen, TargetDefinition line, Figure figure, DateOnly from, DateOnly to)
    {
        var days = await sums.BaselineDays(frozen, line, from, to, figure.Divisions!);
        return (Of(days?.Numerator), line.Denominator is null ? null : Of(days?.Denominator));

        static Sum Of(decimal? value) => new(value, value is null ? "baseline" : null);
    }

    async Task<(Sum Sum, Stock Stock)?> Stock(Measure measure, Figure figure)
    {
        if (cubes.Find(measure.Cube) is not { Stock: true })
            return null;
        var start = await Sum(measure, figure with { From = DateOnly.MinValue, To = figure.From.AddDays(-1) });
        var found = await Sum(Only("found"), figure);
        if (start.Value is null && found.Value is null)
            return (found, Opened(new Stock(0, 0, 0, 0, 0)));
        var (cleared, reopened) = (-((await Sum(Only("cleared"), figure)).Value ?? 0), (await Sum(Only("reopened"), figure)).Value ?? 0);
        var stock = new Stock((long)(start.Value ?? 0), (long)(found.Value ?? 0), (long)cleared, (long)reopened,
            (long)((start.Value ?? 0) + (found.Value ?? 0) + reopened - cleared));
        return ((Sum)stock.Remaining, Opened(stock));

        Measure Only(string change) => StockOnly(measure, change);

        Stock Opened(Stock stock) => stock with
        {
            StartRecords = Behind(measure, figure with { To = figure.From.AddDays(-1) }), FoundRecords = Behind(Only("found"), figure),
            ClearedRecords = Behind(Only("cleared"), figure), ReopenedRecords = Behind(Only("reopened"), figure), RemainingRecords = Behind(measure, figure),
        };
    }

    /// <summary>One kind of movement of a stock.</summary>
    internal static Measure StockOnly(Measure measure, string change) =>
        measure with { Where = new Dictionary<string, string[]>(measure.Where) { ["change"] = [change] } };

    async Task<Exposure> Exposure(decimal? count, Figure figure)
    {
        var vehicles = (await Sum(VehiclesChecked, figure)).Value;
        var minutes = (await Sum(OfficerMinutes, figure)).Value;
        return Exposed(count, vehicles, minutes, cubes, figure, sums.AsOf);
    }

    /// <summary>A count beside the work of the same days and divisions.</summary>
    internal static Exposure Exposed(decimal? count, decimal? vehicles, decimal? minutes, Cubes cubes, Figure figure, long asOf) =>
        Exposed(new(vehicles, null, TargetRule.Per(minutes, 60, 1), null)
        {
            VehiclesCheckedRecords = vehicles is null ? null : Behind(cubes, VehiclesChecked, figure, asOf),
            OfficerHoursRecords = minutes is null ? null : Behind(cubes, OfficerMinutes, figure, asOf),
        }, count, vehicles, minutes);

    /// <summary>Another count beside the same work.</summary>
    internal static Exposure Exposed(Exposure work, decimal? count, decimal? vehicles, decimal? minutes) =>
        work with { PerHundredVehicles = TargetRule.Per(count, vehicles, 100), PerOfficerHour = TargetRule.Per(count, minutes, 60) };

    /// <summary>
    /// Adds up the cells a measure accepts. A cube without any row in the scope has nothing to say, not even 0, unless the cube
    /// that is its evidence has some.
    /// </summary>
    async Task<Sum> Sum(Measure measure, Figure figure)
    {
        if (cubes.Find(measure.Cube) is not { } cube)
            return new Sum(null, "cube");
        string[] dimensions = [.. cube.Dimensions.Where(one => one is "status" or "origin" || one == cube.Moves || measure.Where.ContainsKey(one))];
        // Of a stock what came in and went out may add up to nothing where it is not told apart.
        var where = cube.CountsViolations ? measure.Where : Anything;
        var key = $"{cube.Id} {string.Join(',', dimensions)} {figure.From:O} {figure.To:O} {(together is null ? figure.Division : "")} {string.Join(';', where.SelectMany(one => one.Value.Prepend(one.Key)))}";
        if (!read.TryGetValue(key, out var cells))
            read[key] = cells = (await sums.Sum(cube, dimensions, figure.From, figure.To, together ?? figure.Divisions!, apart: together is not null, where))?.ToLookup(cell => cell.Division ?? "");
        if (cells is null)
            return new Sum(null, "former");
        var sum = Add(dimensions, measure, together is null ? cells.SelectMany(one => one) : figure.Divisions!.Distinct().SelectMany(division => cells[division]), figure);
        if (sum.Value is not null)
            return sum;
        var wider = where.Keys.Any(one => one != "origin") ? measure with { Where = measure.Where.Where(one => one.Key == "origin").ToDictionary() }
            : cube.Evidence is { } evidence ? new Measure(evidence, Anything) : null;
        return wider is not null && (await Sum(wider, figure)).Value is not null ? 0 : sum;
    }

    /// <summary>Statuses and origins are the figure's unless the measure names them.</summary>
    internal static Sum Add(IReadOnlyList<string> dimensions, Measure measure, IEnumerable<CubeSum> cells, Figure figure)
    {
        var accepted = dimensions.Select(dimension => measure.Where.TryGetValue(dimension, out var named) ? named
            : dimension == "status" ? figure.Statuses : dimension == "origin" ? figure.Origins : null).ToArray();
        var origin = dimensions.ToList().IndexOf("origin");
        var (sum, any) = (0L, false);
        foreach (var cell in cells)
        {
            if (origin >= 0 && !Accepts(cell, origin))
                continue;
            any = true;
            var all = true;
            for (var place = 0; place < accepted.Length && all; place++)
                all = Accepts(cell, place);
            if (all)
                sum += cell.Value;
        }
        return any ? sum : new Sum(null, "rows");

        bool Accepts(CubeSum cell, int place) => accepted[place] is not { } these || Array.IndexOf(these, cell.Part(place)) >= 0;
    }

    string? Behind(Measure measure, Figure figure) => Behind(measure, figure, sums.AsOf);

    string? Behind(Measure measure, Figure figure, long asOf) => Behind(cubes, measure, figure, asOf);

    /// <summary>Address of what is behind a sum: records, or crashes, dangers, … of their own cubes; null where the cube is of nothing that is listed.</summary>
    internal static string? Behind(Cubes cubes, Measure measure, Figure figure, long asOf) => cubes.Find(measure.Cube) switch
    {
        null or { Of: "activity" } => null,
        { CountsViolations: false } cube => ActivityFigure.Of(cube, measure, figure).Link(asOf),
        var cube => Records(cube, measure, figure).Link(asOf),
    };

    /// <summary>The figure as the list of its records asks for it.</summary>
    internal static Figure Records(Cube cube, Measure measure, Figure figure) => figure with
    {
        Items = measure.Where.GetValueOrDefault("item"), Overlays = measure.Where.GetValueOrDefault("overlay"),
        Each = cube.MultiBucket ? cube.Dimensions[0] : null,
        Entries = measure.Where.GetValueOrDefault("entry"), Families = measure.Where.GetValueOrDefault("family"),
        Sources = measure.Where.GetValueOrDefault("source"), Shifts = measure.Where.GetValueOrDefault("shift"),
        VehicleClasses = measure.Where.GetValueOrDefault("vehicleClass"),
        Statuses = measure.Where.GetValueOrDefault("status") ?? figure.Statuses,
        Origins = measure.Where.GetValueOrDefault("origin") ?? figure.Origins,
    };

    static string Camel(string word) => char.ToLowerInvariant(word[0]) + word[1..];
}
