using System.Diagnostics;
using Dapper;
using Npgsql;
using NUnit.Framework;
using Traffic.Host.Import;
using Traffic.Host.Reconcile;
using Traffic.Platform;
using Traffic.Platform.Postgres;

namespace Traffic.Tests.Import;

/// <summary>Intake and register as processes of their own over RabbitMQ: whatever dies in the middle of an import, in turn.</summary>
[Category("Postgres")]
public sealed class KilledPartsTests
{
    static readonly string[] Modules = ["intake", "register,casework,reporting,console"];

    string folder = null!;
    PostgresCluster cluster = null!;
    string database = null!;
    string broker = null!;
    readonly int[] ports = [Executable.FreePort(), Executable.FreePort()];
    readonly Serving[] hosts = new Serving[2];

    [SetUp]
    public async Task Start()
    {
        broker = await TestBroker.Address();
        folder = Directory.CreateTempSubdirectory("traffic-killed-").FullName;
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, (UnixFileMode)Convert.ToInt32("755", 8));
        cluster = new PostgresCluster(folder, new PostgresLadder(folder, "system", TestContext.Progress.WriteLine).Climb(), ["fsync=off"]);
        var administrator = await cluster.Start(default);
        await TestCluster.Execute(administrator, "create database killed");
        database = new NpgsqlConnectionStringBuilder(administrator) { Database = "killed", Pooling = true }.ConnectionString;
        for (var i = 0; i < hosts.Length; i++)
            hosts[i] = await Serve(i);
    }

    [TearDown]
    public async Task Stop()
    {
        foreach (var host in hosts)
            await host.DisposeAsync();
        NpgsqlConnection.ClearAllPools();
        await cluster.Stop();
        Directory.Delete(folder, recursive: true);
    }

    Task<Serving> Serve(int i) => Executable.Serve(ports[i], ["serve"], null,
        ("ConnectionStrings:Traffic", database), ("ConnectionStrings:RabbitMq", broker), ("Traffic:Modules", Modules[i]),
        ("Traffic:Data", Path.Combine(Path.GetTempPath(), "traffic-test-keys")));

    async Task KillAndStart(int nth)
    {
        switch (nth % 4)
        {
            case 0 or 1:
                await hosts[nth % 4].Kill();
                await hosts[nth % 4].DisposeAsync();
                hosts[nth % 4] = await Serve(nth % 4);
                break;
            case 2:
                await TestBroker.Kill();
                await TestBroker.Start();
                break;
            default:
                using (var server = Process.GetProcessById(cluster.ServerId!.Value))
                {
                    server.Kill();
                    await server.WaitForExitAsync();
                }
                await cluster.Start(default, new NpgsqlConnectionStringBuilder(database).Port);
                break;
        }
    }

    [TestCase(4)]
    [TestCase(20, Category = "Long")]
    public async Task Intake_the_register_the_broker_and_the_database_killed_in_turn_lose_and_double_nothing(int kills)
    {
        var rows = 5_000 + (1_000 * kills);
        var killed = Task.CompletedTask;

        // While the fifth batch is on its way, and then with each that follows, as soon as the last that was killed is up again.
        var first = await Import(rows, batch =>
        {
            if (batch >= 4 && batch < 4 + kills)
                killed = KillAfter(killed, batch - 4);
        });
        await killed;
        var second = await Import(rows, _ => { });

        await using var source = NpgsqlDataSource.Create(database);
        await using var connection = await source.OpenConnectionAsync();
        using (var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2)))
            while (await connection.ExecuteScalarAsync<long>("select count(*) from platform.delivery") > 0)
                await Task.Delay(50, limit.Token);
        var counted = (await connection.QueryAsync<(DateTime Day, long Records)>(
            "select day::timestamp, sum(value)::bigint from register.cell where cube = 'violations' group by day"))
            .ToDictionary(one => DateOnly.FromDateTime(one.Day), one => one.Records);
        var found = await new Reconciler(source, Cubes.Load(new SchemaFiles(Path.Combine(Repository.Root, "schemas")))).Run(default);

        Assert.Multiple(() =>
        {
            Assert.That((first.Read, first.Accepted + first.Duplicate), Is.EqualTo((rows, rows)), "every row was settled, through all the deaths");
            Assert.That((second.Read, second.Duplicate), Is.EqualTo((rows, rows)));
            Assert.That(counted, Is.EqualTo(Enumerable.Range(0, rows).CountBy(KilledImportTests.DayOf).ToDictionary(one => one.Key, one => (long)one.Value)));
            Assert.That(found.Ok, Is.True, string.Join('\n', found.Identities.Where(identity => !identity.Holds)));
        });
    }

    async Task KillAfter(Task before, int nth)
    {
        await before;
        await KillAndStart(nth);
    }

    async Task<ImportTotals> Import(int rows, Action<int> afterBatch)
    {
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{ports[0]}"), Timeout = TimeSpan.FromSeconds(20) };
        var map = Imports.Shipped("us-ia-ames-breath-tests");
        var batches = 0;
        var importing = new Importing(
            map, new ImportSender(http, ImportMaps.FeedPrefix + map.Name, "en", TimeSpan.FromMinutes(3), TimeProvider.System, _ => { }),
            row => Assert.Fail(row.Reason), Words.Load(typeof(ImportVerb).Assembly), "en");
        await importing.Run(new MemoryStream(KilledImportTests.Table(rows)), _ => afterBatch(++batches), default);
        return importing.Totals;
    }
}
