using System.Net;
using System.Text.Json.Nodes;
using NUnit.Framework;
using Traffic.Tests.Activities;

namespace Traffic.Tests.Alarms;

/// <summary>A zero target broken by a record just counted, from the front door to whoever listens.</summary>
[Category("Postgres")]
public sealed class AlarmLineTests
{
    TrafficApp app = null!;

    /// <summary>A changed copy; null where the repository's are used.</summary>
    string? schemas;

    [SetUp]
    public async Task Start() => app = await TrafficApp.Start();

    [TearDown]
    public async Task Stop()
    {
        await app.NothingInFlight();
        await app.CountsAgree();
        await app.DisposeAsync();
        if (schemas is not null)
            Directory.Delete(schemas, recursive: true);
        schemas = null;
    }

    [Test]
    public async Task A_danger_of_a_key_vehicle_rings_for_its_banner_and_the_league()
    {
        var danger = await app.Taken("dangers", app.Danger());
        await app.NothingInFlight();

        var open = (await app.Get("alarms"))["open"]!.AsArray();
        Assert.That(open.Select(one => $"{one!["campaign"]} {one["line"]} {one["divisionCode"]} {one["recordId"]} {one["revision"]} {one["value"]}"), Is.EquivalentTo(new[]
        {
            $"hundred-days zero.key-vehicles 152502 {danger} 1 1", $"hundred-days zero.key-vehicles 152500 {danger} 1 1",
        }));
        var records = await app.Get(((string)open[0]!["records"]!)["/api/v1/".Length..]);
        Assert.That((int)records["total"]!, Is.EqualTo(1), "it opens to what broke it");
    }

    [TestCase("campaign=x", "campaign")]
    [TestCase("division=999999", "division")]
    [TestCase("division=a%00b&campaign=", "division", "campaign")]
    public async Task Alarms_of_what_is_not_known_are_refused_by_name(string asked, params string[] named)
    {
        using var answer = await app.Http.GetAsync($"/api/v1/alarms?{asked}");
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        var refused = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.That(refused["errors"]!.AsObject().Select(one => one.Key), Is.EquivalentTo(named));
    }

    [Test]
    public async Task What_breaks_further_does_not_ring_again_but_another_banner_does()
    {
        await app.Taken("dangers", app.Danger());
        await app.Taken("dangers", app.Danger());
        await app.Taken("dangers", app.Danger().With("divisionCode", "152501"));
        await app.NothingInFlight();

        Assert.That(await Told(), Is.EqualTo(new[] { "rang 152500", "rang 152501", "rang 152502" }));
    }

    [Test]
    public async Task A_clearing_undoes_it_and_a_reopening_rings_anew()
    {
        var danger = await app.Taken("dangers", app.Danger());
        await app.Taken($"dangers/{danger}/clearings", app.Change(daysAgo: 5, supersedes: 1));
        await app.NothingInFlight();
        Assert.That((await app.Get("alarms"))["open"]!.AsArray(), Is.Empty);
        await app.Taken($"dangers/{danger}/reopenings", app.Change(daysAgo: 2, supersedes: 2));
        await app.NothingInFlight();

        Assert.That(await Told(), Is.EqualTo(new[] { "rang 152500", "rang 152500", "rang 152502", "rang 152502", "undone 152500", "undone 152502" }));
        var rang = (await app.Get("alarms?division=152502"))["events"]!.AsArray();
        Assert.That(rang.Select(one => $"{one!["change"]} {one["revision"]}"), Is.EqualTo(new[] { "rang 3", "undone 2", "rang 1" }), "the newest first");
        Assert.That((string)rang[1]!["alarmId"]!, Is.EqualTo((string)rang[2]!["alarmId"]!).And.Not.EqualTo((string)rang[0]!["alarmId"]!));
    }

    [Test]
    public async Task A_void_undoes_it()
    {
        var danger = await app.Taken("dangers", app.Danger());
        await app.Taken($"dangers/{danger}/void", Activities.Sent.Void(1));
        await app.NothingInFlight();

        Assert.That(await Told(), Is.EqualTo(new[] { "rang 152500", "rang 152502", "undone 152500", "undone 152502" }));
    }

    [TestCase("overlays", "overlay", "keyRoad.urban")]
    [TestCase("campaignItems", "item", "seat-belt")]
    public async Task A_zero_over_tags_or_items_rings_and_is_undone(string cube, string dimension, string value)
    {
        schemas = Register.CatalogueFolders.CopyOfSchemas();
        var file = Path.Combine(schemas, "targets", "last-hundred-days.json");
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file)).Replace(
            "{ \"cube\": \"violations\", \"where\": { \"entry\": [\"hazmat.route\", \"hazmat.restricted-area\"] } }",
            $"{{ \"cube\": \"{cube}\", \"where\": {{ \"{dimension}\": [\"{value}\"] }} }}", StringComparison.Ordinal));
        await app.DisposeAsync();
        app = await TrafficApp.Start(new Dictionary<string, string?> { ["Traffic:Schemas"] = schemas });
        var id = Guid.NewGuid();
        await app.Post("violations", new JsonObject
        {
            ["recordId"] = id, ["source"] = "roadsideCheck", ["occurredAt"] = app.At(1, 9), ["divisionCode"] = "152502", ["roadKind"] = "urban",
            ["plate"] = "蒙H00001", ["plateType"] = "02", ["vehicleType"] = "K33", ["signals"] = new JsonArray("passengerNoBelt"),
        });
        await app.NothingInFlight();
        var rang = await Told();
        await app.Post($"cases/{id}/decisions", new JsonObject
        {
            ["decisionId"] = Guid.NewGuid(), ["revision"] = 1, ["action"] = "void", ["decidedBy"] = "某乙", ["secondPerson"] = "某丙", ["reason"] = "as seen",
        });
        await app.NothingInFlight();

        Assert.That(rang, Is.EqualTo(new[] { "rang 152500", "rang 152502" }));
        Assert.That(await Told(), Is.EqualTo(new[] { "rang 152500", "rang 152502", "undone 152500", "undone 152502" }));
    }

    [Test]
    public async Task A_row_delivered_again_rings_once()
    {
        await app.Taken("dangers", app.Danger());
        await app.NothingInFlight();
        var owed = await Rows("""
            insert into platform.delivery (subscriber, position, first_item, items, created_at)
            select 'alarm', position, 0, items, created_at from platform.log where stream = 'register' returning items::text
            """);
        await app.NothingInFlight();

        Assert.That(owed, Is.EqualTo(new[] { "1" }), "it was owed again");
        Assert.That(await Told(), Is.EqualTo(new[] { "rang 152500", "rang 152502" }));
        Assert.That(await Rows("select count(*)::text from platform.log where stream = 'alarm'"), Is.EqualTo(new[] { "1" }));
    }

    [TestCase("en", "Alarm: broken")]
    [TestCase("zh", "告警：")]
    public async Task The_targets_page_marks_it_and_leads_to_the_record(string language, string words)
    {
        var danger = await app.Taken("dangers", app.Danger());
        await app.NothingInFlight();
        using var request = new HttpRequestMessage(HttpMethod.Get, "/targets?campaign=hundred-days");
        request.Headers.Add("Accept-Language", language);
        using var answer = await app.Http.SendAsync(request);
        var page = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());

        Assert.That(page, Does.Contain(words).And.Contain($"href=\"/activities/dangers/{danger}\""));
        using var record = await app.Http.GetAsync($"/activities/dangers/{danger}");
        Assert.That(record.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task What_does_not_break_a_zero_target_is_silent()
    {
        await app.Taken("crashes", app.Crash());
        await app.Taken("observations", app.Observation());
        await app.Taken("dangers", app.Danger(kind: "source"));
        await app.NothingInFlight();

        Assert.That(await Told(), Is.Empty);
    }

    [Test]
    public async Task A_listener_hears_it_and_one_that_comes_back_misses_nothing()
    {
        using var first = await Listen(null);
        await app.Taken("dangers", app.Danger());
        var heard = await Heard(first, 2);
        await app.Taken("dangers", app.Danger().With("divisionCode", "152501"));
        using var back = await Listen(heard[0].Id);
        var missed = await Heard(back, 2);

        Assert.That(heard.Select(one => one.Event), Is.EqualTo(new[] { "rang", "rang" }));
        Assert.That(missed[0].Id, Is.EqualTo(heard[1].Id), "goes on after the last that was heard");
        Assert.That(missed[1].Data, Does.Contain("\"divisionCode\":\"152501\""));
    }

    async Task<string[]> Told() => await Rows("select change || ' ' || division from reporting.alarm order by 1");

    async Task<string[]> Rows(string sql) => [.. await Register.Sent.Rows(app, sql, row => row.GetString(0))];

    async Task<StreamReader> Listen(string? lastEventId)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/v1/alarms/events");
        if (lastEventId is not null)
            request.Headers.Add("Last-Event-ID", lastEventId);
        var answer = await app.Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.That((answer.StatusCode, answer.Content.Headers.ContentType?.MediaType), Is.EqualTo((HttpStatusCode.OK, "text/event-stream")));
        var reader = new StreamReader(await answer.Content.ReadAsStreamAsync());
        Assert.That(await reader.ReadLineAsync(), Does.StartWith(":"));
        return reader;
    }

    static async Task<List<(string Id, string Event, string Data)>> Heard(StreamReader stream, int events)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        var heard = new List<(string, string, string)>();
        while (heard.Count < events)
            if (await stream.ReadLineAsync(limit.Token) is { } line && line.StartsWith("id: ", StringComparison.Ordinal))
                heard.Add((line[4..], (await stream.ReadLineAsync(limit.Token))![7..], (await stream.ReadLineAsync(limit.Token))![6..]));
        return heard;
    }
}
