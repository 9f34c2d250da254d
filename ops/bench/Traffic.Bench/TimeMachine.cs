using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;

namespace Traffic.Bench;

/// <summary>
/// A changed catalogue over a simulated campaign: filled through the front doors, previewed twice, released, previewed the other
/// way round, undone. The change touches most of it: belts, lights and speeding are nine tenths of the campaign.
/// </summary>
static class TimeMachine
{
    sealed record Step(string Name, double Seconds, long Examined, long Changed);

    public static async Task Measure(Machine machine, int rows)
    {
        var database = await machine.NewDatabase("bench_timemachine");
        await using var watch = NpgsqlDataSource.Create(database);
        await using var host = await Served.Product(("ConnectionStrings:Traffic", database), ("ConnectionStrings:RabbitMq", null));
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{host.Port}"), Timeout = TimeSpan.FromMinutes(1) };
        await Fill(host.Port, rows, watch);

        var (holdUs, share) = await Hold(database, rows);
        var steps = new List<Step>();
        var before = await Cells(watch);
        var first = await Timed("preview", steps, () => Preview(http));
        var second = await Timed("the same preview again", steps, () => Preview(http));
        var identical = first["moved"]!.ToJsonString() == second["moved"]!.ToJsonString();
        Task<JsonNode> Release() => Change(http, "releases", new
        {
            files = new[] { new { name = File2022, text = Changed() } }, by = "bench-1", secondPerson = "bench-2", reason = "bench", retroactive = true,
        });
        var released = await Timed("release: decided again", steps, Release);
        var asSaid = released["moved"]!.ToJsonString() == first["moved"]!.ToJsonString();
        await Settled(watch);
        var standings = await Standings(watch);
        await Timed("undo: decided again", steps, () => Change(http, "undo", new { version = "2", by = "bench-1", secondPerson = "bench-2", reason = "bench" }));
        await Settled(watch);
        var restored = before.SequenceEqual(await Cells(watch));
        var again = await Timed("the same release again", steps, Release);
        await Settled(watch);
        var alike = again["moved"]!.ToJsonString() == released["moved"]!.ToJsonString() && standings == await Standings(watch);

        Console.WriteLine("| step | seconds | records examined | changed |");
        Console.WriteLine("|---|---|---|---|");
        foreach (var step in steps)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {step.Name} | {step.Seconds:0.0} | {step.Examined:n0} | {step.Changed:n0} |"));
        Console.WriteLine(JsonSerializer.Serialize(new
        {
            holdTheVersionUs = Math.Round(holdUs), shareOfTheRegistersWorkPercent = Math.Round(share, 2), steps, previewsIdentical = identical, releaseMovedWhatThePreviewSaid = asSaid, undoRestoredEveryCount = restored, bothReleasesIdentical = alike, standings,
            hardware = Machine.Hardware(), settings = await machine.Settings(),
        }, Report.Json));
    }

    const string File2022 = "2022-04-01.json";

    static string Changed()
    {
        var text = File.ReadAllText(Path.Combine(Machine.Root, "schemas/catalogue", File2022));
        foreach (var (entry, from, to) in new[]
        {
            ("seat-belt.driver", "\"points\": 1", "\"points\": 3"), ("red-light.motor", "\"points\": 6", "\"points\": 3"), ("wrong-lane.other", "\"points\": 0", "\"points\": 1"),
            ("speeding.b.other.20", "\"under\": 50", "\"under\": 60"), ("speeding.b.other.50", "\"from\": 50", "\"from\": 60"),
        })
        {
            var start = text.IndexOf($"\"id\": \"{entry}\"", text.IndexOf("\"cases\"", StringComparison.Ordinal), StringComparison.Ordinal);
            var at = text.IndexOf(from, start, StringComparison.Ordinal);
            text = text[..at] + to + text[(at + from.Length)..];
        }
        return text;
    }

    /// <summary>What it costs a deciding transaction to hold and check the version: µs each, and percent of what the register had to do.</summary>
    static async Task<(double Us, double SharePercent)> Hold(string database, int rows)
    {
        const int Times = 2_000;
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(database) { MaxAutoPrepare = 10, AutoPrepareMinUsages = 2 }.ConnectionString);
        await using var connection = await source.OpenConnectionAsync();
        var spent = TimeSpan.Zero;
        for (var i = 0; i < Times; i++)
        {
            await using var transaction = await connection.BeginTransactionAsync();
            await using var batch = new NpgsqlBatch(connection)
            {
                BatchCommands = { new("select pg_advisory_xact_lock_shared(1953653094, 1)"), new("select max(id) from register.catalogue") },
            };
            var begin = Stopwatch.GetTimestamp();
            await batch.ExecuteNonQueryAsync();
            spent += Stopwatch.GetElapsedTime(begin);
            await transaction.CommitAsync();
        }
        await using var batches = source.CreateCommand("select count(*) from platform.log where stream = 'register'");
        var transactions = (long)(await batches.ExecuteScalarAsync())!;
        var each = spent.TotalMicroseconds / Times;
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"holding the version: {each:0} µs, in each of {transactions:n0} transactions of {rows / (double)transactions:0} records"));
        return (each, 100 * each * transactions / (filledIn.TotalMicroseconds));
    }

    static TimeSpan filledIn;

    static async Task Fill(int port, int rows, NpgsqlDataSource watch)
    {
        var begin = Stopwatch.GetTimestamp();
        var start = new ProcessStartInfo("dotnet",
            [Path.Combine(Machine.Root, "src/Traffic.Host/bin/Release/net10.0/traffic.dll"), "simulate", "--to", $"http://127.0.0.1:{port}", "--records", $"{rows}", "--batch", "1000"])
        {
            RedirectStandardOutput = true,
        };
        using var simulate = Process.Start(start)!;
        var said = await simulate.StandardOutput.ReadToEndAsync();
        await simulate.WaitForExitAsync();
        await Settled(watch);
        filledIn = Stopwatch.GetElapsedTime(begin);
        await using (var analyze = watch.CreateCommand("vacuum analyze"))
        {
            analyze.CommandTimeout = 600;
            await analyze.ExecuteNonQueryAsync();
        }
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"filled in {Stopwatch.GetElapsedTime(begin).TotalSeconds:0} s: {said.Trim()}"));
    }

    static async Task<JsonNode> Timed(string name, List<Step> steps, Func<Task<JsonNode>> work)
    {
        var begin = Stopwatch.GetTimestamp();
        var done = await work();
        steps.Add(new Step(name, Stopwatch.GetElapsedTime(begin).TotalSeconds, (long)done["moved"]!["examined"]!, (long)done["moved"]!["changed"]!));
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {steps[^1].Seconds:0.0} s, {steps[^1].Changed:n0} of {steps[^1].Examined:n0}"));
        return done;
    }

    static Task<JsonNode> Preview(HttpClient http) => Change(http, "previews", new { files = new[] { new { name = File2022, text = Changed() } } });

    static async Task<JsonNode> Change(HttpClient http, string what, object body)
    {
        using var answer = await http.PostAsJsonAsync($"/api/v1/catalogue/{what}", body);
        var said = await answer.Content.ReadAsStringAsync();
        if (!answer.IsSuccessStatusCode)
            throw new InvalidOperationException(said);
        while (true)
        {
            await Task.Delay(50);
            var state = (await http.GetFromJsonAsync<JsonNode>(answer.Headers.Location))!;
            if ((string?)state["state"] is "done")
                return state;
            if ((string?)state["state"] is "failed" or "abandoned")
                throw new InvalidOperationException(state.ToJsonString());
        }
    }

    static async Task Settled(NpgsqlDataSource watch)
    {
        await using var command = watch.CreateCommand("select count(*) from platform.delivery");
        while ((long)(await command.ExecuteScalarAsync())! > 0)
            await Task.Delay(50);
    }

    /// <summary>SHA-256 of every decision as it stands, trace included.</summary>
    static async Task<string> Standings(NpgsqlDataSource watch)
    {
        await using var command = watch.CreateCommand("""
            select concat_ws('|', record_id, status, entry, family, items, overlays, points, fine_min, fine_max, criminal_referral, law_edition, catalogue_version, trace)
            from register.violation order by record_id
            """);
        command.CommandTimeout = 600;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await using var row = await command.ExecuteReaderAsync();
        while (await row.ReadAsync())
            hash.AppendData(Encoding.UTF8.GetBytes(row.GetString(0)));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    static async Task<List<(string, DateTime, string, string, long)>> Cells(NpgsqlDataSource watch)
    {
        await using var command = watch.CreateCommand("select cube, day, division, keys, value from register.cell where value <> 0 order by 1, 2, 3, 4");
        await using var row = await command.ExecuteReaderAsync();
        var cells = new List<(string, DateTime, string, string, long)>();
        while (await row.ReadAsync())
            cells.Add((row.GetString(0), row.GetDateTime(1), row.GetString(2), row.GetString(3), row.GetInt64(4)));
        return cells;
    }
}
