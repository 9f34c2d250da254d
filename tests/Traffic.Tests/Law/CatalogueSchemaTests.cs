using System.Text.Json.Nodes;
using NUnit.Framework;

namespace Traffic.Tests.Law;

/// <summary>Every member of every catalogue file stands in <c>schemas/catalogue.schema.json</c>, and what it requires is there.</summary>
public sealed class CatalogueSchemaTests
{
    static readonly JsonNode Schema = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "schemas", "catalogue.schema.json")))!;

    static IEnumerable<string> Files => Traffic.Catalogue.Catalogue.FilesOf(Path.Combine(Repository.Root, "schemas", "catalogue")).Select(file => file.Name);

    [TestCaseSource(nameof(Files))]
    public void A_file_is_as_its_schema_says(string file)
    {
        var kind = file.StartsWith("local/", StringComparison.Ordinal) ? "layer" : file.StartsWith("overlays/", StringComparison.Ordinal) ? "overlays" : "edition";
        var faults = new List<string>();

        Compare(JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "schemas", "catalogue", file))), Schema["$defs"]![kind]!, "$", faults);

        Assert.That(faults, Is.Empty);
    }

    static void Compare(JsonNode? value, JsonNode schema, string at, List<string> faults)
    {
        if (value is JsonArray list && schema["items"] is { } items)
            for (var i = 0; i < list.Count; i++)
                Compare(list[i], items, $"{at}[{i}]", faults);
        if (value is not JsonObject members)
            return;
        foreach (var required in schema["required"]?.AsArray() ?? [])
            if (!members.ContainsKey((string)required!))
                faults.Add($"{at} lacks {required}");
        foreach (var (name, member) in members)
            if (schema["properties"]?[name] is { } known)
                Compare(member, known, $"{at}.{name}", faults);
            else if (schema["additionalProperties"] is JsonValue closed && !closed.GetValue<bool>())
                faults.Add($"{at}.{name} is not in the schema");
    }
}
