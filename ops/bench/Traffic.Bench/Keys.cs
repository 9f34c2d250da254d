using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Traffic.Bench;

/// <summary>
/// The table of identities as it grows: the key as sent (feed and event id) against the key hashed to 16 bytes. Filled to each
/// size at once, its index built as full as keys in no order leave it; then groups of 500 new keys with <c>on conflict do nothing</c>
/// over two connections.
/// </summary>
static class Keys
{
    const int Group = 500;
    const long Step = 1_000_000;

    /// <summary>Percent: pages that split in halves, filled up and split again are so full on average (ln 2).</summary>
    const int Fullness = 69;

    static readonly (string Name, string Table, string Key, string Fill, string Insert)[] Ways =
    [
        ("key as sent", """
            create table key_sent (feed text not null, event_id text not null, digest bytea not null, position bigint not null, item int not null,
                received_at timestamptz not null, data_key bytea) partition by hash (feed, event_id)
            """,
            "feed, event_id",
            "insert into key_sent select 'feed-' || (random() * 50)::int, gen_random_uuid()::text, sha256(int8send(n)), n, 0, now(), decode(repeat('00', 60), 'hex') from generate_series(1, $1) n",
            """
            insert into key_sent select 'feed-' || (random() * 50)::int, gen_random_uuid()::text, sha256(int8send(n)), n, 0, now(), decode(repeat('00', 60), 'hex')
            from generate_series(1, $1) n order by 1, 2 on conflict do nothing
            """),
        ("key hashed to 16 bytes", """
            create table key_hashed (record_id uuid not null, digest bytea not null, position bigint not null, item int not null,
                received_at timestamptz not null, data_key bytea) partition by hash (record_id)
            """,
            "record_id",
            "insert into key_hashed select gen_random_uuid(), sha256(int8send(n)), n, 0, now(), decode(repeat('00', 60), 'hex') from generate_series(1, $1) n",
            """
            insert into key_hashed select gen_random_uuid(), sha256(int8send(n)), n, 0, now(), decode(repeat('00', 60), 'hex')
            from generate_series(1, $1) n order by 1 on conflict do nothing
            """),
    ];

    public static async Task Measure(Machine machine, long[] sizes)
    {
        Console.WriteLine("| key | rows | inserted/s, groups of 500, 2 connections | heap MB | index MB | bytes a row |");
        Console.WriteLine("|---|---|---|---|---|---|");
        foreach (var (name, create, key, fill, insert) in Ways)
        {
            var database = await machine.NewDatabase("bench_keys");
            await using var source = NpgsqlDataSource.Create(database);
            var table = create.Split(' ')[2];
            await Run(source, create);
            for (var n = 0; n < 8; n++)
                await Run(source, $"create table {table}_{n} partition of {table} for values with (modulus 8, remainder {n})");
            long rows = 0;
            foreach (var size in sizes.Order())
            {
                await Run(source, $"alter table {table} drop constraint if exists {table}_pkey");
                await Fill(source, fill, size - rows);
                rows = size;
                await Run(source, $"set maintenance_work_mem = '1GB'; alter table {table} add constraint {table}_pkey primary key ({key}) with (fillfactor = {Fullness})");
                await Run(source, "checkpoint");
                await using var command = source.CreateCommand("""
                    select sum(pg_table_size(inhrelid))::bigint, sum(pg_indexes_size(inhrelid))::bigint
                    from pg_inherits where inhparent = $1::regclass
                    """);
                command.Parameters.Add(new() { Value = table });
                await using var sized = await command.ExecuteReaderAsync();
                await sized.ReadAsync();
                var (heap, index) = (sized.GetInt64(0), sized.GetInt64(1));
                var rate = await Rate(source, insert);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"| {name} | {size:n0} | {rate:n0} | {heap >> 20:n0} | {index >> 20:n0} | {(heap + index) / (double)size:0} |"));
            }
        }
    }

    static async Task Fill(NpgsqlDataSource source, string fill, long rows)
    {
        var left = rows;
        await Task.WhenAll(Enumerable.Range(0, 2).Select(async _ =>
        {
            while (Interlocked.Add(ref left, -Step) is var after && after > -Step)
                await Run(source, fill, Math.Min(Step, after + Step));
        }));
    }

    static async Task<double> Rate(NpgsqlDataSource source, string insert)
    {
        var begin = Stopwatch.GetTimestamp();
        long done = 0;
        await Task.WhenAll(Enumerable.Range(0, 2).Select(async _ =>
        {
            await Task.Yield();
            while (Stopwatch.GetElapsedTime(begin) < TimeSpan.FromSeconds(10))
            {
                await Run(source, insert, Group);
                Interlocked.Add(ref done, Group);
            }
        }));
        return done / Stopwatch.GetElapsedTime(begin).TotalSeconds;
    }

    static async Task Run(NpgsqlDataSource source, string sql, long? many = null)
    {
#pragma warning disable CA2100 // constants above
        await using var command = source.CreateCommand(sql);
#pragma warning restore CA2100
        command.CommandTimeout = 7_200;
        if (many is { } rows)
            command.Parameters.Add(new() { Value = rows });
        await command.ExecuteNonQueryAsync();
    }
}
