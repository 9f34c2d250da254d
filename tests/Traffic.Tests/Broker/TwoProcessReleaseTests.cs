using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;
using NUnit.Framework;
using Traffic.Tests.Register;

namespace Traffic.Tests.Broker;

/// <summary>Two processes of the register over a real broker: whoever releases, both decide by the new version from the switch on.</summary>
[Category("RabbitMq"), Category("Postgres")]
[NonParallelizable]
[Order(3)]
public sealed class TwoProcessReleaseTests
{
    static readonly string InForce = File.ReadAllText(Path.Combine(Repository.Root, "schemas/catalogue/2022-04-01.json"));

    static string RedLight(int points) => CatalogueFolders.Replaced(InForce, "red-light.motor", "\"points\": 6", $"\"points\": {points}");

    TestDatabase database = null!;
    NpgsqlDataSource source = null!;

    [SetUp]
    public async Task Start()
    {
        database = await TestCluster.CreateDatabase();
        source = NpgsqlDataSource.Create(database.ConnectionString);
    }

    [TearDown]
    public async Task Stop()
    {
        await source.DisposeAsync();
        await database.DisposeAsync();
    }

    async Task<Serving> Process(string? modules = null) => await Executable.Serve(["serve"], null,
        ("ConnectionStrings:Traffic", database.ConnectionString), ("ConnectionStrings:RabbitMq", await TestBroker.Address()), ("Traffic:Modules", modules),
        ("Traffic:Data", Path.Combine(Path.GetTempPath(), "traffic-test-keys")));

    static async Task Post(HttpClient http, int records)
    {
        var answer = await TwoProcesses.Post(http, TwoProcesses.Stop(Enumerable.Range(0, records).Select(_ => Guid.NewGuid())));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Created), await answer.Content.ReadAsStringAsync());
    }

    static async Task Release(HttpClient http, int points)
    {
        var answer = await http.PostAsJsonAsync("/api/v1/catalogue/releases", new
        {
            files = new[] { new { name = "2022-04-01.json", text = RedLight(points) } }, by = "analyst-1", secondPerson = "jurist-2", reason = "test", retroactive = true,
        });
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), await answer.Content.ReadAsStringAsync());
    }

    async Task<List<T>> Rows<T>(string sql, Func<NpgsqlDataReader, T> read)
    {
        await using var command = source.CreateCommand(sql);
        await using var row = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await row.ReadAsync())
            rows.Add(read(row));
        return rows;
    }

    async Task Quiet()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while ((await Rows("select (select count(*) from platform.delivery) + (select count(*) from register.catalogue where state <> 'done')", row => row.GetInt64(0)))[0] > 0)
            limit.Token.ThrowIfCancellationRequested();
    }

    [Test]
    public async Task What_one_process_releases_the_other_decides_by_also_when_it_is_alone()
    {
        await using var other = await Process();
        await Post(other.Http, 5);
        await Quiet();
        Assert.That(await Rows("select distinct points from register.violation", row => row.GetInt32(0)), Is.EqualTo(new[] { 6 }), "it has decided by the version before");

        await using (var releasing = await Process("register"))
        {
            await Release(releasing.Http, 9);
            await releasing.Kill();
        }
        await Post(other.Http, 5);
        await Quiet();

        Assert.That(await Rows("select points, revision from register.violation order by 2, 1", row => (row.GetInt32(0), row.GetInt32(1))),
            Is.EqualTo(Enumerable.Repeat((9, 1), 5).Concat(Enumerable.Repeat((9, 2), 5))));
    }

    /// <summary>Both take in, decide and decide again while versions change: in the register's log nothing comes after a switch by the law before it.</summary>
    [Test]
    public async Task After_the_switch_nobody_decides_by_the_version_before()
    {
        await using var one = await Process();
        await using var other = await Process();
        await Post(one.Http, 10);
        await Quiet();
        using var enough = new CancellationTokenSource();
        var sending = new[] { one.Http, other.Http }.Select(async http =>
        {
            while (!enough.IsCancellationRequested)
                await Post(http, 10);
        }).ToList();

        foreach (var points in new[] { 3, 9 })
        {
            await Release(points == 3 ? one.Http : other.Http, points);
            await Looked(points == 3 ? 2 : 3, other.Http);
        }
        await enough.CancelAsync();
        await Task.WhenAll(sending);
        await Quiet();

        var firsts = await Rows(
            """
            select c.id, min(l.first_sequence), max(l.first_sequence)
            from (select catalogue_version, began_position from register.violation where revision = 1
                  union all select catalogue_version, began_position from register.former_standing where revision = 1) s
            join platform.log l on l.position = s.began_position
            join register.catalogue c on c.version = s.catalogue_version
            group by c.id order by c.id
            """, row => (Version: row.GetInt32(0), First: row.GetInt64(1), Last: row.GetInt64(2)));
        Assert.That(firsts.Select(one => one.Version), Is.EqualTo(new[] { 1, 2, 3 }), "records were decided under each");
        Assert.That(firsts.Zip(firsts.Skip(1)).Where(pair => pair.First.Last >= pair.Second.First), Is.Empty);
        Assert.That(await Rows("select distinct points from register.violation", row => row.GetInt32(0)), Is.EqualTo(new[] { 9 }));
        var reconciled = await Executable.Run(["reconcile"], ("ConnectionStrings:Traffic", database.ConnectionString));
        Assert.That(reconciled.Exit, Is.Zero, reconciled.Said);
    }

    static async Task Looked(int version, HttpClient http)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while ((string?)JsonNode.Parse(await http.GetStringAsync($"/api/v1/catalogue/versions/{version}", limit.Token))!["state"] != "done") { }
    }
}
