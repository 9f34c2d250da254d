using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using Traffic.Contracts;
using Traffic.Reporting.Editions;
using Traffic.Simulator;
using Traffic.Tests.Activities;
using Traffic.Tests.Editions;
using Traffic.Tests.Register;
using Sent = Traffic.Tests.Activities.Sent;

namespace Traffic.Tests.Opening;

/// <summary>
/// A host with something behind every kind of figure: a campaign's violations and activities over two years, voided, re-decided and refused
/// records, a frozen baseline, and editions with late records and a restatement.
/// </summary>
sealed class Populated : IAsyncDisposable
{
    readonly ShiftedClock clock = new();
    readonly string schemas;

    Populated(string schemas) => this.schemas = schemas;

    public TrafficApp App { get; private set; } = null!;

    /// <summary>All activities' last day: yesterday, local.</summary>
    public DateOnly End { get; private set; }

    public IReadOnlyList<string> Editions { get; private set; } = [];

    public static async Task<Populated> Start()
    {
        var made = new Populated(CatalogueFolders.CopyOfSchemas());
        made.End = DateOnly.FromDateTime(made.clock.GetUtcNow().UtcDateTime.AddHours(8)).AddDays(-1);
        await File.WriteAllTextAsync(Path.Combine(made.schemas, "targets", "tagged.json"), Tagged
            .Replace("FROM", $"{made.End.AddDays(-99):yyyy-MM-dd}", StringComparison.Ordinal).Replace("TO", $"{made.End:yyyy-MM-dd}", StringComparison.Ordinal));
        made.App = await TrafficApp.Start(
            new Dictionary<string, string?> { ["Traffic:Schemas"] = made.schemas }, services: services => services.AddSingleton<TimeProvider>(made.clock));
        await made.Fill();
        return made;
    }

    DateOnly Today => DateOnly.FromDateTime(App.Now.UtcDateTime.AddHours(8));

    async Task Fill()
    {
        var week = EditionPeriod.Of("weekly", Today).Before;
        await new Sender(App.Http).Send(new Campaign(3, End).Records(700), 100, null, null, default);
        await new Sender(App.Http).Send(new CampaignActivities(7, End).Reports(), 500, null, default);
        // The league's own road, beside those of its banners.
        await App.Officer(At(Speeding("152500"), Noon(week.From)));
        await App.Officer(At(Speeding("152500"), Noon(week.From)));
        var coach = App.RedLight() with { VehicleType = "K11", UseNature = "B", RatedPersons = 50, Plate = "京A00001", PlateType = "01", RoadKind = RoadKind.Urban };
        for (var i = 0; i < 3; i++)
            await App.Officer(At(coach with { RecordId = Guid.NewGuid() }, Noon(week.From.AddDays(i))));
        foreach (var day in new[] { week.From, week.From.AddYears(-1) })
        {
            var drunk = await App.Officer(At(App.Drink(Register.Sent.IdNumber(5), 150, 1), Noon(day)));
            await App.Decided(drunk, "resolve", entry: "drunk.motor");
            // Twelve points, in either year: what the campaign draws may hold none.
            await App.Officer(At(App.Drink(Register.Sent.IdNumber(day == week.From ? 6 : 7), 50, 2), Noon(day)));
        }
        var seen = await App.Camera(At(App.RedLight(), Noon(week.From)));
        var kept = await App.Officer(At(App.RedLight(), Noon(week.From)));
        var unclear = await App.Officer(At(App.RedLight() with { OffenceKind = "speeding", Signals = null }, Noon(week.From)));
        await App.Taken("observations", App.Observation());
        var crash = App.Crash().With("occurredAt", $"{week.From:yyyy-MM-dd}T10:00:00+08:00");
        var (changed, withdrawn) = (await App.Taken("crashes", crash), await App.Taken("crashes", crash.With("recordId", Guid.NewGuid())));
        using (await App.Http.PostAsJsonAsync("/api/v1/violations", new { recordId = Guid.NewGuid(), source = "roadsideCheck" }))
        using (await App.Http.PostAsJsonAsync("/api/v1/violations", new { recordId = "none" }))
            await App.NothingInFlight();

        await Post($"/api/v1/reports/campaigns/tagged/baseline", new { frozenBy = "某甲", why = "the campaign begins" }, HttpStatusCode.Created);
        await App.Officer(At(coach with { RecordId = Guid.NewGuid() }, Noon(End.AddYears(-1).AddDays(-3))));
        var first = await Draft("weekly", week.From);
        var month = await Draft("monthly", new DateOnly(Today.Year, Today.Month, 1).AddDays(-1));

        for (var i = 0; i < 4; i++)
            await App.Officer(At(Speeding("152531"), Noon(week.From.AddDays(i))));
        var again = (string)(await Post($"/api/v1/reports/editions/{first}/restate", new { requestedBy = "某甲", reason = "late" }, HttpStatusCode.Created))["edition"]!;
        await App.Decided(await App.Officer(At(App.RedLight(), Noon(week.From.AddDays(1)))), "void");
        await App.Decided(kept, "void");
        await App.Decided(unclear, "resolve", entry: "red-light.motor");
        await App.Decided(seen, "confirm");
        await App.Officer(At(Speeding("152531"), Noon(week.From)));
        var late = App.Crash(dead: 2).With("occurredAt", $"{week.From:yyyy-MM-dd}T10:00:00+08:00");
        await App.Taken("crashes", late);
        await App.Taken($"crashes/{changed}/revisions", late.Again(1));
        await App.Taken($"crashes/{withdrawn}/void", Sent.Void(1));

        // The week that runs is over in seven days.
        clock.Ahead = TimeSpan.FromDays(7);
        Editions = [first, month, again, await Draft("weekly", week.From.AddDays(7))];
    }

    ReportedViolation Speeding(string division) => App.RedLight() with
    {
        DivisionCode = division, RoadKind = RoadKind.Urban, OffenceKind = "speeding", Signals = null,
        Measurements =
        [
            new() { Quantity = Quantity.Speed, Value = 80, Unit = "km/h" }, new() { Quantity = Quantity.SpeedLimit, Value = 50, Unit = "km/h" },
        ],
    };

    static DateTimeOffset Noon(DateOnly day) => new(day.ToDateTime(new TimeOnly(4, 0)), TimeSpan.Zero);

    static ReportedViolation At(ReportedViolation record, DateTimeOffset at) => record with { OccurredAt = at };

    async Task<string> Draft(string kind, DateOnly day) => (string)(await Post(
        "/api/v1/reports/editions", new { kind, period = EditionPeriod.Of(kind, day).Name }, HttpStatusCode.Created))["edition"]!;

    async Task<JsonNode> Post(string address, object body, HttpStatusCode expected)
    {
        using var answer = await App.Http.PostAsJsonAsync(address, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(expected), $"{address}: {text}");
        return JsonNode.Parse(text)!;
    }

    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        Directory.Delete(schemas, recursive: true);
    }

    /// <summary>Lines over cubes in which a record stands several times, and a rate of them.</summary>
    const string Tagged = """
        {
          "campaign": "tagged", "order": 90, "title": { "zh": "标签口径", "en": "By tags" }, "note": { "zh": "试", "en": "test" },
          "source": "a test", "division": "152500", "from": "FROM", "to": "TO",
          "lines": [
            { "id": "raise.urban", "slogan": "一提升", "zh": "甲", "en": "A", "direction": "raise",
              "numerator": { "cube": "overlays", "where": { "overlay": ["keyRoad", "keyRoad.urban", "keyVehicle"] } }, "denominator": { "cube": "overlays" },
              "unit": "percent", "comparison": { "kind": "periodOnPeriod" }, "goal": { "changePercentMin": 0 }, "minimum": 1, "source": "a test", "validFrom": "FROM", "validTo": null },
            { "id": "zero.all", "slogan": "两清零", "zh": "乙", "en": "B", "direction": "zero", "numerator": { "cube": "campaignItems" }, "denominator": null,
              "unit": "records", "comparison": { "kind": "none" }, "goal": { "valueMax": 0 }, "source": "a test", "validFrom": "FROM", "validTo": null },
            { "id": "zero.tag", "slogan": "两清零", "zh": "丙", "en": "C", "direction": "zero", "numerator": { "cube": "overlays", "where": { "overlay": ["keyVehicle"] } }, "denominator": null,
              "unit": "records", "comparison": { "kind": "none" }, "goal": { "valueMax": 0 }, "source": "a test", "validFrom": "FROM", "validTo": null },
            { "id": "drop.items", "slogan": "三下降", "zh": "丁", "en": "D", "direction": "drop", "numerator": { "cube": "campaignItems", "where": { "source": ["roadsideCheck"] } }, "denominator": null,
              "unit": "records", "comparison": { "kind": "yearOnYear" }, "goal": { "changePercentMax": 0 }, "source": "a test", "validFrom": "FROM", "validTo": null },
            { "id": "drop.tags", "slogan": "三下降", "zh": "戊", "en": "E", "direction": "drop", "numerator": { "cube": "overlays" }, "denominator": null,
              "unit": "records", "comparison": { "kind": "fixedBaseline", "frozen": true }, "goal": { "changePercentMax": 0 }, "source": "a test", "validFrom": "FROM", "validTo": null },
            { "id": "drop.night", "slogan": "三下降", "zh": "己", "en": "F", "direction": "drop", "numerator": { "cube": "violations", "where": { "shift": ["night"] } }, "denominator": null,
              "unit": "records", "comparison": { "kind": "yearOnYear" }, "goal": { "changePercentMax": 0 }, "source": "a test", "validFrom": "FROM", "validTo": null }
          ]
        }
        """;
}
