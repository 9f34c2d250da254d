using System.Data;
using Dapper;
using Npgsql;
using Traffic.Platform;
using Traffic.Reporting.Counts;

namespace Traffic.Reporting;

/// <summary>The register is not as far as a question asks.</summary>
sealed class AsOfAheadException(long asked, long present) : Exception($"asOf {asked} is ahead of {present}.")
{
    public long Present { get; } = present;
}

/// <summary>One count with the values it was grouped by.</summary>
/// <param name="Second">Null where one thing was grouped by.</param>
sealed record GroupedCount(string First, string? Second, long Value)
{
    public string[] Keys => Second is null ? [First] : [First, Second];
}

/// <summary>Cells of one cube in one window, added up.</summary>
/// <param name="Division">Null where all divisions asked for were added up.</param>
/// <param name="Day">Null where all days were.</param>
sealed record CubeSum(string Keys, long Value, string? Division = null, DateOnly? Day = null)
{
    // Split once: side by side each is looked at for every line and division.
    readonly string[] parts = Keys.Split('|');

    /// <summary>One of the values joined in <see cref="Keys"/>.</summary>
    public string Part(int place) => parts[place];

    public bool Equals(CubeSum? other) => other is not null && (Keys, Value, Division, Day) == (other.Keys, other.Value, other.Division, other.Day);

    public override int GetHashCode() => HashCode.Combine(Keys, Value, Division, Day);
}

/// <summary>A word of the register's catalogue.</summary>
sealed record CatalogueWord(string Kind, string Id, string Zh, string En);

/// <summary>A record behind a figure, as stored.</summary>
sealed record StoredRecord(
    Guid RecordId, int Revision, string Status, string Entry, string Family, string Division, DateOnly Day, DateOnly ShiftDate,
    string Shift, string Source, string VehicleClass, string? Origin, DateTime OccurredAt, long Value);

/// <summary>Every statement of reporting: reads published views only.</summary>
/// <param name="memory">Null where the database adds up everything.</param>
sealed class ReportStore(NpgsqlDataSource database, Cubes cubes, TimeProvider clock, CountMemory? memory = null)
{
    /// <summary>A question may be a moment ahead of this process (a replica, a link just made): it waits this long.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    const string ReadPosition = """
        set transaction read only;
        select records from platform.stream where stream = 'register'
        """;

    /// <summary>Asks several things in one snapshot.</summary>
    /// <param name="asOf">Register sequence asked for; null is the present one.</param>
    /// <exception cref="AsOfAheadException">The register has not come that far.</exception>
    public async Task<T> InSnapshot<T>(long? asOf, Func<Snapshot, Task<T>> ask, CancellationToken cancel)
    {
        var began = clock.GetTimestamp();
        while (true)
        {
            await using var connection = await database.OpenConnectionAsync(cancel);
            await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
            var present = await connection.QuerySingleAsync<long>(new CommandDefinition(ReadPosition, transaction: transaction, cancellationToken: cancel));
            if (asOf is null || asOf <= present)
                return await ask(new Snapshot(connection, transaction, cubes, present, asOf ?? present, cancel)
                {
                    KeptBefore = asOf ?? long.MaxValue,
                    Held = memory is null ? null : await memory.At(connection, transaction, present, asOf ?? present, cancel),
                });
            if (clock.GetElapsedTime(began) >= Patience)
                throw new AsOfAheadException(asOf.Value, present);
            await Task.Delay(TimeSpan.FromMilliseconds(50), clock, cancel);
        }
    }
}

/// <summary>The register as it stands at one sequence: today's from cells, a former one from standings.</summary>
sealed partial class Snapshot(
    NpgsqlConnection connection, NpgsqlTransaction transaction, Cubes cubes, long present, long asOf, CancellationToken cancel) : ICounts
{
    /// <summary>What can be grouped by, and how.</summary>
    public static readonly IReadOnlyDictionary<string, string> Dimensions = new Dictionary<string, string>
    {
        ["entry"] = "entry",
        ["family"] = "family",
        ["division"] = "division",
        ["day"] = "to_char(day, 'YYYY-MM-DD')",
        ["week"] = """to_char(day, 'IYYY-"W"IW')""",
        ["month"] = "to_char(day, 'YYYY-MM')",
        ["shift"] = "shift",
        ["source"] = "source",
        ["vehicleClass"] = "vehicle_class",
        ["status"] = "status",
        ["overlay"] = "overlay",
        ["criminal"] = "criminal",
        ["unit"] = "coalesce(unit_key, '-')",
    };

    /// <summary>One row for each tag of a standing.</summary>
    const string Listed = " cross join lateral unnest(string_to_array(nullif(overlays, ''), ',')) as listed (overlay)";

    /// <summary>What no cell of the cube by offence tells apart.</summary>
    static bool NeedsStandings(Figure figure, IReadOnlyList<string> groupBy) =>
        figure.ByShiftDate || figure.Overlays is not null || figure.Criminal is not null || figure.Items is not null || figure.Points is not null
        || figure.Scope is not null || figure.Each is not null || groupBy.Contains("overlay") || groupBy.Contains("criminal");

    /// <summary>What the cube by overlay tells.</summary>
    bool InOverlayCells(Figure figure, IReadOnlyList<string> groupBy) =>
        asOf == present && groupBy.Contains("overlay")
        && groupBy.All(dimension => dimension is "overlay" or "division" or "day" or "week" or "month" or "status" or "source")
        && figure is { Scope: null, Each: null, ByShiftDate: false, Overlays: null, Items: null, Points: null, Criminal: null, Entries: null, Families: null, Shifts: null, VehicleClasses: null };

    Guid? preview;

    /// <summary>The same moment as it would be by a catalogue that was only previewed: with the cells it would move.</summary>
    public Snapshot With(Guid preview) => new(connection, transaction, cubes, present, asOf, cancel) { preview = preview, KeptBefore = KeptBefore };

    /// <summary>The same moment, everything added up by the database: for what is frozen.</summary>
    public Snapshot FromTables() => new(connection, transaction, cubes, present, asOf, cancel) { preview = preview, units = units, KeptBefore = KeptBefore };

    /// <summary>The counts of violations as they are held in memory; null where the database adds them up.</summary>
    public HeldCounts? Held { get; init; }

    /// <summary>Register sequence all answers are of.</summary>
    public long AsOf => asOf;

    /// <summary>
    /// A baseline frozen or units brought at a sequence belong to what comes after it: one named is answered for ever by what was kept before
    /// it, and where none is named by the newest.
    /// </summary>
    public long KeptBefore { get; init; } = long.MaxValue;

    const string WhereFigure = """
        where day between @From and @To
          and (@Divisions::text[] is null or division = any(@Divisions))
          and status = any(@Statuses)
          and origin = any(@Origins)
          and (@Entries::text[] is null or entry = any(@Entries))
          and (@Families::text[] is null or family = any(@Families))
          and (@Shifts::text[] is null or shift = any(@Shifts))
          and (@Sources::text[] is null or source = any(@Sources))
          and (@VehicleClasses::text[] is null or vehicle_class = any(@VehicleClasses))
        """;

    const string WhereStanding = """
          and (@Overlays::text[] is null or string_to_array(overlays, ',') && @Overlays)
          and (@Criminal::boolean is null or criminal = @Criminal::text)
          and (@Items::text[] is null or string_to_array(items, ',') && @Items)
          and (@Points::int[] is null or points = any(@Points))
        """;

    /// <summary>Counts of a figure, grouped.</summary>
    public async Task<IReadOnlyList<GroupedCount>> Count(Figure figure, IReadOnlyList<string> groupBy)
    {
        if (Held?.Of(CountQuestion.Of(figure, groupBy)) is { } held)
        {
            GroupedCount[] counts = [.. held.Select(one => new GroupedCount(one.Keys[0], one.Keys.ElementAtOrDefault(1), one.Value))];
            // Of many rows few values differ: those are compared, then the numbers of their places.
            var (firsts, seconds) = (Places(counts.Select(one => one.First)), Places(counts.Select(one => one.Second ?? "")));
            Array.Sort(Array.ConvertAll(counts, one => ((long)firsts[one.First] * seconds.Count) + seconds[one.Second ?? ""]), counts);
            return counts;

            static Dictionary<string, int> Places(IEnumerable<string> values) =>
                values.Distinct().Order(StringComparer.Ordinal).Select((value, place) => (value, place)).ToDictionary(one => one.value, one => one.place);
        }
        var keys = string.Join(", ", groupBy.Select(dimension => Dimensions[dimension]));
        var fromStandings = asOf != present || (NeedsStandings(figure, groupBy) && !InOverlayCells(figure, groupBy));
        return [.. await Query<GroupedCount>($"""
            with counted as ({(InOverlayCells(figure, groupBy) ? Cells(cubes.Find("overlays")!) : fromStandings ? Standings(figure.ByShiftDate, withUnit: figure.Scope is not null) : Cells(cubes.Find("violations")!))})
            select {Dimensions[groupBy[0]]} as first, {(groupBy.Count > 1 ? Dimensions[groupBy[1]] : "null::text")} as second, sum({(fromStandings ? Share(figure) : "value")})::bigint as value
            from counted{(groupBy.Contains("overlay") && fromStandings ? Listed : "")}{OfUnits(figure)}
            {WhereFigure}{(fromStandings ? WhereStanding + WhereShare(figure) : "")}{WhereUnits(figure)}
            group by {keys}
            having sum({(fromStandings ? Share(figure) : "value")}) <> 0
            order by {string.Join(", ", groupBy.Select(dimension => $"{Dimensions[dimension]} collate \"C\""))}
            """, figure)];
    }

    // Where the records of the page are known to lie: one day, mostly, instead of the whole window; between the first and the last of
    // their divisions and entries, which the index tells before a record is read (a list of them would be looked up one by one); and in the
    // months in which they were received: of the others nothing is even planned.
    static string WhereNear(NearRecords near, bool asNow) =>
        $"\n  and calendar_day = {(near.Days.Length == 1 ? "@NearDay" : "any(@NearDays)")}{Between("division", "@NearDivisions", near.Divisions)}{Between("entry", "@NearEntries", near.Entries)}"
        + (asNow ? "\n  and received_at between @NearFrom and @NearTo" : "");

    static string Between(string column, string values, string[]? near) => near is null ? ""
        : $" and {column} between (select min(one) from unnest({values}) one) and (select max(one) from unnest({values}) one)";

    // Of one day that holds enough of them: read in order, the page ends the reading. The planner takes them for far fewer and would read the day.
    const string InOrder = "set local enable_sort = off; set local enable_bitmapscan = off;\n", OrderAsBefore = ";\nset local enable_sort = on; set local enable_bitmapscan = on";

    // Of several days, each with few: the index first, then the records' pages, asked of the disk many at a time where the server can do that.
    const string IndexFirst = """
        set local enable_indexscan = off;
        do $$ begin if current_setting('effective_io_concurrency') <> '0' then set local effective_io_concurrency = 32; end if; end $$;

        """, ScansAsBefore = ";\nset local enable_indexscan = on";

    const string PageOfRecords = """
        order by occurred_at, record_id
        limit @Limit
        """;

    /// <summary>How often a record counts: where it counts once, and where it counts for each of its items or tags that is asked for.</summary>
    static string Share(Figure figure) => figure.Each switch
    {
        "item" => "(select count(*) from unnest(string_to_array(nullif(items, ''), ',')) one where @Items::text[] is null or one = any(@Items))",
        "overlay" => "(select count(*) from unnest(string_to_array(nullif(overlays, ''), ',')) one where @Overlays::text[] is null or one = any(@Overlays))",
        _ => "1::bigint",
    };

    static string OfUnits(Figure figure) => figure.Scope is null ? "" : Tree("unit", "calendar_day");

    static string WhereUnits(Figure figure) => figure.Scope is null ? "" : $"\n  and {WhereUnit}";

    /// <summary>Said twice, so that the index of tagged records can be used.</summary>
    static string WhereTagged(Figure figure) => figure.Overlays is null ? "" : "\n  and overlays <> ''";

    static string WhereShare(Figure figure) => figure.Each switch { "item" => "\n  and items <> ''", "overlay" => "\n  and overlays <> ''", _ => "" };

    /// <summary>Records behind a figure after a given one, in the order in which they happened, and how much and how many there are in all.</summary>
    /// <param name="zone">In which all the figure's days are counted; null where there may be several.</param>
    public async Task<(long Total, long Count, IReadOnlyList<StoredRecord> Page)> Records(
        Figure figure, DateTimeOffset? after, Guid? afterId, int limit, TimeZoneInfo? zone = null)
    {
        var (total, count) = HeldTotal(figure) ?? (await Query<(long, long)>($"""
            with counted as ({Standings(figure.ByShiftDate, withUnit: figure.Scope is not null)})
            select {(figure.Each is null ? "count(*)" : $"coalesce(sum({Share(figure)}), 0)::bigint")}, count(*) from counted{OfUnits(figure)}
            {WhereFigure}{WhereStanding}{WhereTagged(figure)}{WhereShare(figure)}{WhereUnits(figure)}
            """, figure)).Single();
        var near = Held?.Near(figure, after, limit, zone);
        if (near is { Days.Length: 0 })
            return (total, count, []);
        var (before, afterwards) = near switch { null => ("", ""), { Days.Length: 1 } => (InOrder, OrderAsBefore), _ => (IndexFirst, ScansAsBefore) };
        var asNow = asOf == present || near?.Unchanged == true;
        var page = await Query<StoredRecord>($"""
            {before}with counted as ({Standings(figure.ByShiftDate, withTime: true, withUnit: figure.Scope is not null, asNow)})
            select record_id, revision, status, entry, family, division, calendar_day as day, shift_date, shift, source, vehicle_class,
                   nullif(origin, '-') as origin, occurred_at, {Share(figure)} as value
            from counted{OfUnits(figure)}
            {WhereFigure}{WhereStanding}{WhereTagged(figure)}{WhereShare(figure)}{WhereUnits(figure)}
              and (@After::timestamptz is null or (occurred_at, record_id) > (@After, @AfterId)){(near is null ? "" : WhereNear(near, asNow))}
            {PageOfRecords}{afterwards}
            """, figure, after, afterId, limit, near);
        return (total, count, [.. page]);
    }

    (long Total, long Count)? HeldTotal(Figure figure)
    {
        var question = CountQuestion.Of(figure, []);
        if (Held?.Of(question) is not { } total)
            return null;
        // They differ only where a record counts for each of its items or tags.
        var count = figure.Each is null ? total : Held.Of(question with { Weighted = false });
        return count is null ? null : (total.Sum(one => one.Value), count.Sum(one => one.Value));
    }

    /// <inheritdoc/>
    public Task<IReadOnlyList<CubeSum>?> Sum(
        Cube cube, IReadOnlyList<string> dimensions, DateOnly from, DateOnly to, string[] divisions, bool apart, IReadOnlyDictionary<string, string[]>? where = null) =>
        Sum(cube, dimensions, from, to, divisions, apart, byDay: false, where);

    /// <summary>Likewise, a row each day and division.</summary>
    public async Task<IReadOnlyList<CubeSum>> SumByDay(Cube cube, IReadOnlyList<string> dimensions, DateOnly from, DateOnly to, string[] divisions) =>
        await Sum(cube, dimensions, from, to, divisions, apart: true, byDay: true, where: null) ?? [];

    async Task<IReadOnlyList<CubeSum>?> Sum(
        Cube cube, IReadOnlyList<string> dimensions, DateOnly from, DateOnly to, string[] divisions, bool apart, bool byDay, IReadOnlyDictionary<string, string[]>? where)
    {
        if (cube.CountsViolations && Held?.Of(new CountQuestion(from, to, divisions, [.. dimensions, .. apart ? ["division"] : Array.Empty<string>(), .. byDay ? ["day"] : Array.Empty<string>()])
        {
            Accepted = CountQuestion.Accepting(where), Units = units, Each = cube.MultiBucket && !dimensions.Contains(cube.Dimensions[0]) ? cube.Dimensions[0] : null,
        }) is { } held)
            return [.. held.Select(one => new CubeSum(
                string.Join('|', one.Keys.Take(dimensions.Count)), one.Value, apart ? one.Keys[dimensions.Count] : null, byDay ? DateOnly.ParseExact(one.Keys[^1], "yyyy-MM-dd") : null))];
        var values = new DynamicParameters(new { Cube = cube.Id, From = from, To = to, Divisions = divisions, AsOf = asOf, Preview = preview });
        Add(values, units);
        if ((units is null ? Source(cube) : SourceOfUnits(cube)) is not { } source)
            return null;
        return [.. await connection.QueryAsync<CubeSum>(Command($"""
            with counted as ({source})
            select {Keys(cube, dimensions)} as keys, sum(value)::bigint as value,
                   {(apart ? "division" : "null::text")} as division, {(byDay ? "day" : "null::date")} as day
            from counted
            where day between @From and @To and division = any(@Divisions)
            group by 1, 3, 4
            having sum(value) <> 0
            """, values))];
    }

    const string ActivitiesThen = """
        select c.day, c.division, c.keys, c.value
        from register.published_activity_count c
        join register.published_activity_at a using (activity_id, revision)
        where c.cube = @Cube and a.began_sequence <= @AsOf and (a.ended_sequence is null or a.ended_sequence > @AsOf)
        """;

    /// <summary>Where a cube's counts are read: its cells now; of a former state, what was in force then.</summary>
    string? Source(Cube cube)
    {
        if (asOf == present)
            return "select day, division, keys, value from register.published_cell where cube = @Cube and value <> 0"
                + (preview is null ? "" : " union all select day, division, keys, moved from register.published_preview_cell where preview_id = @Preview and cube = @Cube");
        if (!cube.CountsViolations)
            return cube.Of == "activity" ? null : ActivitiesThen;
        var columns = cube.Dimensions.Select(Column).ToList();
        if (columns.Contains(null))
            return null;
        return $"""
            select s.day, s.division, {string.Join(" || '|' || ", columns)} as keys, 1 as value
            from register.published_standing_at s{Each(cube)}
            where s.began_sequence <= @AsOf and (s.ended_sequence is null or s.ended_sequence > @AsOf)
            """;
    }

    /// <summary>A row for each item or tag of a standing, where the cube counts them.</summary>
    static string Each(Cube cube) => cube.Dimensions.Contains("item")
        ? " cross join lateral unnest(string_to_array(nullif(s.items, ''), ',')) as listed (item)"
        : cube.Dimensions.Contains("overlay")
        ? " cross join lateral unnest(string_to_array(nullif(s.overlays, ''), ',')) as listed (overlay)" : "";

    /// <summary>Some of the dimensions of a cell, joined as all of them are.</summary>
    static string Keys(Cube cube, IReadOnlyList<string> dimensions) =>
        dimensions.Count == cube.Dimensions.Count ? "keys"
        : string.Join(" || '|' || ", dimensions.Select(one => $"split_part(keys, '|', {cube.Dimensions.ToList().IndexOf(one) + 1})").DefaultIfEmpty("''"));

    const string ReadBaseline = """
        select campaign, from_day as "from", to_day as "to", as_of, frozen_at, frozen_by, why, lines from reporting.baseline
        where campaign = @Campaign and as_of < @KeptBefore
        """;

    /// <summary>The campaign's frozen baseline as far as it is <see cref="KeptBefore"/>; null as long as there is none.</summary>
    public async Task<FrozenBaseline?> Baseline(string campaign)
    {
        var row = (await connection.QueryAsync<(string Campaign, DateOnly From, DateOnly To, long AsOf, DateTime FrozenAt, string FrozenBy, string Why, string[] Lines)>(
            Command(ReadBaseline, new { Campaign = campaign, KeptBefore }))).Select(one => ((string, DateOnly, DateOnly, long, DateTime, string, string, string[])?)one).SingleOrDefault();
        return row is var (id, from, to, frozen, at, by, why, lines)
            ? new FrozenBaseline(id, from, to, frozen, new DateTimeOffset(at, TimeSpan.Zero), by, why, lines) : null;
    }

    const string SumBaseline = """
        select line || '@' || version as line, @From as "from", @To as "to", division, sum(numerator)::bigint as numerator, sum(denominator)::bigint as denominator
        from reporting.baseline_day
        where campaign = @Campaign and line = @Line and version = @Version and day between @From and @To and division = any(@Divisions)
        group by line, version, division
        order by division collate "C"
        """;

    /// <summary>What the frozen baseline holds of one line in a window, by division.</summary>
    public async Task<IReadOnlyList<BaselineSum>> BaselineSums(FrozenBaseline frozen, TargetDefinition line, DateOnly from, DateOnly to, IReadOnlyList<string> divisions) =>
    [
        .. await connection.QueryAsync<BaselineSum>(Command(SumBaseline, new
        {
            frozen.Campaign, Line = line.Id, line.Version, From = from, To = to, Divisions = divisions.ToArray(),
        })),
    ];

    /// <inheritdoc/>
    public async Task<FrozenSum?> BaselineDays(FrozenBaseline frozen, TargetDefinition line, DateOnly from, DateOnly to, string[] divisions) =>
        FrozenSum.Of(await BaselineSums(frozen, line, from, to, divisions));

    const string ReadWords = """
        select kind, id, zh, en from register.published_word
        union all
        (select distinct on (entry) 'entry', entry, zh, en from register.published_entry order by entry, edition desc)
        """;

    /// <summary>Names of families and entries, as the newest edition that has them says.</summary>
    public async Task<IReadOnlyList<CatalogueWord>> Words() => [.. await connection.QueryAsync<CatalogueWord>(Command(ReadWords, null))];

    /// <param name="violations">Selects <c>stored</c> and <c>voided</c> of them.</param>
    static string ReadLedger(string violations) => $"""
        select
            (select coalesce(sum(accepted), 0)::bigint from intake.published_ledger) as accepted,
            violations.stored + reports.stored as stored,
            (select count(*) from platform.quarantine where subscriber in ('register-violations', 'register-activity')) as quarantined,
            (select coalesce(sum(items), 0)::bigint from platform.delivery where subscriber in ('register-violations', 'register-activity')) as in_flight,
            violations.voided + reports.voided as voided
        from ({violations}) as violations,
        (
            select coalesce(sum(value), 0)::bigint as stored,
                   coalesce(sum(value) filter (where split_part(keys, '|', 2) = 'voided'), 0)::bigint as voided
            from register.published_cell where cube = 'activityReports') as reports
        """;

    const string ViolationsHeld = "select @Stored::bigint as stored, @Voided::bigint as voided";

    const string ViolationsInCells = """
        select coalesce(sum(value), 0)::bigint as stored,
               coalesce(sum(value) filter (where split_part(keys, '|', @Status) = 'voided'), 0)::bigint as voided
        from register.published_cell where cube = 'violations'
        """;

    /// <summary>What became of all records at the moment of the snapshot, whatever <see cref="AsOf"/> was asked for.</summary>
    public async Task<Ledger> Ledger() => await connection.QuerySingleAsync<Ledger>(Held is { } held
        ? Command(ReadLedger(ViolationsHeld), new { held.Row.Stored, held.Row.Voided })
        : Command(ReadLedger(ViolationsInCells), new { Status = Place(cubes.Find("violations")!, "status") })) with
        {
            Open = Ledgers.LedgerLinks.Ever(present),
        };

    /// <summary>The cells of a cube, a column for each dimension that a figure can name; null for one the cube does not have.</summary>
    static string Cells(Cube cube)
    {
        string Part(string dimension) => Place(cube, dimension) is > 0 and var place ? $"split_part(keys, '|', {place})" : "null::text";
        return $"""
            select day, division, value, {Part("entry")} as entry, {Part("family")} as family, {Part("status")} as status,
                   {Part("shift")} as shift, {Part("source")} as source, {Part("vehicleClass")} as vehicle_class,
                   {Part("origin")} as origin, {Part("overlay")} as overlay
            from register.published_cell where cube = '{cube.Id}'
            """;
    }

    string Standings(bool byShiftDate, bool withTime = false, bool withUnit = false, bool asNow = false) => $"""
        select s.record_id, s.revision, s.status, s.entry, s.family, s.division, {(byShiftDate ? "s.shift_date" : "s.day")} as day,
               s.day as calendar_day, s.shift_date, s.shift, s.source, s.vehicle_class, coalesce(s.origin, '-') as origin,
               s.overlays, s.criminal_referral::text as criminal, s.items, s.points, 1 as value{(withTime ? ", s.occurred_at" : "")}{(withTime && asNow ? ", s.received_at" : "")}{(withUnit ? ", s.unit_code as unit" : "")}
        from {(asNow || asOf == present ? "register.published_standing s" : "register.published_counted_at s")}
        {(asNow || asOf == present ? "" : "where s.began_sequence <= @AsOf and (s.ended_sequence is null or s.ended_sequence > @AsOf)")}
        """;

    /// <summary>Place of a dimension in a cell's keys, from 1; 0 where the cube does not have it.</summary>
    static int Place(Cube cube, string dimension) => cube.Dimensions.ToList().IndexOf(dimension) + 1;

    static string? Column(string dimension) => dimension switch
    {
        "vehicleClass" => "s.vehicle_class",
        "origin" => "coalesce(s.origin, '-')",
        "item" => "listed.item",
        "overlay" => "listed.overlay",
        "entry" or "family" or "status" or "shift" or "source" => $"s.{dimension}",
        _ => null,
    };

    Task<IEnumerable<T>> Query<T>(string sql, Figure figure, DateTimeOffset? after = null, Guid? afterId = null, int limit = 0, NearRecords? near = null) =>
        connection.QueryAsync<T>(Command(sql, Values(figure, after, afterId, limit, near)));

    DynamicParameters Values(Figure figure, DateTimeOffset? after, Guid? afterId, int limit, NearRecords? near)
    {
        var values = new DynamicParameters(new
        {
            figure.From, figure.To, figure.Divisions, figure.Statuses, figure.Origins, figure.Entries, figure.Families, figure.Shifts,
            figure.Sources, figure.VehicleClasses, figure.Overlays, figure.Items, figure.Points, figure.Criminal, AsOf = asOf, After = after, AfterId = afterId, Limit = limit,
            NearFrom = near?.From, NearTo = near?.To, NearDays = near?.Days, NearDay = near?.Days.FirstOrDefault(), NearDivisions = near?.Divisions, NearEntries = near?.Entries,
        });
        if (figure.Scope is { } scope)
            Add(values, scope.Map);
        return values;
    }

    CommandDefinition Command(string sql, object? values) => new(sql, values, transaction, cancellationToken: cancel);
}
