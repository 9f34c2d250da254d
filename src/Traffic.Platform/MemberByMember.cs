using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Traffic.Platform;

/// <summary>
/// Reads an item that could not be read at once, member by member, so that every fault of it is named. Slower, and only for what is
/// refused anyway.
/// </summary>
public sealed class MemberByMember
{
    /// <summary>Reading ends with this many: who sends so many has sent something else, and each costs time.</summary>
    const int Most = 50;

    /// <summary>Of a list no more are looked at; no list of ours is as long.</summary>
    const int MostElements = 1_000;

    /// <summary>The faults that leave a value out.</summary>
    const string OfType = "body.type", OfWord = "body.word";

    readonly byte[] json;
    readonly List<Fault> faults = [];
    long line = 1, lineStart;
    int counted;

    MemberByMember(byte[] json) => this.json = json;

    bool IsFull => faults.Count >= Most;

    /// <summary>What is wrong with it, at least one fault; and what could be read of it, null where it is no JSON object, or was not read to its end.</summary>
    public static (IReadOnlyList<Fault> Faults, T? Readable) Read<T>(ReadOnlySequence<byte> item, JsonTypeInfo type) where T : class
    {
        var json = item.ToArray();
        try
        {
            var whole = new Utf8JsonReader(json);
            if (!whole.Read() || whole.TokenType != JsonTokenType.StartObject)
                return ([new Fault("", "body.unreadable", Line: 1, Column: 1)], null);
            while (whole.Read()) { }
        }
        catch (JsonException broken)
        {
            return ([Broken(broken)], null);
        }

        var rest = new ArrayBufferWriter<byte>(json.Length);
        var reading = new MemberByMember(json);
        var reader = new Utf8JsonReader(json);
        reader.Read();
        using (var readable = new Utf8JsonWriter(rest))
            reading.Members(ref reader, type, "", readable);
        return reading.faults.Count == 0 ? ([new Fault("", "body.unreadable")], null)
            : reading.IsFull ? (reading.faults, null)
            : (reading.faults, (T?)JsonSerializer.Deserialize(rest.WrittenSpan, type));
    }

    /// <summary>Faults of the rules that are not only due to a member that could not be read.</summary>
    /// <param name="unread">What could not be read.</param>
    /// <param name="ofRules">What the rules say of the rest.</param>
    /// <param name="alsoReads">By the code of a rule: the members it looks at beside the one it names.</param>
    public static IEnumerable<Fault> Beside(
        IReadOnlyList<Fault> unread, IEnumerable<Fault> ofRules, IReadOnlyDictionary<string, string[]>? alsoReads = null)
    {
        var members = unread.Where(fault => fault.Code is OfType or OfWord).Select(fault => fault.Member).ToList();
        return ofRules.Where(fault => !members.Exists(member => IsWithin(member, fault.Member) || IsWithin(fault.Member, member)
            || (alsoReads is not null && alsoReads.TryGetValue(fault.Code, out var others) && Array.Exists(others, other => IsWithin(member, other)))));
    }

    /// <summary>Where the text stops being JSON.</summary>
    public static Fault Broken(JsonException broken) =>
        new("", "body.unreadable", Line: broken.LineNumber + 1, Column: broken.BytePositionInLine + 1);

    static bool IsWithin(string member, string outer) =>
        member.StartsWith(outer, StringComparison.Ordinal) && (member.Length == outer.Length || member[outer.Length] is '.' or '[');

    /// <summary>The members of the object the reader stands at; those that can be read are written.</summary>
    void Members(ref Utf8JsonReader reader, JsonTypeInfo type, string path, Utf8JsonWriter readable)
    {
        readable.WriteStartObject();
        var seen = new HashSet<string>();
        while (!IsFull && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var at = reader.TokenStartIndex;
            var member = Known(ref reader, type);
            reader.Read();
            if (member is null || !seen.Add(member.Name))
            {
                reader.Skip();
                // It may be named after a person: its name is neither repeated nor kept.
                Fail(member is null ? path : Join(path, member.Name), member is null ? "body.unknown" : "body.doubled", at);
                continue;
            }
            Value(ref reader, type, member, Join(path, member.Name), readable);
        }
        readable.WriteEndObject();
    }

    static JsonPropertyInfo? Known(ref Utf8JsonReader reader, JsonTypeInfo type)
    {
        try
        {
            foreach (var member in type.Properties)
                if (reader.ValueTextEquals(member.Name))
                    return member;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate: no name of ours.
        }
        return null;
    }

    void Value(ref Utf8JsonReader reader, JsonTypeInfo type, JsonPropertyInfo member, string path, Utf8JsonWriter readable)
    {
        var (at, token) = (reader.TokenStartIndex, reader.TokenType);
        var within = reader;
        var value = Raw(ref reader);
        if (CanBeRead(type, member, "", value, ""))
        {
            readable.WritePropertyName(member.Name);
            readable.WriteRawValue(value);
            return;
        }
        var shape = type.Options.GetTypeInfo(member.PropertyType);
        if (token != JsonTokenType.StartArray || shape.ElementType is null)
            Fail(path, member.PropertyType, at);
        else
            Elements(ref within, type, member, type.Options.GetTypeInfo(shape.ElementType), path, readable);
    }

    /// <summary>The elements of a list, one of which cannot be read. Of objects the others keep their places; a list of plain values is left out.</summary>
    void Elements(ref Utf8JsonReader reader, JsonTypeInfo type, JsonPropertyInfo member, JsonTypeInfo shape, string path, Utf8JsonWriter readable)
    {
        var areObjects = shape.Kind == JsonTypeInfoKind.Object;
        if (areObjects)
            readable.WriteStartArray(member.Name);
        for (var i = 0; i < MostElements && !IsFull && reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            var (at, token) = (reader.TokenStartIndex, reader.TokenType);
            var within = reader;
            var value = Raw(ref reader);
            var one = $"{path}[{i}]";
            if (CanBeRead(type, member, "[", value, "]"))
            {
                if (areObjects)
                    readable.WriteRawValue(value);
            }
            else if (areObjects && token == JsonTokenType.StartObject)
            {
                Members(ref within, shape, one, readable);
            }
            else
            {
                Fail(one, shape.Type, at);
                if (areObjects)
                    readable.WriteRawValue("{}");
            }
        }
        if (areObjects)
            readable.WriteEndArray();
    }

    /// <summary>The value the reader stands at, as it was sent; the reader then stands at its end.</summary>
    ReadOnlySpan<byte> Raw(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return json.AsSpan(start, (int)reader.BytesConsumed - start);
    }

    static bool CanBeRead(JsonTypeInfo type, JsonPropertyInfo member, string before, ReadOnlySpan<byte> value, string after)
    {
        try
        {
            JsonSerializer.Deserialize([.. Encoding.UTF8.GetBytes($"{{\"{member.Name}\":{before}"), .. value, .. Encoding.UTF8.GetBytes($"{after}}}")], type);
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    void Fail(string member, Type type, long at)
    {
        var word = Nullable.GetUnderlyingType(type) ?? type;
        Fail(member, word.IsEnum ? OfWord : OfType, at, word.IsEnum ? EnumWord.All(word) : null);
    }

    /// <summary>Faults come in the order of their places, so lines are counted once.</summary>
    void Fail(string member, string code, long at, IReadOnlyList<string>? words = null)
    {
        for (; counted < at; counted++)
            if (json[counted] == '\n')
                (line, lineStart) = (line + 1, counted + 1);
        var column = at - lineStart + 1;
        faults.Add(new Fault(member, code, Line: line, Column: column, Values: [line, column], Words: words));
    }

    static string Join(string path, string member) => path.Length == 0 ? member : $"{path}.{member}";
}
