using System.Text.RegularExpressions;

namespace Traffic.Intake;

/// <summary>Number plates (GA 36): how they are written and brought to one form. A serial has no I and no O.</summary>
static partial class Plates
{
    const string Province = "[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]";
    const string Letter = "[A-HJ-Z]";
    const string Serial = "[A-HJ-NP-Z0-9]";

    [GeneratedRegex(
        $"^(?:{Province}{Letter}(?:{Serial}{{5}}|[A-HJK]{Serial}[0-9]{{4}}|[0-9]{{5}}[A-HJK]|{Serial}{{4}}[挂学警]|[0-9]{{4}}领|{Serial}{{4,5}}应急?)"
        + $"|粤Z{Serial}{{4}}[港澳]|[0-9]{{6}}使|WJ{Province}?[0-9A-Z]{{5,6}}|[A-Z]{{2}}[0-9]{{5}})\\z")]
    private static partial Regex Chinese();

    /// <summary>
    /// Plate types (GA 24.7) whose form no Chinese rule tells: of vehicles from abroad and their temporary entry (05, 11, 20, 21), and of
    /// others, among them the electric bicycles, whose plates each city makes its own way (25, 99).
    /// </summary>
    static readonly string[] OfAnyForm = ["05", "11", "20", "21", "25", "99"];

    [GeneratedRegex(@"^[\p{Lu}\p{Lo}0-9]{2,12}\z")]
    private static partial Regex AnyForm();

    /// <summary>True for a plate of any Chinese kind, in normal form, and for letters and digits where its type has no rule.</summary>
    public static bool Is(string? type, string plate) => Chinese().IsMatch(plate) || (OfAnyForm.Contains(type) && AnyForm().IsMatch(plate));

    /// <summary>Upper case, half width, without blanks and middle dots; null stays null.</summary>
    public static string? Normalise(string? plate)
    {
        if (plate is null || IsNormal(plate))
            return plate;
        return string.Concat(plate
            .Select(c => c is >= '！' and <= '～' ? (char)(c - 0xFEE0) : c)
            .Where(c => !char.IsWhiteSpace(c) && c is not ('·' or '•' or '-' or '.'))
            .Select(char.ToUpperInvariant));
    }

    static bool IsNormal(string plate)
    {
        foreach (var c in plate)
            if (!(c is >= '0' and <= '9' or >= 'A' and <= 'Z' || (c > 0x4E00 && c < 0x9FFF)))
                return false;
        return true;
    }
}
