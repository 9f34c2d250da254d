using System.Text.Encodings.Web;
using System.Text.Json;

namespace Traffic.Reporting;

/// <summary>One row of a report. Its members are put together when somebody asks for them: <see cref="OffenceRowWriter"/>, who writes tens of thousands, does not.</summary>
sealed class OffenceRow(OffenceRowParts parts)
{
    internal OffenceRowParts Parts => parts;

    /// <summary>Value of each dimension grouped by.</summary>
    public IReadOnlyDictionary<string, string> Keys => parts.Second is null
        ? new Dictionary<string, string> { [parts.GroupBy[0]] = parts.First.Key }
        : new Dictionary<string, string> { [parts.GroupBy[0]] = parts.First.Key, [parts.GroupBy[1]] = parts.Second.Key };

    /// <summary>Those values in words.</summary>
    public Title Title => parts.Second is null ? parts.First.Title : Titles.Of(parts.First.Title, parts.Second.Title);

    public long Count => parts.Count;

    /// <summary>Address of the list behind the count.</summary>
    public string Records => parts.Link.Of(parts.Second?.Key);

    /// <summary>What it took to find so many, in the row's days and divisions; null where what was checked is not told apart so, or not known.</summary>
    public Exposure? Exposure { get; init; }
}

/// <summary>What a row is put together from.</summary>
/// <param name="Second">Null where one thing was grouped by.</param>
readonly record struct OffenceRowParts(IReadOnlyList<string> GroupBy, long Count, RowValue First, RowValue? Second, RowLink Link);

/// <summary>A value that rows are grouped by: made once for all rows that have it, as it is and as JSON writes it.</summary>
sealed class RowValue(string key, Title title)
{
    public string Key => key;

    public Title Title => title;

    public byte[] KeyWritten { get; } = Written.Of(key);

    public byte[] ZhWritten { get; } = Written.Of(title.Zh);

    public byte[] EnWritten { get; } = Written.Of(title.En);

    public byte[] InLinkWritten { get; } = Written.Of(Uri.EscapeDataString(key));
}

/// <summary>An address of rows that differ in the second value only.</summary>
/// <param name="after">What follows that value; null where the address has no place for it.</param>
sealed class RowLink(string before, string? after)
{
    public string Of(string? value) => after is null ? before : $"{before}{Uri.EscapeDataString(value!)}{after}";

    public byte[] BeforeWritten { get; } = Written.Of(before);

    public byte[]? AfterWritten { get; } = after is null ? null : Written.Of(after);
}

/// <summary>A text as our answers write it in JSON, without the quotes: UTF-8.</summary>
static class Written
{
    public static byte[] Of(string text) => JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes.ToArray();
}
