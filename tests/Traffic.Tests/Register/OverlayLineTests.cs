using System.Text.Json.Nodes;
using NUnit.Framework;
using Traffic.Contracts;

namespace Traffic.Tests.Register;

/// <summary>Tags stand with the record, are counted in the same transaction, and every count opens to its records.</summary>
[Category("Postgres")]
public sealed class OverlayLineTests
{
    TrafficApp app = null!;

    [OneTimeSetUp]
    public async Task Start() => app = await TrafficApp.Start();

    [OneTimeTearDown]
    public async Task Stop()
    {
        var found = await app.Reconcile();
        await app.DisposeAsync();
        Assert.That(found.Ok, Is.True, string.Join('\n', found.Cells) + string.Join('\n', found.Identities.Where(one => !one.Holds)));
    }

    async Task<JsonNode> Ask(string what) =>
        JsonNode.Parse(await app.Http.GetStringAsync($"/api/v1/reports/{what}&from={Day(-3)}&to={Day(0)}"))!;

    string Day(int days) => app.Now.ToOffset(TimeSpan.FromHours(8)).AddDays(days).ToString("yyyy-MM-dd", null);

    [Test]
    public async Task Tags_are_counted_grouped_filtered_and_opened()
    {
        var coach = app.RedLight() with { VehicleType = "K11", UseNature = "B", RatedPersons = 50, Plate = "京A00001", PlateType = "01", RoadKind = RoadKind.Urban };
        await app.Officer(coach);
        await app.Officer(coach with { RecordId = Guid.NewGuid() });
        await app.Officer(app.RedLight() with { RoadKind = RoadKind.Urban });

        var report = await Ask("offences?groupBy=overlay");
        var rows = report["rows"]!.AsArray().ToDictionary(row => (string)row!["keys"]!["overlay"]!, row => (long)row!["count"]!);
        Assert.That(rows, Is.EquivalentTo(new Dictionary<string, long>
        {
            ["keyRoad"] = 3, ["keyRoad.urban"] = 3, ["keyVehicle"] = 2, ["keyVehicle.scheduled"] = 2, ["keyVehicle.otherProvince"] = 2,
        }));
        Assert.That((long)report["total"]!, Is.EqualTo(3), "a record under several tags is one record");
        Assert.That((string)report["rows"]!.AsArray().First(row => (string)row!["keys"]!["overlay"]! == "keyVehicle.scheduled")!["title"]!["zh"]!,
            Does.Contain("公路客运"));

        foreach (var row in report["rows"]!.AsArray())
        {
            var list = JsonNode.Parse(await app.Http.GetStringAsync((string)row!["records"]!))!;
            Assert.That((long)list["total"]!, Is.EqualTo((long)row["count"]!), row.ToJsonString());
        }

        var byFamily = await Ask("offences?groupBy=family,overlay&overlay=keyVehicle");
        Assert.That(byFamily["rows"]!.AsArray().Count(row => (string)row!["keys"]!["overlay"]! == "keyVehicle" && (long)row["count"]! == 2), Is.EqualTo(1));
        Assert.That((long)(await Ask("records?overlay=keyVehicle.otherProvince"))["total"]!, Is.EqualTo(2));
    }

    [Test]
    public async Task What_goes_to_a_criminal_unit_can_be_told_from_the_summary_flow()
    {
        var drunk = await app.Officer(app.Drink(Sent.IdNumber(77), 150, hoursAgo: 3));

        Assert.That((long)(await Ask("records?criminal=true&status=all"))["total"]!, Is.EqualTo(1));
        Assert.That((string)(await Ask("records?criminal=true&status=all"))["records"]![0]!["recordId"]!, Is.EqualTo(drunk.ToString()));
        Assert.That((await Ask("offences?groupBy=criminal&status=all"))["rows"]!.AsArray()
            .Select(row => (string)row!["keys"]!["criminal"]!), Does.Contain("true"));
    }
}
