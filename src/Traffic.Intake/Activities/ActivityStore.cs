using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Intake.Activities;

/// <summary>Reports as they stand in the log, without what is sealed.</summary>
sealed class FoundReports
{
    readonly Dictionary<(Guid, int), ReportedActivity> all = [];
    readonly Dictionary<Guid, ReportedActivity> last = [];

    public ReportedActivity? At(Guid activityId, int revision) => all.GetValueOrDefault((activityId, revision));

    public ReportedActivity? Last(Guid activityId) => last.GetValueOrDefault(activityId);

    public void Add(ReportedActivity report)
    {
        all.TryAdd((report.ActivityId, report.Revision), report);
        if (!last.TryGetValue(report.ActivityId, out var known) || known.Revision < report.Revision)
            last[report.ActivityId] = report;
    }
}

/// <summary>A report as it stands in the log, with its receipt and its key.</summary>
sealed record LoggedReport(Guid RecordId, int Revision, ReadOnlyMemory<byte> Line, StoredKey Key);

/// <summary>The SQL statements of intake on what is counted beside violations; the commits are <see cref="ViolationStore"/>'s.</summary>
sealed class ActivityStore(NpgsqlDataSource database)
{
    const string LinesOfRevisions = """
        select k.item, l.body
        from (select r.record_id from unnest($1, $2) as asked (activity_id, revision) join intake.revision r using (activity_id, revision)
              union
              select r.record_id from unnest($3) as point (activity_id)
              cross join lateral (select record_id from intake.revision r where r.activity_id = point.activity_id order by revision desc limit 1) r) reports
        join intake.key k on k.record_id = reports.record_id
        join platform.log l on l.position = k.position and l.created_at = k.received_at
        """;

    /// <summary>The named revisions, and the last one of each point.</summary>
    public async Task<FoundReports> Find(IReadOnlyList<(Guid ActivityId, int Revision)> revisions, IReadOnlyList<Guid> points, CancellationToken cancel)
    {
        var found = new FoundReports();
        if (revisions.Count + points.Count == 0)
            return found;
        await using var command = database.CreateCommand(LinesOfRevisions);
        command.Parameters.Add(new() { Value = revisions.Select(one => one.ActivityId).ToArray() });
        command.Parameters.Add(new() { Value = revisions.Select(one => one.Revision).ToArray() });
        command.Parameters.Add(new() { Value = points.Distinct().ToArray() });
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            found.Add(JsonSerializer.Deserialize(
                Log.Lines(row.GetFieldValue<byte[]>(1)).ElementAt(row.GetInt32(0)).Span, TrafficJson.Plain.ReportedActivity)!);
        return found;
    }

    const string KnownKeys = "select k.record_id from unnest($1) as asked (record_id) join intake.key k using (record_id)";

    /// <summary>Those of the ids that some record has.</summary>
    public async Task<HashSet<Guid>> FindKeysOf(Guid[] recordIds, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(KnownKeys);
        command.Parameters.Add(new() { Value = recordIds });
        await using var row = await command.ExecuteReaderAsync(cancel);
        var known = new HashSet<Guid>();
        while (await row.ReadAsync(cancel))
            known.Add(row.GetGuid(0));
        return known;
    }

    const string ReportsOfActivity = """
        select r.record_id, r.revision, k.item, l.body, k.digest, k.data_key, l.first_sequence + k.item, k.received_at
        from intake.revision r
        join intake.key k on k.record_id = r.record_id
        join platform.log l on l.position = k.position and l.created_at = k.received_at
        where r.activity_id = $1 and r.kind = $2
        order by r.revision
        """;

    /// <summary>Every report about one thing, the first one first; none where there is no such thing of this kind.</summary>
    public async Task<List<LoggedReport>> Reports(Guid activityId, ActivityKind kind, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(ReportsOfActivity);
        command.Parameters.Add(new() { Value = activityId });
        command.Parameters.Add(new() { Value = kind.Word() });
        await using var row = await command.ExecuteReaderAsync(cancel);
        var reports = new List<LoggedReport>();
        while (await row.ReadAsync(cancel))
            reports.Add(new LoggedReport(
                row.GetGuid(0), row.GetInt32(1), Log.Lines(row.GetFieldValue<byte[]>(3)).ElementAt(row.GetInt32(2)),
                new StoredKey(row.GetFieldValue<byte[]>(4), await row.IsDBNullAsync(5, cancel) ? null : row.GetFieldValue<byte[]>(5), row.GetInt64(6), row.GetDateTime(7))));
        return reports;
    }

    const string StandingOfActivity = """
        select jsonb_build_object('revision', a.revision, 'status', a.status, 'day', a.day, 'division', a.division, 'counts',
            coalesce((select jsonb_agg(jsonb_build_object('cube', c.cube, 'day', c.day, 'keys', c.keys, 'value', c.value) order by c.cube, c.day, c.keys)
                      from register.published_activity_count c where c.activity_id = a.activity_id and c.revision = a.revision), '[]'))
        from register.published_activity a where a.activity_id = $1
        """;

    /// <summary>What the Register published about it, and what it counts for; null before it is registered.</summary>
    public async Task<JsonNode?> Standing(Guid activityId, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(StandingOfActivity);
        command.Parameters.Add(new() { Value = activityId });
        return await command.ExecuteScalarAsync(cancel) is string standing ? JsonNode.Parse(standing) : null;
    }

    const string ListOfKind = """
        select jsonb_build_object('activityId', a.activity_id, 'revision', a.revision, 'status', a.status, 'division', a.division, 'day', a.day,
                                  'occurredAt', a.occurred_at, 'unitCode', a.unit_code, 'sessionId', a.session_id, 'origin', a.origin, 'detail', a.detail -> a.kind)
        from register.published_activity a
        where a.kind = $1 and ($2::text[] is null or a.division = any($2)) and a.day between $3 and $4
          and ($5::uuid is null or (a.day, a.activity_id) < ($6, $5)) and ($8::text is null or a.session_id = $8)
        order by a.day desc, a.activity_id desc
        limit $7
        """;

    /// <summary>A page of what is registered, the newest day first.</summary>
    /// <param name="after">The last one of the page before; null for the first page.</param>
    public async Task<List<JsonNode>> List(
        ActivityKind kind, string[]? divisions, string? sessionId, DateOnly from, DateOnly to, (DateOnly Day, Guid Id)? after, int limit, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(ListOfKind);
        command.Parameters.Add(new() { Value = kind.Word() });
        command.Parameters.Add(new() { Value = (object?)divisions ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Array | NpgsqlTypes.NpgsqlDbType.Text });
        command.Parameters.Add(new() { Value = from });
        command.Parameters.Add(new() { Value = to });
        command.Parameters.Add(new() { Value = (object?)after?.Id ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Uuid });
        command.Parameters.Add(new() { Value = (object?)after?.Day ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Date });
        command.Parameters.Add(new() { Value = limit });
        command.Parameters.Add(new() { Value = (object?)sessionId ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        await using var row = await command.ExecuteReaderAsync(cancel);
        var page = new List<JsonNode>();
        while (await row.ReadAsync(cancel))
            page.Add(JsonNode.Parse(row.GetString(0))!);
        return page;
    }
}
