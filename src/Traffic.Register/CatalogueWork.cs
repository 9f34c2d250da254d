using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Traffic.Contracts;

namespace Traffic.Register;

/// <summary>A chunk somebody has claimed.</summary>
sealed record ClaimedChunk(int Number, Chunk Chunk);

/// <summary>Every SQL statement on what a release still has to decide again. All run in the caller's transaction.</summary>
static class CatalogueWork
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    const string HoldPlanned = "select 1 from register.catalogue where id = $1 and state = 'planned' for update";

    const string PutChunks = $"""
        insert into register.catalogue_work (catalogue, chunk, from_position, until_position, records)
        select $1, row_number() over (order by from_position), from_position, until_position, records from ({StoredHistory.Chunks}) c
        """;

    const string BeginWork = """
        update register.catalogue set state = 'reDeciding',
            records = (select coalesce(sum(records), 0) from register.catalogue_work where catalogue = $1)
        where id = $1
        """;

    /// <summary>
    /// Cuts the history into chunks, once. Whatever was decided by an older version was in the log before the switch, so it is
    /// visible here; what came later and is cut in too is decided again to no effect.
    /// </summary>
    public static async Task Plan(NpgsqlConnection connection, int id, CancellationToken cancel)
    {
        if (await Scalar(connection, HoldPlanned, cancel, id) is null)
            return;
        await Scalar(connection, PutChunks, cancel, id);
        await Scalar(connection, BeginWork, cancel, id);
    }

    const string ClaimChunk = """
        update register.catalogue_work w set done_at = clock_timestamp()
        where w.catalogue = $1 and w.chunk = (
            select chunk from register.catalogue_work where catalogue = $1 and done_at is null order by chunk limit 1 for update skip locked)
        returning w.chunk, w.from_position, w.until_position, w.records
        """;

    /// <summary>Takes a chunk that nobody holds; it is done if the transaction commits. Null if there is none left to take.</summary>
    public static async Task<ClaimedChunk?> Claim(NpgsqlConnection connection, int id, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(ClaimChunk, connection) { Parameters = { new() { Value = id } } };
        await using var row = await command.ExecuteReaderAsync(cancel);
        return await row.ReadAsync(cancel)
            ? new ClaimedChunk(row.GetInt32(0), new Chunk(row.GetInt64(1), row.GetInt64(2), row.GetInt64(3))) : null;
    }

    const string NoteChunk = "update register.catalogue_work set began_position = $3, moved = $4::jsonb where catalogue = $1 and chunk = $2";

    /// <param name="began">The log row of the revisions it began; null if there are none.</param>
    public static async Task Note(NpgsqlConnection connection, int id, int chunk, long? began, CatalogueMoves moved, CancellationToken cancel) =>
        await Scalar(connection, NoteChunk, cancel, id, chunk, began, JsonSerializer.Serialize(moved, Json));

    const string PutDriverWork = """
        insert into register.catalogue_driver_work (catalogue, driver_key, record_id, received_at, line)
        select $1, * from unnest($2, $3, $4, $5)
        """;

    /// <summary>Sets records aside until all chunks are done.</summary>
    public static async Task SetAside(NpgsqlConnection connection, int id, IReadOnlyCollection<PastRecord> records, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(PutDriverWork, connection)
        {
            Parameters =
            {
                new() { Value = id },
                new() { Value = records.Select(one => one.Stored.DriverKey!.Value).ToArray() },
                new() { Value = records.Select(one => one.Stored.RecordId).ToArray() },
                new() { Value = records.Select(one => one.Stored.ReceivedAt).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz },
                new() { Value = records.Select(one => one.Line.ToArray()).ToArray() },
            },
        };
        await command.ExecuteNonQueryAsync(cancel);
    }

    const string TryToBeTheOne = "select pg_try_advisory_xact_lock($1, $2)";

    const string ChunksLeft = "select 1 from register.catalogue_work where catalogue = $1 and done_at is null limit 1";

    /// <summary>Every chunk is done: somebody's transaction may still hold the last ones.</summary>
    public static async Task<bool> ChunksDone(NpgsqlConnection connection, int id, CancellationToken cancel) =>
        await Scalar(connection, ChunksLeft, cancel, id) is null;

    const string TakeDriverWork = """
        delete from register.catalogue_driver_work
        where catalogue = $1 and driver_key in (
            select driver_key from (select distinct driver_key from register.catalogue_driver_work where catalogue = $1) d order by 1 limit 500)
        returning driver_key, record_id, line
        """;

    /// <summary>
    /// The records set aside of some drivers, gone from there if the transaction commits; none when all are done; null while
    /// another process is at it.
    /// </summary>
    public static async Task<List<(Guid Driver, Guid RecordId, ReportedViolation Reported)>?> TakeDrivers(
        NpgsqlConnection connection, int id, CancellationToken cancel)
    {
        if (await Scalar(connection, TryToBeTheOne, cancel, RunningCatalogue.LockClass, 2) is not true)
            return null;
        await using var command = new NpgsqlCommand(TakeDriverWork, connection) { Parameters = { new() { Value = id } } };
        await using var row = await command.ExecuteReaderAsync(cancel);
        var taken = new List<(Guid, Guid, ReportedViolation)>();
        while (await row.ReadAsync(cancel))
            taken.Add((row.GetGuid(0), row.GetGuid(1),
                JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(2), TrafficJson.Plain.ReportedViolation)!));
        return taken;
    }

    const string PutDoneChunk = """
        insert into register.catalogue_work (catalogue, chunk, from_position, until_position, records, done_at)
        select $1, coalesce(max(chunk), 0) + 1, 0, 0, 0, clock_timestamp() from register.catalogue_work where catalogue = $1
        returning chunk
        """;

    /// <summary>A chunk of its own for what was set aside: number under which to note what it moved.</summary>
    public static async Task<int> PutDone(NpgsqlConnection connection, int id, CancellationToken cancel) =>
        (int)(await Scalar(connection, PutDoneChunk, cancel, id))!;

    const string HoldDeciding = "select 1 from register.catalogue where id = $1 and state = 'reDeciding' for update";
    const string AllMoved = "select moved::text from register.catalogue_work where catalogue = $1 and moved is not null order by chunk";
    const string EndWork = "update register.catalogue set state = 'done', done_at = clock_timestamp(), moved = $2::jsonb where id = $1";

    /// <summary>Nothing is left: adds up what was moved.</summary>
    public static async Task End(NpgsqlConnection connection, int id, CancellationToken cancel)
    {
        if (await Scalar(connection, HoldDeciding, cancel, id) is null)
            return;
        var all = new CatalogueMoves();
        await using (var command = new NpgsqlCommand(AllMoved, connection) { Parameters = { new() { Value = id } } })
        await using (var row = await command.ExecuteReaderAsync(cancel))
            while (await row.ReadAsync(cancel))
                all.Add(JsonSerializer.Deserialize<CatalogueMoves>(row.GetString(0), Json)!);
        await Scalar(connection, EndWork, cancel, id, JsonSerializer.Serialize(all.InOrder(), Json));
    }

    const string HoldById = """
        select v.record_id, v.revision
        from (select * from unnest($1, $2) as asked (record_id, received_at) order by 1) asked
        cross join lateral (
            select v.record_id, v.revision from register.violation v
            where v.record_id = asked.record_id and v.received_at = asked.received_at for update) v
        """;

    /// <summary>Holds records in the order of their ids until the transaction ends; tells the revision of each.</summary>
    public static async Task<Dictionary<Guid, int>> Hold(NpgsqlConnection connection, IReadOnlyCollection<StoredRow> rows, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(HoldById, connection)
        {
            Parameters =
            {
                new() { Value = rows.Select(row => row.RecordId).ToArray() },
                new() { Value = rows.Select(row => row.ReceivedAt).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz },
            },
        };
        await using var row = await command.ExecuteReaderAsync(cancel);
        var revisions = new Dictionary<Guid, int>(rows.Count);
        while (await row.ReadAsync(cancel))
            revisions[row.GetGuid(0)] = row.GetInt32(1);
        return revisions;
    }

    const string FormerOfRecords = """
        select f.record_id, f.status, f.entry, f.family, f.division, f.day, f.shift_date, f.shift, f.source, f.vehicle_class, f.origin, f.items,
               f.reason, f.points, f.fine_min, f.fine_max, coalesce(f.criminal_referral, false), f.law_edition, f.catalogue_version, f.trace, f.revision, f.overlays
        from unnest($1, $2) as asked (record_id, received_at)
        cross join lateral (
            select v.began_position, v.revision from register.violation v
            where v.record_id = asked.record_id and v.received_at = asked.received_at limit 1) v
        join register.catalogue_work w on w.began_position = v.began_position and w.catalogue = $3
        join register.former_standing f on f.record_id = asked.record_id and f.revision = v.revision - 1
        """;

    /// <summary>What stood before a version, of those records whose present revision that version began.</summary>
    public static async Task<Dictionary<Guid, Standing>> Former(
        NpgsqlConnection connection, IReadOnlyCollection<StoredRow> rows, int undone, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(FormerOfRecords, connection)
        {
            Parameters =
            {
                new() { Value = rows.Select(row => row.RecordId).ToArray() },
                new() { Value = rows.Select(row => row.ReceivedAt).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz },
                new() { Value = undone },
            },
        };
        await using var row = await command.ExecuteReaderAsync(cancel);
        var former = new Dictionary<Guid, Standing>();
        while (await row.ReadAsync(cancel))
            former[row.GetGuid(0)] = RegisterStore.Former(row);
        return former;
    }

    // Records are few against the history: the planner, which knows no chunk, must not scan it.
    const string ByIndex = "set local enable_hashjoin = off; set local enable_mergejoin = off; set local enable_seqscan = off";

    public static async Task PlanByIndex(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(ByIndex, connection);
        await command.ExecuteNonQueryAsync(cancel);
    }

    static async Task<object?> Scalar(NpgsqlConnection connection, string sql, CancellationToken cancel, params object?[] values)
    {
#pragma warning disable CA2100 // one of the constants above
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 600 };
#pragma warning restore CA2100
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        return await command.ExecuteScalarAsync(cancel);
    }
}
