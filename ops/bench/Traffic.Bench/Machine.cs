using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Npgsql;

namespace Traffic.Bench;

/// <summary>Processor seconds used so far, by who used them.</summary>
readonly record struct Cpu(double Postgres, double Broker, double App, double Loader)
{
    public static Cpu operator -(Cpu later, Cpu earlier) => new(
        later.Postgres - earlier.Postgres, later.Broker - earlier.Broker, later.App - earlier.App, later.Loader - earlier.Loader);
}

/// <summary>The services the measurement runs on, and what the kernel says about processes.</summary>
/// <param name="Folder">Of <c>ops/dev-services.sh</c>.</param>
/// <param name="Postgres">Connection string of the owner, on the database <c>postgres</c>.</param>
/// <param name="Broker">Address of RabbitMQ.</param>
sealed record Machine(string Folder, string Postgres, string Broker)
{
    static readonly double TicksPerSecond = 100; // USER_HZ, fixed in the kernel's interface

    public int PostgresId => Id("postgres/postmaster.pid");

    public int BrokerId => Id("rabbitmq/pid");

    int Id(string file) => File.Exists(Path.Combine(Folder, file))
        ? int.Parse(File.ReadLines(Path.Combine(Folder, file)).First().Trim(), CultureInfo.InvariantCulture) : 0;

    /// <summary>A new, empty database, and its owner's connection string.</summary>
    public async Task<string> NewDatabase(string name)
    {
        await Execute($"drop database if exists {name} with (force)", $"create database {name}", "checkpoint");
        return Named(name);
    }

    /// <summary>
    /// 1 GiB of files for the write-ahead log, as a server has them that ran before (<c>min_wal_size</c> keeps them): a new server makes each
    /// when it needs it, and whoever commits just then waits 40 ms and more.
    /// </summary>
    public async Task MakeWalAhead() => await Execute(
        [.. Enumerable.Repeat("select pg_logical_emit_message(false, 'bench', ''); select pg_switch_wal()", 64), "checkpoint"]);

    async Task Execute(params string[] all)
    {
        // Never one kept from before: the server may have been killed since.
        await using var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(Postgres) { Pooling = false }.ConnectionString);
        await connection.OpenAsync();
        foreach (var sql in all)
        {
#pragma warning disable CA2100 // names of our own
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 300 };
#pragma warning restore CA2100
            await command.ExecuteNonQueryAsync();
        }
    }

    /// <summary>Its owner's connection string.</summary>
    public string Named(string name) => new NpgsqlConnectionStringBuilder(Postgres) { Database = name, MaxPoolSize = 100 }.ConnectionString;

    /// <summary>True where an earlier run in the same folder made it to the end of its filling.</summary>
    public async Task<bool> HasDatabase(string name)
    {
        await using var connection = new NpgsqlConnection(Postgres);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select exists (select from pg_database where datname = $1)", connection) { Parameters = { new() { Value = name } } };
        return (bool)(await command.ExecuteScalarAsync())! && File.Exists(Path.Combine(Folder, name + ".filled"));
    }

    public Cpu Cpu(IEnumerable<int> app) => new(
        PostgresCpu(), Of(BrokerId, alsoEnded: false), app.Sum(id => Of(id, alsoEnded: false)), Of(Environment.ProcessId, alsoEnded: false));

    /// <summary>The server, its living backends, and those that have ended.</summary>
    double PostgresCpu()
    {
        var server = PostgresId;
        return Of(server, alsoEnded: true) + Directory.EnumerateDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0 && Parent(id) == server)
            .Sum(id => Of(id, alsoEnded: false));
    }

    static string[] Stat(int id)
    {
        try
        {
            var text = File.ReadAllText($"/proc/{id}/stat");
            return text[(text.LastIndexOf(')') + 2)..].Split(' ');
        }
        catch (IOException) { return []; }
    }

    static int Parent(int id) => Stat(id) is { Length: > 1 } stat ? int.Parse(stat[1], CultureInfo.InvariantCulture) : 0;

    static double Of(int id, bool alsoEnded) => Stat(id) is { Length: > 15 } stat
        ? stat[11..(alsoEnded ? 15 : 13)].Sum(ticks => double.Parse(ticks, CultureInfo.InvariantCulture)) / TicksPerSecond
        : 0;

    /// <summary>Resident memory of a process now, MB.</summary>
    public static double MegabytesOf(int id)
    {
        var line = File.ReadLines($"/proc/{id}/status").FirstOrDefault(line => line.StartsWith("VmRSS:", StringComparison.Ordinal));
        return line is null ? 0 : double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture) / 1024;
    }

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public static object Hardware() => new
    {
        cpu = File.ReadLines("/proc/cpuinfo").FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim(),
        cores = Environment.ProcessorCount,
        memoryGiB = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >> 30,
        os = RuntimeInformation.OSDescription,
        runtime = RuntimeInformation.FrameworkDescription,
        date = DateTimeOffset.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
    };

    /// <summary>What the server is set to, as it says itself.</summary>
    public async Task<Dictionary<string, string>> Settings()
    {
        var settings = new Dictionary<string, string>();
        await using var connection = new NpgsqlConnection(Postgres);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("""
            select name, setting || coalesce(unit, '') from pg_settings
            where name in ('server_version', 'fsync', 'synchronous_commit', 'full_page_writes', 'shared_buffers', 'max_wal_size',
                           'checkpoint_timeout', 'wal_compression')
            order by name
            """, connection);
        await using var row = await command.ExecuteReaderAsync();
        while (await row.ReadAsync())
            settings[row.GetString(0)] = row.GetString(1);
        return settings;
    }

    /// <summary>Runs <c>ops/dev-services.sh</c>.</summary>
    public async Task Services(string verb, string service)
    {
        using var script = Process.Start("bash", [Path.Combine(Root, "ops/dev-services.sh"), verb, service, "--folder", Folder]);
        await script.WaitForExitAsync();
    }

    /// <summary>The folder that holds <c>Traffic.sln</c>.</summary>
    public static string Root { get; } = FindRoot();

    static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Traffic.sln")))
            folder = folder.Parent;
        return folder.FullName;
    }
}

/// <summary>A process of ours that answers HTTP: the product, or one of the designs it is compared with.</summary>
sealed class Served : IAsyncDisposable
{
    readonly Process process;

    readonly long began;

    Served(Process process, int port, long began) => (this.process, Port, this.began, ToFirstAnswer) = (process, port, began, Stopwatch.GetElapsedTime(began));

    public TimeSpan SinceStart => Stopwatch.GetElapsedTime(began);

    public int Port { get; }

    public int Id => process.Id;

    /// <summary>From its start until it answered ready.</summary>
    public TimeSpan ToFirstAnswer { get; }

    /// <summary>The product with these settings (name, value).</summary>
    public static Task<Served> Product(params (string Name, string? Value)[] settings) => Product(Machine.FreePort(), settings);

    /// <summary>The product at a port, e.g. the one it had before it was killed.</summary>
    public static Task<Served> Product(int port, params (string Name, string? Value)[] settings) =>
        Start(port, Path.Combine(Machine.Root, "src/Traffic.Host/bin/Release/net10.0/traffic.dll"), ["serve"], "/health/ready", settings);

    /// <summary>This program in another role.</summary>
    public static Task<Served> Self(string role, params (string Name, string? Value)[] settings) =>
        Start(Machine.FreePort(), typeof(Served).Assembly.Location, [role], "/health/ready", settings);

    static async Task<Served> Start(int port, string program, string[] arguments, string ready, (string Name, string? Value)[] settings)
    {
        var start = new ProcessStartInfo("dotnet", [program, .. arguments]) { RedirectStandardOutput = true };
        start.Environment["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}";
        // What is null must not come from our own environment either: "no broker" means none.
        foreach (var (name, value) in settings)
            if (value is null)
                start.Environment.Remove(name.Replace(":", "__", StringComparison.Ordinal));
            else
                start.Environment[name.Replace(":", "__", StringComparison.Ordinal)] = value;
        var begin = Stopwatch.GetTimestamp();
        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(10) };
        while (Stopwatch.GetElapsedTime(begin) < TimeSpan.FromMinutes(2))
        {
            if (process.HasExited)
                throw new InvalidOperationException($"{Path.GetFileName(program)} ended with {process.ExitCode}.");
            try
            {
                if ((await http.GetAsync(ready)).IsSuccessStatusCode)
                    return new Served(process, port, begin);
            }
            catch (HttpRequestException) { await Task.Delay(10); }
        }
        throw new TimeoutException($"{Path.GetFileName(program)} did not become ready.");
    }

    /// <summary><c>kill -9</c>.</summary>
    public async Task Kill()
    {
        process.Kill();
        await process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
        {
            using var ask = Process.Start("kill", [process.Id.ToString(CultureInfo.InvariantCulture)]);
            await ask.WaitForExitAsync();
            if (!process.WaitForExit(TimeSpan.FromSeconds(15)))
                await Kill();
        }
        process.Dispose();
    }
}
