using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using NUnit.Framework;
using Traffic.Contracts;
using Traffic.Intake;

namespace Traffic.Tests.Register;

/// <summary>Sends records and decisions through the front doors, and looks at what became of them.</summary>
static class Sent
{
    /// <summary>A private car that passed a red light an hour ago: decidable, an officer's.</summary>
    public static ReportedViolation RedLight(this TrafficApp app) => new()
    {
        RecordId = Guid.NewGuid(), Source = RecordSource.RoadsideCheck, OccurredAt = app.Now.AddHours(-1), DivisionCode = "152502",
        VehicleType = "K33", UseNature = "A", RatedPersons = 5, OffenceKind = "red-light", Signals = [Signal.RedLight],
    };

    /// <summary>A driver of a private car with so much alcohol on the breath, mg/100 mL.</summary>
    public static ReportedViolation Drink(this TrafficApp app, string idNumber, decimal alcohol, double hoursAgo) => app.RedLight() with
    {
        OccurredAt = app.Now.AddHours(-hoursAgo), OffenceKind = "drink-driving", Signals = null, DriverIdNumber = idNumber,
        Measurements = [new() { Quantity = Quantity.AlcoholBreath, Value = alcohol, Unit = "mg/100mL" }],
    };

    /// <summary>An id number that cannot exist (area 000000) with a right check digit (GB 11643).</summary>
    public static string IdNumber(int serial)
    {
        var digits = $"00000019000101{serial:000}";
        int[] weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        return digits + "10X98765432"[digits.Select((digit, i) => (digit - '0') * weights[i]).Sum() % 11];
    }

    /// <summary>Sends it as an officer's device, and waits until every subscriber is done.</summary>
    public static async Task<Guid> Officer(this TrafficApp app, ReportedViolation record)
    {
        var answer = await app.Http.PostAsync("/api/v1/violations", Json(JsonSerializer.Serialize(record, TrafficJson.Plain.ReportedViolation)));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Created), await answer.Content.ReadAsStringAsync());
        await app.NothingInFlight();
        return record.RecordId;
    }

    /// <summary>Sends it as a camera, and waits until every subscriber is done.</summary>
    public static async Task<Guid> Camera(this TrafficApp app, ReportedViolation record)
    {
        var sent = JsonNode.Parse(JsonSerializer.Serialize(
            record with { Source = RecordSource.Camera, EventId = $"{record.RecordId}" }, TrafficJson.Plain.ReportedViolation))!.AsObject();
        sent.Remove("recordId");
        var answer = await app.Http.PostAsync("/api/v1/feeds/test-camera/events", Json(new JsonArray(sent).ToJsonString()));
        var said = await answer.Content.ReadAsStringAsync();
        Assert.That(said, Does.Contain("\"accepted\":1"), said);
        await app.NothingInFlight();
        return Door.FeedRecordId("test-camera", $"{record.RecordId}");
    }

    /// <summary>A decision on a record's revision, with its own id unless one is given.</summary>
    public static Task<HttpResponseMessage> Decide(
        this TrafficApp app, Guid recordId, string action, int revision = 1, string? entry = null, Guid? decisionId = null, string reason = "test", string? second = null) =>
        app.Http.PostAsJsonAsync($"/api/v1/cases/{recordId}/decisions", new JsonObject
        {
            ["decisionId"] = decisionId ?? Guid.NewGuid(), ["revision"] = revision, ["action"] = action, ["entry"] = entry,
            ["decidedBy"] = "officer-1", ["secondPerson"] = second ?? (action is "void" or "reject" ? "officer-2" : null), ["reason"] = reason,
        });

    /// <summary>A decision that is taken; waits until the Register has applied it.</summary>
    public static async Task Decided(this TrafficApp app, Guid recordId, string action, int revision = 1, string? entry = null, string? second = null)
    {
        var answer = await app.Decide(recordId, action, revision, entry, second: second);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), await answer.Content.ReadAsStringAsync());
        await app.NothingInFlight();
    }

    /// <summary>Where a record stands now.</summary>
    public static async Task<(int Revision, string Status, string Entry, string? Reason)> Standing(this TrafficApp app, Guid recordId) =>
        (await app.Rows($"select revision, status, entry, reason from register.published_standing where record_id = '{recordId}'",
            row => (row.GetInt32(0), row.GetString(1), row.GetString(2), row.IsDBNull(3) ? null : row.GetString(3)))).Single();

    public static async Task<List<T>> Rows<T>(this TrafficApp app, string sql, Func<NpgsqlDataReader, T> read)
    {
        await using var source = NpgsqlDataSource.Create(app.Database.ConnectionString);
        await using var command = source.CreateCommand(sql);
        await using var row = await command.ExecuteReaderAsync();
        var rows = new List<T>();
        while (await row.ReadAsync())
            rows.Add(read(row));
        return rows;
    }

    /// <summary>Every sum agrees, above all the counts with a recount.</summary>
    public static async Task CountsAgree(this TrafficApp app)
    {
        var found = await app.Reconcile();
        Assert.That(found.Identities.Where(one => !one.Holds), Is.Empty);
        Assert.That(found.Cells, Is.Empty);
    }

    static StringContent Json(string text) => new(text, System.Text.Encoding.UTF8, "application/json");
}
