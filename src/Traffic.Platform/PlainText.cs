namespace Traffic.Platform;

/// <summary>Texts that say to every reader what they say to us.</summary>
public static class PlainText
{
    /// <summary>Without control characters, without marks that turn the direction of what follows, and without halves of a character.</summary>
    public static bool IsText(string text)
    {
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsControl(c) || c is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069'))
                return false;
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
                i++;
            else if (char.IsSurrogate(c))
                return false;
        }
        return true;
    }

    /// <summary>Something a person wrote: such a text, neither empty nor longer than this.</summary>
    public static bool IsWords(string? text, int longest) => text?.Length <= longest && !string.IsNullOrWhiteSpace(text) && IsText(text);
}
