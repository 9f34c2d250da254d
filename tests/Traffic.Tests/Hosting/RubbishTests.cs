using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using NUnit.Framework;
using Traffic.Tests.Broker;
using Traffic.Tests.Register;

namespace Traffic.Tests.Hosting;

/// <summary>Whatever is asked or sent, it is answered as the sender's fault or not at all: never as ours, and nothing of it stays behind.</summary>
[Category("Postgres")]
[TestFixture(1), TestFixture(2)]
public sealed class RubbishTests(int seed)
{
    const int Requests = 3_000;

    static readonly string[] Texts =
    [
        "", " ", "0", "-1", "9223372036854775807", "9223372036854775808", "1e999", "NaN", "null", "true", "2022-02-30", "0001-01-01", "9999-12-31", "2022-06-25",
        "2022-W54", "2022-13", "a\0b", "\u0001", "\u202e", "\ufffd", "😀", "１５２５", "' or 1=1 --", "%00", "../..", "|", "a|b", ",,", "{}", "[]", "day,week", "unit", "overlay",
        "152500", "152502", "summer-2022", "weekly-152500-2022-W27-1", "camera", "confirmed", "violations", "csv", new('9', 400), new('A', 5_000), "{\"a\":1e999}", "{\"a\":\"\\ud800\"}",
    ];

    static readonly string[] Pages =
    [
        "/targets", "/records", "/ledger", "/bulletins", "/bulletins/x", "/bulletins/x/late", "/catalogue", "/catalogue/x", "/catalogue/versions", "/report/crash",
        "/activity", "/duty", "/activities/crashes", "/units", "/units/152502",
    ];

    readonly Random random = new(seed);
    TrafficApp app = null!;

    [OneTimeSetUp]
    public async Task Start() => app = await TrafficApp.Start();

    [OneTimeTearDown]
    public async Task Stop() => await app.DisposeAsync();

    [Test]
    public async Task Nothing_that_is_sent_is_answered_as_a_fault_of_ours()
    {
        using var patient = new HttpClient { BaseAddress = app.Http.BaseAddress, Timeout = TimeSpan.FromSeconds(10) };
        var description = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "schemas", "http", "openapi.json")))!;
        var operations = description["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Where(one => one.Key is "get" or "post")
            .Select(one => (Path: path.Key, Method: one.Key, Of: one.Value!.AsObject()))).Where(one => !one.Path.EndsWith("/alarms/events", StringComparison.Ordinal)).ToList();
        var whole = JsonNode.Parse(TwoProcesses.Stop([Guid.NewGuid()]))!;
        var (answers, faults) = (new Dictionary<HttpStatusCode, int>(), new List<string>());

        for (var i = 0; i < Requests; i++)
        {
            using var request = i % 10 == 0 ? new HttpRequestMessage(HttpMethod.Get, Pick(Pages) + Query(["from", "to", "division", "asOf", "groupBy", "after", "q", "on", "cube"]))
                : i % 10 == 1 ? Post("/api/v1/violations", Spoilt(whole.DeepClone()))
                : Asked(Pick(operations), description);
            request.Headers.TryAddWithoutValidation("Accept-Language", Pick("zh", "en", "de;q=1e9", ""));
            using var answer = await patient.SendAsync(request);
            answers[answer.StatusCode] = answers.GetValueOrDefault(answer.StatusCode) + 1;
            if (answer.StatusCode >= HttpStatusCode.InternalServerError && answer.StatusCode != HttpStatusCode.NotImplemented)
                faults.Add($"{(int)answer.StatusCode} {request.Method} {request.RequestUri} {(request.Content is null ? "" : await request.Content.ReadAsStringAsync())}");
        }

        Assert.That(faults, Is.Empty);
        Assert.That(answers.Keys, Is.SupersetOf(new[] { HttpStatusCode.OK, HttpStatusCode.Created, HttpStatusCode.BadRequest, HttpStatusCode.NotFound }), "it got in as well");
        await app.NothingInFlight();
        await app.CountsAgree();
        Assert.That((await app.Rows("select count(*) from platform.quarantine", row => row.GetInt64(0))).Single(), Is.Zero);
    }

    HttpRequestMessage Asked((string Path, string Method, JsonObject Of) operation, JsonNode description)
    {
        var parameters = operation.Of["parameters"]?.AsArray().Select(one => (Name: (string)one!["name"]!, In: (string)one["in"]!, Format: (string?)one["schema"]?["format"])).ToList() ?? [];
        var path = parameters.Where(one => one.In == "path").Aggregate(operation.Path, (path, one) =>
            path.Replace($"{{{one.Name}}}", Uri.EscapeDataString(one.Format == "uuid" ? $"{Id()}" : Pick(Texts) is { Length: > 0 } text ? text : "x"), StringComparison.Ordinal))
            + Query([.. parameters.Where(one => one.In == "query").Select(one => one.Name)]);
        return operation.Method == "get" ? new HttpRequestMessage(HttpMethod.Get, path)
            : Post(path, Made(operation.Of["requestBody"]?["content"]?["application/json"]?["schema"], description, 0));
    }

    HttpRequestMessage Post(string path, JsonNode? body)
    {
        var text = body?.ToJsonString() ?? "null";
        text = random.Next(20) switch { 0 => text[..random.Next(text.Length)], 1 => new string('[', 3_000) + text, 2 => text.Replace("\"", "\\ud800\"", StringComparison.Ordinal), _ => text };
        return new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(text, Encoding.UTF8, random.Next(30) == 0 ? "text/plain" : "application/json") };
    }

    string Query(string[] names)
    {
        var asked = names.Where(_ => random.Next(4) == 0).Select(name => $"{name}={Uri.EscapeDataString(Pick(Texts))}");
        var days = names.Contains("from") && random.Next(2) == 0 ? ["from=2022-06-25", "to=2022-07-08"] : Array.Empty<string>();
        return "?" + string.Join('&', asked.Concat(days).DistinctBy(one => one.Split('=')[0]));
    }

    /// <summary>A body as the description has it, and here and there something else.</summary>
    JsonNode? Made(JsonNode? schema, JsonNode description, int depth)
    {
        if (schema is null || depth > 6)
            return null;
        if ((string?)schema["$ref"] is { } reference)
            schema = description["components"]!["schemas"]![reference.Split('/')[^1]]!;
        if ((schema["oneOf"] ?? schema["anyOf"]) is JsonArray ways)
            return Made(ways[random.Next(ways.Count)], description, depth + 1);
        if (schema["enum"] is JsonArray words)
            return words[random.Next(words.Count)]?.DeepClone();
        var types = schema["type"] is JsonArray several ? several.Select(one => (string)one!).ToArray() : [(string?)schema["type"] ?? "object"];
        return (random.Next(30) == 0 ? Pick("string", "integer", "boolean", "array") : Pick(types)) switch
        {
            "object" => new JsonObject((schema["properties"]?.AsObject() ?? []).Where(_ => random.Next(3) > 0)
                .Select(one => KeyValuePair.Create(one.Key, Made(one.Value, description, depth + 1)))),
            "array" => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Made(schema["items"], description, depth + 1))]),
            "integer" => Pick(0, 1, -1, 2, 100, long.MaxValue, long.MinValue),
            "number" => Pick(0.5, -1e300, 44.1),
            "boolean" => random.Next(2) == 0,
            "null" => null,
            _ => (string?)schema["format"] switch
            {
                "uuid" => $"{Id()}", "date" => Pick("2022-07-08", "0001-01-01", "9999-12-31"),
                "date-time" => Pick("2022-07-08T12:00:00+08:00", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59Z"), _ => Pick(Texts),
            },
        };
    }

    /// <summary>A good stop of one record, of which one member, or none, is something else.</summary>
    JsonNode Spoilt(JsonNode stop)
    {
        var record = stop is JsonArray records ? records[0]!.AsObject() : stop.AsObject();
        record["recordId"] = $"{Id()}";
        if (random.Next(3) > 0)
            record[Pick([.. record.Select(one => one.Key), "note", "road", "measurements", "signals", "driverIdNumber", "sessionId"])] =
                random.Next(3) switch { 0 => Pick(0, -1, long.MaxValue), 1 => new JsonArray(Pick(Texts)), _ => Pick(Texts) };
        return stop;
    }

    Guid Id()
    {
        Span<byte> bytes = stackalloc byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }

    T Pick<T>(params IReadOnlyList<T> of) => of[random.Next(of.Count)];
}
