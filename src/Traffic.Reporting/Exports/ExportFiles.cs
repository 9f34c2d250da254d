using System.Net;
using System.Text;
using CsvHelper;
using Microsoft.AspNetCore.Http;
using MiniExcelLibs;
using Traffic.Platform;

namespace Traffic.Reporting.Exports;

/// <summary>Writes a table as CSV, XLSX, a page to print, or PDF.</summary>
sealed class ExportFiles(PdfPrinter printer, Words words)
{
    public const string Formats = "{format:regex(^(csv|xlsx|html|pdf)$)}";

    public async Task<IResult> Of(ExportTable table, string format, string language, CancellationToken cancel) => format.ToLowerInvariant() switch
    {
        "csv" => Results.Stream(to => Csv(table, to, cancel), "text/csv; charset=utf-8", $"{table.Name}.csv"),
        "xlsx" => File(await Xlsx(table, cancel), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", $"{table.Name}.xlsx"),
        "html" => Results.Bytes(Encoding.UTF8.GetBytes(Page(table, language)), "text/html; charset=utf-8"),
        _ => await printer.Print(Page(table, language), cancel) is { } pdf
            ? File(pdf, "application/pdf", $"{table.Name}.pdf")
            : Results.Problem(statusCode: StatusCodes.Status501NotImplemented, type: "urn:traffic:no-printer", title: words.Get("reporting.export.noPrinter", language)),
    };

    static IResult File(byte[] bytes, string type, string name) => Results.File(bytes, type, name);

    /// <summary>Rows of a CSV held before they go on.</summary>
    const int PieceRows = 256;

    /// <summary>UTF-8 with a byte order mark, so that Excel reads Chinese. First what it is of, then the columns, then the rows; sent on piece by piece.</summary>
    internal static async Task Csv(ExportTable table, Stream to, CancellationToken cancel)
    {
        using var piece = new MemoryStream();
        piece.Write(Encoding.UTF8.Preamble);
        await using var text = new StreamWriter(piece, new UTF8Encoding(false), leaveOpen: true);
        using var csv = CsvWriter.Create(text, new CsvWriterOptions { NewLine = "\r\n", HasHeader = false, ValidateFieldCount = false }, leaveOpen: true);
        foreach (var (name, value) in table.About)
            csv.WriteRecord([name, (string)ExportTable.Guarded(value)!]);
        csv.WriteRecord([.. table.Columns]);
        foreach (var rows in table.Rows.Chunk(PieceRows))
        {
            foreach (var row in rows)
                csv.WriteRecord([.. row.Select(value => ExportTable.Text(ExportTable.Guarded(value)))]);
            await Pass();
        }
        await Pass();

        async Task Pass()
        {
            csv.Flush();
            await text.FlushAsync(cancel);
            await to.WriteAsync(piece.GetBuffer().AsMemory(0, (int)piece.Length), cancel);
            piece.SetLength(0);
        }
    }

    /// <summary>Two sheets, both visible: the rows, and what they are of.</summary>
    static async Task<byte[]> Xlsx(ExportTable table, CancellationToken cancel)
    {
        var rows = table.Rows.Select(row => table.Columns.Select((column, i) => KeyValuePair.Create(column, ExportTable.Guarded(row[i]))).ToDictionary());
        var about = table.About.Select(one => new Dictionary<string, object?> { ["name"] = one.Name, ["value"] = ExportTable.Guarded(one.Value) });
        using var bytes = new MemoryStream();
        await bytes.SaveAsAsync(
            new Dictionary<string, object> { [table.Name] = table.Rows.Count > 0 ? rows : new[] { table.Columns.ToDictionary(column => column, _ => (object?)null) }, ["about"] = about },
            cancellationToken: cancel);
        return bytes.ToArray();
    }

    static string Page(ExportTable table, string language)
    {
        var page = new StringBuilder($$"""
            <!DOCTYPE html>
            <html lang="{{(language == "en" ? "en" : "zh-CN")}}"><head><meta charset="utf-8"><title>{{Encoded(table.Title)}}</title>
            <style>
            @page { size: A4 landscape; margin: 12mm; }
            body { font: 9pt/1.35 system-ui, "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "WenQuanYi Micro Hei", sans-serif; margin: 1rem; color: #000; }
            h1 { font-size: 14pt; margin: 0 0 .4rem; } dl { margin: 0 0 .8rem; } dl div { display: flex; gap: .8rem; } dt { color: #444; min-width: 7rem; } dd { margin: 0; overflow-wrap: anywhere; }
            table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; } thead { display: table-header-group; } tr { break-inside: avoid; }
            th, td { border-bottom: .1mm solid #999; padding: .12rem .35rem; text-align: start; vertical-align: top; } .n { text-align: end; }
            </style></head><body><h1>{{Encoded(table.Title)}}</h1><dl>
            """);
        foreach (var (name, value) in table.About)
            page.Append("<div><dt>").Append(Encoded(name)).Append("</dt><dd>").Append(Encoded(value)).Append("</dd></div>");
        page.Append("</dl><table><thead><tr>").AppendJoin("", table.Columns.Select(column => $"<th scope=\"col\">{Encoded(column)}</th>")).Append("</tr></thead><tbody>\n");
        foreach (var row in table.Rows)
            page.Append("<tr>").AppendJoin("", row.Select(value =>
                $"<td{(value is long or int or decimal ? " class=\"n\"" : "")}>{Encoded(ExportTable.Text(value))}</td>")).Append("</tr>\n");
        return page.Append("</tbody></table></body></html>").ToString();
    }

    static string Encoded(string text) => WebUtility.HtmlEncode(text);
}
