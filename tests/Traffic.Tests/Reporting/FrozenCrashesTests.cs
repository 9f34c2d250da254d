using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using NUnit.Framework;
using Traffic.Tests.Activities;
using Traffic.Tests.Register;

namespace Traffic.Tests.Reporting;

/// <summary>A frozen year of our own confirmed crashes is set beside nothing else, opens to what it says, and is not there before it was frozen.</summary>
[Category("Postgres")]
public sealed class FrozenCrashesTests
{
    TrafficApp app = null!;

    /// <summary>The register's sequence when six crashes of the year before were on file: one more came, then it was frozen, then another came.</summary>
    long before, atFreezing;

    [OneTimeSetUp]
    public async Task Start()
    {
        app = await TrafficApp.Start();
        await SixThenOne(app);
        var voided = await app.Taken("crashes", On(app, "2021-07-06", 7));
        await app.Taken($"crashes/{voided}/void", Activities.Sent.Void(1));
        before = (long)(await Board(app, ""))["asOf"]!;
        await app.Taken("crashes", On(app, "2021-07-07", 8));
        atFreezing = (long)(await Board(app, ""))["asOf"]!;
        await Freeze(app);
        await app.Taken("crashes", On(app, "2021-07-08", 9));
        // What came by an import: three crashes of this year.
        await TestCluster.Execute(app.Database.ConnectionString, """
            insert into register.cell (cube, day, division, keys, value)
            select cube, day, division, regexp_replace(keys, '-$', 'synthetic-crashes'), 3 from register.cell
            where cube = 'crashes' and day = '2022-07-05' and value > 0 and keys like '%confirmed|-'
            """);
    }

    [OneTimeTearDown]
    public async Task Stop() => await app.DisposeAsync();

    [TestCase("", 7, 7L)]
    [TestCase("&status=confirmed,voided", 9, null, Description = "frozen were the confirmed alone: all are counted as they are now")]
    [TestCase("&under=152502000000", 8, null, Description = "frozen was by division")]
    public async Task What_a_line_is_compared_with_opens_to_as_much(string query, int baseline, long? frozen)
    {
        var line = await Crashes(app, query);
        var list = await app.Get(((string)line["baselineRecords"]!)["/api/v1/".Length..]);

        Assert.That(((int)line["baseline"]!, (int)list["total"]!, line["baselineAsOf"] is not null), Is.EqualTo((baseline, baseline, frozen is not null)), line.ToJsonString());
    }

    [Test]
    public async Task What_came_by_an_import_is_not_set_beside_our_own_frozen_year()
    {
        var line = await Crashes(app, "&origin=synthetic-crashes&division=152502");

        Assert.That(((int)line["value"]!, (decimal?)line["baseline"], (string)line["reasonCode"]!), Is.EqualTo((3, (decimal?)null, "baseline")), line.ToJsonString());
    }

    [Test]
    public async Task A_past_moment_has_the_baseline_it_had_for_ever()
    {
        var (then, at) = (await Crashes(app, $"&asOf={before}"), await Crashes(app, $"&asOf={atFreezing}"));

        Assert.That(((int)then["baseline"]!, then["baselineAsOf"]), Is.EqualTo((6, (JsonNode?)null)), then.ToJsonString());
        Assert.That(((int)at["baseline"]!, at["baselineAsOf"]), Is.EqualTo((7, (JsonNode?)null)), "asked before it was frozen it said so too");
        Assert.That((await Board(app, $"&asOf={atFreezing}"))["baseline"], Is.Null);
        Assert.That((int)(await Crashes(app, $"&asOf={atFreezing + 1}"))["baselineAsOf"]!, Is.EqualTo(atFreezing));
    }

    [Test]
    public async Task A_baseline_holds_what_the_versions_before_the_last_are_compared_with()
    {
        var schemas = CatalogueFolders.CopyOfSchemas();
        var path = Path.Combine(schemas, "targets/summer-2022.json");
        var text = await File.ReadAllTextAsync(path);
        var begin = text.LastIndexOf('{', text.IndexOf("\"id\": \"drop.crashes\"", StringComparison.Ordinal));
        var end = text.IndexOf("\n    },", begin, StringComparison.Ordinal) + "\n    },".Length;
        var second = text[begin..end]
            .Replace("\"direction\"", "\"version\": 2, \"supersedes\": { \"by\": \"commissar\", \"why\": \"a test\" },\n      \"direction\"", StringComparison.Ordinal)
            .Replace("\"validFrom\": \"2022-06-25\"", "\"validFrom\": \"2022-09-01\"", StringComparison.Ordinal);
        await File.WriteAllTextAsync(path, $"{text[..end]}\n    {second}{text[end..]}");
        await using var other = await TrafficApp.Start(new Dictionary<string, string?> { ["Traffic:Schemas"] = schemas });
        await SixThenOne(other);
        await Freeze(other);
        await other.Taken("crashes", On(other, "2021-07-06", 1));

        var line = await Crashes(other, "");
        Assert.That(((int)line["version"]!, (int)line["baseline"]!, line["baselineAsOf"] is not null), Is.EqualTo((1, 6, true)), line.ToJsonString());
        Directory.Delete(schemas, recursive: true);
    }

    static JsonObject On(TrafficApp app, string day, int hour) => app.Crash().With("occurredAt", $"{day}T{hour:00}:00:00+08:00");

    static async Task SixThenOne(TrafficApp app)
    {
        for (var hour = 0; hour < 6; hour++)
            await app.Taken("crashes", On(app, "2021-07-05", hour));
        await app.Taken("crashes", On(app, "2022-07-05", 1));
    }

    static async Task Freeze(TrafficApp app)
    {
        var frozen = await app.Http.PostAsJsonAsync("/api/v1/reports/campaigns/summer-2022/baseline", new { frozenBy = "commissar", why = "it begins" });
        Assert.That(frozen.StatusCode, Is.EqualTo(HttpStatusCode.Created), await frozen.Content.ReadAsStringAsync());
    }

    static Task<JsonNode> Board(TrafficApp app, string query) => app.Get($"reports/targets?campaign=summer-2022&from=2022-07-01&to=2022-07-31{query}");

    static async Task<JsonNode> Crashes(TrafficApp app, string query) =>
        (await Board(app, query))["lines"]!.AsArray().Single(line => (string)line!["id"]! == "drop.crashes")!;
}
