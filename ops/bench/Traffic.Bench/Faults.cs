using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using Traffic.Simulator;

namespace Traffic.Bench;

/// <summary>
/// <c>kill -9</c> at seeded moments while a campaign is being sent; afterwards everything that was answered must be there, once.
/// The simulator sends each request again, with the same ids, until it is answered.
/// </summary>
static class Faults
{
    const int RecordsEach = 3_000;
    static readonly DateOnly Day = new(2026, 10, 31);
    static int passed, failed;

    public static async Task<int> Run(Machine machine, int seed, int kills, string? results)
    {
        var table = new StringBuilder();
        foreach (var rabbit in new[] { false, true })
            table.AppendLine(await Campaign(machine, seed, kills, rabbit));
        if (results is not null)
            await File.WriteAllTextAsync(results, Page(table.ToString(), seed, kills));
        Console.WriteLine($"{passed} passed, {failed} failed, 0 skipped");
        return failed == 0 ? 0 : 1;
    }

    static async Task<string> Campaign(Machine machine, int seed, int kills, bool rabbit)
    {
        var name = rabbit ? "faults_rabbit" : "faults_memory";
        var database = await machine.NewDatabase(name);
        var data = Path.Combine(machine.Folder, name);
        string?[] parts = rabbit ? ["intake", "register,casework,reporting"] : [null];
        var ports = parts.Select(_ => Machine.FreePort()).ToArray();
        var hosts = new Served[parts.Length];
        Task<Served> Host(int n) => Started(() => Served.Product(ports[n],
            ("ConnectionStrings:Traffic", database), ("Traffic:Data", data), ("Traffic:Modules", parts[n]),
            ("ConnectionStrings:RabbitMq", rabbit ? machine.Broker : null), ("Logging:LogLevel:Default", "None")));
        for (var n = 0; n < parts.Length; n++)
            hosts[n] = await Host(n);

        var acks = new Dictionary<Guid, (long Sequence, string Sha256)>();
        var changedAnswers = 0;
        void Keep(JsonObject receipt)
        {
            var (id, ack) = ((Guid)receipt["recordId"]!, ((long)receipt["sequence"]!, (string)receipt["sha256"]!));
            if (!acks.TryAdd(id, ack) && acks[id] != ack)
                changedAnswers++;
        }

        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{ports[0]}"), Timeout = TimeSpan.FromMinutes(2) };
        using var enough = new CancellationTokenSource();
        var campaigns = 0;
        var sending = Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
                await Send(http, seed + campaigns++, Keep);
        });

        var random = new Random(seed);
        string[] victims = rabbit ? ["intake", "register", "postgres", "broker"] : ["host", "postgres"];
        var killed = victims.ToDictionary(victim => victim, _ => 0);
        for (var n = 0; n < kills; n++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(random.Next(300, 2_500)));
            var victim = victims[random.Next(victims.Length)];
            killed[victim]++;
            Console.Error.WriteLine($"{name}: kill {n + 1} of {kills}: {victim}; {acks.Count} answered");
            switch (victim)
            {
                case "postgres": await KillService(machine, "postgres", machine.PostgresId); break;
                case "broker": await KillService(machine, "rabbitmq", machine.BrokerId); break;
                default:
                    var at = victim == "register" ? 1 : 0;
                    await hosts[at].Kill();
                    hosts[at] = await Host(at);
                    break;
            }
        }
        await enough.CancelAsync();
        await sending;

        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database) { MaxPoolSize = 3 }.ConnectionString);
        var settled = await NothingInFlight(source);
        Check($"{name}: nothing stays in flight", settled, "deliveries are left after two minutes");
        var stored = await Stored(source);
        var missing = acks.Count(ack => !stored.TryGetValue(ack.Key, out var kept) || kept != ack.Value);
        Check($"{name}: each answered record is stored with its sequence and sha256", missing == 0, $"{missing} differ");
        Check($"{name}: a repeated request was answered as the first time", changedAnswers == 0, $"{changedAnswers} differ");
        Check($"{name}: nothing is stored that was not answered", stored.Count == acks.Count, $"{stored.Count} stored, {acks.Count} answered");
        var quarantined = await Scalar(source, "select count(*) from platform.quarantine");
        Check($"{name}: no good record is in quarantine", quarantined == 0, $"{quarantined}");
        Check($"{name}: reconcile exits 0", await Reconcile(database, data), "see above");

        var before = await Cells(source);
        SentCounts again = new(0, 0, 0, 0);
        for (var n = 0; n < campaigns; n++)
        {
            var sent = await Send(http, seed + n, Keep);
            again = new SentCounts(again.Accepted + sent.Accepted, again.Duplicate + sent.Duplicate, again.Conflict + sent.Conflict, again.Rejected + sent.Rejected);
        }
        await NothingInFlight(source);
        Check($"{name}: sent again, all are duplicates", again.Duplicate == again.Answered && again.Answered > 0, again.ToString());
        Check($"{name}: sent again, no receipt changes", changedAnswers == 0, $"{changedAnswers} differ");
        Check($"{name}: sent again, no count moves", await Cells(source) == before, "cells changed");
        Check($"{name}: reconcile exits 0 again", await Reconcile(database, data), "see above");
        foreach (var host in hosts)
            await host.DisposeAsync();

        var how = string.Join(", ", killed.Where(one => one.Value > 0).Select(one => $"{one.Key} {one.Value}"));
        return string.Create(CultureInfo.InvariantCulture,
            $"| {(rabbit ? "intake and register apart, RabbitMQ" : "one process, bus in memory")} | {how} | {acks.Count:n0} | {stored.Count:n0} | {missing} | {changedAnswers} | {again.Duplicate:n0} of {again.Answered:n0} | {quarantined} |");
    }

    /// <summary>Sends one campaign to its end, whatever happens to the host meanwhile.</summary>
    static async Task<SentCounts> Send(HttpClient http, int seed, Action<JsonObject> receipts)
    {
        while (true)
            try
            {
                return await new Sender(http).Send(new Campaign(seed, Day).Records(RecordsEach), 50, null, receipts, default);
            }
            catch (Exception fault) when (fault is IOException or TaskCanceledException or InvalidOperationException)
            {
                // An answer cut short means unknown: the whole campaign again, with the same ids.
                Console.Error.WriteLine($"sent again after {fault.GetType().Name}: {fault.Message}");
            }
    }

    /// <summary>A host may find its database still recovering; it is started until it stays.</summary>
    static async Task<Served> Started(Func<Task<Served>> start)
    {
        for (var attempt = 1; ; attempt++)
            try
            {
                return await start();
            }
            catch (InvalidOperationException) when (attempt < 20) { await Task.Delay(500); }
    }

    static async Task KillService(Machine machine, string service, int id)
    {
        using var process = Process.GetProcessById(id);
        process.Kill();
        await process.WaitForExitAsync();
        if (service == "rabbitmq")
            File.Delete(Path.Combine(machine.Folder, "rabbitmq/pid"));
        await machine.Services("start", service);
    }

    static async Task<bool> NothingInFlight(NpgsqlDataSource source)
    {
        for (var begin = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(begin) < TimeSpan.FromMinutes(2); await Task.Delay(100))
            if (await Scalar(source, "select count(*) from platform.delivery") == 0)
                return true;
        return false;
    }

    static async Task<Dictionary<Guid, (long Sequence, string Sha256)>> Stored(NpgsqlDataSource source)
    {
        await using var command = source.CreateCommand("""
            select k.record_id, l.first_sequence + k.item, encode(k.digest, 'hex')
            from intake.key k
            join platform.log l on l.position = k.position and l.created_at = k.received_at
            join register.violation v on v.record_id = k.record_id and v.received_at = k.received_at
            """);
        await using var row = await command.ExecuteReaderAsync();
        var stored = new Dictionary<Guid, (long, string)>();
        while (await row.ReadAsync())
            stored.Add(row.GetGuid(0), (row.GetInt64(1), row.GetString(2)));
        return stored;
    }

    static async Task<string> Cells(NpgsqlDataSource source)
    {
        await using var command = source.CreateCommand(
            "select md5(string_agg(cube || day || division || keys || value, ',' order by cube, day, division, keys)) from register.cell where value <> 0");
        return (string)(await command.ExecuteScalarAsync())!;
    }

    static async Task<bool> Reconcile(string database, string data)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(Machine.Root, "src/Traffic.Host/bin/Release/net10.0/traffic.dll"), "reconcile"])
        {
            RedirectStandardOutput = true,
        };
        start.Environment["ConnectionStrings__Traffic"] = database;
        start.Environment["Traffic__Data"] = data;
        using var process = Process.Start(start)!;
        var said = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            Console.Error.WriteLine(said);
        return process.ExitCode == 0;
    }

    static async Task<long> Scalar(NpgsqlDataSource source, string sql)
    {
#pragma warning disable CA2100 // constants
        await using var command = source.CreateCommand(sql);
#pragma warning restore CA2100
        return (long)(await command.ExecuteScalarAsync())!;
    }

    static void Check(string name, bool holds, string otherwise)
    {
        Console.WriteLine(holds ? $"passed  {name}" : $"FAILED  {name}: {otherwise}");
        if (holds)
            passed++;
        else
            failed++;
    }

    static string Page(string table, int seed, int kills) => $"""
        # Killed while it works

        `ops/test.sh --faults` sends a synthetic campaign, each request again until it is answered, and kills with `kill -9` at
        {kills} seeded moments (seed {seed}): hosts, PostgreSQL, the broker. Afterwards everything that was answered must be stored,
        once, with the sequence and the sha256 that were promised; `reconcile` must exit 0; the same campaign sent again must be all
        duplicates and move no count.

        | processes | killed | answered | stored | missing or different | answers that changed | duplicates when sent again | quarantined |
        |---|---|---|---|---|---|---|---|
        {table.TrimEnd()}

        {passed} checks passed, {failed} failed. {DateTimeOffset.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} cores,
        {System.Runtime.InteropServices.RuntimeInformation.OSDescription}, {System.Runtime.InteropServices.RuntimeInformation.FrameworkDescription},
        PostgreSQL with fsync on.

        """;
}
