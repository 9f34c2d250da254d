using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using NUnit.Framework;
using Traffic.Host.Reconcile;
using Traffic.Platform;

namespace Traffic.Tests.Alarms;

/// <summary>The host dies while reports are taken, counted and rung for.</summary>
[Category("Postgres")]
public sealed class KilledHostTests
{
    static readonly string[] Banners = ["152501", "152502", "152522", "152523", "152524", "152525"];

    [TestCase(3)]
    [TestCase(12, Category = "Long")]
    public async Task Killed_while_dangers_are_counted_it_counts_each_once_and_rings_once(int kills)
    {
        await using var database = await TestCluster.CreateDatabase();
        var port = Executable.FreePort();
        Task<Serving> Host() => Executable.Serve(port, ["serve"], null,
            ("ConnectionStrings:Traffic", database.ConnectionString), ("Traffic:Data", Path.Combine(Path.GetTempPath(), "traffic-test-keys")));
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(20) };
        var host = await Host();
        var sent = new List<string>();
        for (var kill = 0; kill < kills; kill++)
        {
            var round = Enumerable.Range(0, 120).Select(i => Danger(Banners[i % Banners.Length])).ToList();
            sent.AddRange(round);
            // In flight when it dies: all but the first few; what was not answered is unknown and sent again below.
            var posts = round.Select(danger => Post(http, danger)).ToList();
            await Task.WhenAll(posts.Take(20 + kill));
            await host.Kill();
            await host.DisposeAsync();
            await Task.WhenAll(posts);
            host = await Host();
        }
        await using (host)
        {
            foreach (var danger in sent)
                Assert.That(await Post(http, danger), Is.EqualTo(HttpStatusCode.Created).Or.EqualTo(HttpStatusCode.OK));
            await using var source = NpgsqlDataSource.Create(database.ConnectionString);
            while (await Scalar(source, "select count(*) from platform.delivery") > 0)
                await Task.Yield();

            Assert.That(await Scalar(source, "select sum(value)::bigint from register.cell where cube = 'dangers'"), Is.EqualTo(sent.Count));
            Assert.That(await Scalar(source, "select count(*) from register.activity"), Is.EqualTo(sent.Count));
            Assert.That(await Scalar(source, "select count(*) from reporting.alarm where change = 'rang'"), Is.EqualTo(Banners.Length + 1), "each banner and the league");
            Assert.That(await Scalar(source, "select count(*) from reporting.alarm"), Is.EqualTo(Banners.Length + 1), "and nothing undone");
            Assert.That(await Scalar(source, "select records from platform.stream where stream = 'alarm'"), Is.EqualTo(Banners.Length + 1));
            var found = await new Reconciler(source, new SchemaFiles(Path.Combine(Repository.Root, "schemas")), null).Run(default);
            Assert.That(found.Ok, Is.True, string.Join('\n', found.Identities.Where(identity => !identity.Holds)));
        }
    }

    static string Danger(string division) => new JsonObject
    {
        ["recordId"] = Guid.NewGuid(), ["foundAt"] = TimeProvider.System.GetUtcNow().AddDays(-2).ToString("yyyy-MM-dd'T'HH:mm:00'Z'", CultureInfo.InvariantCulture),
        ["divisionCode"] = division, ["dangerKind"] = "inspection-overdue", ["plate"] = "蒙H00001", ["plateType"] = "01",
    }.ToJsonString();

    /// <summary>Null where nobody answered.</summary>
    static async Task<HttpStatusCode?> Post(HttpClient http, string danger)
    {
        try
        {
            using var answer = await http.PostAsync("/api/v1/dangers", new StringContent(danger, Encoding.UTF8, "application/json"));
            return answer.StatusCode;
        }
        catch (HttpRequestException) { return null; }
    }

    static async Task<long> Scalar(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
