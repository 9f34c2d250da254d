using Microsoft.Extensions.Configuration;

namespace Traffic.Platform;

/// <summary>The folder <c>schemas</c>: catalogue, targets, divisions and import maps are data, read at start.</summary>
/// <param name="root">Its path.</param>
public sealed class SchemaFiles(string root)
{
    /// <summary>Path of the folder.</summary>
    public string Root { get; } = root;

    /// <summary>The folder that <c>Traffic:Schemas</c> names; by default the one beside the program.</summary>
    public static SchemaFiles From(IConfiguration settings) =>
        new(settings["Traffic:Schemas"] ?? Path.Combine(AppContext.BaseDirectory, "schemas"));

    /// <summary>Path of a folder or file in it, e.g. <c>catalogue</c>.</summary>
    public string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>The JSON files of one folder in it, in the order of their names; none if there is no such folder.</summary>
    public IReadOnlyList<string> Json(string folder) =>
        Directory.Exists(PathOf(folder))
            ? [.. Directory.EnumerateFiles(PathOf(folder), "*.json").Order(StringComparer.Ordinal)]
            : [];
}
