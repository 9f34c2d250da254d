using System.CommandLine;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Spectre.Console;
using Traffic.Catalogue;
using Traffic.Platform;
using Traffic.Platform.Postgres;
using Traffic.Register;
using Traffic.Reporting;

namespace Traffic.Host;

/// <summary>The verbs of <c>catalogue</c> that try and change the law in force: <c>preview</c>, <c>release</c>, <c>undo</c>, <c>versions</c>.</summary>
static class CatalogueChanges
{
    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    static readonly Option<bool> AsJson = new("--json") { Description = "For programs. 以 JSON 输出。" };
    static readonly Option<string> By = new("--by") { Required = true, Description = "Who releases it. 发布人。" };
    static readonly Option<string> Second = new("--second") { DefaultValueFactory = _ => "", Description = "The second, other person. 第二人。" };
    static readonly Option<string> Reason = new("--reason") { Required = true, Description = "Why. 理由。" };

    public static IEnumerable<Command> Create() => [Preview(), Release(), Undo(), Versions()];

    static Argument<FileSystemInfo> Changed() => new Argument<FileSystemInfo>("FILE|FOLDER")
    {
        Description = "A file, laid over those in force; or a folder, instead of all of them. 文件（覆盖同名）或文件夹（整体替换）。",
    }.AcceptExistingOnly();

    static Command Preview()
    {
        var changed = Changed();
        var preview = new Command("preview", "Runs a changed catalogue over all stored history and says what would move; touches nothing. 试算目录变更。")
        {
            changed, AsJson,
        };
        return With(preview, async (parsed, tools, cancel) =>
        {
            var catalogue = await Read(tools, parsed.GetValue(changed)!, cancel);
            var id = await tools.Previews.Begin(catalogue, cancel);
            await tools.Previews.Run(id, catalogue, Workers, cancel);
            var done = (await tools.Versions.Previews(id, whole: true, cancel))[0];
            var targets = await tools.Targets.Changes(id, cancel);
            if (parsed.GetValue(AsJson))
                Console.WriteLine(JsonSerializer.Serialize(new { preview = done, targets }, Json));
            else
            {
                Console.WriteLine($"{done.Version} against version {done.Catalogue}, register sequence {done.AsOf}; changes the law from {Day(done.ChangesFrom)} on. Preview {id}.");
                Print(done.Moved!);
                Print(targets);
            }
            return 0;
        });
    }

    static Command Release()
    {
        var changed = Changed();
        var effective = new Option<DateOnly?>("--effective") { Description = "The day you mean it to begin, checked against the files. 生效日（与文件核对）。" };
        var retroactive = new Option<bool>("--retroactive") { Description = "It changes the law of days that have passed. 追溯适用。" };
        var release = new Command("release", "Puts a changed catalogue in force and decides again what it touches. 发布目录并重新认定。")
        {
            changed, By, Second, Reason, effective, retroactive, AsJson,
        };
        return With(release, async (parsed, tools, cancel) => await Follow(tools, parsed, await tools.Releases.Release(
            await Read(tools, parsed.GetValue(changed)!, cancel),
            new ReleaseOrder(parsed.GetValue(By)!, parsed.GetValue(Second)!, parsed.GetValue(Reason)!, parsed.GetValue(effective), parsed.GetValue(retroactive)),
            cancel), cancel));
    }

    static Command Undo()
    {
        var version = new Argument<string>("VERSION") { Description = "Id or name of the version in force. 现行版本号。" };
        var undo = new Command("undo", "Puts the version before the one in force back, and the decisions that stood. 撤销现行版本。")
        {
            version, By, Second, Reason, AsJson,
        };
        return With(undo, async (parsed, tools, cancel) => await Follow(tools, parsed, await tools.Releases.Undo(
            parsed.GetValue(version)!, new ReleaseOrder(parsed.GetValue(By)!, parsed.GetValue(Second)!, parsed.GetValue(Reason)!, null, false), cancel), cancel));
    }

    static Command Versions()
    {
        var versions = new Command("versions", "Lists the versions: who, when, why, and how far each has come. 列出各版本。") { AsJson };
        return With(versions, async (parsed, tools, cancel) =>
        {
            var all = await tools.Versions.Versions(null, whole: false, cancel);
            if (parsed.GetValue(AsJson))
                Console.WriteLine(JsonSerializer.Serialize(new { versions = all }, Json));
            else
                foreach (var one in all)
                    Console.WriteLine($"{one.Id,3} {(one.InForce ? "*" : " ")} {one.Version}  {one.Kind}  {one.ReleasedAt:yyyy-MM-dd HH:mm}Z  {one.ReleasedBy}{(one.SecondPerson is null ? "" : $" + {one.SecondPerson}")}  {State(one)}  {one.Reason}");
            return 0;
        });
    }

    const int Workers = 2;

    /// <summary>Works with whatever hosts there are until everything is decided by the new version, and says what that came to.</summary>
    static async Task<int> Follow(Tools tools, ParseResult parsed, int id, CancellationToken cancel)
    {
        Console.Error.WriteLine($"Version {id} is in force; deciding again what was decided before. 第 {id} 版已生效，正在重新认定。");
        await tools.DecideAgain.Run(Workers, cancel);
        var done = (await tools.Versions.Versions(id, whole: true, cancel))[0];
        if (parsed.GetValue(AsJson))
            Console.WriteLine(JsonSerializer.Serialize(done, Json));
        else
        {
            Console.WriteLine($"Version {done.Id} ({done.Version}), {done.Kind} by {done.ReleasedBy} and {done.SecondPerson}: {State(done)}.");
            Print(done.Moved!);
        }
        return 0;
    }

    static string State(VersionAnswer one) => one.State == "done" ? "done" : $"re-deciding {one.Looked} of {one.Records}";

    static string Day(DateOnly? day) => day is not { } first ? "no day" : first == DateOnly.MinValue ? "the beginning" : first.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    static async Task<ChangedCatalogue> Read(Tools tools, FileSystemInfo path, CancellationToken cancel)
    {
        if (path is DirectoryInfo || Directory.Exists(path.FullName))
            return await tools.Releases.Read(Catalogue.Catalogue.FilesOf(path.FullName), whole: true, cancel);
        var name = ChangedCatalogue.NameOf(path.FullName, await tools.Releases.InForce(cancel));
        return await tools.Releases.Read([new CatalogueFile(name, await File.ReadAllBytesAsync(path.FullName, cancel))], whole: false, cancel);
    }

    static void Print(JsonNode moved)
    {
        var total = moved["total"]!;
        Console.WriteLine($"{moved["examined"]} records examined, {moved["changed"]} changed. Points {total["pointsBefore"]} > {total["pointsAfter"]}; fines {total["fineMinBefore"]}-{total["fineMaxBefore"]} > {total["fineMinAfter"]}-{total["fineMaxAfter"]} CNY.");
        foreach (var (heading, member) in new[] { ("Entry  违法行为", "entries"), ("Status  状态", "statuses") })
            if (moved[member]!.AsObject() is { Count: > 0 } counts)
            {
                var table = new Table().AddColumns(heading, "Records  条数").RoundedBorder();
                foreach (var (pair, count) in counts)
                    table.AddRow(Markup.Escape(pair), $"{count}");
                AnsiConsole.Write(table);
            }
        foreach (var (heading, member) in new[] { ("Family  种类", "families"), ("Division  辖区", "divisions"), ("ISO week  周", "weeks") })
            if (moved[member]!.AsObject() is { Count: > 0 } sums)
            {
                var table = new Table().AddColumns(heading, "Records  条数", "Points  记分", "Fines up to, CNY  罚款上限").RoundedBorder();
                foreach (var (key, sum) in sums)
                    table.AddRow(Markup.Escape(key), $"{sum!["recordsBefore"]} > {sum["recordsAfter"]}", $"{sum["pointsBefore"]} > {sum["pointsAfter"]}", $"{sum["fineMaxBefore"]} > {sum["fineMaxAfter"]}");
                AnsiConsole.Write(table);
            }
        foreach (var sample in moved["samples"]!.AsArray())
            Console.WriteLine($"{sample!["recordId"]}  {sample["entryBefore"]} ({sample["statusBefore"]}, {sample["pointsBefore"] ?? "-"}) > {sample["entryAfter"]} ({sample["statusAfter"]}, {sample["pointsAfter"] ?? "-"})");
    }

    static void Print(IReadOnlyList<ChangedLine> targets)
    {
        Console.WriteLine(targets.Count == 0 ? "No target line would change. 指标不变。" : "Target lines that would change 会变的指标:");
        foreach (var line in targets)
            Console.WriteLine($"{line.Campaign} {line.Division} {line.Line}: {line.Before.Value} ({line.Before.Status}) > {line.After.Value} ({line.After.Status}), baseline {line.Before.Baseline} > {line.After.Baseline}");
    }

    static Command With(Command command, Func<ParseResult, Tools, CancellationToken, Task<int>> work)
    {
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(async (parsed, cancel) =>
        {
            var builder = Serve.Builder([.. parsed.UnmatchedTokens]);
            await using var postgres = await EmbeddedPostgres.Start(builder.Configuration, Console.Error.WriteLine, cancel);
            await using var tools = Tools.Over(builder.Configuration, postgres.ConnectionString);
            try { return await work(parsed, tools, cancel); }
            catch (CatalogueException invalid)
            {
                foreach (var fault in invalid.All)
                    Console.Error.WriteLine(fault.Message);
                Console.Error.WriteLine("The version in force stays. 现行版本不变。");
                return 1;
            }
            catch (CatalogueRefusedException refused)
            {
                foreach (var language in Words.Languages)
                    Console.Error.WriteLine(tools.Words.Get($"register.catalogue.{refused.Code}", language, [.. refused.Values.Select(CatalogueWords.Shown)]));
                return 1;
            }
            catch (PostgresException missing) when (missing.SqlState == PostgresErrorCodes.UndefinedTable)
            {
                Console.Error.WriteLine("This database has no catalogue yet: start the host once. 数据库尚无目录：请先启动一次服务。");
                return 2;
            }
        });
        return command;
    }

    /// <summary>What the verbs work with: the register's own, without the bus. Subscribers look by themselves each second.</summary>
    sealed record Tools(
        ModuleDatabases Databases, CatalogueReleases Releases, CataloguePreviews Previews, DecideAgain DecideAgain, CatalogueVersions Versions,
        PreviewedTargets Targets, Words Words) : IAsyncDisposable
    {
        public static Tools Over(IConfiguration settings, string connectionString)
        {
            var (schemas, databases) = (SchemaFiles.From(settings), new ModuleDatabases(connectionString));
            var (divisions, cubes, words) = (new Divisions(schemas), Cubes.Load(schemas), TrafficHost.AllWords());
            var running = RegisterModule.Running(databases, divisions, new ImportMaps(schemas), TrafficHost.SealOf(settings));
            return new Tools(
                databases, new CatalogueReleases(databases, running, divisions, TimeProvider.System),
                new CataloguePreviews(databases, running, cubes, TimeProvider.System),
                new DecideAgain(databases, running, new RegisterStore(cubes), new Quiet()), new CatalogueVersions(databases.Of("register")),
                ReportingModule.PreviewedTargets(schemas, databases, divisions, cubes, words), words);
        }

        public ValueTask DisposeAsync() => Databases.DisposeAsync();
    }

    sealed class Quiet : INudge
    {
        public void Appended(string stream, long position, Array? recent) { }
    }
}
