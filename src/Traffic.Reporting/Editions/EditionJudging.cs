using System.Globalization;
using Traffic.Platform;

namespace Traffic.Reporting.Editions;

/// <summary>What an edition says beside its figures.</summary>
/// <param name="Comparison">Monthly only.</param>
sealed record EditionJudgement(
    IReadOnlyList<DivisionActivity> Activity, IReadOnlyList<DivisionTargets> Targets, IReadOnlyList<BannerRank>? Comparison, IReadOnlyList<Finding> Findings);

/// <summary>The words an edition was frozen with.</summary>
sealed class EditionWords(EditionDefinitions definitions) : IWording
{
    public Title Division(string code) => definitions.Names["division"].GetValueOrDefault(code) ?? new Title(code, code);

    public Title Word(string key, string fallback) => definitions.Words!.GetValueOrDefault(key) ?? new Title(fallback, fallback);

    public Title Filled(string key, params Title[] values) => definitions.Words!.TryGetValue(key, out var word)
        ? new Title(
            string.Format(CultureInfo.InvariantCulture, word.Zh, [.. values.Select(value => value.Zh)]),
            string.Format(CultureInfo.InvariantCulture, word.En, [.. values.Select(value => value.En)]))
        : new Title(key, key);
}

/// <summary>
/// Activity, target lines, comparison and findings of an edition. Twice when it is made, from the cells and from the leaves, which must agree;
/// again from the leaves by whoever verifies it. Same sums, same answer.
/// </summary>
static class EditionJudging
{
    public static async Task<EditionJudgement> Of(
        EditionFrame frame, bool monthly, Campaign? campaign, Cubes cubes, ICounts counts, IWording words, Ledger ledger, EditionFigures figures,
        (IReadOnlyList<DivisionTargets> Targets, IReadOnlyList<string>? Origins)? stated = null)
    {
        var activity = await Activity(frame, cubes, counts);
        var targets = await Targets(frame, campaign, cubes, counts, words, stated);
        return new EditionJudgement(
            activity, targets, monthly ? Comparison(figures, targets, frame, campaign) : null,
            Findings(figures, activity, targets, ledger, frame.Division, words));
    }

    /// <summary>The same from the leaves of an edition, by the definitions it was frozen with.</summary>
    /// <param name="stated">What it says: lines that leaves do not hold are taken from there.</param>
    public static Task<EditionJudgement> FromLeaves(
        EditionFrame frame, bool monthly, EditionDefinitions definitions, SortedLeaves leaves, Ledger ledger, EditionFigures figures,
        IReadOnlyList<DivisionTargets> stated)
    {
        var campaign = definitions.Campaign is { } one
            ? new Campaign(one.Id, 0, null, one.Title, one.Note, one.Source, frame.Division, one.From, one.To, one.Lines) : null;
        var frozen = definitions.Baseline is { } baseline
            ? new FrozenBaseline(campaign?.Id ?? "", baseline.From, baseline.To, baseline.AsOf, default, "", "", baseline.Lines) : null;
        return Of(
            frame, monthly, campaign, new Cubes(definitions.Cubes!), new LeafCounts(frame, leaves, ledger, (frozen, definitions.Baseline?.Sums), stated), new EditionWords(definitions),
            ledger, figures, (stated, definitions.Origins));
    }

    /// <summary>The first value in which two judgements differ: its path, and both.</summary>
    public static (string Path, string Both)? Difference(EditionJudgement recomputed, EditionJudgement stated) =>
        EditionCheck.FirstDifference(recomputed.Activity, stated.Activity, "activity") ?? EditionCheck.FirstDifference(recomputed.Targets, stated.Targets, "targets")
        ?? EditionCheck.FirstDifference(recomputed.Comparison, stated.Comparison, "comparison")
        ?? EditionCheck.FirstDifference(recomputed.Findings, stated.Findings, "findings");

    static async Task<IReadOnlyList<DivisionTargets>> Targets(
        EditionFrame frame, Campaign? campaign, Cubes cubes, ICounts counts, IWording words, (IReadOnlyList<DivisionTargets> Targets, IReadOnlyList<string>? Origins)? stated)
    {
        if (campaign is null)
            return [];
        var (division, below) = frame.Tree.First();
        var held = stated is var (_, origins) ? campaign with { Definitions = [.. campaign.Definitions.Where(line => LeafCounts.Holds(line, cubes, origins))] } : campaign;
        var board = await new TargetBoard(counts, cubes, words).Of(
            held, new Figure { From = frame.Windows[0].From, To = frame.Windows[0].To, Division = division, Divisions = [.. below] },
            [.. frame.Tree.Skip(1).Select(part => (part.Key, part.Value.ToArray()))]);
        return [Lines(division, board.Lines), .. board.Divisions!.Select(part => Lines(part.Division, part.Lines))];

        DivisionTargets Lines(string part, IReadOnlyList<TargetLine> lines) => new(part, stated is not var (told, _) ? lines :
        [
            .. campaign.LinesOn(frame.Windows[0].To).Select(line => lines.FirstOrDefault(one => one.Id == line.Id)
                ?? told.FirstOrDefault(one => one.Division == part)?.Lines.FirstOrDefault(one => one.Id == line.Id)).OfType<TargetLine>(),
        ]);
    }

    /// <summary>What is shown beside the violations: key, cube, the values of a dimension that count (null: all), and by what the sum is divided.</summary>
    static readonly (string Key, string Cube, int Per)[] Activities =
    [
        ("sessions", "sessions", 1), ("vehiclesChecked", "vehiclesChecked", 1), ("personsChecked", "personsChecked", 1),
        ("officerHours", "officerMinutes", 60), ("visitsPlanned", "visitsPlanned", 1), ("visitsProven", "visitsProven", 1),
        ("crashes", "crashes", 1), ("deaths", "deaths", 1), ("injured", "injured", 1), ("dangersRemaining", "dangers", 1),
    ];

    /// <summary>The cube behind a row of what is shown beside the violations; null of no such row.</summary>
    internal static string? CubeOf(string key) => Activities.FirstOrDefault(one => one.Key == key).Cube;

    static async Task<List<DivisionActivity>> Activity(EditionFrame frame, Cubes cubes, ICounts counts)
    {
        var tree = frame.Tree;
        var byDivision = tree.Keys.ToDictionary(part => part, _ => new List<ActivityRow>());
        string[] all = [.. tree.First().Value];
        foreach (var (key, name, per) in Activities)
        {
            var sums = new List<IReadOnlyList<CubeSum>?>();
            if (cubes.Find(name) is { } cube)
                foreach (var window in frame.Windows.Take(3))
                    sums.Add(await counts.Sum(cube, Statuses(cube), cube.Stock ? new DateOnly(1990, 1, 1) : window.From, window.To, all, apart: true));
            foreach (var (part, below) in tree)
            {
                var values = sums.ConvertAll(cells => Sum(cells, Statuses(cubes.Find(name)!), below, per));
                byDivision[part].Add(values is not [var now, var before, var year] ? new ActivityRow(key, null, null, null) : new ActivityRow(key, now, before, year)
                {
                    Records = Link(now, frame.Windows[0]), BeforeRecords = Link(before, frame.Windows[1]), YearBeforeRecords = Link(year, frame.Windows[2]),
                });

                string? Link(decimal? value, DayWindow days) => value is null ? null : ActivityFigure.Of(
                    cubes.Find(name)!, new Measure(name, new Dictionary<string, string[]>()), new Figure { From = days.From, To = days.To, Division = part }).Link(frame.AsOf);
            }
        }
        return [.. byDivision.Select(one => new DivisionActivity(one.Key, one.Value))];

        static decimal? Sum(IReadOnlyList<CubeSum>? cells, string[] dimensions, IReadOnlyList<string> below, int per) => cells is null ? null : TargetBoard.Add(
            dimensions, new Measure("", new Dictionary<string, string[]>()), [.. cells.Where(cell => below.Contains(cell.Division!))],
            new Figure { From = default, To = default }).Value is { } sum ? Math.Round(sum / per, 1, MidpointRounding.AwayFromZero) : null;

        static string[] Statuses(Cube cube) => [.. cube.Dimensions.Where(one => one is "status" or "origin" || one == cube.Moves)];
    }

    /// <summary>By what each banner did and what came of it; money has no part in it (Road Traffic Safety Law, art. 86).</summary>
    static List<BannerRank> Comparison(EditionFigures figures, IReadOnlyList<DivisionTargets> targets, EditionFrame frame, Campaign? campaign) =>
    [
        .. figures.Divisions.Skip(1).Select(one =>
            {
                var figure = new Figure { From = frame.Windows[0].From, To = frame.Windows[0].To, Division = one.Division };
                var judged = (targets.FirstOrDefault(target => target.Division == one.Division)?.Lines ?? []).Where(line =>
                    line.Status is TargetStatus.Met or TargetStatus.AtRisk or TargetStatus.Missed).ToList();
                var night = Now(one.Shifts, "night");
                return new BannerRank(
                    one.Division, judged.Count(line => line.Status != TargetStatus.Missed), judged.Count,
                    Now(one.Sources, "roadsideCheck") + Now(one.Sources, "nightInspection"),
                    one.Confirmed.Now < frame.Minimum ? null : Math.Round(night * 100m / one.Confirmed.Now, 1, MidpointRounding.AwayFromZero), Waiting(one))
                {
                    Targets = campaign is null ? null : string.Create(CultureInfo.InvariantCulture,
                        $"/api/v1/reports/targets?campaign={campaign.Id}&division={one.Division}&from={figure.From:yyyy-MM-dd}&to={figure.To:yyyy-MM-dd}&asOf={frame.AsOf}"),
                    FoundOnSiteRecords = (figure with { Sources = ["roadsideCheck", "nightInspection"] }).Link(frame.AsOf),
                    NightRecords = figure.Narrow("shift", "night").Link(frame.AsOf),
                    WaitingRecords = (figure with { Statuses = ["captured", "toReview", "held"] }).Link(frame.AsOf),
                };
            })
            .OrderByDescending(one => one.TargetsMet).ThenByDescending(one => one.FoundOnSite).ThenBy(one => one.Division, StringComparer.Ordinal),
    ];

    static long Now(IReadOnlyList<CountRow> rows, string key) => rows.FirstOrDefault(row => row.Key == key)?.Count.Now ?? 0;

    static long Waiting(DivisionFigures one) => Now(one.Statuses, "captured") + Now(one.Statuses, "toReview") + Now(one.Statuses, "held");

    static List<Finding> Findings(
        EditionFigures figures, IReadOnlyList<DivisionActivity> activity, IReadOnlyList<DivisionTargets> targets, Ledger ledger, string root, IWording words)
    {
        var findings = new List<Finding>();
        foreach (var part in targets)
            foreach (var line in part.Lines.Where(line => line.Status == TargetStatus.Missed))
                Find($"missed/{part.Division}/{line.Id}", part.Division, "reporting.finding.missed", line.Title);
        foreach (var one in figures.Divisions.Skip(1).Where(one => one.Statuses.All(row => row.Count.Now == 0)))
            Find($"silent/{one.Division}", one.Division, "reporting.finding.silent");
        foreach (var one in activity.Skip(1))
            if (one.Rows.FirstOrDefault(row => row.Key == "dangersRemaining")?.Now is > 0 and var remaining)
                Find($"dangers/{one.Division}", one.Division, "reporting.finding.dangers", Number((long)remaining));
        foreach (var one in figures.Divisions.Skip(1).Where(one => Waiting(one) > 0))
            Find($"waiting/{one.Division}", one.Division, "reporting.finding.waiting", Number(Waiting(one)));
        if (ledger.InFlight > 0)
            Find("in-flight", root, "reporting.finding.inFlight", Number(ledger.InFlight));
        if (ledger.Quarantined > 0)
            Find("quarantined", root, "reporting.finding.quarantined", Number(ledger.Quarantined));
        return findings;

        void Find(string id, string division, string word, Title? about = null) => findings.Add(new Finding(
            id, division, words.Filled(word, words.Division(division), about ?? new Title("", ""))));
    }

    static Title Number(long number) => new(number.ToString("#,##0", CultureInfo.InvariantCulture), number.ToString("#,##0", CultureInfo.InvariantCulture));
}
