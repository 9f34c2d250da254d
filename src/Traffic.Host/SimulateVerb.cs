using System.CommandLine;
using System.Text.Json.Nodes;
using Traffic.Simulator;

namespace Traffic.Host;

/// <summary>The verb <c>simulate</c>: an HTTP client that sends a synthetic campaign, and can write down every receipt.</summary>
static class SimulateVerb
{
    public static Command Create()
    {
        var to = HostAddress.Option();
        var records = new Option<int>("--records") { DefaultValueFactory = _ => 10_000, Description = "How many. 条数。" };
        var seed = new Option<int>("--seed") { DefaultValueFactory = _ => 1, Description = "Decides everything: the same seed, the same records. 随机种子。" };
        var end = new Option<DateOnly?>("--end") { Description = "Last day of the campaign; default today. 最后一日。" };
        var batch = new Option<int>("--batch") { DefaultValueFactory = _ => 100, Description = "Records a request, 1 to 1000. 每次请求条数。" };
        var receipts = new Option<FileInfo?>("--receipts") { Description = "Appends recordId, sequence and sha256 of each answered record. 回执文件。" };
        var activities = new Option<bool>("--activities") { Description = "Crashes, dangers, observations, sessions and visits too. 同时发送事故、隐患、测评、勤务、到访。" };
        var simulate = new Command("simulate", "Sends a synthetic campaign to a host. 向服务发送模拟数据。") { to, records, seed, end, batch, receipts, activities };
        simulate.SetAction(async (parsed, cancel) =>
        {
            using var http = new HttpClient { BaseAddress = parsed.GetValue(to), Timeout = TimeSpan.FromSeconds(15) };
            await using var file = parsed.GetValue(receipts) is { } path ? new StreamWriter(path.FullName, append: true) : null;
            var last = parsed.GetValue(end) ?? DateOnly.FromDateTime(TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(8));
            var counts = await new Sender(http).Send(
                new Campaign(parsed.GetValue(seed), last).Records(parsed.GetValue(records)), Math.Clamp(parsed.GetValue(batch), 1, 1_000),
                null, file is null ? null : receipt => Write(file, receipt), cancel);
            if (parsed.GetValue(activities))
            {
                var beside = await new Sender(http).Send(new CampaignActivities(parsed.GetValue(seed), last).Reports(), Math.Clamp(parsed.GetValue(batch), 1, 1_000), null, cancel);
                counts = new SentCounts(counts.Accepted + beside.Accepted, counts.Duplicate + beside.Duplicate, counts.Conflict + beside.Conflict, counts.Rejected + beside.Rejected);
            }
            Console.WriteLine($"accepted {counts.Accepted}, duplicate {counts.Duplicate}, conflict {counts.Conflict}, rejected {counts.Rejected}");
            return counts.Conflict + counts.Rejected == 0 ? 0 : 1;
        });
        return simulate;
    }

    static void Write(StreamWriter file, JsonObject receipt)
    {
        if (receipt["sequence"] is { } sequence)
            file.WriteLine($"{receipt["recordId"]} {sequence} {receipt["sha256"]}");
    }
}
