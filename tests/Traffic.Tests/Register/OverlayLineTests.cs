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
        var coach = app.RedLight() with { VehicleType = "K11", UseNature = "B", RatedPersons = 50, Plate = "京A00001", PlateType = "01", RoadKind = RoadKind.Urban, DivisionCode = "152531" };
        await app.Officer(coach);
        await app.Officer(coach with { RecordId = Guid.NewGuid() });
        await app.Officer(app.RedLight() with { RoadKind = RoadKind.Urban, DivisionCode = "152531" });

        var report = await Ask("offences?division=152531&groupBy=overlay");
        var rows = report["rows"]!.AsArray().ToDictionary(row => (string)row!["keys"]!["overlay"]!, row => (long)row!["count"]!);
        Assert.That(rows, Is.EquivalentTo(new Dictionary<string, long>
        {
            ["keyRoad"] = 3, ["keyRoad.urban"] = 3, ["keyVehicle"] = 2, ["keyVehicle.scheduled"] = 2, ["keyVehicle.otherProvince"] = 2,
        }));
        Assert.That((long)report["total"]!, Is.EqualTo(3), "a record under several tags is one record");
        Assert.That((string)report["rows"]!.AsArray().First(row => (string)row!["keys"]!["overlay"]! == "keyVehicle.scheduled")!["title"]!["zh"]!,
            Does.Contain("公路客运"));

        await EveryRowOpens(report);

        var asked = await Ask("offences?division=152531&groupBy=overlay,family&overlay=keyVehicle,keyRoad.urban");
        await EveryRowOpens(asked);
        Assert.That(asked["rows"]!.AsArray().Select(row => ((string)row!["keys"]!["overlay"]!, (long)row["count"]!)),
            Is.EquivalentTo(new[] { ("keyVehicle", 2L), ("keyRoad.urban", 3L) }), "rows of the tags asked for");

        var each = await Ask("offences?division=152531&groupBy=overlay&each=overlay");
        await EveryRowOpens(each);
        Assert.That((long)each["total"]!, Is.EqualTo(12), "each tag of each record");
        Assert.That(each["rows"]!.AsArray().Sum(row => (long)row!["count"]!), Is.EqualTo(12));

        var byFamily = await Ask("offences?division=152531&groupBy=family,overlay&overlay=keyVehicle");
        Assert.That(byFamily["rows"]!.AsArray().Count(row => (string)row!["keys"]!["overlay"]! == "keyVehicle" && (long)row["count"]! == 2), Is.EqualTo(1));
        Assert.That((long)(await Ask("records?division=152531&overlay=keyVehicle.otherProvince"))["total"]!, Is.EqualTo(2));
    }

    async Task EveryRowOpens(JsonNode report)
    {
        foreach (var row in report["rows"]!.AsArray())
        {
            var list = JsonNode.Parse(await app.Http.GetStringAsync((string)row!["records"]!))!;
            Assert.That((long)list["total"]!, Is.EqualTo((long)row["count"]!), row.ToJsonString());
        }
    }

    [Test]
    public async Task What_goes_to_a_criminal_unit_can_be_told_from_the_summary_flow()
    {
        var drunk = await app.Officer(app.Drink(Sent.IdNumber(77), 150, hoursAgo: 3) with { DivisionCode = "152530" });

        Assert.That((long)(await Ask("records?division=152530&criminal=true&status=all"))["total"]!, Is.EqualTo(1));
        Assert.That((string)(await Ask("records?division=152530&criminal=true&status=all"))["records"]![0]!["recordId"]!, Is.EqualTo(drunk.ToString()));
        Assert.That((await Ask("offences?division=152530&groupBy=criminal&status=all"))["rows"]!.AsArray()
            .Select(row => (string)row!["keys"]!["criminal"]!), Does.Contain("true"));
    }

    async Task<string> Tags(Guid record) =>
        (await app.Rows($"select overlays from register.published_standing where record_id = '{record}'", row => row.GetString(0))).Single();

    ReportedViolation Red(int driver, double hoursAgo) =>
        app.RedLight() with { DriverIdNumber = Sent.IdNumber(driver), OccurredAt = app.Now.AddHours(-hoursAgo) };

    [Test]
    public async Task A_driver_with_nine_points_is_a_key_driver_also_when_records_come_late_and_no_longer_when_one_is_voided()
    {
        var third = await app.Officer(Red(81, 10));
        var first = await app.Officer(Red(81, 30));
        Assert.That(await Tags(third), Is.Empty, "six points before");

        var second = await app.Officer(Red(81, 20));
        Assert.That(await Tags(third), Is.EqualTo("keyDriver,keyDriver.points"), "twelve points before");
        Assert.That(await Tags(second), Is.Empty);
        Assert.That((await app.Standing(third)).Reason, Is.EqualTo("earlier-record-came-late"));

        var fourth = await app.Officer(Red(81, 5));
        Assert.That(await Tags(fourth), Is.EqualTo("keyDriver,keyDriver.points,keyDriver.offences"));

        await app.Decided(first, "void");
        Assert.That(await Tags(third), Is.Empty);
        Assert.That(await Tags(fourth), Is.EqualTo("keyDriver,keyDriver.points"));
    }

    [Test]
    public async Task Offences_of_one_driver_sent_at_the_same_moment_are_tagged_in_the_order_they_happened()
    {
        var records = Enumerable.Range(0, 6).Select(i => Red(82, 10 + i)).ToList();
        await Task.WhenAll(records.Select(record => app.Officer(record)));

        var tagged = await app.Rows(
            $"select overlays from register.published_standing where record_id in ({string.Join(',', records.Select(one => $"'{one.RecordId}'"))}) order by occurred_at",
            row => row.GetString(0));
        Assert.That(tagged, Is.EqualTo(new[]
        {
            "", "", "keyDriver,keyDriver.points", "keyDriver,keyDriver.points,keyDriver.offences",
            "keyDriver,keyDriver.points,keyDriver.offences", "keyDriver,keyDriver.points,keyDriver.offences",
        }));
    }

    [Test]
    public async Task One_serious_offence_makes_the_next_ones_a_key_drivers()
    {
        await app.Officer(app.Drink(Sent.IdNumber(83), 40, hoursAgo: 30));
        Assert.That(await Tags(await app.Officer(Red(83, 5))), Does.Contain("keyDriver.serious"));
        Assert.That(await Tags(await app.Officer(app.Drink(Sent.IdNumber(83), 45, hoursAgo: 2))), Does.Contain("keyDriver.serious"));
    }

    ReportedViolation Speeding(double minutesAgo, string plate = "蒙H00008", string road = "G207", string device = "CAM-1") => app.RedLight() with
    {
        OffenceKind = "speeding", Signals = null, RoadKind = RoadKind.NationalOrProvincial, Road = road, Plate = plate, PlateType = "02",
        DeviceId = device, OccurredAt = app.Now.AddMinutes(-minutesAgo),
        Measurements = [new() { Quantity = Quantity.Speed, Value = 110, Unit = "km/h" }, new() { Quantity = Quantity.SpeedLimit, Value = 80, Unit = "km/h" }],
    };

    [Test]
    public async Task One_act_seen_by_several_cameras_is_held_and_names_the_record_that_stands_for_it()
    {
        var first = await app.Camera(Speeding(100));
        var second = await app.Camera(Speeding(71, device: "CAM-2"));

        Assert.That((await app.Standing(first)).Status, Is.EqualTo("captured"));
        Assert.That(await app.Standing(second), Is.EqualTo((1, "held", "speeding.b.other.20", (string?)$"same-act: {first}")));
        Assert.That(await app.Http.GetStringAsync($"/records/{second}"), Does.Contain($"href=\"/records/{first}\""), "its page leads there");
        Assert.That((await app.Standing(await app.Camera(Speeding(69)))).Status, Is.EqualTo("captured"), "31 minutes later it is another act");
        Assert.That((await app.Standing(await app.Camera(Speeding(99, plate: "蒙H00009")))).Status, Is.EqualTo("captured"), "another vehicle");
        Assert.That((await app.Standing(await app.Camera(Speeding(99, road: "S101")))).Status, Is.EqualTo("captured"), "another road");
    }

    [Test]
    public async Task Of_two_records_of_one_act_only_one_can_be_confirmed_unasked()
    {
        var first = await app.Camera(Speeding(300, plate: "蒙H00007"));
        await app.Decided(first, "reject");
        var second = await app.Camera(Speeding(295, plate: "蒙H00007"));
        Assert.That((await app.Standing(second)).Status, Is.EqualTo("captured"), "what was rejected stands for nothing");

        await app.Decided(second, "confirm");
        await app.Decided(first, "confirm", revision: 2, second: "officer-2");
        Assert.That(await app.Standing(first), Is.EqualTo((3, "held", "speeding.b.other.20", (string?)$"same-act: {second}")));
    }

    [Test]
    public async Task What_is_only_suspected_is_held()
    {
        var cloned = await app.Camera(app.RedLight() with { Signals = [Signal.RedLight, Signal.PlateSuspectedCloned] });
        Assert.That(await app.Standing(cloned), Is.EqualTo((1, "held", "red-light.motor", (string?)"plate-suspected-cloned")));

        var breath = await app.Officer(app.Drink(Sent.IdNumber(84), 85, hoursAgo: 1));
        Assert.That(await app.Standing(breath), Is.EqualTo((1, "held", "drunk.motor", (string?)"awaiting-blood")));
        Assert.That((await app.Standing(await app.Officer(app.Drink(Sent.IdNumber(85), 79, hoursAgo: 1)))).Status, Is.EqualTo("confirmed"));
    }

    [Test]
    public async Task A_camera_that_knows_no_driver_gives_no_points()
    {
        var owner = await app.Camera(app.RedLight());
        var driver = await app.Camera(app.RedLight() with { DriverIdNumber = Sent.IdNumber(86) });

        var points = await app.Rows($"select points from register.published_standing where record_id in ('{owner}', '{driver}') order by points nulls first",
            row => row.IsDBNull(0) ? (int?)null : row.GetInt32(0));
        Assert.That(points, Is.EqualTo(new int?[] { null, 6 }));
    }
}
