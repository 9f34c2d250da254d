using System.Text.Json;
using Traffic.Platform;

namespace Traffic.Host.Import;

/// <summary>A JSON value of an import map that knows its line, so that a refusal can say where.</summary>
sealed class MapNode
{
    readonly Dictionary<string, MapNode> members = new(StringComparer.Ordinal);
    readonly HashSet<string> asked = new(StringComparer.Ordinal);
    readonly string file;
    readonly int line;
    object? scalar;

    MapNode(string file, int line) => (this.file, this.line) = (file, line);

    public JsonTokenType Kind { get; private set; }

    public List<MapNode> Items { get; } = [];

    /// <summary>In the order of the file; all of them count as asked for.</summary>
    public IEnumerable<(string Name, MapNode Value)> Members
    {
        get
        {
            asked.UnionWith(members.Keys);
            return members.Select(one => (one.Key, one.Value));
        }
    }

    public StartRefusedException Refused(string why, Exception? inner = null) =>
        new($"imports/{Path.GetFileName(file)}, line {line}: {why}.", inner);

    /// <exception cref="StartRefusedException">It is no JSON, or a member stands twice.</exception>
    public static MapNode Parse(string file, byte[] utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        try
        {
            reader.Read();
            var root = Value(file, utf8, ref reader);
            reader.Read();
            return root;
        }
        catch (JsonException unreadable)
        {
            throw new StartRefusedException(
                $"imports/{Path.GetFileName(file)}, line {unreadable.LineNumber + 1}: it cannot be read as JSON.", unreadable);
        }
    }

    static MapNode Value(string file, byte[] utf8, ref Utf8JsonReader reader)
    {
        var one = new MapNode(file, 1 + utf8.AsSpan(0, (int)reader.TokenStartIndex).Count((byte)'\n')) { Kind = reader.TokenType };
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var name = reader.GetString()!;
                    reader.Read();
                    var value = Value(file, utf8, ref reader);
                    if (!one.members.TryAdd(name, value))
                        throw value.Refused($"'{name}' stands there twice");
                }
                break;
            case JsonTokenType.StartArray:
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    one.Items.Add(Value(file, utf8, ref reader));
                break;
            case JsonTokenType.String: one.scalar = reader.GetString(); break;
            case JsonTokenType.Number: one.scalar = reader.GetDecimal(); break;
            case JsonTokenType.True: one.scalar = true; break;
            case JsonTokenType.False: one.scalar = false; break;
            default: break;
        }
        return one;
    }

    /// <summary>The member; null if it is absent.</summary>
    public MapNode? Find(string name)
    {
        asked.Add(name);
        return members.GetValueOrDefault(name);
    }

    public bool Has(string name) => members.ContainsKey(name);

    public MapNode Get(string name) => Find(name) ?? throw Refused($"'{name}' is missing");

    public string Text(string name) => Get(name).AsText();

    public string? TextOrNull(string name) => Find(name)?.AsText();

    public string AsText() => scalar is string { Length: > 0 } text ? text : throw Refused("a text was expected here");

    public decimal AsNumber() => scalar is decimal number ? number : throw Refused("a number was expected here");

    public bool Flag(string name) => Find(name) is { } one && (one.scalar as bool? ?? throw one.Refused($"'{name}' is neither true nor false"));

    public string Word(string name, params string[] known) =>
        Get(name) is var one && known.Contains(one.scalar as string) ? (string)one.scalar! : throw one.Refused($"'{name}' must be one of {string.Join(", ", known)}");

    public string Word(string name, string usual, string[] known) => Has(name) ? Word(name, known) : usual;

    public List<MapNode> List(string name) => Find(name) is not { } list ? []
        : list.Kind == JsonTokenType.StartArray ? list.Items : throw list.Refused($"'{name}' is not a list");

    /// <summary>A text or a list of texts.</summary>
    public List<string> Texts(string name) => Get(name) is var one && one.Kind == JsonTokenType.StartArray
        ? one.Items.ConvertAll(item => item.AsText()) : [one.AsText()];

    /// <summary>Where a fact comes from; a map may state none without it.</summary>
    public void NamesItsSource() => _ = Text("source");

    /// <summary>Refuses members nobody asked for: a misspelt word must not pass for an absent one.</summary>
    public void RefuseOthers()
    {
        foreach (var (name, value) in members)
            if (!asked.Contains(name))
                throw value.Refused($"'{name}' is no known member");
    }
}
