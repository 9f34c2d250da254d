using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using Traffic.Tests.Register;

namespace Traffic.Tests.Intake;

/// <summary>Whatever is sent to the doors: the right refusal, as a problem that names every fault, kept in the ledger; or a receipt.</summary>
[Category("Postgres")]
public sealed class BadInputTests
{
    static readonly DateTimeOffset Now = new(2022, 7, 8, 13, 0, 0, TimeSpan.Zero);
    TrafficApp app = null!;

    [OneTimeSetUp]
    public async Task Start() => app = await TrafficApp.Start(services: all => all.AddSingleton<TimeProvider>(new FakeTimeProvider(Now)));

    [OneTimeTearDown]
    public async Task Stop()
    {
        await app.NothingInFlight();
        await app.CountsAgree();
        await app.DisposeAsync();
    }

    /// <summary>A good record of an officer, with members replaced (null takes one out).</summary>
    static string With(params (string Member, string? Json)[] members)
    {
        var record = new Dictionary<string, string?>
        {
            ["recordId"] = $"\"{Guid.NewGuid()}\"", ["source"] = "\"roadsideCheck\"", ["occurredAt"] = "\"2022-07-08T12:00:00Z\"",
            ["divisionCode"] = "\"152502\"", ["offenceKind"] = "\"red-light\"", ["plate"] = "\"蒙H00001\"", ["plateType"] = "\"02\"",
        };
        foreach (var (member, json) in members)
            record[member] = json;
        return $"{{{string.Join(',', record.Where(one => one.Value is not null).Select(one => $"\"{one.Key}\":{one.Value}"))}}}";
    }

    static string Speed(string measurement) => With(("measurements", $"[{{\"quantity\":\"speed\"{measurement}}}]"));

    static string Deep(int levels) =>
        With(("measurements", string.Concat(Enumerable.Repeat("[", levels)) + string.Concat(Enumerable.Repeat("]", levels))));

    /// <summary>What is wrong; the body; the codes of its faults, none if it is taken.</summary>
    static IEnumerable<TestCaseData> Bodies()
    {
        TestCaseData Case(string name, string body, params string[] codes) =>
            new TestCaseData(Encoding.UTF8.GetBytes(body), codes).SetArgDisplayNames(name);

        const string Unreadable = "body.unreadable", Type = "body.type", Unknown = "body.unknown", Doubled = "body.doubled", Word = "body.word";
        yield return Case("nothing wrong", With());
        yield return Case("empty", "", Unreadable);
        yield return Case("blank", " \n ", Unreadable);
        yield return Case("cut off", With()[..^1], Unreadable);
        yield return Case("a comma too many", With()[..^1] + ",}", Unreadable);
        yield return Case("a comment", "/* */" + With(), Unreadable);
        yield return Case("something after it", With() + "{}", Unreadable);
        yield return Case("no object", "null", Unreadable);
        yield return Case("an unknown member", With(("helicopter", "1")), Unknown);
        yield return Case("a member in other case", With(("Plate", "\"蒙H00001\"")), Unknown);
        yield return Case("a doubled member", With()[..^1] + ",\"plate\":\"蒙H00001\"}", Doubled);
        yield return Case("a doubled member in a measurement", Speed(",\"value\":90,\"value\":91,\"unit\":\"km/h\""), Doubled);
        yield return Case("a member doubled by an escape", With()[..^1] + ",\"pl\\u0061te\":\"蒙H00001\"}", Doubled);
        yield return Case("nested 1000 deep", Deep(1_000), Unreadable);
        yield return Case("nested 100,000 deep", Deep(100_000), Unreadable);
        yield return Case("a number for a text", With(("plate", "7")), Type);
        yield return Case("a text for a number", Speed(",\"value\":\"90\",\"unit\":\"km/h\""), Type);
        yield return Case("a number for a word", With(("source", "0")), Word);
        yield return Case("a word in other case", With(("source", "\"RoadsideCheck\"")), Word);
        yield return Case("a number that no decimal holds", Speed(",\"value\":1e400,\"unit\":\"km/h\""), Type);
        yield return Case("not a number", Speed(",\"value\":NaN,\"unit\":\"km/h\""), Unreadable);
        yield return Case("no uuid", With(("recordId", "\"1\"")), Type);
        yield return Case("a time without its offset", With(("occurredAt", "\"2022-07-08T12:00:00\"")), Type);
        yield return Case("a day that is none", With(("occurredAt", "\"2022-02-30T12:00:00Z\"")), Type);
        yield return Case("half a surrogate", With(("note", "\"\\ud800\"")), Type);

        yield return Case("two minutes ahead", With(("occurredAt", "\"2022-07-08T13:02:00Z\"")));
        yield return Case("a millisecond more", With(("occurredAt", "\"2022-07-08T13:02:00.001Z\"")), "intake.occurredAt.ahead");
        yield return Case("two years old", With(("occurredAt", $"\"{Now.AddYears(-2):O}\"")));
        yield return Case("a millisecond older", With(("occurredAt", $"\"{Now.AddYears(-2).AddMilliseconds(-1):O}\"")), "intake.occurredAt.old");

        yield return Case("a plate with an I", With(("plate", "\"蒙I00001\"")), "intake.plate");
        yield return Case("a plate without its place", With(("plate", "\"00001\"")), "intake.plate");
        yield return Case("a division that is none", With(("divisionCode", "\"999999\"")), "intake.divisionCode");
        yield return Case("a division with a blank", With(("divisionCode", "\"152502 \"")), "intake.divisionCode");
        yield return Case("a measurement without unit", Speed(",\"value\":90"), "intake.unit");
        yield return Case("a measurement in miles", Speed(",\"value\":90,\"unit\":\"mph\""), "intake.unit");
        yield return Case("a measurement at its upper bound", Speed(",\"value\":400,\"unit\":\"km/h\""));
        yield return Case("a measurement above it", Speed(",\"value\":400.1,\"unit\":\"km/h\""), "intake.value");
        yield return Case("a measurement below zero", Speed(",\"value\":-0.1,\"unit\":\"km/h\""), "intake.value");
        yield return Case("a zero byte", With(("note", "\"a\\u0000b\"")), "intake.text");
        yield return Case("a bell", With(("note", "\"a\\u0007b\"")), "intake.text");
        yield return Case("an escape sequence of a terminal", With(("officerId", "\"\\u001b[2J\"")), "intake.text");
        yield return Case("a control character of C1", With(("note", "\"a\\u0085b\"")), "intake.text");
        yield return Case("text that turns direction", With(("note", "\"a\\u202eb\"")), "intake.text");
        yield return Case("a control character unescaped", With(("note", "\"a\u0007b\"")), Unreadable);
        yield return Case("every fault at once",
            With(("plate", "\"蒙I00001\""), ("divisionCode", "\"999999\""), ("latitude", "91"), ("offenceKind", null)),
            "intake.plate", "intake.divisionCode", "intake.latitude", "intake.offence.missing");
        yield return Case("faults of reading and of the rules at once",
            With(("plate", "\"蒙I00001\""), ("roadKm", "\"1\""), ("signals", "[\"helicopter\"]"), ("helicopter", "1"), ("offenceKind", null)), "intake.plate", Type, Word, Unknown);
        yield return new TestCaseData(Encoding.Latin1.GetBytes(With(("plate", null), ("\u00c3(", "1"))), new[] { Unknown }).SetArgDisplayNames("bytes that are no UTF-8");
        yield return new TestCaseData(Encoding.Unicode.GetBytes(With()), new[] { Unreadable }).SetArgDisplayNames("UTF-16");
    }

    [TestCaseSource(nameof(Bodies))]
    public async Task A_body_is_taken_or_refused_as_a_problem_that_names_its_faults(byte[] body, string[] codes)
    {
        var rejected = await Ledger("officer", "rejected");

        using var answer = await Post("/api/v1/violations", body, "application/json");

        var said = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(codes.Length == 0 ? HttpStatusCode.Created : HttpStatusCode.BadRequest), said);
        Assert.That(await Ledger("officer", "rejected"), Is.EqualTo(rejected + (codes.Length == 0 ? 0 : 1)));
        if (codes.Length == 0)
            return;
        IsProblem(answer, said);
        Assert.That(JsonNode.Parse(said)!["codes"]!.AsArray().Select(code => (string)code!), Is.EquivalentTo(codes), said);
    }

    [TestCaseSource(nameof(Bodies))]
    public async Task In_a_batch_only_the_item_at_fault_is_refused(byte[] body, string[] codes)
    {
        var text = Encoding.UTF8.GetString(body).Replace("\"recordId\":", "\"eventId\":", StringComparison.Ordinal);
        var officersOnly = codes.Any(code => code.StartsWith("intake.occurredAt", StringComparison.Ordinal));
        var isOneLine = !string.IsNullOrWhiteSpace(text) && !text.Contains('\0', StringComparison.Ordinal);
        if (!isOneLine || officersOnly || text.Contains("\"1\"", StringComparison.Ordinal))
            return;
        string Event() => With(("recordId", null), ("eventId", $"\"{Guid.NewGuid()}\""));

        using var answer = await Post("/api/v1/feeds/bad-input/events",
            [.. Encoding.UTF8.GetBytes(Event() + "\n"), .. Encoding.UTF8.GetBytes(text), .. Encoding.UTF8.GetBytes("\n" + Event() + "\n")], "application/x-ndjson");

        var said = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), said);
        Assert.That(JsonNode.Parse(said)!["results"]!.AsArray().Select(one => (string)one!["outcome"]!),
            Is.EqualTo(new[] { "accepted", codes.Length == 0 ? "accepted" : "rejected", "accepted" }), said);
    }

    [TestCase("/api/v1/violations", null)]
    [TestCase("/api/v1/violations", "text/plain")]
    [TestCase("/api/v1/violations", "application/x-www-form-urlencoded")]
    [TestCase("/api/v1/violations", "application/x-ndjson")]
    [TestCase("/api/v1/violations", "application/json-seq")]
    [TestCase("/api/v1/feeds/bad-input/events", "text/csv")]
    [TestCase("/api/v1/feeds/bad-input/events", "application/xml")]
    [TestCase("/api/v1/violations", "application/json; charset=gbk")]
    [TestCase("/api/v1/feeds/bad-input/events", "application/x-ndjson; charset=utf-16")]
    [TestCase("/api/v1/crashes", "application/json; charset=gbk")]
    [TestCase("/api/v1/cases/0a000000-0000-4000-8000-000000000001/decisions", "application/json; charset=gbk")]
    [TestCase("/api/v1/reports/editions", "application/json; charset=gbk")]
    [TestCase("/api/v1/catalogue/releases", "application/json; charset=gbk")]
    public async Task Another_content_type_is_415(string path, string? type)
    {
        using var answer = await Post(path, Encoding.UTF8.GetBytes(With()), type);

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.UnsupportedMediaType));
        IsProblem(answer, await answer.Content.ReadAsStringAsync());
    }

    [TestCase("cases/0a000000-0000-4000-8000-000000000001/decisions",
        """{"decisionId":7,"revision":0,"action":"forget","entry":"x","reason":1,"other":1,"reason":"r"}""",
        "decisionId body.type", "action body.word", "reason body.type", " body.unknown", "reason body.doubled", "revision casework.revision", "decidedBy casework.decidedBy")]
    [TestCase("cases/0a000000-0000-4000-8000-000000000001/decisions",
        """{"decisionId":"0a000000-0000-4000-8000-000000000001","revision":1,"action":0,"decidedBy":"a","reason":"r"}""", "action body.word")]
    [TestCase("reports/editions", """{"kind":1,"period":"2022-W26","division":[],"x":1}""", "kind body.type", "division body.type", " body.unknown")]
    [TestCase("reports/editions/weekly-152500-2022-W26-1/tasks", """{"taskId":"1","finding":[],"finding":"f"}""", "taskId body.type", "finding body.type", "finding body.doubled")]
    [TestCase("reports/campaigns/summer-2022/baseline", """{"frozenBy":1,"why":2}""", "frozenBy body.type", "why body.type")]
    [TestCase("units/imports", """{"importedBy":1,"files":[{"name":"a","text":7},{"nam":"b"}]}""", "importedBy body.type", "files[0].text body.type", "files[1] body.unknown")]
    [TestCase("catalogue/previews", """{"whole":"yes"}""", "whole body.type", "files body.missing")]
    [TestCase("catalogue/previews", """{"files":[{"name":"a"},null,{"name":"b","text":"{}"}]}""", "files[0].text body.missing", "files[1].name body.missing", "files[1].text body.missing")]
    [TestCase("catalogue/releases", """{"previewId":"1","files":[{"name":1,"text":"{}"}],"effective":"soon"}""", "previewId body.type", "files[0].name body.type", "effective body.type")]
    [TestCase("catalogue/undo", "{}", "version body.missing")]
    [TestCase("catalogue/undo", "[]", " body.unreadable")]
    [TestCase("catalogue/undo", "", " body.unreadable")]
    [TestCase("catalogue/undo", """{"version":"1"} {}""", " body.unreadable")]
    public async Task What_people_send_is_refused_with_every_fault_at_once(string path, string body, params string[] faults)
    {
        using var answer = await Post($"/api/v1/{path}", Encoding.UTF8.GetBytes(body), "application/json");

        var text = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest), text);
        IsProblem(answer, text);
        var (said, codes) = (JsonNode.Parse(text)!["errors"]!.AsObject(), JsonNode.Parse(text)!["codes"]!.AsArray().Select(one => (string)one!));
        Assert.Multiple(() =>
        {
            Assert.That(said.Select(one => one.Key), Is.EquivalentTo(faults.Select(one => one.Split(' ')[0]).Distinct()));
            Assert.That(said.Sum(one => one.Value!.AsArray().Count), Is.EqualTo(faults.Length));
            Assert.That(codes, Is.EquivalentTo(faults.Select(one => one.Split(' ')[1]).Distinct()));
        });
    }

    [Test]
    public async Task A_compressed_body_is_415()
    {
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(With())) { Headers = { ContentType = new("application/json"), ContentEncoding = { "gzip" } } };
        using var answer = await app.Http.PostAsync("/api/v1/violations", content);

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.UnsupportedMediaType));
    }

    [TestCase("/api/v1/violations", "application/json; charset=\"utf-8\"", HttpStatusCode.Created)]
    [TestCase("/api/v1/feeds/bad-input/events", "application/x-ndjson", HttpStatusCode.OK)]
    public async Task A_byte_order_mark_says_nothing(string path, string type, HttpStatusCode status)
    {
        var one = With();
        var body = path.EndsWith("events", StringComparison.Ordinal) ? JsonNode.Parse(one)!.AsObject() is var feed && feed.Remove("recordId") && feed.TryAdd("eventId", $"{Guid.NewGuid()}") ? feed.ToJsonString() : "" : one;
        using var answer = await Post(path, [.. Encoding.UTF8.Preamble, .. Encoding.UTF8.GetBytes(body)], type);

        var said = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(status), said);
        Assert.That(said, Does.Contain("\"outcome\":\"accepted\""));
    }

    [Test]
    public async Task A_body_that_does_not_come_is_told_that_nothing_was_taken()
    {
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync("127.0.0.1", app.Http.BaseAddress!.Port);
        await using var line = client.GetStream();
        await line.WriteAsync(Encoding.ASCII.GetBytes("POST /api/v1/violations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"recordId\":"));
        using var reader = new StreamReader(line);

        Assert.That(await reader.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(30)), Does.StartWith("HTTP/1.1 408"));
    }

    [TestCase("/api/v1/violations", false)]
    [TestCase("/api/v1/violations", true)]
    [TestCase("/api/v1/feeds/bad-input/events", false)]
    [TestCase("/api/v1/feeds/bad-input/events", true)]
    public async Task A_body_over_4_MiB_is_413_whether_its_length_is_announced_or_not(string path, bool inChunks)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(new string(' ', (4 * 1024 * 1024) + 1))),
            // Asks first: else the refusal may close the line while the body is still being sent.
            Headers = { TransferEncodingChunked = inChunks, ExpectContinue = true },
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        if (inChunks)
            request.Content.Headers.ContentLength = null;

        using var answer = await app.Http.SendAsync(request);

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.RequestEntityTooLarge));
        IsProblem(answer, await answer.Content.ReadAsStringAsync());
    }

    [Test]
    public async Task The_same_id_with_other_content_is_409_and_what_is_stored_stays()
    {
        var (id, path) = (Guid.NewGuid(), "/api/v1/violations");
        await Post(path, Encoding.UTF8.GetBytes(With(("recordId", $"\"{id}\""))), "application/json");

        using var answer = await Post(path, Encoding.UTF8.GetBytes(With(("recordId", $"\"{id}\""), ("note", "\"another\""))), "application/json");

        var said = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
        IsProblem(answer, said);
        Assert.That((string?)JsonNode.Parse(said)!["type"], Is.EqualTo("urn:traffic:record-id-taken"));
        Assert.That(await app.Http.GetStringAsync($"{path}/{id}"), Does.Not.Contain("another"));
    }

    [TestCase("/api/v1/cases/{0}/decisions", "{", HttpStatusCode.BadRequest)]
    [TestCase("/api/v1/cases/{0}/decisions", "{}", HttpStatusCode.BadRequest)]
    [TestCase("/api/v1/nothing", "{}", HttpStatusCode.NotFound)]
    [TestCase("/api/v1/reports/offences", "{}", HttpStatusCode.MethodNotAllowed)]
    public async Task Other_doors_say_no_as_problems_too(string path, string body, HttpStatusCode status)
    {
        using var answer = await Post(string.Format(CultureInfo.InvariantCulture, path, Guid.NewGuid()), Encoding.UTF8.GetBytes(body), "application/json");

        Assert.That(answer.StatusCode, Is.EqualTo(status));
        IsProblem(answer, await answer.Content.ReadAsStringAsync());
    }

    async Task<HttpResponseMessage> Post(string path, byte[] body, string? type)
    {
        using var content = new ByteArrayContent(body);
        content.Headers.ContentType = type is null ? null : MediaTypeHeaderValue.Parse(type);
        return await app.Http.PostAsync(path, content);
    }

    async Task<long> Ledger(string sender, string count)
    {
        var ledger = JsonNode.Parse(await app.Http.GetStringAsync("/api/v1/ledger"))!["senders"]!.AsArray();
        return (long?)ledger.SingleOrDefault(line => (string)line!["sender"]! == sender)?[count] ?? 0;
    }

    static void IsProblem(HttpResponseMessage answer, string said)
    {
        Assert.That(answer.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"));
        var problem = JsonDocument.Parse(said).RootElement;
        Assert.That(problem.GetProperty("status").GetInt32(), Is.EqualTo((int)answer.StatusCode));
        Assert.That(problem.GetProperty("title").GetString(), Is.Not.Empty);
        Assert.That(problem.GetProperty("traceId").GetString(), Is.Not.Empty);
        Assert.That(said, Does.Not.Contain("Exception").And.Not.Contain("   at "));
    }
}
