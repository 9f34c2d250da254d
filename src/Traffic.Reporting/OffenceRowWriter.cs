using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Traffic.Reporting;

/// <summary>
/// Writes a row from its parts, as it is written without this, but puts nothing together first and looks at no text twice: of a report
/// of tens of thousands of rows that took the most of the time.
/// </summary>
sealed class OffenceRowWriter : JsonConverter<OffenceRow>
{
    [ThreadStatic]
    static ArrayBufferWriter<byte>? ofThisThread;

    static readonly byte[] Between = Written.Of(Titles.Between);

    /// <exception cref="NotSupportedException">Always: rows are answered, never sent to us.</exception>
    public override OffenceRow Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

    public override void Write(Utf8JsonWriter writer, OffenceRow value, JsonSerializerOptions options)
    {
        var (groupBy, count, first, second, link) = value.Parts;
        var row = ofThisThread ??= new ArrayBufferWriter<byte>(1_024);
        row.ResetWrittenCount();
        row.Write("{\"keys\":{\""u8);
        Encoding.UTF8.GetBytes(groupBy[0], row);
        row.Write("\":\""u8);
        row.Write(first.KeyWritten);
        if (second is not null)
        {
            row.Write("\",\""u8);
            Encoding.UTF8.GetBytes(groupBy[1], row);
            row.Write("\":\""u8);
            row.Write(second.KeyWritten);
        }
        row.Write("\"},\"title\":{\"zh\":\""u8);
        Joined(row, first.ZhWritten, second?.ZhWritten);
        row.Write("\",\"en\":\""u8);
        Joined(row, first.EnWritten, second?.EnWritten);
        row.Write("\"},\"count\":"u8);
        count.TryFormat(row.GetSpan(20), out var digits, provider: System.Globalization.CultureInfo.InvariantCulture);
        row.Advance(digits);
        row.Write(",\"records\":\""u8);
        row.Write(link.BeforeWritten);
        if (link.AfterWritten is { } after)
        {
            row.Write(second!.InLinkWritten);
            row.Write(after);
        }
        row.Write("\",\"exposure\":"u8);
        row.Write(value.Exposure is { } exposure ? JsonSerializer.SerializeToUtf8Bytes(exposure, options) : "null"u8);
        row.Write("}"u8);
        writer.WriteRawValue(row.WrittenSpan, skipInputValidation: true);
    }

    static void Joined(ArrayBufferWriter<byte> row, byte[] one, byte[]? other)
    {
        row.Write(one);
        if (other is null)
            return;
        row.Write(Between);
        row.Write(other);
    }
}
