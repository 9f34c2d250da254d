using System.Text.Json.Nodes;
using Npgsql;

namespace Traffic.Register;

/// <summary>A version as people see it.</summary>
/// <param name="Looked">How many of <paramref name="Records"/> have been looked at again.</param>
/// <param name="Moved">What it changed; null until all is decided again.</param>
sealed record VersionAnswer(
    int Id, string Version, string Kind, int? Supersedes, int? Restores, DateOnly? ChangesFrom, bool Retroactive, DateTime ReleasedAt,
    string ReleasedBy, string? SecondPerson, string Reason, string State, bool InForce, long Looked, long Records, DateTime? DoneAt, JsonNode? Moved);

/// <summary>A preview as people see it.</summary>
/// <param name="Catalogue">The version that was in force when it was asked for.</param>
/// <param name="State"><c>running</c>, <c>done</c>, <c>failed</c>, or <c>abandoned</c>: its process is gone.</param>
sealed record PreviewAnswer(
    Guid PreviewId, int Catalogue, string Version, DateOnly? ChangesFrom, long AsOf, DateTime AskedAt, string State, long Done, long Records,
    JsonNode? Moved, string? Fault);

/// <summary>What was released and what was only tried, for people to see.</summary>
sealed class CatalogueVersions(NpgsqlDataSource database)
{
    const string ReadVersions = """
        select c.id, c.version, c.kind, c.supersedes, c.restores, c.changes_from, c.retroactive, c.released_at, c.released_by, c.second_person,
               c.reason, c.state, c.id = (select max(id) from register.catalogue),
               case when c.state = 'done' then c.records else coalesce(
                   (select sum(w.records) from register.catalogue_work w where w.catalogue = c.id and w.done_at is not null), 0)::bigint end,
               c.records, c.done_at, case when $2 then c.moved::text end
        from register.catalogue c
        where $1::int is null or c.id = $1
        order by c.id desc
        """;

    /// <summary>All versions, the newest first; or one.</summary>
    /// <param name="whole">With what each moved.</param>
    public async Task<List<VersionAnswer>> Versions(int? id, bool whole, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(ReadVersions);
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)id ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Integer });
        command.Parameters.Add(new() { Value = whole });
        await using var row = await command.ExecuteReaderAsync(cancel);
        var versions = new List<VersionAnswer>();
        while (await row.ReadAsync(cancel))
            versions.Add(new VersionAnswer(
                row.GetInt32(0), row.GetString(1), row.GetString(2), Of<int>(row, 3), Of<int>(row, 4), Of<DateOnly>(row, 5), row.GetBoolean(6),
                row.GetDateTime(7), row.GetString(8), Text(row, 9), row.GetString(10), row.GetString(11), row.GetBoolean(12), row.GetInt64(13),
                row.GetInt64(14), Of<DateTime>(row, 15), Json(row, 16)));
        return versions;
    }

    const string ReadPreviews = """
        select preview_id, catalogue, version, changes_from, as_of, asked_at,
               case when state = 'running' and touched_at < clock_timestamp() - interval '1 minute' then 'abandoned' else state end,
               done, records, case when $2 then moved::text end, fault
        from register.catalogue_preview
        where $1::uuid is null or preview_id = $1
        order by asked_at desc
        limit 50
        """;

    /// <summary>The newest previews, or one.</summary>
    public async Task<List<PreviewAnswer>> Previews(Guid? id, bool whole, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(ReadPreviews);
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)id ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid });
        command.Parameters.Add(new() { Value = whole });
        await using var row = await command.ExecuteReaderAsync(cancel);
        var previews = new List<PreviewAnswer>();
        while (await row.ReadAsync(cancel))
            previews.Add(new PreviewAnswer(
                row.GetGuid(0), row.GetInt32(1), row.GetString(2), Of<DateOnly>(row, 3), row.GetInt64(4), row.GetDateTime(5), row.GetString(6),
                row.GetInt64(7), row.GetInt64(8), Json(row, 9), Text(row, 10)));
        return previews;
    }

    static T? Of<T>(NpgsqlDataReader row, int column) where T : struct => row.IsDBNull(column) ? null : row.GetFieldValue<T>(column);

    static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    static JsonNode? Json(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : JsonNode.Parse(row.GetString(column));
}
