using System.CommandLine;
using Traffic.Platform;

namespace Traffic.Host;

/// <summary>
/// The verb <c>subscriber</c>: who listens to which log and what is owed. Those that store and count are added by the modules
/// themselves and may be neither removed nor replayed: their effects are exactly once.
/// </summary>
static class SubscriberVerb
{
    static readonly Option<string> Name = new("--subscriber") { Required = true, Description = "Its name, e.g. announce. 名称。" };
    static readonly Option<bool> Json = Operator.AsJson();

    public static Command Create() => new("subscriber", "Who listens to which log. 日志的订阅者。")
    {
        ListVerb(), AddVerb(), RemoveVerb(), ReplayVerb(),
    };

    static Command ListVerb() => Operator.Verb("list", "Lists them, with what they owe. 列出及其欠处理的记录。", async (parsed, database, cancel) =>
    {
        Operator.Print(await new SubscriberStore(database).List(cancel), parsed.GetValue(Json),
            ["subscriber", "stream", "from", "added", "owed", "oldest", "attempts", "quarantined"],
            row => [row.Subscriber, row.Stream, row.FromPosition, row.AddedAt, row.Owed, row.Oldest, row.Attempts, row.Quarantined]);
        return 0;
    }, Json);

    static Command AddVerb()
    {
        var stream = new Option<string>("--stream") { Required = true, Description = "The log: intake, register, casework. 日志流。" };
        var from = new Option<string>("--from") { DefaultValueFactory = _ => "start", Description = "start, now, or a position. 起点。" };
        return Operator.Verb("add", "Adds one: from then on it is owed every row. 添加。", async (parsed, database, cancel) =>
        {
            if (parsed.GetValue(from) switch { "start" => 0, "now" => long.MaxValue, var at => long.TryParse(at, out var position) && position >= 0 ? position : (long?)null } is not { } start)
                return Refuse("--from is start, now, or a position. --from 为 start、now 或位置。");
            var added = await new SubscriberStore(database).Add(parsed.GetValue(Name)!, parsed.GetValue(stream)!, start, cancel);
            Console.WriteLine(added ? "added" : "there already");
            return 0;
        }, Name, stream, from, Json);
    }

    static Command RemoveVerb() => Operator.Verb("remove", "Removes one, and what it still owed. 移除，连同其欠处理的。", async (parsed, database, cancel) =>
    {
        if (IsExactlyOnce(parsed.GetValue(Name)!))
            return Refuse($"{parsed.GetValue(Name)} stores and counts; removed and added again it would do so twice. 该订阅者负责入库计数，不可移除。");
        var outcome = await new SubscriberStore(database).Remove(parsed.GetValue(Name)!, cancel);
        Console.WriteLine(outcome);
        return outcome == "quarantined" ? Refuse("Its records in quarantine stay counted: retry them first. 其隔离的记录仍计数：请先重试。") : 0;
    }, Name);

    static Command ReplayVerb()
    {
        var from = new Option<long>("--from") { Description = "First position. 起始位置。" };
        var until = new Option<long>("--until") { DefaultValueFactory = _ => long.MaxValue, Description = "Last position. 截止位置。" };
        return Operator.Verb("replay", "Owes it rows again that it had. 重新投递。", async (parsed, database, cancel) =>
        {
            if (IsExactlyOnce(parsed.GetValue(Name)!))
                return Refuse($"{parsed.GetValue(Name)} stores and counts; what it did it must not do twice. 该订阅者负责入库计数，不可重放。");
            if (await Operator.IsUnknown(parsed.GetValue(Name), database, cancel))
                return 1;
            var (deliveries, records) = await new SubscriberStore(database).Replay(
                parsed.GetValue(Name)!, parsed.GetValue(from), parsed.GetValue(until), cancel);
            Console.WriteLine($"{records} records in {deliveries} rows are owed again");
            return 0;
        }, Name, from, until);
    }

    /// <summary>The subscribers of the modules; <c>announce</c> and those of other systems only tell, at least once.</summary>
    static bool IsExactlyOnce(string name) => Bus.SubscribersOf(TrafficHost.All).Contains(name);

    static int Refuse(string why)
    {
        Console.Error.WriteLine(why);
        return 1;
    }
}
