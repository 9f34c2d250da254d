using Npgsql;

namespace Traffic.Platform;

/// <summary>One record that its subscriber could not process. Names no content: the record stays in the log.</summary>
/// <param name="Subscriber">Whose it was.</param>
/// <param name="Position">Log row.</param>
/// <param name="Item">Its place in that row, from 0.</param>
/// <param name="Sequence">Its sequence in the stream: that of its receipt where the stream is intake's.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="Reason">The fault's type or SQLSTATE, never what the record said.</param>
/// <param name="QuarantinedAt">When it was put aside.</param>
/// <param name="ClosedAt">When two persons gave it up; null while it waits.</param>
/// <param name="ClosedBy">Who gave it up.</param>
/// <param name="ClosedSecond">The second person.</param>
/// <param name="ClosedReason">Why.</param>
public sealed record Quarantined(
    string Subscriber, long Position, int Item, long Sequence, int Attempts, string Reason, DateTime QuarantinedAt,
    DateTime? ClosedAt, string? ClosedBy, string? ClosedSecond, string? ClosedReason);

/// <summary>What became of the wish to have a record tried again, or given up.</summary>
/// <param name="Outcome">
/// Of a retry: <c>retried</c>, <c>owed</c> (already), <c>done</c> (already), <c>closed</c> (stays so), <c>unknown</c>.
/// Of a close: <c>closed</c>, <c>closedOtherwise</c>, <c>unknown</c>.
/// </param>
public sealed record QuarantineAct(string Subscriber, long Position, int Item, string Outcome);

/// <summary>What people see of quarantine, and do about it. Whatever they do, repeating it changes nothing.</summary>
public sealed class QuarantineStore(NpgsqlDataSource database)
{
    const string ListRows = """
        select q.subscriber, q.position, q.item, coalesce(l.first_sequence + q.item, 0), q.attempts, q.reason, q.quarantined_at,
               q.closed_at, q.closed_by, q.closed_second, q.closed_reason
        from platform.quarantine q
        left join platform.log l on l.position = q.position and l.created_at = q.created_at
        where ($1::text is null or q.subscriber = $1) and ($2 or q.closed_at is null)
          and ($3::bigint is null or q.position = $3) and ($4::int is null or q.item = $4)
          and ($5::text is null or (q.subscriber, q.position, q.item) > ($5, $6, $7))
        order by q.subscriber, q.position, q.item
        limit $8
        """;

    /// <summary>What is in quarantine, in the order of subscriber, position, item.</summary>
    /// <param name="subscriber">Null: of all.</param>
    /// <param name="closed">Also what was given up.</param>
    /// <param name="position">Null: any.</param>
    /// <param name="item">Null: any.</param>
    /// <param name="after">The last one of the page before; null begins.</param>
    /// <param name="limit">At most so many.</param>
    /// <param name="cancel">Cancels.</param>
    public async Task<List<Quarantined>> List(
        string? subscriber, bool closed, long? position, int? item, (string Subscriber, long Position, int Item)? after, int limit,
        CancellationToken cancel)
    {
        await using var command = database.CreateCommand(ListRows);
        foreach (var value in new object?[]
            { subscriber, closed, position, item, after?.Subscriber, after?.Position ?? 0L, after?.Item ?? 0, limit })
            command.Parameters.Add(new() { Value = value ?? DBNull.Value });
        await using var row = await command.ExecuteReaderAsync(cancel);
        var list = new List<Quarantined>();
        while (await row.ReadAsync(cancel))
            list.Add(new Quarantined(
                row.GetString(0), row.GetInt64(1), row.GetInt32(2), row.GetInt64(3), row.GetInt32(4), row.GetString(5), row.GetDateTime(6),
                row.IsDBNull(7) ? null : row.GetDateTime(7), Text(row, 8), Text(row, 9), Text(row, 10)));
        return list;
    }

    static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    const string CountRows = """
        select subscriber, count(*) filter (where closed_at is null), count(*) filter (where closed_at is not null)
        from platform.quarantine group by subscriber order by subscriber
        """;

    /// <summary>How many wait and how many were given up, by subscriber.</summary>
    public async Task<List<QuarantineCount>> Counts(CancellationToken cancel)
    {
        await using var command = database.CreateCommand(CountRows);
        await using var row = await command.ExecuteReaderAsync(cancel);
        var counts = new List<QuarantineCount>();
        while (await row.ReadAsync(cancel))
            counts.Add(new QuarantineCount(row.GetString(0), row.GetInt64(1), row.GetInt64(2)));
        return counts;
    }

    const string RetryRow = "select platform.retry_quarantined($1, $2, $3, $4)";

    /// <summary>Owes the record to its subscriber again: out of quarantine and into delivery in one transaction.</summary>
    public async Task<QuarantineAct> Retry(string subscriber, long position, int item, string by, CancellationToken cancel) =>
        new(subscriber, position, item, await Act(RetryRow, cancel, subscriber, position, item, by));

    const string CloseRow = "select platform.close_quarantined($1, $2, $3, $4, $5, $6)";

    /// <summary>Gives the record up, by two persons and with a reason. It stays listed and counted.</summary>
    public async Task<QuarantineAct> Close(
        string subscriber, long position, int item, string by, string second, string reason, CancellationToken cancel) =>
        new(subscriber, position, item, await Act(CloseRow, cancel, subscriber, position, item, by, second, reason));

#pragma warning disable CA2100 // one of the two constants above
    async Task<string> Act(string sql, CancellationToken cancel, params object[] values)
    {
        await using var command = database.CreateCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return (string)(await command.ExecuteScalarAsync(cancel))!;
    }
#pragma warning restore CA2100
}

/// <summary>Records of one subscriber in quarantine; all of them stay counted.</summary>
/// <param name="Subscriber">Whose.</param>
/// <param name="Waiting">Not given up.</param>
/// <param name="Closed">Given up by two persons.</param>
public sealed record QuarantineCount(string Subscriber, long Waiting, long Closed);
