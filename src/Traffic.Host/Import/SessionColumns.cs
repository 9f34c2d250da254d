using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Traffic.Host.Import;

/// <summary>How a session's closing is read: it did all it did at one post, its place.</summary>
sealed class SessionColumns
{
    static readonly string[] Totals = ["officers", "vehiclesChecked", "personsChecked", "violations"];

    readonly LocalTime from, to;
    readonly List<(string Member, NumberRule Rule)> numbers = [];
    readonly int officers = -1;
    readonly string separator = "";

    public SessionColumns(MapNode rule, TimeZoneInfo zone, Func<string, int> column)
    {
        from = new LocalTime(rule.Get("actualFrom"), zone, column, "closing.actualFrom");
        to = new LocalTime(rule.Get("actualTo"), zone, column, "closing.actualTo");
        numbers.AddRange(Totals.Select(member => (member, new NumberRule(rule.Get(member), column))));
        if (rule.Find("officerIds") is { } ids)
        {
            (officers, separator) = (column(ids.Text("column")), ids.Text("separator"));
            ids.RefuseOthers();
        }
        rule.RefuseOthers();
    }

    /// <summary>Null where the row has no actual start: the session is only planned.</summary>
    /// <param name="place">Reads where it was.</param>
    public byte[]? Read(Reading row, ValueRule place)
    {
        if (from.IsAbsent(row))
            return null;
        using var body = new MemoryStream(256);
        using (var json = new Utf8JsonWriter(body, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteString("kind", "session");
            json.WriteString("verb", "close");
            if (from.Read(row) is { } began && to.Read(row) is { } ended)
            {
                json.WriteString("actualFrom", Text(began));
                json.WriteString("actualTo", Text(ended));
            }
            Write(json, row, numbers);
            if (officers >= 0 && row[officers] is { } named)
            {
                json.WriteStartArray("officerIds");
                foreach (var one in named.Split(separator, StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                    json.WriteStringValue(one);
                json.WriteEndArray();
            }
            json.WriteStartArray("posts");
            json.WriteStartObject();
            row.Member = "place";
            json.WriteString("place", place.Read(row));
            Write(json, row, numbers.Skip(1));
            json.WriteEndObject();
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return body.ToArray();
    }

    static void Write(Utf8JsonWriter json, Reading row, IEnumerable<(string Member, NumberRule Rule)> numbers)
    {
        foreach (var (member, rule) in numbers)
            ActivityMembers.Number(json, row, $"closing.{member}", member, rule);
    }

    public static string Text(DateTimeOffset at) => at.ToString("yyyy-MM-ddTHH:mm:ss.fffzzz", CultureInfo.InvariantCulture);
}
