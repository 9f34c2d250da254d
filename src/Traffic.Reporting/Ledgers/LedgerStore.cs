using System.Data;
using Dapper;
using Npgsql;

namespace Traffic.Reporting.Ledgers;

/// <summary>What one sender sent in one hour, and how each record was answered.</summary>
sealed record TallyRow(
    DateTime Hour, string Sender, long Received, long Accepted, long Duplicate, long Conflict, long Rejected, long Ignored);

/// <summary>Where the records accepted in an hour are now.</summary>
sealed record PlacedRow(DateTime Hour, long Stored, long InFlight, long Quarantined);

/// <summary>One thing behind a figure of the ledger.</summary>
/// <param name="Id">The record's id; of a refusal the id it was sent under; of what is not registered its place in intake's log.</param>
sealed record LedgerItem(DateTime ReceivedAt, string? Id, string? Sender, string? Detail, bool IsRecord);

/// <summary>Every statement of the ledger. All of an answer is read in one snapshot.</summary>
sealed class LedgerStore(NpgsqlDataSource database)
{
    const int LongestS = 20;

    const string AsOf = "select records from platform.stream where stream = 'register'";

    const string Tallies = """
        select hour, sender, received, accepted, duplicate, conflict, rejected, ignored
        from intake.published_ledger where hour >= @from and hour < @to
        order by hour, sender
        """;

    // A record counts in the hour in which intake committed it: the hour of its log row, wherever it is now.
    const string Places = """
        select hour, sum(stored)::bigint as stored, sum(in_flight)::bigint as in_flight, sum(quarantined)::bigint as quarantined
        from (
            select date_trunc('hour', received_at) as hour, count(*) as stored, 0 as in_flight, 0 as quarantined
            from register.published_standing where received_at >= @from and received_at < @to group by 1
            union all
            select date_trunc('hour', received_at), count(*), 0, 0
            from register.published_report where received_at >= @from and received_at < @to group by 1
            union all
            select date_trunc('hour', created_at), 0, sum(items), 0 from platform.delivery
            where subscriber in ('register-violations', 'register-activity') and created_at >= @from and created_at < @to group by 1
            union all
            select date_trunc('hour', created_at), 0, 0, count(*) from platform.quarantine
            where subscriber in ('register-violations', 'register-activity') and created_at >= @from and created_at < @to group by 1) placed
        group by 1 order by 1
        """;

    public async Task<(long AsOf, IReadOnlyList<TallyRow> Tallies, IReadOnlyList<PlacedRow> Places)> Between(DateTime from, DateTime to, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
        return (
            await connection.QuerySingleAsync<long>(Command(AsOf)), [.. await connection.QueryAsync<TallyRow>(Command(Tallies))],
            [.. await connection.QueryAsync<PlacedRow>(Command(Places))]);

        CommandDefinition Command(string sql) => new(sql, new { from, to }, transaction, commandTimeout: LongestS, cancellationToken: cancel);
    }

    const string Stored = """
        select received_at, record_id::text as id, null::text as sender, status || ' · ' || entry as detail, true as is_record
        from register.published_standing where received_at >= @from and received_at < @to
        union all
        select received_at, record_id::text, null, kind || ' · ' || status, false
        from register.published_report where received_at >= @from and received_at < @to
        order by received_at, id limit @limit
        """;

    const string InFlight = """
        select created_at as received_at, position || ' / ' || (first_item + i) as id, null::text as sender, 'attempts: ' || attempts as detail, false as is_record
        from platform.delivery cross join lateral generate_series(0, items - 1) as i
        where subscriber in ('register-violations', 'register-activity') and created_at >= @from and created_at < @to
        order by position, first_item + i limit @limit
        """;

    const string Quarantined = """
        select created_at as received_at, position || ' / ' || item as id, null::text as sender,
               reason || coalesce(' · closed: ' || closed_reason, '') as detail, false as is_record
        from platform.quarantine where subscriber in ('register-violations', 'register-activity') and created_at >= @from and created_at < @to
        order by position, item limit @limit
        """;

    const string Rejected = """
        select received_at, sent_as as id, sender, faults::text as detail, false as is_record
        from intake.published_refusal where received_at >= @from and received_at < @to
        order by id limit @limit
        """;

    /// <summary>What is behind a figure of an hour; null where there is no such figure, or it leaves nothing to be listed.</summary>
    public async Task<IReadOnlyList<LedgerItem>?> Open(string what, DateTime from, DateTime to, int limit, CancellationToken cancel)
    {
        var sql = what switch { "stored" => Stored, "inFlight" => InFlight, "quarantined" => Quarantined, "rejected" => Rejected, _ => null };
        if (sql is null)
            return null;
        await using var connection = await database.OpenConnectionAsync(cancel);
        return [.. await connection.QueryAsync<LedgerItem>(new CommandDefinition(
            sql, new { from, to, limit }, commandTimeout: LongestS, cancellationToken: cancel))];
    }
}
