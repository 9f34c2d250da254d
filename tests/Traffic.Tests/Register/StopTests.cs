using System.Net;
using System.Text;
using System.Text.Json;
using NUnit.Framework;
using Traffic.Contracts;

namespace Traffic.Tests.Register;

/// <summary>Several offences from one stop: each is decided by itself, and none twice.</summary>
[Category("Postgres")]
public sealed class StopTests
{
    TrafficApp app = null!;
    DateTimeOffset at;

    [OneTimeSetUp]
    public async Task Start()
    {
        app = await TrafficApp.Start();
        at = app.Now.AddMinutes(-30);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await app.CountsAgree();
        await app.DisposeAsync();
    }

    async Task<List<(string Entry, string Status, int? Points, string? Reason, string Tags)>> Sent(params ReportedViolation[] records)
    {
        var stop = Guid.NewGuid();
        var body = $"[{string.Join(',', records.Select(record => JsonSerializer.Serialize(record with { StopId = stop }, TrafficJson.Plain.ReportedViolation)))}]";
        var answer = await app.Http.PostAsync("/api/v1/violations", new StringContent(body, Encoding.UTF8, "application/json"));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Created), await answer.Content.ReadAsStringAsync());
        await app.NothingInFlight();
        return await app.Rows($"select entry, status, points, reason, overlays from register.violation where stop_id = '{stop}' order by item", row =>
            (row.GetString(0), row.GetString(1), row.IsDBNull(2) ? (int?)null : row.GetInt32(2), row.IsDBNull(3) ? null : row.GetString(3), row.GetString(4)));
    }

    ReportedViolation Of(Signal signal, int driver, string? plate = "蒙H00001") => app.RedLight() with
    {
        OffenceKind = null, Signals = [signal], DriverIdNumber = Register.Sent.IdNumber(driver), OccurredAt = at, RoadKind = RoadKind.Urban, Plate = plate, PlateType = plate is null ? null : "02",
    };

    [Test]
    public async Task Each_offence_of_a_stop_is_decided_by_itself()
    {
        var speeding = Of(Signal.DriverNoBelt, 301) with
        {
            Signals = null, RoadKind = RoadKind.NationalOrProvincial,
            Measurements = [new() { Quantity = Quantity.Speed, Value = 130, Unit = "km/h" }, new() { Quantity = Quantity.SpeedLimit, Value = 80, Unit = "km/h" }],
        };
        var drink = Of(Signal.DriverNoBelt, 301) with { Signals = null, Measurements = [new() { Quantity = Quantity.AlcoholBreath, Value = 40, Unit = "mg/100mL" }] };

        var stood = await Sent(Of(Signal.DriverNoBelt, 301), speeding, drink, Of(Signal.RedLight, 301) with { Signals = null, OffenceKind = "littering" });

        Assert.That(stood.Select(one => (one.Entry, one.Status, one.Points)), Is.EqualTo(new[]
        {
            ("seat-belt.driver", "confirmed", (int?)1), ("speeding.b.other.50", "confirmed", 6), ("drink.motor.first", "confirmed", 12), ("undecided", "toReview", null),
        }));
        Assert.That(stood.Select(one => one.Tags), Is.All.Not.Contain("keyDriver"), "what happened at the same moment is not what the driver did before");
    }

    [Test]
    public async Task Of_two_offences_that_are_one_act_the_one_that_the_law_replaces_is_held()
    {
        var stood = await Sent(Of(Signal.IllegallyParked, 302), Of(Signal.OnPavement, 302), Of(Signal.IllegallyParked, 302, "蒙H00002"));

        Assert.That(stood.Select(one => (one.Entry, one.Status)), Is.EqualTo(new[]
        {
            ("parking.other", "held"), ("sidewalk.parked", "confirmed"), ("parking.other", "confirmed"),
        }), "that of another vehicle is another act");
        Assert.That(stood[0].Reason, Does.StartWith("same-act: "));
    }

    [Test]
    public async Task What_is_filed_twice_of_one_driver_at_one_moment_is_held_the_second_time()
    {
        var stood = await Sent(Of(Signal.RedLight, 303), Of(Signal.RedLight, 303), Of(Signal.RedLight, 304));

        Assert.That(stood.Select(one => one.Status).Order(), Is.EqualTo(new[] { "confirmed", "confirmed", "held" }));
        Assert.That(stood[2].Status, Is.EqualTo("confirmed"), "another driver's is another act");
    }

    [Test]
    public async Task One_record_in_which_both_are_seen_is_the_one_that_stands_instead()
    {
        var stood = await Sent(Of(Signal.IllegallyParked, 305) with { Signals = [Signal.IllegallyParked, Signal.OnPavement] });

        Assert.That(stood.Select(one => (one.Entry, one.Status)), Is.EqualTo(new[] { ("sidewalk.parked", "confirmed") }));
    }
}
