using System.Globalization;

namespace Traffic.Reporting.Exports;

/// <summary>A report as a file has it. Only its named columns ever leave; nothing personal is among them.</summary>
/// <param name="About">Report, filter, sequence, root: name and value.</param>
/// <param name="Columns">Stable names, e.g. <c>recordId</c>.</param>
sealed record ExportTable(
    string Name, string Title, IReadOnlyList<(string Name, string Value)> About, IReadOnlyList<string> Columns, IReadOnlyList<IReadOnlyList<object?>> Rows)
{
    /// <summary>A file of more rows is refused, never cut.</summary>
    public const int MaxRows = 50_000;

    /// <summary>A value as text: numbers and days as a machine reads them.</summary>
    public static string Text(object? value) => value switch
    {
        null => "",
        string text => text,
        DateOnly day => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        DateTimeOffset instant => instant.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture),
        IFormattable other => other.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    /// <summary>A text that a spreadsheet would take for a formula gets an apostrophe before it. A number stays a number.</summary>
    public static object? Guarded(object? value) => value switch
    {
        // Alone it begins no formula; it stands for what has no origin or no unit.
        "-" => value,
        string { Length: > 0 } text when "=+-@\t\r\n＝＋－＠".Contains(text[0], StringComparison.Ordinal) => "'" + text,
        null or string or long or int or decimal => value,
        _ => Text(value),
    };
}
