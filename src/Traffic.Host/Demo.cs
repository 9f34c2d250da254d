using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;
using Traffic.Simulator;

namespace Traffic.Host;

/// <summary>The verb <c>demo</c>: serves, sends a synthetic campaign through the front doors, has most of the cameras' records confirmed.</summary>
static class Demo
{
    const int Records = 20_000;
    const int Seed = 2022;
    const string Board = "hundred-days";

    public static Command Create()
    {
        var demo = new Command("demo", "Serves with a synthetic campaign. 演示：运行服务并发送模拟数据。") { TreatUnmatchedTokensAsErrors = false };
        demo.SetAction((parsed, cancel) => Serve.Run([.. parsed.UnmatchedTokens], Run, cancel));
        return demo;
    }

    static async Task Run(WebApplication app, CancellationToken cancel)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel, app.Lifetime.ApplicationStopping);
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()), Timeout = TimeSpan.FromSeconds(30) };
        try
        {
            await Fill(http, stop.Token);
            await PrintBoard(http, stop.Token);
            await DraftLastWeek(http, stop.Token);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested) { return; }
        AnsiConsole.WriteLine($"\n{http.BaseAddress}targets?campaign={Board}");
        AnsiConsole.WriteLine("Ctrl+C stops everything; the data stays.  按 Ctrl+C 停止；数据保留。");
    }

    static async Task Fill(HttpClient http, CancellationToken cancel)
    {
        if (await SentBefore(http, cancel) >= Records)
        {
            AnsiConsole.WriteLine("The campaign of an earlier start is still there.  保留了上次的演示数据。");
            return;
        }
        var today = DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(8));
        await AnsiConsole.Progress().HideCompleted(false).StartAsync(async progress =>
        {
            var sending = progress.AddTask("Sending records  发送记录", maxValue: Records);
            await new Sender(http).Send(new Campaign(Seed, today).Records(Records), 200, sent => sending.Increment(sent), null, cancel);
            var reports = new CampaignActivities(Seed, today).Reports();
            var reporting = progress.AddTask("Reporting crashes, dangers, sessions  报送事故、隐患、勤务", maxValue: reports.Count);
            await new Sender(http).Send(reports, 500, sent => reporting.Increment(sent), cancel);
            await ConfirmMost(http, progress.AddTask("Reviewing captures  审核抓拍"), cancel);
        });
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
