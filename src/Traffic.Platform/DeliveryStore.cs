using Npgsql;
using NpgsqlTypes;

namespace Traffic.Platform;

/// <summary>Every statement on <c>platform.delivery</c> and <c>platform.quarantine</c>, as one subscriber sees them.</summary>
sealed class DeliveryStore(NpgsqlDataSource database, string subscriber)
{
    public NpgsqlDataSource Database => database;

    /// <summary>The newest row claimed: of what lies before it hardly anything is owed, so that its items need not be named as kept.</summary>
    long claimed;

    /// <summary>Items in a delivery, as the last claim found them: so many deliveries as fill a batch are locked, and the others left to others.</summary>
    double itemsEach = 1;

    const int MostDeliveries = 128;

    // Only rows nobody has tried yet and that are young: what is older was perhaps being handled when a process died,
    // and goes the way of Sweep, which commits the attempt first.
    const string ClaimFreshRows = """
        with due as (
            select d.position, d.first_item, d.items
            from platform.delivery d
            where d.subscriber = $1 and d.attempts = 0 and d.next_try_at is null
              and d.created_at > clock_timestamp() - interval '30 seconds'
            order by d.position, d.first_item
            limit $4
            for update skip locked),
        fitting as (
            select *, sum(items) over (order by position, first_item) - items as items_before from due),
        gone as (
            delete from platform.delivery d using fitting f
            where d.subscriber = $1 and d.position = f.position and d.first_item = f.first_item and f.items_before < $2
            returning d.position, d.first_item, d.items, d.created_at)
        select g.position, g.first_item, g.items, g.created_at, l.first_sequence, l.body, (select nextval('platform.position'))
        from gone g
        cross join lateral (
            select l.first_sequence, case when g.position = any($3) then null else l.body end as body
            from platform.log l where l.position = g.position and l.created_at = g.created_at limit 1) l
        order by g.position, g.first_item
        """;

    /// <summary>
    /// Takes young deliveries in position order, up to some number of items; their rows are gone if the transaction commits.
    /// More is true where there may be others.
    /// </summary>
    public async Task<(List<LogSlice> Slices, long NextPosition, bool More)> ClaimFresh(
        NpgsqlConnection connection, int maxItems, RecentItems recent, CancellationToken cancel)
    {
        var most = Math.Clamp((int)Math.Ceiling(maxItems / itemsEach), 1, MostDeliveries);
        var command = new NpgsqlCommand(ClaimFreshRows, connection)
        {
            Parameters =
            {
                new() { Value = subscriber }, new() { Value = maxItems }, new() { Value = recent.Positions(after: claimed) }, new() { Value = most },
            },
        };
        var (slices, nextPosition) = await Read(command, recent, cancel);
        var items = slices.Sum(one => one.Items);
        if (slices.Count > 0)
            (claimed, itemsEach) = (slices[^1].Position, (double)items / slices.Count);
        return (slices, nextPosition, slices.Count == most || items >= maxItems);
    }

    const string ClaimNamedRows = """
        with due as (
            select d.position, d.first_item
            from platform.delivery d
            join unnest($2::bigint[], $3::int[]) as named (position, first_item) using (position, first_item)
            where d.subscriber = $1
            order by d.position, d.first_item
            for update of d skip locked),
        gone as (
            delete from platform.delivery d using due
            where d.subscriber = $1 and d.position = due.position and d.first_item = due.first_item
            returning d.position, d.first_item, d.items, d.created_at)
        select g.position, g.first_item, g.items, g.created_at, l.first_sequence, l.body, (select nextval('platform.position'))
        from gone g
        cross join lateral (
            select l.first_sequence, l.body
            from platform.log l where l.position = g.position and l.created_at = g.created_at limit 1) l
        order by g.position, g.first_item
        """;

    /// <summary>Takes the named deliveries, those that are still owed and that nobody else holds.</summary>
    public async Task<(List<LogSlice> Slices, long NextPosition, bool More)> Claim(
        NpgsqlConnection connection, IReadOnlyList<Owed> owed, RecentItems recent, CancellationToken cancel)
    {
        var command = new NpgsqlCommand(ClaimNamedRows, connection)
        {
            Parameters =
            {
                new() { Value = subscriber },
                new() { Value = owed.Select(one => one.Position).ToArray() },
                new() { Value = owed.Select(one => one.FirstItem).ToArray() },
            },
        };
        var (slices, nextPosition) = await Read(command, recent, cancel);
        return (slices, nextPosition, false);
    }

    static async Task<(List<LogSlice>, long)> Read(NpgsqlCommand command, RecentItems recent, CancellationToken cancel)
    {
        await using var _ = command;
        var slices = new List<LogSlice>();
        var nextPosition = 0L;
        var missing = new List<int>();
        await using (var row = await command.ExecuteReaderAsync(cancel))
            while (await row.ReadAsync(cancel))
            {
                var position = row.GetInt64(0);
                var handedOver = recent.Find(position);
                var body = handedOver is not null || await row.IsDBNullAsync(5, cancel) ? null : row.GetFieldValue<byte[]>(5);
                if (handedOver is null && body is null)
                    missing.Add(slices.Count);
                slices.Add(Slice(
                    position, row.GetInt64(4), row.GetInt32(1), row.GetInt32(2), row.GetDateTime(3), body, handedOver));
                nextPosition = row.GetInt64(6);
            }

        // Named as kept when the statement was sent, dropped while it ran.
        foreach (var i in missing)
            slices[i] = await ReadBody(command.Connection!, slices[i], cancel);
        return (slices, nextPosition);
    }

    const string BodyAt = "select body from platform.log where position = $1 and created_at = $2";

    static async Task<LogSlice> ReadBody(NpgsqlConnection connection, LogSlice slice, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(BodyAt, connection)
        {
            Parameters = { new() { Value = slice.Position }, new() { Value = slice.CreatedAt } },
        };
        var body = (byte[])(await command.ExecuteScalarAsync(cancel))!;
        return Slice(slice.Position, slice.FirstSequence, slice.FirstItem, slice.Items, slice.CreatedAt, body, null);
    }

    /// <summary>Cuts the owed lines out of a body.</summary>
    internal static LogSlice Slice(
        long position, long firstSequence, int firstItem, int items, DateTime createdAt, byte[]? body, Array? recent)
    {
        ReadOnlyMemory<byte> lines = body;
        if (body is not null)
        {
            var start = 0;
            for (var i = 0; i < firstItem; i++)
                start += Array.IndexOf(body, (byte)'\n', start) + 1 - start;
            var end = start;
            for (var i = 0; i < items && end < body.Length; i++)
            {
                var feed = Array.IndexOf(body, (byte)'\n', end);
                end = feed < 0 ? body.Length : feed + 1;
            }
            lines = body.AsMemory(start, end - start);
        }
        return new LogSlice(position, firstSequence, firstItem, items, createdAt, lines, recent);
    }

    const string MarkDueRows = """
        with due as (
            select d.position, d.first_item, d.attempts, row_number() over (order by d.position, d.first_item) as nth,
                   first_value(d.attempts) over (order by d.position, d.first_item) as first_attempts,
                   sum(d.items) over (order by d.position, d.first_item) - d.items as items_before
            from (select * from platform.delivery
                  where subscriber = $1
                    and (next_try_at <= clock_timestamp()
                         or next_try_at is null and created_at <= clock_timestamp() - interval '30 seconds')
                  order by position, first_item
                  limit 64
                  for update skip locked) d)
        update platform.delivery d
        set attempts = d.attempts + 1,
            next_try_at = clock_timestamp() + interval '2 seconds' * least(power(2, d.attempts), 128)
        from due
        where d.subscriber = $1 and d.position = due.position and d.first_item = due.first_item
          and due.attempts = due.first_attempts
          and due.nth <= case due.first_attempts when 0 then 64 when 1 then 8 else 1 end and due.items_before < $2
        returning d.position, d.first_item, d.items, d.created_at, d.attempts
        """;

    /// <summary>
    /// Commits an attempt at the oldest due deliveries before it is made, so that a body that kills the process is seen.
    /// Many at a time when never tried, eight after one attempt, then each alone; and no more than fill a batch.
    /// </summary>
    public async Task<List<Owed>> MarkDue(int maxItems, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(MarkDueRows);
        command.Parameters.Add(new() { Value = subscriber });
        command.Parameters.Add(new() { Value = maxItems });
        var owed = new List<Owed>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            owed.Add(new Owed(row.GetInt64(0), row.GetInt32(1), row.GetInt32(2), row.GetDateTime(3), row.GetInt32(4)));
        return owed;
    }

    const string MarkFailedRows = """
        update platform.delivery d
        set attempts = greatest(0, d.attempts + $4), next_try_at = clock_timestamp() + $5
        from (select d.position, d.first_item from platform.delivery d
              join unnest($2::bigint[], $3::int[]) as named (position, first_item) using (position, first_item)
              where d.subscriber = $1
              order by d.position, d.first_item
              for update of d) as named
        where d.subscriber = $1 and d.position = named.position and d.first_item = named.first_item
        """;

    /// <summary>Notes the end of a failed try.</summary>
    /// <param name="owed">The deliveries that were tried.</param>
    /// <param name="attempts">+1 where the attempt was not committed beforehand, −1 where a fault of the moment must not count, else 0.</param>
    /// <param name="wait">Not tried again before this has passed.</param>
    /// <param name="cancel">Cancels.</param>
    public async Task MarkFailed(IReadOnlyList<Owed> owed, int attempts, TimeSpan wait, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(MarkFailedRows);
        command.Parameters.Add(new() { Value = subscriber });
        command.Parameters.Add(new() { Value = owed.Select(one => one.Position).ToArray() });
        command.Parameters.Add(new() { Value = owed.Select(one => one.FirstItem).ToArray() });
        command.Parameters.Add(new() { Value = attempts });
        command.Parameters.Add(new() { Value = wait });
        await command.ExecuteNonQueryAsync(cancel);
    }

    const string SplitRow = """
        with whole as (
            delete from platform.delivery
            where subscriber = $1 and position = $2 and first_item = $3 and items > 1
            returning *)
        insert into platform.delivery (subscriber, position, first_item, items, created_at, attempts, next_try_at)
        select subscriber, position, first_item, items / 2, created_at, 2, clock_timestamp() from whole
        union all
        select subscriber, position, first_item + items / 2, items - items / 2, created_at, 2, clock_timestamp() from whole
        """;

    /// <summary>One row out, two rows in: the record at fault is in one of them.</summary>
    public async Task Split(Owed owed, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(SplitRow);
        command.Parameters.Add(new() { Value = subscriber });
        command.Parameters.Add(new() { Value = owed.Position });
        command.Parameters.Add(new() { Value = owed.FirstItem });
        await command.ExecuteNonQueryAsync(cancel);
    }

    const string QuarantineRow = """
        with gone as (
            delete from platform.delivery
            where subscriber = $1 and position = $2 and first_item = $3 and items = 1
            returning *)
        insert into platform.quarantine (subscriber, position, item, created_at, attempts, reason)
        select subscriber, position, first_item, created_at, attempts, $4 from gone
        """;

    /// <summary>Delivery out, quarantine row in: counted, listed, retryable.</summary>
    public async Task Quarantine(Owed owed, string reason, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(QuarantineRow);
        command.Parameters.Add(new() { Value = subscriber });
        command.Parameters.Add(new() { Value = owed.Position });
        command.Parameters.Add(new() { Value = owed.FirstItem });
        command.Parameters.Add(new() { Value = reason, NpgsqlDbType = NpgsqlDbType.Text });
        await command.ExecuteNonQueryAsync(cancel);
    }
}

/// <summary>One delivery by name, with the attempts committed so far.</summary>
sealed record Owed(long Position, int FirstItem, int Items, DateTime CreatedAt, int Attempts);
