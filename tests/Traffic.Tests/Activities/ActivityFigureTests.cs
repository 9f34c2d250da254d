using System.Text.Json.Nodes;
using NUnit.Framework;
using Traffic.Simulator;

namespace Traffic.Tests.Activities;

/// <summary>A whole synthetic campaign beside violations: every figure equals the truth it was made with, opens to its records, and stays as it was.</summary>
[Category("Postgres")]
public sealed class ActivityFigureTests
{
    static readonly DateOnly End = new(2024, 9, 30);

    TrafficApp app = null!;
    IReadOnlyList<SimulatedActivity> reports = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        app = await TrafficApp.Start();
        reports = new CampaignActivities(7, End).Reports();
        var sent = await new Sender(app.Http).Send(reports, 500, null, default);
        Assert.That((sent.Accepted, sent.Answered), Is.EqualTo(((long)reports.Count, (long)reports.Count)));
        await app.NothingInFlight();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await app.CountsAgree();
        await app.DisposeAsync();
    }

    long Truth(string cube, DateOnly from, DateOnly to, string? division = null) => reports.SelectMany(report => report.Counts)
        .Where(count => count.Cube == cube && count.Day >= from && count.Day <= to && (division is null || count.Division == division)).Sum(count => count.Value);

    static string Window(DateOnly from, DateOnly to) => $"from={from:yyyy-MM-dd}&to={to:yyyy-MM-dd}";

    [TestCase("crashes"), TestCase("deaths"), TestCase("injured"), TestCase("loss"), TestCase("observations"), TestCase("sessions"), TestCase("vehiclesChecked"),
     TestCase("personsChecked"), TestCase("officerMinutes"), TestCase("officerMinutesPlanned"), TestCase("visitsPlanned"), TestCase("visitsProven")]
    public async Task Every_figure_equals_the_truth_in_both_years_and_opens_to_as_much(string cube)
    {
        foreach (var to in new[] { End, End.AddYears(-1) })
            foreach (var division in new[] { null, "152502" })
            {
                var from = to.AddDays(-99);
                var list = await app.Get($"reports/activity?cube={cube}&{Window(from, to)}{(division is null ? "" : $"&division={division}")}&limit=500");
                var shown = list["items"]!.AsArray().Sum(one => (long)one!["value"]!);
                for (var page = list; (string?)page["next"] is { } next; shown += page["items"]!.AsArray().Sum(one => (long)one!["value"]!))
                    page = await app.Get(next["/api/v1/".Length..]);

                Assert.That((long)list["total"]!, Is.EqualTo(Truth(cube, from, to, division)).And.GreaterThan(0));
                Assert.That(shown, Is.EqualTo((long)list["total"]!), "the list adds up to the figure");
            }
    }

    [Test]
    public async Task The_board_has_a_figure_in_all_six_lines_and_each_opens()
    {
        var board = await app.Get($"reports/targets?campaign=hundred-days&{Window(End.AddDays(-99), End)}");
        var lines = board["lines"]!.AsArray();

        Assert.That(lines.Select(line => (string)line!["status"]!), Has.None.EqualTo("noData"));
        Assert.That((long)lines[1]!["value"]! + (long)lines[2]!["value"]!, Is.EqualTo(Truth("dangers", DateOnly.MinValue, End)));
        Assert.That((long)lines[3]!["value"]!, Is.EqualTo(Truth("crashes", End.AddDays(-99), End)));
        Assert.That((long)lines[4]!["baseline"]!, Is.EqualTo(Truth("deaths", End.AddDays(-99).AddYears(-1), End.AddYears(-1))));
        foreach (var line in lines.Skip(1))
        {
            var list = await app.Get(((string)line!["records"]!)["/api/v1/".Length..]);
            Assert.That((long)list["total"]!, Is.EqualTo((long)line["value"]!), (string)line["id"]!);
        }
        var rate = await app.Get(((string)lines[0]!["records"]!)["/api/v1/".Length..]);
        var overall = Truth("observations overall compliant", End.AddDays(-99), End);
        Assert.That((long)rate["total"]!, Is.EqualTo(overall), "the numerator's records");
    }

    [Test]
    public async Task Crashes_in_which_nobody_died_are_0_deaths_and_a_day_nobody_reported_says_nothing()
    {
        var day = new DateOnly(2025, 5, 3);
        await app.Taken("crashes", app.Crash(dead: 0, injured: 0).With("occurredAt", $"{day:yyyy-MM-dd}T10:00:00+08:00"));
        async Task<JsonNode> Deaths(DateOnly on) =>
            (await app.Get($"reports/targets?campaign=hundred-days&{Window(on, on)}"))["lines"]!.AsArray().Single(line => (string)line!["id"]! == "drop.deaths")!;

        Assert.That((decimal?)(await Deaths(day))["value"], Is.Zero);
        Assert.That((decimal?)(await Deaths(day.AddDays(1)))["value"], Is.Null);
    }

    [Test]
    public async Task A_past_asOf_answers_as_it_did_then()
    {
        string[] questions =
        [
            .. new[] { "crashes", "deaths", "injured", "loss", "observations", "sessions", "officerMinutes", "visitsPlanned", "visitsProven" }
                .Select(cube => $"reports/activity?cube={cube}&{Window(End.AddDays(-99), End)}"),
            $"reports/activity?cube=dangers&to={End:yyyy-MM-dd}",
        ];
        var board = $"reports/targets?campaign=hundred-days&{Window(End.AddDays(-99), End)}";
        var then = await Task.WhenAll(questions.Select(app.Get));
        var boardThen = await app.Get(board);
        var asOf = (long)boardThen["asOf"]!;
        Assert.That(then.Select(one => (long)one["asOf"]!), Is.All.EqualTo(asOf));

        var crash = (await app.Get($"reports/activity?cube=crashes&{Window(End.AddDays(-99), End)}&limit=1"))["items"]![0]!;
        var danger = (await app.Get($"reports/activity?cube=dangers&to={End:yyyy-MM-dd}&limit=1"))["items"]![0]!;
        await app.Taken($"crashes/{crash["activityId"]}/void", Sent.Void((int)crash["revision"]!));
        await app.Taken($"dangers/{danger["activityId"]}/clearings", app.Change(0, (int)danger["revision"]!).With("changedAt", $"{End:yyyy-MM-dd}T20:00:00+08:00"));
        await app.Taken("crashes", app.Crash().With("occurredAt", $"{End:yyyy-MM-dd}T10:00:00+08:00"));

        for (var i = 0; i < questions.Length; i++)
        {
            var now = await app.Get($"{questions[i]}&asOf={asOf}");
            Assert.That(((long)now["total"]!, (long)now["count"]!), Is.EqualTo(((long)then[i]["total"]!, (long)then[i]["count"]!)), questions[i]);
        }
        var boardNow = await app.Get($"{board}&asOf={asOf}");
        Assert.That(boardNow["lines"]!.AsArray().Select(line => $"{line!["value"]} {line["baseline"]} {line["status"]}"),
            Is.EqualTo(boardThen["lines"]!.AsArray().Select(line => $"{line!["value"]} {line["baseline"]} {line["status"]}")));
        Assert.That((long)(await app.Get(questions[^1]))["total"]!, Is.EqualTo((long)then[^1]["total"]! - 1), "and today's has moved");

        // As it was for whoever runs next.
        reports = [.. reports, new([], Moved(crash, danger))];
    }

    static List<SimulatedCount> Moved(JsonNode crash, JsonNode danger)
    {
        var (division, day) = ((string)crash["division"]!, DateOnly.Parse((string)crash["day"]!, System.Globalization.CultureInfo.InvariantCulture));
        var detail = crash["detail"]!;
        return
        [
            new("crashes", division, day, -1), new("deaths", division, day, -(long)detail["dead"]!), new("injured", division, day, -(long)detail["injured"]!),
            new("loss", division, day, -(long)detail["lossCny"]!), new("crashes", "152502", End, 1), new("deaths", "152502", End, 1),
            new("injured", "152502", End, 2), new("loss", "152502", End, 35_000), new("dangers", (string)danger["division"]!, End, -1),
        ];
    }

    [Test]
    public async Task Planned_and_actual_stand_side_by_side_and_open()
    {
        var (from, to) = (End.AddDays(-99), End);
        var duty = await app.Get($"reports/duty?{Window(from, to)}");
        var whole = duty["whole"]!;

        Assert.That((decimal)whole["officerHours"]!["planned"]!, Is.EqualTo(Math.Round(Truth("officerMinutesPlanned", from, to) / 60m, 1, MidpointRounding.AwayFromZero)));
        Assert.That((decimal)whole["officerHours"]!["actual"]!, Is.EqualTo(Math.Round(Truth("officerMinutes", from, to) / 60m, 1, MidpointRounding.AwayFromZero)));
        Assert.That((decimal)whole["visits"]!["percent"]!,
            Is.EqualTo(Math.Round(Truth("visitsProven", from, to) * 100m / Truth("visitsPlanned", from, to), 1, MidpointRounding.AwayFromZero)));
        Assert.That(duty["divisions"]!.AsArray().Sum(row => (decimal)row!["visits"]!["actual"]!), Is.EqualTo(Truth("visitsProven", from, to)), "the parts add up");
        var proven = await app.Get(((string)whole["visits"]!["actualRecords"]!)["/api/v1/".Length..]);
        Assert.That((long)proven["total"]!, Is.EqualTo(Truth("visitsProven", from, to)));
        var nothing = await app.Get("reports/duty?from=2010-01-01&to=2010-02-01");
        Assert.That(nothing["whole"]!["visits"]!["percent"], Is.Null, "nothing planned is no share, neither 0 nor 100 %");
    }

    [TestCase("cube=violations&from=2024-01-01&to=2024-02-01", "cube")]
    [TestCase("cube=nothing&from=2024-01-01&to=2024-02-01", "cube")]
    [TestCase("cube=crashes&to=2024-02-01", "from")]
    [TestCase("cube=crashes&from=2024-01-01", "to")]
    [TestCase("cube=crashes&from=2024-02-02&to=2024-02-01", "from")]
    [TestCase("cube=crashes&from=2024-01-01&to=2024-02-01&kind=source", "kind")]
    [TestCase("cube=crashes&from=2024-01-01&to=2024-02-01&division=999999", "division")]
    [TestCase("cube=crashes&from=2024-01-01&to=2024-02-01&after=x", "after")]
    public async Task A_question_that_cannot_be_answered_is_refused_by_name(string query, string member)
    {
        using var answer = await app.Http.GetAsync($"/api/v1/reports/activity?{query}");
        Assert.That((int)answer.StatusCode, Is.EqualTo(400));
        Assert.That(JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["errors"]!.AsObject().Select(one => one.Key), Does.Contain(member));
    }
}
