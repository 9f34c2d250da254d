using System.Net;
using System.Text;
using System.Text.Json;
using Npgsql;
using NUnit.Framework;
using Traffic.Contracts;
using Traffic.Register;

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

    /// <summary>A device that gives what it sends again a new id: post after post, or two at once through two processes.</summary>
    [TestCase(false, 306)]
    [TestCase(true, 307)]
    public async Task However_often_it_is_filed_and_in_however_many_posts_one_stands(bool atOnce, int driver)
    {
        var stop = Guid.NewGuid();
        var twice = Of(Signal.RedLight, driver) with { StopId = stop };
        await using (var beside = await TrafficApp.Start(on: app.Database))
        await using (var others = NpgsqlDataSource.Create(app.Database.ConnectionString))
        await using (var connection = await others.OpenConnectionAsync())
        await using (var deciding = await connection.BeginTransactionAsync())
        {
            if (atOnce)
                await new NpgsqlCommand($"select pg_advisory_xact_lock({RegisterStore.ActLocks}, n) from generate_series(0, 511) n", connection).ExecuteNonQueryAsync();
            var sent = Task.WhenAll(app.Officer(twice with { RecordId = Guid.NewGuid() }), beside.Officer(twice with { RecordId = Guid.NewGuid() }));
            if (atOnce)
            {
                using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
                while ((await app.Rows($"select count(*) from pg_locks where locktype = 'advisory' and classid = {RegisterStore.ActLocks} and not granted", row => row.GetInt64(0)))[0] == 0)
                    limit.Token.ThrowIfCancellationRequested();
                Assert.That(await app.Rows($"select status from register.violation where stop_id = '{stop}'", row => row.GetString(0)), Is.Empty,
                    "who stores what tells of an act waits for others who do");
            }
            await deciding.RollbackAsync();
            await sent;
        }
        await app.Officer(twice with { RecordId = Guid.NewGuid() });
        await app.Officer(twice with { RecordId = Guid.NewGuid(), StopId = Guid.NewGuid() });
        await app.Officer(twice with { RecordId = Guid.NewGuid(), OccurredAt = at.AddSeconds(1) });
        await app.Officer(Of(Signal.DriverNoBelt, driver) with { StopId = stop });

        var stood = await app.Rows($"select record_id, status, reason, stop_id, occurred_at, family from register.violation where plate = '蒙H00001' and driver_key = (select driver_key from register.violation where stop_id = '{stop}' limit 1)", row =>
            (Id: row.GetGuid(0), Status: row.GetString(1), Reason: row.IsDBNull(2) ? null : row.GetString(2), Same: row.GetGuid(3) == stop && row.GetDateTime(4) < at.AddSeconds(0.5) && row.GetString(5) != "seat-belt"));
        Assert.That(stood.Where(one => !one.Same).Select(one => one.Status), Is.EqualTo(new[] { "confirmed", "confirmed", "confirmed" }),
            "at another stop, a second later, and of another offence: each another act");
        var first = stood.Single(one => one.Same && one.Status == "confirmed").Id;
        Assert.That(stood.Where(one => one.Same && one.Id != first).Select(one => (one.Status, one.Reason)),
            Is.EqualTo(Enumerable.Repeat(("held", $"same-act: {first}"), 2)));
    }

    [Test]
    public async Task One_record_in_which_both_are_seen_is_the_one_that_stands_instead()
    {
        var stood = await Sent(Of(Signal.IllegallyParked, 305) with { Signals = [Signal.IllegallyParked, Signal.OnPavement] });

        Assert.That(stood.Select(one => (one.Entry, one.Status)), Is.EqualTo(new[] { ("sidewalk.parked", "confirmed") }));
    }
}
