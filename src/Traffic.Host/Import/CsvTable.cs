using System.Globalization;
using CsvHelper;

namespace Traffic.Host.Import;

/// <summary>The file cannot be read as its map says: nothing more can be told about its rows.</summary>
sealed class TableException(string code, params string[] names) : Exception(code)
{
    public string Code { get; } = code;

    public string[] Names { get; } = names;
}

/// <summary>Rows of a CSV file (RFC 4180), by the names in its first line.</summary>
static class CsvTable
{
    /// <summary>A field longer than this, in characters, is no value of ours: the row is refused.</summary>
    const int LongestValue = 65_536;

    /// <summary>A row longer than this, in bytes, is a quote that nobody closed: reading stops.</summary>
    const int LongestRow = 4 * 1024 * 1024;

    /// <exception cref="TableException">The first line lacks a column that the map reads, or a quote is never closed.</exception>
    public static IEnumerable<SourceRow> Rows(Stream file, TableForm form, IReadOnlyList<string> columns)
    {
        CsvMalformedReason? malformed = null;
        using var text = new StreamReader(file, form.Encoding, detectEncodingFromByteOrderMarks: true, bufferSize: 65_536);
        using var csv = CsvReader.Create(text, new CsvReaderOptions
        {
            Separator = form.Delimiter, MaxRecordSize = LongestRow, TrackLineNumbers = true,
            OnMalformedRecord = record => malformed = record.Reason,
        });
        csv.ReadHeader();
        if (csv.Headers.Count == 0)
            throw new TableException("import.file.empty");
        if (malformed is not null)
            throw new TableException("import.file.quote", "1");
        var places = Places([.. csv.Headers.Select(name => name.Trim())], columns);
        while (true)
        {
            malformed = null;
            if (!Next(csv))
                yield break;
            if (malformed is CsvMalformedReason.UnterminatedQuote)
                throw new TableException("import.file.quote", Invariant(csv.LineNumber));
            yield return Row(csv, places, malformed is not null);
        }
    }

    static SourceRow Row(CsvReader csv, int[] places, bool malformed)
    {
        var values = Array.ConvertAll(places, place => place < csv.FieldCount && csv.GetString(place).Trim() is { Length: > 0 } value ? value : null);
        return new SourceRow((int)csv.LineNumber, values, Fault(csv, values, malformed));
    }

    static RowFault? Fault(CsvReader csv, string?[] values, bool malformed)
    {
        if (malformed)
            return new RowFault("", "import.quote", Invariant(csv.LineNumber), Invariant(csv.LineNumber + csv.RawRecord.Count((byte)'\n')));
        if (csv.FieldCount != csv.Headers.Count)
            return new RowFault("", "import.width", Invariant(csv.FieldCount), Invariant(csv.Headers.Count));
        if (Array.Exists(values, value => value?.Length > LongestValue))
            return new RowFault("", "import.long", Invariant(LongestValue));
        return csv.RawRecord.IndexOf("\uFFFD"u8) >= 0 ? new RowFault("", "import.encoding") : null;
    }

    static bool Next(CsvReader csv)
    {
        try
        {
            return csv.Read();
        }
        catch (CsvFormatException unreadable)
        {
            throw new TableException("import.file.quote", Invariant(unreadable.LineNumber));
        }
    }

    static int[] Places(string[] header, IReadOnlyList<string> columns)
    {
        var missing = columns.Where(column => !header.Contains(column)).ToArray();
        if (missing.Length > 0)
            throw new TableException("import.file.columns", string.Join(", ", missing));
        var twice = columns.Where(column => header.Count(name => name == column) > 1).ToArray();
        return twice.Length == 0 ? [.. columns.Select(column => Array.IndexOf(header, column))]
            : throw new TableException("import.file.twice", string.Join(", ", twice));
    }

    static string Invariant(long number) => number.ToString(CultureInfo.InvariantCulture);
}
