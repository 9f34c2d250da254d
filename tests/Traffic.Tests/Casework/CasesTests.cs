using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using NUnit.Framework;
using Traffic.Tests.Register;

namespace Traffic.Tests.Casework;

/// <summary>People decide: once, about what is registered, and with all that a decision needs.</summary>
[Category("Postgres")]
public sealed class CasesTests
{
    TrafficApp app = null!;

    [OneTimeSetUp]
    public async Task Start() => app = await TrafficApp.Start();

    [OneTimeTearDown]
    public async Task Stop() => await app.DisposeAsync();

    [Test]
    public async Task What_awaits_a_person_is_in_the_queue_until_it_is_decided()
    {
        var confirmed = await app.Officer(app.RedLight() with { DivisionCode = "152522" });
        var captured = await app.Camera(app.RedLight() with { DivisionCode = "152522" });
        var undecided = await app.Officer(app.RedLight() with { DivisionCode = "152522", VehicleType = null, UseNature = null });

        Assert.That(await Queue("?division=152522"), Is.EquivalentTo(new[] { captured, undecided }).And.Not.Contain(confirmed));
        Assert.That(await Queue("?division=152522&status=captured"), Is.EqualTo(new[] { captured }));
        Assert.That(await Queue("?division=152500&status=captured"), Does.Contain(captured), "a league has its banners' cases");

        await app.Decided(captured, "confirm");
        Assert.That(await Queue("?division=152522"), Is.EqualTo(new[] { undecided }));
    }

    [Test]
    public async Task The_queue_is_read_page_by_page()
    {
        var cases = new List<Guid>();
        for (var i = 0; i < 5; i++)
            cases.Add(await app.Camera(app.RedLight() with { DivisionCode = "152523" }));

        var read = new List<Guid>();
        for (var page = await Queue("?division=152523&limit=2"); page.Count > 0; page = await Queue($"?division=152523&limit=2&after={read[^1]}"))
        {
            read.AddRange(page);
            // Where the next page begins does not hang on whether the last of this one still waits.
            await app.Decided(page[^1], "confirm");
        }

        Assert.That(read, Is.EqualTo(cases), "in the order in which they came");
    }

    [TestCase("limit=0", "limit")]
    [TestCase("limit=501", "limit")]
    [TestCase("division=zz", "division")]
    [TestCase("after=0a000000-0000-4000-8000-0000000000ff", "after")]
    public async Task A_question_that_is_none_is_told_so(string query, string member)
    {
        using var answer = await app.Http.GetAsync($"/api/v1/cases?{query}&lang=en");
        var problem = (await answer.Content.ReadFromJsonAsync<JsonObject>())!;

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(problem["errors"]!.AsObject().Single().Key, Is.EqualTo(member));
        Assert.That((string?)problem["title"], Does.Not.Contain("decision"));
    }

    async Task<List<Guid>> Queue(string query) =>
        [.. (await app.Http.GetFromJsonAsync<JsonObject>($"/api/v1/cases{query}"))!["cases"]!.AsArray().Select(one => (Guid)one!["recordId"]!)];

    [Test]
    public async Task A_record_that_is_not_registered_cannot_be_decided_yet()
    {
        var answer = await app.Decide(Guid.NewGuid(), "confirm");

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That(answer.Headers.RetryAfter, Is.Not.Null);
        Assert.That(await Type(answer), Is.EqualTo("urn:traffic:not-yet-registered"));
    }

    [Test]
    public async Task The_same_decision_again_gets_the_first_answer_and_changes_nothing()
    {
        var record = await app.Camera(app.RedLight());
        var decisionId = Guid.NewGuid();
        var first = await app.Decide(record, "confirm", decisionId: decisionId);
        await app.NothingInFlight();
        var again = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => app.Decide(record, "confirm", decisionId: decisionId)));
        await app.NothingInFlight();

        var said = await first.Content.ReadAsStringAsync();
        foreach (var answer in again)
            Assert.That(await answer.Content.ReadAsStringAsync(), Is.EqualTo(said));
        Assert.That((await app.Standing(record)).Revision, Is.EqualTo(2));
        await app.CountsAgree();
    }

    [Test]
    public async Task A_decision_id_is_taken_once()
    {
        var record = await app.Camera(app.RedLight());
        var decisionId = Guid.NewGuid();
        await app.Decide(record, "confirm", decisionId: decisionId);
        var other = await app.Decide(record, "reject", decisionId: decisionId);

        Assert.That(other.StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That(await Type(other), Is.EqualTo("urn:traffic:decision-id-taken"));
        await app.NothingInFlight();
        Assert.That((await app.Standing(record)).Status, Is.EqualTo("confirmed"));
    }

    [Test]
    public async Task Of_two_contents_under_one_id_sent_at_once_one_is_taken()
    {
        var record = await app.Camera(app.RedLight());
        var decisionId = Guid.NewGuid();
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => app.Decide(record, i % 2 == 0 ? "confirm" : "reject", decisionId: decisionId)));

        Assert.That(answers.Count(answer => answer.StatusCode == HttpStatusCode.Accepted), Is.EqualTo(8));
        Assert.That(answers.Count(answer => answer.StatusCode == HttpStatusCode.Conflict), Is.EqualTo(8));
        await app.NothingInFlight();
        Assert.That((await app.Standing(record)).Revision, Is.EqualTo(2));
    }

    /// <summary>Also what was overruled, and the second person of a void.</summary>
    [TestCase("zh", "作废", "同意人")]
    [TestCase("en", "Voided", "Agreed by")]
    public async Task Whatever_people_decided_can_be_read_with_all_who_did(string language, string voided, string agreed)
    {
        var record = await app.Camera(app.RedLight() with { DeviceId = "cam-1" });
        await app.Decided(record, "confirm");
        await app.Decided(record, "reject", revision: 1, second: "officer-3");
        await app.Decided(record, "void", revision: 3, second: "officer-4");

        var decisions = JsonNode.Parse(await app.Http.GetStringAsync($"/api/v1/cases/{record}/decisions"))!["decisions"]!.AsArray();
        var page = WebUtility.HtmlDecode(await app.Http.GetStringAsync($"/records/{record}?lang={language}"));

        Assert.That(decisions.Select(one => $"{one!["action"]} {one["revision"]} {one["decidedBy"]} {one["secondPerson"]} {one["reason"]}"),
            Is.EqualTo(["confirm 1 officer-1  test", "reject 1 officer-1 officer-3 test", "void 3 officer-1 officer-4 test"]));
        Assert.That(page, Does.Contain("officer-3").And.Contain("officer-4").And.Contain($">{voided}<").And.Contain(agreed));
        Assert.That(JsonNode.Parse(await app.Http.GetStringAsync($"/api/v1/cases/{Guid.NewGuid()}/decisions"))!["decisions"]!.AsArray(), Is.Empty);
    }

    [TestCase("reject", null)]
    [TestCase("resolve", "parking.other")]
    public async Task What_was_confirmed_is_not_turned_by_one_person_alone(string action, string? entry)
    {
        var record = await app.Officer(app.RedLight());
        object Body(string? second) => new { decisionId = Guid.NewGuid(), revision = 1, action, entry, decidedBy = "officer-1", secondPerson = second, reason = "r" };

        var alone = await app.Http.PostAsJsonAsync($"/api/v1/cases/{record}/decisions", Body(null));
        var together = await app.Http.PostAsJsonAsync($"/api/v1/cases/{record}/decisions", Body("officer-2"));

        Assert.That(alone.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(await alone.Content.ReadAsStringAsync(), Does.Contain("casework.secondPerson"));
        Assert.That(together.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
    }

    [TestCase("""{"decisionId":"ID","revision":1,"action":"void","decidedBy":"officer-1","reason":"r"}""", "casework.secondPerson")]
    [TestCase("""{"decisionId":"ID","revision":1,"action":"void","decidedBy":"officer-1","secondPerson":" Officer-1","reason":"r"}""", "casework.secondPerson")]
    [TestCase("""{"decisionId":"ID","revision":1,"action":"confirm","decidedBy":"officer-1","secondPerson":"officer-1","reason":"r"}""", "casework.secondPerson")]
    [TestCase("""{"decisionId":"ID","revision":1,"action":"void","decidedBy":"officer-1","secondPerson":"officer-1","reason":"r"}""", "casework.secondPerson")]
    [TestCase("""{"decisionId":"ID","revision":1,"action":"resolve","decidedBy":"officer-1","reason":"r"}""", "casework.entry")]
    [TestCase("""{"decisionId":"ID","revision":1,"action":"resolve","entry":"no-such","decidedBy":"officer-1","reason":"r"}""", "casework.entry")]
    [TestCase("""{"decisionId":"ID","revision":1,"action":"confirm","entry":"red-light.motor","decidedBy":"officer-1","reason":"r"}""", "casework.entry")]
    [TestCase("""{"decisionId":"ID","revision":1,"action":"confirm","decidedBy":"officer-1","reason":"r"}""", "casework.undecided")]
    [TestCase("""{"decisionId":"ID","revision":0,"action":"reject","decidedBy":"officer-1","reason":"r"}""", "casework.revision")]
    [TestCase("""{"decisionId":"ID","revision":1,"action":"reject","decidedBy":"officer-1","reason":" "}""", "casework.reason")]
    [TestCase("""{"decisionId":"ID","revision":1,"action":"reject","reason":"r"}""", "casework.decidedBy")]
    [TestCase("""{"revision":1,"action":"reject","decidedBy":"officer-1","reason":"r"}""", "casework.decisionId")]
    [TestCase("""{"decisionId":"ID","revision":1,"decidedBy":"officer-1","reason":"r"}""", "casework.action")]
    [TestCase("""{"decisionId":"ID","revision":1,"action":"forget","decidedBy":"officer-1","reason":"r"}""", "body.word")]
    [TestCase("""{"decisionId":"ID","revision":1,"revision":2,"action":"reject","decidedBy":"officer-1","reason":"r"}""", "body.doubled")]
    [TestCase("""{"decisionId":"ID","revision":1,"action":"reject","decidedBy":"officer-1","reason":"r","other":1}""", "body.unknown")]
    public async Task Is_refused_with_its_fault(string decision, string code)
    {
        var undecided = await app.Officer(app.RedLight() with { VehicleType = null, UseNature = null });
        var answer = await app.Http.PostAsync($"/api/v1/cases/{undecided}/decisions",
            new StringContent(decision.Replace("ID", $"{Guid.NewGuid()}"), Encoding.UTF8, "application/json"));

        var said = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest), said);
        Assert.That(JsonNode.Parse(said)!["codes"]!.AsArray().Select(one => (string)one!), Is.EqualTo(new[] { code }));
        Assert.That((await app.Standing(undecided)).Revision, Is.EqualTo(1));
    }

    [TestCase("?status=confirmed")]
    [TestCase("?division=999999")]
    public async Task A_queue_that_cannot_be_is_refused(string query) =>
        Assert.That((await app.Http.GetAsync($"/api/v1/cases{query}")).StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));

    static async Task<string?> Type(HttpResponseMessage answer) => (string?)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["type"];
}
