using System.Text;
using System.Text.Json.Nodes;
using NUnit.Framework;
using Traffic.Host.Import;
using Traffic.Intake;
using Traffic.Intake.Activities;
using Traffic.Platform;

namespace Traffic.Tests.Import;

/// <summary>The maps that come with the program, and how a wrong one is refused: by file and line.</summary>
public sealed class MapFileTests
{
    static readonly string Folder = Path.Combine(Repository.Root, "schemas", "imports");

    static IEnumerable<string> Maps => Directory.EnumerateFiles(Folder, "*.json")
        .Where(file => !file.EndsWith(".schema.json", StringComparison.Ordinal)).Select(file => Path.GetFileNameWithoutExtension(file)!);

    [TestCaseSource(nameof(Maps))]
    public void A_map_that_comes_with_the_program_keeps_its_promises(string name)
    {
        var map = Imports.Shipped(name);
        var head = new ImportMaps(new SchemaFiles(Path.Combine(Repository.Root, "schemas"))).Find(name)!;

        Assert.That((head.Law, head.Title, head.Kinds.Keys), Is.EqualTo((map.Law, map.Title, head.Kinds.Keys)));
        Assert.That(head.Kinds.Keys, Is.EquivalentTo(map.Kinds.Keys));
        Assert.That($"import.{name}", Has.Length.LessThanOrEqualTo(64).And.Match("^[a-z0-9][a-z0-9._-]*$"), "its feed has a name that intake takes");
    }

    /// <summary>An editor that checks a map by the schema must know every word that the program knows, and no other.</summary>
    [Test]
    public void The_schema_names_the_words_that_maps_use()
    {
        var schema = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "import.schema.json")))!;
        var known = Names(schema).ToHashSet();
        var used = Maps.SelectMany(name => JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, $"{name}.json")))!.AsObject()
            .Where(member => member.Key is not ("kinds" or "leftOut")).SelectMany(member => Members(member.Key, member.Value))).Distinct();

        Assert.That(used.Where(name => !known.Contains(name)), Is.Empty);
        Assert.That(schema["properties"]!["record"]!["properties"]!.AsObject().Select(member => member.Key), Is.SubsetOf(
            new[] { typeof(NewViolation), typeof(NewCrash), typeof(NewDanger), typeof(NewObservation), typeof(NewSession), typeof(NewVisit) }.SelectMany(type => type.GetProperties())
                .Select(member => System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(member.Name)).Append("closing").Append("point")));
    }

    static IEnumerable<string> Names(JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => member.Key == "properties"
            ? member.Value!.AsObject().Select(one => one.Key).Concat(Names(member.Value)) : Names(member.Value)),
        JsonArray items => items.SelectMany(Names),
        _ => [],
    };

    /// <summary>Names of members, but not those of tables, which are the foreign table's words.</summary>
    static IEnumerable<string> Members(string name, JsonNode? node) => node switch
    {
        JsonObject members => members.SelectMany(member => name is "table" or "characters" ? [] : Members(member.Key, member.Value)).Prepend(name),
        JsonArray items => items.SelectMany(item => Members(name, item)),
        _ => [name],
    };

    static StartRefusedException Refused(string json) =>
        Assert.Throws<StartRefusedException>(() => RecordMap.Parse("sample", "sample.json", Encoding.UTF8.GetBytes(json)))!;

    static string Lines(Action<JsonObject> change)
    {
        var map = Sample.Json();
        change(map);
        return map.ToJsonString(new() { WriteIndented = true });
    }

    static IEnumerable<TestCaseData> Wrong
    {
        get
        {
            yield return Case("A misspelt member", map => map["recrod"] = "x", "'recrod' is no known member");
            yield return Case("A misspelt rule", map => map["record"]!["road"] = JsonNode.Parse("""{ "colum": "x" }"""), "exactly one of");
            yield return Case("Two ways in one rule", map => map["record"]!["road"] = JsonNode.Parse("""{ "column": "x", "value": "y" }"""), "exactly one of");
            yield return Case("A rule with a misspelt addition", map => map["record"]!["road"] = JsonNode.Parse("""{ "column": "x", "requird": true }"""), "'requird' is no known member");
            yield return Case("A member that no record has", map => map["record"]!["fine"] = JsonNode.Parse("""{ "column": "x" }"""), "'fine' is no member");
            yield return Case("An identity of our own", map => map["record"]!["recordId"] = JsonNode.Parse("""{ "column": "x" }"""), "'recordId' is no member");
            yield return Case("A division the tree has not", map => map["record"]!["divisionCode"] = JsonNode.Parse("""{ "value": "W", "source": "x" }"""), "'W' is no divisionCode");
            yield return Case("A kind that is not declared", map => map["kinds"]!.AsObject().Remove("other"), "'other' is no offenceKind");
            yield return Case("A word that is no source", map => map["record"]!["source"]!["value"] = "drone", "'drone' is no source");
            yield return Case("A fact without its source", map => map["record"]!["source"]!.AsObject().Remove("source"), "'source' is missing");
            yield return Case("A table without its source", map => map["record"]!["divisionCode"]!.AsObject().Remove("source"), "'source' is missing");
            yield return Case("A factor without its unit", map => map["record"]!["measurements"]![0]!["number"]!.AsObject().Remove("unit"), "'unit' is missing");
            yield return Case("A factor of nothing", map => map["record"]!["measurements"]![0]!["number"]!["times"] = 0, "a factor is above 0");
            yield return Case("An unknown quantity", map => map["record"]!["measurements"]![0]!["quantity"] = "weight", "no such quantity");
            yield return Case("No zone of this name", map => map["divisionTree"]!["zone"] = "Mars/Olympus", "no such zone");
            yield return Case("A form without a day", map => map["occurredAt"]!["forms"] = new JsonArray("HH:mm"), "names no day");
            yield return Case("A pattern that looks back", map => map["record"]!["road"] = JsonNode.Parse("""{ "column": "x", "match": "(a)\\1" }"""), "cannot be used");
            yield return Case("A pattern of two groups", map => map["record"]!["road"] = JsonNode.Parse("""{ "column": "x", "match": "(a)(b)" }"""), "at most one group");
            yield return Case("No law", map => map.Remove("law"), "'law' is missing");
            yield return Case("Another law", map => map["law"] = "uk", "must be one of cn, none");
            yield return Case("A kind is needed where no law of ours applies", map => map["record"]!.AsObject().Remove("offenceKind"), "'offenceKind' is missing");
            yield return Case("Bands of what is not measured", map => map["record"]!["offenceKind"] = JsonNode.Parse(
                """{ "of": "alcoholBreath", "bands": [ { "from": 0, "value": "other" } ], "source": "x" }"""), "is not measured");
            yield return Case("Bands out of order", map => map["record"]!["offenceKind"] = JsonNode.Parse(
                """{ "of": "speed", "bands": [ { "from": 5, "value": "other" }, { "from": 5, "value": "speeding" } ], "source": "x" }"""), "begins above");
            yield return Case("Another file's name", map => map["name"] = "other", "named as its file");
            yield return Case("An encoding nobody knows", map => map["format"]!["encoding"] = "ebcdic-x", "no such encoding");
            yield return Case("A column both read and left out", map => map["leftOut"] = JsonNode.Parse("""{ "what": "x" }"""), "so it is not left out");

            static TestCaseData Case(string name, Action<JsonObject> change, string why) =>
                new TestCaseData(Lines(change), why).SetArgDisplayNames(name);
        }
    }

    [TestCaseSource(nameof(Wrong))]
    public void A_wrong_map_is_refused_by_file_and_line(string json, string why)
    {
        var refused = Refused(json);

        Assert.That(refused.Message, Does.Contain(why).And.Match("^imports/sample\\.json, line [0-9]+: "));
    }

    [Test]
    public void The_line_is_the_one_at_fault()
    {
        var json = Lines(map => map["record"]!["source"]!["value"] = "drone");
        var line = 1 + json[..json.IndexOf("drone", StringComparison.Ordinal)].Count(c => c == '\n');

        Assert.That(Refused(json).Message, Does.StartWith($"imports/sample.json, line {line}: "));
    }

    [TestCase("{\n  \"name\": \"sample\",\n  \"name\": \"sample\"\n}", "line 3", TestName = "A_member_that_stands_twice")]
    [TestCase("{\n  \"name\": oops\n}", "line 2", TestName = "What_is_no_JSON")]
    public void A_map_that_cannot_be_read_is_refused_by_line(string json, string line) => Assert.That(Refused(json).Message, Does.Contain(line));

    [TestCase("{\n  \"name\": \"m\",\n  \"law\": \"xx\",\n  \"plateRule\": \"none\"\n}", "imports/m.json, line 3: 'law'")]
    [TestCase("{\n  \"name\": \"m\",\n  \"law\": \"cn\",\n\n  \"plateRule\": 7\n}", "imports/m.json, line 5: 'plateRule'")]
    [TestCase("{\n  \"name\": \"other\",\n  \"law\": \"cn\",\n  \"plateRule\": \"cn\"\n}", "imports/m.json, line 2: 'name'")]
    [TestCase("{\n  \"law\": \n}", "imports/m.json, line 3:")]
    public void The_host_does_not_start_with_a_wrong_map_and_says_which_line(string json, string says)
    {
        var folder = Directory.CreateTempSubdirectory("traffic-maps-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "imports"));
            File.WriteAllText(Path.Combine(folder, "imports", "m.json"), json);

            Assert.That(Assert.Throws<StartRefusedException>(() => _ = new ImportMaps(new SchemaFiles(folder)))!.Message, Does.StartWith(says));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
