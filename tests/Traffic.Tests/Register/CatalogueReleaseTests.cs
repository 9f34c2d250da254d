using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using NUnit.Framework;
using Traffic.Simulator;

namespace Traffic.Tests.Register;

/// <summary>Preview, release and undo over stored history: what moves is what the preview said, and nothing else.</summary>
[Category("Postgres")]
public sealed class CatalogueReleaseTests
{
    const string Edition = "2022-04-01.json";
    const int Records = 4_000;

    TrafficApp app = null!;
    int serial = 100;

    [SetUp]
    public async Task Start() => app = await TrafficApp.Start();

    [TearDown]
    public async Task Stop()
    {
        await app.CountsAgree();
        await app.DisposeAsync();
    }

    [Test]
    public async Task What_a_release_moves_is_what_its_preview_said_and_an_undo_moves_it_back()
    {
        await Campaign();
        var (first, again) = await TwoOffencesOfOneDriver(26, 40);
        var resolved = await app.Officer(app.RedLight() with { VehicleType = null, UseNature = null });
        await app.Decided(resolved, "resolve", entry: "red-light.motor");
        var rejected = await app.Camera(app.RedLight());
        await app.Decided(rejected, "reject");
        var (asOf, before, standings) = (await AsOf(), await Cells(), await Standings());
        var report = await Report(asOf);

        var preview = await app.Preview(Changed());
        Assert.That((await AsOf(), await Cells(), await Standings()), Is.EqualTo((asOf, before, standings)), "a preview touches nothing");
        Assert.That((await app.Preview(Changed()))["moved"]!.ToJsonString(), Is.EqualTo(preview["moved"]!.ToJsonString()), "twice the same");

        var released = await app.Release(Changed());

        Assert.That(released["moved"]!.ToJsonString(), Is.EqualTo(preview["moved"]!.ToJsonString()));
        Assert.That((long)released["moved"]!["changed"]!, Is.GreaterThan(100));
        var after = await Cells();
        var said = await app.Rows(
            $"select cube, day, division, keys, moved from register.published_preview_cell where preview_id = '{preview["previewId"]}' order by 1, 2, 3, 4", Cell);
        Assert.That(Difference(before, after), Is.EqualTo(said));
        await app.CountsAgree();

        Assert.That((await app.Standing(first)).Entry, Is.EqualTo("undecided"), "below the new bound");
        Assert.That(await app.Standing(again), Is.EqualTo((2, "confirmed", "drink.motor.first", (string?)"law-released")), "so the second is the first");
        Assert.That(await app.Standing(resolved), Is.EqualTo((3, "confirmed", "red-light.motor", (string?)"law-released")), "a person's entry, the law's points");
        Assert.That((await app.Standing(rejected)).Revision, Is.EqualTo(2), "what a person rejected stays");
        Assert.That(await Report(asOf), Is.EqualTo(report), "a past moment is answered as it was then");
        await Formers_stay_readable(again);

        var undone = await app.Undo("2");

        Assert.That(await Cells(), Is.EqualTo(before));
        Assert.That(await Standings(), Is.EqualTo(standings), "every decision is what it was");
        Assert.That(((string?)undone["kind"], (int?)undone["restores"]), Is.EqualTo(("undo", 1)));
        Assert.That((long)undone["moved"]!["changed"]!, Is.EqualTo((long)released["moved"]!["changed"]!));
        Assert.That(await Report(asOf), Is.EqualTo(report));
    }

    /// <summary>Red light 3 points, a tier of speeding cut elsewhere, alcohol from 30 mg on.</summary>
    static string Changed()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "schemas/catalogue", Edition));
        text = CatalogueFolders.Replaced(text, "red-light.motor", "\"points\": 6", "\"points\": 3");
        text = CatalogueFolders.Replaced(text, "speeding.b.other.20", "\"under\": 50", "\"under\": 60");
        text = CatalogueFolders.Replaced(text, "speeding.b.other.50", "\"from\": 50", "\"from\": 60");
        text = text.Replace("\"starts\": { \"from\": 20 }", "\"starts\": { \"from\": 30 }", StringComparison.Ordinal);
        foreach (var entry in new[] { "drink.motor.first", "drink.motor.again", "drink.commercial", "drink.non-motor" })
            text = CatalogueFolders.Replaced(text, entry, "\"from\": 20", "\"from\": 30");
        return text;
    }

    async Task Campaign()
    {
        await new Sender(app.Http).Send(new Campaign(7, DateOnly.FromDateTime(app.Now.UtcDateTime)).Records(Records), 200, null, null, default);
        await app.NothingInFlight();
    }

    async Task<(Guid First, Guid Again)> TwoOffencesOfOneDriver(decimal first, decimal second)
    {
        var driver = Sent.IdNumber(serial++);
        return (await app.Officer(app.Drink(driver, first, hoursAgo: 30)), await app.Officer(app.Drink(driver, second, hoursAgo: 2)));
    }

    async Task Formers_stay_readable(Guid record)
    {
        var formers = await app.Rows(
            $"select revision, entry, catalogue_version from register.former_standing where record_id = '{record}'", row => (row.GetInt32(0), row.GetString(1), row.GetString(2)));
        Assert.That(formers, Is.EqualTo(new[] { (1, "drink.motor.again", Law.Example.Catalogue.Version) }));
        var explained = await app.Http.GetFromJsonAsync<JsonNode>($"/api/v1/violations/{record}/explanation");
        Assert.That(explained!["revisions"]!.AsArray().Select(one => (string)one!["entry"]!), Is.EqualTo(new[] { "drink.motor.again", "drink.motor.first" }));
    }

    async Task<long> AsOf() => (await app.Rows("select records from platform.stream where stream = 'register'", row => row.GetInt64(0)))[0];

    Task<List<(string, DateTime, string, string, long)>> Cells() =>
        app.Rows("select cube, day, division, keys, value from register.published_cell where value <> 0 order by 1, 2, 3, 4", Cell);

    static (string, DateTime, string, string, long) Cell(Npgsql.NpgsqlDataReader row) =>
        (row.GetString(0), row.GetDateTime(1), row.GetString(2), row.GetString(3), row.GetInt64(4));

    static List<(string, DateTime, string, string, long)> Difference(
        List<(string, DateTime, string, string, long)> before, List<(string, DateTime, string, string, long)> after) =>
    [
        .. after.Concat(before.Select(one => one with { Item5 = -one.Item5 })).GroupBy(one => (one.Item1, one.Item2, one.Item3, one.Item4))
            .Select(cell => (cell.Key.Item1, cell.Key.Item2, cell.Key.Item3, cell.Key.Item4, cell.Sum(one => one.Item5)))
            .Where(cell => cell.Item5 != 0)
            .OrderBy(cell => cell.Item1, StringComparer.Ordinal).ThenBy(cell => cell.Item2).ThenBy(cell => cell.Item3, StringComparer.Ordinal).ThenBy(cell => cell.Item4, StringComparer.Ordinal),
    ];

    /// <summary>Every decision as it stands, but for how it came about.</summary>
    Task<List<string>> Standings() => app.Rows(
        """
        select concat_ws('|', record_id, status, entry, family, items, points, fine_min, fine_max, criminal_referral, law_edition, vehicle_class, trace)
        from register.violation order by record_id
        """, row => row.GetString(0));

    async Task<string> Report(long asOf)
    {
        var today = DateOnly.FromDateTime(app.Now.UtcDateTime);
        var report = (await app.Http.GetFromJsonAsync<JsonNode>(
            $"/api/v1/reports/offences?from={today.AddDays(-100):yyyy-MM-dd}&to={today:yyyy-MM-dd}&groupBy=entry,division&asOf={asOf}"))!;
        return report["rows"]!.ToJsonString();
    }
}

/// <summary>Tries, releases and undoes over HTTP, and waits until it is done.</summary>
static class Released
{
    public static async Task<JsonNode> Preview(this TrafficApp app, string text, string file = "2022-04-01.json")
    {
        var answer = await app.Http.PostAsJsonAsync("/api/v1/catalogue/previews", new { files = new[] { new { name = file, text } } });
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), await answer.Content.ReadAsStringAsync());
        return await app.Until(answer.Headers.Location!.ToString(), "running");
    }

    public static Task<HttpResponseMessage> TryRelease(
        this TrafficApp app, string? text, string by = "analyst-1", string second = "jurist-2", string reason = "test", bool retroactive = true,
        string? effective = null, string file = "2022-04-01.json") =>
        app.Http.PostAsJsonAsync("/api/v1/catalogue/releases", new
        {
            files = text is null ? [] : new[] { new { name = file, text } }, by, secondPerson = second, reason, effective, retroactive,
        });

    /// <param name="wait">Until every subscriber has heard of it, too.</param>
    public static async Task<JsonNode> Release(this TrafficApp app, string text, bool wait = true) => await app.Done(await app.TryRelease(text), wait);

    public static async Task<JsonNode> Undo(this TrafficApp app, string version, bool wait = true) => await app.Done(await app.TryUndo(version), wait);

    public static Task<HttpResponseMessage> TryUndo(this TrafficApp app, string version, string second = "jurist-2") =>
        app.Http.PostAsJsonAsync("/api/v1/catalogue/undo", new { version, by = "analyst-1", secondPerson = second, reason = "test" });

    public static async Task<JsonNode> Done(this TrafficApp app, HttpResponseMessage answer, bool wait = true)
    {
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), await answer.Content.ReadAsStringAsync());
        var done = await app.Until(answer.Headers.Location!.ToString(), "planned", "reDeciding");
        if (wait)
            await app.NothingInFlight();
        return done;
    }

    public static async Task<JsonNode> Until(this TrafficApp app, string address, params string[] not)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (true)
        {
            var answer = (await app.Http.GetFromJsonAsync<JsonNode>(address, limit.Token))!;
            if (!not.Contains((string?)answer["state"]))
            {
                Assert.That((string?)answer["state"], Is.EqualTo("done"), answer.ToJsonString());
                return answer;
            }
        }
    }
}
