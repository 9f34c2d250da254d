using System.Text;

namespace Traffic.Platform;

/// <summary>What needs two persons needs two: the same letters and digits, however they are written, are the same person.</summary>
public static class TwoPersons
{
    /// <returns>False where either is missing.</returns>
    public static bool Are(string? one, string? other) => Bare(one) is { Length: > 0 } first && Bare(other) is { Length: > 0 } second && first != second;

    /// <summary>Without what the eye hardly tells apart: capitals, full width, blanks, points, accents, marks that are not seen.</summary>
    static string Bare(string? name)
    {
        var bare = new StringBuilder();
        // Where half of a character is missing, the other half comes as U+FFFD, which is no letter.
        foreach (var rune in string.Concat((name ?? "").EnumerateRunes()).Normalize(NormalizationForm.FormKD).EnumerateRunes())
            if (Rune.IsLetterOrDigit(rune))
                bare.Append(Rune.ToUpperInvariant(rune));
        return bare.ToString();
    }
}
