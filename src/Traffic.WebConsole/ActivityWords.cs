using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Traffic.WebConsole;

/// <summary>What crashes, dangers, … say to a person.</summary>
static class ActivityWords
{
    /// <summary>One line about a thing.</summary>
    public static string Short(Reader reader, string kind, JsonNode? detail) => (kind, detail) switch
    {
        (_, null) => reader.T($"console.activities.{kind}"),
        ("crashes", _) => reader.T("console.activity.crash", (int)detail["dead"]!, (int)detail["injured"]!, Reader.Number((long)detail["lossCny"]!)),
        ("dangers", _) => $"{reader.Word("reporting.activity.kind", (string)detail["dangerKind"]!)} · {reader.Word("reporting.activity.change", (string)detail["changes"]!.AsArray()[^1]!["state"]!)}",
        ("observations", _) => string.Join(reader.English ? ", " : "，", detail["counts"]!.AsArray().Select(count =>
            $"{reader.Word("reporting.activity.thing", (string)count!["thing"]!)} {(int)count["complying"]!}/{(int)count["checked"]!}")),
        ("sessions", _) => $"{(string)detail["name"]!} · {reader.Word("reporting.activity.state", detail["closing"] is null ? "open" : "closed")}",
        ("points", _) => $"{(string)detail["name"]!} · {reader.Count("console.activity.perDay", (int)detail["visitsPerDay"]!, (int)detail["visitsPerDay"]!)}",
        _ => $"{(string)detail["day"]!} · {reader.T("console.activity.nth", (int)detail["nth"]!)}",
    };

    /// <summary>The label of a member: a crash or an observation is no offence.</summary>
    public static string Field(Reader reader, string name) => reader.Word("console.field", name == "occurredAt" ? "happenedAt" : name);

    public static string Instant(JsonNode? at, TimeZoneInfo zone) =>
        at is null ? "" : Reader.Instant(DateTimeOffset.Parse((string)at!, CultureInfo.InvariantCulture), zone);

    /// <summary>Every member of a report as a row; who a driver is stays partly covered until accounts say who may see it.</summary>
    /// <returns>With its code, a unit's.</returns>
    public static IEnumerable<(string Name, string Value, string? Unit)> Rows(Reader reader, string kind, JsonObject report, TimeZoneInfo zone, Func<string, string> division)
    {
        foreach (var (name, value) in report.Where(one => one.Value is not null && one.Key is not ("recordId" or "activityId" or "revision" or "kind" or "sealed") && one.Key != kind))
            foreach (var row in Of(name, value!))
                yield return row;
        foreach (var (name, value) in report[kind]!.AsObject())
            if (value is not null)
                foreach (var row in Of(name, value))
                    yield return row;

        IEnumerable<(string, string, string?)> Of(string name, JsonNode value) => value switch
        {
            JsonObject members => members.Where(one => one.Value is not null).SelectMany(one => Of(one.Key, one.Value!)),
            JsonArray list => [(Field(reader, name), string.Join(reader.English ? "; " : "；", list.Select(one => one is JsonObject members
                ? string.Join(reader.English ? ", " : "，", members.Where(member => member.Value is not null).Select(member => Labelled(member.Key, Text(member.Key, member.Value!))))
                : Text(name, one!))), null)],
            _ => [(Field(reader, name), Text(name, value), name == "unitCode" ? (string)value! : null)],
        };

        // Of a post, a count, a vehicle, a change: what names it, and when, says itself what it is.
        string Labelled(string name, string text) => name is "place" or "thing" or "vehicleClass" or "state" or "at" or "text" ? text : $"{Field(reader, name)} {text}";

        string Text(string name, JsonNode value) => name switch
        {
            "divisionCode" => $"{division((string)value!)} ({(string)value!})",
            "driverIdNumber" => RecordWords.Covered((string)value!, 6, 2),
            "driverName" => RecordWords.Covered((string)value!, 1, 0),
            _ when value.GetValueKind() == System.Text.Json.JsonValueKind.True => reader.Word("reporting.activity.keyVehicle", "yes"),
            _ when value.GetValueKind() == System.Text.Json.JsonValueKind.False => reader.Word("reporting.activity.keyVehicle", "no"),
            _ when value.GetValueKind() == System.Text.Json.JsonValueKind.Number => Reader.Number((decimal)value),
            _ when (name.EndsWith("At", StringComparison.Ordinal) || name is "at" or "plannedFrom" or "plannedTo" or "actualFrom" or "actualTo") => Instant(value, zone),
            _ => Word(name, (string)value!),
        };

        string Word(string name, string value)
        {
            foreach (var prefix in new[] { $"reporting.activity.{Dimension(name)}", $"reporting.{name}", "console.value", "reporting.source" })
                if (reader.Word(prefix, value) is var word && word != value)
                    return word;
            return value;
        }

        static string Dimension(string name) => name switch { "dangerKind" => "kind", "causes" => "cause", "state" => "change", _ => name };
    }

    /// <summary>What is personal is typed anew: it must not stand in an address.</summary>
    static readonly string[] Withheld = ["note", "plate", "driverIdNumber", "driverName"];

    /// <summary>What the last report said, as the fields of a form that says it anew.</summary>
    public static string Again(ReportForm form, JsonNode last, string kind, TimeZoneInfo zone)
    {
        var query = new StringBuilder();
        foreach (var field in form.Fields.Where(field => field.Kind != FieldKind.Hidden && !Withheld.Contains(field.Name)))
            if (Find(field.Name switch { "observedAt" => "occurredAt", "foundAt" => "changes[0].at", _ => field.Path }) is { } value)
                query.Append('&').Append(Uri.EscapeDataString(field.Path)).Append('=').Append(Uri.EscapeDataString(field.Kind switch
                {
                    FieldKind.Instant => TimeZoneInfo.ConvertTime(DateTimeOffset.Parse((string)value!, CultureInfo.InvariantCulture), zone).ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture),
                    FieldKind.Tick => (bool)value ? "on" : "",
                    _ => value.ToString(),
                }));
        return query.ToString();

        JsonNode? Find(string path)
        {
            var parts = path.Split('.', '[', ']').Where(part => part.Length > 0).ToArray();
            JsonNode? node = last[kind]?[parts[0]] ?? last[parts[0]];
            if (parts.Length > 1 && path.StartsWith("counts", StringComparison.Ordinal))
                node = node?.AsArray().FirstOrDefault(one => (string)one!["thing"]! == Thing(parts[1]));
            else if (parts.Length > 1)
                node = node is JsonArray list && int.Parse(parts[1], CultureInfo.InvariantCulture) < list.Count ? list[int.Parse(parts[1], CultureInfo.InvariantCulture)] : null;
            return parts.Length > 2 ? node?[parts[2]] : node;
        }

        string Thing(string index) => form.Fields.First(field => field.Path == $"counts[{index}].thing").Options![0];
    }
}
