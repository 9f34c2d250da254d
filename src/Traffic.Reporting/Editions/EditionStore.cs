using System.Data;
using Dapper;
using Npgsql;
using Traffic.Platform;

namespace Traffic.Reporting.Editions;

/// <summary>An edition as listed.</summary>
sealed record EditionRow(
    string Edition, string Kind, string Division, string Period, int Number, DateOnly FromDay, DateOnly ToDay, long AsOf, DateTime FrozenAt,
    DateTime UnregisteredSince, byte[] Digest, string? Restates, string? SignedBy, DateTime? SignedAt, string? Note);

/// <summary>Who does what by when, and whether it is done.</summary>
sealed record TaskRow(
    Guid TaskId, string Edition, string Finding, string Owner, DateOnly Due, string Text, string GivenBy, DateTime GivenAt, string? ClosedBy,
    string? ClosingNote, DateTime? ClosedAt);

/// <summary>A standing as a restatement names it.</summary>
/// <param name="Entry">Of a violation.</param>
/// <param name="Kind">Of anything else.</param>
sealed record StandingThen(Guid RecordId, int Revision, string Status, string? Entry, string? Kind);

/// <summary>Every statement on editions, and on what they are made of.</summary>
sealed class EditionStore(NpgsqlDataSource database, Cubes cubes)
{
    /// <summary>A frozen edition is made at one go; past this it is given up, and nothing is kept of it.</summary>
    internal const int LongestS = 120;

    const string Columns = """
        e.edition, e.kind, e.division, e.period, e.number, e.from_day, e.to_day, e.as_of, e.frozen_at, e.unregistered_since, e.digest, e.restates,
        s.signed_by, s.signed_at, s.note
        """;

    const string List = $"""
        select {Columns} from reporting.edition e left join reporting.edition_signature s using (edition)
        order by e.to_day desc, e.kind, e.division, e.number desc
        """;

    /// <summary>Every edition there is, the last period first and of each the newest number.</summary>
    public async Task<IReadOnlyList<EditionRow>> All(CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return [.. await connection.QueryAsync<EditionRow>(new CommandDefinition(List, cancellationToken: cancel))];
    }

    const string One = $"""
        select {Columns} from reporting.edition e left join reporting.edition_signature s using (edition) where e.edition = @edition
        """;

    public async Task<EditionRow?> Find(string edition, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return await connection.QuerySingleOrDefaultAsync<EditionRow>(new CommandDefinition(One, new { edition }, cancellationToken: cancel));
    }

    const string ReadBytes = """
        select e.model, i.leaf_index, i.base, i.without, b.leaf_index
        from reporting.edition e join reporting.leaf_index i using (index_id) left join reporting.leaf_index b on b.index_id = i.base
        where e.edition = @edition
        """;

    /// <summary>The bytes as they were frozen, and the whole index; null if there is no such edition.</summary>
    public async Task<(byte[] Model, byte[] Index)?> Bytes(string edition, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return await Bytes(connection, null, edition, cancel);
    }

    /// <summary>Likewise, in a transaction.</summary>
    public static async Task<(byte[] Model, byte[] Index)?> Bytes(
        NpgsqlConnection connection, NpgsqlTransaction? transaction, string edition, CancellationToken cancel)
    {
        var rows = await connection.QueryAsync<(byte[] Model, byte[] Entries, Guid? Base, byte[]? Without, byte[]? Stored)>(
            new CommandDefinition(ReadBytes, new { edition }, transaction, cancellationToken: cancel));
        return rows.AsList() is [var row] ? (row.Model, new LeafIndex(row.Entries, row.Base, row.Without).Whole(row.Stored)) : null;
    }

    /// <summary>Where indexes of leaves are stored.</summary>
    public LeafIndexStore Indexes(CancellationToken cancel) => new(database, cancel);

    const string ReadModel = "select model from reporting.edition where edition = $1";

    /// <summary>The bytes as they were frozen; null if there is no such edition.</summary>
    public async Task<byte[]?> Model(string edition, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(ReadModel);
        command.Parameters.Add(new() { Value = edition });
        return await command.ExecuteScalarAsync(cancel) as byte[];
    }

    const string LatestOf = $"""
        select {Columns} from reporting.edition e left join reporting.edition_signature s using (edition)
        where e.kind = @kind and e.division = @division and e.period = @period
        order by e.number desc limit 1
        """;

    const string BeforeOf = $"""
        select {Columns} from reporting.edition e left join reporting.edition_signature s using (edition)
        where e.kind = @kind and e.division = @division and e.to_day < @from
        order by e.to_day desc, e.number desc limit 1
        """;

    /// <summary>The first number of a period that had none before it when it was made: what its restatements count as late is late since then.</summary>
    const string BeganWith = $"""
        select {Columns} from reporting.edition e left join reporting.edition_signature s using (edition)
        where e.kind = @kind and e.division = @division and e.period = @period and e.number = 1
          and not exists (select from reporting.edition b
                          where b.kind = e.kind and b.division = e.division and b.to_day < e.from_day and b.frozen_at < e.frozen_at)
        """;

    const string PeriodsOf = "select distinct period from reporting.edition where kind = @kind and division = @division";

    /// <summary>The newest number of a period; null if there is none.</summary>
    public async Task<EditionRow?> Latest(string kind, string division, string period, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return await connection.QuerySingleOrDefaultAsync<EditionRow>(
            new CommandDefinition(LatestOf, new { kind, division, period }, cancellationToken: cancel));
    }

    /// <summary>Periods that have an edition.</summary>
    public async Task<HashSet<string>> Periods(string kind, string division, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return [.. await connection.QueryAsync<string>(new CommandDefinition(PeriodsOf, new { kind, division }, cancellationToken: cancel))];
    }

    const string FirstRow = """
        select created_at from platform.log where stream = 'register' order by created_at limit 1
        """;

    /// <summary>When the register told of its first record; null before that. A run before it cannot have been missed.</summary>
    public async Task<DateTime?> FirstRecordAt(CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return await connection.QuerySingleOrDefaultAsync<DateTime?>(new CommandDefinition(FirstRow, cancellationToken: cancel));
    }

    const string Lock = "select pg_advisory_lock(hashtextextended('traffic edition ' || $1, 0))";
    const string Unlock = "select pg_advisory_unlock(hashtextextended('traffic edition ' || $1, 0))";

    // A record whose commit this snapshot does not see was received a few seconds ago: an hour is more than enough, and only
    // bounds where late ones are looked for.
    const string BeginSnapshot = """
        select (select records from platform.stream where stream = 'register') as as_of,
               (select least(min(created_at), clock_timestamp() - interval '1 hour') from (
                    select created_at from platform.delivery where subscriber = 'register-violations'
                    union all select created_at from platform.quarantine where subscriber = 'register-violations') owed) as unregistered_since
        """;

    /// <summary>
    /// Makes an edition in one repeatable-read snapshot, then stores it, one maker at a time for each kind and division, whatever the
    /// number of processes.
    /// </summary>
    /// <param name="make">Given the newest number there is (null: none), the edition of the period before, the snapshot, and where its index goes; null: leave it as it is.</param>
    /// <returns>What is there afterwards, and whether it is new.</returns>
    public async Task<(EditionRow Row, bool IsNew)> Freeze(
        EditionPeriod period, string division, Func<EditionRow?, EditionRow?, EditionSnapshot, LeafIndexStore, Task<NewEdition?>> make, CancellationToken cancel)
    {
        var key = $"{period.Kind} {division}";
        await using var connection = await database.OpenConnectionAsync(cancel);
        await Execute(connection, Lock, key, cancel);
        try
        {
            await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
            var (latest, before, snapshot) = await Begin(connection, transaction, period, division, cancel);
            var index = Indexes(cancel);
            NewEdition? made;
            try
            {
                made = await make(latest, before, snapshot, index);
                if (made is null)
                    return (latest!, false);
                var named = await index.Kept;
                // What is made is stored outside of the snapshot, which began before its index was there. The lock is held all the while.
                await transaction.CommitAsync(cancel);
                await Insert(connection, made, named, cancel);
            }
            catch
            {
                await index.Drop();
                throw;
            }
            return (await connection.QuerySingleAsync<EditionRow>(new CommandDefinition(One, new { edition = made.Edition }, cancellationToken: cancel)), true);
        }
        finally
        {
            // With a broken connection the lock is gone too, and why it broke is to be told.
            if (connection.State == ConnectionState.Open)
                await Execute(connection, Unlock, key, default);
        }
    }

    /// <summary>Looks at what an edition of a period would be made of now, and stores nothing.</summary>
    /// <param name="look">Given the same as one who makes it.</param>
    public async Task Look(EditionPeriod period, string division, Func<EditionRow?, EditionRow?, EditionSnapshot, Task> look, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
        var (latest, before, snapshot) = await Begin(connection, transaction, period, division, cancel);
        await look(latest, before, snapshot);
    }

    async Task<(EditionRow? Latest, EditionRow? Before, EditionSnapshot Snapshot)> Begin(
        NpgsqlConnection connection, NpgsqlTransaction transaction, EditionPeriod period, string division, CancellationToken cancel)
    {
        var (asOf, unregisteredSince) = await connection.QuerySingleAsync<(long, DateTime)>(
            new CommandDefinition(BeginSnapshot, transaction: transaction, cancellationToken: cancel));
        var of = new { kind = period.Kind, division, period = period.Name, from = period.Days.From };
        return (
            await One(LatestOf),
            await One(BeganWith) ?? await One(BeforeOf),
            new EditionSnapshot(connection, transaction, cubes, asOf, asOf, unregisteredSince, cancel));

        Task<EditionRow?> One(string sql) => connection.QuerySingleOrDefaultAsync<EditionRow>(new CommandDefinition(sql, of, transaction, cancellationToken: cancel));
    }

    static async Task Execute(NpgsqlConnection connection, string sql, string key, CancellationToken cancel)
    {
#pragma warning disable CA2100 // one of the two constants above
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = LongestS, Parameters = { new() { Value = key } } };
#pragma warning restore CA2100
        await command.ExecuteScalarAsync(cancel);
    }

    const string PutEdition = """
        insert into reporting.edition (
            edition, kind, division, period, number, from_day, to_day, as_of, frozen_at, unregistered_since, root, leaves, model, index_id,
            digest, restates, requested_by, reason)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, sha256($13), $15, $16, $17)
        """;

    static async Task Insert(NpgsqlConnection connection, NewEdition made, Guid index, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(PutEdition, connection) { CommandTimeout = LongestS };
        object?[] values =
        [
            made.Edition, made.Kind, made.Division, made.Period, made.Number, made.From, made.To, made.AsOf, made.FrozenAt.UtcDateTime,
            made.UnregisteredSince, made.Root, made.Leaves, made.Model, index, made.Restates, made.RequestedBy, made.Reason,
        ];
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        await command.ExecuteNonQueryAsync(cancel);
    }

    const string PutSignature = """
        insert into reporting.edition_signature (edition, digest, signed_by, note, signed_at) values (@edition, @digest, @signedBy, @note, @at)
        on conflict (edition) do nothing
        """;

    /// <summary>Signs these bytes of it, if nobody has.</summary>
    public async Task Sign(string edition, byte[] digest, string signedBy, string? note, DateTimeOffset at, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await connection.ExecuteAsync(new CommandDefinition(PutSignature, new { edition, digest, signedBy, note, at = at.UtcDateTime }, cancellationToken: cancel));
    }

    const string PutTask = """
        insert into reporting.task (task_id, edition, finding, owner, due, text, given_by, given_at)
        values (@TaskId, @Edition, @Finding, @Owner, @Due, @Text, @GivenBy, @GivenAt)
        on conflict do nothing
        """;

    public async Task Add(TaskRow task, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await connection.ExecuteAsync(new CommandDefinition(PutTask, task, cancellationToken: cancel));
    }

    const string PutClosing = """
        insert into reporting.task_closing (task_id, closed_by, note, closed_at)
        select t.task_id, @closedBy, @note, @at from reporting.task t where t.task_id = @task
        on conflict do nothing
        """;

    public async Task Close(Guid task, string closedBy, string note, DateTimeOffset at, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await connection.ExecuteAsync(new CommandDefinition(PutClosing, new { task, closedBy, note, at = at.UtcDateTime }, cancellationToken: cancel));
    }

    internal const string TaskColumns = """
        select t.task_id, t.edition, t.finding, t.owner, t.due, t.text, t.given_by, t.given_at, c.closed_by, c.note as closing_note, c.closed_at
        from reporting.task t left join reporting.task_closing c using (task_id)
        """;

    const string TaskById = $"{TaskColumns} where t.task_id = @task";
    const string TasksOfEdition = $"{TaskColumns} where t.edition = @edition order by t.due, t.task_id";

    public async Task<TaskRow?> FindTask(Guid task, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return await connection.QuerySingleOrDefaultAsync<TaskRow>(new CommandDefinition(TaskById, new { task }, cancellationToken: cancel));
    }

    public async Task<IReadOnlyList<TaskRow>> TasksOf(string edition, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return [.. await connection.QueryAsync<TaskRow>(new CommandDefinition(TasksOfEdition, new { edition }, cancellationToken: cancel))];
    }

    /// <summary>Reads in a snapshot of now what stood at an earlier sequence.</summary>
    public async Task<T> At<T>(long asOf, Func<EditionSnapshot, Task<T>> read, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
        var (present, unregisteredSince) = await connection.QuerySingleAsync<(long, DateTime)>(
            new CommandDefinition(BeginSnapshot, transaction: transaction, cancellationToken: cancel));
        return await read(new EditionSnapshot(connection, transaction, cubes, present, asOf, unregisteredSince, cancel));
    }
}

/// <summary>A made edition, to be stored.</summary>
sealed record NewEdition(
    string Edition, string Kind, string Division, string Period, int Number, DateOnly From, DateOnly To, long AsOf, DateTimeOffset FrozenAt,
    DateTime UnregisteredSince, byte[] Root, int Leaves, byte[] Model, string? Restates, string? RequestedBy, string? Reason);
