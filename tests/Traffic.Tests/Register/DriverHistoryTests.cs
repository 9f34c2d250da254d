using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using NUnit.Framework;
using Traffic.Contracts;

namespace Traffic.Tests.Register;

/// <summary>Whatever changes what a driver did before (a release, an undo, a blood value): what he did later stands as if decided anew, in order.</summary>
[Category("Postgres")]
public sealed class DriverHistoryTests
{
    static readonly string InForce = File.ReadAllText(Path.Combine(Repository.Root, "schemas/catalogue/2022-04-01.json"));

    TrafficApp app = null!;

    [SetUp]
    public async Task Start() => app = await TrafficApp.Start();

    [TearDown]
    public async Task Stop()
    {
        await app.CountsAgree();
        await app.DisposeAsync();
    }

    static string RedLight(int points) => CatalogueFolders.Replaced(InForce, "red-light.motor", "\"points\": 6", $"\"points\": {points}");

    /// <summary>Red light 3 points, alcohol from 30 mg on, a wrong lane 1 point where it had none.</summary>
    static string Changed()
    {
        var text = CatalogueFolders.Replaced(RedLight(3), "wrong-lane.other", "\"points\": 0", "\"points\": 1")
            .Replace("\"starts\": { \"from\": 20 }", "\"starts\": { \"from\": 30 }", StringComparison.Ordinal);
        foreach (var entry in new[] { "drink.motor.first", "drink.motor.again", "drink.commercial", "drink.non-motor" })
            text = CatalogueFolders.Replaced(text, entry, "\"from\": 20", "\"from\": 30");
        return text;
    }

    ReportedViolation By(int driver, double hoursAgo, Signal signal = Signal.RedLight) => app.RedLight() with
    {
        DriverIdNumber = Sent.IdNumber(driver), OccurredAt = app.Now.AddHours(-hoursAgo), OffenceKind = null, Signals = [signal],
    };

    static async Task<string> Tags(TrafficApp app, Guid record) =>
        (await app.Rows($"select overlays from register.violation where record_id = '{record}'", row => row.GetString(0))).Single();

    static async Task<string?> DriverPoints(TrafficApp app, Guid record) => (string?)JsonNode.Parse(
        (await app.Rows($"select trace from register.violation where record_id = '{record}'", row => row.GetString(0))).Single())!["in"]!["driverPoints"];

    [Test]
    public async Task A_release_counts_a_drivers_points_anew_and_its_undo_counts_them_back()
    {
        await app.Officer(By(11, 30));
        await app.Officer(By(11, 20));
        var third = await app.Officer(By(11, 10));
        var belt = await app.Officer(By(11, 5, Signal.DriverNoBelt));
        var alone = await app.Officer(By(12, 5));
        Assert.That((await Tags(app, third), await DriverPoints(app, third)), Is.EqualTo(("keyDriver,keyDriver.points", "12")));
        Assert.That((await Tags(app, belt), await DriverPoints(app, belt)), Is.EqualTo(("keyDriver,keyDriver.points,keyDriver.offences", "18")));
        var preview = await app.Preview(RedLight(3));

        var released = await app.Release(RedLight(3));

        Assert.That(released["moved"]!.ToJsonString(), Is.EqualTo(preview["moved"]!.ToJsonString()));
        Assert.That((await Tags(app, third), await DriverPoints(app, third)), Is.EqualTo(("", "6")));
        Assert.That(await Tags(app, belt), Does.Contain("keyDriver.points"), "nine points before it");
        Assert.That((await Tags(app, alone), await DriverPoints(app, alone)), Is.EqualTo(("", "0")));
        await app.Undo("2");
        Assert.That((await Tags(app, third), await DriverPoints(app, third)), Is.EqualTo(("keyDriver,keyDriver.points", "12")));

        await app.Release(RedLight(1));
        Assert.That(await app.Standing(belt), Is.EqualTo((2, "confirmed", "seat-belt.driver", (string?)"law-released")), "its tags alone change");
        Assert.That((await Tags(app, belt), await DriverPoints(app, belt)), Is.EqualTo(("keyDriver,keyDriver.offences", "3")));
    }

    [Test]
    public async Task Another_threshold_of_the_overlays_tags_all_history_by_it()
    {
        await app.Officer(By(13, 30));
        await app.Officer(By(13, 20));
        var third = await app.Officer(By(13, 10));
        const string File = "overlays/2021-06-25.json";
        var fifteen = System.IO.File.ReadAllText(Path.Combine(Repository.Root, "schemas/catalogue", File)).Replace("\"pointsFrom\": 9", "\"pointsFrom\": 15", StringComparison.Ordinal);

        var preview = await app.Preview(fifteen, File);
        var released = await app.Done(await app.TryRelease(fifteen, file: File));

        Assert.That(released["moved"]!.ToJsonString(), Is.EqualTo(preview["moved"]!.ToJsonString()));
        Assert.That(((long)released["moved"]!["changed"]!, await Tags(app, third)), Is.EqualTo((1L, "")));
        Assert.That(released["moved"]!["tagsLost"]!.ToJsonString(), Is.EqualTo("""{"keyDriver":1,"keyDriver.points":1}"""));
        await app.Undo("2");
        Assert.That(await Tags(app, third), Is.EqualTo("keyDriver,keyDriver.points"));
    }

    /// <summary>Five drivers, sixty records, sent in no order and then decided again: the same as sent in order and decided by that law at once.</summary>
    [Test]
    public async Task Decided_again_by_a_version_is_as_if_that_version_had_decided_from_the_first()
    {
        var random = new Random(7);
        var records = Enumerable.Range(0, 60).Select(i => random.Next(5) switch
        {
            0 => app.Drink(Sent.IdNumber(21 + (i % 5)), 20 + random.Next(59), hoursAgo: 5 + random.Next(2_000)),
            1 => By(21 + (i % 5), 5 + random.Next(9_000), Signal.WrongLane),
            2 => By(21 + (i % 5), 5 + random.Next(9_000), Signal.DriverNoBelt),
            _ => By(21 + (i % 5), 5 + random.Next(2_000)),
        }).ToList();
        await Send(app, records);
        await using var fresh = await TrafficApp.Start();
        await fresh.Release(Changed());

        var preview = await app.Preview(Changed());
        var released = await app.Release(Changed());
        await Send(fresh, [.. records.OrderBy(record => record.OccurredAt)]);

        Assert.That(released["moved"]!.ToJsonString(), Is.EqualTo(preview["moved"]!.ToJsonString()));
        Assert.That(await Standings(app, changedOnly: false, "status, entry, points, fine_max, overlays"),
            Is.EqualTo(await Standings(fresh, changedOnly: false, "status, entry, points, fine_max, overlays")));
        var changed = await Standings(app, changedOnly: true, "trace");
        Assert.That(changed.Keys, Has.Count.GreaterThan(20));
        var traces = await Standings(fresh, changedOnly: false, "trace");
        Assert.That(changed.Select(one => one.Value), Is.EqualTo(changed.Keys.Select(one => traces[one])), "and each new decision says what it was made of");
        await fresh.CountsAgree();
    }

    static async Task Send(TrafficApp app, List<ReportedViolation> records)
    {
        foreach (var record in records)
        {
            using var body = new StringContent(JsonSerializer.Serialize(record, TrafficJson.Plain.ReportedViolation), Encoding.UTF8, "application/json");
            var answer = await app.Http.PostAsync("/api/v1/violations", body);
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Created), await answer.Content.ReadAsStringAsync());
        }
        await app.NothingInFlight();
    }

    static async Task<Dictionary<Guid, string>> Standings(TrafficApp app, bool changedOnly, string columns) =>
        (await app.Rows($"select record_id, concat_ws('|', {columns}) from register.violation where {(changedOnly ? "catalogue_version = (select version from register.catalogue order by id desc limit 1)" : "true")} order by 1",
            row => (row.GetGuid(0), row.GetString(1)))).ToDictionary();

    [Test]
    public async Task A_blood_value_under_the_limit_untags_what_the_driver_did_later()
    {
        var drink = await app.Officer(app.Drink(Sent.IdNumber(31), 25, hoursAgo: 30));
        var red = await app.Officer(By(31, 5));
        Assert.That((await Tags(app, red), await DriverPoints(app, red)), Is.EqualTo(("keyDriver,keyDriver.points,keyDriver.serious", "12")));

        var answer = await app.Http.PostAsJsonAsync($"/api/v1/cases/{drink}/decisions", new JsonObject
        {
            ["decisionId"] = Guid.NewGuid(), ["revision"] = 1, ["action"] = "measure", ["decidedBy"] = "officer-1", ["secondPerson"] = "officer-2", ["reason"] = "laboratory",
            ["measurement"] = new JsonObject { ["quantity"] = "alcoholBlood", ["value"] = 12, ["unit"] = "mg/100mL", ["instrument"] = "LAB-1" },
        });
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), await answer.Content.ReadAsStringAsync());
        await app.NothingInFlight();

        Assert.That((await app.Standing(drink)).Entry, Is.EqualTo("undecided"));
        Assert.That((await Tags(app, red), await DriverPoints(app, red)), Is.EqualTo(("", "0")));
    }

    /// <summary>The first drink becomes none, so the second costs points, so the third's driver has them.</summary>
    [Test]
    public async Task What_follows_from_what_follows_is_decided_too()
    {
        var first = await app.Officer(app.Drink(Sent.IdNumber(32), 40, hoursAgo: 60));
        var second = await app.Officer(app.Drink(Sent.IdNumber(32), 40, hoursAgo: 30));
        var red = await app.Officer(By(32, 5));
        Assert.That(await DriverPoints(app, red), Is.EqualTo("12"), "the second is no matter of points");

        await app.Decided(first, "void");

        Assert.That((await app.Standing(second)).Entry, Is.EqualTo("drink.motor.first"));
        Assert.That(await Tags(app, red), Is.EqualTo("keyDriver,keyDriver.points,keyDriver.serious"));
    }

    [Test]
    public async Task A_new_record_leaves_the_tags_of_what_lies_long_before_it()
    {
        await app.Officer(app.Drink(Sent.IdNumber(33), 40, hoursAgo: 24 * 600));
        var tagged = await app.Officer(By(33, 24 * 300));
        Assert.That(await Tags(app, tagged), Does.Contain("keyDriver.serious"));

        await app.Officer(By(33, 5));

        Assert.That(await Tags(app, tagged), Does.Contain("keyDriver.serious"), "its own twelve months before count, not those of the new one");
    }

    [Test]
    public async Task A_record_that_is_decided_while_a_release_decides_again_is_counted_by_the_new_law()
    {
        var other = await app.Officer(By(41, 40));
        await app.Officer(By(42, 30));
        await using var source = NpgsqlDataSource.Create(app.Database.ConnectionString);
        await using var connection = await source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand($"select 1 from register.violation where record_id = '{other}' for update", connection))
            await hold.ExecuteScalarAsync();

        var answer = await app.TryRelease(RedLight(9));
        var later = await app.Officer(By(42, 5));
        Assert.That(await Tags(app, later), Is.Empty, "six points before it, as far as could be seen");
        await transaction.RollbackAsync();
        await app.Done(answer);

        Assert.That((await Tags(app, later), await DriverPoints(app, later)), Is.EqualTo(("keyDriver,keyDriver.points", "9")));
        Assert.That(await app.Rows("select count(*) from register.catalogue_driver", row => row.GetInt64(0)), Is.EqualTo(new[] { 0L }));
    }
}
