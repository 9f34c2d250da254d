namespace Traffic.Catalogue;

/// <summary>A word of the catalogue with its names.</summary>
public sealed record NamedWord(string Id, string Zh, string En);

/// <summary>One entry as other parts show it.</summary>
public sealed record CatalogueEntry(
    string Id, string Family, string Zh, string En, int? Points, int? FineMin, int? FineMax, bool CriminalReferral,
    IReadOnlyList<string> Items, IReadOnlyList<string> Codes);

/// <summary>Every edition of the key-offence catalogue, oldest first. Immutable, safe for use by many threads.</summary>
public sealed class Catalogue
{
    /// <summary>Newest edition and digest of all files, e.g. <c>2022-04-01+3fa9c21b</c>.</summary>
    public string Version { get; init; } = "";

    /// <summary>The editions, oldest first.</summary>
    public IReadOnlyList<CatalogueEdition> Editions { get; init; } = [];

    /// <summary>Families of all editions.</summary>
    public IReadOnlyList<NamedWord> Families { get; init; } = [];

    /// <summary>The 18 items of the campaign.</summary>
    public IReadOnlyList<NamedWord> Items { get; init; } = [];

    /// <summary>Reads and checks every <c>*.json</c> of the folder.</summary>
    /// <exception cref="CatalogueException">A file has a gap, an overlap, a missing source or the like; names file and line.</exception>
    public static Catalogue Load(string folder) => new();

    /// <summary>The edition that governs what happened at an instant, which is not always the newest; null if none is on file.</summary>
    public CatalogueEdition? InForceAt(DateTimeOffset instant) => null;
}

/// <summary>One edition of the law.</summary>
public sealed class CatalogueEdition
{
    /// <summary>First day in force, e.g. <c>2022-04-01</c>.</summary>
    public string Id { get; init; } = "";

    /// <summary>Its entries in the order of the file.</summary>
    public IReadOnlyList<CatalogueEntry> Entries { get; init; } = [];
}
