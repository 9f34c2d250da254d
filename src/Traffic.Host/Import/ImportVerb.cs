using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Traffic.Platform;

namespace Traffic.Host.Import;

/// <summary>
/// The verb <c>import</c>: an HTTP client that takes a foreign table through intake by a map. Exit 0: every row is a record, now or
/// before; 1: every row is settled, some refused; 2: nothing was sent; 3: stopped before the end, run it again.
/// </summary>
static class ImportVerb
{
    const int AllTaken = 0, SomeRefused = 1, NothingSent = 2, Unsettled = 3;

    static readonly Words Words = Words.Load(typeof(ImportVerb).Assembly);

    public static Command Create()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "The table, CSV or JSON. 待导入的表。" };
        var map = new Option<string>("--map") { Required = true, Description = "The map: schemas/imports/NAME.json, or its name. 导入映射。" };
        var to = HostAddress.Option();
        var rejects = new Option<FileInfo?>("--rejects") { Description = "Where rows that became no record are listed; default FILE.rejected.csv. 退回行清单。" };
        var language = new Option<string?>("--lang") { Description = "Language of the reasons; default the system's. 原因的语言。" };
        language.AcceptOnlyFromAmong([.. Words.Languages]);
        var patience = new Option<int>("--patience") { DefaultValueFactory = _ => 120, Description = "Seconds to go on trying while there is no answer. 无应答时持续重试的秒数。" };
        var check = new Option<bool>("--check") { Description = "Only reads the table by the map; sends nothing. 只检查，不发送。" };
        var year = new Option<int?>("--baseline-year")
        {
            Description = "Year whose table this is: a row of another is refused. Required by a map of baselines. 基数年度：其他年度的行退回。",
        };
        var import = new Command("import", "Takes a foreign table in; run again, it adds nothing. 导入外部数据表；重复运行不会重复入库。")
        {
            file, map, to, rejects, language, patience, check, year,
        };
        import.SetAction((parsed, cancel) => Run(
            parsed.GetValue(file)!, Find(parsed.GetValue(map)!).Of(parsed.GetValue(year)), parsed.GetValue(to)!, parsed.GetValue(rejects)?.FullName,
            parsed.GetValue(language) ?? SystemLanguage(), TimeSpan.FromSeconds(Math.Max(0, parsed.GetValue(patience))), parsed.GetValue(check), cancel));
        return import;
    }

    /// <summary>A file, or the name of a map that comes with the program.</summary>
    static RecordMap Find(string map)
    {
        var shipped = Path.Combine(AppContext.BaseDirectory, "schemas", "imports", $"{map}.json");
        return RecordMap.Load(!File.Exists(map) && File.Exists(shipped) ? shipped : map);
    }

    static string SystemLanguage() =>
        CultureInfo.CurrentUICulture.TwoLetterISOLanguageName is var own && Words.Languages.Contains(own) ? own : Words.Languages[0];

    static async Task<int> Run(
        FileInfo file, RecordMap map, Uri to, string? rejectsPath, string language, TimeSpan patience, bool check, CancellationToken cancel)
    {
        using var http = new HttpClient { BaseAddress = new Uri(to.AbsoluteUri.TrimEnd('/') + "/"), Timeout = TimeSpan.FromSeconds(30) };
        rejectsPath ??= file.FullName + ".rejected.csv";
        try
        {
            await using var table = file.OpenRead();
            using var rejects = new RejectsFile(rejectsPath);
            var said = "";
            var sender = check ? null : new ImportSender(
                http, ImportMaps.FeedPrefix + map.Name, language, patience, TimeProvider.System, why => said = Once(said, why, language), map.Door);
            var importing = new Importing(map, sender, rejects.Add, Words, language);
            return await Run(importing, table, map, check, rejectsPath, rejects, language, cancel);
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            Console.Error.WriteLine(fault.Message);
            return NothingSent;
        }
    }

    static async Task<int> Run(
        Importing importing, FileStream table, RecordMap map, bool check, string rejectsPath, RejectsFile rejects, string language,
        CancellationToken cancel)
    {
        var stopped = "";
        try
        {
            await AnsiConsole.Progress().HideCompleted(false).StartAsync(async progress =>
            {
                var task = progress.AddTask(Markup.Escape($"{map.Title.En}  {map.Title.Zh}"), maxValue: Math.Max(1, table.Length));
                await importing.Run(table, at => task.Value = Math.Min(at, task.MaxValue), cancel);
            });
        }
        catch (TableException broken)
        {
            stopped = Words.Get(broken.Code, language, [.. broken.Names]);
        }
        catch (UnsettledException unknown)
        {
            stopped = Words.Get("import.unsettled", language, unknown.Message);
        }
        catch (RequestRefusedException refused)
        {
            stopped = Words.Get("import.refused", language, refused.Message);
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            stopped = Words.Get("import.cancelled", language);
        }
        rejects.Flush();
        return Summary(importing.Totals, stopped, check, rejectsPath, language);
    }

    static int Summary(ImportTotals totals, string stopped, bool check, string rejectsPath, string language)
    {
        if (check)
            Console.WriteLine(Words.Get("import.checked", language, totals.Read, totals.Unknown, totals.Rejected));
        else
            Console.WriteLine(Words.Get(totals.Unknown > 0 ? "import.sum.unknown" : "import.sum", language,
                totals.Read, totals.Accepted, totals.Duplicate, totals.Conflict, totals.Rejected, totals.Unknown));
        if (totals.Conflict + totals.Rejected > 0)
            Console.WriteLine(Words.Get("import.listed", language, rejectsPath));
        if (stopped.Length > 0)
        {
            Console.Error.WriteLine(stopped);
            return totals.Read == 0 ? NothingSent : Unsettled;
        }
        return totals.Conflict + totals.Rejected > 0 ? SomeRefused : AllTaken;
    }

    /// <summary>Says why it is waiting, each reason once.</summary>
    static string Once(string said, string why, string language)
    {
        if (why != said)
            Console.Error.WriteLine(Words.Get("import.waiting", language, why));
        return why;
    }
}
