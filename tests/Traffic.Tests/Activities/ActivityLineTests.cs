using System.Net;
using NUnit.Framework;

namespace Traffic.Tests.Activities;

/// <summary>Crashes, dangers, observations, sessions, points and visits from the front door to the cells they count in.</summary>
[Category("Postgres")]
public sealed class ActivityLineTests
{
    TrafficApp app = null!;

    [SetUp]
    public async Task Start() => app = await TrafficApp.Start();

    [TearDown]
    public async Task Stop()
    {
        await app.NothingInFlight();
        await app.CountsAgree();
        await app.DisposeAsync();
    }

    [Test]
    public async Task A_crash_is_counted_once_however_often_it_is_sent()
    {
        var crash = app.Crash();
        var first = await app.Post("crashes", crash);
        var again = await app.Post("crashes", crash);
        var other = await app.Post("crashes", crash.With("dead", 2));
        await app.NothingInFlight();

        Assert.That((first.Status, again.Status, other.Status), Is.EqualTo((HttpStatusCode.Created, HttpStatusCode.OK, HttpStatusCode.Conflict)), first.Body.ToJsonString());
        foreach (var member in new[] { "recordId", "activityId", "revision", "sequence", "sha256", "receivedAt" })
            Assert.That($"{again.Body[member]}", Is.EqualTo($"{first.Body[member]}").And.Not.Empty, member);
        Assert.That((string)other.Body["type"]!, Is.EqualTo("urn:traffic:record-id-taken"));
        Assert.That((await app.Cells("crashes"), await app.Cells("deaths"), await app.Cells("injured"), await app.Cells("loss")), Is.EqualTo((1, 1, 2, 35_000)));
        Assert.That(await app.Cells("crashes", "1-2|no|yes|yes|nationalOrProvincial|speeding|none|confirmed|-"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_death_that_follows_later_counts_on_the_day_of_the_crash()
    {
        var crash = app.Crash(dead: 2);
        var id = await app.Taken("crashes", crash);
        await app.Taken($"crashes/{id}/revisions", crash.With("dead", 3).With("injured", 1).Again(supersedes: 1));

        Assert.That((await app.Cells("crashes", "1-2|%"), await app.Cells("crashes", "3-9|%"), await app.Cells("deaths"), await app.Cells("injured")), Is.EqualTo((0, 1, 3, 1)));
        var found = await app.Get($"crashes/{id}");
        Assert.That((int)found["revision"]!, Is.EqualTo(2));
        Assert.That((string)found["standing"]!["day"]!, Is.EqualTo(app.Day(3)));
        Assert.That(found["reports"]!.AsArray().Select(one => (int)one!["report"]!["crash"]!["dead"]!), Is.EqualTo(new[] { 2, 3 }), "history stays readable");
    }

    [Test]
    public async Task Of_two_revisions_at_once_one_is_taken_and_the_other_is_told_so()
    {
        var crash = app.Crash();
        var id = await app.Taken("crashes", crash);
        for (var revision = 1; revision <= 5; revision++)
        {
            var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(client =>
                app.Post($"crashes/{id}/revisions", crash.With("dead", client).With("note", "更正").Again(revision))));
            Assert.That(answers.Count(one => one.Status == HttpStatusCode.Created), Is.EqualTo(1));
            Assert.That(answers.Where(one => one.Status != HttpStatusCode.Created).Select(one => (string)one.Body["type"]!), Is.All.EqualTo("urn:traffic:superseded"));
        }
        await app.NothingInFlight();
        var found = await app.Get($"crashes/{id}");
        Assert.That((int)found["revision"]!, Is.EqualTo(6));
        Assert.That(await app.Cells("deaths"), Is.EqualTo((long)(int)found["reports"]![5]!["report"]!["crash"]!["dead"]!));
    }

    [Test]
    public async Task One_report_sent_by_16_clients_at_once_with_two_contents_is_taken_once()
    {
        for (var round = 0; round < 5; round++)
        {
            var report = app.Observation();
            var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(client => app.Post("observations", client % 2 == 0 ? report : report.With("place", "另"))));
            Assert.That(answers.Count(one => one.Status == HttpStatusCode.Created), Is.EqualTo(1));
            Assert.That(answers.Count(one => one.Status == HttpStatusCode.OK), Is.EqualTo(7));
            Assert.That(answers.Count(one => one.Status == HttpStatusCode.Conflict), Is.EqualTo(8));
        }
        await app.NothingInFlight();
        Assert.That((await app.Cells("observations"), await app.Cells("observations", "overall|compliant|%")), Is.EqualTo((600, 485)));
    }

    [Test]
    public async Task A_danger_found_cleared_and_reopened_moves_the_stock()
    {
        var id = await app.Taken("dangers", app.Danger(daysAgo: 10));
        Assert.That(await app.Cells("dangers"), Is.EqualTo(1));
        await app.Taken($"dangers/{id}/clearings", app.Change(daysAgo: 5, supersedes: 1));
        Assert.That((await app.Cells("dangers"), await app.Cells("dangers", "%|found|%"), await app.Cells("dangers", "%|cleared|%")), Is.EqualTo((0, 1, -1)));
        await app.Taken($"dangers/{id}/reopenings", app.Change(daysAgo: 2, supersedes: 2));

        Assert.That((await app.Cells("dangers"), await app.Cells("dangers", "inspection-overdue|vehicle|reopened|confirmed|-")), Is.EqualTo((1, 1)));
        var stock = await app.Get($"reports/targets?campaign=summer-2022&from={app.Day(20)}&to={app.Day(4)}");
        var now = await app.Get($"reports/targets?campaign=summer-2022&from={app.Day(1)}&to={app.Day(0)}");
        Assert.That((int)stock["lines"]![1]!["value"]!, Is.EqualTo(0), "cleared five days ago");
        Assert.That((int)now["lines"]![1]!["value"]!, Is.EqualTo(1), "open now, though it came in before the window");
    }

    [Test]
    public async Task A_zero_reached_before_the_window_is_met_and_not_without_data()
    {
        var danger = await app.Taken("dangers", app.Danger(daysAgo: 40));
        var nothing = await Line("&division=152501");
        await app.Taken($"dangers/{danger}/clearings", app.Change(daysAgo: 30, supersedes: 1));
        var line = await Line("");

        Assert.That(((string)line["status"]!, (int?)line["value"], (int)line["stock"]!["start"]!), Is.EqualTo(("met", (int?)0, 0)), line.ToJsonString());
        Assert.That(((string)nothing["status"]!, (int?)nothing["value"]), Is.EqualTo(("noData", (int?)null)), "where none was ever found nothing is known");

        async Task<System.Text.Json.Nodes.JsonNode> Line(string query) =>
            (await app.Get($"reports/targets?campaign=hundred-days&from={app.Day(20)}&to={app.Day(0)}{query}"))["lines"]!.AsArray()
                .Single(one => (string)one!["id"]! == "zero.key-vehicles")!;
    }

    [Test]
    public async Task A_session_counts_planned_and_actual_officer_minutes()
    {
        var id = await app.Taken("sessions", app.Session());
        Assert.That((await app.Cells("sessions", "%|open|%"), await app.Cells("officerMinutesPlanned"), await app.Cells("officerMinutes")), Is.EqualTo((1, 12 * 240, 0)));
        await app.Taken($"sessions/{id}/closing", app.Closing());

        Assert.That((await app.Cells("sessions", "%|open|%"), await app.Cells("sessions", "%|closed|%")), Is.EqualTo((0, 1)));
        Assert.That((await app.Cells("officerMinutes"), await app.Cells("vehiclesChecked"), await app.Cells("personsChecked")), Is.EqualTo((10 * 300, 210, 388)));
        Assert.That((string)(await app.Get($"sessions/{id}"))["standing"]!["day"]!, Is.EqualTo(app.Day(2)), "a night belongs to the day it was planned to begin");
    }

    [Test]
    public async Task A_planned_visit_is_proven_once()
    {
        var point = await app.Taken("points", app.Point());
        await app.Taken("visits", app.Visit(point, nth: 1));
        await app.Taken("visits", app.Visit(point, nth: 2));
        var twice = await app.Post("visits", app.Visit(point, nth: 2));

        Assert.That((twice.Status, (string)twice.Body["type"]!), Is.EqualTo((HttpStatusCode.Conflict, "urn:traffic:superseded")));
        Assert.That((await app.Cells("visitsPlanned"), await app.Cells("visitsProven")), Is.EqualTo((20, 2)));
    }

    [Test]
    public async Task What_is_voided_counts_as_voided_and_can_no_longer_change()
    {
        var crash = app.Crash();
        var id = await app.Taken("crashes", crash);
        await app.Taken($"crashes/{id}/void", Sent.Void(1));

        Assert.That((await app.Cells("deaths", "%|confirmed|-"), await app.Cells("deaths", "%|voided|-")), Is.EqualTo((0, 1)));
        var later = await app.Post($"crashes/{id}/revisions", crash.Again(2));
        Assert.That((later.Status, (string)later.Body["codes"]![0]!), Is.EqualTo((HttpStatusCode.BadRequest, "intake.voided")));
        Assert.That((string)(await app.Get($"crashes/{id}"))["reports"]![1]!["report"]!["voided"]!["secondPerson"]!, Is.EqualTo("P002"));
    }

    [Test]
    public async Task Every_page_of_a_list_of_all_statuses_has_its_total()
    {
        await app.Taken("crashes", app.Crash());
        var voided = await app.Taken("crashes", app.Crash().With("occurredAt", app.At(2, 9)));
        await app.Taken($"crashes/{voided}/void", Sent.Void(1));
        var first = await app.Get($"reports/activity?cube=crashes&from={app.Day(9)}&to={app.Day(0)}&status=all&limit=1");
        var second = await app.Get(((string)first["next"]!)["/api/v1/".Length..]);

        Assert.That(((long)first["total"]!, (long)second["total"]!, (string)second["items"]![0]!["activityId"]!), Is.EqualTo((2, 2, $"{voided}")));
    }

    [Test]
    public async Task What_is_personal_is_sealed_in_the_log_and_opened_to_who_asks()
    {
        var id = await app.Taken("dangers", app.Danger());
        await app.Taken($"dangers/{id}/clearings", app.Change(1, 1));
        var logged = await Traffic.Tests.Register.Sent.Rows(app, "select convert_from(body, 'utf8') from platform.log", row => row.GetString(0));
        var stored = await Traffic.Tests.Register.Sent.Rows(app, "select detail::text from register.activity", row => row.GetString(0));

        Assert.That(logged.Concat(stored), Has.None.Contains("蒙H00001").And.None.Contains("备注"));
        var reports = (await app.Get($"dangers/{id}"))["reports"]!;
        Assert.That((string)reports[0]!["report"]!["plate"]!, Is.EqualTo("蒙H00001"));
        Assert.That(reports[1]!["report"]!["plate"], Is.Null, "a clearing repeats nothing personal");
    }
}
