using System.Net;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using NUnit.Framework;
using Traffic.Tests.Activities;

namespace Traffic.Tests.Units;

/// <summary>Figures by unit: rolled up as the tree was on the record's day, adding up to what is there without units, each opening to as much.</summary>
[Category("Postgres")]
public sealed class UnitReportTests
{
    const string League = "152500000000", Xilinhot = "152502000000", Urban = "152502010000", Highway = "152502020000", Erenhot = "152501000000", Unknown = "999999999999";

    TrafficApp app = null!;
    int session;

    /// <summary>Twenty days ago the urban squadron of Xilinhot became Erenhot's.</summary>
    [OneTimeSetUp]
    public async Task Start()
    {
        app = await TrafficApp.Start();
        var (status, said) = await app.Post("units/imports", new JsonObject
        {
            ["importedBy"] = "A. Analyst", ["why"] = "moved", ["source"] = "made up",
            ["files"] = new JsonArray(new JsonObject
            {
                ["name"] = "units.csv", ["text"] = $"code,parent,division,zh,en,validFrom,validTo\n{Urban},{Erenhot},152502,城区中队,Urban Squadron,{app.Day(20)},\n",
            }),
        });
        Assert.That(status, Is.EqualTo(HttpStatusCode.Created), said.ToJsonString());
        // 23:59:59 of the last day of the old order and 00:00:00 of the first of the new, local time.
        await Offence(Urban, $"{app.Day(21)}T23:59:59+08:00");
        await Offence(Urban, $"{app.Day(20)}T00:00:00+08:00");
        await Offence(Urban, app.At(10, 9));
        await Offence(Highway, app.At(10, 9));
        await Offence(Xilinhot, app.At(10, 9));
        await Offence(League, app.At(10, 9));
        await Offence(Unknown, app.At(10, 9));
        await Offence(null, app.At(10, 9));
        foreach (var (unit, days) in new (string?, int)[] { (Urban, 30), (Urban, 10), (Highway, 10), (Xilinhot, 10), (null, 10), (Unknown, 10) })
        {
            var plan = app.Session(days).Without("unitCode");
            if (unit is not null)
                plan["unitCode"] = unit;
            var id = await app.Taken("sessions", plan);
            await app.Taken($"sessions/{id}/closing", app.Closing(days).With("officerIds", new JsonArray([.. Officers(unit, session++ == 2)])).With("officers", 2));
        }
        await app.Taken("crashes", app.Crash().With("unitCode", Urban).With("occurredAt", app.At(10, 9)));
        await app.Taken("crashes", app.Crash().With("unitCode", Highway).With("occurredAt", app.At(10, 9)));
        await app.NothingInFlight();
    }

    /// <summary>P015, P016: of the brigade; P017 to P022: of its urban, P023 to P028 of its highway squadron.</summary>
    static JsonNode[] Officers(string? unit, bool strange) => unit == Highway ? strange ? ["P023", "P001"] : ["P023", "P024"] : ["P017", "X999"];

    [OneTimeTearDown]
    public async Task Stop()
    {
        await app.CountsAgree();
        await app.DisposeAsync();
    }

    async Task Offence(string? unit, string at)
    {
        var record = new JsonObject
        {
            ["recordId"] = Guid.NewGuid(), ["source"] = "roadsideCheck", ["occurredAt"] = at, ["divisionCode"] = "152502", ["roadKind"] = "urban",
            ["plate"] = "蒙H00001", ["plateType"] = "02", ["vehicleType"] = "K33", ["signals"] = new JsonArray("driverNoBelt"),
        };
        if (unit is not null)
            record["unitCode"] = unit;
        var (status, body) = await app.Post("violations", record);
        Assert.That(status, Is.EqualTo(HttpStatusCode.Created), body.ToJsonString());
    }

    string Window => $"from={app.Day(60)}&to={app.Day(0)}";

    async Task<Dictionary<string, long>> By(string query)
    {
        var report = await app.Get($"reports/offences?{Window}&groupBy=unit&{query}");
        Assert.That(report["rows"]!.AsArray().Sum(row => (long)row!["count"]!), Is.EqualTo((long)report["total"]!));
        foreach (var row in report["rows"]!.AsArray())
            Assert.That((long)(await app.Get(((string)row!["records"]!)["/api/v1/".Length..]))["total"]!, Is.EqualTo((long)row["count"]!), row.ToJsonString());
        return report["rows"]!.AsArray().ToDictionary(row => (string)row!["keys"]!["unit"]!, row => (long)row!["count"]!);
    }

    [Test]
    public async Task Grouped_by_unit_it_adds_up_to_what_it_is_ungrouped()
    {
        var total = (long)(await app.Get($"reports/offences?{Window}"))["total"]!;

        Assert.That(await By(""), Is.EquivalentTo(new Dictionary<string, long> { [Urban] = 3, [Highway] = 1, [Xilinhot] = 1, [League] = 1, ["-"] = 2 }));
        Assert.That(await By("unitLevel=2"), Is.EquivalentTo(new Dictionary<string, long> { [Xilinhot] = 3, [Erenhot] = 2, [League] = 1, ["-"] = 2 }),
            "the last second of the old order is Xilinhot's, the first of the new Erenhot's");
        Assert.That(await By("unitLevel=1"), Is.EquivalentTo(new Dictionary<string, long> { [League] = 6, ["-"] = 2 }));
        Assert.That((await By("")).Values.Sum(), Is.EqualTo(total).And.EqualTo(8));
    }

    [TestCase("under=" + Xilinhot, 3), TestCase("under=" + Erenhot, 2), TestCase("under=" + League, 6), TestCase("under=" + Urban, 3), TestCase("unit=-", 2),
     TestCase("unit=" + Xilinhot, 1), TestCase("unit=" + Xilinhot + "&unitLevel=2", 3), TestCase("under=" + Erenhot + "&unit=" + Urban, 2),
     TestCase("under=" + Xilinhot + "&tree=1", 5), TestCase("tree=1", 8), TestCase("tree=1&unitLevel=2", 8), TestCase("under=" + Erenhot + "&tree=1", 0)]
    public async Task A_unit_has_the_records_of_all_who_were_below_it_on_their_day(string query, long count)
    {
        Assert.That((long)(await app.Get($"reports/offences?{Window}&{query}"))["total"]!, Is.EqualTo(count));
        Assert.That((long)(await app.Get($"reports/records?{Window}&{query}"))["total"]!, Is.EqualTo(count));
    }

    [Test]
    public async Task A_second_dimension_divides_further()
    {
        var report = await app.Get($"reports/offences?{Window}&groupBy=unit,month&unitLevel=2");
        Assert.That(report["rows"]!.AsArray().Sum(row => (long)row!["count"]!), Is.EqualTo(8));
        Assert.That(report["rows"]!.AsArray().Select(row => (string)row!["title"]!["zh"]!), Has.Some.Contains("不在单位树内").And.Some.Contains("二连浩特市交通管理大队"));
    }

    [Test]
    public async Task Figures_of_the_tree_add_up_and_every_one_opens()
    {
        var report = await app.Get($"reports/units?{Window}");
        var rows = report["rows"]!.AsArray().Select(row => row!).ToList();

        foreach (var what in new[] { "offences", "sessions", "vehiclesChecked", "personsChecked" })
        {
            long Of(JsonNode figures) => (long)figures[what]!;
            Assert.That(rows.Sum(row => Of(row["own"]!)) + Of(report["outside"]!), Is.EqualTo(Of(report["whole"]!)).And.GreaterThan(0), what);
            Assert.That(rows.Where(row => (int)row["level"]! == 1).Sum(row => Of(row["below"]!)) + Of(report["outside"]!), Is.EqualTo(Of(report["whole"]!)), what);
        }
        long Below(string unit, string what) => (long)rows.Single(row => (string)row["unit"]! == unit)["below"]![what]!;
        Assert.That((Below(Xilinhot, "offences"), Below(Erenhot, "offences"), Below(Urban, "offences")), Is.EqualTo((3, 2, 3)));
        Assert.That((Below(Xilinhot, "sessions"), Below(Erenhot, "sessions"), (long)report["outside"]!["sessions"]!), Is.EqualTo((3, 1, 2)));
        var hours = rows.Single(row => (string)row["unit"]! == Erenhot)["below"]!["officerHours"]!;
        Assert.That(((decimal)hours["planned"]!, (decimal)hours["actual"]!), Is.EqualTo((48m, 10m)), "12 officers planned for 4 hours, 2 there for 5");
        foreach (var figures in new[] { report["whole"]!, report["outside"]!, rows.Single(row => (string)row["unit"]! == Xilinhot)["below"]!, rows.Single(row => (string)row["unit"]! == Urban)["own"]! })
            foreach (var what in new[] { "offences", "sessions", "vehiclesChecked", "personsChecked" })
                Assert.That((long)(await app.Get(((string)figures[what + "Records"]!)["/api/v1/".Length..]))["total"]!, Is.EqualTo((long)figures[what]!), what);
        Assert.That((long)(await app.Get(((string)hours["actualRecords"]!)["/api/v1/".Length..]))["total"]!, Is.EqualTo(600), "in minutes");
    }

    [Test]
    public async Task A_part_of_the_tree_adds_up_by_itself()
    {
        var report = await app.Get($"reports/units?{Window}&under={Xilinhot}");
        var rows = report["rows"]!.AsArray();

        Assert.That(((long)report["whole"]!["offences"]!, rows.Sum(row => (long)row!["own"]!["offences"]!)), Is.EqualTo((3, 3)));
        Assert.That(rows.Select(row => (string)row!["unit"]!), Is.EqualTo(new[] { Xilinhot, Urban, Highway }), "what was below it on some day");
        var urban = rows.Single(row => (string)row!["unit"]! == Urban)!["own"]!;
        Assert.That((long)urban["offences"]!, Is.EqualTo(1), "of the days on which it was");
        Assert.That((long)(await app.Get(((string)urban["offencesRecords"]!)["/api/v1/".Length..]))["total"]!, Is.EqualTo(1));
    }

    /// <summary>The urban squadron was below both for some of the days.</summary>
    [TestCase(Xilinhot), TestCase(Erenhot), TestCase(League)]
    public async Task Every_number_of_a_part_of_the_tree_opens_to_as_much(string under)
    {
        var report = await app.Get($"reports/units?{Window}&under={under}");

        foreach (var row in report["rows"]!.AsArray())
            foreach (var side in new[] { "own", "below", "part" }.Where(side => row![side] is not null))
                foreach (var what in new[] { "offences", "sessions", "vehiclesChecked", "personsChecked" })
                {
                    var list = (string)row![side]![what + "Records"]!;
                    Assert.That((long)(await app.Get(list["/api/v1/".Length..]))["total"]!, Is.EqualTo((long)row[side]![what]!), list);
                }
    }

    [TestCase("under=" + Urban + "&within=" + Xilinhot, 1), TestCase("within=" + Xilinhot, 3), TestCase("under=" + Urban + "&partOf=" + Erenhot, 2),
     TestCase("under=" + Urban + "&partOf=" + League, 0), TestCase("partOf=" + Xilinhot, 2), TestCase("unit=" + Urban + "&within=" + Erenhot, 2)]
    public async Task A_unit_may_be_asked_for_while_it_was_below_another(string query, long count)
    {
        Assert.That((long)(await app.Get($"reports/offences?{Window}&{query}"))["total"]!, Is.EqualTo(count));
        Assert.That((long)(await app.Get($"reports/records?{Window}&{query}"))["total"]!, Is.EqualTo(count));
    }

    [Test]
    public async Task The_page_of_a_unit_adds_up_where_a_part_of_it_went_below_another()
    {
        const string Brigade = "152531000000", Office = "152531010000", Other = "152531020000";
        var (status, said) = await app.Post("units/imports", new JsonObject
        {
            ["importedBy"] = "A. Analyst", ["why"] = "moved within", ["source"] = "made up",
            ["files"] = new JsonArray(new JsonObject
            {
                ["name"] = "units.csv", ["text"] = $"code,parent,division,zh,en,validFrom,validTo\n{Office},{Other},152531,多伦县城区中队,Duolun County Urban Squadron,{app.Day(94)},\n",
            }),
        });
        Assert.That(status, Is.EqualTo(HttpStatusCode.Created), said.ToJsonString());
        foreach (var (unit, days) in new[] { (Office, 96), (Office, 95), (Office, 92), (Other, 92), (Brigade, 91) })
            await Offence(unit, app.At(days, 9));
        await app.NothingInFlight();
        var page = await Page($"/units/{Brigade}?from={app.Day(99)}&to={app.Day(90)}", "en");
        var table = Regex.Match(page, "<table class=\"list duty\".*?</table>", RegexOptions.Singleline).Value;

        Assert.That(Regex.Matches(table, "<tr[^>]*>\\s*<th scope=\"row\".*?<td class=\"number\"><a[^>]*>([0-9]+)<", RegexOptions.Singleline).Select(row => row.Groups[1].Value),
            Is.EqualTo(new[] { "1", "2", "2", "5" }), "its own, each part while it was one, the whole");
    }

    [Test]
    public async Task Officers_who_are_on_another_roster_are_named_and_nothing_is_refused()
    {
        var report = await app.Get($"reports/units?{Window}");
        var found = report["findings"]!.AsArray().Select(one => $"{one!["unit"]} {one["officerId"]} {one["rosterUnit"]}").ToList();

        Assert.That(found, Is.EquivalentTo(new[]
        {
            $"{Urban} X999 ", $"{Urban} X999 ", $"{Highway} P001 {Erenhot}", $"{Xilinhot} X999 ",
            // Of the urban squadron, which is no longer below Xilinhot.
            $"{Xilinhot} P017 {Urban}",
        }));
        Assert.That((int)report["findingsTotal"]!, Is.EqualTo(5));
    }

    [Test]
    public async Task Crashes_of_a_unit_open_and_its_targets_are_its_own()
    {
        Assert.That((long)(await app.Get($"reports/activity?cube=crashes&{Window}&under={Erenhot}"))["total"]!, Is.EqualTo(1));
        Assert.That((long)(await app.Get($"reports/activity?cube=crashes&{Window}&unit=-"))["total"]!, Is.Zero);

        async Task<Dictionary<string, decimal?>> Lines(string query)
        {
            var board = await app.Get($"reports/targets?campaign=hundred-days&{Window}&{query}");
            foreach (var line in board["lines"]!.AsArray().Where(line => line!["value"] is not null && (string)line["unit"]! != "percent"))
                Assert.That((decimal)(await app.Get(((string)line!["records"]!)["/api/v1/".Length..]))["total"]!, Is.EqualTo((decimal)line["value"]!), (string)line["id"]!);
            return board["lines"]!.AsArray().ToDictionary(line => (string)line!["id"]!, line => (decimal?)line!["value"]);
        }
        Assert.That(((await Lines("")).GetValueOrDefault("drop.crashes"), (await Lines($"under={Erenhot}"))["drop.crashes"], (await Lines($"under={League}"))["drop.deaths"]),
            Is.EqualTo((2m, 1m, 2m)));
        Assert.That((await Lines($"under={Urban}"))["drop.crashes"], Is.EqualTo(1m));
        Assert.That((await Lines("under=152522000000"))["drop.crashes"], Is.Null, "a unit of which nothing is on record");
    }

    [Test]
    public async Task An_earlier_question_is_answered_as_it_was()
    {
        var query = $"from={app.Day(80)}&to={app.Day(70)}&groupBy=unit&unitLevel=2";
        await Offence(Urban, app.At(75, 9));
        await app.NothingInFlight();
        var then = await app.Get($"reports/offences?{query}");
        await Offence(Urban, app.At(74, 9));
        await app.NothingInFlight();
        var now = await app.Get($"reports/offences?{query}&asOf={then["asOf"]}");

        Assert.That(now["rows"]!.ToJsonString(), Is.EqualTo(then["rows"]!.ToJsonString()));
        Assert.That((long)(await app.Get($"reports/offences?{query}"))["total"]!, Is.EqualTo((long)then["total"]! + 1));
        var units = await app.Get($"reports/units?from={app.Day(80)}&to={app.Day(70)}&asOf={then["asOf"]}");
        Assert.That(((long)units["whole"]!["offences"]!, (long)(await app.Get($"reports/targets?campaign=hundred-days&{query.Split("&group")[0]}&under={Xilinhot}&asOf={then["asOf"]}"))["lines"]!.AsArray().Count),
            Is.EqualTo((1, 6)));
    }

    [Test]
    public async Task The_ledger_rolls_up_what_officers_sent_and_adds_up()
    {
        var ledger = await app.Get("reports/ledger");
        long Received(JsonNode row) => (long)row["answered"]!["received"]!;
        var units = ledger["units"]!.AsArray().Select(row => row!).ToList();
        var officers = ledger["senders"]!.AsArray().Where(row => (string)row!["sender"]! == "officer").Sum(row => Received(row!));

        Assert.That(units.Where(row => (int)row["level"]! is 0 or 1).Sum(Received), Is.EqualTo(officers).And.GreaterThan(0), "the roots and what is in no unit");
        Assert.That(Received(units.Single(row => (string)row["unit"]! == Erenhot)), Is.EqualTo(Received(units.Single(row => (string)row["unit"]! == Urban))).And.GreaterThan(0),
            "by whom it is part of on the day of receipt");
        Assert.That((string)ledger["senders"]!.AsArray().Single(row => (string?)row!["unit"] == Highway)!["unitTitle"]!["en"]!, Is.EqualTo("Xilinhot Highway Squadron"));
        Assert.That(ledger["senders"]!.AsArray().Single(row => (string?)row!["unit"] == Unknown)!["unitTitle"], Is.Null);
        Assert.That(await Page("/ledger", "zh"), Does.Contain("锡林浩特市公路中队").And.Contain("不在单位树内"));
    }

    [TestCase("groupBy=unit&unit=123", "unit"), TestCase("under=" + Unknown, "under"), TestCase("under=-", "under"), TestCase("within=" + Unknown, "within"), TestCase("partOf=-", "partOf"), TestCase("groupBy=unit&tree=99", "tree"),
     TestCase("groupBy=unit&unitLevel=0", "unitLevel"), TestCase("groupBy=unit&unitLevel=x", "unitLevel"), TestCase("groupBy=unit&tree=x", "tree")]
    public async Task What_is_no_unit_is_refused_by_name(string query, string member)
    {
        using var answer = await app.Http.GetAsync($"/api/v1/reports/offences?{Window}&{query}");
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["errors"]!.AsObject().Select(one => one.Key), Is.EqualTo(new[] { member }));
    }

    [TestCase("zh", "不在单位树内", "锡林浩特市交通管理大队"), TestCase("en", "Not in the tree", "Xilinhot Traffic Brigade")]
    public async Task The_pages_say_the_tree_and_one_unit(string language, params string[] words)
    {
        var tree = await Page($"/units?{Window}", language);
        Assert.That(words, Is.All.Matches<string>(tree.Contains));
        var one = await Page($"/units/{Xilinhot}?{Window}", language);
        Assert.That(one, Does.Contain("P015").And.Contain(words[1]).And.Contain("X999").And.Not.Contain("console.units"));
        Assert.That(tree, Does.Not.Contain("console.units"));
    }

    [TestCase("zh", "城区中队"), TestCase("en", "Urban Squadron")]
    public async Task The_unit_of_a_record_stands_on_its_page_by_name_and_opens(string language, string name)
    {
        var records = (await app.Get($"reports/records?{Window}&unit={Urban}"))["records"]!.AsArray();
        var record = records.MaxBy(one => (string)one!["day"]!)!;
        var session = (await app.Get($"sessions?from={app.Day(10)}&to={app.Day(10)}"))["items"]!.AsArray().First(one => (string?)one!["unitCode"] == Urban)!;

        foreach (var (address, day) in new[] { ($"/records/{record["recordId"]}", (string)record["day"]!), ($"/activities/sessions/{session["activityId"]}", (string)session["day"]!) })
        {
            var link = $"/units/{Urban}?from={day}&to={day}";
            Assert.That(await Page(address, language), Does.Contain($"<a href=\"{link}\">{name}</a> ({Urban})"));
            Assert.That(await Page(link, language), Does.Contain(name));
        }
    }

    [Test]
    public async Task A_unit_that_is_not_in_the_tree_stands_as_its_code()
    {
        var record = (await app.Get($"reports/records?{Window}&unit=-"))["records"]!.AsArray().Select(one => (string)one!["recordId"]!);
        var pages = await Task.WhenAll(record.Select(id => Page($"/records/{id}", "en")));
        Assert.That(pages.Count(page => page.Contains($"<dd>{Unknown}</dd>", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(pages, Has.None.Contain("/units/9"));
    }

    async Task<string> Page(string address, string language)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { { "Accept-Language", language } } };
        using var answer = await app.Http.SendAsync(request);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), address);
        return WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
    }
}
