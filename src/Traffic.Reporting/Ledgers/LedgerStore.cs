using System.Data;
using System.Text.Json.Serialization;
using Dapper;
using Npgsql;
using Traffic.Reporting.Counts;

namespace Traffic.Reporting.Ledgers;

/// <summary>What one sender sent in one hour, and how each record was answered.</summary>
sealed record TallyRow(
    DateTime Hour, string Sender, long Received, long Accepted, long Duplicate, long Conflict, long Rejected, long Ignored);

/// <summary>Where the records accepted in an hour are now.</summary>
sealed record PlacedRow(DateTime Hour, long Stored, long InFlight, long Quarantined);

/// <summary>One thing behind a figure of the ledger.</summary>
/// <param name="Id">The record's id; of a refusal the id it was sent under; of what is not registered its place in intake's log.</param>
/// <param name="Record">Its address; null where it is not registered.</param>
sealed record LedgerItem(DateTimeOffset ReceivedAt, string? Id, string? Sender, string? Detail, string? Record)
{
    /// <summary>Where a page that comes after it begins.</summary>
    [JsonIgnore]
    public (string Part, string At) After { get; init; }
}

/// <summary>Of what a figure of the ledger is.</summary>
/// <param name="From">First instant; null for all there ever was.</param>
/// <param name="To">The instant it ends before.</param>
/// <param name="AsOf">The register's sequence; null is the present one.</param>
/// <param name="Sender">As tallied; null for all.</param>
sealed record LedgerScope(DateTime? From, DateTime? To, long? AsOf, string? Sender);

/// <summary>Every statement of the ledger. All of an answer is read in one snapshot.</summary>
sealed class LedgerStore(NpgsqlDataSource database, CountMemory memory)
{
    const int LongestS = 20;

    const string AsOf = "select records from platform.stream where stream = 'register'";

    const string Tallies = """
        select hour, sender, received, accepted, duplicate, conflict, rejected, ignored
        from intake.published_ledger where hour >= @from and hour < @to
        order by hour, sender
        """;

    const string PlacedViolations = """
        select date_trunc('hour', received_at), count(*), 0, 0
            from register.published_standing where received_at >= @from and received_at < @to group by 1
        """;

    // Where memory tells them.
    const string PlacedHours = "select hour, stored, 0, 0 from unnest(@hours, @stored) as held (hour, stored)";

    // A record counts in the hour in which intake committed it: the hour of its log row, wherever it is now.
    static string Places(string violations) => $"""
        select hour, sum(stored)::bigint as stored, sum(in_flight)::bigint as in_flight, sum(quarantined)::bigint as quarantined
        from (
            {violations}
            union all
            select date_trunc('hour', received_at), count(*), 0, 0
            from register.published_report where received_at >= @from and received_at < @to group by 1
            union all
            select date_trunc('hour', created_at), 0, sum(items), 0 from platform.delivery
            where subscriber in ('register-violations', 'register-activity') and created_at >= @from and created_at < @to group by 1
            union all
            select date_trunc('hour', created_at), 0, 0, count(*) from platform.quarantine
            where subscriber in ('register-violations', 'register-activity') and created_at >= @from and created_at < @to group by 1) placed (hour, stored, in_flight, quarantined)
        group by 1 order by 1
        """;

    public async Task<(long AsOf, IReadOnlyList<TallyRow> Tallies, IReadOnlyList<PlacedRow> Places)> Between(DateTime from, DateTime to, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
        var asOf = await connection.QuerySingleAsync<long>(Command(AsOf));
        var received = (await memory.At(connection, transaction, asOf, asOf, cancel))?.Received(from, to)?.ToList();
        return (
            asOf, [.. await connection.QueryAsync<TallyRow>(Command(Tallies, new { from, to }))],
            [.. await connection.QueryAsync<PlacedRow>(received is null ? Command(Places(PlacedViolations), new { from, to }) : Command(Places(PlacedHours), new
            {
                from, to, hours = received.Select(one => one.Hour).ToArray(), stored = received.Select(one => one.Records).ToArray(),
            }))]);

        CommandDefinition Command(string sql, object? values = null) => new(sql, values, transaction, commandTimeout: LongestS, cancellationToken: cancel);
    }

    const string WhenReceived = "(@From::timestamptz is null or (received_at >= @From and received_at < @To))";
    const string WhenCreated = "(@From::timestamptz is null or (created_at >= @From and created_at < @To))";
    const string Owed = "subscriber in ('register-violations', 'register-activity')";
    const string WhenStood = "where began_sequence <= @AsOf and (ended_sequence is null or ended_sequence > @AsOf)";

    /// <summary>Every record registered, as it stands, or as it stood at a sequence; of other reports each one, whichever of its thing's it is.</summary>
    static string Stored(bool then, bool voided) => $"""
        (select record_id, {(then ? "n" : "s")}.received_at, s.status, s.status || ' · ' || s.entry as detail, '/api/v1/violations/' || record_id as record
        {(then ? $"from register.published_counted_at s join register.published_standing n using (record_id) {WhenStood}" : "from register.published_standing s")}
        union all
        select record_id, received_at, status, kind || ' · ' || status,
               '/api/v1/' || case kind when 'crash' then 'crashes' else kind || 's' end || '/' || activity_id
        from register.published_activity_at{(then ? " where began_sequence <= @AsOf" : "")}) stored
        where {WhenReceived}{(voided ? " and status = 'voided'" : "")}
        """;

    /// <summary>Items of a page after a cursor, and how many there are in all. All are ordered by what names them, so that a page goes on where the last ended.</summary>
    static (string Total, string Page) Sql(string what, bool then) => what switch
    {
        "stored" or "voided" => (
            $"select count(*) from {Stored(then, what == "voided")}",
            $"""
            select record_id::text as "after", received_at, record_id::text as id, null::text as sender, detail, record
            from {Stored(then, what == "voided")} and (@After::text is null or record_id > @After::uuid)
            order by record_id limit @limit
            """),
        "inFlight" => (
            $"select coalesce(sum(items), 0)::bigint from platform.delivery where {Owed} and {WhenCreated}",
            $"""
            select position || '/' || first_item + i as "after", created_at as received_at, position || ' / ' || (first_item + i) as id, null::text as sender,
                   'attempts: ' || attempts as detail, null::text as record
            from platform.delivery cross join lateral generate_series(0, items - 1) as i
            where {Owed} and {WhenCreated} and (@After::text is null
                or (position, first_item + i) > (split_part(@After, '/', 1)::bigint, split_part(@After, '/', 2)::int))
            order by position, first_item + i limit @limit
            """),
        "quarantined" => (
            $"select count(*) from platform.quarantine where {Owed} and {WhenCreated}",
            $"""
            select position || '/' || item as "after", created_at as received_at, position || ' / ' || item as id, null::text as sender,
                   reason || coalesce(' · closed: ' || closed_reason, '') as detail, null::text as record
            from platform.quarantine
            where {Owed} and {WhenCreated} and (@After::text is null
                or (position, item) > (split_part(@After, '/', 1)::bigint, split_part(@After, '/', 2)::int))
            order by position, item limit @limit
            """),
        _ => (
            $"select count(*) from intake.published_refusal where {WhenReceived} and (@Sender::text is null or sender = @Sender)",
            $"""
            select id::text as "after", received_at, sent_as as id, sender, faults::text as detail, null::text as record
            from intake.published_refusal
            where {WhenReceived} and (@Sender::text is null or sender = @Sender) and (@After::text is null or id > @After::bigint)
            order by intake.published_refusal.id limit @limit
            """),
    };

    static string CountReports(bool voided) =>
        $"select count(*) from register.published_report where {WhenReceived}{(voided ? " and status = 'voided'" : "")}";

    /// <summary>How many violations are behind a figure; null where memory does not tell.</summary>
    static long? Violations(HeldCounts held, string part, LedgerScope scope) => (part, scope) switch
    {
        ("stored", { From: null }) => held.Row.Stored,
        ("voided", { From: null }) => held.Row.Voided,
        ("stored", { From: { } from, To: { } to }) => held.Received(from, to)?.Sum(one => one.Records),
        _ => null,
    };

    /// <summary>What is behind a figure: how much there is in all, and a page of it.</summary>
    /// <param name="parts">Figures that lie behind one another in the list, e.g. of what was accepted: stored, in flight, quarantined.</param>
    /// <param name="after">Part and cursor of the item a page comes after; null begins.</param>
    public async Task<(long Total, IReadOnlyList<LedgerItem> Page)> Open(
        IReadOnlyList<string> parts, LedgerScope scope, (string Part, string At)? after, int limit, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
        var present = await connection.QuerySingleAsync<long>(new CommandDefinition(AsOf, transaction: transaction, cancellationToken: cancel));
        if (scope.AsOf > present)
            throw new AsOfAheadException(scope.AsOf.Value, present);
        var held = scope.AsOf is null || scope.AsOf == present ? await memory.At(connection, transaction, present, present, cancel) : null;
        var (total, page) = (0L, new List<LedgerItem>());
        var begun = after is null;
        foreach (var part in parts)
        {
            var (count, items) = Sql(part, scope.AsOf is { } then && then < present);
            var at = after?.Part == part ? after.Value.At : null;
            begun |= at is not null;
            var values = new { scope.From, scope.To, scope.AsOf, scope.Sender, After = at, limit = limit - page.Count };
            var violations = held is null ? null : Violations(held, part, scope);
            total += (violations ?? 0) + await connection.QuerySingleAsync<long>(Command(violations is null ? count : CountReports(part == "voided")));
            if (begun && page.Count < limit)
                page.AddRange((await connection.QueryAsync<(string, DateTime, string?, string?, string?, string?)>(Command(items))).Select(one =>
                    new LedgerItem(new DateTimeOffset(one.Item2, TimeSpan.Zero), one.Item3, one.Item4, one.Item5, one.Item6) { After = (part, one.Item1) }));

            CommandDefinition Command(string sql) => new(sql, values, transaction, commandTimeout: LongestS, cancellationToken: cancel);
        }
        return (total, page);
    }
}
