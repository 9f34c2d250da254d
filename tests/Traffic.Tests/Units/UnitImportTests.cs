using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using Traffic.Platform;
using Traffic.Tests.Activities;

namespace Traffic.Tests.Units;

/// <summary>The preset at the first start, and imports after it, over the real host.</summary>
[Category("Postgres")]
public sealed class UnitImportTests
{
    const string Units = "code,parent,division,zh,en,validFrom,validTo\n", Roster = "officerId,unit,validFrom,validTo\n";

    TrafficApp app = null!;

    [SetUp]
    public async Task Start() => app = await TrafficApp.Start();

    [TearDown]
    public async Task Stop() => await app.DisposeAsync();

    static JsonObject Import(params string[] texts) => new()
    {
        ["importedBy"] = "A. Analyst", ["why"] = "order 7", ["source"] = "made up",
        ["files"] = new JsonArray([.. texts.Select((text, i) => new JsonObject { ["name"] = $"{i}.csv", ["text"] = text })]),
    };

    [Test]
    public async Task The_preset_is_there_at_the_first_start_and_is_a_tree()
    {
        var list = await app.Get("units");
        var units = list["units"]!.AsArray();

        Assert.That(((int)list["tree"]!, units.Count(one => (int)one!["level"]! == 1), (string)units[0]!["unit"]!), Is.EqualTo((1, 1, "152500000000")));
        var squadron = units.Single(one => (string)one!["unit"]! == "152502010000")!;
        Assert.That(((int)squadron["level"]!, (string)squadron["parent"]!, (int)squadron["officers"]!), Is.EqualTo((3, "152502000000", 6)));
        var banner = await app.Get("units/152502000000");
        Assert.That((banner["roster"]!.AsArray().Count, banner["below"]!.AsArray().Count, banner["path"]!.AsArray().Count), Is.EqualTo((14, 2, 2)), "with those below it");
    }

    [Test]
    public async Task What_was_imported_supersedes_and_the_former_version_stays_readable()
    {
        var (status, receipt) = await app.Post("units/imports", Import(
            Units + "152502010000,152501000000,152501,城区中队,Urban Squadron,2026-07-01,\n", Roster + "P016,152501000000,2026-07-01,\n"));
        Assert.That(status, Is.EqualTo(HttpStatusCode.Created), receipt.ToJsonString());
        Assert.That((status, (int)receipt["tree"]!, (int)receipt["units"]!, (int)receipt["postings"]!), Is.EqualTo((HttpStatusCode.Created, 2, 1, 1)), receipt.ToJsonString());
        var (again, same) = await app.Post("units/imports", Import(Units + "152502010000,152501000000,152501,城区中队,Urban Squadron,2026-07-01,\n"));
        Assert.That((again, (int)same["tree"]!, (int)same["units"]!), Is.EqualTo((HttpStatusCode.OK, 2, 0)), "the same again is nothing new");

        async Task<string> Parent(string query) => (string)(await app.Get($"units/152502010000?{query}"))["path"]!.AsArray()[1]!["unit"]!;
        Assert.That((await Parent("on=2026-06-30"), await Parent("on=2026-07-01"), await Parent("on=2026-07-01&tree=1")),
            Is.EqualTo(("152502000000", "152501000000", "152502000000")));
        var imports = (await app.Get("units/imports"))["imports"]!.AsArray();
        Assert.That((string)imports[1]!["importedBy"]!, Is.EqualTo("A. Analyst"));
    }

    [Test]
    public async Task A_past_moment_has_the_units_it_had_though_no_record_came_between()
    {
        var (taken, body) = await app.Post("violations", new JsonObject
        {
            ["recordId"] = Guid.NewGuid(), ["source"] = "roadsideCheck", ["occurredAt"] = app.At(2, 9), ["divisionCode"] = "152502", ["roadKind"] = "urban",
            ["plate"] = "蒙H00001", ["plateType"] = "02", ["vehicleType"] = "K33", ["signals"] = new JsonArray("driverNoBelt"), ["unitCode"] = "152502010000",
        });
        Assert.That(taken, Is.EqualTo(HttpStatusCode.Created), body.ToJsonString());
        await app.NothingInFlight();
        var query = $"reports/offences?from={app.Day(9)}&to={app.Day(0)}&groupBy=unit&unitLevel=2";
        var then = await app.Get(query);
        await app.Post("units/imports", Import(Units + $"152502010000,152501000000,152502,城区中队,Urban Squadron,{app.Day(20)},\n"));
        var (again, now) = (await app.Get($"{query}&asOf={then["asOf"]}"), await app.Get(query));

        Assert.That(((int)again["tree"]!, again["rows"]!.ToJsonString()), Is.EqualTo(((int)then["tree"]!, then["rows"]!.ToJsonString())));
        Assert.That(((int)now["tree"]!, (long)now["asOf"]!, (string)now["rows"]![0]!["keys"]!["unit"]!), Is.EqualTo((2, (long)then["asOf"]!, "152501000000")));
        foreach (var address in new[] { (string)now["rows"]![0]!["records"]!, (string)now["records"]! })
            Assert.That((address.Contains("&tree=2", StringComparison.Ordinal), (int)(await app.Get(address["/api/v1/".Length..]))["total"]!), Is.EqualTo((true, 1)), address);
    }

    [Test]
    public async Task A_file_with_a_fault_is_refused_whole_by_line_in_the_senders_language()
    {
        var files = Import(Units + "152502030000,152502000000,152502,新中队,New Squadron,2026-07-01,\n152502040000,152577000000,152502,错,Wrong,2026-07-01,\n",
            Roster + "P001,152502000000,2019-01-01,2020-06-30\n");
        var (status, refused) = await app.Post("units/imports", files);
        Assert.That(status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(refused["errors"]!.AsObject().SelectMany(one => one.Value!.AsArray().Select(text => $"{one.Key}: {text}")), Is.EqualTo(new[]
        {
            "0.csv:3: The parent of 152502040000, 152577000000, is not known.",
            "1.csv:2: Officer P001 is in two units at once on 2020-01-01: 152502000000 and 152501000000.",
            "1.csv:2: The unit of officer P001, 152502000000, is not there all that time.",
        }));
        Assert.That((string)(await app.Post("units/imports", files, "zh")).Body["errors"]!["0.csv:3"]![0]!, Does.Contain("不存在"));
        Assert.That((int)(await app.Get("units"))["tree"]!, Is.EqualTo(1), "the row without a fault is not kept either");
    }

    [TestCase("importedBy"), TestCase("why"), TestCase("files"), TestCase("source")]
    public async Task Who_why_and_from_where_must_be_said(string member)
    {
        var (status, refused) = await app.Post("units/imports", Import(Units).Without(member));
        Assert.That(status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(refused["errors"]!.AsObject().Select(one => one.Key), Is.EqualTo(new[] { member }));
    }

    [Test]
    public async Task A_check_keeps_nothing()
    {
        var (status, receipt) = await app.Post("units/imports", Import(Units + "152502030000,152502000000,152502,新中队,New Squadron,2026-07-01,\n").With("check", true));
        Assert.That((status, (int)receipt["units"]!), Is.EqualTo((HttpStatusCode.OK, 1)));
        Assert.That((int)(await app.Get("units"))["tree"]!, Is.EqualTo(1));
    }

    [Test]
    public async Task Two_imports_at_once_come_one_after_the_other()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(i => app.Post(
            "units/imports", Import(Units + $"15250203000{i},152502000000,152502,新中队,New Squadron,2026-07-01,\n"))));
        Assert.That(answers.Select(one => one.Status), Is.All.EqualTo(HttpStatusCode.Created));
        Assert.That(answers.Select(one => (int)one.Body["tree"]!).Order(), Is.EqualTo(Enumerable.Range(2, 8)));
    }

    [TestCase("update reporting.unit set zh = 'x'"), TestCase("delete from reporting.roster"), TestCase("update reporting.unit_import set why = 'x'")]
    public void What_was_said_cannot_be_edited_by_the_service(string sql)
    {
        using var command = app.Services.GetRequiredService<IDatabases>().Of("reporting").CreateCommand(sql);
        Assert.That(() => command.ExecuteNonQuery(), Throws.TypeOf<Npgsql.PostgresException>().With.Property("SqlState").EqualTo("42501"));
    }

    [Test]
    public async Task A_version_that_was_never_there_is_refused()
    {
        using var answer = await app.Http.GetAsync("/api/v1/units?tree=9");
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        using var unknown = await app.Http.GetAsync("/api/v1/units/999999999999");
        Assert.That(unknown.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }
}
