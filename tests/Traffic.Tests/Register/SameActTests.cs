using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using NUnit.Framework;
using Traffic.Contracts;

namespace Traffic.Tests.Register;

/// <summary>One act is not punished twice, however a record of it comes to stand: by the law, by a person, by a blood value.</summary>
[Category("Postgres")]
public sealed class SameActTests
{
    TrafficApp app = null!;

    [OneTimeSetUp]
    public async Task Start() => app = await TrafficApp.Start();

    [OneTimeTearDown]
    public async Task Stop()
    {
        await app.CountsAgree();
        await app.DisposeAsync();
    }

    ReportedViolation Drunk(int driver, int alcohol) => app.Drink(Sent.IdNumber(driver), alcohol, hoursAgo: 2) with
    {
        StopId = Guid.NewGuid(), Plate = "蒙H00001", PlateType = "02", RoadKind = RoadKind.Urban,
    };

    /// <summary>Seen by a camera; without what the law asks for nobody can tell what it amounts to.</summary>
    ReportedViolation Seen(string plate, int minutesAgo, bool decidable) => app.RedLight() with
    {
        OffenceKind = null, Signals = null, Plate = plate, PlateType = decidable ? "02" : null, VehicleType = decidable ? app.RedLight().VehicleType : null,
        UseNature = decidable ? app.RedLight().UseNature : null, RatedPersons = null, Road = "G207", RoadKind = RoadKind.NationalOrProvincial,
        OccurredAt = app.Now.AddMinutes(-minutesAgo),
        Measurements = [new() { Quantity = Quantity.Speed, Value = 100, Unit = "km/h" }, new() { Quantity = Quantity.SpeedLimit, Value = 80, Unit = "km/h" }],
    };

    async Task Stands(Guid record, string status, string entry, Guid? beside = null)
    {
        var (_, is_, of, reason) = await app.Standing(record);
        Assert.That((is_, of), Is.EqualTo((status, entry)));
        if (beside is { } other)
            Assert.That(reason, Is.EqualTo($"same-act: {other}"));
    }

    [Test]
    public async Task Drink_driving_filed_twice_at_a_stop_stands_once()
    {
        var record = Drunk(401, 45);
        var first = await app.Officer(record);
        var second = await app.Officer(record with { RecordId = Guid.NewGuid() });
        var higher = await app.Officer(record with { RecordId = Guid.NewGuid(), Measurements = [new() { Quantity = Quantity.AlcoholBreath, Value = 50, Unit = "mg/100mL" }] });

        await Stands(first, "confirmed", "drink.motor.first");
        await Stands(second, "held", "drink.motor.first", beside: first);
        await Stands(higher, "held", "drink.motor.first", beside: first);
        await Stands(await app.Officer(record with { RecordId = Guid.NewGuid(), OccurredAt = record.OccurredAt.AddMinutes(1) }), "confirmed", "drink.motor.first");
    }

    [Test]
    public async Task What_waits_for_blood_twice_stands_once_when_the_values_come()
    {
        var record = Drunk(402, 150);
        var first = await app.Officer(record);
        var second = await app.Officer(record with { RecordId = Guid.NewGuid() });
        Assert.That(new[] { (await app.Standing(first)).Reason, (await app.Standing(second)).Reason }, Is.All.EqualTo("awaiting-blood"));

        foreach (var one in new[] { first, second, second })
        {
            var answer = await app.Http.PostAsJsonAsync($"/api/v1/cases/{one}/decisions", new JsonObject
            {
                ["decisionId"] = Guid.NewGuid(), ["revision"] = 1, ["action"] = "measure", ["decidedBy"] = "officer-1", ["secondPerson"] = "officer-2", ["reason"] = "laboratory",
                ["measurement"] = new JsonObject { ["quantity"] = "alcoholBlood", ["value"] = 140, ["unit"] = "mg/100mL", ["instrument"] = "LAB-1" },
            });
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
            await app.NothingInFlight();
        }

        var entry = (await app.Standing(first)).Entry;
        await Stands(first, "confirmed", entry);
        await Stands(second, "held", entry, beside: first);
    }

    [Test]
    public async Task What_a_person_names_twice_stands_once_unless_he_was_told()
    {
        var (first, second) = (await app.Camera(Seen("蒙H00078", 180, decidable: false)), await app.Camera(Seen("蒙H00078", 175, decidable: false)));
        await app.Decided(first, "resolve", 1, "speeding.b.other.20");
        await app.Decided(second, "resolve", 1, "speeding.b.other.20");

        await Stands(first, "confirmed", "speeding.b.other.20");
        await Stands(second, "held", "speeding.b.other.20", beside: first);

        await app.Decided(second, "confirm", 2);
        await Stands(second, "confirmed", "speeding.b.other.20");
    }

    [TestCase("confirm")]
    [TestCase("resolve")]
    public async Task Two_captured_that_came_at_the_same_moment_stand_once(string action)
    {
        var plate = action == "confirm" ? "蒙H00071" : "蒙H00072";
        var first = await app.Camera(Seen(plate, 180, decidable: true));
        // As if both had come before either was registered.
        await app.Rows($"update register.violation set status = 'held' where record_id = '{first}'", _ => 0);
        var second = await app.Camera(Seen(plate, 175, decidable: true));
        await app.Rows($"update register.violation set status = 'captured' where record_id = '{first}'", _ => 0);

        await app.Decided(first, "confirm");
        await app.Decided(second, action, 1, action == "confirm" ? null : "speeding.b.other.20");

        await Stands(first, "confirmed", "speeding.b.other.20");
        await Stands(second, "held", "speeding.b.other.20", beside: first);

        await app.Decided(second, action, 1, action == "confirm" ? null : "speeding.b.other.20");
        await Stands(second, "held", "speeding.b.other.20", beside: first);
        Assert.That((await app.Standing(second)).Revision, Is.EqualTo(2), "who saw the revision before was not told, and nothing is new");
    }

    /// <summary>Below the bound of one version, above that of the next.</summary>
    [Test]
    public async Task What_another_version_of_the_law_decides_stands_once()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "schemas/catalogue/2022-04-01.json"));
        await app.Release(text.Replace("\"from\": 20, \"under\": 80", "\"from\": 30, \"under\": 80", StringComparison.Ordinal)
            .Replace("\"starts\": { \"from\": 20 }", "\"starts\": { \"from\": 30 }", StringComparison.Ordinal));
        var record = Drunk(405, 26);
        var (first, second) = (await app.Officer(record), await app.Officer(record with { RecordId = Guid.NewGuid() }));
        await Stands(first, "toReview", "undecided");
        await Stands(second, "toReview", "undecided");

        await app.Undo("2");

        var stood = await app.Rows($"select record_id, status, reason from register.violation where record_id in ('{first}', '{second}') order by status", row => (row.GetGuid(0), row.GetString(1), row.GetString(2)));
        Assert.That(stood.Select(one => one.Item2), Is.EqualTo(["confirmed", "held"]));
        Assert.That(stood[1].Item3, Is.EqualTo($"same-act: {stood[0].Item1}"));
    }

    [Test]
    public async Task What_is_rejected_leaves_its_place_to_the_other()
    {
        var record = Drunk(403, 45);
        var (first, second) = (await app.Officer(record), await app.Officer(record with { RecordId = Guid.NewGuid() }));

        await app.Decided(first, "reject", 1, second: "officer-2");
        await app.Decided(second, "confirm", 1);
        await app.Decided(first, "confirm", 2, second: "officer-2");

        await Stands(second, "confirmed", "drink.motor.first");
        await Stands(first, "held", "drink.motor.first", beside: second);
    }

    [Test]
    public async Task What_is_held_beside_another_makes_nobody_a_key_driver()
    {
        var red = app.RedLight() with { OffenceKind = null, DriverIdNumber = Sent.IdNumber(404), StopId = Guid.NewGuid(), Plate = "蒙H00001", PlateType = "02", RoadKind = RoadKind.Urban, OccurredAt = app.Now.AddDays(-5) };
        var first = await app.Officer(red);
        await Stands(await app.Officer(red with { RecordId = Guid.NewGuid() }), "held", "red-light.motor", beside: first);

        var later = await app.Officer(red with { RecordId = Guid.NewGuid(), Signals = [Signal.WrongWay], StopId = Guid.NewGuid(), OccurredAt = app.Now.AddDays(-1) });

        var (tags, trace) = (await app.Rows($"select overlays, trace from register.violation where record_id = '{later}'", row => (row.GetString(0), row.GetString(1)))).Single();
        Assert.That(tags, Does.Not.Contain("keyDriver"));
        Assert.That(trace, Does.Not.Contain("12"));
    }

    /// <summary>The item hangs on the road that was reported, whoever named the entry.</summary>
    [Test]
    public async Task What_a_person_names_counts_for_the_same_items_as_what_the_law_names()
    {
        var whole = app.RedLight() with
        {
            OffenceKind = "passenger-overload", Signals = null, RoadKind = RoadKind.RuralPastoral, VehicleType = "K33", UseNature = "A", RatedPersons = 5,
            Measurements = [new() { Quantity = Quantity.Persons, Value = 7, Unit = "persons" }],
        };
        var byLaw = await app.Officer(whole);
        var byPerson = await app.Officer(whole with { RecordId = Guid.NewGuid(), RatedPersons = null });
        await app.Decided(byPerson, "resolve", 1, (await app.Standing(byLaw)).Entry);

        var items = await app.Rows($"select items from register.violation where record_id in ('{byLaw}', '{byPerson}')", row => row.GetString(0));
        Assert.That(items, Is.All.EqualTo("three-overs-one-fatigue,rural-passenger-overload"));
    }

    /// <summary>A local measure is laid over the edition: its list of codes is still that of its day.</summary>
    [TestCase("1039", "confirmed", "parking.other")]
    [TestCase("1712", "held", "drink.motor.first")]
    public async Task The_edition_in_force_may_be_said_outright(string code, string status, string entry)
    {
        var silent = await app.Officer(app.RedLight() with { OffenceKind = null, Signals = null, OffenceCode = code });
        var said = await app.Officer(app.RedLight() with { OffenceKind = null, Signals = null, OffenceCode = code, OffenceEdition = new DateOnly(2022, 4, 1) });

        await Stands(silent, status, entry);
        await Stands(said, status, entry);
        var decided = await app.Rows($"select points, fine_min, fine_max, law_edition from register.violation where record_id in ('{silent}', '{said}')",
            row => (row.GetValue(0), row.GetValue(1), row.GetValue(2), row.GetValue(3)));
        Assert.That(decided[0], Is.EqualTo(decided[1]));
    }
}
