using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Traffic.Platform;
using ActivityKind = Traffic.Contracts.ActivityKind;

namespace Traffic.Reporting.Editions;

/// <summary>The period is not over: nothing of it can be frozen.</summary>
sealed class PeriodNotOverException(DateTimeOffset ends) : Exception($"The period ends at {ends:O}.")
{
    public DateTimeOffset Ends { get; } = ends;
}

/// <summary>A restatement was asked for, and not one record differs.</summary>
sealed class NothingToRestateException() : Exception("No record differs from what the edition counted.");

/// <summary>Leaves and cells of one snapshot differ: nothing may be frozen until <c>rebuild --compare</c> has named the difference.</summary>
sealed class CountsDifferException(string what) : Exception($"The records and the cells differ: {what}. Run: traffic rebuild --compare");

/// <summary>Makes editions: one snapshot, one model for both languages, frozen.</summary>
sealed class EditionMaker(
    EditionStore store, Campaigns campaigns, Cubes cubes, Divisions divisions, Titles titles, TimeProvider clock, IMeterFactory meters)
{
    /// <summary>How long one took to make, and whether its leaves were read ahead.</summary>
    internal const string Seconds = "traffic_edition_seconds";

    readonly Histogram<double> seconds = meters.Create("Traffic.Reports").CreateHistogram<double>(Seconds, "s");

    /// <summary>A baseline of fewer cases gives no percentage.</summary>
    const int Minimum = 5;

    readonly ConcurrentDictionary<(string Kind, string Period, string Division), LeavesAhead> ahead = new();

    public TimeZoneInfo Zone(string division) => divisions.Zone(null, division);

    /// <summary>The edition of a period that is over: made if there is none yet.</summary>
    /// <exception cref="PeriodNotOverException">It is not over in the division's zone.</exception>
    public Task<(EditionRow Row, bool IsNew)> Make(EditionPeriod period, string division, CancellationToken cancel) =>
        MustBeOver(period, division) ?? store.Freeze(period, division, async (latest, before, snapshot, index) =>
            latest is not null ? null : await Freeze(period, division, 1, before, null, snapshot, index), cancel);

    /// <summary>The same period as it stands now, numbered one higher, with exactly the records that differ.</summary>
    /// <exception cref="NothingToRestateException">None does.</exception>
    public Task<(EditionRow Row, bool IsNew)> Restate(EditionRow edition, string requestedBy, string reason, CancellationToken cancel) =>
        store.Freeze(EditionPeriod.Parse(edition.Kind, edition.Period)!, edition.Division, (latest, before, snapshot, index) =>
            Freeze(EditionPeriod.Parse(edition.Kind, edition.Period)!, edition.Division, latest!.Number + 1, before, (latest, requestedBy, reason), snapshot, index)!, cancel);

    /// <summary>
    /// Reads ahead what editions that are soon due will count, or brings what was read up to now: at the moment itself little is left to
    /// read. What was read of others is let go.
    /// </summary>
    public async Task ReadAhead(IReadOnlyList<(EditionPeriod Period, string Division)> coming, CancellationToken cancel)
    {
        var indexes = store.Indexes(cancel);
        foreach (var key in ahead.Keys.Except(coming.Select(one => Key(one.Period, one.Division))))
            if (ahead.TryRemove(key, out var over))
                await indexes.Drop(over.Index);
        foreach (var (period, division) in coming)
            await store.Look(period, division, async (latest, before, snapshot) =>
            {
                ahead.TryRemove(Key(period, division), out var known);
                var asked = Asked(period, division, before);
                var now = latest is not null || known is null ? null : await UpTo(known, asked, snapshot);
                if (now is null && known is not null)
                    await indexes.Drop(known.Index);
                if (latest is null)
                    ahead[Key(period, division)] = now ?? await LeavesAhead.Read(asked, snapshot, indexes);
            }, cancel);
    }

    static (string, string, string) Key(EditionPeriod period, string division) => (period.Kind, period.Name, division);

    LeafQuestion Asked(EditionPeriod period, string division, EditionRow? before)
    {
        var campaign = CampaignOf(division, period.Days);
        return new(
            EditionModel.FormatName, Windows(period, campaign), Tree(division)[division],
            before is null ? null : new LateSince(before.AsOf, Utc(before.UnregisteredSince), period.Days.From))
        {
            Origins = campaign is null ? [] : [.. campaign.LinesOn(period.Days.To).SelectMany(LeafCounts.Origins).Distinct().Order(StringComparer.Ordinal)],
        };
    }

    /// <summary>What was read ahead, as of the snapshot; null where it was something else, or so much changed that all is better read.</summary>
    static async Task<LeavesAhead?> UpTo(LeavesAhead known, LeafQuestion asked, EditionSnapshot snapshot) =>
        known.Asked.IsSame(asked) ? await known.UpTo(snapshot) : null;

    /// <returns>All leaves; and where the most of their index is stored already, if they were read ahead.</returns>
    async Task<(SortedLeaves Leaves, Guid? Index)> Leaves(EditionPeriod period, string division, LeafQuestion asked, EditionSnapshot snapshot)
    {
        // Whoever takes it has it alone.
        var known = ahead.TryRemove(Key(period, division), out var read) ? await UpTo(read, asked, snapshot) : null;
        var rest = new LeafCollector(asked.Windows, known?.Leaves.Alike);
        await (known is null ? snapshot.Leaves(asked, ordered: false, rest.Add) : snapshot.ActivityLeaves(asked, rest.Add));
        return (known is null ? rest.Sort() : known.Leaves.With([], rest.Sort()), known?.Index);
    }

    Task<(EditionRow, bool)>? MustBeOver(EditionPeriod period, string division) =>
        period.Ends(Zone(division)) is var ends && ends > clock.GetUtcNow() ? Task.FromException<(EditionRow, bool)>(new PeriodNotOverException(ends)) : null;

    async Task<NewEdition> Freeze(
        EditionPeriod period, string division, int number, EditionRow? before, (EditionRow Of, string By, string Reason)? restates, EditionSnapshot snapshot,
        LeafIndexStore index)
    {
        var (frozenAt, began) = (clock.GetUtcNow(), Stopwatch.GetTimestamp());
        var tree = Tree(division);
        var campaign = CampaignOf(division, period.Days);
        var asked = Asked(period, division, before);
        var windows = asked.Windows;

        var (leaves, stored) = await Leaves(period, division, asked, snapshot);
        index.Begin(() => stored is { } most && leaves.Differing.Count < leaves.Count / 2 ? LeafIndex.Of(leaves, most) : new LeafIndex(leaves.Index()));
        var rooted = Task.Run(leaves.Root);
        var frame = new EditionFrame(division, tree, windows, snapshot.AsOf, Minimum) { Edition = $"{period.Kind}-{division}-{period.Name}-{number}" };
        var figures = EditionCounting.Of(frame, leaves.Buckets(), leaves.Activities);
        await MustEqualCells(snapshot, frame, figures);

        var tasks = await Tasks(snapshot, period, division, before, frozenAt);
        var ledger = await snapshot.Reports.Ledger() with { Open = Ledgers.LedgerLinks.Frozen(snapshot.AsOf) };
        var definitions = new EditionDefinitions(["confirmed"], Minimum, Leaf.Columns, "by record id, SHA-256", campaign is null ? null : new EditionCampaign(
            campaign.Id, campaign.Title, campaign.Note, campaign.Source, campaign.From, campaign.To, campaign.LinesOn(period.Days.To)),
            await Names(snapshot, figures, tree))
        {
            Cubes = cubes.All, Origins = asked.Origins, Words = titles.Beginning("reporting.finding.", "reporting.reason."),
            Baseline = campaign is null ? null : await Baseline(snapshot.Reports, campaign, period.Days, tree[division]),
        };
        var judged = await EditionJudging.Of(frame, period.Kind == "monthly", campaign, cubes, snapshot.Reports, titles, ledger, figures);
        var recomputed = await EditionJudging.FromLeaves(frame, period.Kind == "monthly", definitions, leaves, ledger, figures, judged.Targets);
        if (EditionJudging.Difference(recomputed, judged) is var (_, both))
            throw new CountsDifferException(both);

        var root = await rooted;
        var restatement = restates is { } one
            ? new Restatement(one.Of.Edition, one.Of.AsOf, one.By, one.Reason, await Differences(snapshot, one.Of, leaves.Index(), asked), Convert.ToHexStringLower(one.Of.Digest)) : null;
        if (restatement is { Records.Count: 0 })
            throw new NothingToRestateException();

        var model = new EditionModel(
            EditionModel.FormatName, frame.Edition, period.Kind, division, period.Name, number,
            period.Days.From, period.Days.To, Zone(division).Id, snapshot.AsOf, frozenAt, before is null ? null : new EditionRef(before.Edition, before.AsOf, Convert.ToHexStringLower(before.Digest)),
            restatement, ledger, Convert.ToHexStringLower(root), leaves.Count, tree, windows, figures, judged.Activity, judged.Targets, judged.Comparison, judged.Findings,
            tasks, definitions);
        var made = new NewEdition(
            model.Edition, model.Kind, division, model.Period, number, model.From, model.To, model.AsOf, frozenAt,
            snapshot.UnregisteredSince, root, leaves.Count,
            JsonSerializer.SerializeToUtf8Bytes(model, EditionModel.Json), restatement?.Edition, restatement?.RequestedBy, restatement?.Reason);
        seconds.Record(Stopwatch.GetElapsedTime(began).TotalSeconds, KeyValuePair.Create<string, object?>("ahead", stored is not null));
        return made;
    }

    /// <summary>The campaign's frozen baseline with what the lines are compared with in it; null where none was frozen.</summary>
    static async Task<EditionBaseline?> Baseline(Snapshot reports, Campaign campaign, DayWindow days, IReadOnlyList<string> below)
    {
        if (await reports.Baseline(campaign.Id) is not { } frozen)
            return null;
        var sums = new List<BaselineSum>();
        foreach (var line in campaign.LinesOn(days.To))
            if (TargetBoard.InBaseline(line, days.From, days.To, frozen) is var (from, to))
                sums.AddRange(await reports.BaselineSums(frozen, line, from, to, below));
        return new EditionBaseline(frozen.From, frozen.To, frozen.AsOf, frozen.Lines) { Sums = sums };
    }

    static DateTime Utc(DateTime time) => DateTime.SpecifyKind(time, DateTimeKind.Utc);

    /// <summary>The division with all below it, then each part directly under it.</summary>
    Dictionary<string, IReadOnlyList<string>> Tree(string division)
    {
        var tree = new Dictionary<string, IReadOnlyList<string>> { [division] = divisions.WithDescendants(division) };
        foreach (var part in divisions.All().Where(one => one.Parent == division))
            tree[part.Code] = divisions.WithDescendants(part.Code);
        return tree;
    }

    Campaign? CampaignOf(string division, DayWindow days) => campaigns.All.FirstOrDefault(one =>
        one.From <= days.To && (one.To is null || one.To >= days.From) && divisions.WithDescendants(one.Division).Contains(division));

    /// <summary>The three windows of every edition, then those that a target line looks at besides.</summary>
    static List<DayWindow> Windows(EditionPeriod period, Campaign? campaign) =>
    [
        .. new[] { period.Days, period.Before, period.YearBefore }.Concat((campaign?.LinesOn(period.Days.To) ?? [])
            .Select(line => TargetRule.Before(line.Comparison, period.Days.From, period.Days.To))
            .OfType<(DateOnly From, DateOnly To)>().Select(window => new DayWindow(window.From, window.To))).Distinct(),
    ];

    static async Task MustEqualCells(EditionSnapshot snapshot, EditionFrame frame, EditionFigures figures)
    {
        foreach (var window in frame.Windows.Take(3).Select((days, i) => (days, i)))
        {
            var cells = await snapshot.Reports.Count(
                new Figure { From = window.days.From, To = window.days.To, Divisions = [.. frame.Tree[frame.Division]] }, ["family"]);
            var leaves = figures.Divisions[0].Families.Select(row => (row.Key, Count: window.i switch
            {
                0 => row.Count.Now, 1 => row.Count.Before, _ => row.Count.YearBefore,
            })).Where(row => row.Count != 0).ToDictionary(row => row.Key, row => row.Count);
            if (cells.Count != leaves.Count || cells.Any(cell => leaves.GetValueOrDefault(cell.First) != cell.Value))
                throw new CountsDifferException($"{window.days.From:yyyy-MM-dd} to {window.days.To:yyyy-MM-dd}");
        }
    }

    async Task<List<TaskState>> Tasks(EditionSnapshot snapshot, EditionPeriod period, string division, EditionRow? before, DateTimeOffset now)
    {
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, Zone(division)).DateTime);
        return
        [
            .. (await snapshot.Tasks(period.Kind, division, period.Days.From, before is null ? null : Utc(before.FrozenAt))).Select(task => new TaskState(
                task.TaskId, task.Edition, task.Finding, task.Owner, task.Due, task.Text,
                task.ClosedAt is not null ? "closed" : task.Due < today ? "overdue" : "open",
                task.ClosedAt is { } at ? new DateTimeOffset(Utc(at)) : null, task.ClosingNote)),
        ];
    }

    /// <summary>Names of all keys that occur, in both languages, as they are today.</summary>
    async Task<IReadOnlyDictionary<string, IReadOnlyDictionary<string, Title>>> Names(
        EditionSnapshot snapshot, EditionFigures figures, IReadOnlyDictionary<string, IReadOnlyList<string>> tree)
    {
        var catalogue = (await snapshot.Reports.Words()).DistinctBy(word => (word.Kind, word.Id))
            .ToDictionary(word => (word.Kind, word.Id), word => new Title(word.Zh, word.En));
        var whole = figures.Divisions[0];
        return new Dictionary<string, IReadOnlyDictionary<string, Title>>
        {
            ["division"] = tree.Keys.ToDictionary(code => code, code => titles.Division(code, null)),
            ["activity"] = Enum.GetValues<ActivityKind>().Select(kind => kind.Word()).ToDictionary(kind => kind, kind => titles.Word($"reporting.activity.of.{kind}", kind)),
            ["status"] = Of("status", whole.Statuses),
            ["family"] = Of("family", whole.Families),
            ["item"] = Of("item", whole.Items),
            ["vehicleClass"] = Of("vehicleClass", whole.VehicleClasses),
            ["shift"] = Of("shift", whole.Shifts),
            ["source"] = Of("source", whole.Sources),
        };

        Dictionary<string, Title> Of(string dimension, IReadOnlyList<CountRow> rows) => rows.ToDictionary(
            row => row.Key, row => catalogue.GetValueOrDefault((dimension, row.Key)) ?? titles.Of(dimension, row.Key, catalogue, null));
    }

    /// <summary>Records whose leaves differ between a frozen edition and now. A late leaf is not a record of the period.</summary>
    static async Task<List<RestatedRecord>> Differences(EditionSnapshot snapshot, EditionRow then, byte[] index, LeafQuestion asked)
    {
        var (bytes, frozen) = await snapshot.Frozen(then.Edition);
        var model = JsonSerializer.Deserialize<EditionModel>(bytes, EditionModel.Json)!;
        if (!EditionModel.HasAll(model.Format))
        {
            // Its leaves were written otherwise: the same records as they stood then, written as they are now.
            var again = new LeafCollector(model.Windows);
            await snapshot.Earlier(then.AsOf).Leaves(
                new LeafQuestion(EditionModel.FormatName, model.Windows, model.Tree[model.Division], asked.Since), ordered: false, again.Add);
            frozen = again.Sort().Index();
        }
        var ids = LeafIndex.Different(frozen, index);
        // Asked alike, what stands as it stood counts as it did: it is only told as late, or no longer, because another edition came before.
        var alike = asked.IsSame(asked with { Windows = model.Windows, Divisions = model.Tree[model.Division], Origins = model.Definitions.Origins ?? [] });
        var (before, now) = (await snapshot.StandingsAt([.. ids], then.AsOf), await snapshot.StandingsAt([.. ids], snapshot.AsOf));
        return
        [
            .. ids.Select(id => (Id: id, Was: before.GetValueOrDefault(id), Is: now.GetValueOrDefault(id)))
                .Where(one => !alike || one.Was != one.Is)
                .Select(one => new RestatedRecord(
                    one.Id, one.Was is null ? "added" : one.Is is null ? "removed" : "changed",
                    one.Was?.Revision, one.Was?.Status, one.Was?.Entry, one.Is?.Revision, one.Is?.Status, one.Is?.Entry)
                    {
                        Kind = one.Is?.Kind ?? one.Was?.Kind,
                    }),
        ];
    }
}
