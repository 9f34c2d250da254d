using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using NUnit.Framework;
using Traffic.Host.Import;
using Traffic.Platform;

namespace Traffic.Tests.Import;

/// <summary>From a table of our own, by maps that come with the program, through intake to the figures.</summary>
[Category("Postgres")]
public sealed class ImportLineTests
{
    const string Header = "year,month,day,hour,location,gender,Res1,Res2\n";

    TrafficApp app = null!;

    [OneTimeSetUp]
    public async Task Start() => app = await TrafficApp.Start();

    [OneTimeTearDown]
    public async Task Stop()
    {
        Assert.That((await app.Reconcile()).Ok, Is.True);
        await app.DisposeAsync();
    }

    [Test]
    public async Task Identical_rows_are_all_kept_and_a_second_run_adds_nothing_in_whatever_order()
    {
        var map = Imports.Shipped("us-ia-ames-breath-tests");
        string[] rows = ["2014,5,6,7,Ames PD,F,0.1,0.1", "2014,5,6,7,Ames PD,F,0.1,0.1", "2014,5,6,7,ISU PD,M,0.09,0.08", "2014,5,6,7,Ames PD,F,0.1,0.1"];

        var first = await Imports.Run(app.Http, map, Header + string.Join('\n', rows));
        var second = await Imports.Run(app.Http, map, Header + string.Join("\r\n", rows.Reverse()));
        await app.NothingInFlight();

        Assert.That((first.Totals.Read, first.Totals.Accepted), Is.EqualTo((4, 4)));
        Assert.That((second.Totals.Read, second.Totals.Duplicate), Is.EqualTo((4, 4)));
        Assert.That(await Stored("us-ia-ames-breath-tests", "2014-05-06"), Is.EqualTo(4));
    }

    [TestCase(700)]
    [TestCase(3)]
    public async Task Of_a_file_that_cannot_be_read_to_its_end_every_row_before_that_is_settled(int rows)
    {
        var map = Imports.Shipped("us-ia-ames-breath-tests");
        var table = Header + string.Concat(Enumerable.Range(0, rows).Select(n => $"2015,{1 + (n % 12)},6,{n % 24},Ames PD,F,0.1,0.1\n")) + "2015,1,6,7,\"Ames PD,F,0.1,0.1\n";
        var sender = new ImportSender(app.Http, ImportMaps.FeedPrefix + map.Name, "en", TimeSpan.FromMinutes(1), TimeProvider.System, _ => { }, map.Door);
        var rejected = new List<Rejected>();
        var importing = new Importing(map, sender, rejected.Add, Words.Load(typeof(ImportVerb).Assembly), "en");

        var broken = Assert.ThrowsAsync<TableException>(() => importing.Run(new MemoryStream(Encoding.UTF8.GetBytes(table)), _ => { }, default));
        await app.NothingInFlight();

        Assert.That(broken!.Names, Is.EqualTo([$"{rows + 2}"]));
        Assert.That((importing.Totals.Read, importing.Totals.Accepted + importing.Totals.Duplicate, rejected.Count), Is.EqualTo((rows, rows, 0)));
    }

    [Test]
    public async Task The_same_number_with_other_content_is_a_conflict_and_what_is_stored_stays()
    {
        var map = Imports.Shipped("in-synthetic-violations");
        var header = string.Join(',', map.Columns) + "\n";
        string Row(string id, string kind) => string.Join(',', map.Columns.Select(column => column switch
        {
            "Violation_ID" => id, "Date" => "2/3/2020", "Time" => "4:05", "Location" => "Delhi", "Violation_Type" => kind, _ => "",
        })) + "\n";

        await Imports.Run(app.Http, map, header + Row("C1", "No Helmet"));
        var (totals, rejected) = await Imports.Run(app.Http, map, header + Row("C1", "No Seatbelt") + Row("C1", "No Helmet") + Row("C2", "No Helmet"));
        await app.NothingInFlight();

        Assert.That((totals.Read, totals.Accepted, totals.Duplicate, totals.Conflict, totals.Rejected), Is.EqualTo((3, 1, 1, 1, 0)));
        Assert.That(rejected.Single(), Is.EqualTo(new Rejected(
            2, "C1", "conflict", "import.conflict", "There is a record with this id that says something else; it stays as it is.")));
        Assert.That(await Stored("in-synthetic-violations", "2020-02-03"), Is.EqualTo(2));
    }

    [TestCase("en", "note: The text is too long or has control characters.", "occurredAt: There was no such local time: the clocks skipped it (America/Chicago).")]
    [TestCase("zh", "note: 文字过长，或含控制字符。", "occurredAt: 该地方时不存在：时钟拨快时跳过（America/Chicago）。")]
    public async Task A_row_is_refused_in_words_by_the_map_or_by_the_server_and_the_others_are_taken(string language, string byServer, string byMap)
    {
        var map = Imports.Shipped("us-ia-ames-breath-tests");
        var hour = language == "en" ? 1 : 3;
        var table = Header + $"2014,3,9,2,Ames PD,F,0.1,0.1\n2014,3,9,{hour},Ames PD,F,0.1,0.1\n2014,3,9,{hour},ISU PD,F,0.1,0.1\n";

        var (totals, rejected) = await Imports.Run(app.Http, map, new MemoryStream(Encoding.UTF8.GetBytes(table)), language);

        Assert.That((totals.Read, totals.Accepted + totals.Duplicate, totals.Rejected), Is.EqualTo((3, 2, 1)));
        Assert.That(rejected[0].Reason, Is.EqualTo(byMap));
        Assert.That((rejected[0].Line, rejected[0].Codes), Is.EqualTo((2, "import.time.skipped")));

        var roads = Imports.Shipped("br-df-der-infractions");
        var header = string.Join(',', roads.Columns) + "\n";
        var row = string.Join(',', roads.Columns.Select(column => column switch
        {
            "tipo_infracao" => "7455-0", "cometimento" => "2021-04-01", "hora_cometimento" => language == "en" ? "00:01:00" : "00:02:00",
            "auinf_local_rodovia" => $"x\u0007{language}", _ => "",
        })) + "\n";
        var (_, refused) = await Imports.Run(app.Http, roads, new MemoryStream(Encoding.UTF8.GetBytes(header + row)), language);

        Assert.That((refused.Single().Reason, refused.Single().Codes, refused.Single().Outcome), Is.EqualTo((byServer, "intake.text", "rejected")));
    }

    [Test]
    public async Task Imported_records_stand_in_no_report_unless_their_origin_is_asked_for()
    {
        await Imports.Run(app.Http, Imports.Shipped("us-ia-ames-breath-tests"), Header + "2015,7,8,9,Ames PD,F,0.1,0.1\n2015,7,8,9,ISU PD,F,0.05,0.05\n");
        await app.NothingInFlight();
        const string asked = "/api/v1/reports/offences?from=2015-07-08&to=2015-07-08&status=all&groupBy=family";

        var ours = await Get(asked);
        var theirs = await Get($"{asked}&origin=us-ia-ames-breath-tests");
        var division = await Get($"{asked}&origin=us-ia-ames-breath-tests&division=1901855");
        var board = await Get("/api/v1/reports/targets?campaign=summer-2022-offences&from=2015-07-08&to=2015-07-08");

        Assert.Multiple(() =>
        {
            Assert.That((long)ours["total"]!, Is.Zero);
            Assert.That(theirs["rows"]!.AsArray().Select(row => $"{row!["title"]!["en"]} {row["title"]!["zh"]} {row["count"]}"),
                Is.EquivalentTo(["Drink-driving 饮酒后驾驶 1", "Drunk driving 醉酒驾驶 1"]));
            Assert.That((long)division["total"]!, Is.EqualTo(2), "the tree's root counts its police forces");
            Assert.That(board["lines"]!.AsArray().Select(line => (string)line!["status"]!), Is.All.EqualTo("noData"));
        });
    }

    [Test]
    public async Task A_masked_plate_is_kept_as_masked_and_a_table_without_plates_may_send_none()
    {
        var masked = new { eventId = "m1", source = "camera", occurredAt = "2014-11-20T08:30:00+08:00", divisionCode = "440600", plate = "粤YU0***", offenceCode = "1345" };
        var none = new { eventId = "m1", source = "roadsideCheck", occurredAt = "2015-11-20T08:30:00-06:00", divisionCode = "1901855", plate = "XYZ 123", offenceKind = "drink-driving" };

        var kept = await (await app.Http.PostAsJsonAsync("/api/v1/feeds/import.cn-gd-violation-query/events", new[] { masked })).Content.ReadFromJsonAsync<JsonNode>();
        var refused = await (await app.Http.PostAsJsonAsync("/api/v1/feeds/import.us-ia-ames-breath-tests/events", new[] { none })).Content.ReadFromJsonAsync<JsonNode>();

        Assert.That((string)(await Get($"/api/v1/violations/{kept!["results"]![0]!["recordId"]}"))["record"]!["plate"]!, Is.EqualTo("粤YU0***"));
        Assert.That((string)refused!["results"]![0]!["faults"]![0]!["code"]!, Is.EqualTo("intake.plate"));
    }

    [Test]
    public async Task A_record_of_foreign_law_keeps_its_kind_and_gets_no_entry_and_ours_is_judged_by_the_list_of_its_day()
    {
        await Imports.Run(app.Http, Imports.Shipped("cn-gd-violation-query"), """
            { "body": [
              { "hphm": "粤A0***", "hpzl": "02", "xh": "4406000000000001", "wfsj": "2012-12-31 23:59:59", "wfdz": "x", "wfxw": "1345", "wfxwzt": "x" },
              { "hphm": "粤A0***", "hpzl": "02", "xh": "4406000000000002", "wfsj": "2013-01-01 00:00:00", "wfdz": "x", "wfxw": "1345", "wfxwzt": "x" }
            ] }
            """);
        await app.NothingInFlight();
        var report = await Get("/api/v1/reports/offences?from=2012-12-31&to=2013-01-01&status=all&groupBy=day,entry&origin=cn-gd-violation-query");

        Assert.That(report["rows"]!.AsArray().Select(row => $"{row!["keys"]!["day"]} {row["keys"]!["entry"]}"),
            Is.EqualTo(["2012-12-31 undecided", "2013-01-01 signs.prohibition-marking"]));
    }

    async Task<long> Stored(string origin, string day)
    {
        await using var source = NpgsqlDataSource.Create(app.Database.ConnectionString);
        await using var command = source.CreateCommand("select count(*) from register.violation where origin = $1 and day = $2");
        command.Parameters.Add(new() { Value = origin });
        command.Parameters.Add(new() { Value = DateOnly.Parse(day, null) });
        return (long)(await command.ExecuteScalarAsync())!;
    }

    async Task<JsonNode> Get(string address) => (await app.Http.GetFromJsonAsync<JsonNode>(address))!;
}
