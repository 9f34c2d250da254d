using System.Globalization;
using System.Text.Json;

namespace Traffic.Catalogue;

/// <summary>A JSON value that knows the line it stands in, so that a refusal can say where.</summary>
sealed class Located
{
    readonly Dictionary<string, Located> members = new(StringComparer.Ordinal);
    readonly HashSet<string> asked = new(StringComparer.Ordinal);
    object? scalar;

    Located(string file, int line) => (File, Line) = (file, line);

    public string File { get; }

    public int Line { get; }

    public JsonTokenType Kind { get; private set; }

    public List<Located> Elements { get; } = [];

    public IEnumerable<KeyValuePair<string, Located>> Members => members;

    public CatalogueException Fault(string reason) => new(File, Line, reason);

    /// <exception cref="CatalogueException">The file is no JSON, a member stands twice in one object, or a text or number is none that can be kept.</exception>
    public static Located Read(string file, ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        var lines = new Lines(utf8);
        try
        {
            reader.Read();
            return Value(file, ref reader, ref lines);
        }
        catch (JsonException fault)
        {
            throw new CatalogueException(file, (int)(fault.LineNumber ?? 0) + 1, "this is no JSON: " + fault.Message);
        }
    }

    static Located Value(string file, ref Utf8JsonReader reader, ref Lines lines)
    {
        var one = new Located(file, lines.Of(reader.TokenStartIndex)) { Kind = reader.TokenType };
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var line = lines.Of(reader.TokenStartIndex);
                    var member = Text(file, line, ref reader);
                    reader.Read();
                    if (!one.members.TryAdd(member, Value(file, ref reader, ref lines)))
                        throw new CatalogueException(file, line, $"\"{member}\" stands there twice");
                }
                break;
            case JsonTokenType.StartArray:
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    one.Elements.Add(Value(file, ref reader, ref lines));
                break;
            case JsonTokenType.String:
                one.scalar = Text(file, one.Line, ref reader);
                break;
            case JsonTokenType.Number:
                one.scalar = reader.TryGetDecimal(out var number) ? number : throw one.Fault("the number is too large or too fine");
                break;
            default:
                one.scalar = reader.TokenType == JsonTokenType.True;
                break;
        }
        return one;
    }

    static string Text(string file, int line, ref Utf8JsonReader reader)
    {
        try
        {
            var text = reader.GetString()!;
            return !text.Any(char.IsControl) ? text : throw new CatalogueException(file, line, "a text has a control character");
        }
        catch (InvalidOperationException)
        {
            throw new CatalogueException(file, line, "a text has half of a character");
        }
    }

    /// <summary>The object with the members of another laid over its own.</summary>
    public Located Under(Located over, string except)
    {
        var laid = new Located(File, Line) { Kind = Kind };
        foreach (var (name, value) in members)
            laid.members[name] = value;
        foreach (var (name, value) in over.members)
            if (name != except)
                laid.members[name] = value;
        return laid;
    }

    /// <summary>The member, or null if it is absent or null.</summary>
    public Located? Find(string name)
    {
        asked.Add(name);
        return members.TryGetValue(name, out var value) && value.Kind != JsonTokenType.Null ? value : null;
    }

    public Located Get(string name) => Find(name) ?? throw Fault($"\"{name}\" is missing");

    public IReadOnlyList<Located> List(string name) => Find(name) is not { } list ? []
        : list.Kind == JsonTokenType.StartArray ? list.Elements : throw list.Fault($"\"{name}\" is not a list");

    public IReadOnlyList<string> Texts(string name) => [.. List(name).Select(one => one.AsText())];

    public string Text(string name) => Get(name).AsText();

    public string AsText() => scalar is string text && text.Length > 0 ? text : throw Fault("a text was expected here");

    public decimal AsNumber() => scalar is decimal number ? number : throw Fault("a number was expected here");

    public decimal? Number(string name) => Find(name)?.AsNumber();

    public int? Whole(string name) => Find(name) is not { } one ? null
        : one.AsNumber() is var number && decimal.IsInteger(number) && Math.Abs(number) < int.MaxValue ? (int)number
        : throw one.Fault($"\"{name}\" is not a whole number");

    public bool Flag(string name) =>
        Find(name) is { } one && (one.scalar as bool? ?? throw one.Fault($"\"{name}\" is neither true nor false"));

    public DateOnly AsDate() =>
        DateOnly.TryParseExact(AsText(), "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            ? day : throw Fault("a date like 2022-04-01 was expected here");

    /// <summary>Refuses members nobody asked for: a misspelt word must not pass for an absent one.</summary>
    public void RefuseOthers()
    {
        foreach (var (name, value) in members)
            if (!asked.Contains(name))
                throw value.Fault($"\"{name}\" is no known member");
    }

    /// <summary>Line of a byte; asked in ascending order.</summary>
    ref struct Lines(ReadOnlySpan<byte> utf8)
    {
        readonly ReadOnlySpan<byte> utf8 = utf8;
        int line = 1;
        int until;

        public int Of(long index)
        {
            line += utf8[until..(int)index].Count((byte)'\n');
            until = (int)index;
            return line;
        }
    }
}
