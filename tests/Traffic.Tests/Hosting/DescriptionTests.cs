using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using NUnit.Framework;

namespace Traffic.Tests.Hosting;

/// <summary>
/// The description of the HTTP interface lies beside the other contracts, so that a change of it is seen in review. Written anew by
/// <c>TRAFFIC_WRITE_OPENAPI=1 dotnet test --filter DescriptionTests</c>.
/// </summary>
[Category("Postgres")]
public sealed class DescriptionTests
{
    static readonly string File = Path.Combine(Repository.Root, "schemas", "http", "openapi.json");

    static readonly JsonSerializerOptions Written = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Test]
    public async Task The_description_that_is_kept_is_the_one_that_is_served()
    {
        await using var app = await TrafficApp.Start();
        var served = JsonNode.Parse(await app.Http.GetStringAsync("/openapi/v1.json"))!.AsObject();
        // The address is that of one host.
        served.Remove("servers");
        var text = Sorted(served)!.ToJsonString(Written) + "\n";
        if (Environment.GetEnvironmentVariable("TRAFFIC_WRITE_OPENAPI") is { Length: > 0 })
        {
            Directory.CreateDirectory(Path.GetDirectoryName(File)!);
            await System.IO.File.WriteAllTextAsync(File, text);
        }

        Assert.That(await System.IO.File.ReadAllTextAsync(File), Is.EqualTo(text),
            "stale: TRAFFIC_WRITE_OPENAPI=1 dotnet test --filter DescriptionTests writes it anew");
    }

    [Test]
    public async Task Every_call_says_what_it_does_and_every_parameter_of_its_query_what_it_means()
    {
        var description = JsonNode.Parse(await System.IO.File.ReadAllTextAsync(File))!;
        var calls = description["paths"]!.AsObject().SelectMany(path => path.Value!.AsObject().Select(call => (Name: $"{call.Key} {path.Key}", Call: call.Value!))).ToList();

        Assert.That(calls, Has.Count.GreaterThan(70));
        Assert.Multiple(() =>
        {
            foreach (var (name, call) in calls)
            {
                Assert.That((string?)call["summary"], Does.Match(@"^[A-Z].*\. .*\p{IsCJKUnifiedIdeographs}"), name);
                Assert.That(call["responses"]!.AsObject().Select(answer => answer.Key), Has.Some.StartsWith("2"), name);
                foreach (var asked in call["parameters"]?.AsArray() ?? [])
                    Assert.That((string?)asked!["description"] ?? "", Does.Not.StartWith("api.query."), $"{name} {asked["name"]}");
            }
        });
    }

    /// <summary>Members of every object in the order of their names: routes come in the order of the modules otherwise.</summary>
    static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject members => new JsonObject(members.OrderBy(one => one.Key, StringComparer.Ordinal)
            .Select(one => KeyValuePair.Create(one.Key, Sorted(one.Value)))),
        JsonArray items => new JsonArray([.. items.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
