using System.Diagnostics;
using System.Text;
using NUnit.Framework;
using Traffic.Reporting.Units;

namespace Traffic.Tests.Units;

/// <summary>Units and rosters are refused by name and line; what is in use is superseded and never edited.</summary>
public sealed class UnitFileTests
{
    const string Head = "code,parent,division,zh,en,validFrom,validTo\n", RosterHead = "officerId,unit,validFrom,validTo\n";
    const string League = "152500000000,,152500,支队,Detachment,2022-01-01,\n", Banner = "152502000000,152500000000,152502,大队,Brigade,2022-01-01,\n";
    const string Squadron = "152502010000,152502000000,152502,中队,Squadron,2022-01-01,\n";

    static UnitFile Read(params string[] texts)
    {
        var file = new UnitFile(code => code.StartsWith("1525", StringComparison.Ordinal));
        foreach (var (text, i) in texts.Select((text, i) => (text, i)))
            file.Read($"{i}.csv", text);
        return file;
    }

    static UnitChanges After(UnitChanges former, params string[] texts) => UnitChanges.Of(Read(texts), former.Units, former.Roster);

    static readonly UnitChanges Nothing = new([], [], []);

    static string[] Faults(UnitChanges changes) => [.. changes.Faults.Select(one => $"{one.At} {one.Code["reporting.units.".Length..]}")];

    [TestCase("152502000000,152500000000,152502,大队,Brigade,2022-01-01,2022-05-31\n152502000000,152500000000,152502,大队,Brigade,2022-06-01,\n", Description = "the next day follows")]
    [TestCase("152502000000,152500000000,152502,大队,Brigade,2022-01-01,2022-05-30\n152502000000,152500000000,152502,大队,Brigade,2022-06-01,\n", "0.csv:4 gap")]
    [TestCase("152502000000,152500000000,152502,大队,Brigade,2022-01-01,2022-06-01\n152502000000,152500000000,152502,大队,Brigade,2022-06-01,\n", "0.csv:4 overlap")]
    [TestCase("152502000000,152500000000,152502,大队,Brigade,2022-01-01,\n152502000000,152500000000,152502,大队,Brigade,2022-06-01,\n", "0.csv:4 overlap", Description = "the same file must say its end")]
    [TestCase("152502000000,152500000000,152502,大队,Brigade,2022-01-01,\n152502000000,152500000000,152502,别,Other,2022-01-01,\n", "0.csv:4 twice")]
    [TestCase("152502000000,152599000000,152502,大队,Brigade,2022-01-01,\n", "0.csv:3 parent.unknown")]
    [TestCase("152502000000,152500000000,152502,大队,Brigade,2021-12-31,\n", "0.csv:3 parent.gap", Description = "a day before its parent")]
    [TestCase("152502000000,152502000000,152502,大队,Brigade,2022-01-01,\n", "0.csv:3 cycle")]
    [TestCase("152502000000,152502010000,152502,大队,Brigade,2022-01-01,\n152502010000,152502020000,152502,中队,Squadron,2022-01-01,\n152502020000,152502000000,152502,中队,Squadron,2022-01-01,\n", "0.csv:3 cycle")]
    [TestCase("15250200000,152500000000,152502,大队,Brigade,2022-01-01,\n", "0.csv:3 code")]
    [TestCase("152502000000,152500000000,650000,大队,Brigade,2022-01-01,\n", "0.csv:3 division")]
    [TestCase("152502000000,152500000000,152502,,Brigade,2022-01-01,\n", "0.csv:3 zh")]
    [TestCase("152502000000,152500000000,152502,大队,Brigade,2022-13-01,\n", "0.csv:3 validFrom")]
    [TestCase("152502000000,152500000000,152502,大队,Brigade,2022-01-02,2022-01-01\n", "0.csv:3 order")]
    [TestCase("152502000000,152500000000,152502,大队,Brigade,2022-01-02\n", "0.csv:3 width")]
    public void A_unit_is_refused_by_name_and_line(string rows, params string[] faults) =>
        Assert.That(Faults(After(Nothing, Head + League + rows)), Is.EqualTo(faults));

    [TestCase("P001,152502010000,2022-01-01,2022-03-31\nP001,152502000000,2022-04-01,\n", Description = "he moves overnight")]
    [TestCase("P001,152502010000,2022-01-01,2022-04-01\nP001,152502000000,2022-04-01,\n", "1.csv:3 twoUnits")]
    [TestCase("P001,152502010000,2022-01-01,\nP001,152502000000,2022-04-01,\n", "1.csv:3 twoUnits")]
    [TestCase("P001,152502990000,2022-01-01,\n", "1.csv:2 roster.unknown")]
    [TestCase("P001,152502010000,2021-12-31,\n", "1.csv:2 roster.gap")]
    [TestCase("15250219800101001X,152502010000,2022-01-01,\n", "1.csv:2 officerId", Description = "an identity number is no badge")]
    [TestCase("张三,152502010000,2022-01-01,\n", "1.csv:2 officerId", Description = "nor is a name")]
    public void An_officer_is_refused_by_number_and_line(string rows, params string[] faults) =>
        Assert.That(Faults(After(Nothing, Head + League + Banner + Squadron, RosterHead + rows)), Is.EqualTo(faults));

    [Test]
    public void A_roster_with_names_is_refused() => Assert.That(
        Faults(After(Nothing, Head + League, "officerId,name,unit,validFrom,validTo\nP001,张三,152500000000,2022-01-01,\n")), Is.EqualTo(new[] { "1.csv:1 columns" }));

    [Test]
    public void Json_is_read_line_by_line_and_must_name_its_source()
    {
        var faults = Faults(UnitChanges.Of(Read("""
            {
              "units": [
                { "code": "152500000000", "parent": null, "division": "152500", "zh": "支队", "en": "Detachment", "validFrom": "2022-01-01" },
                { "code": "152502000000", "parent": "152500000000", "division": "152502", "zh": "大队", "en": "Brigade", "validFrom": "2021-01-01" }
              ],
              "people": [ { "name": "张三" } ],
              "roster": [
                { "officerId": "P001", "unit": "152502000000", "validFrom": "2022-01-01" },
                { "officerId": "P001", "unit": "152500000000", "validFrom": "2022-02-01" }
              ]
            }
            """), [], []));
        Assert.That(faults, Is.EqualTo(new[] { "0.csv source", "0.csv:4 parent.gap", "0.csv:6 member", "0.csv:9 twoUnits" }));
    }

    [TestCase("{ \"source\": \"s\", \"units\": [\n{ \"code\": \"152500000000\", \"name\": \"x\" }] }", "0.csv:2 json")]
    [TestCase("{ \"source\": \"s\", \"units\": [", "0.csv:1 json")]
    [TestCase("{ \"source\": \"s\", \"units\": 5 }", "0.csv:1 member")]
    [TestCase("{ \"source\": \"s\", \"units\": [] }\n{ \"source\": \"s\" }", "0.csv:2 json", Description = "a second one would be overlooked")]
    [TestCase("{ \"source\": \"s\", \"units\": [] }\n, and so on", "0.csv:2 json")]
    [TestCase("{ \"source\": \"s\",\n\"\\ud800\": 1 }", "0.csv:2 json", Description = "half of a character")]
    [TestCase("{\n\"source\": \"\\ud800\" }", "0.csv:2 json")]
    [TestCase("{ \"source\": \"s\", \"units\": [\n{ \"\\ud800\": 1 }] }", "0.csv:2 json")]
    [TestCase("{ \"source\": \"s\", \"units\": [\n{ \"zh\": \"\\ud800\" }] }", "0.csv:2 json")]
    [TestCase("{ \"source\": \"s\", \"units\": [ 5 ] }", "0.csv:1 json")]
    [TestCase("{ \"source\": \"s\", \"units\": [ null ] }", "0.csv:1 code 0.csv:1 division 0.csv:1 en 0.csv:1 validFrom 0.csv:1 zh")]
    public void Json_that_is_none_of_ours_is_refused(string json, string faults) =>
        Assert.That(string.Join(' ', Faults(After(Nothing, json)).Order(StringComparer.Ordinal)), Is.EqualTo(faults));

    [Test]
    public void A_file_in_another_encoding_is_refused_where_it_cannot_be_read()
    {
        byte[] gb18030 = [.. Encoding.ASCII.GetBytes(Head + "152500000000,,152500,"), 0xD6, 0xA7, 0xB6, 0xD3, .. Encoding.ASCII.GetBytes(",Detachment,2022-01-01,\n")];

        Assert.That(Faults(After(Nothing, Encoding.UTF8.GetString(gb18030))), Is.EqualTo(new[] { "0.csv:2 encoding" }));
    }

    [TestCase(9)]
    [TestCase(10, "0.csv:11 deep")]
    [TestCase(12, "0.csv:11 deep", "0.csv:12 deep", "0.csv:13 deep")]
    public void A_tree_has_as_many_levels_as_can_be_asked_for(int levels, params string[] faults) =>
        Assert.That(Faults(After(Nothing, Head + Chain(levels))), Is.EqualTo(faults));

    [Test]
    public void A_chain_of_all_units_is_refused_at_once()
    {
        var begun = Stopwatch.GetTimestamp();

        Assert.That(After(Nothing, Head + Chain(5_000)).Faults, Is.Not.Empty);
        Assert.That(Stopwatch.GetElapsedTime(begun), Is.LessThan(TimeSpan.FromSeconds(20)));
    }

    [Test]
    public void A_tree_that_a_unit_above_makes_too_deep_is_refused_where_that_is_said()
    {
        var nine = After(Nothing, Head + Chain(9));

        Assert.That(Faults(After(nine, Head + "152599000000,,152500,总队,Corps,2022-01-01,\n152500000000,152599000000,152500,队,Unit,2023-01-01,\n")), Is.EqualTo(new[] { "0.csv:3 deep" }));
    }

    /// <summary>Each a part of the one before.</summary>
    static string Chain(int units) => string.Concat(Enumerable.Range(0, units).Select(i => $"1525{i:00000000},{(i == 0 ? "" : $"1525{i - 1:00000000}")},152500,队,Unit,2022-01-01,\n"));

    [Test]
    public void What_is_in_use_is_superseded_and_never_edited()
    {
        var first = After(Nothing, Head + League + Banner + Squadron, RosterHead + "P001,152502010000,2022-01-01,\n");
        Assert.That((first.Units.Count, first.Roster.Count, first.Faults.Count), Is.EqualTo((3, 1, 0)));

        var again = After(first, Head + League + Banner + Squadron);
        Assert.That((again.Units.Count, again.Faults.Count), Is.EqualTo((0, 0)), "the same again says nothing new");
        Assert.That(Faults(After(first, Head + "152502000000,152500000000,152502,改名,Renamed,2022-01-01,\n")), Is.EqualTo(new[] { "0.csv:2 inUse" }));
        var renamed = After(first, Head + "152502000000,152500000000,152502,改名,Renamed,2022-07-01,\n");
        Assert.That((renamed.Units.Count, renamed.Faults.Count), Is.EqualTo((1, 0)));
        var tree = new UnitTree(2, [.. first.Units, .. renamed.Units], first.Roster);
        Assert.That((tree.On("152502000000", new(2022, 6, 30))!.En, tree.On("152502000000", new(2022, 7, 1))!.En), Is.EqualTo(("Brigade", "Renamed")));

        var moved = After(first, RosterHead + "P001,152502000000,2022-07-01,\n");
        Assert.That((moved.Roster.Count, moved.Faults.Count), Is.EqualTo((1, 0)), "what is in use without an end gives way");
        Assert.That(Faults(After(first, Head + "152502000000,152500000000,152502,大队,Brigade,2022-01-01,2022-12-31\n")), Is.EqualTo(new[] { "0.csv:2 parent.gap" }),
            "a unit ends after those below it");
    }

    [Test]
    public void An_end_is_set_once()
    {
        var first = After(Nothing, Head + League);
        var ended = After(first, Head + "152500000000,,152500,支队,Detachment,2022-01-01,2022-12-31\n");
        Assert.That((ended.Units.Single().To, ended.Faults.Count), Is.EqualTo(((DateOnly?)new DateOnly(2022, 12, 31), 0)));
        Assert.That(Faults(After(ended, Head + League)), Is.EqualTo(new[] { "0.csv:2 ended" }));
        Assert.That(Faults(After(ended, Head + "152500000000,,152500,支队,Detachment,2022-01-01,2023-12-31\n")), Is.EqualTo(new[] { "0.csv:2 ended" }));
    }

    [Test]
    public void The_way_from_the_root_is_that_of_the_day()
    {
        var units = After(Nothing, Head + League + Banner + Squadron
            + "152501000000,152500000000,152501,大队,Brigade,2022-01-01,\n").Units;
        var moved = UnitChanges.Of(Read(Head + "152502010000,152501000000,152501,中队,Squadron,2022-07-01,2022-07-31\n"), units, []);
        Assert.That(moved.Faults, Is.Empty);
        var tree = new UnitTree(2, [.. units, .. moved.Units], []);

        string Path(string day) => string.Join('/', tree.PathOn("152502010000", DateOnly.Parse(day, System.Globalization.CultureInfo.InvariantCulture)).Select(code => code[4..8]));
        Assert.That((Path("2021-12-31"), Path("2022-01-01"), Path("2022-06-30"), Path("2022-07-01"), Path("2022-07-31"), Path("2022-08-01")),
            Is.EqualTo(("", "0000/0200/0201", "0000/0200/0201", "0000/0100/0201", "0000/0100/0201", "")));
        Assert.That(tree.Paths.Where(one => one.Unit == "152502010000").Select(one => $"{one.From:MM-dd} {one.To:MM-dd} {one.Units[1]}"),
            Is.EqualTo(new[] { "01-01 06-30 152502000000", "07-01 07-31 152501000000" }));
    }

    [Test]
    public void A_stretch_ends_where_one_above_it_changes()
    {
        var units = After(Nothing, Head + League + Banner + Squadron).Units;
        var renamed = UnitChanges.Of(Read(Head + "152502000000,152500000000,152502,改名,Renamed,2022-07-01,\n"), units, []);
        var tree = new UnitTree(2, [.. units, .. renamed.Units], []);
        Assert.That(tree.Paths.Where(one => one.Unit == "152502010000").Select(one => (one.From, one.To)), Is.EqualTo(new[]
        {
            (new DateOnly(2022, 1, 1), new DateOnly(2022, 6, 30)), (new DateOnly(2022, 7, 1), DateOnly.MaxValue),
        }));
    }
}
