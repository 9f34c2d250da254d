using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;
using NUnit.Framework;
using Traffic.Platform;

namespace Traffic.Tests.Reporting;

/// <summary>Definitions and baselines are kept: what was in use can be read for ever, and is not moved by what comes late.</summary>
[Category("Postgres")]
public sealed class BaselineTests
{
    const string Campaign = "/api/v1/reports/campaigns/last-hundred-days";
    const string Summer = "/api/v1/reports/campaigns/summer-2022-offences";

    TrafficApp app = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        // Cells alone are made here: the database has to add them up.
        app = await TrafficApp.Start(new Dictionary<string, string?> { ["Traffic:Reports:ChangesInMemory"] = "0" });
        // Ten fatigue cases in the year before the campaign of 2022, four in it.
        await Cells(("2021-07-02", "152502", "fatigue", 7), ("2021-07-03", "152525", "fatigue", 3), ("2022-07-02", "152502", "fatigue", 4));
    }

    [OneTimeTearDown]
    public async Task Stop() => await app.DisposeAsync();

    [Test]
    public async Task A_frozen_baseline_is_not_moved_by_late_records()
    {
        var (live, _) = await Fatigue("from=2022-07-01&to=2022-07-07");
        Assert.That(((decimal)live["baseline"]!, (decimal)live["changePercent"]!, live["baselineAsOf"]), Is.EqualTo((10m, -60m, (JsonNode?)null)));

        var frozen = await app.Http.PostAsJsonAsync($"{Summer}/baseline", new { frozenBy = "commissar", why = "the campaign begins" });
        Assert.That(frozen.StatusCode, Is.EqualTo(HttpStatusCode.Created), await frozen.Content.ReadAsStringAsync());
        await Cells(("2021-07-02", "152502", "fatigue", 90));

        var (after, board) = await Fatigue("from=2022-07-01&to=2022-07-07");
        var (part, _) = await Fatigue("from=2022-07-01&to=2022-07-07&division=152525");
        var (outside, _) = await Fatigue("from=2022-06-20&to=2022-07-07");
        Assert.Multiple(() =>
        {
            Assert.That((decimal)after["baseline"]!, Is.EqualTo(10m));
            Assert.That((long?)after["baselineAsOf"], Is.EqualTo((long)board["baseline"]!["asOf"]!));
            Assert.That((string)board["baseline"]!["frozenBy"]!, Is.EqualTo("commissar"));
            Assert.That(part["reasonCode"]!.ToString(), Is.EqualTo("rows"), "no row of that banner this year");
            Assert.That((decimal)outside["baseline"]!, Is.EqualTo(100m), "a window that begins before the campaign is counted anew");
        });
        var again = await app.Http.PostAsJsonAsync($"{Summer}/baseline", new { frozenBy = "somebody", why = "another number" });
        Assert.That(again.StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That(await again.Content.ReadAsStringAsync(), Does.Contain("baseline-frozen").And.Contain("commissar"));
    }

    [Test]
    public async Task What_cannot_be_frozen_is_refused_by_name()
    {
        var open = await app.Http.PostAsJsonAsync($"{Campaign}/baseline", new { frozenBy = "a", why = "b" });
        var empty = await app.Http.PostAsJsonAsync("/api/v1/reports/campaigns/yunnan-2021/baseline", new { frozenBy = "a", why = "b" });
        var nobody = await app.Http.PostAsJsonAsync($"{Summer}/baseline", new { why = " " });
        var unknown = await app.Http.PostAsJsonAsync($"{Summer}/baseline", new { frozenBy = "a", why = "b", numbers = 3 });

        Assert.That(await open.Content.ReadAsStringAsync(), Does.Contain("没有截止日期"));
        Assert.That(await empty.Content.ReadAsStringAsync(), Does.Contain("基数年度"));
        Assert.That(JsonNode.Parse(await nobody.Content.ReadAsStringAsync())!["errors"]!.AsObject().Select(one => one.Key), Is.EquivalentTo(["frozenBy", "why"]));
        Assert.That(new[] { open, empty, nobody, unknown }.Select(answer => answer.StatusCode), Is.All.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await app.Http.PostAsJsonAsync("/api/v1/reports/campaigns/none/baseline", new { frozenBy = "a", why = "b" })).StatusCode,
            Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task Every_version_of_a_definition_is_kept_and_cannot_be_changed_even_by_SQL()
    {
        var kept = (await app.Http.GetFromJsonAsync<JsonNode>($"{Summer}/definitions"))!["definitions"]!.AsArray();
        Assert.That(kept.Select(one => one!["line"]!.ToString()).Distinct().Count(), Is.EqualTo(6));
        Assert.That(kept.Select(one => one!["digest"]!.ToString()), Is.All.Match("^[0-9a-f]{64}$"));

        await using var source = NpgsqlDataSource.Create(app.Database.ConnectionString);
        await using var edit = source.CreateCommand("update reporting.definition set body = '{}'");
        Assert.That(Assert.ThrowsAsync<PostgresException>(() => edit.ExecuteNonQueryAsync())!.Message, Does.Contain("in use: supersede it"));
        await using var role = source.CreateCommand("set role traffic_reporting; delete from reporting.definition");
        Assert.That(Assert.ThrowsAsync<PostgresException>(() => role.ExecuteNonQueryAsync())!.SqlState, Is.EqualTo("42501"));
    }

    [Test]
    public async Task A_changed_file_of_a_definition_in_use_stops_the_start()
    {
        var schemas = Directory.CreateTempSubdirectory("traffic-schemas-").FullName;
        try
        {
            foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "schemas"), "*.json", SearchOption.AllDirectories))
            {
                var copy = Path.Combine(schemas, Path.GetRelativePath(Path.Combine(Repository.Root, "schemas"), file));
                Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
                File.Copy(file, copy);
            }
            var summer = Path.Combine(schemas, "targets/summer-2022-offences.json");
            File.WriteAllText(summer, File.ReadAllText(summer).Replace("\"fatigue\"] } }", "\"fatigue\", \"speeding\"] } }", StringComparison.Ordinal));

            var refused = Assert.ThrowsAsync<StartRefusedException>(async () =>
            {
                await using var second = await TrafficApp.Start(new Dictionary<string, string?> { ["Traffic:Schemas"] = schemas }, app.Database);
            });
            Assert.That(refused!.Message, Does.Contain("drop.fatigue is in use").And.Contain("Supersede it"));
        }
        finally
        {
            Directory.Delete(schemas, recursive: true);
        }
    }

    async Task<(JsonNode Line, JsonNode Board)> Fatigue(string window)
    {
        var board = (await app.Http.GetFromJsonAsync<JsonNode>($"/api/v1/reports/targets?campaign=summer-2022-offences&{window}"))!;
        return (board["lines"]!.AsArray().Single(line => line!["id"]!.ToString() == "drop.fatigue")!, board);
    }

    async Task Cells(params (string Day, string Division, string Family, long Value)[] cells)
    {
        foreach (var (day, division, family, value) in cells)
            await TestCluster.Execute(app.Database.ConnectionString, $"""
                insert into register.cell as c (cube, day, division, keys, value)
                values ('violations', '{day}', '{division}', 'fatigue.other|{family}|confirmed|day|roadsideCheck|truck|-', {value})
                on conflict (cube, day, division, keys) do update set value = c.value + excluded.value
                """);
    }
}
