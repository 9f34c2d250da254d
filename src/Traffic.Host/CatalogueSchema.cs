using System.Text.Json;
using System.Text.Json.Nodes;
using Json.Schema;
using Traffic.Catalogue;

namespace Traffic.Host;

/// <summary>Holds catalogue files to <c>schemas/catalogue.schema.json</c>: what does not fit, with its line.</summary>
static class CatalogueSchema
{
    static readonly Lazy<Dictionary<string, JsonSchema>> Kinds = new(() =>
    {
        var schema = JsonNode.Parse(File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "schemas", "catalogue.schema.json")))!.AsObject();
        return new[] { "edition", "layer", "overlays" }.ToDictionary(kind => kind, kind =>
        {
            // The file says that one of three holds; which of them, its folder tells.
            var one = schema.DeepClone().AsObject();
            one.Remove("oneOf");
            one["$id"] = $"urn:traffic:catalogue:{kind}";
            one["$ref"] = $"#/$defs/{kind}";
            return JsonSchema.FromText(one.ToJsonString());
        });
    });

    public static IEnumerable<CatalogueException> Faults(IReadOnlyList<CatalogueFile> files) => files.SelectMany(Faults);

    static IEnumerable<CatalogueException> Faults(CatalogueFile file)
    {
        JsonDocument document;
        try { document = JsonDocument.Parse(file.Bytes); }
        catch (JsonException) { yield break; /* said where it is read */ }
        using (document)
        {
            var kind = file.Name.Split('/') switch { ["local", _] => "layer", ["overlays", _] => "overlays", _ => "edition" };
            var found = Kinds.Value[kind].Evaluate(document.RootElement, new EvaluationOptions { OutputFormat = OutputFormat.List });
            if (found.IsValid)
                yield break;
            var lines = LinesOf(file.Bytes);
            foreach (var detail in found.Details ?? [])
                foreach (var (keyword, said) in detail.Errors ?? new Dictionary<string, string>())
                    yield return new CatalogueException(file.Name, lines.GetValueOrDefault(detail.InstanceLocation.ToString(), 1),
                        $"{(detail.InstanceLocation.ToString() is { Length: > 0 } at ? at : "/")} is not as the schema says{(keyword.Length > 0 ? $" ({keyword})" : "")}: {said}");
        }
    }

    /// <summary>The line of each value by its JSON Pointer (RFC 6901).</summary>
    static Dictionary<string, int> LinesOf(byte[] utf8)
    {
        var lines = new Dictionary<string, int>();
        var reader = new Utf8JsonReader(utf8);
        var (line, until) = (1, 0);
        reader.Read();
        Value(ref reader, "");
        return lines;

        void Value(ref Utf8JsonReader at, string pointer)
        {
            line += utf8.AsSpan(until..(int)at.TokenStartIndex).Count((byte)'\n');
            until = (int)at.TokenStartIndex;
            lines[pointer] = line;
            if (at.TokenType == JsonTokenType.StartObject)
                while (at.Read() && at.TokenType != JsonTokenType.EndObject)
                {
                    var name = at.GetString()!.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
                    at.Read();
                    Value(ref at, $"{pointer}/{name}");
                }
            else if (at.TokenType == JsonTokenType.StartArray)
                for (var i = 0; at.Read() && at.TokenType != JsonTokenType.EndArray; i++)
                    Value(ref at, $"{pointer}/{i}");
        }
    }
}
