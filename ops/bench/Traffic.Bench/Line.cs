using System.Diagnostics;
using Npgsql;

namespace Traffic.Bench;

/// <summary>One measured run.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="VisiblePerSecond">Records a second that became visible in the counts.</param>
/// <param name="AcceptedPerSecond">Records a second answered with receipts.</param>
/// <param name="AcceptMs">p50 and p99 of the answer, ms.</param>
/// <param name="VisibleMs">p50 and p99 from answer to visible, ms; null where not measured.</param>
/// <param name="MicrosecondsEach">Processor time for each visible record: PostgreSQL, broker, application, loader; µs.</param>
/// <param name="Megabytes">Resident memory of the application's processes at the end, MB.</param>
/// <param name="Failed">Requests not answered 200 or 201.</param>
sealed record Row(
    string Name, double VisiblePerSecond, double AcceptedPerSecond, double[] AcceptMs, double[]? VisibleMs, Cpu? MicrosecondsEach,
    double[] Megabytes, long Failed)
{
    public object? Extra { get; init; }
}

/// <summary>The whole line, from the HTTP request until the record stands in the counts a report is made of.</summary>
sealed class Line(Machine machine, TimeSpan warm, TimeSpan measured)
{
    const string VisibleRecords = "select coalesce(sum(value), 0)::bigint from register.cell where cube = 'violations'";

    /// <summary>The product's processes on a database of their own.</summary>
    public async Task<(string Database, List<Served> Hosts)> Start(bool rabbit)
    {
        var name = rabbit ? "bench_rabbit" : "bench_memory";
        var database = await machine.NewDatabase(name);
        var data = Path.Combine(machine.Folder, name);
        Task<Served> Host(string? modules) => Served.Product(
            ("ConnectionStrings:Traffic", database), ("Traffic:Data", data), ("Traffic:Modules", modules),
            ("ConnectionStrings:RabbitMq", rabbit ? machine.Broker : null), ("Logging:LogLevel:Default", "Error"));
        List<Served> hosts = rabbit
            ? [await Host("intake"), await Host("register,casework,reporting")]
            : [await Host(null)];
        return (database, hosts);
    }

    public async Task<Row> Throughput(string name, string database, List<Served> hosts, Request[] requests, int connections, string visible = VisibleRecords)
    {
        await using var watch = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database) { MaxPoolSize = 2 }.ConnectionString);
        long from = 0, until = 0;
        Cpu begin = default, used = default;
        var atRest = hosts.Select(host => Machine.MegabytesOf(host.Id)).ToArray();
        var clock = new Stopwatch();
        var load = await Loader.Closed(hosts[0].Port, connections, requests, warm, measured, async end =>
        {
            if (!end)
                (from, begin) = (await Scalar(watch, visible), machine.Cpu(hosts.Select(host => host.Id)));
            else
                (until, used) = (await Scalar(watch, visible), machine.Cpu(hosts.Select(host => host.Id)) - begin);
            if (end)
                clock.Stop();
            else
                clock.Start();
        });
        var records = until - from;
        var megabytes = hosts.Select(host => Machine.MegabytesOf(host.Id)).ToArray();
        await Drained(watch, visible);
        return new Row(name, records / clock.Elapsed.TotalSeconds, load.Accepted / load.Seconds,
            [load.Percentile(0.5), load.Percentile(0.99)], null,
            Each(used, records), megabytes, load.Failed)
        {
            Extra = new { megabytesAtRest = atRest.Select(one => Math.Round(one)), startMs = hosts.Select(host => Math.Round(host.ToFirstAnswer.TotalMilliseconds)) },
        };
    }

    /// <summary>Microseconds of processor time a record.</summary>
    static Cpu Each(Cpu seconds, long records)
    {
        var each = 1e6 / Math.Max(1, records);
        return new Cpu(seconds.Postgres * each, seconds.Broker * each, seconds.App * each, seconds.Loader * each);
    }

    /// <summary>Waits until the counts stand still.</summary>
    static async Task Drained(NpgsqlDataSource watch, string visible)
    {
        for (long last = -1, now; ; last = now)
        {
            now = await Scalar(watch, visible);
            if (now == last)
                return;
            await Task.Delay(1_500);
        }
    }

    /// <summary>A fixed rate of single posts, and when each stood in the counts.</summary>
    /// <param name="outage">Kills the broker a third into the run and starts it again so that it is away some five seconds.</param>
    public async Task<Row> Latency(string name, string database, List<Served> hosts, int rate, TimeSpan length, bool outage)
    {
        await using var watch = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database) { MaxPoolSize = 2 }.ConnectionString);
        using var stop = new CancellationTokenSource();
        var before = await Scalar(watch, "select records from platform.stream where stream = 'intake'");
        var watching = Task.Run(() => Told(watch, stop.Token));
        double away = 0;
        var breaking = !outage ? Task.CompletedTask : Task.Run(async () =>
        {
            await Task.Delay(length / 3);
            using var broker = Process.GetProcessById(machine.BrokerId);
            broker.Kill();
            var down = Stopwatch.GetTimestamp();
            await broker.WaitForExitAsync();
            File.Delete(Path.Combine(machine.Folder, "rabbitmq/pid"));
            await machine.Services("start", "rabbitmq");
            away = Stopwatch.GetElapsedTime(down).TotalSeconds;
        });

        var begin = machine.Cpu(hosts.Select(host => host.Id));
        var load = await Loader.Open(hosts[0].Port, 200, Bodies.Singles(64), rate, length);
        var used = machine.Cpu(hosts.Select(host => host.Id)) - begin;
        await breaking;
        var limit = Stopwatch.GetTimestamp();
        while (await Scalar(watch, "select count(*) from platform.delivery where subscriber = 'register-violations'") > 0
            && Stopwatch.GetElapsedTime(limit) < TimeSpan.FromSeconds(30))
            await Task.Delay(100);
        // One more look after the last.
        await Task.Delay(20);
        await stop.CancelAsync();
        var seen = await Stored(watch, await watching, before);

        var at = 0;
        var toVisible = load.Sequences.OrderBy(one => one.Sequence).Select(one =>
        {
            while (at < seen.Count - 1 && seen[at].Records < one.Sequence)
                at++;
            return (int)Math.Max(0, Stopwatch.GetElapsedTime(one.At, seen[at].At).TotalMicroseconds);
        }).Order().ToArray();
        return new Row(name, load.Accepted / load.Seconds, load.Accepted / load.Seconds, [load.Percentile(0.5), load.Percentile(0.99)],
            [Load.Of(toVisible, 0.5), Load.Of(toVisible, 0.99)], outage ? null : Each(used, load.Accepted), [.. hosts.Select(host => Machine.MegabytesOf(host.Id))], load.Failed)
        {
            Extra = outage ? new { brokerAwaySeconds = Math.Round(away, 1) } : null,
        };
    }

    /// <summary>How much the Register had told, and when, until it is cancelled. One row is read: the look must cost next to nothing.</summary>
    static async Task<List<(long Told, long At)>> Told(NpgsqlDataSource watch, CancellationToken stop)
    {
        var seen = new List<(long Told, long At)>(100_000);
        await using var connection = await watch.OpenConnectionAsync(CancellationToken.None);
        await using var command = new NpgsqlCommand("select records from platform.stream where stream = 'register'", connection);
        await command.PrepareAsync(CancellationToken.None);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(3));
        while (!stop.IsCancellationRequested)
        {
            var told = (long)(await command.ExecuteScalarAsync(CancellationToken.None))!;
            if (seen.Count == 0 || seen[^1].Told != told)
                seen.Add((told, Stopwatch.GetTimestamp()));
            await tick.WaitForNextTickAsync(CancellationToken.None);
        }
        return seen;
    }

    // What the Register tells is new records and changes of earlier ones: only the first kind became visible.
    const string NewAmongTold = """
        select first_sequence + items - 1,
               (select count(*) from regexp_matches(convert_from(body, 'UTF8'), '"revision":1,', 'g'))
        from platform.log where stream = 'register' and first_sequence > $1 order by first_sequence
        """;

    /// <summary>The same as stored records, of which there were so many when the first look was taken.</summary>
    static async Task<List<(long Records, long At)>> Stored(NpgsqlDataSource watch, List<(long Told, long At)> seen, long records)
    {
        var stored = new List<(long Records, long At)>(seen.Count);
        await using var command = watch.CreateCommand(NewAmongTold);
        command.Parameters.Add(new() { Value = seen[0].Told });
        await using var row = await command.ExecuteReaderAsync();
        var next = 0;
        while (next < seen.Count && await row.ReadAsync())
        {
            for (; next < seen.Count && seen[next].Told < row.GetInt64(0); next++)
                stored.Add((records, seen[next].At));
            records += row.GetInt64(1);
        }
        for (; next < seen.Count; next++)
            stored.Add((records, seen[next].At));
        return stored;
    }

    static async Task<long> Scalar(NpgsqlDataSource source, string sql)
    {
#pragma warning disable CA2100 // constants
        await using var command = source.CreateCommand(sql);
#pragma warning restore CA2100
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
