using NUnit.Framework;
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

    [TestCase("kind", "\"session\"", "an import is of crash, danger, observation")]
    [TestCase("kind", "\"observation\"", "'counts' is missing")]
    public void A_map_of_a_kind_that_cannot_be_is_refused_with_its_line(string member, string value, string why) => Assert.That(
        Assert.Throws<StartRefusedException>(() => Sample.Map(map => map[member] = System.Text.Json.Nodes.JsonNode.Parse(value)))!.Message,
        Does.Contain(why).And.Match("line [0-9]+: "));
}
