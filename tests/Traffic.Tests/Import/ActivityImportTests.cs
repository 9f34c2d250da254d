using System.Text;
using System.Text.Json.Nodes;
using NUnit.Framework;
using Traffic.Host.Import;
using Traffic.Platform;
using Traffic.Tests.Activities;

namespace Traffic.Tests.Import;

/// <summary>Tables of crashes and observations, imported as tables of violations are.</summary>
[Category("Postgres")]
public sealed class ActivityImportTests
{
    const string Crashes = """
        number,day,time,banner,road,dead,injured,"loss, thousand CNY",cause
        C1,2022-07-01,14:05,锡林浩特,国省道,1,2,35,超速
        C2,2022-07-02,02:30,锡林浩特,城市道路,0,1,2.5,追尾
        C3,2022-07-02,09:00,二连浩特,国省道,-1,0,1,超速
        C4,2022-07-03,09:00,多伦,国省道,0,0,1,超速
        C5,2022-07-03,09:00,二连浩特,国省道,0,,1,超速
        C6,2022-07-04,23:59,二连浩特,国省道,3,0,120,疲劳

        """;

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
    public async Task Crashes_are_counted_once_and_what_is_none_is_listed_with_its_line()
    {
        var map = Imports.Shipped("synthetic-crashes");
        var (first, rejected) = await Imports.Run(app.Http, map, Crashes);
        var (again, _) = await Imports.Run(app.Http, map, Crashes);
        await app.NothingInFlight();

        Assert.That((first.Read, first.Accepted, first.Rejected, first.Unknown), Is.EqualTo((6, 3, 3, 0)));
        Assert.That((again.Accepted, again.Duplicate, again.Rejected), Is.EqualTo((0, 3, 3)), "a second run adds nothing");
        Assert.That(rejected.OrderBy(one => one.Line).Select(one => one.Line), Is.EqualTo(new[] { 4, 5, 6 }));
        Assert.That((await app.Cells("crashes"), await app.Cells("deaths"), await app.Cells("injured"), await app.Cells("loss")), Is.EqualTo((3, 4, 3, 157_500)));
        Assert.That(await app.Cells("crashes", "3-9|no|yes|no|nationalOrProvincial|fatigue|none|confirmed|synthetic-crashes"), Is.EqualTo(1));
        Assert.That(await app.Cells("deaths", "%|-"), Is.Zero, "what is imported stands in no figure of our own");
    }

    [Test]
    public async Task Observations_are_counted_with_what_they_were_counted_of()
    {
        const string table = """
            number,day,time,banner,place,riders,with helmet,drivers,belted
            O1,2022-07-01,08:00,锡林浩特,第二中学门口,120,97,60,57
            O2,2022-07-01,08:00,二连浩特,口岸,30,31,10,10

            """;
        var (totals, rejected) = await Imports.Run(app.Http, Imports.Shipped("synthetic-observations"), table);
        await app.NothingInFlight();

        Assert.That((totals.Accepted, totals.Rejected), Is.EqualTo((1, 1)));
        Assert.That(rejected[0].Line, Is.EqualTo(3), "more comply than were checked");
        Assert.That((await app.Cells("observations", "helmet-ebike|%"), await app.Cells("observations", "helmet-ebike|compliant|%")), Is.EqualTo((120, 97)));
        Assert.That((await app.Cells("observations", "belt-driver|%"), await app.Cells("observations", "belt-driver|compliant|%")), Is.EqualTo((60, 57)));
    }

    [Test]
    public async Task Sessions_are_planned_and_closed_by_one_row_and_one_whose_numbers_are_wrong_is_named()
    {
        const string table = """
            number,banner,unit,shift,mode,place,planned from,planned to,officers planned,from,to,officers,badges,vehicles,persons,violations
            S1,锡林浩特,152502020000,夜查,警车,G207,2022-07-01 21:00,2022-07-02 01:00,12,2022-07-01 21:10,2022-07-02 01:10,2,P023、P024,100,180,9
            S2,锡林浩特,152502010000,白天巡逻,步巡,锡林大街,2022-07-02 09:00,2022-07-02 12:00,4,,,,,,,
            S3,锡林浩特,152502010000,夜查,警车,G207,2022-07-03 21:00,2022-07-03 20:00,4,,,,,,,
            S4,二连浩特,152501010000,夜查,警车,口岸,2022-07-03 21:00,2022-07-04 00:00,4,2022-07-03 21:00,2022-07-04 00:00,3,P003、P004,10,20,1
            S5,二连浩特,152501010000,夜查,警车,口岸,2022-07-04 21:00,2022-07-05 00:00,4,2022-07-04 21:00,,3,,10,20,1

            """;
        var map = Imports.Shipped("synthetic-sessions");
        var (first, rejected) = await Imports.Run(app.Http, map, table);
        var (again, _) = await Imports.Run(app.Http, map, table);
        await app.NothingInFlight();

        Assert.That((first.Read, first.Accepted, first.Rejected, first.Unknown), Is.EqualTo((5, 2, 3, 0)));
        Assert.That((again.Accepted, again.Duplicate, again.Rejected), Is.EqualTo((0, 2, 3)), "a second run adds nothing");
        Assert.That(rejected.OrderBy(one => one.Line).Select(one => (one.Line, one.Codes)), Is.EqualTo(new[]
        {
            (4, "intake.session.end"), (5, "intake.session.officerIds"), (6, "import.missing"),
        }));
        Assert.That(rejected.Single(one => one.Line == 5).Reason, Does.StartWith("The session is registered as planned; its closing is not taken: "));
        Assert.That((await app.Cells("sessions", "%|closed|%"), await app.Cells("officerMinutes"), await app.Cells("vehiclesChecked"), await app.Cells("personsChecked")),
            Is.EqualTo((1, 480, 100, 180)), "two officers for four hours");
        Assert.That(await app.Cells("sessions", "nightInspection|car|closed|152502020000|confirmed|synthetic-sessions"), Is.EqualTo(1));
        Assert.That(await app.Cells("officerMinutesPlanned"), Is.EqualTo((12 * 240) + (4 * 180) + (4 * 180)), "what could not be closed stays planned");
    }

    [Test]
    public async Task Visits_are_imported_with_the_points_they_are_of()
    {
        var proof = new string('a', 64);
        var table = $"""
            number,point,kind,banner,unit,visits a day,plan from,plan to,visited,nth,proof
            V1,第二中学门口,必到点,锡林浩特,152502010000,2,2022-07-01,2022-07-31,2022-07-01 08:00,1,{proof}
            V2,第二中学门口,必到点,锡林浩特,152502010000,2,2022-07-01,2022-07-31,2022-07-01 17:00,2,{proof}
            V3,第二中学门口,必到点,锡林浩特,152502010000,2,2022-07-01,2022-07-31,2022-07-02 08:00,3,{proof}
            V4,G207 段,必巡线,二连浩特,152501020000,1,2022-07-01,2022-07-10,2022-07-11 08:00,1,{proof}
            V5,G207 段,必巡线,二连浩特,152501020000,1,2022-07-01,2022-07-20,2022-07-09 08:00,1,{proof}
            V6,口岸,必到点,二连浩特,152501020000,1,2022-07-01,2022-07-10,2022-07-05 08:00,1,abc

            """;
        var map = Imports.Shipped("synthetic-visits");
        var (first, rejected) = await Imports.Run(app.Http, map, table);
        var (again, _) = await Imports.Run(app.Http, map, table);
        await app.NothingInFlight();

        Assert.That((first.Read, first.Accepted, first.Conflict, first.Rejected), Is.EqualTo((6, 2, 1, 3)));
        Assert.That((again.Accepted, again.Duplicate, again.Conflict, again.Rejected), Is.EqualTo((0, 2, 1, 3)));
        Assert.That(rejected.OrderBy(one => one.Line).Select(one => (one.Line, one.Codes)), Is.EqualTo(new[]
        {
            (4, "intake.visit.nth"), (5, "intake.visit.plan"), (6, "import.conflict"), (7, "intake.visit.proof"),
        }), "the third of two a day; a day after the plan; another plan of the same route; no proof");
        Assert.That((await app.Cells("visitsPlanned", "point|152502010000|%"), await app.Cells("visitsProven", "point|152502010000|confirmed|synthetic-visits")), Is.EqualTo((62, 2)));
    }

    /// <summary>V4 and V5 are of a point without a visit a day: it is sent once, and both are named.</summary>
    [Test]
    public async Task A_visit_is_not_taken_where_its_point_is_not()
    {
        var proof = new string('a', 64);
        var table = $"""
            number,point,kind,banner,unit,visits a day,plan from,plan to,visited,nth,proof
            V1,第二中学门口,必到点,锡林浩特,152502010000,4,2022-07-01,2022-07-31,2022-07-01 08:00,1,{proof}
            V2,第二中学门口,必到点,二连浩特,152502010000,4,2022-07-01,2022-07-31,2022-07-01 09:00,2,{proof}
            V3,第二中学门口,必到点,二连浩特,152502010000,4,2022-07-01,2022-07-31,2022-07-01 10:00,3,{proof}
            V4,口岸,必到点,二连浩特,152501020000,0,2022-07-01,2022-07-10,2022-07-05 08:00,1,{proof}
            V5,口岸,必到点,二连浩特,152501020000,0,2022-07-01,2022-07-10,2022-07-05 09:00,2,{proof}

            """;
        var (totals, rejected) = await Imports.Run(app.Http, Imports.Shipped("synthetic-visits"), table);
        await app.NothingInFlight();

        Assert.That((totals.Read, totals.Accepted, totals.Conflict, totals.Rejected), Is.EqualTo((5, 1, 2, 2)));
        Assert.That(rejected.Select(one => (one.Line, one.Id, one.Outcome, one.Codes)), Is.EqualTo(new[]
        {
            (3, "V2", "conflict", "import.conflict"), (4, "V3", "conflict", "import.conflict"), (5, "V4", "rejected", "intake.point.visits"), (6, "V5", "rejected", "intake.point.visits"),
        }));
        Assert.That(rejected.Select(one => one.Reason), Is.All.StartsWith("The visit is not registered, since its point or route is not taken: "));
        Assert.That(await app.Cells("visitsProven"), Is.EqualTo(1), "as the summary says");
    }

    const string Sessions = "number,banner,unit,shift,mode,place,planned from,planned to,officers planned,from,to,officers,badges,vehicles,persons,violations\n";

    [Test]
    public async Task A_session_is_not_closed_by_a_row_whose_plan_is_another()
    {
        const string table = Sessions + """
            S1,锡林浩特,152502020000,夜查,警车,G207,2022-07-01 21:00,2022-07-02 01:00,12,,,,,,,
            S1,锡林浩特,152502020000,夜查,警车,S101,2022-07-01 21:00,2022-07-02 01:00,12,2022-07-01 21:10,2022-07-02 01:10,2,P023、P024,100,180,9

            """;
        var (totals, rejected) = await Imports.Run(app.Http, Imports.Shipped("synthetic-sessions"), table);
        await app.NothingInFlight();

        Assert.That((totals.Accepted, totals.Conflict, rejected.Single().Line), Is.EqualTo((1, 1, 3)));
        Assert.That((await app.Cells("sessions", "%|closed|%"), await app.Cells("sessions")), Is.EqualTo((0, 1)));
    }

    [Test]
    public async Task Rows_of_one_plan_that_close_it_otherwise_are_one_session_in_whatever_order_they_stand()
    {
        const string first = "S1,锡林浩特,152502020000,夜查,警车,G207,2022-07-01 21:00,2022-07-02 01:00,12,2022-07-01 21:10,2022-07-02 01:10,2,P023、P024,100,180,9\n";
        const string other = "S1,锡林浩特,152502020000,夜查,警车,G207,2022-07-01 21:00,2022-07-02 01:00,12,2022-07-01 21:10,2022-07-02 01:10,2,P023、P024,101,180,9\n";
        var json = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "schemas", "imports", "synthetic-sessions.json")))!;
        json["identity"]!["unique"] = false;
        var map = RecordMap.Parse("synthetic-sessions", "synthetic-sessions.json", Encoding.UTF8.GetBytes(json.ToJsonString()));

        var (totals, rejected) = await Imports.Run(app.Http, map, Sessions + first + other);
        var (turned, turnedRejected) = await Imports.Run(app.Http, map, Sessions + other + first);
        await app.NothingInFlight();

        Assert.That((totals.Accepted, totals.Conflict, rejected.Single().Line), Is.EqualTo((1, 1, 3)));
        Assert.That((turned.Duplicate, turned.Conflict, turnedRejected.Single().Line), Is.EqualTo((1, 1, 2)));
        Assert.That((await app.Cells("sessions"), await app.Cells("vehiclesChecked")), Is.EqualTo((1, 100)));
    }

    [Test]
    public async Task Dangers_are_imported_as_found()
    {
        const string table = """
            number,found,banner,what,unit
            D1,2022-07-01 09:00,锡林浩特,逾期未检验,152502010000
            D2,2022-07-02 09:00,锡林浩特,逾期未审验,
            D3,2022-07-02 09:00,锡林浩特,别的,
            D4,2022-07-32 09:00,锡林浩特,逾期未报废,

            """;
        var (totals, rejected) = await Imports.Run(app.Http, Imports.Shipped("synthetic-dangers"), table);
        await app.NothingInFlight();

        Assert.That((totals.Accepted, totals.Rejected), Is.EqualTo((2, 2)));
        Assert.That(rejected.OrderBy(one => one.Line).Select(one => (one.Line, one.Codes)), Is.EqualTo(new[] { (4, "import.unknownValue"), (5, "import.time") }));
        Assert.That((await app.Cells("dangers", "inspection-overdue|vehicle|found|confirmed|synthetic-dangers"), await app.Cells("dangers", "review-overdue|driver|%")), Is.EqualTo((1, 1)));
    }

    [Test]
    public void A_table_meant_as_a_baseline_without_its_year_is_refused_by_name_and_a_row_of_another_year_by_line()
    {
        var map = Sample.Map(one => one["baseline"] = true);
        Assert.That(Assert.Throws<StartRefusedException>(() => map.Of(null))!.Message, Does.Contain("sample.json").And.Contain("--baseline-year"));

        const string rows = "id,day,time,where,what,mph,limit\n1,2020-12-31,23:59,North,FAST,50,40\n2,2021-01-01,00:00,North,FAST,50,40\n3,2021-12-31,23:59,North,FAST,50,40\n4,2022-01-01,00:00,North,FAST,50,40\n";
        var (records, all) = Imports.Read(map.Of(2021), rows);
        Assert.That(records, Has.Count.EqualTo(2), "both ends of the year belong to it");
        Assert.That(all.Select(row => row.Faults.SingleOrDefault()?.Code), Is.EqualTo(new[] { "import.baseline.year", null, null, "import.baseline.year" }));
        Assert.That(Imports.Read(Sample.Map().Of(null), rows).Records, Has.Count.EqualTo(4), "a map of no baseline asks for no year");
    }

    [TestCase("kind", "\"point\"", "an import is of crash, danger, observation, session, visit")]
    [TestCase("kind", "\"observation\"", "'counts' is missing")]
    public void A_map_of_a_kind_that_cannot_be_is_refused_with_its_line(string member, string value, string why) => Assert.That(
        Assert.Throws<StartRefusedException>(() => Sample.Map(map => map[member] = System.Text.Json.Nodes.JsonNode.Parse(value)))!.Message,
        Does.Contain(why).And.Match("line [0-9]+: "));
}
