using System.Text;
using NUnit.Framework;
using Traffic.Host.Import;

namespace Traffic.Tests.Import;

/// <summary>What files look like in the field.</summary>
public sealed class TableTests
{
    static readonly string[] AB = ["a", "b"];

    static List<SourceRow> Csv(byte[] file, string encoding = "utf-8", char delimiter = ',') =>
        [.. CsvTable.Rows(new MemoryStream(file), new TableForm(null, delimiter, Encoding.GetEncoding(encoding), new Dictionary<string, string>()), AB)];

    static List<SourceRow> Csv(string file) => Csv(Encoding.UTF8.GetBytes(file));

    static List<SourceRow> Json(string file, string rows, params string[] columns) =>
        [.. JsonTable.Rows(new MemoryStream(Encoding.UTF8.GetBytes(file)), new TableForm(rows, ',', Encoding.UTF8, new Dictionary<string, string>()), columns)];

    [TestCase("a,b\n1,2\n3,4")]
    [TestCase("a,b\r\n1,2\r\n3,4\r\n")]
    [TestCase("\uFEFFa,b\n1,2\n3,4\n")]
    [TestCase("b,x,a\n2,9,1\n4,9,3\n")]
    [TestCase("a,b\n\n1,2\n\n3,4\n\n")]
    [TestCase("\"a\",\"b\"\n\"1\",\"2\"\n\"3\",\"4\"\n")]
    public void The_same_table_however_it_is_written(string file) => Assert.That(
        Csv(file).Select(row => string.Join('|', row.Values)), Is.EqualTo(["1|2", "3|4"]));

    [Test]
    public void A_row_is_named_by_the_line_where_it_begins()
    {
        var rows = Csv("a,b\n\"one\ntwo\nthree\",2\n3,4\n\n5,6\n");

        Assert.That(rows.Select(row => row.Line), Is.EqualTo([2, 5, 7]));
        Assert.That(rows[0].Values[0], Is.EqualTo("one\ntwo\nthree"));
    }

    [Test]
    public void A_doubled_quote_is_one_quote_and_a_separator_in_quotes_is_text() =>
        Assert.That(Csv("a,b\n\"say \"\"stop\"\", twice\",2").Single().Values[0], Is.EqualTo("say \"stop\", twice"));

    [TestCase("a,b\nfive \"inch\" pipe,2\n3,4", TestName = "A_quote_inside_a_field_without_quotes_refuses_the_row")]
    [TestCase("a,b\n\"one\"two,2\n3,4", TestName = "Text_after_a_closing_quote_refuses_the_row")]
    public void A_stray_quote_refuses_its_row_alone(string file)
    {
        var rows = Csv(file);

        Assert.That(rows.Select(row => row.Fault?.Code), Is.EqualTo(["import.quote", null]));
        Assert.That(rows[1].Values, Is.EqualTo(["3", "4"]));
    }

    [Test]
    public void A_quote_that_is_never_closed_stops_the_reading_and_swallows_no_row_unseen()
    {
        var read = new List<SourceRow>();
        var broken = Assert.Throws<TableException>(() =>
        {
            foreach (var row in CsvTable.Rows(new MemoryStream("a,b\n1,2\n\"3,4\n5,6\n"u8.ToArray()), Sample.Map().Form, AB))
                read.Add(row);
        });

        Assert.That(broken!.Code, Is.EqualTo("import.file.quote"));
        Assert.That(broken.Names, Is.EqualTo(["3"]));
        Assert.That(read.Single().Values, Is.EqualTo(["1", "2"]), "the rows before it are read");
    }

    [Test]
    public void A_quote_that_is_never_closed_in_a_large_file_is_not_held_in_memory()
    {
        var file = Encoding.UTF8.GetBytes("a,b\n1,2\n\"" + string.Concat(Enumerable.Repeat("3,4\n", 4_000_000)));

        Assert.Throws<TableException>(() => Csv(file));
    }

    [TestCase("a,b\n1\n3,4")]
    [TestCase("a,b\n1,2,3\n3,4")]
    public void A_row_of_another_width_is_refused(string file) =>
        Assert.That(Csv(file).Select(row => row.Fault?.Code), Is.EqualTo(["import.width", null]));

    [TestCase(65_536, null)]
    [TestCase(65_537, "import.long")]
    public void A_huge_field_is_refused_with_its_row(int characters, string? code) =>
        Assert.That(Csv($"a,b\n{new string('x', characters)},2\n3,4").Select(row => row.Fault?.Code), Is.EqualTo([code, null]));

    [Test]
    public void What_the_encoding_cannot_read_is_refused_and_not_guessed() => Assert.That(
        Csv([.. "a,b\n1,"u8, 0xE9, .. "\n3,4"u8]).Select(row => row.Fault?.Code), Is.EqualTo(["import.encoding", null]));

    [Test]
    public void Another_encoding_and_separator_are_read_as_the_map_says()
    {
        var map = Sample.Map(json => json["format"] = new System.Text.Json.Nodes.JsonObject { ["kind"] = "csv", ["encoding"] = "gbk", ["delimiter"] = ";" });
        var rows = CsvTable.Rows(new MemoryStream([.. "a;b\n"u8, 0xC3, 0xC9, .. ";2"u8]), map.Form, AB).ToList();

        Assert.That(rows.Single().Values, Is.EqualTo(["蒙", "2"]));
    }

    [TestCase("", "import.file.empty")]
    [TestCase("a,c\n1,2", "import.file.columns")]
    [TestCase("a,b,a\n1,2,3", "import.file.twice")]
    public void A_file_that_is_no_such_table_is_refused_before_its_first_row(string file, string code) =>
        Assert.That(Assert.Throws<TableException>(() => Csv(file))!.Code, Is.EqualTo(code));

    [Test]
    public void A_file_with_only_its_first_line_has_no_rows() => Assert.That(Csv("a,b\n"), Is.Empty);

    [Test]
    public void Rows_of_nested_lists_see_the_objects_above_them()
    {
        var rows = Json("""
            { "sent": "x", "cars": [ { "plate": "P1", "acts": [ { "n": 1, "in": { "deep": "d" } }, { "n": true } ] }, { "plate": "P2", "acts": [ { "n": "3" } ] } ] }
            """, "cars[].acts[]", "n", "../plate", "../../sent", "in.deep", "none");

        Assert.That(rows.Select(row => string.Join('|', row.Values)), Is.EqualTo(["1|P1|x|d|", "true|P1|x||", "3|P2|x||"]));
        Assert.That(rows.Select(row => row.Line), Is.EqualTo([1, 2, 3]));
    }

    [Test]
    public void A_row_or_a_member_that_is_not_one_value_is_refused_alone() => Assert.That(
        Json("""{ "rows": [ 7, { "a": [1] }, { "a": null }, { "a": "1" } ] }""", "rows[]", "a").Select(row => row.Fault?.Code),
        Is.EqualTo(["import.notObject", "import.notText", null, null]));

    [TestCase("""{ "a": "\ud800" }""", "import.notText")]
    [TestCase("""{ "a": "1", "a": "2" }""", "import.doubled")]
    [TestCase("""{ "a": "1", "\u0061": "2" }""", "import.doubled")]
    [TestCase("""{ "in": { "b": 1 }, "in": {} }""", "import.doubled")]
    [TestCase("""{ "in": { "b": 1, "b": 1 } }""", "import.doubled")]
    [TestCase("""{ "a\ud800": "1", "\ud800": "2", "unread": "\ud800", "unread": 3 }""", null, Description = "no column of the map")]
    public void A_row_that_is_no_text_or_says_something_twice_is_refused_alone(string row, string? code)
    {
        var rows = Json($$"""{ "rows": [ { "a": "1" }, {{row}}, { "a": "3" } ] }""", "rows[]", "a", "in.b");

        Assert.That(rows.Select(one => one.Fault?.Code), Is.EqualTo([null, code, null]));
        Assert.That(rows.Select(one => one.Line), Is.EqualTo([1, 2, 3]));
    }

    [TestCase("""{ "rows": [ { "a": "1" } ], "rows": [] }""", "import.file.doubled")]
    [TestCase("""{ "\ud800": 1, "none": [] }""", "import.file.noList")]
    [TestCase("""{ "rows": {} }""", "import.file.noList")]
    [TestCase("""{ "other": [] }""", "import.file.noList")]
    [TestCase("""{ "rows": [ """, "import.file.json")]
    public void A_file_without_the_list_is_refused(string file, string code) =>
        Assert.That(Assert.Throws<TableException>(() => Json(file, "rows[]", "a"))!.Code, Is.EqualTo(code));
}
