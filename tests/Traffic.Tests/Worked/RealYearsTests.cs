using System.Text;
using System.Text.Json.Nodes;
using NUnit.Framework;
using Traffic.Tests.Activities;
using Traffic.Tests.Import;

namespace Traffic.Tests.Worked;

/// <summary>
/// Real tables of several years, imported: each year-on-year figure (同比) equals sums taken here from the file, by a reader and
/// rules of the test's own.
/// </summary>
[Category("Postgres")]
public sealed class RealYearsTests
{
    TrafficApp app = null!;
    string schemas = null!;

    /// <summary>Rows of a table as the file has them: kind, day, division.</summary>
    readonly Dictionary<string, List<(string Kind, string Day, string Division)>> rows = [];

    [OneTimeSetUp]
    public async Task Import()
    {
        if (Repository.TestData is null)
            Assert.Ignore("TRAFFIC_TEST_DATA names no folder with the real tables.");
        schemas = Schemas();
        app = await TrafficApp.Start(new Dictionary<string, string?> { ["Traffic:Schemas"] = schemas });
        await Import("us-ia-ames-breath-tests", File.ReadAllText(Path.Combine(Repository.TestData, "us_ia_ames_breath_tests_2013_2017.csv")), RealTablesTests.Ames);
        await Import("us-md-montgomery-stops", File.ReadAllText(Path.Combine(Repository.TestData, "us_md_montgomery_stops_2013_2015.csv")), RealTablesTests.Montgomery);
        // One month is all there is: each other row is set back by a year, and the whole imported as two Aprils.
        var april = File.ReadAllLines(Path.Combine(Repository.TestData, "br_derdf_infracoes_2021_04.csv"));
        await Import("br-df-der-infractions", string.Join('\n', april.Select((line, nth) => nth % 2 == 0 ? line : line.Replace(",2021-04-", ",2020-04-", StringComparison.Ordinal))) + "\n",
            RealTablesTests.FederalDistrict);
        await app.NothingInFlight();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        if (app is null)
            return;
        await app.CountsAgree();
        await app.DisposeAsync();
        Directory.Delete(schemas, recursive: true);
    }

    async Task Import(string map, string table, Func<Dictionary<string, string>, (string Kind, string Day, string Division)> rule)
    {
        rows[map] = [.. RealTablesTests.PlainRows(table).Select(rule)];
        var (totals, rejected) = await Imports.Run(app.Http, Imports.Shipped(map), table);
        Assert.That((totals.Accepted, rejected.Count), Is.EqualTo((rows[map].Count, 0)), map);
    }

    /// <summary>A table, a place in its own tree and all below it, a window, and the same days a year before.</summary>
    static readonly object[] Windows =
    [
        new object[] { "us-ia-ames-breath-tests", "1901855", "2014-01-01", "2014-12-31", "2013-01-01", "2013-12-31" },
        new object[] { "us-ia-ames-breath-tests", "1901855", "2016-02-01", "2016-02-29", "2015-02-01", "2015-02-28" },
        new object[] { "us-ia-ames-breath-tests", "1901855", "2017-02-01", "2017-02-28", "2016-02-01", "2016-02-29" },
        new object[] { "us-ia-ames-breath-tests", "1901855-PD", "2017-03-15", "2017-09-14", "2016-03-15", "2016-09-14" },
        new object[] { "us-ia-ames-breath-tests", "1901855-ISU", "2015-01-01", "2015-12-31", "2014-01-01", "2014-12-31" },
        new object[] { "us-md-montgomery-stops", "24031", "2015-01-01", "2015-12-31", "2014-01-01", "2014-12-31" },
        new object[] { "us-md-montgomery-stops", "24031-4", "2014-01-01", "2014-12-31", "2013-01-01", "2013-12-31" },
        new object[] { "br-df-der-infractions", "53", "2021-04-01", "2021-04-30", "2020-04-01", "2020-04-30" },
        new object[] { "br-df-der-infractions", "53", "2021-04-05", "2021-04-11", "2020-04-05", "2020-04-11" },
    ];

    [TestCaseSource(nameof(Windows))]
    public async Task Each_line_year_on_year_is_the_sums_of_the_file(string map, string division, string from, string to, string fromThen, string toThen)
    {
        var board = await app.Get($"reports/targets?campaign=real-years&origin={map}&status=all&division={division}&from={from}&to={to}");
        var (now, then) = (Between(map, division, from, to), Between(map, division, fromThen, toThen));
        var lines = board["lines"]!.AsArray().ToDictionary(line => (string)line!["id"]!, line => line!);

        Assert.That(now.Count + then.Count, Is.GreaterThan(20), "there is something to add up");
        Assert.That(((string)board["yearBefore"]!["from"]!, (string)board["yearBefore"]!["to"]!), Is.EqualTo((fromThen, toThen)));
        foreach (var (id, kind) in new[] { ("drop.speeding", "speeding"), ("drop.drink", "drink-driving"), ("drop.drunk", "drunk-driving") })
        {
            var (many, before) = (now.Count(row => row.Kind == kind), then.Count(row => row.Kind == kind));
            // Fewer than 5 before say nothing; half goes away from zero; 5 is the preset's margin.
            decimal? change = before < 5 ? null : (many - before) * 100m / before;
            Assert.That(((decimal)lines[id]["value"]!, (decimal)lines[id]["baseline"]!, (decimal?)lines[id]["changePercent"]),
                Is.EqualTo(((decimal)many, (decimal)before, change is { } exact ? Math.Round(exact, 1, MidpointRounding.AwayFromZero) : (decimal?)null)), id);
            Assert.That((string)lines[id]["status"]!, Is.EqualTo(change switch { null => "tooFewToSay", > 0 => "missed", > -5 => "atRisk", _ => "met" }), id);
        }
    }

    [TestCaseSource(nameof(Windows))]
    public async Task Each_kind_in_both_years_is_the_sums_of_the_file(string map, string division, string from, string to, string fromThen, string toThen)
    {
        foreach (var (first, last) in new[] { (from, to), (fromThen, toThen) })
        {
            var report = await app.Get($"reports/offences?origin={map}&status=all&division={division}&from={first}&to={last}&groupBy=family");

            Assert.That(report["rows"]!.AsArray().Select(row => $"{row!["keys"]!["family"]} {row["count"]}").Order(StringComparer.Ordinal),
                Is.EqualTo(Between(map, division, first, last).GroupBy(row => row.Kind).Select(kind => $"{kind.Key} {kind.Count()}").Order(StringComparer.Ordinal)));
        }
    }

    [Test]
    public async Task The_parts_of_a_foreign_tree_stand_side_by_side_and_add_up()
    {
        var board = await app.Get("reports/targets?campaign=real-years&origin=us-ia-ames-breath-tests&division=1901855&from=2016-01-01&to=2016-12-31&perDivision=true");

        Assert.That(board["divisions"]!.AsArray().Select(one => (string)one!["division"]!), Is.EqualTo(["1901855-PD", "1901855-ISU"]));
        for (var line = 0; line < 6; line++)
            foreach (var member in new[] { "value", "baseline" })
                if ((decimal?)board["lines"]![line]![member] is { } whole)
                    Assert.That(board["divisions"]!.AsArray().Sum(one => (decimal)one!["lines"]![line]![member]!), Is.EqualTo(whole));
    }

    List<(string Kind, string Day, string Division)> Between(string map, string division, string from, string to) =>
        [.. rows[map].Where(row => string.CompareOrdinal(row.Day, from) >= 0 && string.CompareOrdinal(row.Day, to) <= 0 && row.Division.StartsWith(division, StringComparison.Ordinal))];

    /// <summary>The shipped files, and the preset on violations made to judge the tables' own years and kinds.</summary>
    static string Schemas()
    {
        var folder = Directory.CreateTempSubdirectory("traffic-real-years-").FullName;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Repository.Root, "schemas"), "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(folder, Path.GetRelativePath(Path.Combine(Repository.Root, "schemas"), file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
        var preset = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "targets", "last-hundred-days.json")))!;
        (preset["campaign"], preset["order"], preset["from"]) = ("real-years", 90, "2013-01-01");
        foreach (var (line, nth) in preset["lines"]!.AsArray().Select((line, nth) => (line!, nth)))
        {
            line["validFrom"] = "2013-01-01";
            if (nth < 3)
                continue;
            var (id, family) = nth switch { 3 => ("drop.speeding", "speeding"), 4 => ("drop.drink", "drink-driving"), _ => ("drop.drunk", "drunk-driving") };
            line["id"] = id;
            line["numerator"]!["where"]!["family"] = new JsonArray(family);
        }
        File.WriteAllText(Path.Combine(folder, "targets", "real-years.json"), preset.ToJsonString(), new UTF8Encoding(false));
        return folder;
    }
}
