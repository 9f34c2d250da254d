using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Traffic.Platform;
using Traffic.Reporting.Editions;
using Traffic.Reporting.Ledgers;

namespace Traffic.Reporting.RecordFigures;

/// <summary>From a record to every figure and edition it counts in: the way back from "every figure opens".</summary>
sealed class RecordFiguresApi(
    ReportStore reports, EditionStore editions, Campaigns campaigns, Cubes cubes, Divisions divisions, Titles titles, Words words, TimeProvider clock)
{
    static readonly (string Name, string Kind)[] Kinds =
    [
        ("crashes", "crash"), ("dangers", "danger"), ("observations", "observation"), ("sessions", "session"), ("points", "point"), ("visits", "visit"),
    ];

    static readonly string[] Duty = ["sessions", "vehiclesChecked", "personsChecked", "officerMinutes", "officerMinutesPlanned", "visitsPlanned", "visitsProven"];

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/api/v1/violations/{recordId:guid}/figures", (Guid recordId, HttpContext http, CancellationToken cancel) =>
            Figures(http, snapshot => snapshot.PastOfViolation(recordId), cancel)).WithTags("Violations").Produces<RecordFiguresAnswer>().ProducesProblem(404);
        foreach (var (name, kind) in Kinds)
            routes.MapGet($"/api/v1/{name}/{{id:guid}}/figures", (Guid id, HttpContext http, CancellationToken cancel) =>
                Figures(http, snapshot => snapshot.PastOfActivity(id, kind), cancel))
                .WithTags(char.ToUpperInvariant(name[0]) + name[1..]).Produces<RecordFiguresAnswer>().ProducesProblem(404);
    }

    async Task<IResult> Figures(HttpContext http, Func<Snapshot, Task<RecordPast?>> read, CancellationToken cancel)
    {
        var (past, asOf, baselines, catalogue) = await reports.InSnapshot(null, async snapshot =>
        {
            var frozen = new Dictionary<string, FrozenBaseline?>();
            foreach (var campaign in campaigns.All)
                frozen[campaign.Id] = await snapshot.Baseline(campaign.Id);
            return (await read(snapshot), snapshot.AsOf, frozen, await ReportsApi.Catalogue(snapshot));
        }, cancel);
        if (past is null)
            return Bodies.Problem(StatusCodes.Status404NotFound, "urn:traffic:not-found", words.Get("reporting.figures.none", Words.Language(http)));
        return Results.Ok(new RecordFiguresAnswer(
            past.Id, past.ViolationAt(asOf)?.Revision ?? past.ActivityAt(asOf)?.Revision ?? 0, past.ViolationAt(asOf)?.Status ?? past.ActivityAt(asOf)?.Status ?? "", asOf,
            [.. campaigns.All.SelectMany(campaign => Targets(past, campaign, baselines[campaign.Id], asOf))],
            [.. Offences(past, asOf, catalogue), .. Work(past, asOf), .. Ledger(past, asOf)], await Editions(past, baselines, cancel)));
    }

    /// <summary>The division and those above it, up to one of them.</summary>
    List<string> Chain(string? division, string? origin, string? upTo)
    {
        var chain = new List<string>();
        for (var code = division; code is not null; code = divisions.Find(origin, code)?.Parent)
        {
            chain.Add(code);
            if (code == upTo)
                return chain;
        }
        return upTo is null ? chain : [];
    }

    /// <summary>In the window a campaign answers for where no days are asked for.</summary>
    IEnumerable<TargetFigure> Targets(RecordPast past, Campaign campaign, FrozenBaseline? frozen, long asOf)
    {
        var window = campaign.Window(DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(clock.GetUtcNow(), divisions.Zone(null, campaign.Division)).DateTime));
        return
            from division in Chain(past.DivisionAt(asOf), null, campaign.Division)
            let figure = new Figure { From = window.From, To = window.To, Division = division, Divisions = [.. divisions.WithDescendants(division)] }
            from line in campaign.LinesOn(window.To)
            from found in LineFigures.Of(past, cubes, line, figure, frozen, asOf)
            select new TargetFigure(
                campaign.Id, campaign.Title, line.Id, line.Title, line.Version, division, titles.Division(division, null), found.Figure, found.From, found.To, found.Records);
    }

    /// <summary>Of the day, the week and the month: the report's total, and its row in every way of grouping.</summary>
    IEnumerable<CellFigure> Offences(RecordPast past, long asOf, IReadOnlyDictionary<(string, string), Title> catalogue)
    {
        if (past.ViolationAt(asOf) is not { } stood)
            yield break;
        foreach (var division in Chain(stood.Division, stood.Origin, null))
            foreach (var period in new[] { "day", "week", "month" })
                foreach (var (dimension, key) in Rows(stood))
                {
                    // Grouped by shift, a night counts for the date it began.
                    var name = Period.Of(period, dimension == "shift" ? stood.ShiftDate : stood.Day);
                    var (from, to) = Period.Parse(period, name);
                    var below = divisions.WithDescendants(division, stood.Origin);
                    var figure = new Figure
                    {
                        From = from, To = to, Division = division, Divisions = [.. below], Origins = [stood.Origin ?? "-"], ByShiftDate = dimension == "shift",
                    };
                    if (dimension is not null && key is not null)
                        figure = figure.Narrow(dimension, key);
                    else if (dimension == "status")
                        figure = figure with { Statuses = ReportQuestion.Statuses };
                    if (dimension == "division")
                        figure = figure with { Below = divisions.WithDescendants(key!, stood.Origin).Count == 1 };
                    if (stood.In(figure))
                        yield return new CellFigure(
                            "offences", name, division, titles.Division(division, stood.Origin), dimension, key,
                            key is null ? titles.Word(dimension is null ? "reporting.figures.total" : $"reporting.figures.total.{dimension}", "")
                                : titles.Of(dimension!, key, catalogue, stood.Origin), figure.Link(asOf));
                }
    }

    static IEnumerable<(string? Dimension, string? Key)> Rows(StoodViolation stood) =>
    [
        (null, null), ("shift", null), ("status", null), ("entry", stood.Entry), ("family", stood.Family), ("division", stood.Division), ("shift", stood.Shift), ("source", stood.Source),
        ("vehicleClass", stood.VehicleClass), ("status", stood.Status), ("criminal", stood.CriminalReferral ? "true" : "false"),
        .. stood.OverlayList.Select(tag => ((string?)"overlay", (string?)tag)),
    ];

    /// <summary>Of the days, weeks and months it counts on: sessions, what they checked, hours, visits.</summary>
    IEnumerable<CellFigure> Work(RecordPast past, long asOf)
    {
        if (past.ActivityAt(asOf) is not { } stood)
            yield break;
        foreach (var division in Chain(stood.Division, null, null))
            foreach (var cube in Duty.Select(cubes.Find).OfType<Cube>())
                foreach (var (name, from, to) in stood.Shares.Where(share => share.Cube == cube.Id)
                    .SelectMany(share => new[] { "day", "week", "month" }.Select(period => (Period: period, Name: Period.Of(period, share.Day)))).Distinct()
                    .Select(one => Period.Parse(one.Period, one.Name) is var (first, last) ? (one.Name, first, last) : default))
                {
                    var figure = new ActivityFigure(
                        cube, from, to, division, [.. divisions.WithDescendants(division)],
                        new Dictionary<string, string[]> { ["status"] = ["confirmed"], ["origin"] = ["-"] });
                    if (stood.In(figure))
                        yield return new CellFigure(
                            "duty", name, division, titles.Division(division, null), null, cube.Id, titles.Word($"reporting.cube.{cube.Id}", cube.Id), figure.Link(asOf));
                }
    }

    /// <summary>The hour in which it was received, and all there ever were.</summary>
    IEnumerable<CellFigure> Ledger(RecordPast past, long asOf)
    {
        if (past.ViolationAt(asOf) is not { } stood)
            yield break;
        var hour = past.ReceivedAt.ToString("yyyy-MM-ddTHH", CultureInfo.InvariantCulture);
        foreach (var what in new[] { "accepted", "stored" })
            yield return Cell(hour, what, $"{LedgerLinks.Root}/{hour}/{what}");
        foreach (var (what, address) in LedgerLinks.Ever(asOf).Where(one => one.Key is "accepted" or "stored" || (one.Key == "voided" && stood.Status == "voided")))
            yield return Cell("all", what, address);

        CellFigure Cell(string period, string what, string address) => new("ledger", period, null, null, null, what, titles.Word($"reporting.figures.{what}", what), address);
    }

    async Task<IReadOnlyList<EditionFigure>> Editions(RecordPast past, IReadOnlyDictionary<string, FrozenBaseline?> baselines, CancellationToken cancel)
    {
        var all = await editions.All(cancel);
        var found = new List<EditionFigure>();
        foreach (var row in all.Where(row => MayHave(past, row, all)))
        {
            if (await editions.Model(row.Edition, cancel) is not { } bytes)
                continue;
            using var document = JsonDocument.Parse(bytes);
            var model = document.Deserialize<EditionModel>(EditionModel.Json)!;
            var baseline = model.Definitions.Campaign is { } campaign ? baselines.GetValueOrDefault(campaign.Id) : null;
            if (new EditionFigureFinder(past, model, document.RootElement, cubes, titles, baseline).Find() is { } figure)
                found.Add(figure);
        }
        return found;
    }

    /// <summary>False where the edition cannot have it, so that it need not be read: not its place, not its time, and nothing late.</summary>
    bool MayHave(RecordPast past, EditionRow row, IReadOnlyList<EditionRow> all)
    {
        if (past.DivisionAt(row.AsOf) is not { } division || !divisions.WithDescendants(row.Division).Contains(division))
            return false;
        var days = past.DaysAt(row.AsOf).ToList();
        if (days.Count == 0 || days[0] > row.ToDay)
            return false;
        // Of dangers also those of long ago may still be there; a frozen baseline is looked at whole.
        var earliest = past.ActivityAt(row.AsOf) is { Kind: "danger" } || campaigns.All.Any(campaign => campaign.Definitions.Any(one => one.Comparison == ComparisonKind.FixedBaseline))
            ? DateOnly.MinValue : EditionPeriod.Parse(row.Kind, row.Period)!.YearBefore.From.AddDays(-7);
        var before = all.Where(one => one.Kind == row.Kind && one.Division == row.Division && one.ToDay < row.FromDay && one.AsOf <= row.AsOf).MaxBy(one => (one.ToDay, one.Number));
        return days[^1] >= earliest || (before is not null && past.Violation.Select(one => one.BeganSequence).Concat(past.Activity.Select(one => one.BeganSequence))
            .Any(began => began > before.AsOf && began <= row.AsOf));
    }
}
