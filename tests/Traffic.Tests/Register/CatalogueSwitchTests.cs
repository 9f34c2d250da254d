using System.Net;
using System.Text.Json.Nodes;
using Npgsql;
using NUnit.Framework;
using Traffic.Simulator;

namespace Traffic.Tests.Register;

/// <summary>A release beside other releases, beside the daily work, and cut off in the middle.</summary>
[Category("Postgres")]
public sealed class CatalogueSwitchTests
{
    static readonly string InForce = File.ReadAllText(Path.Combine(Repository.Root, "schemas/catalogue/2022-04-01.json"));

    static string RedLight(int points) => CatalogueFolders.Replaced(InForce, "red-light.motor", "\"points\": 6", $"\"points\": {points}");

    /// <summary>Officers' records: a camera's cost no points.</summary>
    static string SeatBelt(int points) => CatalogueFolders.Replaced(InForce, "seat-belt.driver", "\"points\": 1", $"\"points\": {points}");

    [Test]
    public async Task Of_two_releases_at_once_one_wins_and_the_other_is_told()
    {
        await using var app = await TrafficApp.Start();

        var answers = await Task.WhenAll(new[] { 1, 3, 9, 12 }.Select(points => app.TryRelease(RedLight(points))));

        Assert.That(answers.Count(answer => answer.StatusCode == HttpStatusCode.Accepted), Is.GreaterThanOrEqualTo(1));
        foreach (var answer in answers.Where(answer => answer.StatusCode != HttpStatusCode.Accepted))
        {
            var told = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
            Assert.That((answer.StatusCode, (string?)told["code"]), Is.EqualTo((HttpStatusCode.Conflict, "other")).Or.EqualTo((HttpStatusCode.Conflict, "reDeciding")));
        }
        Assert.That(await app.Rows("select count(*) from register.catalogue", row => row.GetInt64(0)),
            Is.EqualTo(new[] { 1L + answers.Count(answer => answer.StatusCode == HttpStatusCode.Accepted) }));
        Assert.That(await app.Rows("select count(*) from register.catalogue where supersedes is not null group by supersedes having count(*) > 1", row => row.GetInt64(0)), Is.Empty);
    }

    [Test]
    public async Task A_release_in_the_future_needs_no_mark_and_touches_nothing()
    {
        await using var app = await TrafficApp.Start();
        var record = await app.Officer(app.RedLight());
        var ended = InForce.Replace("\"inForceUntil\": null", "\"inForceUntil\": \"2098-12-31\"", StringComparison.Ordinal);
        var future = RedLight(3).Replace("\"inForceFrom\": \"2022-04-01\"", "\"inForceFrom\": \"2099-01-01\"", StringComparison.Ordinal);

        var answer = await app.Http.PostAsync("/api/v1/catalogue/releases", System.Net.Http.Json.JsonContent.Create(new
        {
            files = new[] { new { name = "2022-04-01.json", text = ended }, new { name = "2099-01-01.json", text = future } },
            by = "analyst-1", secondPerson = "jurist-2", reason = "the law of 2099", effective = "2099-01-01",
        }));
        var released = await app.Done(answer);

        Assert.That(((string?)released["changesFrom"], (long?)released["moved"]!["changed"], (bool?)released["retroactive"]), Is.EqualTo(("2099-01-01", 0L, false)));
        Assert.That((await app.Standing(record)).Revision, Is.EqualTo(1));
    }

    /// <summary>Whatever is registered while versions change, every record ends decided by the last one, once.</summary>
    [Test]
    public async Task Versions_that_change_under_load_leave_every_record_decided_by_the_last_one()
    {
        await using var app = await TrafficApp.Start();
        await using var second = await TrafficApp.Start(on: app.Database);
        var sending = Task.WhenAll(new[] { (app, 1), (second, 2) }.Select(one => new Sender(one.Item1.Http).Send(
            new Campaign(one.Item2, DateOnly.FromDateTime(app.Now.UtcDateTime)).Records(3_000), 50, null, null, default)));

        foreach (var points in new[] { 3, 9, 12 })
            await app.Release(SeatBelt(points), wait: false);
        await second.Undo("4", wait: false);
        await sending;
        await app.NothingInFlight();

        // The same law in other bytes: a preview of it must find nothing to change.
        var preview = await app.Preview(SeatBelt(9) + "\n");
        Assert.That((long?)preview["moved"]!["changed"], Is.EqualTo(0), preview["moved"]!.ToJsonString());
        Assert.That((long?)preview["moved"]!["examined"], Is.EqualTo(6_000));
        Assert.That(await app.Rows("select distinct points from register.violation where entry = 'seat-belt.driver'", row => row.GetInt32(0)), Is.EqualTo(new[] { 9 }));
        await app.CountsAgree();
    }

    [Test]
    public async Task A_release_killed_half_way_goes_on_at_the_next_start_and_comes_to_the_same()
    {
        await using var database = await TestCluster.CreateDatabase();
        JsonNode preview;
        await using (var app = await TrafficApp.Start(on: database))
        {
            await new Sender(app.Http).Send(new Campaign(3, DateOnly.FromDateTime(app.Now.UtcDateTime)).Records(12_000), 500, null, null, default);
            await app.NothingInFlight();
            preview = await app.Preview(SeatBelt(3));
        }
        await using var holder = NpgsqlDataSource.Create(database.ConnectionString);
        await using var connection = await holder.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        // One record that would change is held, so that its chunk cannot end: the others can.
        await using (var hold = new NpgsqlCommand("select record_id from register.violation where entry = 'seat-belt.driver' order by position limit 1 for update", connection))
            await hold.ExecuteScalarAsync();

        await using (var host = await Executable.Serve(["serve"], null,
            ("ConnectionStrings:Traffic", database.ConnectionString), ("Traffic:Data", Path.Combine(Path.GetTempPath(), "traffic-test-keys"))))
        {
            var answer = await host.Http.PostAsync("/api/v1/catalogue/releases", System.Net.Http.Json.JsonContent.Create(new
            {
                files = new[] { new { name = "2022-04-01.json", text = SeatBelt(3) } }, by = "analyst-1", secondPerson = "jurist-2", reason = "test", retroactive = true,
            }));
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), await answer.Content.ReadAsStringAsync());
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            while (await Looked(host.Http, limit.Token) is not ("reDeciding", > 0)) { }
            await host.Kill();
        }
        await transaction.RollbackAsync();

        await using (var app = await TrafficApp.Start(on: database))
        {
            var released = await app.Until("/api/v1/catalogue/versions/2", "planned", "reDeciding");
            await app.NothingInFlight();
            Assert.That(released["moved"]!.ToJsonString(), Is.EqualTo(preview["moved"]!.ToJsonString()));
            Assert.That(await app.Rows("select max(revision) from register.violation", row => row.GetInt32(0)), Is.EqualTo(new[] { 2 }), "nothing was decided twice");
            await app.CountsAgree();
        }
    }

    static async Task<(string State, long Looked)> Looked(HttpClient http, CancellationToken cancel)
    {
        var version = JsonNode.Parse(await http.GetStringAsync("/api/v1/catalogue/versions/2", cancel))!;
        return ((string)version["state"]!, (long)version["looked"]!);
    }

    [Test]
    public async Task A_version_that_another_has_superseded_is_not_undone_and_the_one_in_force_is_named()
    {
        await using var app = await TrafficApp.Start();
        var second = (string)(await app.Release(RedLight(3)))["version"]!;
        await app.Release(RedLight(9));

        foreach (var version in new[] { "2", second })
        {
            var answer = await app.TryUndo(version);
            var told = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
            Assert.That((answer.StatusCode, (string?)told["code"]), Is.EqualTo((HttpStatusCode.Conflict, "notInForce")));
            Assert.That((string?)told["title"], Does.Contain(version).And.Contain("第 3 版"));
        }
    }

    [Test]
    public async Task A_preview_names_the_target_lines_that_would_say_otherwise_with_both_figures()
    {
        await using var app = await TrafficApp.Start();
        await app.Officer(app.Drink(Sent.IdNumber(1), 25, hoursAgo: 2));
        await app.Officer(app.Drink(Sent.IdNumber(2), 60, hoursAgo: 2));
        await app.Officer(app.RedLight());
        var from30 = InForce.Replace("\"starts\": { \"from\": 20 }", "\"starts\": { \"from\": 30 }", StringComparison.Ordinal);
        foreach (var entry in new[] { "drink.motor.first", "drink.motor.again", "drink.commercial", "drink.non-motor" })
            from30 = CatalogueFolders.Replaced(from30, entry, "\"from\": 20", "\"from\": 30");

        var preview = await app.Preview(from30);

        var changes = JsonNode.Parse(await app.Http.GetStringAsync($"/api/v1/reports/targets/changes?preview={preview["previewId"]}"))!["lines"]!.AsArray();
        Assert.That(changes.Select(line => $"{line!["campaign"]} {line["division"]} {line["line"]}: {line["before"]!["value"]} > {line["after"]!["value"]}"),
            Is.EqualTo(new[] { "last-hundred-days 152500 raise.found-on-site: 3 > 2", "last-hundred-days 152502 raise.found-on-site: 3 > 2" }));
        Assert.That(JsonNode.Parse(await app.Http.GetStringAsync($"/api/v1/reports/targets/changes?preview={(await app.Preview(RedLight(3)))["previewId"]}"))!["lines"]!.AsArray(),
            Is.Empty, "points alone move no line");
    }

    [Test]
    public async Task A_former_decision_tells_the_version_that_made_it()
    {
        await using var app = await TrafficApp.Start();
        var record = await app.Officer(app.RedLight());
        var first = Law.Example.Catalogue.Version;
        var released = await app.Release(RedLight(3));

        var versions = await app.Rows(
            $"select catalogue_version, points from register.former_standing where record_id = '{record}' union all select catalogue_version, points from register.violation",
            row => (row.GetString(0), row.GetInt32(1)));
        Assert.That(versions, Is.EqualTo(new[] { (first, 6), ((string)released["version"]!, 3) }));
    }
}
