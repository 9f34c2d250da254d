using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using NUnit.Framework;

namespace Traffic.Tests.Activities;

/// <summary>What is refused at the doors beside violations, by name, and that a refusal counts as one.</summary>
[Category("Postgres")]
public sealed class RefusalTests
{
    TrafficApp app = null!;

    [OneTimeSetUp]
    public async Task Start() => app = await TrafficApp.Start();

    [OneTimeTearDown]
    public async Task Stop()
    {
        await app.NothingInFlight();
        await app.CountsAgree();
        await app.DisposeAsync();
    }

    async Task Refused(string path, JsonNode report, params string[] codes)
    {
        var (status, body) = await app.Post(path, report);
        Assert.That(status, Is.EqualTo(HttpStatusCode.BadRequest), body.ToJsonString());
        Assert.That(body["codes"]!.AsArray().Select(code => (string)code!), Is.EquivalentTo(codes));
    }

    [TestCase("dead", "-1", "intake.crash.dead")]
    [TestCase("dead", "0", null)]
    [TestCase("dead", "1000", null)]
    [TestCase("dead", "1001", "intake.crash.dead")]
    [TestCase("dead", null, "intake.crash.dead")]
    [TestCase("dead", "1.5", "body.type")]
    [TestCase("dead", "\"1\"", "body.type")]
    [TestCase("injured", "-1", "intake.crash.injured")]
    [TestCase("injured", "1000", null)]
    [TestCase("injured", "1001", "intake.crash.injured")]
    [TestCase("lossCny", "-1", "intake.crash.loss")]
    [TestCase("lossCny", "10000000000", null)]
    [TestCase("lossCny", "10000000001", "intake.crash.loss")]
    [TestCase("divisionCode", "\"999999\"", "intake.divisionCode")]
    [TestCase("causes", "[\"witchcraft\"]", "body.word")]
    [TestCase("causes", "[\"speeding\",\"speeding\"]", "intake.crash.causes")]
    [TestCase("vehicles", "[{\"vehicleClass\":\"ship\",\"keyVehicle\":false}]", "intake.crash.vehicles")]
    [TestCase("vehicles", "[null]", "intake.crash.vehicles")]
    [TestCase("occurredAt", "\"2022-07-08T10:00:00\"", "body.type", Description = "without its offset")]
    [TestCase("occurredAt", "\"2199-07-08T10:00:00Z\"", "intake.occurredAt.ahead")]
    [TestCase("occurredAt", "\"1989-12-31T10:00:00Z\"", "intake.occurredAt.year")]
    [TestCase("occurredAt", null, "intake.at.missing")]
    [TestCase("latitude", "90.1", "intake.latitude")]
    [TestCase("plate", "\"蒙H00001\"", "body.unknown", Description = "a crash has no such member")]
    [TestCase("recordId", null, "intake.recordId.missing")]
    [TestCase("eventId", "\"x\"", "intake.eventId.officer")]
    [TestCase("kind", "\"danger\"", "intake.feedOnly")]
    [TestCase("supersedes", "0", "intake.supersedes")]
    [TestCase("supersedes", "1", "intake.subject.unknown")]
    public async Task A_crash(string member, string? value, string? code)
    {
        var crash = app.Crash().With(member, value is null ? null : JsonNode.Parse(value));
        if (code is null)
            await app.Taken("crashes", crash);
        else
            await Refused("crashes", crash, code);
    }

    [Test]
    public async Task Every_fault_is_named_at_once_in_the_senders_language()
    {
        var (_, body) = await app.Post("crashes", app.Crash(dead: -1).With("injured", -2).With("divisionCode", "1"), "zh");
        Assert.That(body["errors"]!.AsObject().Select(one => one.Key), Is.EquivalentTo(["dead", "injured", "divisionCode"]));
        Assert.That((string)body["errors"]!["dead"]![0]!, Is.EqualTo("死亡人数须为 0 至 1000 的整数。"));
    }

    [TestCase("{\"vehiclesChecked\":211}", "intake.session.vehicles.sum", "211 in total, 210 over the posts")]
    [TestCase("{\"personsChecked\":387}", "intake.session.persons.sum", "387 in total, 388 over the posts")]
    [TestCase("{\"violations\":0}", "intake.session.violations.sum", "0 in total, 41 over the posts")]
    public async Task A_session_whose_sums_disagree_does_not_close_and_both_sums_are_named(string change, string code, string words)
    {
        var id = await app.Taken("sessions", app.Session());
        var closing = app.Closing();
        foreach (var (name, value) in JsonNode.Parse(change)!.AsObject())
            closing[name] = value!.DeepClone();
        var (status, body) = await app.Post($"sessions/{id}/closing", closing);

        Assert.That((status, (string)body["codes"]![0]!), Is.EqualTo((HttpStatusCode.BadRequest, code)));
        Assert.That(body["errors"]!.ToJsonString(), Does.Contain(words));
        Assert.That((string)(await app.Get($"sessions/{id}"))["reports"]![0]!["report"]!["session"]!["name"]!, Is.Not.Empty);
        await app.Taken($"sessions/{id}/closing", app.Closing());
    }

    [Test]
    public async Task A_crash_grows_less_or_moves_only_with_a_word_why()
    {
        var id = await app.Taken("crashes", app.Crash(dead: 1, injured: 2));

        await Refused($"crashes/{id}/revisions", app.Crash(dead: 0, injured: 2).Again(1), "intake.crash.why");
        await Refused($"crashes/{id}/revisions", app.Crash(dead: 1, injured: 1).Again(1), "intake.crash.why");
        await Refused($"crashes/{id}/revisions", app.Crash().With("divisionCode", "152531").Again(1), "intake.crash.why");
        await Refused($"crashes/{id}/revisions", app.Crash().With("occurredAt", app.At(5, 14)).Again(1), "intake.crash.why");
        await app.Taken($"crashes/{id}/revisions", app.Crash(dead: 2, injured: 1).Again(1));
        await app.Taken($"crashes/{id}/revisions", app.Crash(dead: 1, injured: 2).With("note", "误报").Again(2));
    }

    [Test]
    public async Task A_session_ends_after_it_began()
    {
        await Refused("sessions", app.Session().With("plannedTo", app.At(2, 20)), "intake.session.end");
        await Refused("sessions", app.Session().With("plannedTo", app.At(2, 21)), "intake.session.end");
        await Refused("sessions", app.Session().With("plannedFrom", app.At(9, 1)), "intake.session.long");
        await Refused("sessions", app.Session().With("sessionKind", "camera"), "intake.session.kind");
        await Refused("sessions", app.Session().With("mode", "helicopter"), "body.word");
        await Refused("sessions", app.Session().With("officersPlanned", 0), "intake.session.officers");
        await Refused($"sessions/{Guid.NewGuid()}/closing", app.Closing(), "intake.session.unknown");
        var id = await app.Taken("sessions", app.Session());
        await Refused($"sessions/{id}/closing", app.Closing().With("actualTo", app.At(2, 21)), "intake.session.end");
        await Refused($"sessions/{id}/closing", app.Closing().With("posts", new JsonArray()), "intake.session.posts");
        await Refused($"sessions/{id}/closing", app.Closing().Without("supersedes"), "intake.supersedes");
        await Refused($"sessions/{id}/closing", app.Closing().With("actualFrom", app.At(1, 12)).With("actualTo", app.At(1, 14)), "intake.session.actual");
        await Refused($"sessions/{id}/closing", app.Closing().With("actualFrom", app.At(2, 8)), "intake.session.actual");
    }

    [Test]
    public async Task The_plan_of_a_closed_session_stays_where_the_session_was()
    {
        var plan = app.Session();
        var id = await app.Taken("sessions", plan);
        await app.Taken($"sessions/{id}/revisions", plan.With("plannedFrom", app.At(30, 21)).With("plannedTo", app.At(29, 1)).Again(1));
        await app.Taken($"sessions/{id}/revisions", plan.Again(2));
        await app.Taken($"sessions/{id}/closing", app.Closing().With("supersedes", 3));

        // It was from 21:00 to 02:00: twelve hours beside it are still the same session.
        await Refused($"sessions/{id}/revisions", plan.With("plannedFrom", app.At(30, 21)).With("plannedTo", app.At(29, 1)).Again(4), "intake.session.moved");
        await Refused($"sessions/{id}/revisions", plan.With("plannedTo", app.At(1, 13)).With("plannedFrom", app.At(1, 10)).Again(4), "intake.session.moved");
        await Refused($"sessions/{id}/revisions", plan.With("plannedFrom", app.At(2, 12)).With("plannedTo", app.At(2, 13)).Again(4), "intake.session.moved");
        var moved = plan.With("plannedFrom", app.At(1, 9)).With("plannedTo", app.At(1, 13)).Again(4);
        await app.Taken($"sessions/{id}/revisions", moved);
        await app.Taken($"sessions/{id}/revisions", plan.With("plannedFrom", app.At(2, 13)).With("plannedTo", app.At(2, 14)).Again(5));
        Assert.That((await app.Post($"sessions/{id}/revisions", moved)).Status, Is.EqualTo(HttpStatusCode.OK), "the same again");
    }

    [Test]
    public async Task What_was_not_found_can_be_neither_cleared_nor_reopened()
    {
        await Refused($"dangers/{Guid.NewGuid()}/clearings", app.Change(1, 1), "intake.danger.unknown");
        await Refused($"dangers/{await app.Taken("crashes", app.Crash())}/clearings", app.Change(1, 1), "intake.danger.unknown");
        await Refused("dangers", app.Danger(kind: "inspection-overdue").With("dangerKind", "rust"), "body.word");
        var id = await app.Taken("dangers", app.Danger(daysAgo: 10));
        await Refused($"dangers/{id}/reopenings", app.Change(1, 1), "intake.danger.open");
        await Refused($"dangers/{id}/clearings", app.Change(11, 1), "intake.danger.before");
        await Refused($"dangers/{id}/clearings", app.Change(1, 1).Without("proofSha256"), "intake.danger.proof");
        await Refused($"dangers/{id}/clearings", app.Change(1, 1).Without("text"), "intake.text.required");
        await app.Taken($"dangers/{id}/clearings", app.Change(5, 1));
        await Refused($"dangers/{id}/clearings", app.Change(1, 2), "intake.danger.cleared");
        var stale = await app.Post($"dangers/{id}/clearings", app.Change(1, 1));
        Assert.That((stale.Status, (string)stale.Body["type"]!), Is.EqualTo((HttpStatusCode.Conflict, "urn:traffic:superseded")));
    }

    [Test]
    public async Task A_visit_is_of_a_known_point_and_of_its_plan()
    {
        await Refused("visits", app.Visit(Guid.NewGuid()), "intake.visit.point");
        await Refused("visits", app.Visit(await app.Taken("crashes", app.Crash())), "intake.visit.point");
        var point = await app.Taken("points", app.Point());
        await Refused("visits", app.Visit(point, daysAgo: 10), "intake.visit.plan");
        await Refused("visits", app.Visit(point, nth: 3), "intake.visit.nth");
        await Refused("visits", app.Visit(point, nth: 0), "intake.visit.nth");
        await Refused("visits", app.Visit(point).With("visitedAt", app.At(5, 8)), "intake.visit.visitedAt");
        await Refused("visits", app.Visit(point).With("visitedAt", app.At(2, 8)), "intake.visit.visitedAt");
        await app.Taken("visits", app.Visit(point, nth: 2).With("visitedAt", app.At(3, 2)));
        await Refused("visits", app.Visit(point).With("proofSha256", "A" + Sent.Proof[1..]), "intake.visit.proof");
        await Refused("points", app.Point().With("to", app.Day(10)), "intake.point.end");
        await Refused($"points/{point}/revisions", app.Point().With("pointKind", "route").With("supersedes", 1), "intake.point.kind.fixed");
        await app.Taken($"points/{point}/void", Sent.Void(1));
        await Refused("visits", app.Visit(point), "intake.visit.point.voided");
    }

    [TestCase(0, 0, "intake.observation.numbers")]
    [TestCase(1, 0, null)]
    [TestCase(100, 100, null)]
    [TestCase(100, 101, "intake.observation.complying")]
    [TestCase(100, -1, "intake.observation.numbers")]
    [TestCase(1_000_001, 1, "intake.observation.numbers")]
    public async Task Nobody_complies_who_was_not_checked(int seen, int complying, string? code)
    {
        if (code is null)
            await app.Taken("observations", app.Observation(seen, complying));
        else
            await Refused("observations", app.Observation(seen, complying), code);
    }

    [Test]
    public async Task Two_persons_void_and_they_are_two()
    {
        var id = await app.Taken("crashes", app.Crash());
        await Refused($"crashes/{id}/void", Sent.Void(1).With("secondPerson", "P001"), "intake.void.second");
        await Refused($"crashes/{id}/void", Sent.Void(1).With("secondPerson", " P001 "), "intake.void.second");
        await Refused($"crashes/{id}/void", Sent.Void(1).Without("reason"), "intake.text.required");
        await Refused($"crashes/{id}/void", Sent.Void(2), "intake.subject.unknown");
        await Refused($"dangers/{id}/void", Sent.Void(1), "intake.subject.unknown");
    }

    [Test]
    public async Task A_feeds_items_are_answered_one_by_one_and_may_replace_each_other()
    {
        var crash = Item(app.Crash(), "a", "crash");
        var later = crash.With("eventId", "a2").With("dead", 2).With("subject", "a").With("supersedes", 1);
        JsonNode[] items =
        [
            crash, later, crash, later.With("eventId", "a3"), crash.With("dead", 9), Item(app.Crash(), "b", "accident"), Item(app.Danger(), "c", "danger").With("verb", "close"),
            Item(app.Crash(), "d", "crash").With("verb", "explode"), JsonValue.Create(7),
        ];
        var (status, body) = await app.Post("feeds/test-desk/activity", new JsonArray([.. items.Select(item => item.DeepClone())]));
        await app.NothingInFlight();

        Assert.That(status, Is.EqualTo(HttpStatusCode.OK), body.ToJsonString());
        Assert.That(body["results"]!.AsArray().Select(one => (string)one!["outcome"]!), Is.EqualTo(
            ["accepted", "accepted", "duplicate", "conflict", "conflict", "rejected", "rejected", "rejected", "rejected"]));
        Assert.That(body["results"]!.AsArray().Skip(5).Select(one => (string)one!["faults"]![0]!["code"]!), Is.EqualTo(["intake.kind", "intake.verb", "intake.verb", "body.unreadable"]));
        Assert.That((int)(await app.Get($"crashes/{body["results"]![0]!["activityId"]}"))["revision"]!, Is.EqualTo(2));
    }

    static JsonObject Item(JsonObject report, string eventId, string kind, string? verb = null, string? subject = null)
    {
        var item = report.Without("recordId").With("eventId", eventId).With("kind", kind);
        return subject is null ? item : item.With("verb", verb).With("subject", subject);
    }

    /// <summary>Outcome of each item, with the first fault of one that was refused.</summary>
    async Task<List<string>> Outcomes(string feed, params JsonNode[] items)
    {
        var (status, body) = await app.Post($"feeds/{feed}/activity", new JsonArray([.. items.Select(item => item.DeepClone())]));
        Assert.That(status, Is.EqualTo(HttpStatusCode.OK), body.ToJsonString());
        await app.NothingInFlight();
        return [.. body["results"]!.AsArray().Select(one => (string)one!["outcome"]! == "rejected" ? (string)one["faults"]![0]!["code"]! : (string)one["outcome"]!)];
    }

    [Test]
    public async Task What_stands_on_a_refused_item_of_the_same_request_is_refused_with_it()
    {
        foreach (var taken in new[] { "1", "2" })
            await app.Post("feeds/test-taken/events", new JsonArray(new JsonObject
            {
                ["eventId"] = taken, ["source"] = "roadsideCheck", ["occurredAt"] = app.At(1, 10), ["divisionCode"] = "152502", ["offenceKind"] = "red-light",
            }));
        var visit = app.Visit(Guid.Empty).Without("pointId").With("pointEventId", "1");

        Assert.That(
            await Outcomes("test-taken", Item(app.Point(), "1", "point"), Item(visit, "v", "visit"), Item(app.Session(), "2", "session"), Item(app.Closing(), "c", "session", "close", "2")),
            Is.EqualTo(["conflict", "intake.visit.point", "conflict", "intake.session.unknown"]));
    }

    [Test]
    public async Task A_visit_is_the_same_again_whatever_has_become_of_its_point()
    {
        var plan = app.Point();
        var point = await app.Taken("points", plan);
        var visit = app.Visit(point);
        var id = await app.Taken("visits", visit);
        await app.Taken($"points/{point}/revisions", plan.With("unitCode", "152502010000").With("divisionCode", "152531").Again(1));

        Assert.That((await app.Post("visits", visit)).Status, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((string)(await app.Post("visits", visit.With("proofSha256", "b" + Sent.Proof[1..]))).Body["type"]!, Is.EqualTo("urn:traffic:record-id-taken"));
        Assert.That((string)(await app.Post("visits", visit.With("recordId", Guid.NewGuid()))).Body["type"]!, Is.EqualTo("urn:traffic:superseded"));
        await app.Taken($"visits/{id}/void", Sent.Void(1));
        Assert.That((await app.Post("visits", visit)).Status, Is.EqualTo(HttpStatusCode.OK));
        await app.Taken("visits", app.Visit(point, nth: 2));
    }

    [TestCase("{\"eventId\":\"e1\",\"kind\":\"\\ud800\"}")]
    [TestCase("{\"eventId\":\"e1\",\"ki\\ud800nd\":\"crash\"}")]
    [TestCase("{\"eventId\":\"e1\",\"kind\":\"\u00FF\"}", Description = "a byte that UTF-8 does not have")]
    [TestCase("{\"eventId\":\"e1\",\"kind\":\"crash\",\"road\":\"\\ud800\"}")]
    [TestCase("{\"eventId\":\"e1\",\"kind\":\"crash\",\"verb\":\"void\",\"subject\":\"\\udc00\"}")]
    public async Task An_item_that_is_no_text_is_refused_alone(string item)
    {
        var good = app.Crash().Without("recordId").With("eventId", $"{Guid.NewGuid()}").With("kind", "crash");
        using var sent = new ByteArrayContent([.. Encoding.Latin1.GetBytes($"[{item},"), .. Encoding.UTF8.GetBytes($"{good.ToJsonString()}]")]);
        sent.Headers.ContentType = new("application/json");
        using var answer = await app.Http.PostAsync("/api/v1/feeds/test-desk/activity", sent);
        var text = await answer.Content.ReadAsStringAsync();

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), text);
        Assert.That(JsonNode.Parse(text)!["results"]!.AsArray().Select(one => (string)one!["outcome"]!), Is.EqualTo(["rejected", "accepted"]));
        Assert.That((int)JsonNode.Parse(text)!["rejected"]!, Is.EqualTo(1));
    }

    [TestCase(0, false)]
    [TestCase(1, true)]
    [TestCase(200, true)]
    [TestCase(201, false)]
    [TestCase(3_900_000, false)]
    public async Task A_feeds_item_is_about_what_an_event_id_can_name(int length, bool named)
    {
        var item = Sent.Void(1).Without("recordId").With("eventId", $"void {length}").With("kind", "crash").With("verb", "void").With("subject", new string('s', length));
        var (status, body) = await app.Post("feeds/test-desk/activity", new JsonArray(item));

        Assert.That((status, (string)body["results"]![0]!["outcome"]!), Is.EqualTo((HttpStatusCode.OK, "rejected")));
        Assert.That((string)body["results"]![0]!["faults"]![0]!["code"]!, Is.EqualTo(named ? "intake.subject.unknown" : "intake.eventId.missing"));
    }

    [Test]
    public async Task Violations_and_all_else_share_one_identity_and_each_address_its_kind()
    {
        var crash = app.Crash();
        var id = await app.Taken("crashes", crash);
        foreach (var path in new[] { $"violations/{id}", $"dangers/{id}", $"crashes/{Guid.NewGuid()}" })
            Assert.That((await app.Http.GetAsync($"/api/v1/{path}")).StatusCode, Is.EqualTo(HttpStatusCode.NotFound), path);
        var (status, body) = await app.Post("violations", new JsonObject
        {
            ["recordId"] = id, ["source"] = "roadsideCheck", ["occurredAt"] = app.At(1, 10), ["divisionCode"] = "152502", ["offenceKind"] = "red-light",
        });
        Assert.That((status, (string)body["type"]!), Is.EqualTo((HttpStatusCode.Conflict, "urn:traffic:record-id-taken")));
        var list = await app.Get("crashes?division=152500&limit=500");
        Assert.That(list["items"]!.AsArray().Select(one => (Guid)one!["activityId"]!), Does.Contain(id));
        Assert.That((int)(await app.Http.GetAsync("/api/v1/crashes?limit=0")).StatusCode, Is.EqualTo(400));
    }
}
