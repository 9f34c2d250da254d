using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using Traffic.Catalogue;
using Traffic.Platform;

namespace Traffic.Register;

/// <summary>Says in sentences why a record was decided as it was, at each of its revisions.</summary>
sealed class ExplanationsApi(IDatabases databases, RunningCatalogue catalogues, ImportMaps maps)
{
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/violations/{recordId:guid}/explanation", Explained).WithTags("Violations").ProducesProblem(404);

    const string TracesOfRecord = """
        select h.revision, h.entry, h.trace, h.catalogue_version, coalesce(e.zh, h.entry) as zh, coalesce(e.en, h.entry) as en,
               (select feed_id from register.violation v where v.record_id = $1) as feed, h.overlays
        from (select revision, entry, trace, catalogue_version, overlays from register.violation where record_id = $1
              union all
              select revision, entry, trace, catalogue_version, overlays from register.former_standing where record_id = $1) h
        left join lateral (select zh, en from register.catalogue_entry c where c.entry = h.entry order by c.edition desc limit 1) e on true
        order by h.revision
        """;

    async Task<IResult> Explained(Guid recordId, HttpContext http, CancellationToken cancel)
    {
        var language = Words.Language(http);
        var revisions = new List<object>();
        await using var command = databases.Of("register").CreateCommand(TracesOfRecord);
        command.Parameters.Add(new NpgsqlParameter { Value = recordId });
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
        {
            var catalogue = await catalogues.Of(row.GetString(3), cancel);
            var map = ImportMaps.OriginOf(row.IsDBNull(6) ? null : row.GetString(6)) is { } origin ? maps.Find(origin) : null;
            revisions.Add(new
            {
                revision = row.GetInt32(0), entry = row.GetString(1), entryTitle = new { zh = row.GetString(4), en = row.GetString(5) },
                sentences = Explain.Sentences(row.GetString(2), language, catalogue, map?.Kinds),
                // A rule's tag says more than that of its kind, which stands before it.
                tags = row.GetString(7).Split(',').Where(tag => tag.Contains('.', StringComparison.Ordinal))
                    .Select(tag => catalogue.OverlayWords.FirstOrDefault(word => word.Id == tag) ?? new NamedWord(tag, tag, tag)),
            });
        }
        return revisions.Count == 0 ? Results.Problem(statusCode: StatusCodes.Status404NotFound) : Results.Ok(new { recordId, revisions });
    }
}
