using System.Text.Json;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Host.Import;

/// <summary>How the members of a crash, a danger, an observation, a session or a visit are read from the columns of a foreign table.</summary>
sealed class ActivityMembers
{
    static readonly string[] Everywhere = ["divisionCode", "unitCode", "sessionId", "officerId", "note"];

    /// <summary>What an import can be of, beside violations: when it happened is written as this member, then its texts and its numbers.</summary>
    static readonly Dictionary<ActivityKind, (string Time, string[] Texts, string[] Numbers)> Known = new()
    {
        [ActivityKind.Crash] = ("occurredAt", ["roadKind", "road", "occasion"], ["roadKm", "latitude", "longitude", "dead", "injured", "lossCny"]),
        [ActivityKind.Danger] = ("foundAt", ["dangerKind", "plate", "plateType"], []),
        [ActivityKind.Observation] = ("observedAt", ["roadKind", "place"], []),
        [ActivityKind.Session] = ("plannedFrom", ["name", "sessionKind", "mode", "place", "placeKind"], ["officersPlanned"]),
        [ActivityKind.Visit] = ("visitedAt", ["day", "proofSha256"], ["nth", "latitude", "longitude"]),
    };

    readonly List<(string Member, ValueRule Rule)> texts = [];
    readonly List<(string Member, NumberRule Rule)> numbers = [];
    readonly List<ValueRule> causes = [];
    readonly List<(string Thing, NumberRule Checked, NumberRule Complying)> counts = [];
    readonly ActivityKind kind;
    readonly LocalTime? plannedTo;
    readonly SessionColumns? closing;
    readonly PointColumns? point;

    /// <param name="check">Holds what a rule may give to the words of a member.</param>
    public ActivityMembers(ActivityKind kind, MapNode record, TimeZoneInfo zone, Func<string, int> column, Func<string, ValueRule, ValueRule> check)
    {
        this.kind = kind;
        foreach (var needed in Needed(kind))
            _ = record.Get(needed);
        // Where and whose a visit is follows from its point.
        string[] everywhere = kind == ActivityKind.Visit ? ["sessionId", "officerId"] : Everywhere;
        foreach (var (member, rule) in record.Members)
            if (member == "plannedTo" && kind == ActivityKind.Session)
                plannedTo = new LocalTime(rule, zone, column, member);
            else if (member == "closing" && kind == ActivityKind.Session)
                closing = new SessionColumns(rule, zone, column);
            else if (member == "point" && kind == ActivityKind.Visit)
                point = new PointColumns(rule, column, check);
            else if (everywhere.Contains(member) || Known[kind].Texts.Contains(member))
                texts.Add((member, check(member, ValueRule.Of(rule, column))));
            else if (Known[kind].Numbers.Contains(member))
                numbers.Add((member, new NumberRule(rule, column)));
            else if (member == "causes" && kind == ActivityKind.Crash)
                causes.AddRange(record.List(member).Select(cause => check(member, ValueRule.Of(cause, column))));
            else if (member == "counts" && kind == ActivityKind.Observation)
                counts.AddRange(record.List(member).Select(count => Counted(count, column)));
            else
                throw rule.Refused($"'{member}' is no member of a {kind.Word()}, or none that an import may set");
    }

    static string[] Needed(ActivityKind kind) => kind switch
    {
        ActivityKind.Crash => ["divisionCode", "dead", "injured", "lossCny"],
        ActivityKind.Danger => ["divisionCode", "dangerKind"],
        ActivityKind.Session => ["divisionCode", "name", "sessionKind", "mode", "place", "plannedTo", "officersPlanned"],
        ActivityKind.Visit => ["point", "nth", "proofSha256"],
        _ => ["divisionCode", "counts"],
    };

    /// <summary>The point a visit is of; null for anything else. Faults are noted.</summary>
    public (string EventId, byte[] Record)? Point(Reading row) => point?.Read(row);

    /// <summary>What a session did; null where the row does not say, and for anything else. Faults are noted.</summary>
    public byte[]? Closing(Reading row) => closing?.Read(row, texts.Find(one => one.Member == "place").Rule);

    /// <summary>The kind a map's <c>kind</c> names; null where it names none, for violations.</summary>
    public static ActivityKind? KindOf(MapNode map) => map.Find("kind") is not { } named ? null
        : EnumWord.Parse<ActivityKind>(named.AsText()) is { } kind && Known.ContainsKey(kind)
            ? kind : throw named.Refused($"an import is of {string.Join(", ", Known.Keys.Select(one => one.Word()))}, or without 'kind' of violations");

    static (string, NumberRule, NumberRule) Counted(MapNode count, Func<string, int> column)
    {
        var thing = count.Text("thing");
        if (EnumWord.Parse<ObservedThing>(thing) is null)
            throw count.Get("thing").Refused($"'{thing}' is nothing that is observed");
        var read = (thing, new NumberRule(count.Get("checked"), column), new NumberRule(count.Get("complying"), column));
        count.RefuseOthers();
        return read;
    }

    /// <summary>Writes the members of one row; faults are noted.</summary>
    public void Write(Utf8JsonWriter json, Reading row, string? at)
    {
        json.WriteString("kind", kind.Word());
        if (at is not null)
            json.WriteString(Known[kind].Time, at);
        foreach (var (member, rule) in texts)
        {
            row.Member = member;
            if (rule.Read(row) is { } text)
                json.WriteString(member, text);
        }
        foreach (var (member, rule) in numbers)
            Number(json, row, member, member, rule);
        if (plannedTo?.Read(row) is { } until)
            json.WriteString("plannedTo", SessionColumns.Text(until));
        if (point is not null)
        {
            json.WriteString("pointEventId", point.EventId(row));
            // A visit is of the day on which it was made, unless the table says of which.
            if (!texts.Exists(one => one.Member == "day"))
                json.WriteString("day", row.Local.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture));
        }
        WriteCauses(json, row);
        if (counts.Count == 0)
            return;
        json.WriteStartArray("counts");
        foreach (var (thing, seen, complying) in counts)
        {
            json.WriteStartObject();
            json.WriteString("thing", thing);
            Number(json, row, $"counts.{thing}", "checked", seen);
            Number(json, row, $"counts.{thing}", "complying", complying);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    void WriteCauses(Utf8JsonWriter json, Reading row)
    {
        row.Member = "causes";
        var given = causes.ConvertAll(rule => rule.Read(row)).Where(cause => cause is not null).Distinct().ToList();
        if (given.Count == 0)
            return;
        json.WriteStartArray("causes");
        foreach (var cause in given)
            json.WriteStringValue(cause);
        json.WriteEndArray();
    }

    /// <summary>5.0 is 5: what is counted is whole, and the door refuses what is not.</summary>
    internal static void Number(Utf8JsonWriter json, Reading row, string member, string name, NumberRule rule)
    {
        row.Member = member;
        if (rule.Read(row) is not { } number)
            return;
        if (decimal.IsInteger(number) && Math.Abs(number) <= long.MaxValue)
            json.WriteNumber(name, (long)number);
        else
            json.WriteNumber(name, number);
    }
}
