using System.Text.Json.Nodes;
using NUnit.Framework;

namespace Traffic.Tests.Import;

/// <summary>Each rule of a map, on both sides of its bound, over a small table of our own.</summary>
public sealed class MapReadingTests
{
    const string Row = "1,2015-04-01,08:05,North,FAST,49,40";

    static JsonNode Record(string row = Row) => JsonNode.Parse(Imports.Read(Sample.Map(), Sample.Header + row).Records.Single())!;

    static string[] Codes(string row, string member = "") => [.. Imports.Read(Sample.Map(), Sample.Header + row).All.Single().Faults
        .Where(fault => member == "" || fault.Member == member).Select(fault => fault.Code)];

    [Test]
    public void Miles_an_hour_become_kilometres_an_hour_without_rounding() => Assert.That(
        Record()["measurements"]!.ToJsonString(),
        Is.EqualTo("""[{"quantity":"speed","value":78.857856,"unit":"km/h"},{"quantity":"speedLimit","value":64.37376,"unit":"km/h"}]"""));

    [TestCase("2015-03-08,01:59", "2015-03-08T01:59:00.000-05:00", TestName = "The_last_minute_before_the_clocks_skip_an_hour")]
    [TestCase("2015-03-08,03:00", "2015-03-08T03:00:00.000-04:00", TestName = "The_first_minute_after_the_clocks_skipped_an_hour")]
    [TestCase("2015-11-01,00:59", "2015-11-01T00:59:00.000-04:00", TestName = "The_last_minute_before_the_hour_shown_twice")]
    [TestCase("2015-11-01,01:00", "2015-11-01T01:00:00.000-04:00", TestName = "The_hour_shown_twice_is_the_first")]
    [TestCase("2015-11-01,02:00", "2015-11-01T02:00:00.000-05:00", TestName = "The_first_minute_after_the_hour_shown_twice")]
    public void A_local_time_is_the_instant_its_zone_says(string at, string instant) =>
        Assert.That((string)Record($"1,{at},North,FAST,49,40")["occurredAt"]!, Is.EqualTo(instant));

    [TestCase("02:00")]
    [TestCase("02:59")]
    public void A_local_time_that_the_clocks_skipped_is_refused(string time) =>
        Assert.That(Codes($"1,2015-03-08,{time},North,FAST,49,40"), Is.EqualTo(["import.time.skipped"]));

    [Test]
    public void An_hour_shown_twice_is_the_second_or_refused_where_the_map_says_so()
    {
        var second = Sample.Map(map => map["occurredAt"]!["overlap"] = "second");
        var refused = Sample.Map(map => map["occurredAt"]!["overlap"] = "refused");
        const string twice = Sample.Header + "1,2015-11-01,01:30,North,FAST,49,40";

        Assert.That((string)JsonNode.Parse(Imports.Read(second, twice).Records.Single())!["occurredAt"]!, Does.EndWith("-05:00"));
        Assert.That(Imports.Read(refused, twice).All.Single().Faults.Single().Code, Is.EqualTo("import.time.twice"));
    }

    [TestCase("1,2015-02-30,08:05,North,FAST,49,40", "import.time")]
    [TestCase("1,2015-04-01,24:00,North,FAST,49,40", "import.time")]
    [TestCase("1,04/01/2015,08:05,North,FAST,49,40", "import.time")]
    [TestCase("1,2015-04-01,,North,FAST,49,40", "import.missing")]
    [TestCase("1,2015-04-01,08:05,West,FAST,49,40", "import.unknownValue")]
    [TestCase("1,2015-04-01,08:05,north,FAST,49,40", "import.unknownValue")]
    [TestCase("1,2015-04-01,08:05,,FAST,49,40", "import.missing")]
    [TestCase("1,2015-04-01,08:05,North,FAST,fast,40", "import.number")]
    [TestCase("1,2015-04-01,08:05,North,FAST,4e1,40", "import.number")]
    [TestCase("1,2015-04-01,08:05,North,FAST,\"1,609\",40", "import.number")]
    [TestCase(",2015-04-01,08:05,North,FAST,49,40", "import.noIdentity")]
    public void What_cannot_be_read_is_refused_by_name(string row, string code) => Assert.That(Codes(row), Is.EqualTo([code]));

    [Test]
    public void Every_fault_of_a_row_is_named_at_once() => Assert.That(
        Codes("1,2015-13-01,08:05,West,FAST,x,40"), Is.EquivalentTo(["import.time", "import.unknownValue", "import.number"]));

    [Test]
    public void No_fault_repeats_a_value_of_the_row()
    {
        var row = Imports.Read(Sample.Map(), Sample.Header + "1,secret1,08:05,secret2,FAST,secret3,40").All.Single();

        Assert.That(row.Faults.SelectMany(fault => fault.Names), Has.None.Contains("secret"));
        Assert.That(row.Key, Does.Not.Contain("secret"));
    }

    [Test]
    public void An_empty_column_is_an_absent_member_and_blanks_at_its_ends_are_no_part_of_it()
    {
        var record = Record("1, 2015-04-01 ,08:05,North, ,,");

        Assert.That(record["measurements"], Is.Null);
        Assert.That(record["offenceText"], Is.Null);
    }

    [TestCase("0.103", "0.103")]
    [TestCase("0.10300000000000001", "0.103")]
    [TestCase("0.1030000009", "0.103")]
    [TestCase("0.1030000011", null)]
    [TestCase("0.1035", null)]
    public void Dust_of_binary_notation_is_no_digit_of_the_instrument(string written, string? shown)
    {
        var map = Sample.With("latitude", """{ "column": "mph", "decimals": 3 }""");
        var row = Imports.Read(map, Sample.Header + $"1,2015-04-01,08:05,North,FAST,{written},40").All.Single();

        Assert.That(row.Record is null ? null : JsonNode.Parse(row.Record)!["latitude"]!.ToJsonString(), Is.EqualTo(shown));
        Assert.That(row.Faults.Select(fault => fault.Code), shown is null ? Is.EqualTo(["import.decimals"]) : Is.Empty);
    }

    [TestCase("0.068", "0.067", "67")]
    [TestCase("0.067", "0.068", "67")]
    [TestCase("0", "0.02", "0")]
    public void The_lower_of_two_readings_stands(string first, string second, string stands)
    {
        var map = Imports.Shipped("us-ia-ames-breath-tests");
        var read = Imports.Read(map, $"year,month,day,hour,location,gender,Res1,Res2\n2016,1,2,3,Ames PD,F,{first},{second}").Records.Single();

        Assert.That(JsonNode.Parse(read)!["measurements"]![0]!["value"]!.ToJsonString(), Is.EqualTo(stands));
    }

    [Test]
    public void Without_one_of_two_readings_there_is_no_lower_one()
    {
        var map = Imports.Shipped("us-ia-ames-breath-tests");
        var read = Imports.Read(map, "year,month,day,hour,location,gender,Res1,Res2\n2016,1,2,3,Ames PD,F,0.1,").All.Single();

        Assert.That(read.Record, Is.Null);
    }

    [TestCase("0.0199", null)]
    [TestCase("0.019", "alcohol-below-20")]
    [TestCase("0.020", "drink-driving")]
    [TestCase("0.079", "drink-driving")]
    [TestCase("0.080", "drunk-driving")]
    public void A_band_begins_with_its_lower_bound(string reading, string? kind)
    {
        var map = Imports.Shipped("us-ia-ames-breath-tests");
        var read = Imports.Read(map, $"year,month,day,hour,location,gender,Res1,Res2\n2016,1,2,3,Ames PD,F,{reading},{reading}").Records;

        Assert.That((string?)(read.Count == 0 ? null : JsonNode.Parse(read[0])!["offenceKind"]), Is.EqualTo(kind));
    }

    [TestCase("7,6", "7.6")]
    [TestCase("7", "7")]
    [TestCase("7.6", null)]
    [TestCase("7,6,1", null)]
    public void A_decimal_comma_is_read_where_the_map_says_so(string written, string? km)
    {
        var map = Sample.With("roadKm", """{ "column": "mph", "decimalMark": "," }""");
        map = Sample.Map(json =>
        {
            json["record"]!["roadKm"] = JsonNode.Parse("""{ "column": "mph", "decimalMark": "," }""");
            json["record"]!.AsObject().Remove("measurements");
        });
        var row = Imports.Read(map, Sample.Header + $"1,2015-04-01,08:05,North,FAST,\"{written}\",40").All.Single();

        Assert.That(row.Record is null ? null : JsonNode.Parse(row.Record)!["roadKm"]!.ToJsonString(), Is.EqualTo(km));
    }

    [TestCase("EXCEEDING MAXIMUM SPEED: 49 MPH IN A POSTED 40 MPH ZONE", "[78.857856,64.37376]")]
    [TestCase("EXCEEDING THE POSTED SPEED LIMIT OF 30 MPH", "[48.28032]")]
    [TestCase("DRIVING VEHICLE IN EXCESS OF REASONABLE AND PRUDENT SPEED ON HIGHWAY 66MPH", "[106.216704]")]
    [TestCase("DRIVING VEHICLE IN EXCESS OF REASONABLE AND PRUDENT SPEED ON HIGHWAY 44", "[]")]
    public void Speeds_are_read_out_of_a_description_and_only_with_their_unit(string description, string speeds)
    {
        var map = Imports.Shipped("us-md-montgomery-stops");
        var header = string.Join(',', map.Columns.Select(column => $"\"{column}\""));
        var values = map.Columns.Select(column => column switch
        {
            "Date Of Stop" => "03/31/2015", "Time Of Stop" => "23:59:00", "SubAgency" => "\"4th district, Wheaton\"", "Charge" => "21-801.1",
            "Description" => description, "Latitude" or "Longitude" => "", _ => "x",
        });
        var record = JsonNode.Parse(Imports.Read(map, $"{header}\n{string.Join(',', values)}").Records.Single())!;

        Assert.That((record["measurements"]?.AsArray() ?? []).Select(one => one!["value"]!.ToJsonString()), Is.EqualTo(
            JsonNode.Parse(speeds)!.AsArray().Select(one => one!.ToJsonString())));
        Assert.That((string)record["offenceKind"]!, Is.EqualTo("speeding"));
    }

    [Test]
    public void A_rule_holds_only_when_all_its_conditions_do()
    {
        var map = Sample.With("signals", """
            [ { "value": "redLight", "when": [ { "column": "what", "is": ["RED", "FAST"] }, { "column": "mph", "match": "^4" } ], "source": "x" } ]
            """);

        Assert.That(JsonNode.Parse(Imports.Read(map, Sample.Header + Row).Records.Single())!["signals"]!.ToJsonString(), Is.EqualTo("""["redLight"]"""));
        Assert.That(JsonNode.Parse(Imports.Read(map, Sample.Header + Row.Replace("49", "59")).Records.Single())!["signals"], Is.Null);
    }

    [Test]
    public void A_line_break_in_a_text_becomes_a_blank_only_where_the_map_says_so()
    {
        var joined = Sample.With("offenceText", """{ "column": "what", "lineBreaks": "blank", "source": "x" }""");
        const string table = Sample.Header + "1,2015-04-01,08:05,North,\"CLEARANCE \r\nLAMPS\",49,40";

        Assert.That((string)JsonNode.Parse(Imports.Read(joined, table).Records.Single())!["offenceText"]!, Is.EqualTo("CLEARANCE LAMPS"));
        Assert.That((string)JsonNode.Parse(Imports.Read(Sample.Map(), table).Records.Single())!["offenceText"]!, Does.Contain("\n"));
    }

    [Test]
    public void Rows_of_one_stop_share_its_id()
    {
        var map = Sample.Map(json => json["stop"] = JsonNode.Parse("""{ "columns": ["day", "time", "where"], "source": "x" }"""));
        var stops = Imports.Read(map, Sample.Header + $"{Row}\n2,2015-04-01,08:05,North,RED,,\n3,2015-04-01,08:06,North,RED,,").Records
            .ConvertAll(record => (Guid)JsonNode.Parse(record)!["stopId"]!);

        Assert.That(stops[0], Is.EqualTo(stops[1]).And.Not.EqualTo(stops[2]));
    }
}
