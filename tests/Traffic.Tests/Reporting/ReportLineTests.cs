using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using NUnit.Framework;

namespace Traffic.Tests.Reporting;

/// <summary>From the front door to the figure, and from the figure back to its records.</summary>
[Category("Postgres")]
public sealed class ReportLineTests
{
    TrafficApp app = null!;

    [OneTimeSetUp]
    public async Task Start() => app = await TrafficApp.Start();

    [OneTimeTearDown]
    public async Task Stop() => await app.DisposeAsync();

    [Test]
    public async Task A_record_reaches_the_report_and_a_past_asOf_is_answered_as_it_was_then()
    {
        await Speeding("152502", days: 3, count: 3);
        await Speeding("152531", days: 3, count: 2);
        var asked = $"/api/v1/reports/offences?from={Day(3)}&to={Day(2)}&groupBy=family,division";

        var first = await Get(asked);
        await Speeding("152502", days: 2, count: 4);
        var second = await Get(asked);
        var past = await Get($"{asked}&asOf={first["asOf"]}");

        Assert.Multiple(() =>
        {
            Assert.That((long)first["total"]!, Is.EqualTo(5));
            Assert.That((long)second["total"]!, Is.EqualTo(9));
            Assert.That(past["rows"]!.ToJsonString(), Is.EqualTo(first["rows"]!.ToJsonString()));
            Assert.That((long)past["asOf"]!, Is.EqualTo((long)first["asOf"]!));
            Assert.That((long)second["ledger"]!["accepted"]!, Is.EqualTo((long)second["ledger"]!["stored"]!));
            Assert.That(first["rows"]![0]!["title"]!["zh"]!.ToString(), Is.EqualTo("超速 · 锡林浩特市"));
        });
        await EveryRowOpens(second);
        await EveryRowOpens(past);
    }

    [Test]
    public async Task An_answer_can_be_read_as_it_stands_and_its_links_copied()
    {
        await Speeding("152502", days: 30, count: 1);

        using var answer = await app.Http.GetAsync($"/api/v1/reports/offences?from={Day(30)}&to={Day(30)}&groupBy=family,division");
        var text = await answer.Content.ReadAsStringAsync();

        Assert.That(text, Does.Contain("超速 · 锡林浩特市").And.Contain($"?from={Day(30)}&to={Day(30)}&"));
        Assert.That(answer.Headers.GetValues("X-Content-Type-Options"), Is.EqualTo(new[] { "nosniff" }));
    }

    [Test]
    public async Task A_file_is_of_the_kind_that_is_asked_for_however_it_is_written()
    {
        using var answer = await app.Http.GetAsync($"/api/v1/reports/offences.CSV?from={Day(40)}&to={Day(40)}");

        Assert.That(answer.Content.Headers.ContentType?.MediaType, Is.EqualTo("text/csv"));
    }

    [TestCase("offences", "family=speding", "family")]
    [TestCase("records", "entry=nix", "entry")]
    [TestCase("records", "vehicleClass=Car", "vehicleClass")]
    [TestCase("offences", "origin=nix", "origin")]
    [TestCase("targets", "origin=nix", "origin")]
    [TestCase("offences", "family=,", "family")]
    [TestCase("offences", "status=%20", "status")]
    [TestCase("records", "points=,", "points")]
    [TestCase("activity", "cube=crashes&origin=nix", "origin")]
    [TestCase("offences", "limit=5", "limit")]
    [TestCase("offences.csv", "limit=5", "limit")]
    [TestCase("records.csv", "limit=5&after=253402300799999999_00000000000000000000000000000000", "after,limit")]
    [TestCase("records", "groupBy=day", "groupBy")]
    [TestCase("targets", "family=speeding", "family")]
    [TestCase("targets", "below=false", "below")]
    [TestCase("records", "after=-199999999999999999_00000000000000000000000000000000", "after")]
    [TestCase("records", "after=-62135596800000000_00000000000000000000000000000000", "after")]
    [TestCase("records", "after=253402300799999999_00000000000000000000000000000000", "after")]
    [TestCase("activity", "cube=crashes&status=bogus", "status")]
    [TestCase("activity", "cube=crashes&deaths=many", "deaths")]
    [TestCase("activity", "cube=crashes&keyVehicle=maybe", "keyVehicle")]
    [TestCase("offences", "tree=77", "tree")]
    [TestCase("records", "unitLevel=2", "unitLevel")]
    [TestCase("campaigns", "x=1", "from,to,x")]
    public async Task A_word_that_nobody_knows_is_a_slip_and_no_figure_of_nought(string report, string filter, string named)
    {
        using var answer = await app.Http.GetAsync($"/api/v1/reports/{report}?from={Day(40)}&to={Day(40)}&{filter}");

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["errors"]!.AsObject().Select(one => one.Key).Order(), Is.EqualTo(named.Split(',')));
        Assert.That((long)(await Get($"/api/v1/reports/offences?from={Day(40)}&to={Day(40)}&family=fatigue"))["total"]!, Is.Zero, "a known word of which there is none");
    }

    [Test]
    public async Task A_list_may_have_200_values_and_is_told_so()
    {
        using var answer = await app.Http.GetAsync($"/api/v1/reports/records?from={Day(40)}&to={Day(40)}&lang=en&item={string.Join(',', Enumerable.Range(0, 201))}");

        Assert.That((int)answer.StatusCode, Is.EqualTo(400));
        Assert.That((string)JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["errors"]!["item"]![0]!, Is.EqualTo("There can be 200 values at most."));
    }

    [TestCase("entry")]
    [TestCase("family")]
    [TestCase("division")]
    [TestCase("day")]
    [TestCase("week")]
    [TestCase("month")]
    [TestCase("shift")]
    [TestCase("source")]
    [TestCase("vehicleClass")]
    [TestCase("status")]
    [TestCase("week,entry")]
    public async Task Each_way_of_grouping_adds_up_to_the_same_total(string groupBy)
    {
        await Speeding("152525", days: 5, count: 2);
        await Speeding("152525", days: 14, count: 1);

        var report = await Get($"/api/v1/reports/offences?from={Day(30)}&to={Day(1)}&division=152525&groupBy={groupBy}");
        var past = await Get($"/api/v1/reports/offences?from={Day(30)}&to={Day(1)}&division=152525&groupBy={groupBy}&asOf={report["asOf"]}");

        Assert.That((long)report["total"]!, Is.Positive);
        Assert.That(past["rows"]!.ToJsonString(), Is.EqualTo(report["rows"]!.ToJsonString()));
        await EveryRowOpens(report);
    }

    [Test]
    public async Task A_division_counts_all_below_it_and_the_list_is_read_page_by_page()
    {
        await Speeding("152526", days: 4, count: 3);
        var figure = $"from={Day(4)}&to={Day(4)}&division=152526";
        var list = await Get($"/api/v1/reports/records?{figure}&limit=2");
        var ids = list["records"]!.AsArray().Select(record => record!["recordId"]!.ToString()).ToList();
        ids.AddRange((await Get(list["next"]!.ToString()))["records"]!.AsArray().Select(record => record!["recordId"]!.ToString()));

        Assert.That((long)list["total"]!, Is.EqualTo(ids.Count).And.EqualTo(ids.Distinct().Count()));
        var league = await Get($"/api/v1/reports/offences?from={Day(4)}&to={Day(4)}&division=152500");
        Assert.That((long)league["total"]!, Is.GreaterThanOrEqualTo(ids.Count));
        Assert.That(list.ToJsonString(), Does.Not.Contain("蒙H").And.Not.Contain("plate"));
    }

    [Test]
    public async Task A_target_line_without_data_says_so_and_never_zero()
    {
        var board = await Get("/api/v1/reports/targets?campaign=summer-2022");

        Assert.That(board["lines"]!.AsArray().Select(line => line!["status"]!.ToString()), Is.All.EqualTo("noData"));
        Assert.That(board["lines"]!.AsArray().Select(line => line!["value"]), Is.All.Null);
    }

    [Test]
    public async Task A_target_line_with_data_opens_to_its_records()
    {
        await Speeding("152527", days: 6, count: 6);
        var board = await Get($"/api/v1/reports/targets?campaign=summer-2022-offences&division=152527&from={Day(6)}&to={Day(6)}");
        var speeding = board["lines"]!.AsArray().Single(line => line!["id"]!.ToString() == "drop.speeding")!;

        Assert.That((string)speeding["reasonCode"]!, Is.EqualTo("baseline"));
        Assert.That((long)(await Get(speeding["records"]!.ToString()))["total"]!, Is.EqualTo((long)speeding["value"]!).And.EqualTo(6));
        var overload = board["lines"]!.AsArray().Single(line => line!["id"]!.ToString() == "zero.coach-overload")!;
        Assert.That((decimal)overload["value"]!, Is.Zero, "there are records of that day and place: none of a coach is a real 0");
        Assert.That((string)overload["status"]!, Is.EqualTo("met"));
    }

    [Test]
    public async Task A_future_asOf_is_refused()
    {
        var answer = await app.Http.GetAsync($"/api/v1/reports/offences?from={Day(3)}&to={Day(1)}&asOf=999999999");

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Conflict), await answer.Content.ReadAsStringAsync());
    }

    [Test]
    public async Task Every_wrong_parameter_is_named_at_once()
    {
        var answer = await app.Http.GetAsync("/api/v1/reports/offences?from=2022-02-30&groupBy=officer&division=110101&status=good&asOf=-1&farbe=rot");
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(problem["errors"]!.AsObject().Select(error => error.Key),
            Is.EquivalentTo(["from", "to", "groupBy", "division", "status", "asOf", "farbe"]));
    }

    /// <summary>Whatever a row counts, its link lists exactly as many.</summary>
    async Task EveryRowOpens(JsonNode report)
    {
        Assert.That((long)(await Get(report["records"]!.ToString()))["total"]!, Is.EqualTo((long)report["total"]!));
        foreach (var row in report["rows"]!.AsArray())
            Assert.That((long)(await Get(row!["records"]!.ToString()))["total"]!, Is.EqualTo((long)row["count"]!), row.ToJsonString());
    }

    async Task Speeding(string division, int days, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var answer = await app.Http.PostAsJsonAsync("/api/v1/violations", new
            {
                recordId = Guid.NewGuid(), source = i % 2 == 0 ? "roadsideCheck" : "nightInspection",
                occurredAt = new DateTimeOffset(app.Now.Date, TimeSpan.Zero).AddDays(-days).AddHours(i % 2 == 0 ? 4 : 15).AddMinutes(i),
                divisionCode = division, roadKind = "urban", plate = "蒙H00001", plateType = "02", vehicleType = "K33", useNature = "A",
                offenceKind = "speeding",
                measurements = new object[]
                {
                    new { quantity = "speed", value = 80, unit = "km/h" }, new { quantity = "speedLimit", value = 50, unit = "km/h" },
                },
            });
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Created), await answer.Content.ReadAsStringAsync());
        }
        await app.NothingInFlight();
    }

    /// <summary>So many days ago; the records above are made at 12:00 and 23:00 local, so that local and UTC day agree.</summary>
    string Day(int ago) => app.Now.AddDays(-ago).ToString("yyyy-MM-dd", null);

    async Task<JsonNode> Get(string address)
    {
        var answer = await app.Http.GetAsync(address);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), $"{address}: {text}");
        return JsonNode.Parse(text)!;
    }
}
