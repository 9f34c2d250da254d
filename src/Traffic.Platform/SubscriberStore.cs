using Npgsql;

namespace Traffic.Platform;

/// <summary>A subscriber and what it owes.</summary>
/// <param name="Subscriber">Its name.</param>
/// <param name="Stream">The log it listens to.</param>
/// <param name="FromPosition">It was owed every row from here on.</param>
/// <param name="AddedAt">When it was added.</param>
/// <param name="Owed">Records it still owes.</param>
/// <param name="Oldest">Of what it owes; null if nothing.</param>
/// <param name="Attempts">The most that any of it was tried.</param>
/// <param name="Quarantined">Records put aside, those given up included.</param>
public sealed record SubscriberState(
    string Subscriber, string Stream, long FromPosition, DateTime AddedAt, long Owed, DateTime? Oldest, int Attempts, long Quarantined);

/// <summary>Who listens to which log. Adding and removing hold the stream's lock, so that no row is missed or owed to nobody.</summary>
public sealed class SubscriberStore(NpgsqlDataSource database)
{
    const string ListRows = """
        select s.subscriber, s.stream, s.from_position, s.added_at, coalesce(d.items, 0), d.oldest, coalesce(d.attempts, 0),
               (select count(*) from platform.quarantine q where q.subscriber = s.subscriber)
        from platform.subscriber s
        left join (select subscriber, sum(items)::bigint as items, min(created_at) as oldest, max(attempts) as attempts
                   from platform.delivery group by subscriber) d using (subscriber)
        order by s.stream, s.subscriber
        """;

    /// <summary>All subscribers.</summary>
    public async Task<List<SubscriberState>> List(CancellationToken cancel)
    {
        await using var command = database.CreateCommand(ListRows);
        await using var row = await command.ExecuteReaderAsync(cancel);
        var list = new List<SubscriberState>();
        while (await row.ReadAsync(cancel))
            list.Add(new SubscriberState(
                row.GetString(0), row.GetString(1), row.GetInt64(2), row.GetDateTime(3), row.GetInt64(4),
                row.IsDBNull(5) ? null : row.GetDateTime(5), row.GetInt32(6), row.GetInt64(7)));
        return list;
    }

    const string KnownStream = "select exists (select from platform.stream where stream = $1)";
    const string AddRow = "select platform.subscribe($1, $2, $3)";

    /// <summary>Owes a new subscriber every row of a stream from a position on. False if it is there already: nothing changes.</summary>
    /// <exception cref="StartRefusedException">No such stream.</exception>
    public async Task<bool> Add(string subscriber, string stream, long from, CancellationToken cancel)
    {
        await using var known = database.CreateCommand(KnownStream);
        known.Parameters.Add(new() { Value = stream });
        if (!(bool)(await known.ExecuteScalarAsync(cancel))!)
            throw new StartRefusedException($"There is no stream '{stream}'.");
        return (bool)(await Scalar(AddRow, cancel, subscriber, stream, from))!;
    }

    const string KnownSubscriber = "select exists (select from platform.subscriber where subscriber = $1)";
    const string NextOfStream = "select coalesce(max(position), -1) + 1 from platform.log where stream = $1";

    /// <summary>Whether somebody listens by that name.</summary>
    public async Task<bool> Knows(string subscriber, CancellationToken cancel) => (bool)(await Scalar(KnownSubscriber, cancel, subscriber))!;

    /// <summary>Sees to it that a subscriber of this process is there.</summary>
    internal async Task Add(Subscription subscription, CancellationToken cancel)
    {
        if (await Knows(subscription.Name, cancel))
            return;
        var from = subscription.FromNow ? (long)(await Scalar(NextOfStream, cancel, subscription.Stream))! : 0;
        await Scalar(AddRow, cancel, subscription.Name, subscription.Stream, from);
    }

    /// <summary>With the time that it takes to owe somebody all of a long log.</summary>
    async Task<object?> Scalar(string sql, CancellationToken cancel, params object[] values)
    {
#pragma warning disable CA2100 // one of the constants above
        await using var command = database.CreateCommand(sql);
#pragma warning restore CA2100
        command.CommandTimeout = LongestAdding;
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return await command.ExecuteScalarAsync(cancel);
    }

    /// <summary>Seconds.</summary>
    const int LongestAdding = 600;

    const string RemoveRow = "select platform.unsubscribe($1)";

    /// <summary>Forgets a subscriber and what it owed: <c>removed</c>, <c>absent</c>, or <c>quarantined</c> (refused: they stay counted).</summary>
    public async Task<string> Remove(string subscriber, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(RemoveRow);
        command.Parameters.Add(new() { Value = subscriber });
        return (string)(await command.ExecuteScalarAsync(cancel))!;
    }

    const string ReplayRows = "select deliveries, records from platform.replay($1, $2, $3)";

    /// <summary>Owes it the rows between two positions again, both included; what it owes or has in quarantine is left as it is.</summary>
    public async Task<(long Deliveries, long Records)> Replay(string subscriber, long from, long until, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(ReplayRows);
        command.CommandTimeout = LongestAdding;
        command.Parameters.Add(new() { Value = subscriber });
        command.Parameters.Add(new() { Value = from });
        command.Parameters.Add(new() { Value = until });
        await using var row = await command.ExecuteReaderAsync(cancel);
        await row.ReadAsync(cancel);
        return (row.GetInt64(0), row.GetInt64(1));
    }
}
