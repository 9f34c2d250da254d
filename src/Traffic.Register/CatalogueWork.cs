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

    // Whoever decided about a driver since the switch has noted him already.
    const string PutDrivers = $"""
        insert into register.catalogue_driver (catalogue, driver_key) select $1, driver_key from ({StoredHistory.DriversWithPast}) d order by 2
        on conflict (catalogue, driver_key) do nothing
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
        await Scalar(connection, PutDrivers, cancel, id);
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

    const string DriversOf = "select driver_key from register.catalogue_driver where catalogue = $1 and driver_key = any($2)";

    /// <summary>Those of these drivers who have more than one record, as far as is known.</summary>
    public static async Task<HashSet<Guid>> WithPast(NpgsqlConnection connection, int id, Guid[] drivers, CancellationToken cancel) =>
        [.. drivers.Length == 0 ? [] : await Keys(connection, DriversOf, cancel, id, drivers)];

    const string PutNoted = """
        insert into register.catalogue_driver (catalogue, driver_key, noted) select $1, k, true from (select unnest($2) as k order by 1) d
        on conflict (catalogue, driver_key) do nothing
        """;

    /// <summary>
    /// Somebody decides about these drivers while a release still decides again: what he saw of them may not be the last word, so
    /// they are looked at when the chunks are done.
    /// </summary>
    public static async Task NoteDrivers(NpgsqlConnection connection, int id, IReadOnlyCollection<Guid> drivers, CancellationToken cancel) =>
        await Scalar(connection, PutNoted, cancel, id, drivers.ToArray());

    const string TryToBeTheOne = "select pg_try_advisory_xact_lock($1, $2)";

    /// <summary>One process at a time decides about what was set aside.</summary>
    public static async Task<bool> IsTheOne(NpgsqlConnection connection, CancellationToken cancel) =>
        await Scalar(connection, TryToBeTheOne, cancel, RunningCatalogue.LockClass, 2) is true;

    const string ChunksLeft = "select 1 from register.catalogue_work where catalogue = $1 and done_at is null limit 1";

    /// <summary>Every chunk is done: somebody's transaction may still hold the last ones.</summary>
    public static async Task<bool> ChunksDone(NpgsqlConnection connection, int id, CancellationToken cancel) =>
        await Scalar(connection, ChunksLeft, cancel, id) is null;

    // From each of the two the first by their index: which drivers come first does not matter.
    const string NextDrivers = """
        select driver_key from (
            (select driver_key from register.catalogue_driver_work where catalogue = $1 order by driver_key limit 2000)
            union
            (select driver_key from register.catalogue_driver where catalogue = $1 and noted order by driver_key limit 500)) next
        order by driver_key limit 500
        """;

    const string TakeWork = """
        delete from register.catalogue_driver_work where catalogue = $1 and driver_key = any($2) returning record_id, line
        """;

    const string TakeNoted = "delete from register.catalogue_driver where catalogue = $1 and driver_key = any($2) and noted";

    /// <summary>Some drivers about whom there is something left to decide; none when all is done.</summary>
    public static Task<List<Guid>> Next(NpgsqlConnection connection, int id, CancellationToken cancel) => Keys(connection, NextDrivers, cancel, id);

    /// <summary>Their records that were set aside: gone from there, as the drivers are, if the transaction commits. The caller holds the drivers.</summary>
    public static async Task<Dictionary<Guid, ReportedViolation>> Take(
        NpgsqlConnection connection, int id, IReadOnlyCollection<Guid> drivers, CancellationToken cancel)
    {
        await Scalar(connection, TakeNoted, cancel, id, drivers.ToArray());
        var aside = new Dictionary<Guid, ReportedViolation>();
        await using var command = new NpgsqlCommand(TakeWork, connection) { Parameters = { new() { Value = id }, new() { Value = drivers.ToArray() } } };
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            aside[row.GetGuid(0)] = JsonSerializer.Deserialize(row.GetFieldValue<byte[]>(1), TrafficJson.Plain.ReportedViolation)!;
        return aside;
    }

    const string NotedLeft = "select 1 from register.catalogue_driver where catalogue = $1 and noted limit 1";

    /// <summary>Waits until nobody is deciding: whoever noted a driver until then is seen.</summary>
    public static async Task<bool> IsQuiet(NpgsqlConnection connection, int id, CancellationToken cancel)
    {
        await Scalar(connection, CatalogueReleases.Patience, cancel);
        await CatalogueStore.LockForSwitch(connection, cancel);
        return await Scalar(connection, NotedLeft, cancel, id) is null;
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
    const string ForgetDrivers = "delete from register.catalogue_driver where catalogue = $1";
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
        await Scalar(connection, ForgetDrivers, cancel, id);
        await Scalar(connection, EndWork, cancel, id, JsonSerializer.Serialize(all.InOrder(), Json));
    }

    const string BeganOf = "select began_position from register.catalogue_work where catalogue = $1 and began_position is not null";

    // A version may have begun two revisions of one record: the first decided what came in beside it, the second its driver.
    const string FormerOfRecords = """
        select f.record_id, f.status, f.entry, f.family, f.division, f.day, f.shift_date, f.shift, f.source, f.vehicle_class, f.origin, f.items,
               f.reason, f.points, f.fine_min, f.fine_max, coalesce(f.criminal_referral, false), f.law_edition, f.catalogue_version, f.trace, f.revision, f.overlays, f.unit_code
        from unnest($1, $2) as asked (record_id, revision)
        cross join lateral (
            select * from register.former_standing f
            where f.record_id = asked.record_id and f.revision < asked.revision and f.began_position <> all($3)
            order by f.revision desc limit 1) f
        """;

    /// <summary>What stood before a version, of those records whose present revision that version began.</summary>
    public static async Task<Dictionary<Guid, Standing>> Former(
        NpgsqlConnection connection, IReadOnlyCollection<StoredRow> rows, int undone, CancellationToken cancel)
    {
        var began = new HashSet<long>();
        await using (var positions = new NpgsqlCommand(BeganOf, connection) { Parameters = { new() { Value = undone } } })
        await using (var row = await positions.ExecuteReaderAsync(cancel))
            while (await row.ReadAsync(cancel))
                began.Add(row.GetInt64(0));
        var asked = rows.Where(row => began.Contains(row.BeganPosition)).ToList();
        var former = new Dictionary<Guid, Standing>(asked.Count);
        if (asked.Count == 0)
            return former;
        await using var command = new NpgsqlCommand(FormerOfRecords, connection)
        {
            Parameters =
            {
                new() { Value = asked.ConvertAll(row => row.RecordId) }, new() { Value = asked.ConvertAll(row => row.Standing.Revision) },
                new() { Value = began.ToArray() },
            },
        };
        await using (var row = await command.ExecuteReaderAsync(cancel))
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

    static async Task<List<Guid>> Keys(NpgsqlConnection connection, string sql, CancellationToken cancel, params object[] values)
    {
#pragma warning disable CA2100 // one of the constants above
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        await using var row = await command.ExecuteReaderAsync(cancel);
        var keys = new List<Guid>();
        while (await row.ReadAsync(cancel))
            keys.Add(row.GetGuid(0));
        return keys;
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
