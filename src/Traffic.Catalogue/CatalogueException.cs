namespace Traffic.Catalogue;

/// <summary>A catalogue file does not keep its promises: the program must not start with it.</summary>
public sealed class CatalogueException(string file, int line, string reason)
    : Exception($"{file}, line {line}: {reason}")
{
    /// <summary>The file at fault.</summary>
    public string File { get; } = file;

    /// <summary>Line of the element at fault, from 1.</summary>
    public int Line { get; } = line;

    /// <summary>What is wrong with it.</summary>
    public string Reason { get; } = reason;

    /// <summary>This fault and every other that was found beside it, by file and line.</summary>
    public IReadOnlyList<CatalogueException> All { get => field ?? [this]; init; }
}
