using System.Data;
using Npgsql;
using Traffic.Platform;
using Traffic.Reporting;

namespace Traffic.Host.Reconcile;

/// <summary>Both sides of one equals sign.</summary>
/// <param name="Name">What is compared, e.g. <c>accepted = keys</c>.</param>
/// <param name="Left">The count kept as the records passed.</param>
/// <param name="Right">The count made now from the records themselves.</param>
sealed record Identity(string Name, long Left, long Right)
{
    public bool Holds => Left == Right;
}

/// <summary>One count that differs from its records.</summary>
sealed record CellDifference(string Cube, DateOnly Day, string Division, string Keys, long Stored, long Recounted);

/// <summary>What <c>reconcile</c> found, in one snapshot.</summary>
/// <param name="Log">Items of the logs that nothing came of, or too much.</param>
/// <param name="Rows">Rows that are not what the logs say.</param>
/// <param name="ReceiptsCompared">Lines held against the digests of their receipts; 0 where the master key is not here, or another is.</param>
sealed record Reconciliation(
    bool Ok, long AsOf, IReadOnlyList<Identity> Identities, IReadOnlyList<CellDifference> Cells, long CellsCompared,
    IReadOnlyList<LogDifference> Log, IReadOnlyList<RowDifference> Rows, long RowsCompared, long ReceiptsCompared);

/// <summary>Recounts everything from the records and sets it beside what was counted as they passed. Reads only.</summary>
/// <param name="seal">Null where the master key is not here.</param>
sealed class Reconciler(NpgsqlDataSource owner, SchemaFiles schemas, Seal? seal)
{
    const int MaxDifferencesShown = 50;

    const string Begin = "set transaction isolation level repeatable read read only";

    readonly Cubes cubes = Cubes.Load(schemas);

    public async Task<Reconciliation> Run(CancellationToken cancel)
    {
        await using var connection = await owner.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
        var reader = new Reader(connection, cancel);
        await reader.Execute(Begin);

        var identities = new List<Identity>();
        await ReceivedIsAnswered(reader, identities);
        await AcceptedIsKept(reader, identities);
        await EachSubscriberOwesTheRest(reader, identities);
        var (differences, compared) = await CellsAreTheirRecords(reader, identities);
        // What was frozen is of a sequence of its own, whichever snapshot it is counted in.
        var (wrong, days) = await BaselineCheck.Run(owner, schemas, cancel);
        identities.Add(new Identity("days of frozen baselines that are not as the register had them = 0", wrong.Count, 0));
        differences.AddRange(wrong.Take(MaxDifferencesShown).SelectMany(one => new (string Side, long? Stored, long? Recounted)[]
            {
                ("numerator", one.Numerator, one.NumeratorThen), ("denominator", one.Denominator, one.DenominatorThen),
            }.Where(side => side.Stored != side.Recounted)
            .Select(side => new CellDifference($"baseline {one.Line}", one.Day, one.Division, side.Side, side.Stored ?? 0, side.Recounted ?? 0))));
        compared += days;

        var log = await LogItems.Odd(connection, cancel);
        identities.Add(new Identity("items of the logs that nothing came of, or too much = 0", log.Count, 0));
        var rows = new RowsAndLogs(connection, seal, MaxDifferencesShown, cancel);
        await rows.Run();
        identities.Add(new Identity("rows that are not what the logs say = 0", rows.Differences, 0));

        var asOf = await reader.Scalar("select records from platform.stream where stream = 'register'");
        var ok = identities.TrueForAll(identity => identity.Holds) && differences.Count == 0;
        return new Reconciliation(ok, asOf, identities, differences, compared, log, rows.Named, rows.Compared, rows.Receipts);
    }

    static async Task ReceivedIsAnswered(Reader read, List<Identity> identities)
    {
        identities.Add(new Identity(
            "received = accepted + duplicate + conflict + rejected + ignored",
            await read.Scalar("select coalesce(sum(received), 0)::bigint from intake.tally"),
            await read.Scalar("select coalesce(sum(accepted + duplicate + conflict + rejected + ignored), 0)::bigint from intake.tally")));
        identities.Add(new Identity(
            "rejected = refusals kept",
            await read.Scalar("select coalesce(sum(rejected), 0)::bigint from intake.tally"),
            await read.Scalar("select count(*) from intake.refusal")));
    }

    static async Task AcceptedIsKept(Reader read, List<Identity> identities)
    {
        var accepted = await read.Scalar("select coalesce(sum(accepted), 0)::bigint from intake.tally");
        identities.Add(new Identity("accepted = keys", accepted, await read.Scalar("select count(*) from intake.key")));
        identities.Add(new Identity("accepted = sequences of intake and activity", accepted,
            await read.Scalar("select sum(records)::bigint from platform.stream where stream in ('intake', 'activity')")));
        foreach (var stream in await read.List("select stream from platform.stream order by stream"))
            identities.Add(new Identity($"sequence of {stream} = items in its log",
                await read.Scalar("select records from platform.stream where stream = $1", stream),
                await read.Scalar("select coalesce(sum(items), 0)::bigint from platform.log where stream = $1", stream)));
        identities.Add(new Identity("accepted = stored + in flight + quarantined", accepted,
            await read.Scalar("""
                select (select count(*) from register.violation) + (select count(*) from register.activity)
                     + (select coalesce(sum(items), 0) from platform.delivery where subscriber in ('register-violations', 'register-activity'))::bigint
                     + (select count(*) from platform.quarantine where subscriber in ('register-violations', 'register-activity'))
                """)));
        identities.Add(new Identity("stored = different records",
            await read.Scalar("select count(*) from register.violation"),
            await read.Scalar("select count(distinct record_id) from register.violation")));
        identities.Add(new Identity("stored records without a key = 0",
            await read.Scalar("select count(*) from register.violation v where not exists (select from intake.key k where k.record_id = v.record_id)"),
            0));
        await ActivitiesAreTheirReports(read, identities);
        identities.Add(new Identity("revisions = register's sequence",
            await read.Scalar("select (select coalesce(sum(revision), 0) from register.violation)::bigint + (select count(*) from register.activity)"),
            await read.Scalar("select records from platform.stream where stream = 'register'")));
        identities.Add(new Identity("revisions = current and former standings",
            await read.Scalar("select coalesce(sum(revision), 0)::bigint from register.violation"),
            await read.Scalar("select (select count(*) from register.violation) + (select count(*) from register.former_standing)")));
    }

    /// <summary>Each thing has one revision that holds, the last; what it counts for is what its report says.</summary>
    static async Task ActivitiesAreTheirReports(Reader read, List<Identity> identities)
    {
        identities.Add(new Identity("activity reports accepted = revisions given",
            await read.Scalar("select records from platform.stream where stream = 'activity'"),
            await read.Scalar("select count(*) from intake.revision")));
        identities.Add(new Identity("things with reports = revisions that hold",
            await read.Scalar("select count(distinct activity_id) from register.activity"),
            await read.Scalar("select count(*) from register.activity where ended_position is null")));
        identities.Add(new Identity("revisions that hold and are not the last = 0", await read.Scalar("""
            select count(*) from register.activity a where a.ended_position is null
            and exists (select from register.activity later where later.activity_id = a.activity_id and later.revision > a.revision)
            """), 0));
        foreach (var (cube, measure) in new[]
        {
            ("crashes", "count(*) filter (where kind = 'crash')"),
            ("deaths", "sum((detail #>> '{crash,dead}')::bigint)"),
            ("injured", "sum((detail #>> '{crash,injured}')::bigint)"),
            ("loss", "sum((detail #>> '{crash,lossCny}')::bigint)"),
            ("sessions", "count(*) filter (where kind = 'session')"),
            ("vehiclesChecked", "sum((detail #>> '{session,closing,vehiclesChecked}')::bigint)"),
            ("personsChecked", "sum((detail #>> '{session,closing,personsChecked}')::bigint)"),
            ("visitsProven", "count(*) filter (where kind = 'visit')"),
            ("visitsPlanned", "sum((detail #>> '{point,visitsPerDay}')::bigint * ((detail #>> '{point,to}')::date - (detail #>> '{point,from}')::date + 1))"),
            ("dangers", "count(*) filter (where kind = 'danger' and detail #>> '{danger,changes,-1,state}' <> 'cleared')"),
        })
            identities.Add(new Identity($"{cube} in the reports that hold = sum of the cells of {cube}",
                await read.Scalar($"select coalesce({measure}, 0)::bigint from register.activity where ended_position is null"),
                await read.Scalar("select coalesce(sum(value), 0)::bigint from register.cell where cube = $1", cube)));
        identities.Add(new Identity("persons observed in the reports that hold = sum of the cells of observations",
            await read.Scalar("""
                select coalesce(sum((c ->> 'checked')::bigint), 0)::bigint
                from register.activity a cross join lateral jsonb_array_elements(a.detail #> '{observation,counts}') c
                where a.ended_position is null and a.kind = 'observation'
                """),
            await read.Scalar("select coalesce(sum(value), 0)::bigint from register.cell where cube = 'observations'")));
    }

    /// <summary>Of every subscriber: what it owes names rows of its stream, and nothing is owed twice.</summary>
    static async Task EachSubscriberOwesTheRest(Reader read, List<Identity> identities)
    {
        identities.Add(new Identity("deliveries and quarantine without a log row = 0", await read.Scalar("""
            select count(*) from (
                select subscriber, position, created_at from platform.delivery
                union all select subscriber, position, created_at from platform.quarantine) owed
            join platform.subscriber s using (subscriber)
            where not exists (select from platform.log l
                              where l.position = owed.position and l.created_at = owed.created_at and l.stream = s.stream)
            """), 0));
    }

    async Task<(List<CellDifference> Differences, long Compared)> CellsAreTheirRecords(Reader read, List<Identity> identities)
    {
        var differences = new List<CellDifference>();
        var compared = 0L;
        foreach (var cube in cubes.All)
        {
            if (Recount(cube) is not { } recount)
                continue;
            if (cube is { MultiBucket: false, CountsViolations: true })
                identities.Add(new Identity($"stored = sum of the cells of {cube.Id}",
                    await read.Scalar("select count(*) from register.violation"),
                    await read.Scalar("select coalesce(sum(value), 0)::bigint from register.cell where cube = $1", cube.Id)));
            compared += await read.Scalar("select count(*) from register.cell where cube = $1", cube.Id);
            differences.AddRange(await read.Differences(cube.Id, $"""
                with recounted as ({recount}),
                     stored as (select day, division, keys, value from register.cell where cube = $1 and value <> 0)
                select day, division, keys, coalesce(s.value, 0), coalesce(r.value, 0)
                from stored s full join recounted r using (day, division, keys)
                where s.value is distinct from r.value
                order by day, division, keys
                limit {MaxDifferencesShown}
                """));
        }
        return (differences, compared);
    }

    /// <summary>The statement that counts a cube anew from what holds; null for a cube whose dimensions are not known here.</summary>
    internal static string? Recount(Cube cube)
    {
        if (cube.Of == "activity")
            return "select day, division, kind || '|' || status as keys, count(*) as value from register.activity group by 1, 2, 3";
        if (!cube.CountsViolations)
            return $"""
                select c.day, c.division, c.keys, sum(c.value)::bigint as value
                from register.activity a join register.activity_count c using (activity_id, revision)
                where a.ended_position is null and c.cube = '{cube.Id}'
                group by 1, 2, 3
                having sum(c.value) <> 0
                """;
        var columns = cube.Dimensions.Select(Column).ToList();
        if (columns.Contains(null))
            return null;
        var items = cube.Dimensions.Contains("item")
            ? " cross join lateral unnest(string_to_array(nullif(v.items, ''), ',')) as listed (item)"
            : cube.Dimensions.Contains("overlay")
            ? " cross join lateral unnest(string_to_array(nullif(v.overlays, ''), ',')) as listed (overlay)"
            : "";
        return $"""
            select v.day, v.division, {string.Join(" || '|' || ", columns)} as keys, count(*) as value
            from register.violation v{items}
            group by 1, 2, 3
            """;
    }

    static string? Column(string dimension) => dimension switch
    {
        "entry" => "v.entry",
        "family" => "v.family",
        "status" => "v.status",
        "shift" => "v.shift",
        "source" => "v.source",
        "vehicleClass" => "v.vehicle_class",
        "origin" => "coalesce(v.origin, '-')",
        "item" => "listed.item",
        "overlay" => "listed.overlay",
        _ => null,
    };

    sealed class Reader(NpgsqlConnection connection, CancellationToken cancel)
    {
        public async Task Execute(string sql)
        {
            await using var command = Command(sql);
            await command.ExecuteNonQueryAsync(cancel);
        }

        public async Task<long> Scalar(string sql, params object[] values)
        {
            await using var command = Command(sql, values);
            return (long)(await command.ExecuteScalarAsync(cancel) ?? 0L);
        }

        public async Task<List<string>> List(string sql)
        {
            await using var command = Command(sql);
            await using var row = await command.ExecuteReaderAsync(cancel);
            var list = new List<string>();
            while (await row.ReadAsync(cancel))
                list.Add(row.GetString(0));
            return list;
        }

        public async Task<List<CellDifference>> Differences(string cube, string sql)
        {
            await using var command = Command(sql, cube);
            await using var row = await command.ExecuteReaderAsync(cancel);
            var list = new List<CellDifference>();
            while (await row.ReadAsync(cancel))
                list.Add(new CellDifference(
                    cube, row.GetFieldValue<DateOnly>(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetInt64(4)));
            return list;
        }

        // The statements are put together from constants and from the names of declared dimensions, never from values.
#pragma warning disable CA2100
        NpgsqlCommand Command(string sql, params object[] values)
        {
            var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
            foreach (var value in values)
                command.Parameters.Add(new() { Value = value });
            return command;
        }
#pragma warning restore CA2100
    }
}
