using System.Text.Json;
using System.Text.Json.Serialization;

namespace Traffic.Reporting;

/// <summary>
/// Writes a row from its parts, as it is written without this, but puts nothing together first: of a report of tens of thousands
/// that, and finding out each time what a row has, took the most of the time.
/// </summary>
sealed class OffenceRowWriter : JsonConverter<OffenceRow>
{
    static readonly JsonEncodedText Keys = JsonEncodedText.Encode("keys"), Title = JsonEncodedText.Encode("title"), Zh = JsonEncodedText.Encode("zh"),
        En = JsonEncodedText.Encode("en"), Count = JsonEncodedText.Encode("count"), Records = JsonEncodedText.Encode("records"),
        Exposure = JsonEncodedText.Encode("exposure");

    /// <exception cref="NotSupportedException">Always: rows are answered, never sent to us.</exception>
    public override OffenceRow Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

    public override void Write(Utf8JsonWriter writer, OffenceRow value, JsonSerializerOptions options)
    {
        var (groupBy, count, first, second, records) = value.Parts;
        writer.WriteStartObject();
        writer.WriteStartObject(Keys);
        writer.WriteString(groupBy[0], count.First);
        if (count.Second is not null)
            writer.WriteString(groupBy[1], count.Second);
        writer.WriteEndObject();
        writer.WriteStartObject(Title);
        Joined(writer, Zh, first.Zh, second is null ? "" : Titles.Between, second?.Zh);
        Joined(writer, En, first.En, second is null ? "" : Titles.Between, second?.En);
        writer.WriteEndObject();
        writer.WriteNumber(Count, value.Count);
        Joined(writer, Records, records.Before, records.Value, records.After);
        writer.WritePropertyName(Exposure);
        if (value.Exposure is { } exposure)
            JsonSerializer.Serialize(writer, exposure, options);
        else
            writer.WriteNullValue();
        writer.WriteEndObject();
    }

    static void Joined(Utf8JsonWriter writer, JsonEncodedText name, string one, string two, string? three)
    {
        Span<char> text = stackalloc char[512];
        if (text.TryWrite($"{one}{two}{three}", out var length))
            writer.WriteString(name, text[..length]);
        else
            writer.WriteString(name, string.Concat(one, two, three));
    }
}
