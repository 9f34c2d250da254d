using System.Text.Json;

namespace Traffic.Platform;

/// <summary>What an import map says about all its records; how its columns are read is the importer's business.</summary>
/// <param name="Name">Its name: the feed <c>import.NAME</c>, the origin <c>NAME</c>.</param>
/// <param name="Law"><c>cn</c>, or <c>none</c> where no law of ours applies: kinds only.</param>
/// <param name="PlateRule"><c>cn</c>, <c>masked</c> (kept as masked, never an identity) or <c>none</c>.</param>
public sealed record ImportMap(string Name, string Law, string PlateRule);

/// <summary>The import maps in <c>schemas/imports</c>, by name.</summary>
public sealed class ImportMaps
{
    /// <summary>A feed of this form is an import.</summary>
    public const string FeedPrefix = "import.";

    readonly Dictionary<string, ImportMap> byName = new(StringComparer.Ordinal);

    /// <summary>Reads the head of each map.</summary>
    /// <exception cref="StartRefusedException">A map lacks its law or its plate rule.</exception>
    public ImportMaps(SchemaFiles schemas)
    {
        foreach (var file in schemas.Json("imports").Where(file => !file.EndsWith(".schema.json", StringComparison.Ordinal)))
        {
            using var map = JsonDocument.Parse(File.ReadAllBytes(file));
            var name = Path.GetFileNameWithoutExtension(file);
            byName[name] = new ImportMap(name, Word(map, file, "law", "cn", "none"), Word(map, file, "plateRule", "cn", "masked", "none"));
        }
    }

    static string Word(JsonDocument map, string file, string member, params string[] known) =>
        map.RootElement.TryGetProperty(member, out var value) && known.Contains(value.GetString())
            ? value.GetString()!
            : throw new StartRefusedException($"{file}: '{member}' must be one of {string.Join(", ", known)}.");

    /// <summary>The map of a name; null if there is none.</summary>
    public ImportMap? Find(string name) => byName.GetValueOrDefault(name);

    /// <summary>Name of the map a feed imports by; null for any other feed, and for an officer's device.</summary>
    public static string? OriginOf(string? feedId) =>
        feedId is not null && feedId.StartsWith(FeedPrefix, StringComparison.Ordinal) ? feedId[FeedPrefix.Length..] : null;
}
