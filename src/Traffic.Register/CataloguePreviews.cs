using System.Collections.Concurrent;
using System.Data;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Traffic.Catalogue;
using Traffic.Platform;

namespace Traffic.Register;

/// <summary>Runs a changed catalogue over all stored history in one snapshot, touches nothing of it, and keeps what would move.</summary>
sealed class CataloguePreviews(IDatabases databases, RunningCatalogue running, Cubes cubes, TimeProvider clock)
{
    const string PutPreview = """
        insert into register.catalogue_preview (
            preview_id, catalogue, version, changes_from, as_of, asked_at, state, records, done, touched_at)
        values ($1, $2, $3, $4, 0, $5, 'running', 0, 0, $5)
        """;

    const string PutFiles = "insert into register.catalogue_preview_file (preview_id, name, bytes) select $1, * from unnest($2, $3)";

    /// <summary>Notes that it was asked for, with the files it is about.</summary>
    public async Task<Guid> Begin(ChangedCatalogue changed, CancellationToken cancel)
    {
        var id = Guid.CreateVersion7(clock.GetUtcNow());
        await using var connection = await databases.Of("register").OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await Execute(connection, PutPreview, cancel, id, changed.InForce.Id, changed.Catalogue.Version, changed.ChangesFrom, clock.GetUtcNow().UtcDateTime);
        await Execute(connection, PutFiles, cancel, id, changed.Files.Select(file => file.Name).ToArray(), changed.Files.Select(file => file.Bytes).ToArray());
        await transaction.CommitAsync(cancel);
        return id;
    }

    const string AsOf = "select records from platform.stream where stream = 'register'";
    const string Snapshot = "select pg_export_snapshot()";
    const string Started = "update register.catalogue_preview set records = $2, as_of = $3, touched_at = clock_timestamp() where preview_id = $1";
    const string Done = """
        update register.catalogue_preview set state = 'done', done = $2, moved = $3::jsonb, touched_at = clock_timestamp() where preview_id = $1
        """;
    const string Failed = """
        update register.catalogue_preview set state = 'failed', fault = $2, touched_at = clock_timestamp() where preview_id = $1 and state = 'running'
        """;

    /// <summary>Counts it. Whatever ends it is noted.</summary>
    /// <param name="workers">Runs of the log at a time.</param>
    public async Task<CatalogueMoves> Run(Guid id, ChangedCatalogue changed, int workers, CancellationToken cancel)
    {
        try
        {
            await using var connection = await databases.Of("register").OpenConnectionAsync(cancel);
            await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
            var asOf = (long)(await Execute(connection, AsOf, cancel))!;
            var snapshot = (string)(await Execute(connection, Snapshot, cancel))!;
            var chunks = await Chunks(connection, cancel);
            await ExecuteAlone(Started, cancel, id, chunks.Sum(chunk => chunk.Records), asOf);

            var withPast = await DriversWithPast(connection, cancel);
            var (moved, cells) = await Count(id, running.By(changed.Catalogue), snapshot, chunks, withPast, workers, cancel);
            await using (var keep = await databases.Of("register").OpenConnectionAsync(cancel))
            await using (var kept = await keep.BeginTransactionAsync(cancel))
            {
                await KeepCells(keep, id, cells, cancel);
                await Execute(keep, Done, cancel, id, moved.Examined, JsonSerializer.Serialize(moved, CatalogueWork.Json));
                await kept.CommitAsync(cancel);
            }
            return moved;
        }
        catch (Exception fault)
        {
            await ExecuteAlone(Failed, CancellationToken.None, id, fault.GetType().Name);
            throw;
        }
    }

    async Task<(CatalogueMoves Moved, Dictionary<(string, DateOnly, string, string), long> Cells)> Count(
        Guid id, Decider decider, string snapshot, List<Chunk> chunks, HashSet<Guid> withPast, int workers, CancellationToken cancel)
    {
        var (left, aside, done) = (new ConcurrentQueue<Chunk>(chunks), new ConcurrentBag<PastRecord>(), 0L);
        var counted = await Task.WhenAll(Enumerable.Range(0, workers).Select(_ => Task.Run(async () =>
        {
            var (moved, moves) = (new CatalogueMoves(), new CellMoves(cubes));
            await using var connection = await databases.Of("register").OpenConnectionAsync(cancel);
            await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
            await See(connection, snapshot, cancel);
            await CatalogueWork.PlanByIndex(connection, cancel);
            while (left.TryDequeue(out var chunk))
            {
                foreach (var past in await StoredHistory.Read(connection, chunk, cancel))
                {
                    moved.Examined++;
                    var decided = decider.Again(past.Stored, past.Reported);
                    if (StoredHistory.HangsOnHistory(decider, past, decided, withPast))
                        aside.Add(past with { Line = default });
                    else if (Next(decider, past.Stored, decided) is { } next)
                        Move(moved, moves, past.Stored, next);
                }
                await Progress(id, Interlocked.Add(ref done, chunk.Records), cancel);
            }
            return (moved, moves);
        }, cancel)));

        var (all, last) = (new CatalogueMoves(), new CellMoves(cubes));
        foreach (var driver in aside.GroupBy(past => past.Stored.DriverKey!.Value))
            foreach (var (row, next) in StoredHistory.OfDriver(decider, driver, (row, decided) => Next(decider, row, decided)))
                Move(all, last, row, next);
        var cells = new Dictionary<(string, DateOnly, string, string), long>();
        foreach (var (moved, _) in counted)
            all.Add(moved);
        foreach (var (cell, by) in counted.SelectMany(one => one.moves.Cells()).Concat(last.Cells()))
            cells[cell] = cells.GetValueOrDefault(cell) + by;
        return (all.InOrder(), cells);
    }

    static Standing? Next(Decider decider, StoredRow row, Standing decided) =>
        Reclassify.Of(row.Standing, decided, StoredHistory.OfPerson(decider, row, row.Standing), row.DriverKey is not null, Reclassify.Released);

    static void Move(CatalogueMoves moved, CellMoves cells, StoredRow row, Standing next)
    {
        moved.Add(row.RecordId, row.Standing, next);
        cells.Add(row.Standing, -1);
        cells.Add(next, +1);
    }

    /// <summary>Sees what another transaction sees.</summary>
    static async Task See(NpgsqlConnection connection, string snapshot, CancellationToken cancel)
    {
#pragma warning disable CA2100 // the name of a snapshot, from the server itself; it cannot be a parameter
        await using var command = new NpgsqlCommand($"set transaction snapshot '{snapshot}'", connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancel);
    }

    static async Task<List<Chunk>> Chunks(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(StoredHistory.Chunks, connection) { CommandTimeout = 600 };
        await using var row = await command.ExecuteReaderAsync(cancel);
        var chunks = new List<Chunk>();
        while (await row.ReadAsync(cancel))
            chunks.Add(new Chunk(row.GetInt64(0), row.GetInt64(1), row.GetInt64(2)));
        return chunks;
    }

    static async Task<HashSet<Guid>> DriversWithPast(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(StoredHistory.DriversWithPast, connection) { CommandTimeout = 600 };
        await using var row = await command.ExecuteReaderAsync(cancel);
        var drivers = new HashSet<Guid>();
        while (await row.ReadAsync(cancel))
            drivers.Add(row.GetGuid(0));
        return drivers;
    }

    const string NoteProgress = "update register.catalogue_preview set done = greatest(done, $2), touched_at = clock_timestamp() where preview_id = $1";

    long nextProgress;

    /// <summary>Some times a second is enough for whoever looks.</summary>
    async Task Progress(Guid id, long done, CancellationToken cancel)
    {
        var now = clock.GetTimestamp();
        var due = Interlocked.Read(ref nextProgress);
        if (now >= due && Interlocked.CompareExchange(ref nextProgress, now + clock.TimestampFrequency, due) == due)
            await ExecuteAlone(NoteProgress, cancel, id, done);
    }

    const string CopyCells = "copy register.catalogue_preview_cell (preview_id, cube, day, division, keys, moved) from stdin (format binary)";

    static async Task KeepCells(
        NpgsqlConnection connection, Guid id, Dictionary<(string Cube, DateOnly Day, string Division, string Keys), long> cells, CancellationToken cancel)
    {
        await using var copy = await connection.BeginBinaryImportAsync(CopyCells, cancel);
        foreach (var ((cube, day, division, keys), by) in cells)
        {
            if (by == 0)
                continue;
            await copy.StartRowAsync(cancel);
            await copy.WriteAsync(id, NpgsqlDbType.Uuid, cancel);
            await copy.WriteAsync(cube, NpgsqlDbType.Text, cancel);
            await copy.WriteAsync(day, NpgsqlDbType.Date, cancel);
            await copy.WriteAsync(division, NpgsqlDbType.Text, cancel);
            await copy.WriteAsync(keys, NpgsqlDbType.Text, cancel);
            await copy.WriteAsync(by, NpgsqlDbType.Bigint, cancel);
        }
        await copy.CompleteAsync(cancel);
    }

    const string FilesOfPreview = "select name, bytes from register.catalogue_preview_file where preview_id = $1 order by name";

    /// <summary>The files a preview was about; none if there is no such preview.</summary>
    public async Task<List<CatalogueFile>> Files(Guid id, CancellationToken cancel)
    {
        await using var command = databases.Of("register").CreateCommand(FilesOfPreview);
        command.Parameters.Add(new() { Value = id });
        await using var row = await command.ExecuteReaderAsync(cancel);
        var files = new List<CatalogueFile>();
        while (await row.ReadAsync(cancel))
            files.Add(new CatalogueFile(row.GetString(0), row.GetFieldValue<byte[]>(1)));
        return files;
    }

    async Task ExecuteAlone(string sql, CancellationToken cancel, params object?[] values)
    {
        await using var connection = await databases.Of("register").OpenConnectionAsync(cancel);
        await Execute(connection, sql, cancel, values);
    }

    static async Task<object?> Execute(NpgsqlConnection connection, string sql, CancellationToken cancel, params object?[] values)
    {
#pragma warning disable CA2100 // one of the constants above
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        return await command.ExecuteScalarAsync(cancel);
    }
}
