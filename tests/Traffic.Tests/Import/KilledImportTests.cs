using System.Diagnostics;
using System.Globalization;
using System.Text;
using Npgsql;
using NUnit.Framework;
using Traffic.Platform.Postgres;

namespace Traffic.Tests.Import;

/// <summary>
/// Whatever dies in the middle of an import, over and over: the verb <c>import</c> settles every row, run again it adds none, the
/// verb <c>reconcile</c> finds every sum to agree, and each cell is what a count of the file gives.
/// </summary>
/// <remarks>With a door that answers 40 ms before it commits, two kills leave 1,500 of 4,000 rows to the second import.</remarks>
[Category("Postgres")]
[NonParallelizable]
public sealed class KilledImportTests
{
    const string Map = "us-ia-ames-breath-tests";

    static readonly string[] Whole = ["intake,register,casework,reporting,console"];
    static readonly string[] Parts = ["intake", "register,casework,reporting"];

    string folder = null!;
    PostgresCluster cluster = null!;
    string database = null!;
    string? broker;
    string[] modules = null!;
    readonly List<int> ports = [];
    readonly List<Serving> hosts = [];

    async Task Start(string[] processes, string? rabbit)
    {
        (modules, broker) = (processes, rabbit);
        folder = Directory.CreateTempSubdirectory("traffic-killed-").FullName;
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, (UnixFileMode)Convert.ToInt32("755", 8));
        cluster = new PostgresCluster(folder, new PostgresLadder(folder, "system", TestContext.Progress.WriteLine).Climb(), ["fsync=off"]);
        var administrator = await cluster.Start(default);
        await TestCluster.Execute(administrator, "create database killed");
        database = new NpgsqlConnectionStringBuilder(administrator) { Database = "killed", Pooling = true }.ConnectionString;
        for (var i = 0; i < processes.Length; i++)
        {
            ports.Add(Executable.FreePort());
            hosts.Add(await Serve(i));
        }
    }

    [TearDown]
    public async Task Stop()
    {
        foreach (var host in hosts)
            await host.DisposeAsync();
        hosts.Clear();
        ports.Clear();
        NpgsqlConnection.ClearAllPools();
        await cluster.Stop();
        Directory.Delete(folder, recursive: true);
    }

    Task<Serving> Serve(int i) => Executable.Serve(ports[i], ["serve"], null,
        ("ConnectionStrings:Traffic", database), ("ConnectionStrings:RabbitMq", broker), ("Traffic:Modules", modules[i]),
        ("Traffic:Data", Path.Combine(Path.GetTempPath(), "traffic-test-keys")));

    [TestCase(2)]
    [TestCase(20, Category = "Long")]
    public async Task The_host_killed_in_the_middle_of_an_import_loses_and_doubles_nothing(int kills)
    {
        await Start(Whole, null);
        await ImportUnder(kills, _ => KillHost(0));
    }

    [TestCase(4)]
    [TestCase(20, Category = "Long")]
    public async Task Intake_the_register_the_broker_and_the_database_killed_in_turn_lose_and_double_nothing(int kills)
    {
        await Start(Parts, await TestBroker.Address());
        await ImportUnder(kills, nth => (nth % 4) switch
        {
            2 => KillBroker(),
            3 => KillDatabase(),
            var part => KillHost(part),
        });
    }

    async Task KillHost(int i)
    {
        await hosts[i].Kill();
        await hosts[i].DisposeAsync();
        hosts[i] = await Serve(i);
    }

    static async Task KillBroker()
    {
        await TestBroker.Kill();
        await TestBroker.Start();
    }

    async Task KillDatabase()
    {
        using var server = Process.GetProcessById(cluster.ServerId!.Value);
        server.Kill();
        await server.WaitForExitAsync();
        await cluster.Start(default, new NpgsqlConnectionStringBuilder(database).Port);
    }

    async Task ImportUnder(int kills, Func<int, Task> kill)
    {
        var rows = 2_000 + (1_000 * kills);
        var file = Path.Combine(folder, "table.csv");
        await File.WriteAllTextAsync(file, Table(rows));
        await using var gate = new Gate(ports[0], kills, kill);
        var address = await gate.Open();

        var first = await Executable.Run(TimeSpan.FromMinutes(10), ["import", "--map", Map, "--to", address, "--lang", "en", file]);
        var atTheEnd = gate.Batches;
        var second = await Executable.Run(TimeSpan.FromMinutes(2), ["import", "--map", Map, "--to", address, "--lang", "en", file]);
        await NothingInFlight();
        var cells = await RealTablesTests.Cells(database, Map);
        var recount = await Executable.Run(["reconcile"], ("ConnectionStrings:Traffic", database));

        Assert.Multiple(() =>
        {
            Assert.That(gate.Struck, Has.Count.EqualTo(kills));
            Assert.That(gate.Struck, Is.All.LessThan(atTheEnd), "each fell with batches still to come");
            Assert.That(first.Exit, Is.Zero, first.Said + first.Complained);
            Assert.That(first.Said, Does.Contain($"read {rows} = accepted ").And.Contain("+ conflict 0 + rejected 0"));
            Assert.That(second.Exit, Is.Zero, second.Said + second.Complained);
            Assert.That(second.Said, Does.Contain($"read {rows} = accepted 0 + duplicate {rows} + conflict 0 + rejected 0"));
            Assert.That(cells, Is.EqualTo(Counted(rows)));
            Assert.That(recount.Exit, Is.Zero, recount.Said + recount.Complained);
        });
    }

    async Task NothingInFlight()
    {
        await using var source = NpgsqlDataSource.Create(database);
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        await using var left = source.CreateCommand("select count(*) from platform.delivery");
        while ((long)(await left.ExecuteScalarAsync(limit.Token))! > 0)
            await Task.Delay(50, limit.Token);
    }

    /// <summary>Made up; each tenth row stands there twice.</summary>
    static string Table(int rows)
    {
        var table = new StringBuilder("year,month,day,hour,location,gender,Res1,Res2\n");
        for (var i = 0; i < rows; i++)
        {
            var (n, day) = (Number(i), Day(i));
            table.Append(CultureInfo.InvariantCulture,
                $"{day.Year},{day.Month},{day.Day},{3 + (n / 336 % 20)},{(n % 3 == 0 ? "Ames PD" : "ISU PD")},F,0.{n % 300:000},0.{n % 300:000}\n");
        }
        return table.ToString();
    }

    /// <summary>Kind, day, division, records: counted from the numbers that the table was made of.</summary>
    static List<string> Counted(int rows) =>
    [
        .. Enumerable.Range(0, rows).CountBy(row => FormattableString.Invariant(
            $"{Kind(Number(row) % 300)} {Day(row):yyyy-MM-dd} {(Number(row) % 3 == 0 ? "1901855-PD" : "1901855-ISU")}"))
            .Select(one => $"{one.Key} {one.Value}").Order(StringComparer.Ordinal),
    ];

    static string Kind(int alcohol) => alcohol < 20 ? "alcohol-below-20" : alcohol < 80 ? "drink-driving" : "drunk-driving";

    static int Number(int row) => row % 10 == 9 ? row - 1 : row;

    static DateOnly Day(int row) => new(2016, 1 + (Number(row) / 28 % 12), 1 + (Number(row) % 28));
}
