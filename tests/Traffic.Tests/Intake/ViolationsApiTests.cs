using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using Traffic.Contracts;
using Traffic.Intake;
using Traffic.Tests.Editions;

namespace Traffic.Tests.Intake;

/// <summary>The front doors over HTTP: what is taken, what is refused, and what is answered.</summary>
[Category("Postgres")]
public sealed class ViolationsApiTests
{
    TrafficApp app = null!;

    [OneTimeSetUp]
    public async Task Start() => app = await TrafficApp.Start();

    [OneTimeTearDown]
    public async Task Stop() => await app.DisposeAsync();

    NewViolation Record() => Sent.ByOfficer() with { OccurredAt = app.Now.AddMinutes(-5) };

    NewViolation Event(string id) => Sent.ByFeed(id) with { OccurredAt = app.Now.AddMinutes(-5) };

    Task<HttpResponseMessage> Post(string body, string type = "application/json", string path = "/api/v1/violations") =>
        app.Http.PostAsync(path, new StringContent(body, Encoding.UTF8, type));

    static async Task<JsonElement> Body(HttpResponseMessage answer) =>
        JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;

    static string[] Codes(JsonElement problem) => [.. problem.GetProperty("codes").EnumerateArray().Select(code => code.GetString()!)];

    static string[] Outcomes(JsonElement batch) =>
        [.. batch.GetProperty("results").EnumerateArray().Select(one => one.GetProperty("outcome").GetString()!)];

    [Test]
    public async Task A_record_is_201_the_first_time_then_200_and_409_when_it_differs()
    {
        var record = Record();
        var created = await Post(Sent.Json(record));
        var again = await Post(Sent.Json(record));
        var other = await Post(Sent.Json(record with { Note = "另" }));

        Assert.That(created.StatusCode, Is.EqualTo(HttpStatusCode.Created), await created.Content.ReadAsStringAsync());
        Assert.That(created.Headers.Location!.ToString(), Is.EqualTo($"/api/v1/violations/{record.RecordId}"));
        Assert.That(again.StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That(other.StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
        var (first, second) = (await Body(created), await Body(again));
        foreach (var member in new[] { "recordId", "sequence", "sha256", "receivedAt" })
            Assert.That(second.GetProperty(member).ToString(), Is.EqualTo(first.GetProperty(member).ToString()), member);
        Assert.That((await Body(other)).GetProperty("type").GetString(), Is.EqualTo("urn:traffic:record-id-taken"));
        Assert.That(other.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/problem+json"));
    }

    [TestCase("96", "96.0")]
    [TestCase("96.50", "96.5")]
    [TestCase("9.6e1", "96.000")]
    public async Task The_same_value_in_other_digits_is_the_same_record(string first, string second)
    {
        var (id, at) = (Guid.NewGuid(), app.Now.AddHours(-1));
        string Body(string value) => $$"""
            {"recordId":"{{id}}","source":"roadsideCheck","occurredAt":"{{at:O}}","divisionCode":"152502","offenceKind":"speeding",
             "measurements":[{"quantity":"speed","value":{{value}},"unit":"km/h"}]}
            """;

        Assert.That((await Post(Body(first))).StatusCode, Is.EqualTo(HttpStatusCode.Created));
        Assert.That((await Post(Body(second))).StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await Post(Body("97"))).StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
    }

    /// <summary>An answer that was lost is asked for again, and by then two years may have passed.</summary>
    [Test]
    public async Task What_was_taken_before_it_was_too_old_stays_taken()
    {
        var clock = new ShiftedClock();
        await using var later = await TrafficApp.Start(services: all => all.AddSingleton<TimeProvider>(clock));
        var stop = Guid.NewGuid();
        NewViolation Young() => Sent.ByOfficer() with { OccurredAt = later.Now.AddYears(-2).AddMinutes(2), StopId = stop };
        var (one, two) = (Young(), Young());
        async Task<HttpStatusCode> Send(params NewViolation[] records) => (await later.Http.PostAsync("/api/v1/violations", new StringContent(
            records is [var alone] ? Sent.Json(alone) : $"[{string.Join(',', records.Select(Sent.Json))}]", Encoding.UTF8, "application/json"))).StatusCode;
        Assert.That(await Send(one, two), Is.EqualTo(HttpStatusCode.Created));

        clock.Ahead = TimeSpan.FromMinutes(3);

        Assert.That(await Send(one), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await Send(one, two), Is.EqualTo(HttpStatusCode.OK));
        Assert.That(await Send(one with { Note = "另" }), Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That(await Send(one with { Latitude = 91 }), Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(await Send(one with { RecordId = Guid.NewGuid() }), Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(await Send(one, two with { RecordId = Guid.NewGuid() }), Is.EqualTo(HttpStatusCode.BadRequest), "a stop is taken whole or not at all");
    }

    [Test]
    public async Task A_record_can_be_read_back_with_its_receipt_standing_and_history()
    {
        var record = Record();
        await Post(Sent.Json(record));
        await app.NothingInFlight();

        var found = await Body(await app.Http.GetAsync($"/api/v1/violations/{record.RecordId}"));

        Assert.That(found.GetProperty("record").GetProperty("plate").GetString(), Is.EqualTo("蒙H00001"));
        Assert.That(found.GetProperty("record").GetProperty("driverName").GetString(), Is.EqualTo("甲"));
        Assert.That(found.GetProperty("record").TryGetProperty("sealed", out _), Is.False);
        Assert.That(found.GetProperty("receipt").GetProperty("outcome").GetString(), Is.EqualTo("accepted"));
        Assert.That(found.GetProperty("standing").GetProperty("revision").GetInt32(), Is.EqualTo(1));
        Assert.That(found.GetProperty("history").ValueKind, Is.EqualTo(JsonValueKind.Array));
        Assert.That((await app.Http.GetAsync($"/api/v1/violations/{Guid.NewGuid()}")).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [Test]
    public async Task The_records_of_a_stop_are_taken_all_or_none()
    {
        var stop = Guid.NewGuid();
        var (one, two) = (Record() with { StopId = stop }, Record() with { StopId = stop, OffenceKind = "speeding" });
        var taken = await Post($"[{Sent.Json(one)},{Sent.Json(two)}]");
        Assert.That(taken.StatusCode, Is.EqualTo(HttpStatusCode.Created));
        Assert.That(Outcomes(await Body(taken)), Is.EqualTo(new[] { "accepted", "accepted" }));
        Assert.That((await Post($"[{Sent.Json(one)},{Sent.Json(two)}]")).StatusCode, Is.EqualTo(HttpStatusCode.OK));

        var three = Record() with { StopId = stop };
        var other = await Post($"[{Sent.Json(three)},{Sent.Json(two with { Note = "另" })}]");
        Assert.That(other.StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That((await Body(other)).GetProperty("recordIds").EnumerateArray().Select(one => one.GetGuid()), Is.EqualTo(new[] { two.RecordId }), "the other's id is free");
        Assert.That((await Body(other)).GetProperty("detail").GetString(), Is.Not.Empty);
        var faulty = await Post($"[{Sent.Json(three)},{Sent.Json(three with { RecordId = Guid.NewGuid(), Latitude = 91 })}]");
        Assert.That(faulty.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await Body(faulty)).GetProperty("errors").EnumerateObject().Select(one => one.Name), Is.EqualTo(new[] { "[1].latitude" }));
        var mixed = await Post($"[{Sent.Json(three)},{Sent.Json(Record() with { StopId = Guid.NewGuid() })}]");
        Assert.That(Codes(await Body(mixed)), Is.EqualTo(new[] { "intake.stop.mixed" }));
        foreach (var elsewhere in new[] { three with { RecordId = Guid.NewGuid(), DivisionCode = "152501" }, three with { RecordId = Guid.NewGuid(), OccurredAt = three.OccurredAt!.Value.AddDays(-1).AddSeconds(-1) } })
            Assert.That(Codes(await Body(await Post($"[{Sent.Json(three)},{Sent.Json(elsewhere)}]"))), Is.EqualTo(new[] { "intake.stop.mixed" }), "one stop is at one place, and over within a day");
        var twice = await Post($"[{Sent.Json(three)},{Sent.Json(three)}]");
        Assert.That(twice.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));

        Assert.That((await app.Http.GetAsync($"/api/v1/violations/{three.RecordId}")).StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    [TestCase(0, false)]
    [TestCase(50, true)]
    [TestCase(51, false)]
    public async Task A_stop_has_1_to_50_records(int records, bool taken)
    {
        var stop = Guid.NewGuid();
        var body = string.Join(',', Enumerable.Range(0, records).Select(_ => Sent.Json(Record() with { StopId = stop })));
        Assert.That((await Post($"[{body}]")).StatusCode, Is.EqualTo(taken ? HttpStatusCode.Created : HttpStatusCode.BadRequest));
    }

    [TestCase("zh", "号牌号码不可能。")]
    [TestCase("en", "The plate number is impossible.")]
    public async Task A_refusal_names_every_fault_in_the_senders_language(string language, string words)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/violations")
        {
            Content = new StringContent(Sent.Json(Record() with { Plate = "蒙I00001", Latitude = 91, Measurements = [new NewMeasurement { Quantity = Quantity.Speed, Value = 401 }] })),
            Headers = { { "Accept-Language", language } },
        };
        request.Content.Headers.ContentType = new("application/json");
        var problem = await Body(await app.Http.SendAsync(request));

        Assert.That(problem.GetProperty("errors").EnumerateObject().Select(one => one.Name),
            Is.EquivalentTo(new[] { "plate", "latitude", "measurements[0].unit", "measurements[0].value" }));
        Assert.That(problem.GetProperty("errors").GetProperty("plate")[0].GetString(), Is.EqualTo(words));
    }

    [Test]
    public async Task An_unreadable_body_is_400_and_says_where()
    {
        var answer = await Post("{\n  \"source\": camera\n}");
        var problem = await Body(answer);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((problem.GetProperty("line").GetInt64(), problem.GetProperty("column").GetInt64()), Is.EqualTo((2L, 13L)));
        foreach (var body in new[] { "", "[", "7", "[7]", "\"a\"", "{}", "[{}] {}" })
            Assert.That((await Post(body)).StatusCode, Is.EqualTo(HttpStatusCode.BadRequest), body);
    }

    [TestCase("text/plain")]
    [TestCase("application/x-ndjson")]
    [TestCase("application/xml")]
    public async Task A_wrong_content_type_is_415(string type) =>
        Assert.That((await Post(Sent.Json(Record()), type)).StatusCode, Is.EqualTo(HttpStatusCode.UnsupportedMediaType));

    [Test]
    public async Task A_body_over_4_MiB_is_413()
    {
        var blanks = new string(' ', 4 * 1024 * 1024);
        using var tooLong = new HttpRequestMessage(HttpMethod.Post, "/api/v1/violations")
        {
            Content = new StringContent(blanks + Sent.Json(Record()), System.Text.Encoding.UTF8, "application/json"),
            Headers = { ExpectContinue = true },
        };
        Assert.That((await app.Http.SendAsync(tooLong)).StatusCode, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
        Assert.That((await Post(blanks[..^2_000] + Sent.Json(Record()))).StatusCode, Is.EqualTo(HttpStatusCode.Created));
    }

    [Test]
    public async Task A_batch_is_answered_item_by_item_in_order_and_counted_in_the_ledger()
    {
        string[] items =
        [
            Sent.Json(Event("1")), Sent.Json(Event("2") with { Latitude = 91 }), "{\"eventId\":\"3\",\"helicopter\":1}",
            Sent.Json(Event("1")), Sent.Json(Event("1") with { Note = "另" }), Sent.Json(Event("4")), "7",
        ];
        string[] outcomes = ["accepted", "rejected", "rejected", "duplicate", "conflict", "accepted", "rejected"];
        // The events of one call carry the same time.
        items[3] = items[0];

        var array = await Body(await Post($"[{string.Join(',', items)}]", path: "/api/v1/feeds/batch-1/events"));
        var lines = await Body(await Post(string.Join("\r\n", items) + "\n", "application/x-ndjson", "/api/v1/feeds/batch-2/events"));

        Assert.That(Outcomes(array), Is.EqualTo(outcomes));
        Assert.That(Outcomes(lines), Is.EqualTo(outcomes));
        Assert.That(array.GetProperty("results")[1].GetProperty("faults")[0].GetProperty("member").GetString(), Is.EqualTo("latitude"));
        Assert.That(array.GetProperty("results")[3].GetProperty("sequence").GetInt64(), Is.EqualTo(array.GetProperty("results")[0].GetProperty("sequence").GetInt64()));

        var ledger = (await Body(await app.Http.GetAsync("/api/v1/ledger"))).GetProperty("senders").EnumerateArray()
            .Single(line => line.GetProperty("sender").GetString() == "batch-1");
        Assert.That(new[] { "received", "accepted", "duplicate", "conflict", "rejected", "ignored" }.Select(name => ledger.GetProperty(name).GetInt64()),
            Is.EqualTo(new long[] { 7, 2, 1, 1, 3, 0 }));
    }

    [Test]
    public async Task A_batch_has_at_most_1000_events()
    {
        var events = Enumerable.Range(0, 1_001).Select(i => Sent.Json(Event($"n{i}"))).ToList();
        Assert.That((await Post($"[{string.Join(',', events)}]", path: "/api/v1/feeds/many/events")).StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        var thousand = await Body(await Post($"[{string.Join(',', events.Take(1_000))}]", path: "/api/v1/feeds/many/events"));
        Assert.That(thousand.GetProperty("accepted").GetInt32(), Is.EqualTo(1_000));
    }

    [TestCase("application/x-ndjson", "1\n")]
    [TestCase("application/json", "1,")]
    public async Task Too_many_events_are_refused_however_many_they_are(string type, string item)
    {
        var body = type.EndsWith("ndjson", StringComparison.Ordinal) ? "" : "[";
        foreach (var path in new[] { "/api/v1/feeds/many/events", "/api/v1/feeds/many/activity" })
        {
            var answer = await Post(body + string.Concat(Enumerable.Repeat(item, 1_500_000)), type, path);
            Assert.That((answer.StatusCode, Codes(await Body(answer)).Single()), Is.EqualTo((HttpStatusCode.BadRequest, "intake.tooMany")));
        }
    }

    [TestCase("a", HttpStatusCode.OK)]
    [TestCase("A", HttpStatusCode.BadRequest)]
    [TestCase("-a", HttpStatusCode.BadRequest)]
    [TestCase("a%0A", HttpStatusCode.BadRequest, Description = "in the ledger it would look like a")]
    [TestCase("officer", HttpStatusCode.BadRequest, Description = "whose counts would stand among the officers'")]
    [TestCase("import.nothing", HttpStatusCode.BadRequest, Description = "no such map")]
    public async Task A_feed_has_a_name_of_its_own(string feed, HttpStatusCode status) =>
        Assert.That((await Post("[]", path: $"/api/v1/feeds/{feed}/events")).StatusCode, Is.EqualTo(status));

    [Test]
    public async Task The_door_closes_while_the_register_is_too_far_behind()
    {
        await using var behind = await TrafficApp.Start(new Dictionary<string, string?> { ["Traffic:MaxInFlight"] = "-1" });
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        HttpResponseMessage answer;
        do
            answer = await behind.Http.PostAsync("/api/v1/violations", JsonContent.Create(JsonNode.Parse(Sent.Json(Record() with { RecordId = Guid.NewGuid() }))), limit.Token);
        while (answer.StatusCode != HttpStatusCode.ServiceUnavailable);
        Assert.That(answer.Headers.RetryAfter!.Delta, Is.GreaterThan(TimeSpan.Zero));
    }
}
