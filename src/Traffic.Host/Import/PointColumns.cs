using System.Text.Encodings.Web;
using System.Text.Json;

namespace Traffic.Host.Import;

/// <summary>How the must-visit point or route is read that a row's visit is of. Rows that are the same in its identity are of one point.</summary>
sealed class PointColumns
{
    static readonly string[] Texts = ["pointKind", "name", "divisionCode", "unitCode", "from", "to"], Numbers = ["visitsPerDay", "latitude", "longitude"];

    readonly int[] identity;
    readonly List<(string Member, ValueRule Rule)> texts = [];
    readonly List<(string Member, NumberRule Rule)> numbers = [];

    public PointColumns(MapNode rule, Func<string, int> column, Func<string, ValueRule, ValueRule> check)
    {
        var id = rule.Get("identity");
        id.NamesItsSource();
        identity = [.. id.Texts("columns").Select(column)];
        id.RefuseOthers();
        foreach (var needed in new[] { "pointKind", "name", "divisionCode", "visitsPerDay", "from", "to" })
            _ = rule.Get(needed);
        foreach (var (member, one) in rule.Members)
            if (Texts.Contains(member))
                texts.Add((member, check(member, ValueRule.Of(one, column))));
            else if (Numbers.Contains(member))
                numbers.Add((member, new NumberRule(one, column)));
            else if (member != "identity")
                throw one.Refused($"'{member}' is no member of a point, or none that an import may set");
    }

    /// <summary>Of the point's report, from its identity, so that no value of the table shows.</summary>
    public string EventId(Reading row) => "point." + Convert.ToHexStringLower(RecordMap.Hash("point", identity, column => row[column]).AsSpan(0, 16));

    public (string EventId, byte[] Record) Read(Reading row)
    {
        using var body = new MemoryStream(256);
        using (var json = new Utf8JsonWriter(body, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("kind", "point");
            foreach (var (member, rule) in texts)
            {
                row.Member = $"point.{member}";
                if (rule.Read(row) is { } text)
                    json.WriteString(member, text);
            }
            foreach (var (member, rule) in numbers)
                ActivityMembers.Number(json, row, $"point.{member}", member, rule);
            json.WriteEndObject();
        }
        return (EventId(row), body.ToArray());
    }
}
