using System.Data;
using Dapper;
using Npgsql;
using NpgsqlTypes;
using Traffic.Platform;

namespace Traffic.Reporting;

/// <summary>A campaign's year before, as the register had it at one sequence.</summary>
/// <param name="Lines">What it holds: <c>line@version</c>.</param>
sealed record FrozenBaseline(
    string Campaign, DateOnly From, DateOnly To, long AsOf, DateTimeOffset FrozenAt, string FrozenBy, string Why, IReadOnlyList<string> Lines)
{
    public bool Holds(TargetDefinition line, DateOnly from, DateOnly to) => from >= From && to <= To && Lines.Contains(NameOf(line));

    public static string NameOf(TargetDefinition line) => $"{line.Id}@{line.Version}";
}

/// <summary>What a frozen baseline holds of one line in a window, of one division without those below it.</summary>
/// <param name="Line"><c>line@version</c>.</param>
/// <param name="Numerator">Null where it holds no day with such a row: that is not 0. Likewise the denominator.</param>
sealed record BaselineSum(string Line, DateOnly From, DateOnly To, string Division, long? Numerator, long? Denominator);

/// <summary>Sums of a frozen baseline.</summary>
/// <inheritdoc cref="BaselineSum"/>
sealed record FrozenSum(decimal? Numerator, decimal? Denominator)
{
    /// <summary>Those of several divisions together; null where there are none.</summary>
    public static FrozenSum? Of(IReadOnlyCollection<BaselineSum> parts) =>
        parts.Count == 0 ? null : new FrozenSum(Sum(parts.Select(part => part.Numerator)), Sum(parts.Select(part => part.Denominator)));

    static long? Sum(IEnumerable<long?> values) => values.Aggregate((long?)null, (sum, value) => value is null ? sum : (sum ?? 0) + value);
}

/// <summary>It is frozen already, and stays so.</summary>
sealed class AlreadyFrozenException(FrozenBaseline baseline) : Exception("The baseline is frozen already.")
{
    public FrozenBaseline Baseline { get; } = baseline;
}

/// <summary>There is nothing to freeze: not one record of the year before is on file.</summary>
sealed class NoBaselineYearException(DateOnly from, DateOnly to) : Exception("The year before has no records.")
{
    public (DateOnly From, DateOnly To) Window { get; } = (from, to);
}

/// <summary>Freezes baselines: once a campaign, in the snapshot in which they are counted.</summary>
sealed class BaselineStore(NpgsqlDataSource database, ReportStore reports, Cubes cubes, Divisions divisions, TimeProvider clock)
{
    const string Freeze = """
        insert into reporting.baseline (campaign, from_day, to_day, as_of, frozen_at, frozen_by, why, lines)
        values (@Campaign, @From, @To, @AsOf, @FrozenAt, @FrozenBy, @Why, @Lines)
        on conflict (campaign) do nothing
        """;
    const string CopyDays = """
        copy reporting.baseline_day (campaign, line, version, day, division, numerator, denominator) from stdin (format binary)
        """;

    /// <exception cref="AlreadyFrozenException">Somebody did.</exception>
    /// <exception cref="NoBaselineYearException">The register has nothing of those days.</exception>
    public async Task<FrozenBaseline> Add(Campaign campaign, string by, string why, CancellationToken cancel)
    {
        var (from, to) = campaign.YearBefore!.Value;
        // A version that was superseded judges the windows that ended before.
        var lines = campaign.Definitions.Where(line =>
            line.Comparison is ComparisonKind.YearOnYear or ComparisonKind.FixedBaseline && line.ValidFrom <= campaign.To && !(line.ValidTo < campaign.From)).ToList();
        var (asOf, days, earlier) = await reports.InSnapshot(null, async snapshot =>
        {
            return (snapshot.AsOf, await Days(snapshot, lines, from, to, divisions.WithDescendants(campaign.Division)), await snapshot.Baseline(campaign.Id));
        }, cancel);
        if (earlier is not null)
            throw new AlreadyFrozenException(earlier);
        if (days.Count == 0)
            throw new NoBaselineYearException(from, to);

        var frozen = new FrozenBaseline(campaign.Id, from, to, asOf, clock.GetUtcNow(), by, why, [.. lines.Select(FrozenBaseline.NameOf)]);
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        if (await connection.ExecuteAsync(new CommandDefinition(Freeze, new
            {
                frozen.Campaign, frozen.From, frozen.To, frozen.AsOf, FrozenAt = frozen.FrozenAt.UtcDateTime, frozen.FrozenBy, frozen.Why, Lines = frozen.Lines.ToArray(),
            }, transaction, cancellationToken: cancel)) == 0)
            throw new AlreadyFrozenException((await reports.InSnapshot(null, snapshot => snapshot.Baseline(campaign.Id), cancel))!);
        await using (var copy = await connection.BeginBinaryImportAsync(CopyDays, cancel))
        {
            foreach (var day in days)
            {
                await copy.StartRowAsync(cancel);
                await copy.WriteAsync(campaign.Id, cancel);
                await copy.WriteAsync(day.Line.Id, cancel);
                await copy.WriteAsync(day.Line.Version, cancel);
                await copy.WriteAsync(day.Day, NpgsqlDbType.Date, cancel);
                await copy.WriteAsync(day.Division, cancel);
                foreach (var side in new[] { day.Numerator, day.Denominator })
                    if (side is { } value)
                        await copy.WriteAsync(value, cancel);
                    else
                        await copy.WriteNullAsync(cancel);
            }
            await copy.CompleteAsync(cancel);
        }
        await transaction.CommitAsync(cancel);
        return frozen;
    }

    const string ReadBaselines = """
        select campaign, from_day, to_day, as_of, lines from reporting.baseline order by campaign
        """;
    const string ReadDays = """
        select line, version, day, division, numerator, denominator from reporting.baseline_day where campaign = @campaign
        """;

    /// <summary>Counts every frozen baseline again, as the register had it at the baseline's sequence, and names what differs.</summary>
    /// <param name="campaigns">On file; a baseline of another is not counted again.</param>
    public async Task<(IReadOnlyList<WrongBaselineDay> Wrong, long Compared)> Recount(IReadOnlyList<Campaign> campaigns, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        var (wrong, compared) = (new List<WrongBaselineDay>(), 0L);
        foreach (var (id, from, to, asOf, names) in (await connection.QueryAsync<(string, DateOnly, DateOnly, long, string[])>(new CommandDefinition(ReadBaselines, cancellationToken: cancel))).ToList())
        {
            if (campaigns.FirstOrDefault(one => one.Id == id) is not { } campaign)
                continue;
            var lines = campaign.Definitions.Where(line => names.Contains(FrozenBaseline.NameOf(line))).ToList();
            var stored = (await connection.QueryAsync<(string Line, int Version, DateOnly Day, string Division, long? Numerator, long? Denominator)>(
                new CommandDefinition(ReadDays, new { campaign = id }, cancellationToken: cancel))).Where(row => lines.Exists(line => (line.Id, line.Version) == (row.Line, row.Version)))
                .ToDictionary(row => (Line: $"{row.Line}@{row.Version}", row.Day, row.Division), row => (row.Numerator, row.Denominator));
            // A place that has gone from the tree since keeps its days.
            var below = stored.Keys.Select(key => key.Division).Concat(divisions.WithDescendants(campaign.Division)).Distinct();
            var counted = (await reports.InSnapshot(asOf, snapshot => Days(snapshot, lines, from, to, [.. below]), cancel))
                .ToDictionary(row => (Line: FrozenBaseline.NameOf(row.Line), row.Day, row.Division), row => (row.Numerator, row.Denominator));
            compared += stored.Count;
            foreach (var key in stored.Keys.Union(counted.Keys).Order())
            {
                var (was, now) = (stored.GetValueOrDefault(key), counted.GetValueOrDefault(key));
                if (was != now)
                    wrong.Add(new WrongBaselineDay($"{id} {key.Line}", key.Day, key.Division, was.Numerator, was.Denominator, now.Numerator, now.Denominator));
            }
        }
        return (wrong, compared);
    }

    async Task<List<(TargetDefinition Line, DateOnly Day, string Division, long? Numerator, long? Denominator)>> Days(
        Snapshot snapshot, IEnumerable<TargetDefinition> lines, DateOnly from, DateOnly to, IReadOnlyList<string> below)
    {
        var found = new List<(TargetDefinition, DateOnly, string, long?, long?)>();
        foreach (var line in lines)
            found.AddRange(await Days(snapshot.FromTables(), line, from, to, [.. below]));
        return found;
    }

    /// <summary>
    /// One line's counts by day and division, as a board counts them: a day without any row of the cube is left out, for that is not 0,
    /// unless the cube that is its evidence has one.
    /// </summary>
    async Task<IEnumerable<(TargetDefinition, DateOnly, string, long?, long?)>> Days(
        Snapshot snapshot, TargetDefinition line, DateOnly from, DateOnly to, string[] below)
    {
        var figure = new Figure { From = from, To = to };
        var numerators = await Counts(line.Numerator);
        var denominators = line.Denominator is { } of ? await Counts(of) : [];
        return numerators.Keys.Union(denominators.Keys).Select(key => (
            line, key.Day, key.Division, (long?)numerators.GetValueOrDefault(key), (long?)denominators.GetValueOrDefault(key)));

        async Task<Dictionary<(DateOnly Day, string Division), decimal?>> Counts(Measure measure)
        {
            if (cubes.Find(measure.Cube) is not { } cube)
                return [];
            string[] dimensions = [.. cube.Dimensions.Where(one => one is "status" or "origin" || measure.Where.ContainsKey(one))];
            var counts = (await snapshot.SumByDay(cube, dimensions, from, to, below))
                .GroupBy(cell => (cell.Day!.Value, cell.Division!))
                .Select(group => (group.Key, TargetBoard.Add(dimensions, measure, [.. group], figure).Value)).Where(one => one.Value is not null)
                .ToDictionary(one => one.Key, one => one.Value);
            if (cube.Evidence is { } evidence)
                foreach (var seen in (await Counts(new Measure(evidence, new Dictionary<string, string[]>()))).Keys)
                    counts.TryAdd(seen, 0);
            return counts;
        }
    }
}
