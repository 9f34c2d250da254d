using System.Text;
using System.Text.Json;

namespace Traffic.Platform;

/// <summary>What an import map says about all its records; how its columns are read is the importer's business.</summary>
/// <param name="Name">Its name: the feed <c>import.NAME</c>, the origin <c>NAME</c>.</param>
/// <param name="Law"><c>cn</c>, or <c>none</c> where no law of ours applies: kinds only.</param>
/// <param name="PlateRule"><c>cn</c>, <c>masked</c> (kept as masked, never an identity) or <c>none</c>.</param>
public sealed record ImportMap(string Name, string Law, string PlateRule)
{
    /// <summary>What the table is called; the map's name where it does not say.</summary>
    public (string Zh, string En) Title { get; init; } = (Name, Name);

    /// <summary>Kinds of offence it gives, by word: some are no family of our catalogue.</summary>
    public IReadOnlyDictionary<string, (string Zh, string En)> Kinds { get; init; } = new Dictionary<string, (string, string)>();
}

/// <summary>The import maps in <c>schemas/imports</c>, by name.</summary>
public sealed class ImportMaps
{
    /// <summary>A feed of this form is an import.</summary>
    public const string FeedPrefix = "import.";

    readonly Dictionary<string, ImportMap> byName = new(StringComparer.Ordinal);

    /// <summary>Reads the head of each map.</summary>
    /// <exception cref="StartRefusedException">A map lacks its name, its law or its plate rule; names file and line.</exception>
    public ImportMaps(SchemaFiles schemas)
    {
        foreach (var file in schemas.Json("imports").Where(file => !file.EndsWith(".schema.json", StringComparison.Ordinal)))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            byName[name] = Head(name, $"imports/{Path.GetFileName(file)}", File.ReadAllBytes(file));
        }
    }

    static ImportMap Head(string name, string file, byte[] json)
    {
        try
        {
            using var document = JsonDocument.Parse(json);
            var map = document.RootElement;
            _ = Word("name", name);
            return new ImportMap(name, Word("law", "cn", "none"), Word("plateRule", "cn", "masked", "none"))
            {
                Title = map.TryGetProperty("title", out var title) ? Both(title) : (name, name),
                Kinds = map.TryGetProperty("kinds", out var kinds) ? kinds.EnumerateObject().ToDictionary(kind => kind.Name, kind => Both(kind.Value)) : [],
            };

            string Word(string member, params string[] known) =>
                map.TryGetProperty(member, out var value) && value.ValueKind == JsonValueKind.String && known.Contains(value.GetString())
                    ? value.GetString()!
                    : throw new StartRefusedException($"{file}, line {LineOf(json, member)}: '{member}' must be one of {string.Join(", ", known)}.");
        }
        catch (JsonException unreadable)
        {
            throw new StartRefusedException($"{file}, line {unreadable.LineNumber + 1}: it cannot be read as JSON.", unreadable);
        }
        catch (Exception malformed) when (malformed is KeyNotFoundException or InvalidOperationException)
        {
            throw new StartRefusedException($"{file}: a title is a text in zh and one in en.", malformed);
        }
    }

    static (string, string) Both(JsonElement title) => (title.GetProperty("zh").GetString()!, title.GetProperty("en").GetString()!);

    /// <summary>Where the member stands first; the first line where it does not stand at all.</summary>
    static int LineOf(byte[] json, string member) =>
        json.AsSpan().IndexOf(Encoding.UTF8.GetBytes($"\"{member}\"")) is >= 0 and var at ? 1 + json.AsSpan(0, at).Count((byte)'\n') : 1;

    public IEnumerable<ImportMap> All => byName.Values;

    /// <summary>The map of a name; null if there is none.</summary>
    public ImportMap? Find(string name) => byName.GetValueOrDefault(name);

    /// <summary>Name of the map a feed imports by; null for any other feed, and for an officer's device.</summary>
    public static string? OriginOf(string? feedId) =>
        feedId is not null && feedId.StartsWith(FeedPrefix, StringComparison.Ordinal) ? feedId[FeedPrefix.Length..] : null;
}
