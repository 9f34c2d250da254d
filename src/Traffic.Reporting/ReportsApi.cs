using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Traffic.Platform;
using Traffic.Reporting.Exports;
using Traffic.Reporting.Units;

namespace Traffic.Reporting;

/// <summary>The figures, and the records behind each.</summary>
sealed class ReportsApi(
    ReportStore store, UnitScopes units, Campaigns campaigns, Cubes cubes, Divisions divisions, Titles titles, Words words, TimeProvider clock, ExportTables tables, ExportFiles files)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        var reports = routes.MapGroup("/api/v1/reports").WithTags("Reports").ProducesProblem(400).ProducesProblem(409);
        Asked(ReportQuestion.OfOffences, reports.MapGet("/offences", Offences).Produces<OffenceReport>(), reports.MapGet($"/offences.{ExportFiles.Formats}", Offences));
        Asked(ReportQuestion.OfRecords, reports.MapGet("/records", Records).Produces<RecordList>(), reports.MapGet($"/records.{ExportFiles.Formats}", Records), ReportQuestion.OfRecordFile);
        Asked(ReportQuestion.OfTargets, reports.MapGet("/targets", Targets).Produces<TargetReport>(), reports.MapGet($"/targets.{ExportFiles.Formats}", Targets));

        // As a file: the same question, the same answer, and a filter, sequence and root with it.
        void Asked(string[] known, RouteHandlerBuilder answer, RouteHandlerBuilder file, string[]? ofFile = null)
        {
            answer.WithMetadata(new AskedByQuery(known));
            file.WithMetadata(new AskedByQuery(ofFile ?? known)).ProducesProblem(413).ProducesProblem(501).WithRequestTimeout(ExportTime);
        }
    }

    Task<IResult> Offences(HttpContext http, CancellationToken cancel)
    {
        var question = Ask(http);
        var (figure, groupBy, asOf) = (question.Figure(ReportQuestion.OfOffences), question.GroupBy(), question.AsOf());
        return Answer(http, question, asOf, async snapshot =>
        {
            (figure, var tree) = await OfUnits(snapshot, figure);
            var catalogue = units.Named(await Catalogue(snapshot), tree, figure.To);
            var origin = figure.Origins is [var one] && one != "-" ? one : null;
            var exposure = await OffenceExposure.Read(snapshot, cubes, figure, [.. divisions.All().Select(one => one.Code)], groupBy);
            // A row is of one tag: there each of a record's tags counts once as it is, and only those asked for have rows.
            var ofRow = groupBy.Contains(figure.Each) ? figure with { Each = null } : figure;
            var counts = Asked(await snapshot.Count(ofRow, groupBy), groupBy, figure.Overlays);
            var rows = Rows(counts, ofRow, groupBy, exposure, snapshot.AsOf, (dimension, key) => titles.Of(dimension, key, catalogue, origin));
            // A record may stand under several tags, or under none.
            var total = groupBy.Contains("overlay") ? (await snapshot.Count(figure, ["status"])).Sum(count => count.Value) : counts.Sum(count => count.Value);
            if (total == 0)
                RefuseUnknown(figure, catalogue);
            return new OffenceReport(
                figure.From, figure.To, figure.Division, groupBy, figure.Statuses, figure.Origins,
                figure.ByShiftDate ? "shift" : "calendar", snapshot.AsOf, rows,
                total, figure.Link(snapshot.AsOf), await snapshot.Ledger())
            {
                Exposure = exposure.Of(total, figure), Tree = figure.Scope?.Tree,
            };
        }, cancel);
    }

    static IReadOnlyList<GroupedCount> Asked(IReadOnlyList<GroupedCount> counts, IReadOnlyList<string> groupBy, string[]? overlays) =>
        overlays is null || !groupBy.Contains("overlay") ? counts
            : [.. counts.Where(count => overlays.Contains(groupBy[0] == "overlay" ? count.First : count.Second))];

    /// <summary>A row each; what is the same for many is made once.</summary>
    OffenceRows Rows(
        IReadOnlyList<GroupedCount> counts, Figure figure, IReadOnlyList<string> groupBy, OffenceExposure exposure, long asOf, Func<string, string, Title> titleOf)
    {
        var below = new Dictionary<string, bool>();
        Figure Narrow(Figure wider, string dimension, string key)
        {
            var narrowed = wider.Narrow(dimension, key);
            if (dimension != "division")
                return narrowed;
            // A row of a division is of its own records: those below it have rows of theirs.
            if (!below.TryGetValue(key, out var alone))
                below[key] = alone = !figure.Origins.Any(origin => divisions.WithDescendants(key, origin == "-" ? null : origin).Count > 1);
            return narrowed with { Below = alone };
        }

        var seconds = new Dictionary<string, RowValue>();
        RowValue Second(string key)
        {
            if (!seconds.TryGetValue(key, out var known))
                seconds[key] = known = new RowValue(key, titleOf(groupBy[1], key));
            return known;
        }

        var (first, within, links) = ((RowValue?)null, figure, (RowLink?)null);
        return new OffenceRows(counts, count =>
        {
            // They come in the order of what is grouped by first.
            if (count.First != first?.Key)
            {
                (first, within) = (new RowValue(count.First, titleOf(groupBy[0], count.First)), Narrow(figure, groupBy[0], count.First));
                links = count.Second is null ? null : within.Links(groupBy[1], asOf);
            }
            var narrowed = count.Second is null || links is not null ? within : Narrow(within, groupBy[1], count.Second);
            return new OffenceRow(new OffenceRowParts(
                groupBy, count.Value, first, count.Second is null ? null : Second(count.Second), links ?? new RowLink(narrowed.Link(asOf), after: null)))
            {
                Exposure = exposure.OfRow(count.Value, narrowed),
            };
        });
    }

    Task<IResult> Records(HttpContext http, CancellationToken cancel)
    {
        var question = Ask(http);
        var (figure, asOf, after, limit) = (question.Figure(IsExport(http) ? ReportQuestion.OfRecordFile : ReportQuestion.OfRecords), question.AsOf(), question.After(), IsExport(http) ? ExportTable.MaxRows : question.Limit());
        return Answer(http, question, asOf, async snapshot =>
        {
            (figure, var tree) = await OfUnits(snapshot, figure);
            var catalogue = await Catalogue(snapshot);
            var (total, count, page) = await snapshot.Records(figure, after.At, after.Id, limit + 1, ZoneOf(figure));
            if (count == 0)
                RefuseUnknown(figure, catalogue);
            if (IsExport(http) && count > ExportTable.MaxRows)
                throw new TooManyRowsException(count);
            return new RecordList(figure.From, figure.To, figure.Division, figure.Statuses, [.. Where(figure, catalogue), .. units.Where(figure.Scope, tree, figure.To)], snapshot.AsOf, total, count,
                [.. page.Take(limit).Select(record => Row(record, catalogue))],
                page.Count > limit ? $"{figure.Link(snapshot.AsOf)}&limit={limit}&after={ReportQuestion.After(page[limit - 1])}" : null)
            {
                Filter = figure.Link(snapshot.AsOf).Split('?')[1],
            };
        }, cancel);
    }

    /// <summary>Nothing is found under a word nobody knows: that is a slip of the pen, and no figure.</summary>
    void RefuseUnknown(Figure figure, IReadOnlyDictionary<(string, string), Title> catalogue)
    {
        foreach (var (parameter, values) in new[] { ("entry", figure.Entries), ("family", figure.Families), ("vehicleClass", figure.VehicleClasses), ("overlay", figure.Overlays), ("item", figure.Items), ("origin", figure.Origins) })
            if (values?.Any(value => !titles.Knows(parameter, value, catalogue)) == true)
                throw new ValueRefusedException(parameter, "reporting.value.none");
    }

    /// <summary>The zone of all the figure's days; null where it may differ from record to record: an imported table has its own.</summary>
    TimeZoneInfo? ZoneOf(Figure figure) => figure.Origins is ["-"] ? divisions.Zone(null, divisions.Roots[0].Code) : null;

    async Task<(Figure Figure, UnitTree? Tree)> OfUnits(Snapshot snapshot, Figure figure) =>
        await units.Read(snapshot, figure.Scope) is var (scope, tree) ? (figure with { Scope = scope }, tree) : default;

    List<FilterRow> Where(Figure figure, IReadOnlyDictionary<(string, string), Title> catalogue) =>
    [
        .. new[]
        {
            ("entry", figure.Entries), ("family", figure.Families), ("shift", figure.Shifts), ("source", figure.Sources),
            ("vehicleClass", figure.VehicleClasses), ("overlay", figure.Overlays), ("item", figure.Items),
            ("points", figure.Points?.Select(points => $"{points}").ToArray()),
            ("criminal", figure.Criminal is { } criminal ? [criminal ? "true" : "false"] : null), ("origin", figure.Origins is ["-"] ? null : figure.Origins),
        }.SelectMany(one => (one.Item2 ?? []).Select(key => new FilterRow(one.Item1, key, titles.Of(one.Item1, key, catalogue, null)))),
    ];

    RecordRow Row(StoredRecord record, IReadOnlyDictionary<(string, string), Title> catalogue) => new(
        record.RecordId, record.Revision, record.Status, record.Entry, record.Family,
        titles.Of("entry", record.Entry, catalogue, record.Origin), record.Division, titles.Division(record.Division, record.Origin),
        record.Day, record.ShiftDate, record.Shift, record.Source, record.VehicleClass, record.Origin,
        new DateTimeOffset(record.OccurredAt, TimeSpan.Zero), $"/api/v1/violations/{record.RecordId}", record.Value);

    Task<IResult> Targets(HttpContext http, CancellationToken cancel)
    {
        var question = Ask(http);
        var campaign = question.One("campaign") is { } id ? campaigns.Find(id) : campaigns.All is [var newest, ..] ? newest : null;
        if (campaign is null)
            question.Fault("campaign", "reporting.campaign", string.Join(", ", campaigns.All.Select(one => one.Id)));
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(
            clock.GetUtcNow(), divisions.Zone(null, campaign?.Division ?? "")).DateTime);
        var window = campaign?.Window(today);
        var (figure, asOf) = (question.Figure(ReportQuestion.OfTargets, window?.From, window?.To), question.AsOf());
        if (!figure.Origins.All(titles.KnowsOrigin))
            question.Fault("origin", "reporting.value.none");
        if (question.Faults.Count == 0 && new[] { ComparisonKind.PeriodOnPeriod, ComparisonKind.YearOnYear }
            .Any(kind => TargetRule.Before(kind, figure.From, figure.To) is var (first, _) && !ReportQuestion.IsAsked(first)))
            question.Fault("from", "reporting.day.early");
        var division = figure.Division ?? campaign?.Division ?? "";
        // An imported table has its own tree: what is asked of it is looked up there.
        var origins = figure.Origins.Select(origin => origin == "-" ? null : origin).ToList();
        string[] Below(string code) => [.. origins.SelectMany(origin => divisions.WithDescendants(code, origin)).Distinct()];
        figure = figure with { Division = division, Divisions = Below(division) };
        List<(string, string[])>? parts = question.PerDivision()
            ? [.. origins.SelectMany(divisions.All).Where(one => one.Parent == division).Select(one => one.Code).Distinct().Select(code => (code, Below(code)))] : null;
        return Answer(http, question, asOf, async snapshot =>
        {
            (figure, _) = await OfUnits(snapshot, figure);
            if (figure.Scope is { NamesUnits: false })
                figure = figure with { Scope = null };
            return await new TargetBoard(snapshot.Within(figure.Scope?.Map), cubes, titles).Of(campaign!, figure, parts) with
            {
                Filter = $"campaign={campaign!.Id}&{figure.Link(snapshot.AsOf).Split('?')[1]}{(parts is null ? "" : "&perDivision=true")}",
            };
        }, cancel);
    }

    static bool IsExport(HttpContext http) => http.GetRouteValue("format") is not null;

    /// <summary>A file takes longer than an answer.</summary>
    static readonly TimeSpan ExportTime = TimeSpan.FromSeconds(40);

    ReportQuestion Ask(HttpContext http) => new(http.Request.Query, divisions, words, Words.Language(http));

    internal static async Task<IReadOnlyDictionary<(string, string), Title>> Catalogue(Snapshot snapshot) =>
        (await snapshot.Words()).DistinctBy(word => (word.Kind, word.Id))
            .ToDictionary(word => (word.Kind, word.Id), word => new Title(word.Zh, word.En));

    async Task<IResult> Answer<T>(
        HttpContext http, ReportQuestion question, long? asOf, Func<Snapshot, Task<T>> ask, CancellationToken cancel)
    {
        var language = Words.Language(http);
        if (question.Faults.Count > 0)
            return Bodies.Refused(new(question.Faults), words, language);
        try
        {
            var answer = await store.InSnapshot(asOf, ask, cancel);
            return http.GetRouteValue("format") is string format
                ? await files.Of(tables.Of(answer!, language), format, language, cancel) : new InGreatPieces<T>(answer);
        }
        catch (ValueRefusedException refused)
        {
            question.Fault(refused.Parameter, refused.Word);
            return Bodies.Refused(new(question.Faults), words, language);
        }
        catch (TooManyRowsException many)
        {
            return Results.Problem(
                statusCode: StatusCodes.Status413PayloadTooLarge, type: "urn:traffic:too-many-rows",
                title: words.Get("reporting.export.tooMany", language, many.Rows, ExportTable.MaxRows));
        }
        catch (AsOfAheadException ahead)
        {
            return Results.Problem(
                statusCode: StatusCodes.Status409Conflict, type: "urn:traffic:as-of-ahead",
                title: words.Get("reporting.asOf.ahead", language, ahead.Present));
        }
    }
}

/// <summary>An answer sent in fewer and greater pieces than the usual 14 KB: of one of 4 MB the middle fell from 43 to 36 ms.</summary>
sealed class InGreatPieces<T>(T answer) : IResult
{
    const int Piece = 256 * 1024;

    static JsonSerializerOptions? options;

    public Task ExecuteAsync(HttpContext httpContext)
    {
        options ??= new(httpContext.RequestServices.GetRequiredService<IOptions<JsonOptions>>().Value.SerializerOptions)
        {
            DefaultBufferSize = Piece, Converters = { new OffenceRowWriter() },
        };
        httpContext.Response.ContentType = "application/json; charset=utf-8";
        return JsonSerializer.SerializeAsync(httpContext.Response.Body, answer, options, httpContext.RequestAborted);
    }
}

/// <summary>A file of so many rows is not made: it would have to be cut.</summary>
sealed class TooManyRowsException(long rows) : Exception($"{rows} rows are too many for a file.")
{
    public long Rows { get; } = rows;
}
