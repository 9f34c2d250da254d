using Traffic.Catalogue;

namespace Traffic.Register;

/// <summary>The files of <c>schemas/catalogue</c> as they were at the start.</summary>
/// <param name="Catalogue">Null where they are not valid.</param>
sealed record CatalogueOnDisk(string Folder, IReadOnlyList<CatalogueFile> Files, Catalogue.Catalogue? Catalogue, CatalogueException? Wrong)
{
    public static CatalogueOnDisk Read(string folder)
    {
        var files = Traffic.Catalogue.Catalogue.FilesOf(folder);
        try { return new(folder, files, Traffic.Catalogue.Catalogue.Read(files), null); }
        catch (CatalogueException fault) { return new(folder, files, null, fault); }
    }

    /// <summary>True where a version has these files and no others, byte for byte.</summary>
    public bool AreThose(IReadOnlyList<CatalogueFile> files) => files.Count == Files.Count
        && files.OrderBy(file => file.Name, StringComparer.Ordinal).Zip(Files).All(pair => pair.First.Name == pair.Second.Name && pair.First.Bytes.AsSpan().SequenceEqual(pair.Second.Bytes));
}
