using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using NUnit.Framework;

namespace Traffic.Tests.Import;

/// <summary>
/// Whole real tables through the front door. What must come out is counted here, from the file, by a reader and rules of the
/// test's own: nothing of the importer is used for it.
/// </summary>
[Category("Postgres")]
public sealed class RealTablesTests
{
    TrafficApp app = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        if (Repository.TestData is null)
            Assert.Ignore("TRAFFIC_TEST_DATA names no folder with the real tables.");
        app = await TrafficApp.Start();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        if (app is not null)
            await app.DisposeAsync();
    }

    /// <summary>Map, file, rows, and what each row must count as: kind, day, division.</summary>
    static IEnumerable<TestCaseData> Tables
    {
        get
        {
            yield return Table("us-md-montgomery-stops", "us_md_montgomery_stops_2013_2015.csv", 2_995, Montgomery);
            yield return Table("br-df-der-infractions", "br_derdf_infracoes_2021_04.csv", 10_211, FederalDistrict);
            yield return Table("us-ia-ames-breath-tests", "us_ia_ames_breath_tests_2013_2017.csv", 934, Ames);
            yield return Table("cn-gd-violation-query", "cn_gd_violation_query_a.json", 25, Guangdong);
            yield return Table("cn-nanjing-violation-query", "cn_js_nanjing_violation_query_a.json", 15, Nanjing);
            yield return Table("in-synthetic-violations", "in_synthetic_traffic_violations.csv", 2_400, India);

            static TestCaseData Table(string map, string file, int rows, Func<Dictionary<string, string>, (string, string, string)> rule) =>
                new TestCaseData(map, file, rows, rule).SetArgDisplayNames(map);
        }
    }

    [TestCaseSource(nameof(Tables))]
    public async Task Every_cell_by_kind_day_and_division_is_the_sum_of_its_rows_and_a_second_import_changes_none(
        string name, string file, int rows, Func<Dictionary<string, string>, (string Kind, string Day, string Division)> rule)
    {
        var path = Path.Combine(Repository.TestData!, file);
        var expected = (file.EndsWith(".csv", StringComparison.Ordinal) ? PlainCsv(path) : PlainJson(path)).Select(rule)
            .GroupBy(one => one).Select(group => $"{group.Key.Kind} {group.Key.Day} {group.Key.Division} {group.Count()}").Order(StringComparer.Ordinal).ToList();
        var map = Imports.Shipped(name);

        var first = await Import();
        var cells = await Cells(app.Database.ConnectionString, name);
        var second = await Import();
        var found = await app.Reconcile();

        Assert.Multiple(() =>
        {
            Assert.That((first.Totals.Read, first.Totals.Accepted, first.Rejected.Count), Is.EqualTo((rows, rows, 0)));
            Assert.That((second.Totals.Read, second.Totals.Duplicate, second.Rejected.Count), Is.EqualTo((rows, rows, 0)));
            Assert.That(found.Ok, Is.True, string.Join('\n', found.Identities.Where(identity => !identity.Holds)));
        });
        Assert.That(cells, Is.EqualTo(expected));
        Assert.That(await Cells(app.Database.ConnectionString, name), Is.EqualTo(cells));

        async Task<(Traffic.Host.Import.ImportTotals Totals, List<Traffic.Host.Import.Rejected> Rejected)> Import()
        {
            await using var table = File.OpenRead(path);
            var settled = await Imports.Run(app.Http, map, table);
            await app.NothingInFlight();
            return settled;
        }
    }

    [Test]
    public async Task The_speeds_in_the_descriptions_arrive_in_kilometres_an_hour()
    {
        // Read here by cutting the text at its words, in the importer by a pattern.
        var pairs = PlainCsv(Path.Combine(Repository.TestData!, "us_md_montgomery_stops_2013_2015.csv"))
            .Select(row => row["Description"]).Where(text => text.StartsWith("EXCEEDING MAXIMUM SPEED: ", StringComparison.Ordinal))
            .Select(text => text.Split(' ')).Select(words => (Speed: int.Parse(words[3], null), Limit: int.Parse(words[8], null))).ToList();
        var map = Imports.Shipped("us-md-montgomery-stops");
        await using var table = File.OpenRead(Path.Combine(Repository.TestData!, "us_md_montgomery_stops_2013_2015.csv"));
        var read = Traffic.Host.Import.CsvTable.Rows(table, map.Form, map.Columns).Select(map.Read)
            .Select(row => JsonNode.Parse(row.Record!)!).Where(record => ((string)record["offenceText"]!).StartsWith("EXCEEDING MAXIMUM", StringComparison.Ordinal))
            .Select(record => (Speed: (decimal)record["measurements"]![0]!["value"]!, Limit: (decimal)record["measurements"]![1]!["value"]!)).ToList();

        Assert.That(pairs, Has.Count.EqualTo(150));
        Assert.That(read, Is.EqualTo(pairs.Select(pair => (pair.Speed * 1.609344m, pair.Limit * 1.609344m))));
    }

    /// <summary>Cells of an origin over all else: kind, day, division, records.</summary>
    internal static async Task<List<string>> Cells(string database, string origin)
    {
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand("""
            select family || ' ' || day || ' ' || division || ' ' || sum(value)
            from (select split_part(keys, '|', 2) as family, split_part(keys, '|', 7) as origin, day, division, value
                  from register.cell where cube = 'violations') c
            where origin = $1 and value <> 0
            group by family, day, division
            """);
        command.Parameters.Add(new() { Value = origin });
        await using var row = await command.ExecuteReaderAsync();
        var cells = new List<string>();
        while (await row.ReadAsync())
            cells.Add(row.GetString(0));
        return [.. cells.Order(StringComparer.Ordinal)];
    }

    internal static (string Kind, string Day, string Division) Montgomery(Dictionary<string, string> row)
    {
        var date = row["Date Of Stop"];
        var section = row["Charge"].Split('(')[0];
        var kinds = TableOf("us-md-montgomery-stops", "offenceKind", 0);
        var kind = section.Contains('-', StringComparison.Ordinal) ? kinds.GetValueOrDefault(section, "other")
            : row["Violation Type"] == "ESERO" ? "equipment" : "other";
        var district = char.IsDigit(row["SubAgency"][0]) ? row["SubAgency"][..1] : "HQ";
        return (kind, $"{date[6..]}-{date[..2]}-{date[3..5]}", $"24031-{district}");
    }

    internal static (string Kind, string Day, string Division) FederalDistrict(Dictionary<string, string> row)
    {
        var code = row["tipo_infracao"];
        var kind = TableOf("br-df-der-infractions", "offenceKind", 0).GetValueOrDefault(code)
            ?? TableOf("br-df-der-infractions", "offenceKind", 1).GetValueOrDefault(code[..4], "other");
        return (kind, row["cometimento"], "53");
    }

    internal static (string Kind, string Day, string Division) Ames(Dictionary<string, string> row)
    {
        var thousandths = Math.Min(Thousandths(row["Res1"]), Thousandths(row["Res2"]));
        return (thousandths < 20 ? "alcohol-below-20" : thousandths < 80 ? "drink-driving" : "drunk-driving",
            new DateOnly(int.Parse(row["year"], null), int.Parse(row["month"], null), int.Parse(row["day"], null)).ToString("yyyy-MM-dd", null),
            row["location"] == "Ames PD" ? "1901855-PD" : "1901855-ISU");

        static int Thousandths(string bac) => (int)Math.Round(double.Parse(bac, CultureInfo.InvariantCulture) * 1_000);
    }

    /// <summary>No list of 2010 to 2012 is on file, and 7012 is a province's own code: those stay undecided.</summary>
    static (string, string, string) Guangdong(Dictionary<string, string> row)
    {
        var kind = string.CompareOrdinal(row["wfsj"], "2013") < 0 ? "other" : row["wfxw"] switch
        {
            "1039" => "illegal-parking", "1018" => "motor-lane-occupation", "1344" or "1345" => "signs", "1352" or "1352A" => "speeding", _ => "other",
        };
        return (kind, row["wfsj"][..10], row["xh"][..4] switch { "4490" => "440600", "4419" => "441900", var city => city + "00" });
    }

    static (string, string, string) Nanjing(Dictionary<string, string> row)
    {
        var act = row["act"];
        var kind = act.Contains("时速", StringComparison.Ordinal) ? "speeding"
            : act.Contains("导向车道", StringComparison.Ordinal) ? "wrong-lane"
            : act.Contains("专用车道", StringComparison.Ordinal) ? "motor-lane-occupation"
            : act.Contains("信号灯", StringComparison.Ordinal) ? "red-light"
            : act.Contains("禁令标志", StringComparison.Ordinal) || act.Contains("禁止标线", StringComparison.Ordinal) ? "signs"
            : act.Contains("停放", StringComparison.Ordinal) ? "illegal-parking" : "?";
        return (kind, row["date"][..10], row["area"].Contains("高速", StringComparison.Ordinal) ? "320000" : "320100");
    }

    static (string, string, string) India(Dictionary<string, string> row)
    {
        var date = row["Date"].Split('/');
        return (row["Violation_Type"] switch
        {
            "Drunk Driving" => "drink-driving", "Wrong Parking" => "illegal-parking", "No Helmet" => "helmet", "Over-speeding" => "speeding",
            "No Seatbelt" => "seat-belt", "Signal Jumping" => "red-light", "Driving Without License" => "unlicensed", "Overloading" => "overload", _ => "phone",
        }, $"{date[2]}-{date[0].PadLeft(2, '0')}-{date[1].PadLeft(2, '0')}", "IN-" + row["Location"] switch
        {
            "Delhi" => "DL", "Gujarat" => "GJ", "Karnataka" => "KA", "Maharashtra" => "MH", "Punjab" => "PB", "Tamil Nadu" => "TN", "Uttar Pradesh" => "UP", _ => "WB",
        });
    }

    static readonly Dictionary<(string, int), Dictionary<string, string>> ReadTables = [];

    /// <summary>The words of a map's table, which are data; how they are applied is written anew above.</summary>
    static Dictionary<string, string> TableOf(string map, string member, int rule)
    {
        if (!ReadTables.TryGetValue((map, rule), out var table))
            ReadTables[(map, rule)] = table = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "schemas", "imports", $"{map}.json")))!
                ["record"]![member]!["first"]![rule]!["table"]!.AsObject().ToDictionary(one => one.Key, one => (string)one.Value!);
        return table;
    }

    /// <summary>A reader of a dozen lines: characters, one after the other.</summary>
    internal static List<Dictionary<string, string>> PlainCsv(string path) => PlainRows(File.ReadAllText(path));

    internal static List<Dictionary<string, string>> PlainRows(string text)
    {
        var (rows, row, field, quoted) = (new List<List<string>>(), new List<string>(), new StringBuilder(), false);
        for (var i = 0; i < text.Length; i++)
            if (quoted && text[i] == '"' && i + 1 < text.Length && text[i + 1] == '"')
                field.Append(text[i++]);
            else if (text[i] == '"')
                quoted = !quoted;
            else if (!quoted && text[i] is ',' or '\n')
            {
                row.Add(field.ToString());
                field.Clear();
                if (text[i] == ',')
                    continue;
                rows.Add(row);
                row = [];
            }
            else if (quoted || text[i] != '\r')
                field.Append(text[i]);
        return [.. rows.Skip(1).Select(one => rows[0].Zip(one).ToDictionary(cell => cell.First, cell => cell.Second))];
    }

    static IEnumerable<Dictionary<string, string>> PlainJson(string path)
    {
        var root = JsonNode.Parse(File.ReadAllText(path))!;
        return (root["body"] ?? root["result"]!["lists"])!.AsArray()
            .Select(row => row!.AsObject().ToDictionary(one => one.Key, one => one.Value?.ToString() ?? ""));
    }
}
