using System.Collections.Frozen;

namespace Traffic.Intake;

/// <summary>Which codes there are: plate type (号牌种类), use nature (GA/T 16.3), vehicle type (GA/T 16.4), licence class (准驾车型).</summary>
static class CodeTables
{
    public static readonly FrozenSet<string> PlateTypes = Enumerable.Range(1, 27).Concat([31, 32, 51, 52, 99])
        .Select(code => code.ToString("00", System.Globalization.CultureInfo.InvariantCulture)).ToFrozenSet();

    public static readonly FrozenSet<string> UseNatures = "ABCDEFGHIJKLMNOPQRSTUZ".Select(letter => letter.ToString()).ToFrozenSet();

    public static readonly FrozenSet<string> LicenceClasses =
        "A1 A2 A3 B1 B2 C1 C2 C3 C4 C5 C6 D E F M N P".Split(' ').ToFrozenSet();

    /// <summary>
    /// A letter and up to two digits: K passenger, H goods, J machinery, M motorcycle, N three-wheeler, Q tractor unit, T tractor,
    /// B and G trailers, D tram, Z special, X other, F non-motor (F1 electric bicycle).
    /// </summary>
    public static bool IsVehicleType(string code) =>
        code.Length is >= 1 and <= 3 && "KHJMNQTBGDZXF".Contains(code[0]) && code.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0;

    static readonly int[] Weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];

    /// <summary>GB 11643: 17 digits with a birth date that exists, and the check character (ISO 7064, MOD 11-2).</summary>
    public static bool IsIdNumber(string number)
    {
        if (number.Length != 18 || number.AsSpan(0, 17).IndexOfAnyExceptInRange('0', '9') >= 0)
            return false;
        if (!DateOnly.TryParseExact(number.AsSpan(6, 8), "yyyyMMdd", out _))
            return false;
        var sum = 0;
        for (var i = 0; i < 17; i++)
            sum += (number[i] - '0') * Weights[i];
        return char.ToUpperInvariant(number[17]) == "10X98765432"[sum % 11];
    }
}
