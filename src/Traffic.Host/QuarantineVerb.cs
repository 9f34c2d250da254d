using System.CommandLine;
using Npgsql;
using Traffic.Platform;

namespace Traffic.Host;

/// <summary>
/// The verb <c>quarantine</c>: lists what could not be processed, owes it again, or gives it up. Exit 0: as asked, also when it
/// was so before. Exit 1: refused, and the outcome says why.
/// </summary>
static class QuarantineVerb
{
    static readonly Option<string?> Subscriber = new("--subscriber") { Description = "Whose, e.g. register-violations. 订阅者。" };
    static readonly Option<long?> Position = new("--position") { Description = "The log row. 日志位置。" };
    static readonly Option<int?> Item = new("--item") { Description = "Its place in the row, from 0. 行内序号。" };
    static readonly Option<bool> Json = Operator.AsJson();

    public static Command Create() => new("quarantine", "Records that could not be processed. 隔离的记录：无法处理、待处置。")
    {
        ListVerb(), RetryVerb(), CloseVerb(),
    };

    static Command ListVerb()
    {
        var closed = new Option<bool>("--closed") { Description = "Also those given up. 含已关闭的。" };
        return Operator.Verb("list", "Lists them. 列出。", async (parsed, database, cancel) =>
        {
            if (await Operator.IsUnknown(parsed.GetValue(Subscriber), database, cancel))
                return 1;
            var rows = await Named(parsed, database, parsed.GetValue(closed), cancel);
            Operator.Print(rows, parsed.GetValue(Json),
                ["subscriber", "position", "item", "sequence", "attempts", "reason", "since", "closed", "by", "second", "why"],
                row =>
                [
                    row.Subscriber, row.Position, row.Item, row.Sequence, row.Attempts, row.Reason, row.QuarantinedAt,
                    row.ClosedAt, row.ClosedBy, row.ClosedSecond, row.ClosedReason,
                ]);
            return 0;
        }, Subscriber, Position, Item, closed, Json);
    }

    static Command RetryVerb()
    {
        var all = new Option<bool>("--all") { Description = "All that --subscriber, --position and --item leave. 全部符合条件的。" };
        var by = new Option<string>("--by") { DefaultValueFactory = _ => Environment.UserName, Description = "Who says so. 操作人。" };
        return Operator.Verb("retry", "Owes them to their subscriber again. 重新处理。", async (parsed, database, cancel) =>
        {
            var store = new QuarantineStore(database);
            var named = parsed.GetValue(all)
                ? (await Named(parsed, database, closed: false, cancel)).ConvertAll(row => (row.Subscriber, row.Position, row.Item))
                : One(parsed) is { } one ? [one] : null;
            if (named is null)
                return Refuse("Name one by --subscriber, --position and --item, or say --all. 请指定一条记录，或使用 --all。");
            if (string.IsNullOrWhiteSpace(parsed.GetValue(by)))
                return Refuse("--by has to name who says so. 须填写操作人。");
            if (parsed.GetValue(all) && await Operator.IsUnknown(parsed.GetValue(Subscriber), database, cancel))
                return 1;
            var acts = new List<QuarantineAct>();
            foreach (var (subscriber, position, item) in named)
                acts.Add(await store.Retry(subscriber, position, item, parsed.GetValue(by)!, cancel));
            return Told(parsed, acts, "retried", "owed", "done");
        }, Subscriber, Position, Item, all, by, Json);
    }

    static Command CloseVerb()
    {
        var by = new Option<string>("--by") { Description = "Who gives it up. 关闭人。" };
        var second = new Option<string>("--second") { Description = "The second person, another one. 复核人。" };
        var reason = new Option<string>("--reason") { Description = "Why it can never be processed. 原因。" };
        return Operator.Verb("close", "Gives one up, by two persons; it stays counted. 两人关闭一条，仍计数。", async (parsed, database, cancel) =>
        {
            if (One(parsed) is not var (subscriber, position, item))
                return Refuse("Name one by --subscriber, --position and --item. 请指定一条记录。");
            var words = new[] { parsed.GetValue(by), parsed.GetValue(second), parsed.GetValue(reason) }.Select(word => word?.Trim() ?? "").ToArray();
            if (words.Contains("") || !TwoPersons.Are(words[0], words[1]))
                return Refuse("--by, --second (another person) and --reason are needed. 须填写关闭人、另一名复核人和原因。");
            return Told(parsed, [await new QuarantineStore(database).Close(subscriber, position, item, words[0], words[1], words[2], cancel)], "closed");
        }, Subscriber, Position, Item, by, second, reason, Json);
    }

    static Task<List<Quarantined>> Named(ParseResult parsed, NpgsqlDataSource database, bool closed, CancellationToken cancel) =>
        new QuarantineStore(database).List(
            parsed.GetValue(Subscriber), closed, parsed.GetValue(Position), parsed.GetValue(Item), null, int.MaxValue, cancel);

    static (string Subscriber, long Position, int Item)? One(ParseResult parsed) =>
        (parsed.GetValue(Subscriber), parsed.GetValue(Position), parsed.GetValue(Item)) is ({ } subscriber, { } position, { } item)
            ? (subscriber, position, item) : null;

    static int Told(ParseResult parsed, List<QuarantineAct> acts, params string[] asAsked)
    {
        Operator.Print(acts, parsed.GetValue(Json), ["subscriber", "position", "item", "outcome"],
            act => [act.Subscriber, act.Position, act.Item, act.Outcome]);
        return acts.TrueForAll(act => asAsked.Contains(act.Outcome)) ? 0 : 1;
    }

    static int Refuse(string why)
    {
        Console.Error.WriteLine(why);
        return 1;
    }
}
