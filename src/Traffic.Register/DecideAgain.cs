using Npgsql;
using Traffic.Platform;

namespace Traffic.Register;

/// <summary>
/// Decides again what was decided under an older version: chunk by chunk, each in one transaction with its counts and its log
/// row. Any number of processes may do it at once; one that dies loses nothing but its last chunks, which the next takes.
/// </summary>
sealed class DecideAgain(IDatabases databases, RunningCatalogue running, RegisterStore store, INudge nudge)
{
    static readonly TimeSpan OthersTurn = TimeSpan.FromMilliseconds(100);

    /// <summary>Works until the version in force has decided everything.</summary>
    /// <param name="workers">Chunks at a time.</param>
    public async Task Run(int workers, CancellationToken cancel)
    {
        while (await Unfinished(cancel) is { } version)
        {
            if (version.State == "planned")
                await Do(async (connection, transaction) =>
                {
                    await CatalogueWork.Plan(connection, version.Id, cancel);
                    return new LogBatch(connection, transaction, [], 0);
                }, cancel);
            await Task.WhenAll(Enumerable.Range(0, workers).Select(async _ =>
            {
                while (await Do((connection, transaction) => DoChunk(connection, transaction, version, cancel), cancel)) { }
            }));
            while (await Do((connection, transaction) => DoDrivers(connection, transaction, version, cancel), cancel)) { }
            if (await Unfinished(cancel) is not null)
                await Task.Delay(OthersTurn, cancel);
        }
    }

    /// <summary>The version in force if something was decided by an older one.</summary>
    public async Task<NewestVersion?> Unfinished(CancellationToken cancel)
    {
        await using var connection = await databases.Of("register").OpenConnectionAsync(cancel);
        return await CatalogueStore.Newest(connection, cancel) is { State: not "done" } newest ? newest : null;
    }

    /// <summary>In a transaction that commits what succeeded and tells of it. False where nothing was left to do.</summary>
    async Task<bool> Do(Func<NpgsqlConnection, NpgsqlTransaction, Task<LogBatch?>> work, CancellationToken cancel)
    {
        while (true)
            try
            {
                await using var connection = await databases.Of("register").OpenConnectionAsync(cancel);
                await using var transaction = await connection.BeginTransactionAsync(cancel);
                if (await work(connection, transaction) is not { } done)
                    return false;
                await transaction.CommitAsync(cancel);
                if (done.Handover is { } told)
                    nudge.Appended("register", told.Position, told.Items);
                return true;
            }
            catch (ChangedMeanwhileException) { /* again: nothing of it was kept */ }
            catch (PostgresException circle) when (circle.SqlState[..2] is "40" or "55") { /* likewise */ }
    }

    async Task<LogBatch?> DoChunk(NpgsqlConnection connection, NpgsqlTransaction transaction, NewestVersion version, CancellationToken cancel)
    {
        var decider = (await running.Hold(connection, cancel)).Decider;
        if (await CatalogueWork.Claim(connection, version.Id, cancel) is not { } claimed)
            return null;
        await CatalogueWork.PlanByIndex(connection, cancel);
        var past = await StoredHistory.Read(connection, claimed.Chunk, cancel);
        var moved = new CatalogueMoves { Examined = past.Count };
        var next = await Next(connection, version, decider, past.ConvertAll(one => one.Stored), cancel);

        var withPast = await CatalogueWork.WithPast(connection, version.Id, [.. past.Select(one => one.Stored.DriverKey).OfType<Guid>().Distinct()], cancel);

        var (changes, aside) = (new List<ChangedRow>(), new List<PastRecord>());
        foreach (var one in past)
        {
            var decided = decider.Again(one.Stored, one.Reported);
            if (StoredHistory.HangsOnHistory(decider, one, decided, withPast))
                aside.Add(one);
            else if (next(one.Stored, decided) is { } now)
                changes.Add(new ChangedRow(one.Stored, now));
        }
        if (aside.Count > 0)
            await CatalogueWork.SetAside(connection, version.Id, aside, cancel);
        var batch = new LogBatch(connection, transaction, [], await Position(connection, cancel));
        await Apply(batch, decider, version.Id, claimed.Number, changes, moved, cancel);
        return batch;
    }

    /// <summary>What was set aside, driver by driver; and the end, when nothing is left.</summary>
    async Task<LogBatch?> DoDrivers(NpgsqlConnection connection, NpgsqlTransaction transaction, NewestVersion version, CancellationToken cancel)
    {
        var decider = (await running.Hold(connection, cancel)).Decider;
        if (!await CatalogueWork.ChunksDone(connection, version.Id, cancel) || !await CatalogueWork.IsTheOne(connection, cancel))
            return null;
        var drivers = await CatalogueWork.Next(connection, version.Id, cancel);
        if (drivers.Count == 0)
        {
            if (!await CatalogueWork.IsQuiet(connection, version.Id, cancel))
                return new LogBatch(connection, transaction, [], 0);
            await CatalogueWork.End(connection, version.Id, cancel);
            await transaction.CommitAsync(cancel);
            return null;
        }
        await CatalogueWork.PlanByIndex(connection, cancel);
        await RegisterStore.LockDrivers(connection, drivers, cancel);
        var reported = await CatalogueWork.Take(connection, version.Id, drivers, cancel);
        var rows = await RegisterStore.Lock(connection, [.. reported.Keys], drivers, cancel);
        var later = await ReportedStore.LaterMeasurements(connection, [.. reported.Keys], cancel);
        var others = await ReportedStore.AsReported(connection, rows.FindAll(row => !reported.ContainsKey(row.RecordId)), cancel);
        var past = rows.ConvertAll(row => new PastRecord(
            others.TryGetValue(row.RecordId, out var other) ? other : StoredHistory.With(reported[row.RecordId], row, later[row.RecordId]), default, row));
        var next = await Next(connection, version, decider, rows, cancel);
        var changes = past.GroupBy(one => one.Stored.DriverKey ?? one.Stored.RecordId)
            .SelectMany(driver => StoredHistory.OfDriver(decider, driver, next))
            .Select(one => new ChangedRow(one.Row, one.Next))
            .OrderBy(row => row.RecordId).ToList();
        var batch = new LogBatch(connection, transaction, [], await Position(connection, cancel));
        await Apply(batch, decider, version.Id, await CatalogueWork.PutDone(connection, version.Id, cancel), changes, new CatalogueMoves(), cancel);
        return batch;
    }

    /// <summary>What a decision of the version in force makes of these records. Of an undo, what stood before is looked up.</summary>
    static async Task<Func<StoredRow, Standing, Standing?>> Next(
        NpgsqlConnection connection, NewestVersion version, Decider decider, List<StoredRow> rows, CancellationToken cancel)
    {
        if (version.Kind != "undo")
            return (row, decided) => Reclassify.Of(row.Standing, decided, StoredHistory.OfPerson(decider, row, row.Standing), row.DriverKey is not null, Reclassify.Released);
        var former = await CatalogueWork.Former(connection, rows, version.Supersedes!.Value, cancel);
        return (row, decided) =>
        {
            var before = former.GetValueOrDefault(row.RecordId);
            return Reclassify.Undo(row.Standing, before, decided, StoredHistory.OfPerson(decider, row, before ?? row.Standing), row.DriverKey is not null);
        };
    }

    /// <summary>New revisions, counts, the log row, and what it came to.</summary>
    async Task Apply(LogBatch batch, Decider decider, int version, int chunk, List<ChangedRow> changes, CatalogueMoves moved, CancellationToken cancel)
    {
        changes = await SameActs.Hold(batch.Connection, decider, changes, cancel);
        foreach (var row in changes)
            moved.Add(row.RecordId, row.Former, row.Standing);
        await CatalogueWork.Note(batch.Connection, version, chunk, changes.Count > 0 ? batch.NextPosition : null, moved, cancel);
        var trip = new RoundTrip(batch.Connection);
        RegisterStore.Change(trip, batch.NextPosition, [.. changes.OrderBy(row => row.RecordId)]);
        await store.CountAndTell(batch, trip, changes.Select(row => (row.RecordId, (Standing?)row.Former, row.Standing, (DateTime?)null)), cancel);
    }

    const string NextPosition = "select nextval('platform.position')";

    static async Task<long> Position(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(NextPosition, connection);
        return (long)(await command.ExecuteScalarAsync(cancel))!;
    }
}
