using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Traffic.Platform;

namespace Traffic.Reporting;

/// <summary>Reads campaigns and holds each to its slogan: one raise, two zeros, three drops, or the host does not start.</summary>
static class CampaignReader
{
    static readonly string[] Slogan = ["raise", "zero", "zero", "drop", "drop", "drop"];

    static readonly (string Word, ComparisonKind Kind)[] Comparisons =
    [
        ("yearOnYear", ComparisonKind.YearOnYear), ("periodOnPeriod", ComparisonKind.PeriodOnPeriod),
        ("fixedBaseline", ComparisonKind.FixedBaseline), ("none", ComparisonKind.None),
    ];

    /// <summary>Every file of <c>targets</c> but the declaration of cubes; in their order, then by name.</summary>
    /// <exception cref="StartRefusedException">A file is not as it must be; names file and line.</exception>
    public static IReadOnlyList<Campaign> ReadAll(SchemaFiles schemas)
    {
        var cubes = Cubes.Load(schemas);
        return
        [
            .. schemas.Json("targets")
                .Where(file => Path.GetFileName(file) is not ("cubes.json" or "rollups.json"))
                .Select(file => Read(Path.GetFileNameWithoutExtension(file), Path.GetFileName(file), File.ReadAllBytes(file), cubes))
                .OrderBy(campaign => campaign.Order).ThenBy(campaign => campaign.Id, StringComparer.Ordinal),
        ];
    }

    /// <param name="id">What the file is named and its campaign must be named too.</param>
    /// <param name="file">For the message.</param>
    /// <param name="cubes">What can be counted: a measure of anything else is refused.</param>
    public static Campaign Read(string id, string file, byte[] json, Cubes cubes)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            return new FileReader(file, json, cubes).Campaign(id, document.RootElement);
        }
        catch (JsonException unreadable)
        {
            throw new StartRefusedException($"targets/{file}, line {unreadable.LineNumber + 1}: it cannot be read as JSON.", unreadable);
        }
    }

    sealed class FileReader(string file, byte[] json, Cubes cubes)
    {
        public Campaign Campaign(string id, JsonElement root)
        {
            var from = Day(root, "from", "from")!.Value;
            var to = Day(root, "to", "to", optional: true);
            if (to < from)
                throw Refused("to", "the campaign ends before it begins");
            if (Text(root, "campaign", "campaign") != id)
                throw Refused("campaign", $"the campaign must be named as its file, {id}");
            if (root.TryGetProperty("thresholds", out var thresholds))
                usual = (Number(thresholds, "minimum", "thresholds") ?? usual.Minimum, Number(thresholds, "margin", "thresholds") ?? usual.Margin);
            var lines = Member(root, "lines", "lines").EnumerateArray().Select(Line).ToList();
            if (!lines.DistinctBy(line => line.Id).Select(line => line.Direction).SequenceEqual(Slogan))
                throw Refused("lines", "the slogan has one raise, two zeros and three drops, in this order");
            return new Campaign(
                id, (int)(Number(root, "order", "order") ?? 100), (int?)Number(root, "defaultDays", "defaultDays"), Both(root, "title"),
                Both(root, "note"), Text(root, "source", "source"), Text(root, "division", "division"), from, to,
                [.. lines.GroupBy(line => line.Id).SelectMany(InTurn)]);
        }

        /// <summary>Cases and margin for lines that name none of their own.</summary>
        (decimal Minimum, decimal Margin) usual = (5, 0);

        /// <summary>Versions of one line: numbered, each later than the one before and ending it.</summary>
        static IEnumerable<TargetDefinition> InTurn(IGrouping<string, TargetDefinition> versions)
        {
            TargetDefinition? former = null;
            foreach (var version in versions)
            {
                if (former is null ? version.Version != 1 : version.Version != former.Version + 1)
                    throw Refused(version, former is null
                        ? $"the first version of {version.Id} must be 1"
                        : $"two lines have the id {version.Id}: the later must be version {former.Version + 1}");
                if (former is not null)
                {
                    if (version.Supersedes is null)
                        throw Refused(version, $"version {version.Version} of {version.Id} must say what it 'supersedes' the former for: by whom and why");
                    if (version.Direction != former.Direction)
                        throw Refused(version, $"version {version.Version} of {version.Id} has another direction: that is another line");
                    if (version.ValidFrom <= former.ValidFrom || version.ValidFrom <= former.ValidTo)
                        throw Refused(version, $"versions {former.Version} and {version.Version} of {version.Id} overlap");
                    yield return former with { ValidTo = former.ValidTo ?? version.ValidFrom.AddDays(-1) };
                }
                former = version;
            }
            yield return former!;
        }

        static StartRefusedException Refused(TargetDefinition line, string why) => new($"{line.At}: {why}.");

        TargetDefinition Line(JsonElement line)
        {
            if (!line.TryGetProperty("id", out var named) || named.GetString() is not { Length: > 0 } id)
                throw Refused("lines", "a line has no id");
            read[id] = read.TryGetValue(id, out var above) ? LineOf(id, above + 1) : LineOf(id);
            var direction = Text(line, "direction", id);
            if (!Slogan.Contains(direction))
                throw Refused(id, "the direction must be raise, zero or drop", "direction");
            var unit = Text(line, "unit", id);
            var denominator = line.TryGetProperty("denominator", out var divisor) && divisor.ValueKind != JsonValueKind.Null
                ? Measure(divisor, id, "denominator") : null;
            if (unit == "percent" && denominator is null)
                throw Refused(id, "a percentage needs a denominator: it would divide by nothing", "unit");
            var (comparison, baseline) = Comparison(Member(line, "comparison", id), id);
            var validFrom = Day(line, "validFrom", id)!.Value;
            var validTo = Day(line, "validTo", id, optional: true);
            if (validTo < validFrom)
                throw Refused(id, "the line's validity ends before it begins", "validTo");
            return new TargetDefinition(
                id, Text(line, "slogan", id), new Title(Text(line, "zh", id), Text(line, "en", id)), direction,
                Measure(Member(line, "numerator", id), id, "numerator"), denominator, unit, comparison, baseline,
                Goal(Member(line, "goal", id), id, comparison), Number(line, "minimum", id) ?? usual.Minimum, Text(line, "source", id), validFrom, validTo)
            {
                Version = (int)(Number(line, "version", id) ?? 1),
                Supersedes = line.TryGetProperty("supersedes", out var former) ? new Supersession(Text(former, "by", id), Text(former, "why", id)) : null,
                At = $"targets/{file}, line {LineOf(id) + 1}",
                Canonical = CanonicalJson.Of(line, without: "validTo"),
            };
        }

        /// <summary>Lines already read: a second one of the same id is looked for below it.</summary>
        readonly Dictionary<string, int> read = [];

        Measure Measure(JsonElement measure, string id, string member)
        {
            if (measure.ValueKind != JsonValueKind.Object || !measure.TryGetProperty("cube", out var named) || named.GetString() is not { Length: > 0 } name)
                throw Refused(id, $"the {member} names no cube", member);
            var cube = cubes.Find(name) ?? throw Refused(id, $"the {member} is of '{name}', which is no cube", member);
            if (cube.Of == "activity")
                throw Refused(id, $"the {member} is of '{name}', which counts reports whatever they are about", member);
            var where = new Dictionary<string, string[]>();
            if (measure.TryGetProperty("where", out var conditions))
                foreach (var one in conditions.EnumerateObject())
                {
                    if (!cube.Dimensions.Contains(one.Name))
                        throw Refused(id, $"the cube {name} has no dimension '{one.Name}'", one.Name);
                    where[one.Name] = [.. one.Value.EnumerateArray().Select(value => value.GetString()!)];
                    if (where[one.Name].FirstOrDefault(value => !CubeValues.IsKnown(cube, one.Name, value)) is { } unknown)
                        throw Refused(id, $"'{unknown}' is no value of {one.Name} in the cube {name}", one.Name);
                }
            return new Measure(name, where);
        }

        (ComparisonKind, decimal?) Comparison(JsonElement comparison, string id)
        {
            var word = Text(comparison, "kind", id);
            if (!Comparisons.Any(one => one.Word == word))
                throw Refused(id, $"there is no comparison '{word}'", "comparison");
            var kind = Comparisons.First(one => one.Word == word).Kind;
            var baseline = Number(comparison, "value", id);
            var frozen = comparison.TryGetProperty("frozen", out var taken) && taken.ValueKind == JsonValueKind.True;
            if (kind == ComparisonKind.FixedBaseline && (baseline is null) != frozen)
                throw Refused(id, "a fixed baseline needs its value, or \"frozen\": true to take the campaign's", "comparison");
            return (kind, baseline);
        }

        Goal Goal(JsonElement goal, string id, ComparisonKind comparison)
        {
            var read = new Goal(
                Number(goal, "changePercentMax", id), Number(goal, "changePercentMin", id),
                Number(goal, "valueMax", id), Number(goal, "valueMin", id), Number(goal, "margin", id) ?? usual.Margin);
            if (new[] { read.ChangePercentMax, read.ChangePercentMin, read.ValueMax, read.ValueMin }.Count(bound => bound is not null) != 1)
                throw Refused(id, "a goal has exactly one bound", "goal");
            if (comparison == ComparisonKind.None && (read.ChangePercentMax ?? read.ChangePercentMin) is not null)
                throw Refused(id, "a change needs something to compare with", "goal");
            return read;
        }

        Title Both(JsonElement parent, string name) =>
            Member(parent, name, name) is var title ? new Title(Text(title, "zh", name), Text(title, "en", name)) : null!;

        JsonElement Member(JsonElement parent, string name, string near) =>
            parent.TryGetProperty(name, out var value) ? value : throw Refused(near, $"'{name}' is missing");

        string Text(JsonElement parent, string name, string near) =>
            Member(parent, name, near) is { ValueKind: JsonValueKind.String } value && value.GetString() is { Length: > 0 } text && text.Trim().Length > 0
                ? text : throw Refused(near, $"'{name}' is empty", name);

        decimal? Number(JsonElement parent, string name, string near) =>
            !parent.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null ? null
            : value.ValueKind == JsonValueKind.Number ? value.GetDecimal()
            : throw Refused(near, $"'{name}' is no number", name);

        DateOnly? Day(JsonElement parent, string name, string near, bool optional = false)
        {
            if (optional && (!parent.TryGetProperty(name, out var value) || value.ValueKind == JsonValueKind.Null))
                return null;
            return DateOnly.TryParseExact(Text(parent, name, near), "yyyy-MM-dd", CultureInfo.InvariantCulture, default, out var day)
                ? day : throw Refused(near, $"'{name}' is no day", name);
        }

        string[] Lines => lines ??= Encoding.UTF8.GetString(json).Split('\n');
        string[]? lines;

        /// <summary>Where a line of the slogan begins, from 0; below a first one of the same id where that is read already.</summary>
        int LineOf(string id, int from) => Array.FindIndex(Lines, from, line => line.Contains($"\"id\": \"{id}\"", StringComparison.Ordinal));

        int LineOf(string id) => read.TryGetValue(id, out var at) ? at : LineOf(id, 0);

        /// <summary>The line of a member at the top, or of a line of the slogan (by its id) and, below it, of its member.</summary>
        StartRefusedException Refused(string near, string why, string? member = null)
        {
            var at = LineOf(near);
            if (at < 0)
                at = Math.Max(Array.FindIndex(Lines, line => line.Contains($"\"{near}\"", StringComparison.Ordinal)), 0);
            else if (member is not null && Array.FindIndex(Lines, at, line => line.Contains($"\"{member}\"", StringComparison.Ordinal)) is > 0 and var below)
                at = below;
            return new StartRefusedException($"targets/{file}, line {at + 1}: {why}.");
        }
    }
}

/// <summary>JSON in one form only: members in order of their names, no white space.</summary>
static class CanonicalJson
{
    /// <param name="without">A member at the top that is left out.</param>
    public static string Of(JsonElement value, string? without = null)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            Write(json, value, without);
        return Encoding.UTF8.GetString(text.ToArray());
    }

    static void Write(Utf8JsonWriter json, JsonElement value, string? without)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                json.WriteStartObject();
                foreach (var member in value.EnumerateObject().Where(one => one.Name != without).OrderBy(one => one.Name, StringComparer.Ordinal))
                {
                    json.WritePropertyName(member.Name);
                    Write(json, member.Value, null);
                }
                json.WriteEndObject();
                break;
            case JsonValueKind.Array:
                json.WriteStartArray();
                foreach (var item in value.EnumerateArray())
                    Write(json, item, null);
                json.WriteEndArray();
                break;
            default:
                value.WriteTo(json);
                break;
        }
    }
}
