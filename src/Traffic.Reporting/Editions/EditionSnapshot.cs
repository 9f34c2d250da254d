using System.Globalization;
using Dapper;
using Npgsql;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Reporting.Editions;

/// <summary>The register at one sequence, for editions: leaves, late records, tasks; and all that a report can ask.</summary>
/// <param name="present">The register's sequence in this snapshot.</param>
/// <param name="asOf">The one that is asked about.</param>
/// <param name="unregisteredSince">Whatever is registered after this snapshot was received at this moment or later.</param>
sealed partial class EditionSnapshot(
    NpgsqlConnection connection, NpgsqlTransaction transaction, Cubes cubes, long present, long asOf, DateTime unregisteredSince, CancellationToken cancel)
{
    public long AsOf => asOf;

    public DateTime UnregisteredSince => DateTime.SpecifyKind(unregisteredSince, DateTimeKind.Utc);

    /// <summary>The same snapshot as the reports ask it.</summary>
    public Snapshot Reports => new(connection, transaction, cubes, present, asOf, cancel);

    /// <summary>Hands over every leaf.</summary>
    /// <param name="ordered">By record id, then kind, as the tree has them.</param>
    /// <param name="between">Awaited from time to time, where what was taken has to go on.</param>
    public Task Leaves(LeafQuestion asked, bool ordered, LeafStream.Taker take, Func<Task>? between = null)
    {
        var all = Union([.. Violations(asked, null), .. Activities(asked)]);
        return Copy(asked.Format, ordered ? $"select * from ({all}) leaves order by record_id, kind like 'late%', kind collate \"C\"" : all, take, between);
    }

    /// <summary>Hands over the leaves of violations.</summary>
    /// <param name="only">Of these records; null: of all.</param>
    public Task ViolationLeaves(LeafQuestion asked, IReadOnlyCollection<Guid>? only, LeafStream.Taker take) =>
        only is { Count: 0 } ? Task.CompletedTask : Copy(asked.Format, Union(Violations(asked, only)), take, between: null);

    /// <summary>Hands over the leaves of all else: there are few.</summary>
    public Task ActivityLeaves(LeafQuestion asked, LeafStream.Taker take) =>
        Activities(asked) is { Count: > 0 } parts ? Copy(asked.Format, Union(parts), take, between: null) : Task.CompletedTask;

    async Task Copy(string format, string sql, LeafStream.Taker take, Func<Task>? between)
    {
        await using var copy = await connection.BeginRawBinaryCopyAsync($"copy ({sql}) to stdout (format binary)", cancel);
        copy.ReadTimeout = EditionStore.LongestS * 1_000;
        await LeafStream.Read(copy, format, take, between, cancel);
    }

    static string Union(IEnumerable<string> parts) => string.Join(" union all ", parts);

    List<string> Violations(LeafQuestion asked, IReadOnlyCollection<Guid>? only) =>
        asked.Since is null ? [Counted(asked, only)] : [Counted(asked, only), Late(asked.Since, asked.Divisions, only)];

    List<string> Activities(LeafQuestion asked) => !EditionModel.HasAll(asked.Format) ? []
        : asked.Since is null ? [OnTheirDays(asked)] : [OnTheirDays(asked), LateActivities(asked.Since, asked.Divisions)];

    const string LogSince = """
        select items, body from platform.log
        where stream = 'register' and first_sequence > @since and first_sequence <= @asOf
        """;

    /// <summary>The records of which the register told a change after a sequence; null where it tells of more than so many, or not all of them.</summary>
    public async Task<IReadOnlyCollection<Guid>?> ChangedSince(long since, int most)
    {
        if (asOf - since > most)
            return null;
        var (changed, told) = (new HashSet<Guid>(), 0L);
        foreach (var (items, body) in await connection.QueryAsync<(int, byte[])>(
            new CommandDefinition(LogSince, new { since, asOf }, transaction, commandTimeout: 60, cancellationToken: cancel)))
        {
            var changes = Log.Standings(body);
            if (changes.Count != items)
                return null;
            told += items;
            changed.UnionWith(changes.OfType<StandingChanged>().Select(change => change.RecordId));
        }
        return told == asOf - since ? changed : null;
    }

    // COPY takes no parameters: days, numbers and quoted codes of our own division tree are written out.
    string Counted(LeafQuestion asked, IReadOnlyCollection<Guid>? only) => $"""
        select 'violation'::text as kind, s.record_id, s.revision, s.day, s.shift_date, s.status, s.entry, s.family, s.division, s.shift,
               s.source, s.vehicle_class, coalesce(s.origin, '') as origin, s.items, s.points, s.criminal_referral,
               null::int as former_revision, null::text as former_status, null::text as former_entry, null::text as former_family,
               s.overlays, null::text as counts, null::text as former_counts
        from {(asOf == present ? "register.published_standing s" : "register.published_counted_at s")}
        where ({InWindows("s.day", asked.Windows)})
          and s.division in ({Quoted(asked.Divisions)}) and {Asked("s.origin", asked.Origins)}
          {(only is null ? "" : $"and s.record_id in (select unnest({Ids(only)}))")}
          {(asOf == present ? "" : $"and {Held("s", asOf)}")}
        """;

    string Late(LateSince since, IReadOnlyList<string> divisions, IReadOnlyCollection<Guid>? only) => $"""
        select 'late'::text as kind, n.record_id, n.revision, n.day, n.shift_date, n.status, n.entry, n.family, n.division, n.shift,
               n.source, n.vehicle_class, coalesce(n.origin, '') as origin, n.items, n.points, n.criminal_referral,
               f.revision as former_revision, f.status as former_status, f.entry as former_entry, f.family as former_family,
               n.overlays, null::text as counts, null::text as former_counts
        from (
            {(only is null ? Candidates(since) : $"select unnest({Ids(only)}) as record_id")}
        ) c
        join register.published_counted_at n on n.record_id = c.record_id and {Held("n", asOf)}
        left join register.published_counted_at f on f.record_id = c.record_id and {Held("f", since.AsOf)}
        where n.day < '{Text(since.DaysBefore)}' and n.division in ({Quoted(divisions)}) and n.origin is null
          and (f.record_id is null or f.status <> n.status or f.entry <> n.entry)
        """;

    string Candidates(LateSince since) => $"""
        select record_id from register.published_ended where {Text($"ended_sequence > {since.AsOf} and ended_sequence <= {asOf}")}
        union
        select record_id from register.published_standing
        where received_at >= '{Text($"{since.UnregisteredSince:yyyy-MM-dd HH:mm:ss.ffffff}")}Z' and day < '{Text(since.DaysBefore)}'
        """;

    static string Asked(string origin, IReadOnlyList<string> origins) =>
        origins.Count == 0 ? $"{origin} is null" : $"({origin} is null or {origin} in ({Quoted(origins)}))";

    static string Ids(IEnumerable<Guid> ids) => $"'{{{string.Join(',', ids)}}}'::uuid[]";

    static string Held(string one, long at) => Text($"{one}.began_sequence <= {at} and ({one}.ended_sequence is null or {one}.ended_sequence > {at})");

    static string InWindows(string day, IReadOnlyList<DayWindow> windows) =>
        string.Join(" or ", windows.Select(window => $"{day} between '{Text(window.From)}' and '{Text(window.To)}'"));

    /// <summary>All that one thing counts for, in a fixed order.</summary>
    const string Shares = """
        string_agg(c.cube || ':' || to_char(c.day, 'YYYY-MM-DD') || ':' || replace(c.keys, '|', ',') || ':' || c.value, ' '
                   order by c.cube collate "C", c.day, c.keys collate "C")
        """;

    static string SharesBefore(string one, DateOnly day) => $"""
        (select {Shares} as counts from register.published_activity_count c
         where c.activity_id = {one}.activity_id and c.revision = {one}.revision and c.day < '{Text(day)}')
        """;

    /// <summary>What the windows ask of a thing: its shares of their days, of a stock those of all days before.</summary>
    string Asked(IReadOnlyList<DayWindow> windows)
    {
        var stocks = cubes.All.Where(cube => cube.Stock).Select(cube => cube.Id).ToList();
        return $"({InWindows("c.day", windows)}{(stocks.Count == 0 ? "" : $" or c.cube in ({Quoted(stocks)}) and c.day <= '{Text(windows.Max(window => window.To))}'")})";
    }

    string OnTheirDays(LeafQuestion asked) => $"""
        select a.kind, a.activity_id, a.revision, a.day, null::date, a.status, null::text, null::text, a.division, null::text,
               null::text, null::text, coalesce(a.origin, ''), null::text, null::int, null::boolean, null::int, null::text, null::text, null::text, null::text, {Shares}, null::text
        from register.{(asOf == present ? "published_activity" : "published_activity_at")} a
        join register.published_activity_count c using (activity_id, revision)
        where a.division in ({Quoted(asked.Divisions)}) and {Asked("a.origin", asked.Origins)} and {Asked(asked.Windows)}
          {(asOf == present ? "" : $"and {Held("a", asOf)}")}
        group by a.kind, activity_id, revision, a.day, a.status, a.division, a.origin
        """;

    /// <summary>Things whose shares of earlier days are others than they were: of which came or changed after the edition before was frozen.</summary>
    string LateActivities(LateSince since, IReadOnlyList<string> divisions) => $"""
        select 'late-' || n.kind, n.activity_id, n.revision, n.day, null::date, n.status, null::text, null::text, n.division, null::text,
               null::text, null::text, '', null::text, null::int, null::boolean, f.revision, f.status, null::text, null::text, null::text,
               coalesce(ns.counts, ''), coalesce(fs.counts, '')
        from (select distinct activity_id from register.published_activity_at where {Text($"began_sequence > {since.AsOf} and began_sequence <= {asOf}")}) c
        join register.published_activity_at n on n.activity_id = c.activity_id and {Held("n", asOf)}
        left join register.published_activity_at f on f.activity_id = c.activity_id and {Held("f", since.AsOf)}
        cross join lateral {SharesBefore("n", since.DaysBefore)} ns
        cross join lateral {SharesBefore("f", since.DaysBefore)} fs
        where n.division in ({Quoted(divisions)}) and n.origin is null and coalesce(ns.counts, '') <> coalesce(fs.counts, '')
        """;

    static string Text(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    static string Quoted(IEnumerable<string> values) => string.Join(", ", values.Select(value => $"'{value.Replace("'", "''", StringComparison.Ordinal)}'"));

    const string StandingsThen = """
        select record_id, revision, status, entry, null as kind from register.published_counted_at
        where record_id = any(@ids) and began_sequence <= @at and (ended_sequence is null or ended_sequence > @at)
        union all
        select activity_id, revision, status, null, kind from register.published_activity_at
        where activity_id = any(@ids) and began_sequence <= @at and (ended_sequence is null or ended_sequence > @at)
        """;

    /// <summary>How records stood at a sequence.</summary>
    public async Task<Dictionary<Guid, StandingThen>> StandingsAt(Guid[] ids, long at) =>
        (await connection.QueryAsync<StandingThen>(new CommandDefinition(
            StandingsThen, new { ids, at }, transaction, commandTimeout: 60, cancellationToken: cancel))).ToDictionary(one => one.RecordId);

    /// <summary>The same snapshot of what stood at an earlier sequence.</summary>
    public EditionSnapshot Earlier(long at) => new(connection, transaction, cubes, present, at, unregisteredSince, cancel);

    const string EarlierTasks = $"""
        {EditionStore.TaskColumns}
        join reporting.edition e using (edition)
        where e.kind = @kind and e.division = @division and e.to_day < @from and (c.closed_at is null or @since::timestamptz is null or c.closed_at > @since)
        order by t.due, t.task_id
        """;

    /// <summary>Tasks of earlier editions that are open, or were closed after a moment.</summary>
    public async Task<IReadOnlyList<TaskRow>> Tasks(string kind, string division, DateOnly from, DateTime? since) =>
        [.. await connection.QueryAsync<TaskRow>(new CommandDefinition(
            EarlierTasks, new { kind, division, from, since }, transaction, cancellationToken: cancel))];

    /// <summary>The bytes of an edition as they were frozen, and the index of its leaves.</summary>
    public async Task<(byte[] Model, byte[] Index)> Frozen(string edition) => (await EditionStore.Bytes(connection, transaction, edition, cancel))!.Value;
}

/// <summary>Which leaves an edition has.</summary>
/// <param name="Format">The edition's: of the two first ones violations alone are leaves.</param>
/// <param name="Divisions">With all below them.</param>
/// <param name="Since">Null where there was no edition before: nothing is late.</param>
sealed record LeafQuestion(string Format, IReadOnlyList<DayWindow> Windows, IReadOnlyList<string> Divisions, LateSince? Since)
{
    /// <summary>What came by these imports is a leaf, too: a target line counts it.</summary>
    public IReadOnlyList<string> Origins { get; init; } = [];

    public bool IsSame(LeafQuestion other) => Format == other.Format && Since == other.Since
        && Windows.SequenceEqual(other.Windows) && Divisions.SequenceEqual(other.Divisions) && Origins.SequenceEqual(other.Origins);
}

/// <summary>From when on a record is late: the edition before, and the first day that is not before this edition's period.</summary>
sealed record LateSince(long AsOf, DateTime UnregisteredSince, DateOnly DaysBefore);
