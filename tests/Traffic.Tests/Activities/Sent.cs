using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using NUnit.Framework;

namespace Traffic.Tests.Activities;

/// <summary>Sends reports beside violations through the front doors, and looks at what they count for.</summary>
static class Sent
{
    public const string Proof = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    /// <summary>A crash on the G207 three days ago with one dead and two injured.</summary>
    public static JsonObject Crash(this TrafficApp app, int dead = 1, int injured = 2) => new()
    {
        ["recordId"] = Guid.NewGuid(), ["occurredAt"] = app.At(3, 14), ["divisionCode"] = "152502", ["roadKind"] = "nationalOrProvincial",
        ["road"] = "G207", ["dead"] = dead, ["injured"] = injured, ["lossCny"] = 35_000, ["causes"] = new JsonArray("speeding"),
        ["vehicles"] = new JsonArray(new JsonObject { ["vehicleClass"] = "coach", ["keyVehicle"] = true }), ["unitCode"] = "152502000000",
    };

    /// <summary>A coach whose inspection is overdue, found so many days ago.</summary>
    public static JsonObject Danger(this TrafficApp app, int daysAgo = 10, string kind = "inspection-overdue") => new()
    {
        ["recordId"] = Guid.NewGuid(), ["foundAt"] = app.At(daysAgo, 10), ["divisionCode"] = "152502", ["dangerKind"] = kind,
        ["plate"] = "蒙H00001", ["plateType"] = "01", ["note"] = "备注",
    };

    /// <summary>A clearing or reopening of the revision that stands.</summary>
    public static JsonObject Change(this TrafficApp app, int daysAgo, int supersedes) => new()
    {
        ["recordId"] = Guid.NewGuid(), ["supersedes"] = supersedes, ["changedAt"] = app.At(daysAgo, 11), ["proofSha256"] = Proof, ["text"] = "检验合格",
    };

    public static JsonObject Observation(this TrafficApp app, int seen = 120, int complying = 97) => new()
    {
        ["recordId"] = Guid.NewGuid(), ["observedAt"] = app.At(2, 9), ["divisionCode"] = "152502", ["roadKind"] = "urban",
        ["counts"] = new JsonArray(new JsonObject { ["thing"] = "overall", ["checked"] = seen, ["complying"] = complying }),
    };

    /// <summary>A night of four hours, planned for twelve officers.</summary>
    public static JsonObject Session(this TrafficApp app, int daysAgo = 2) => new()
    {
        ["recordId"] = Guid.NewGuid(), ["name"] = $"152502-{Guid.NewGuid():N}", ["divisionCode"] = "152502", ["unitCode"] = "152502000000",
        ["sessionKind"] = "nightInspection", ["mode"] = "car", ["place"] = "G207", ["plannedFrom"] = app.At(daysAgo, 21),
        ["plannedTo"] = app.At(daysAgo - 1, 1), ["officersPlanned"] = 12,
    };

    public static JsonObject Closing(this TrafficApp app, int daysAgo = 2) => new()
    {
        ["recordId"] = Guid.NewGuid(), ["supersedes"] = 1, ["actualFrom"] = app.At(daysAgo, 21), ["actualTo"] = app.At(daysAgo - 1, 2), ["officers"] = 10,
        ["vehiclesChecked"] = 210, ["personsChecked"] = 388, ["violations"] = 41,
        ["posts"] = new JsonArray(Post("G207", 100, 200, 20), Post("S101", 110, 188, 21)),
    };

    public static JsonObject Post(string place, int vehicles, int persons, int violations) => new()
    {
        ["place"] = place, ["vehiclesChecked"] = vehicles, ["personsChecked"] = persons, ["violations"] = violations,
    };

    public static JsonObject Point(this TrafficApp app) => new()
    {
        ["recordId"] = Guid.NewGuid(), ["divisionCode"] = "152502", ["unitCode"] = "152502000000", ["pointKind"] = "point", ["name"] = "第二中学门口",
        ["visitsPerDay"] = 2, ["from"] = app.Day(9), ["to"] = app.Day(0),
    };

    public static JsonObject Visit(this TrafficApp app, Guid point, int nth = 1, int daysAgo = 4) => new()
    {
        ["recordId"] = Guid.NewGuid(), ["pointId"] = point, ["day"] = app.Day(daysAgo), ["nth"] = nth, ["visitedAt"] = app.At(daysAgo, 8), ["proofSha256"] = Proof,
    };

    public static JsonObject Void(int supersedes) => new()
    {
        ["recordId"] = Guid.NewGuid(), ["supersedes"] = supersedes, ["decidedBy"] = "P001", ["secondPerson"] = "P002", ["reason"] = "reported twice",
    };

    /// <summary>So many days ago at an hour in Asia/Shanghai.</summary>
    public static string At(this TrafficApp app, int daysAgo, int hour) => $"{app.Day(daysAgo)}T{hour:00}:00:00+08:00";

    public static string Day(this TrafficApp app, int daysAgo) => $"{app.Now.AddHours(8).AddDays(-daysAgo):yyyy-MM-dd}";

    public static JsonObject With(this JsonObject report, string member, JsonNode? value)
    {
        var changed = report.DeepClone().AsObject();
        changed[member] = value?.DeepClone();
        return changed;
    }

    public static JsonObject Without(this JsonObject report, string member)
    {
        var changed = report.DeepClone().AsObject();
        changed.Remove(member);
        return changed;
    }

    /// <summary>A new report of the same content that replaces a revision.</summary>
    public static JsonObject Again(this JsonObject report, int supersedes) =>
        report.With("recordId", Guid.NewGuid()).With("supersedes", supersedes);

    public static async Task<(HttpStatusCode Status, JsonNode Body)> Post(this TrafficApp app, string path, JsonNode report, string language = "en")
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/" + path) { Content = new StringContent(report.ToJsonString(), Encoding.UTF8, "application/json") };
        request.Headers.Add("Accept-Language", language);
        using var answer = await app.Http.SendAsync(request);
        var text = await answer.Content.ReadAsStringAsync();
        return (answer.StatusCode, text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!);
    }

    /// <summary>Sends what must be taken, waits until it is registered, and gives the id of the thing.</summary>
    public static async Task<Guid> Taken(this TrafficApp app, string path, JsonNode report)
    {
        var (status, body) = await app.Post(path, report);
        Assert.That(status, Is.EqualTo(HttpStatusCode.Created), body.ToJsonString());
        await app.NothingInFlight();
        return (Guid)body["activityId"]!;
    }

    public static async Task<JsonNode> Get(this TrafficApp app, string path)
    {
        using var answer = await app.Http.GetAsync("/api/v1/" + path);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), text);
        return JsonNode.Parse(text)!;
    }

    /// <summary>Sum of the cells of a cube whose keys begin or go on with a text.</summary>
    public static async Task<long> Cells(this TrafficApp app, string cube, string like = "%")
    {
        await using var source = NpgsqlDataSource.Create(app.Database.ConnectionString);
        await using var command = source.CreateCommand("select coalesce(sum(value), 0)::bigint from register.cell where cube = $1 and keys like $2");
        command.Parameters.Add(new() { Value = cube });
        command.Parameters.Add(new() { Value = like });
        return (long)(await command.ExecuteScalarAsync())!;
    }

    public static async Task CountsAgree(this TrafficApp app)
    {
        var found = await app.Reconcile();
        Assert.That(found.Identities.Where(one => !one.Holds), Is.Empty);
        Assert.That(found.Cells, Is.Empty);
    }
}
