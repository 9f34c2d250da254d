using System.Globalization;
using System.Text.Json.Nodes;
using Traffic.Catalogue;

namespace Traffic.Register;

/// <summary>A catalogue that might be released: valid, and set beside the version in force.</summary>
/// <param name="Files">All its files.</param>
/// <param name="ChangesFrom">First day for which it says anything else than the version in force; null where only layout differs.</param>
sealed record ChangedCatalogue(
    Catalogue.Catalogue Catalogue, IReadOnlyList<CatalogueFile> Files, NewestVersion InForce, DateOnly? ChangesFrom)
{
    /// <summary>Files laid over others of the same name, or instead of all of them.</summary>
    public static IReadOnlyList<CatalogueFile> Over(IReadOnlyList<CatalogueFile> inForce, IReadOnlyList<CatalogueFile> changed, bool whole) =>
        whole ? changed : [.. inForce.Where(file => !changed.Any(one => one.Name == file.Name)), .. changed];

    /// <summary>The name a file on disk has in the catalogue: that of the file in force it would replace, in whatever folder that lies.</summary>
    public static string NameOf(string path, IReadOnlyList<CatalogueFile> inForce)
    {
        var (name, folder) = (Path.GetFileName(path), Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(path))));
        if (inForce.Any(file => file.Name == $"{folder}/{name}"))
            return $"{folder}/{name}";
        if (inForce.Any(file => file.Name == name))
            return name;
        return inForce.Any(file => file.Name.StartsWith($"{folder}/", StringComparison.Ordinal)) ? $"{folder}/{name}" : name;
    }

    /// <summary>The first day on which two sets of files differ. When an edition ends follows from the next one, so that alone is no difference.</summary>
    public static DateOnly? FirstDifference(IReadOnlyList<CatalogueFile> inForce, IReadOnlyList<CatalogueFile> changed)
    {
        DateOnly? first = null;
        foreach (var name in inForce.Concat(changed).Select(file => file.Name).Distinct())
        {
            var (before, after) = (Json(inForce, name), Json(changed, name));
            if (JsonNode.DeepEquals(Bare(before), Bare(after)))
                continue;
            foreach (var one in new[] { before, after })
                if (one is not null && From(one) is var from && (first is null || from < first))
                    first = from;
        }
        return first;
    }

    static JsonObject? Json(IReadOnlyList<CatalogueFile> files, string name) =>
        files.FirstOrDefault(file => file.Name == name) is { } file ? JsonNode.Parse(file.Bytes) as JsonObject : null;

    static JsonObject? Bare(JsonObject? file)
    {
        var copy = file?.DeepClone().AsObject();
        copy?.Remove("inForceUntil");
        return copy;
    }

    /// <summary>A file without a first day holds for all days.</summary>
    static DateOnly From(JsonObject file) =>
        DateOnly.TryParseExact((string?)file["inForceFrom"], "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : DateOnly.MinValue;
}

/// <summary>A change of the catalogue that is not made, and why.</summary>
/// <param name="code">Its words are <c>register.catalogue.</c> and this.</param>
sealed class CatalogueRefusedException(int status, string code, params object?[] values) : Exception(code)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    public object?[] Values { get; } = values;
}
