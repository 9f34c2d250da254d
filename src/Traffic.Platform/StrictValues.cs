using System.Text.Json;
using System.Text.Json.Serialization;

namespace Traffic.Platform;

/// <summary>One word of the enum, spelt as it is: no number, no other case, no list of words.</summary>
public sealed class OneWord<T> : JsonConverter<T> where T : struct, Enum
{
    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && EnumWord.Parse<T>(reader.GetString()!) is { } value ? value : throw new JsonException();

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.Word());
}

/// <summary>The same for each enum there is.</summary>
sealed class EachOneWord : JsonConverterFactory
{
    public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum;

    public override JsonConverter CreateConverter(Type typeToConvert, JsonSerializerOptions options) =>
        (JsonConverter)Activator.CreateInstance(typeof(OneWord<>).MakeGenericType(typeToConvert))!;
}

/// <summary>An instant must say its offset: without one it would mean the local time of whichever machine reads it.</summary>
public sealed class InstantWithOffset : JsonConverter<DateTimeOffset>
{
    /// <summary>Length of <c>2026-01-01T00:00</c>; an offset can only stand after it.</summary>
    const int ToTheMinute = 16;

    /// <inheritdoc/>
    public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String || !reader.TryGetDateTimeOffset(out var instant) || !HasOffset(ref reader))
            throw new JsonException();
        return instant;
    }

    static bool HasOffset(ref Utf8JsonReader reader)
    {
        Span<byte> text = stackalloc byte[64];
        if ((reader.HasValueSequence ? reader.ValueSequence.Length : reader.ValueSpan.Length) > text.Length)
            return false;
        text = text[..reader.CopyString(text)];
        return text.Length > ToTheMinute && text[ToTheMinute..].IndexOfAny((byte)'Z', (byte)'+', (byte)'-') >= 0;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
