using System.Text;
using Traffic.Host.Import;
using Traffic.Platform;

namespace Traffic.Tests.Import;

/// <summary>Imports as the verb does, without its progress bar.</summary>
static class Imports
{
    static readonly Words Words = Words.Load(typeof(ImportVerb).Assembly);

    public static RecordMap Shipped(string name) =>
        RecordMap.Load(Path.Combine(Repository.Root, "schemas", "imports", $"{name}.json"));

    /// <summary>The map and its host agree by the name of the feed alone.</summary>
    public static async Task<(ImportTotals Totals, List<Rejected> Rejected)> Run(HttpClient? http, RecordMap map, Stream file, string language = "en")
    {
        var rejected = new List<Rejected>();
        var sender = http is null ? null : new ImportSender(
            http, ImportMaps.FeedPrefix + map.Name, language, TimeSpan.FromMinutes(1), TimeProvider.System, _ => { }, map.Door);
        var importing = new Importing(map, sender, rejected.Add, Words, language);
        await importing.Run(file, _ => { }, default);
        return (importing.Totals, rejected);
    }

    public static Task<(ImportTotals Totals, List<Rejected> Rejected)> Run(HttpClient? http, RecordMap map, string table) =>
        Run(http, map, new MemoryStream(Encoding.UTF8.GetBytes(table)));

    /// <summary>Reads a table without sending it: the rows as records, in JSON, and those refused.</summary>
    public static (List<string> Records, List<MappedRow> All) Read(RecordMap map, string table)
    {
        using var file = new MemoryStream(Encoding.UTF8.GetBytes(table));
        var rows = (map.Form.RowsPath is null ? CsvTable.Rows(file, map.Form, map.Columns) : JsonTable.Rows(file, map.Form, map.Columns))
            .Select(map.Read).ToList();
        return ([.. rows.Where(row => row.Record is not null).Select(row => Encoding.UTF8.GetString(row.Record!))], rows);
    }
}
