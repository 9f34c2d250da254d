using System.Globalization;

namespace Traffic.Host.Import;

/// <summary>
/// How a number is read: a <see cref="ValueRule"/>, its decimal mark, the decimals its source shows, and the factor between its
/// unit and ours. Everything is exact: nothing is rounded but the dust of binary notation.
/// </summary>
sealed class NumberRule
{
    /// <summary>0.103 written by way of binary is 0.10300000000000001: a difference below this is the notation's, not the instrument's.</summary>
    const decimal Dust = 0.000_000_001m;

    readonly ValueRule? text;
    readonly List<NumberRule> least = [];
    readonly char mark = '.';
    readonly int? decimals;
    readonly decimal factor = 1;

    public NumberRule(MapNode rule, Func<string, int> column)
    {
        if (rule.Has("least"))
        {
            least.AddRange(rule.List("least").Select(one => new NumberRule(one, column)));
            if (least.Count < 2)
                throw rule.Refused("'least' compares at least two");
            rule.NamesItsSource();
        }
        else
        {
            mark = rule.Word("decimalMark", ".", [".", ","])[0];
            if (rule.Find("decimals") is { } shown)
                decimals = shown.AsNumber() is var places && decimal.IsInteger(places) && places is >= 0 and <= 15
                    ? (int)places : throw shown.Refused("'decimals' is a whole number from 0 to 15");
            text = new ValueRule(rule, column);
        }
        if (rule.Find("times") is { } times)
        {
            factor = times.AsNumber() is > 0 and var by ? by : throw times.Refused("a factor is above 0");
            _ = rule.Text("unit");
            rule.NamesItsSource();
        }
        rule.RefuseOthers();
    }

    /// <summary>The number in our unit; null where the row has none. What cannot be read is noted as a fault.</summary>
    public decimal? Read(Reading row) => (text is null ? Least(row) : Shown(row)) is { } number ? Plain(number * factor) : null;

    decimal? Shown(Reading row)
    {
        if (text!.Read(row) is not { } written)
            return null;
        if (!TryParse(written, out var number))
        {
            row.Fault("import.number", row.Member);
            return null;
        }
        if (decimals is { } places)
        {
            var shown = decimal.Round(number, places);
            if (Math.Abs(number - shown) > Dust)
            {
                row.Fault("import.decimals", row.Member, places.ToString(CultureInfo.InvariantCulture));
                return null;
            }
            number = shown;
        }
        return number;
    }

    /// <summary>Without both there is no lower one.</summary>
    decimal? Least(Reading row)
    {
        var numbers = least.ConvertAll(one => one.Read(row));
        if (numbers.TrueForAll(number => number is not null))
            return numbers.Min();
        if (numbers.Exists(number => number is not null) && row.Faults.TrueForAll(fault => fault.Member != row.Member))
            row.Fault("import.least", row.Member);
        return null;
    }

    bool TryParse(string written, out decimal number)
    {
        number = 0;
        if (mark == ',' && written.Contains('.', StringComparison.Ordinal))
            return false;
        return written.Length <= 40 && decimal.TryParse(
            mark == ',' ? written.Replace(',', '.') : written, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint,
            CultureInfo.InvariantCulture, out number)
            && Math.Abs(number) < 1_000_000_000_000m;
    }

    /// <summary>Without zeros at the end, so that the same number is always written the same.</summary>
    static decimal Plain(decimal number) => number / 1.0000000000000000000000000000m;
}
