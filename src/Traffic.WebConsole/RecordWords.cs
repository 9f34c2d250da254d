using System.Text.Json;
using Traffic.Platform;

namespace Traffic.WebConsole;

/// <summary>What a record's members say to a person.</summary>
static class RecordWords
{
    /// <summary>One member as text; who the driver is stays partly covered until accounts say who may see it.</summary>
    /// <param name="map">By which it was imported; null for our own records.</param>
    public static string Of(Reader reader, JsonProperty member, TimeZoneInfo zone, Func<string, string> division, ImportMap? map) =>
        (member.Name, member.Value) switch
    {
        ("feedId", _) when map is not null => $"{(reader.English ? map.Title.En : map.Title.Zh)} ({member.Value})",
        ("offenceKind", var value) when map?.Kinds.GetValueOrDefault(value.ToString()) is { Zh: not null } kind => reader.English ? kind.En : kind.Zh,
        ("occurredAt", var value) => Reader.Instant(value.GetDateTimeOffset(), zone),
        ("divisionCode", var value) => $"{division(value.GetString()!)} ({value.GetString()})",
        ("driverIdNumber", var value) => Covered(value.GetString()!, 6, 2),
        ("driverName", var value) => Covered(value.GetString()!, 1, 0),
        ("driverPhone", var value) => Covered(value.GetString()!, 3, 2),
        (_, { ValueKind: JsonValueKind.Array } list) =>
            string.Join(reader.English ? ", " : "、", list.EnumerateArray().Select(one => reader.Word("console.value", one.ToString()))),
        ("ratedLoadKg" or "permittedGrossMassKg", { ValueKind: JsonValueKind.Number } mass) => $"{Reader.Number(mass.GetDecimal())} kg",
        (_, { ValueKind: JsonValueKind.Number } number) => Reader.Number(number.GetDecimal()),
        ("plateType" or "useNature", var value) => Coded(value.ToString(), reader.Word($"console.{member.Name}", value.ToString())),
        // The first two characters of a type are its kind and size (GA/T 16.4).
        ("vehicleType", var value) => value.ToString() is var code && code.Length > 1 && reader.Word("console.vehicleType", code[..2]) is var size && size != code[..2]
            ? Coded(code, size) : Coded(code, reader.Word("console.vehicleType", code[..1])),
        ("source", var value) => reader.Word("reporting.source", value.ToString()),
        ("offenceKind", var value) => reader.Word("console.value", value.ToString()),
        (_, var value) => reader.Word("console.value", value.ToString()),
    };

    static string Coded(string code, string word) => word == code || word == code[..1] ? code : $"{code} {word}";

    /// <summary>Quantity, value, unit, and by which instrument.</summary>
    public static string Measurement(Reader reader, JsonElement one)
    {
        var text = $"{reader.Word("console.quantity", one.GetProperty("quantity").GetString()!)} {Reader.Number(one.GetProperty("value").GetDecimal())} {reader.Word("console.unit", one.GetProperty("unit").GetString()!)}";
        return one.TryGetProperty("instrument", out var instrument) ? $"{text} ({instrument.GetString()})" : text;
    }

    /// <summary>A stable word, with what it is about where it says so; the inputs that were lacking; or what a person wrote.</summary>
    public static string Reason(Reader reader, string reason) => reason.Split(',') is { Length: > 1 } several && several.All(one => reader.Word("console.reason", one) != one)
        ? string.Join(reader.English ? "; " : "；", several.Select(one => reader.Word("console.reason", one))) : One(reader, reason);

    static string One(Reader reader, string reason) => reason.Split(": ", 2) is [var word, var about]
        && reader.Word("console.reason", word) is var said && said != word ? $"{said} ({reader.Word("console.decision", about)})" : reader.Word("console.reason", reason);

    /// <summary>A range in CNY; a warning where the greatest is 0.</summary>
    public static string Fine(Reader reader, int? min, int? max) => (min, max) switch
    {
        (_, null) => reader.T("console.fine.open"),
        (_, 0) => reader.T("console.fine.warning"),
        (null, { } most) => reader.T("console.fine.exact", Reader.Number(most)),
        ({ } least, { } most) => least == most
            ? reader.T("console.fine.exact", Reader.Number(most)) : reader.T("console.fine.range", Reader.Number(least), Reader.Number(most)),
    };

    internal static string Covered(string text, int first, int last) => text.Length <= first + last
        ? new string('*', text.Length) : text[..first] + new string('*', text.Length - first - last) + text[^last..];
}
