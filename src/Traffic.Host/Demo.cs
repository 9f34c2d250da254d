using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;
using Traffic.Platform.Postgres;
using Traffic.Simulator;

namespace Traffic.Host;

/// <summary>
/// The verb <c>demo</c>: serves, sends a synthetic campaign through the front doors, has most of the cameras' records confirmed. Ended
/// half-way, the next start sends the rest of the same campaign: whatever it sends again is a duplicate.
/// </summary>
static class Demo
{
    const int Seed = 2022;
    const string Board = "hundred-days";
    const string AllSent = "sent";

    public static Command Create()
    {
        var records = new Option<int>("--records")
        {
            Description = "Violations of the campaign. 模拟违法记录数。", DefaultValueFactory = _ => 20_000,
        };
        records.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<int>() is < 1 or > 1_000_000)
                given.AddError("--records: 1 to 1,000,000.");
        });
        var demo = new Command("demo", "Serves with a synthetic campaign. 演示：运行服务并发送模拟数据。") { records };
        demo.TreatUnmatchedTokensAsErrors = false;
        demo.SetAction((parsed, cancel) => Serve.Run([.. parsed.UnmatchedTokens], (app, stop) => Run(app, parsed.GetValue(records), stop), cancel));
        return demo;
    }

    static async Task Run(WebApplication app, int records, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel, app.Lifetime.ApplicationStopping);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = TimeSpan.FromSeconds(30) };
        try
        {
            await Fill(http, records, Path.Combine(EmbeddedPostgres.DataFolder(app.Configuration), "demo"), stop.Token);
            await PrintBoard(http, stop.Token);
            await DraftLastWeek(http, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested) { return; }
        AnsiConsole.WriteLine($"\n{http.BaseAddress}targets?campaign={Board}");
        AnsiConsole.WriteLine("Ctrl+C stops everything; the data stays.  按 Ctrl+C 停止；数据保留。");
    }

    /// <param name="note">File that says of which day the campaign is, and then that all of it was sent.</param>
    static async Task Fill(HttpClient http, int records, string note, CancellationToken cancel)
    {
        var (before, hasNote) = (await SentBefore(http, cancel), File.Exists(note));
        var known = before > 0 && hasNote ? await File.ReadAllLinesAsync(note, cancel) : [];
        // Data from before there was a note: its campaign is of another day, a second one would count beside it.
        if (known.Contains(AllSent) || (!hasNote && before >= records))
        {
            AnsiConsole.WriteLine("The campaign of an earlier start is still there.  保留了上次的演示数据。");
            return;
        }
        var day = known is [var begun, ..] ? DateOnly.ParseExact(begun, "yyyy-MM-dd", CultureInfo.InvariantCulture)
            : DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(8));
        Directory.CreateDirectory(Path.GetDirectoryName(note)!);
        await File.WriteAllLinesAsync(note, [day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)], cancel);
        await AnsiConsole.Progress().HideCompleted(false).StartAsync(async progress =>
        {
            var sending = progress.AddTask("Sending records  发送记录", maxValue: records);
            await new Sender(http).Send(new Campaign(Seed, day).Records(records), 200, sent => sending.Increment(sent), null, cancel);
            var reports = new CampaignActivities(Seed, day).Reports();
            var reporting = progress.AddTask("Reporting crashes, dangers, sessions  报送事故、隐患、勤务", maxValue: reports.Count);
            await new Sender(http).Send(reports, 500, sent => reporting.Increment(sent), cancel);
            await ConfirmMost(http, progress.AddTask("Reviewing captures  审核抓拍"), cancel);
        });
        await File.AppendAllLinesAsync(note, [AllSent], cancel);
    }

    static async Task<long> SentBefore(HttpClient http, CancellationToken cancel)
    {
        var ledger = await http.GetFromJsonAsync<JsonNode>("/api/v1/ledger", cancel);
        return ledger!["senders"]!.AsArray()
            .Where(sender => ((string)sender!["sender"]!).StartsWith("simulated.", StringComparison.Ordinal))
            .Sum(sender => (long)sender!["accepted"]!);
    }

    /// <summary>A reviewer confirms four of five captured records and rejects one of forty; the rest keep waiting.</summary>
    static async Task ConfirmMost(HttpClient http, ProgressTask task, CancellationToken cancel)
    {
        var cases = new List<JsonNode>();
        for (string? after = ""; after is not null;)
        {
            var page = await http.GetFromJsonAsync<JsonNode>($"/api/v1/cases?status=captured&limit=500{(after == "" ? "" : $"&after={after}")}", cancel);
            cases.AddRange(page!["cases"]!.AsArray().Select(one => one!));
            after = (string?)page["next"];
        }
        task.MaxValue = Math.Max(1, cases.Count);
        await Parallel.ForEachAsync(cases, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = cancel }, async (one, stop) =>
        {
            task.Increment(1);
            var id = (Guid)one["recordId"]!;
            var share = id.ToByteArray()[15] % 40;
            if (share is >= 33)
                return;
            using var answer = await http.PostAsJsonAsync($"/api/v1/cases/{id}/decisions", new
            {
                decisionId = id, revision = (int)one["revision"]!, action = share == 0 ? "reject" : "confirm", decidedBy = "demo-reviewer",
                reason = share == 0 ? "the plate cannot be read" : "vehicle, plate and place are clear",
            }, stop);
        });
    }

    static async Task PrintBoard(HttpClient http, CancellationToken cancel)
    {
        using var answer = await http.GetAsync($"/api/v1/reports/targets?campaign={Board}&division=152500", cancel);
        if (!answer.IsSuccessStatusCode)
            return;
        var board = (await answer.Content.ReadFromJsonAsync<JsonNode>(cancel))!;
        var table = new Table().AddColumns("目标", "Target", "值 Value", "基数 Baseline", "变化 Change", "状态 Status");
        foreach (var line in board["lines"]!.AsArray())
            table.AddRow(
                Text(line!["title"]?["zh"] ?? line["zh"]), Text(line["title"]?["en"] ?? line["en"]), Text(line["value"]), Text(line["baseline"]),
                line["changePercent"] is { } change ? $"{change} %" : "-", Text(line["status"]));
        AnsiConsole.Write(table);
    }

    /// <summary>The bulletin of the week before this one: made once, whenever the demo is started.</summary>
    static async Task DraftLastWeek(HttpClient http, CancellationToken cancel)
    {
        var lastWeek = TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(8).AddDays(-7);
        using var answer = await http.PostAsJsonAsync("/api/v1/reports/editions", new
        {
            kind = "weekly", period = $"{ISOWeek.GetYear(lastWeek):0000}-W{ISOWeek.GetWeekOfYear(lastWeek):00}",
        }, cancel);
        if (answer.IsSuccessStatusCode)
            AnsiConsole.WriteLine($"{http.BaseAddress}bulletins/{(await answer.Content.ReadFromJsonAsync<JsonNode>(cancel))!["edition"]}");
    }

    static string Text(JsonNode? node) => Markup.Escape(node?.ToString() ?? "-");
}
