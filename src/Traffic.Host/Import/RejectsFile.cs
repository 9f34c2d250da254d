using System.Globalization;
using CsvHelper;

namespace Traffic.Host.Import;

/// <summary>The rows that did not become records: line, the row's own id, what became of it, and why in words; no value of the row.</summary>
sealed class RejectsFile : IDisposable
{
    readonly string path;
    readonly CsvWriter csv;
    bool any;

    /// <summary>Written anew by each run; gone at its end if every row became a record.</summary>
    /// <exception cref="IOException">It cannot be written there.</exception>
    public RejectsFile(string path)
    {
        this.path = path;
        csv = CsvWriter.Create(File.Create(path), new CsvWriterOptions { Injection = CsvInjection.Escape, WriteByteOrderMark = true });
        csv.WriteRecord("line", "id", "outcome", "codes", "reason");
    }

    public void Add(Rejected row)
    {
        any = true;
        csv.WriteRecord(row.Line.ToString(CultureInfo.InvariantCulture), row.Id, row.Outcome, row.Codes, row.Reason);
    }

    /// <summary>Whatever happens next, what was written is there.</summary>
    public void Flush() => csv.Flush();

    public void Dispose()
    {
        csv.Dispose();
        if (!any)
            File.Delete(path);
    }
}

/// <summary>A row that did not become a record.</summary>
/// <param name="Outcome"><c>rejected</c> or <c>conflict</c>, as the server says it.</param>
/// <param name="Codes">Stable words, blank between them.</param>
sealed record Rejected(int Line, string Id, string Outcome, string Codes, string Reason);
