using System.Text.Json;
using Dapper;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Reporting.Editions;

/// <summary>A record that came or changed after the edition before, as stored.</summary>
/// <param name="Entry">Of anything but a violation its kind.</param>
/// <param name="Kind"><c>crash</c>, <c>danger</c>, …; null of a violation.</param>
sealed record StoredLate(
    Guid RecordId, int Revision, DateOnly Day, string Status, string Entry, string Division, int? FormerRevision, string? FormerStatus, string? FormerEntry,
    long Value, string? Kind);

/// <summary>Likewise, as answered.</summary>
/// <param name="Value">Its share of the figure: 1; of the net change of the confirmed −1 where it is none any more.</param>
/// <param name="Change">Why it is late: <c>registered</c>, <c>withdrawn</c>, <c>reclassified</c>, <c>reviewed</c>; of a crash, danger, … also <c>changed</c>.</param>
/// <param name="Entry">Of anything but a violation its kind.</param>
sealed record LateItem(
    Guid RecordId, string Change, long Value, DateOnly Day, string Division, Title DivisionTitle, int? FormerRevision, string? FormerStatus, string? FormerEntry,
    Title? FormerTitle, int Revision, string Status, string Entry, Title Title, string Record);

/// <summary>A page of the records behind a figure of what came late; <paramref name="Total"/> is the figure.</summary>
/// <param name="Count">How many there are in all.</param>
/// <param name="Next">Address of the next page; null on the last.</param>
sealed record LateList(
    string Edition, string Division, Title DivisionTitle, string Figure, long AsOf, long Total, long Count, IReadOnlyList<LateItem> Items, string? Next);

sealed partial class EditionSnapshot
{
    // As EditionCounting sorts a late leaf into one of four.
    const string Change = """
        case when former_revision is null then 'registered'
             when status in ('voided', 'rejected') and former_status <> status then 'withdrawn'
             when entry <> former_entry then 'reclassified' else 'reviewed' end
        """;

    const string Net = "((status = 'confirmed')::int - (coalesce(former_status, '') = 'confirmed')::int)";

    /// <summary>The records behind a figure of a late row after a given one, and how much and how many there are in all.</summary>
    /// <param name="figure">One of <see cref="LateRow.Figures"/>.</param>
    public async Task<(long Total, long Count, IReadOnlyList<StoredLate> Page)> LateBehind(
        LateSince since, IReadOnlyList<string> divisions, string figure, Guid? after, int limit)
    {
        // Materialized: asked for a page alone it would be looked for in the order of ids through all that ever changed.
        var late = $"""
            with late (kind, record_id, revision, day, shift_date, status, entry, family, division, shift, source, vehicle_class, origin, items, points,
                       criminal_referral, former_revision, former_status, former_entry, former_family, overlays, counts, former_counts) as materialized ({Late(since, divisions, only: null)}),
            behind as (
                select record_id, revision, day, status, entry, division, former_revision, former_status, former_entry,
                       {(figure == "netConfirmed" ? Net : "1")}::bigint as value, null::text as kind
                from late
                where {figure switch { "total" => "true", "netConfirmed" => $"{Net} <> 0", _ => $"{Change} = @figure" }})
            """;
        var values = new { figure, after, limit };
        var (total, count) = await connection.QuerySingleAsync<(long, long)>(new CommandDefinition(
            $"{late} select coalesce(sum(value), 0)::bigint, count(*) from behind", values, transaction, cancellationToken: cancel));
        var page = await connection.QueryAsync<StoredLate>(new CommandDefinition(
            $"{late} select * from behind where @after::uuid is null or record_id > @after order by record_id limit @limit", values, transaction, cancellationToken: cancel));
        return (total, count, [.. page]);
    }

    // As EditionCounting sorts a late leaf of a crash, danger, … into one of three.
    const string ChangeOfActivity = """
        case when former_revision is null then 'registered' when status = 'voided' and former_status <> 'voided' then 'withdrawn' else 'changed' end
        """;

    /// <summary>Likewise the crashes, dangers, … of one kind.</summary>
    /// <param name="figure">One of <see cref="LateActivityRow.Figures"/>.</param>
    public async Task<(long Total, long Count, IReadOnlyList<StoredLate> Page)> LateActivitiesBehind(
        LateSince since, IReadOnlyList<string> divisions, string figure, string kind, Guid? after, int limit)
    {
        var late = $"""
            with late (late_kind, record_id, revision, day, shift_date, status, entry, family, division, shift, source, vehicle_class, origin, items, points,
                       criminal_referral, former_revision, former_status, former_entry, former_family, overlays, counts, former_counts) as materialized ({LateActivities(since, divisions)}),
            behind as (
                select record_id, revision, day, status, @kind as entry, division, former_revision, former_status,
                       case when former_revision is not null then @kind end as former_entry, 1::bigint as value, @kind as kind
                from late
                where late_kind = 'late-' || @kind and {(figure == "total" ? "true" : $"{ChangeOfActivity} = @figure")})
            """;
        var values = new { figure, kind, after, limit };
        var total = await connection.QuerySingleAsync<long>(new CommandDefinition(
            $"{late} select count(*) from behind", values, transaction, cancellationToken: cancel));
        var page = await connection.QueryAsync<StoredLate>(new CommandDefinition(
            $"{late} select * from behind where @after::uuid is null or record_id > @after order by record_id limit @limit", values, transaction, cancellationToken: cancel));
        return (total, total, [.. page]);
    }
}

/// <summary>The records behind each figure of what came late to an edition.</summary>
sealed class LateApi(EditionStore store, Divisions divisions, Titles titles, Words words)
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/v1/reports/editions/{edition}/late", List)
        .WithTags("Editions").Produces<LateList>().ProducesProblem(400).ProducesProblem(404);

    async Task<IResult> List(string edition, HttpContext http, CancellationToken cancel)
    {
        var language = Words.Language(http);
        var question = new ReportQuestion(http.Request.Query, divisions, words, language);
        question.OnlyKnows(["division", "figure", "of", "after", "limit", "lang"]);
        if (await store.Model(edition, cancel) is not { } bytes)
            return Bodies.Problem(StatusCodes.Status404NotFound, "urn:traffic:not-found", words.Get("reporting.edition.none", language));
        var model = JsonSerializer.Deserialize<EditionModel>(bytes, EditionModel.Json)!;
        var (division, figure, limit) = (question.One("division") ?? model.Division, question.One("figure") ?? "total", question.Limit());
        if (!model.Tree.ContainsKey(division))
            question.Fault("division", "reporting.division");
        var kind = question.One("of");
        if (kind is not null && !Enum.GetValues<ActivityKind>().Select(one => one.Word()).Contains(kind))
            question.Fault("of", "reporting.value", string.Join(", ", Enum.GetValues<ActivityKind>().Select(one => one.Word())));
        var figures = kind is null ? LateRow.Figures : LateActivityRow.Figures;
        if (!figures.Contains(figure))
            question.Fault("figure", "reporting.value", string.Join(", ", figures));
        Guid? after = Guid.TryParseExact(question.One("after"), "N", out var id) ? id : null;
        if (after is null && question.One("after") is not null)
            question.Fault("after", "reporting.after");
        if (question.Faults.Count > 0)
            return Bodies.Refused(new(question.Faults), words, language);

        var since = model.Previous is { } previous && await store.Find(previous.Edition, cancel) is { } before
            ? new LateSince(before.AsOf, DateTime.SpecifyKind(before.UnregisteredSince, DateTimeKind.Utc), model.From) : null;
        var (total, count, page, catalogue) = since is null ? (0, 0, [], null) : await store.At(model.AsOf, async snapshot =>
        {
            var (sum, many, some) = kind is null
                ? await snapshot.LateBehind(since, model.Tree[division], figure, after, limit + 1)
                : await snapshot.LateActivitiesBehind(since, model.Tree[division], figure, kind, after, limit + 1);
            return (sum, many, some, await ReportsApi.Catalogue(snapshot.Reports));
        }, cancel);
        return Results.Ok(new LateList(
            edition, division, titles.Division(division, null), figure, model.AsOf, total, count,
            [
                .. page.Take(limit).Select(one => new LateItem(
                    one.RecordId, ChangeOf(one), one.Value, one.Day, one.Division, titles.Division(one.Division, null), one.FormerRevision, one.FormerStatus,
                    one.FormerEntry, one.FormerEntry is null ? null : Named(one, one.FormerEntry, catalogue!), one.Revision, one.Status, one.Entry,
                    Named(one, one.Entry, catalogue!), $"/api/v1/{(one.Kind is { } of ? ActivityApi.Plural(of) : "violations")}/{one.RecordId}")),
            ],
            page.Count > limit ? $"{EditionCounting.LateLink(edition, division, figure, kind)}&limit={limit}&after={page[limit - 1].RecordId:N}" : null));
    }

    Title Named(StoredLate one, string entry, IReadOnlyDictionary<(string, string), Title> catalogue) =>
        one.Kind is null ? titles.Of("entry", entry, catalogue, null) : titles.Word($"reporting.activity.of.{entry}", entry);

    static string ChangeOf(StoredLate one) => one.Kind is not null ? EditionCounting.ChangeOf(one.FormerRevision, one.FormerStatus, one.Status)
        : EditionCounting.ChangeOf(one.FormerRevision, one.FormerStatus, one.FormerEntry, one.Status, one.Entry);
}
