using System.Text.Json;
using Traffic.Platform;
using Traffic.Reporting.Editions;

namespace Traffic.Reporting.RecordFigures;

/// <summary>How an edition has a record: as a leaf, as late, as restated; and which of its figures have it behind them.</summary>
sealed class EditionFigureFinder(RecordPast past, EditionModel model, JsonElement frozenModel, Cubes cubes, Titles titles, FrozenBaseline? baseline)
{
    /// <summary>Null where the edition does not have it at all.</summary>
    public EditionFigure? Find()
    {
        var (stood, activity) = (past.ViolationAt(model.AsOf), past.ActivityAt(model.AsOf));
        var leaf = stood is not null && IsCounted(stood.Origin) && Under(model.Division, stood.Division) && model.Windows.Any(window => window.Contains(stood.Day)) || IsLeaf(activity);
        var late = Late(stood) ?? Late(activity);
        var restated = model.Restates?.Records.FirstOrDefault(one => one.RecordId == past.Id)?.Change;
        // A figure counts as the edition's only where it names its address: editions frozen earlier give fewer.
        var named = new HashSet<string>(Addresses(frozenModel));
        List<EditionCell> figures =
        [
            .. new[] { Divisions(stood), Targets(), Activity(activity), Comparison(stood), LateRows(stood, late), LateRows(activity, late) }.SelectMany(cells => cells)
                .Where(cell => named.Contains(cell.Records)).DistinctBy(cell => (cell.Part, cell.Key, cell.Column, cell.Division, cell.Records)),
        ];
        return !leaf && late is null && restated is null && figures.Count == 0 ? null : new EditionFigure(
            model.Edition, model.Kind, model.Period, model.Number, model.Division, Division(model.Division), model.AsOf, stood?.Revision ?? activity?.Revision,
            stood?.Status ?? activity?.Status, stood?.Entry, leaf, late, restated, figures);
    }

    bool IsCounted(string? origin) => origin is null || model.Definitions.Origins?.Contains(origin) == true;

    bool Under(string part, string division) => model.Tree.TryGetValue(part, out var below) && below.Contains(division);

    Title Division(string code) => model.Definitions.Names.GetValueOrDefault("division")?.GetValueOrDefault(code) ?? titles.Division(code, null);

    Title Name(string dimension, string key) => model.Definitions.Names.GetValueOrDefault(dimension)?.GetValueOrDefault(key) ?? titles.Word($"reporting.{dimension}.{key}", key);

    Figure Whole(string division) => new() { From = model.From, To = model.To, Division = division, Divisions = [.. model.Tree[division]] };

    IEnumerable<EditionCell> Divisions(StoodViolation? stood)
    {
        if (stood is null)
            yield break;
        foreach (var one in model.Figures.Divisions.Where(one => Under(one.Division, stood.Division)))
        {
            var whole = Whole(one.Division);
            var rows = new (string Part, string? Key, Figure Figure, string Records, string? Before, string? YearBefore)[]
            {
                ("confirmed", null, whole, one.Records, one.BeforeRecords, one.YearBeforeRecords),
                Row("criminal", whole with { Criminal = true }, one.CriminalReferrals), Row("points", whole with { Points = [12] }, one.TwelvePoints),
            }.Concat(new[]
            {
                ("status", one.Statuses), ("family", one.Families), ("item", one.Items), ("vehicleClass", one.VehicleClasses), ("shift", one.Shifts), ("source", one.Sources),
            }.SelectMany(part => part.Item2.Select(row => Row(part.Item1, whole.Narrow(part.Item1, row.Key), row))));
            foreach (var (part, key, figure, now, before, yearBefore) in rows)
                foreach (var (column, records, i) in new[] { ("now", now, 0), ("before", before, 1), ("yearBefore", yearBefore, 2) })
                    if (records is not null && stood.In(figure with { From = model.Windows[i].From, To = model.Windows[i].To }))
                        yield return new EditionCell(
                            one.Division, Division(one.Division), part, key,
                            key is null ? titles.Word("reporting.figures.confirmed", "") : part is "points" or "criminal" ? titles.Word($"reporting.figures.{part}", part) : Name(part, key),
                            column, records);
        }

        static (string, string?, Figure, string, string?, string?) Row(string part, Figure figure, CountRow row) =>
            (part, row.Key, figure, row.Records, row.BeforeRecords, row.YearBeforeRecords);
    }

    IEnumerable<EditionCell> Targets()
    {
        foreach (var part in model.Targets)
            foreach (var line in part.Lines)
                if (model.Definitions.Campaign?.Lines.FirstOrDefault(one => one.Id == line.Id) is { } definition)
                    // What was not frozen then, or did not hold the line, was counted anew.
                    foreach (var (figure, _, _, records) in LineFigures.Of(past, cubes, definition, Whole(part.Division), line.BaselineAsOf is null ? null : baseline, model.AsOf))
                        yield return new EditionCell(part.Division, Division(part.Division), "targets", line.Id, line.Title, figure, records);
    }

    IEnumerable<EditionCell> Activity(StoodActivity? stood)
    {
        if (stood is null)
            yield break;
        foreach (var part in model.Activity.Where(one => Under(one.Division, stood.Division)))
            foreach (var row in part.Rows)
                if (EditionJudging.CubeOf(row.Key) is { } name && cubes.Find(name) is { } cube)
                    foreach (var (column, records, i) in new[] { ("now", row.Records, 0), ("before", row.BeforeRecords, 1), ("yearBefore", row.YearBeforeRecords, 2) })
                        if (records is not null && stood.In(ActivityFigure.Of(cube, new Measure(name, new Dictionary<string, string[]>()), Whole(part.Division) with
                        {
                            From = model.Windows[i].From, To = model.Windows[i].To,
                        })))
                            yield return new EditionCell(part.Division, Division(part.Division), "activity", row.Key, titles.Word($"reporting.cube.{name}", name), column, records);
    }

    IEnumerable<EditionCell> Comparison(StoodViolation? stood)
    {
        if (stood is null)
            yield break;
        foreach (var rank in (model.Comparison ?? []).Where(one => Under(one.Division, stood.Division)))
        {
            var whole = Whole(rank.Division);
            foreach (var (column, figure, records) in new[]
            {
                ("foundOnSite", whole with { Sources = ["roadsideCheck", "nightInspection"] }, rank.FoundOnSiteRecords),
                ("nightPercent", whole.Narrow("shift", "night"), rank.NightRecords),
                ("waiting", whole with { Statuses = ["captured", "toReview", "held"] }, rank.WaitingRecords),
            })
                if (records is not null && stood.In(figure))
                    yield return new EditionCell(rank.Division, Division(rank.Division), "comparison", null, titles.Word($"reporting.figures.{column}", column), column, records);
        }
    }

    /// <summary>Why it is late in this edition; null where it is not.</summary>
    string? Late(StoodViolation? stood)
    {
        if (model.Previous is not { } previous || stood is not { Origin: null } || stood.Day >= model.From || !Under(model.Division, stood.Division))
            return null;
        var former = past.ViolationAt(previous.AsOf);
        return former is not null && former.Status == stood.Status && former.Entry == stood.Entry ? null
            : EditionCounting.ChangeOf(former?.Revision, former?.Status, former?.Entry, stood.Status, stood.Entry);
    }

    /// <summary>Crashes, dangers, … are leaves where they stand for anything on the edition's days; what is still there of a stock, on any day before.</summary>
    bool IsLeaf(StoodActivity? stood) => EditionModel.HasAll(model.Format) && stood is not null && IsCounted(stood.Origin) && Under(model.Division, stood.Division)
        && stood.Shares.Any(share => model.Windows.Any(window => window.Contains(share.Day))
            || cubes.Find(share.Cube) is { Stock: true } && share.Day <= model.Windows.Max(window => window.To));

    string? Late(StoodActivity? stood)
    {
        if (model.Figures.LateActivities is null || model.Previous is not { } previous || stood is not { Origin: null } || !Under(model.Division, stood.Division))
            return null;
        var former = past.ActivityAt(previous.AsOf);
        return Earlier(stood).SetEquals(Earlier(former)) ? null : EditionCounting.ChangeOf(former?.Revision, former?.Status, stood.Status);

        HashSet<(string, DateOnly, string, long)> Earlier(StoodActivity? one) =>
            [.. (one?.Shares ?? []).Where(share => share.Day < model.From).Select(share => (share.Cube, share.Day, share.Keys, share.Value))];
    }

    IEnumerable<EditionCell> LateRows(StoodActivity? stood, string? late)
    {
        if (stood is null || late is null)
            yield break;
        foreach (var row in (model.Figures.LateActivities ?? []).Where(one => one.Kind == stood.Kind && Under(one.Division, stood.Division)))
            foreach (var figure in new[] { late, "total" })
                if (row.Open.GetValueOrDefault(figure) is { } records)
                    yield return new EditionCell(row.Division, Division(row.Division), "late", late, titles.Word($"reporting.late.{figure}", figure), figure, records);
    }

    IEnumerable<EditionCell> LateRows(StoodViolation? stood, string? late)
    {
        if (stood is null || late is null)
            yield break;
        var net = (stood.Status == "confirmed") != (past.ViolationAt(model.Previous!.AsOf)?.Status == "confirmed");
        foreach (var row in model.Figures.Late.Where(one => Under(one.Division, stood.Division)))
            foreach (var figure in new[] { late, "total" }.Concat(net ? ["netConfirmed"] : []))
                if (row.Open?.GetValueOrDefault(figure) is { } records)
                    yield return new EditionCell(row.Division, Division(row.Division), "late", late, titles.Word($"reporting.late.{figure}", figure), figure, records);
    }

    static IEnumerable<string> Addresses(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Object => element.EnumerateObject().SelectMany(one => Addresses(one.Value)),
        JsonValueKind.Array => element.EnumerateArray().SelectMany(Addresses),
        JsonValueKind.String when element.GetString() is { } text && text.StartsWith("/api/", StringComparison.Ordinal) => [text],
        _ => [],
    };
}
