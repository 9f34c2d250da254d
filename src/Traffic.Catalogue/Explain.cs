namespace Traffic.Catalogue;

/// <summary>Says in sentences what a trace holds.</summary>
public static class Explain
{
    /// <summary>The sentences of a trace, in <c>zh</c> or <c>en</c>; with a catalogue, entries are given by their titles.</summary>
    public static IReadOnlyList<string> Sentences(string trace, string lang, Catalogue? catalogue = null) => [trace];
}
