using System.Globalization;
using System.Text.Json;
using Npgsql;
using Traffic.Bench;

// Roles of child processes.
if (args is ["http-alone"])
{
    await HttpAlone.Serve();
    return 0;
}
if (args is ["decide"])
{
    Decide.Measure();
    return 0;
}
if (args is ["naive"])
{
    await Naive.Serve();
    return 0;
}

string? Option(string name) => args.SkipWhile(arg => arg != name).Skip(1).FirstOrDefault();
var machine = new Machine(
    Option("--services") ?? throw new ArgumentException("--services DIR: the folder of ops/dev-services.sh; ops/bench/run.sh gives it."),
    Environment.GetEnvironmentVariable("ConnectionStrings__Traffic")!, Environment.GetEnvironmentVariable("ConnectionStrings__RabbitMq")!);
if (args is ["keys", ..])
{
    await Keys.Measure(machine, [.. (Option("--rows") ?? "10000000").Split(',').Select(rows => long.Parse(rows, CultureInfo.InvariantCulture))]);
    return 0;
}
if (args is ["timemachine", ..])
{
    await TimeMachine.Measure(machine, int.Parse(Option("--rows") ?? "1000000", CultureInfo.InvariantCulture));
    return 0;
}
if (args is ["lookup", ..])
{
    await Lookup.Measure(machine);
    return 0;
}
if (args is ["editions", ..])
{
    await Editions.Measure(machine, long.Parse(Option("--records") ?? "1000000", CultureInfo.InvariantCulture));
    return 0;
}
if (args is ["reports", ..])
{
    await Reports.Measure(
        machine, [.. (Option("--rows") ?? "1000000,10000000").Split(',').Select(rows => long.Parse(rows, CultureInfo.InvariantCulture))], Option("--results"));
    return 0;
}
if (args is ["faults", ..])
    return await Faults.Run(
        machine, int.Parse(Option("--seed") ?? "1", CultureInfo.InvariantCulture), int.Parse(Option("--kills") ?? "20", CultureInfo.InvariantCulture),
        Option("--results"));

var warm = TimeSpan.FromSeconds(double.Parse(Option("--warm") ?? "10", CultureInfo.InvariantCulture));
var measured = TimeSpan.FromSeconds(double.Parse(Option("--measured") ?? "8", CultureInfo.InvariantCulture));
var only = (Option("--only") ?? "memory,rabbit,limit,http,naive,latency,start").Split(',');
var line = new Line(machine, warm, measured);
var (singles, batches) = (Bodies.Singles(64), Bodies.Batches(8, 100));
var rows = new List<Row>();
var latencies = only.Contains("latency");
double limit = 0;
await machine.MakeWalAhead();
var pauses = Pauses.Measure(TimeSpan.FromSeconds(5));

void Tell(Row row)
{
    rows.Add(row);
    Console.Error.WriteLine(Report.Line(row));
}

foreach (var rabbit in new[] { false, true })
{
    var where = rabbit ? "over RabbitMQ" : "in memory";
    if (!only.Contains(rabbit ? "rabbit" : "memory"))
        continue;
    var (database, hosts) = await line.Start(rabbit);
    Tell(await line.Throughput($"batches of 100, 8 connections, {where}", database, hosts, batches, 8));
    Tell(await line.Throughput($"single posts, 64 connections, {where}", database, hosts, singles, 64));
    var half = (int)(rows[^1].VisiblePerSecond / 2);
    if (Option("--rate") is { } rates)
        foreach (var rate in rates.Split(',').Select(one => int.Parse(one, CultureInfo.InvariantCulture)))
            Tell(await line.Latency(string.Create(CultureInfo.InvariantCulture, $"{rate:n0} single posts a second, {where}"),
                database, hosts, rate, TimeSpan.FromSeconds(10), outage: false));
    if (latencies)
    {
        Tell(await line.Latency(string.Create(CultureInfo.InvariantCulture, $"half of that peak, {half:n0} single posts a second, {where}"),
            database, hosts, half, TimeSpan.FromSeconds(10), outage: false));
        Tell(await line.Latency($"5,000 single posts a second, {where}", database, hosts, 5_000, TimeSpan.FromSeconds(10), outage: false));
    }
    if (latencies && rabbit)
        foreach (var rate in new[] { half, 5_000 })
            Tell(await line.Latency(string.Create(CultureInfo.InvariantCulture, $"{rate:n0} single posts a second through a broker outage"),
                database, hosts, rate, TimeSpan.FromSeconds(18), outage: true));
    foreach (var host in hosts)
        await host.DisposeAsync();

    // In the same minute as the line it is held against.
    if (only.Contains("limit") && limit == 0)
    {
        limit = await Limit.Measure(machine, database, TimeSpan.FromSeconds(3), measured);
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"L: {limit:n0} rows/s"));
    }
}

double httpSingle = 0, httpBatch = 0;
if (only.Contains("http"))
{
    await using var alone = await Served.Self("http-alone");
    static Task Nothing(bool end) => Task.CompletedTask;
    httpBatch = (await Loader.Closed(alone.Port, 8, batches, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5), Nothing)) is var b ? b.Accepted / b.Seconds : 0;
    httpSingle = (await Loader.Closed(alone.Port, 64, singles, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5), Nothing)) is var s ? s.Accepted / s.Seconds : 0;
    Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"H: {httpBatch:n0} records/s in batches, {httpSingle:n0} single"));
}

double naive = 0;
if (only.Contains("naive"))
{
    var database = await machine.NewDatabase("bench_naive");
    await using (var source = NpgsqlDataSource.Create(database))
    await using (var command = source.CreateCommand(Naive.Schema))
        await command.ExecuteNonQueryAsync();
    var host = await Served.Self("naive", ("ConnectionStrings:Traffic", database), ("ConnectionStrings:RabbitMq", machine.Broker));
    Tell(await line.Throughput("naive: a row, a commit and a message each, 64 connections, RabbitMQ", database, [host], singles, 64,
        "select coalesce(sum(value), 0)::bigint from cell"));
    naive = rows[^1].VisiblePerSecond;
    await host.DisposeAsync();
}

double? startMs = null;
if (only.Contains("start"))
{
    // PostgreSQL's programs and data are there: the second start on a data folder of our own.
    var data = Path.Combine(machine.Folder, "bench_start");
    (string, string?)[] alone = [("ConnectionStrings:Traffic", null), ("ConnectionStrings:RabbitMq", null), ("Traffic:Data", data)];
    await (await Served.Product(alone)).DisposeAsync();
    var again = await Served.Product(alone);
    startMs = again.ToFirstAnswer.TotalMilliseconds;
    await again.DisposeAsync();
}

Report.Print(rows, limit, httpSingle, httpBatch, startMs, pauses);
double? Ratio(string name, double to) => to > 0 && rows.FirstOrDefault(row => row.Name.StartsWith(name, StringComparison.Ordinal)) is { } row
    ? Math.Round(row.VisiblePerSecond / to, 3) : null;
Console.WriteLine(JsonSerializer.Serialize(new
{
    ratios = new
    {
        batchInProcessToL = Ratio("batches of 100, 8 connections, in memory", limit),
        batchRabbitToL = Ratio("batches of 100, 8 connections, over RabbitMQ", limit),
        singleInProcessToNaive = Ratio("single posts, 64 connections, in memory", naive),
        singleRabbitToNaive = Ratio("single posts, 64 connections, over RabbitMQ", naive),
    },
    limitRowsPerSecond = Math.Round(limit),
    httpAlone = new { batch = Math.Round(httpBatch), single = Math.Round(httpSingle) },
    pauses = new { longestMs = Math.Round(pauses.LongestMs, 1), share = Math.Round(pauses.Share, 4) },
    startMs = startMs is { } ms ? Math.Round(ms) : (double?)null,
    rows,
    hardware = Machine.Hardware(),
    settings = await machine.Settings(),
    warmSeconds = warm.TotalSeconds,
    measuredSeconds = measured.TotalSeconds,
}, Report.Json));
return 0;
