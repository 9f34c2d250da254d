using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using NUnit.Framework;

namespace Traffic.Tests.Reporting;

/// <summary>What is frozen of a year is what the board said of it the moment before, a day of nobody's death and one of no row included.</summary>
[Category("Postgres")]
public sealed class BaselineEvidenceTests
{
    TrafficApp app = null!;

    [OneTimeSetUp]
    public async Task Start() => app = await TrafficApp.Start();

    [OneTimeTearDown]
    public async Task Stop() => await app.DisposeAsync();

    [Test]
    public async Task A_frozen_baseline_says_what_the_live_one_says_of_days_on_which_nobody_died_or_nobody_complied()
    {
        const string deaths = "yes|urban|speeding|confirmed|-", crash = "0|no|no|no|urban|speeding|none|confirmed|-";
        // In one banner crashes without a death, in another a death, in a third no crash that anybody knows of.
        await Activity(("crashes", "2021-07-02", "152502", crash, 2), ("crashes", "2021-07-03", "152525", crash, 1), ("deaths", "2021-07-03", "152525", deaths, 6),
            ("crashes", "2022-07-02", "152502", crash, 1), ("crashes", "2022-07-02", "152525", crash, 1), ("deaths", "2022-07-02", "152525", deaths, 7),
            ("crashes", "2022-07-02", "152531", crash, 1), ("deaths", "2022-07-02", "152531", deaths, 1));
        // A hundred complied on one day, and of those checked on the next nobody did: all two hundred were checked.
        foreach (var (year, complied) in new[] { (2021, 100), (2022, 150) })
            await Activity(("observations", $"{year}-07-02", "152502", "overall|compliant|urban|confirmed|-", complied),
                ("observations", $"{year}-07-03", "152502", "overall|other|urban|confirmed|-", 200 - complied));
        var (whole, nobody, some, unknown) = (await Lines(""), await Lines("152502"), await Lines("152525"), await Lines("152531"));
        Assert.That((nobody["drop.deaths"].Status, nobody["drop.deaths"].Baseline, unknown["drop.deaths"].Status), Is.EqualTo(("tooFewToSay", 0m, "noData")).Or.EqualTo(("met", 0m, "noData")));
        Assert.That((some["drop.deaths"].Baseline, whole["raise.compliance"].Baseline), Is.EqualTo((6m, 50m)));

        var frozen = await app.Http.PostAsJsonAsync("/api/v1/reports/campaigns/summer-2022/baseline", new { frozenBy = "commissar", why = "the campaign begins" });
        Assert.That(frozen.StatusCode, Is.EqualTo(HttpStatusCode.Created), await frozen.Content.ReadAsStringAsync());

        Assert.Multiple(async () =>
        {
            Assert.That(await Lines(""), Is.EqualTo(whole));
            Assert.That(await Lines("152502"), Is.EqualTo(nobody), "crashes were known, and nobody died in them: that is 0");
            Assert.That(await Lines("152525"), Is.EqualTo(some));
            Assert.That(await Lines("152531"), Is.EqualTo(unknown), "no crash was known: that is nothing");
        });

        async Task<Dictionary<string, (string Status, decimal? Baseline, decimal? Change)>> Lines(string division) =>
            (await app.Http.GetFromJsonAsync<JsonNode>("/api/v1/reports/targets?campaign=summer-2022&from=2022-07-01&to=2022-07-07"
                + (division == "" ? "" : $"&division={division}")))!["lines"]!.AsArray()
                .ToDictionary(line => (string)line!["id"]!, line => ((string)line!["status"]!, (decimal?)line["baseline"], (decimal?)line["changePercent"]));
    }

    async Task Activity(params (string Cube, string Day, string Division, string Keys, long Value)[] cells)
    {
        foreach (var (cube, day, division, keys, value) in cells)
            await TestCluster.Execute(app.Database.ConnectionString, $"insert into register.cell values ('{cube}', '{day}', '{division}', '{keys}', {value})");
    }
}
