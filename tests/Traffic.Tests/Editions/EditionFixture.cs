using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using Traffic.Reporting.Editions;

namespace Traffic.Tests.Editions;

/// <summary>The real host under a clock that can be set forward, and what a test of editions does with it.</summary>
public abstract class EditionFixture
{
    private protected readonly ShiftedClock clock = new();
    private protected TrafficApp app = null!;

    /// <summary>The last week that is over, local: all records are made in it, at noon of its days.</summary>
    private protected EditionPeriod week = null!;

    [SetUp]
    public async Task Start()
    {
        clock.Ahead = TimeSpan.Zero;
        app = await TrafficApp.Start(services: services => services.AddSingleton<TimeProvider>(clock));
        week = EditionPeriod.Of("weekly", EditionPeriod.Of("weekly", Today).Days.From.AddDays(-1));
    }

    [TearDown]
    public async Task Stop() => await app.DisposeAsync();

    private protected DateOnly Today => DateOnly.FromDateTime(app.Now.UtcDateTime.AddHours(8));

    /// <summary>The edition fits the records exported for it.</summary>
    private protected async Task Fits(string id)
    {
        var verdict = EditionCheck.Verify(new MemoryStream(await Bytes(id, index: true)), await app.Http.GetStreamAsync($"/api/v1/reports/editions/{id}/records"));
        Assert.That(verdict.Ok, JsonSerializer.Serialize(verdict));
    }

    private protected Task<JsonNode> Draft(string period) => Post("/api/v1/reports/editions", new { kind = "weekly", period }, HttpStatusCode.Created);

    private protected Task<byte[]> Bytes(string id, bool index = false) => app.Http.GetByteArrayAsync($"/api/v1/reports/editions/{id}?index={(index ? "true" : "false")}");

    private protected async Task<string> Text(string address) => Encoding.UTF8.GetString(await app.Http.GetByteArrayAsync(address));

    private protected async Task<JsonNode> Get(string address) => JsonNode.Parse(await Text(address))!;

    private protected async Task<JsonNode> Post(string address, object body, HttpStatusCode expected)
    {
        var answer = await app.Http.PostAsJsonAsync(address, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(expected), $"{address}: {text}");
        return JsonNode.Parse(text)!;
    }

    private protected async Task<List<Guid>> Speeding(string division, DateOnly day, int count)
    {
        var ids = new List<Guid>();
        for (var i = 0; i < count; i++)
        {
            ids.Add(Guid.NewGuid());
            await Post("/api/v1/violations", new
            {
                recordId = ids[^1], source = "roadsideCheck", occurredAt = Noon(day).AddMinutes(i), divisionCode = division, roadKind = "urban",
                plate = "蒙H00001", plateType = "02", vehicleType = "K33", useNature = "A", offenceKind = "speeding",
                measurements = new object[]
                {
                    new { quantity = "speed", value = 80, unit = "km/h" }, new { quantity = "speedLimit", value = 50, unit = "km/h" },
                },
            }, HttpStatusCode.Created);
        }
        await app.NothingInFlight();
        return ids;
    }

    /// <summary>A record that no law decides as it stands: a person has to.</summary>
    private protected async Task<Guid> Unclear(string division, DateOnly day)
    {
        var id = Guid.NewGuid();
        await Post("/api/v1/violations", new
        {
            recordId = id, source = "roadsideCheck", occurredAt = Noon(day), divisionCode = division, offenceKind = "speeding",
        }, HttpStatusCode.Created);
        await app.NothingInFlight();
        return id;
    }

    private protected static DateTimeOffset Noon(DateOnly day) => new(day.ToDateTime(new TimeOnly(4, 0)), TimeSpan.Zero);

    private protected async Task Decide(Guid record, int revision, string action, string? entry = null) => await Post($"/api/v1/cases/{record}/decisions", new
    {
        decisionId = Guid.NewGuid(), revision, action, entry, decidedBy = "某乙", secondPerson = action == "void" ? "某丙" : null, reason = "as seen",
    }, HttpStatusCode.Accepted);
}
