using System.Diagnostics;
using System.Security.Cryptography;
using Npgsql;
using Traffic.Host.Reconcile;
using Traffic.Platform;

namespace Traffic.Host.Rebuild;

/// <summary>An item of a log that the register took and does not have, though nobody owes it; or has twice.</summary>
/// <param name="Stream"><c>intake</c>, <c>activity</c> or <c>casework</c>: each that gives a receipt.</param>
/// <param name="Rows">What came of it: 1 is right. Of a decision the standing it made, or 1 where it had nothing to change.</param>
sealed record LogDifference(string Stream, long Position, int Item, long Rows);

/// <summary>What a rebuild beside the running counts found.</summary>
/// <param name="RunningSha256">Of all running cells that are not 0, in key order.</param>
/// <param name="RebuiltSha256">Of all cells made anew, likewise: byte for byte the same, or something is wrong.</param>
/// <param name="NotRebuilt">Cubes that count something this cannot count anew.</param>
sealed record RebuildReport(
    bool Ok, long AsOf, long Records, long Cells, double Seconds, string RunningSha256, string RebuiltSha256,
    IReadOnlyList<CellDifference> Differences, IReadOnlyList<LogDifference> Log, IReadOnlyList<string> NotRebuilt);

/// <summary>Counts every cell anew from the records, in an empty schema, and sets it beside the running ones. The schema is gone afterwards.</summary>
sealed class Rebuilder(NpgsqlDataSource owner, Cubes cubes)
{
    // One snapshot for both sides: whatever is registered meanwhile is in neither. The schema is never committed.
    const string EmptySchema = """
        set transaction isolation level repeatable read;
        create schema rebuild;
        create table rebuild.cell (like register.cell including indexes);
        """;

    const string Differences = """
        select coalesce(s.cube, r.cube), coalesce(s.day, r.day), coalesce(s.division, r.division), coalesce(s.keys, r.keys),
               coalesce(s.value, 0), coalesce(r.value, 0)
        from (select * from register.cell where value <> 0 and cube = any($1)) s
        full join rebuild.cell r using (cube, day, division, keys)
        where s.value is distinct from r.value
        order by 1, 2, 3, 4
        limit 50
        """;

    // Every item that was told of is one row of the register, or owed, or in quarantine. Who owes what is asked only of the few that are not
    // one row: asked of all, each would be sought among all deliveries.
    const string LogItems = """
        with told as (
            select l.stream, l.position, i.item, case l.stream when 'intake' then 'register-violations' else 'register-activity' end as subscriber
            from platform.log l cross join lateral generate_series(0, l.items - 1) as i (item) where l.stream in ('intake', 'activity')
        ), odd as materialized (
            select told.stream, told.position, told.item, told.subscriber, count(v.position) as rows
            from told
            left join (select 'intake' as stream, position, item from register.violation
                       union all select 'activity', position, item from register.activity) v using (stream, position, item)
            group by 1, 2, 3, 4
            having count(v.position) <> 1
        )
        select odd.stream, odd.position, odd.item, odd.rows
        from odd
        where not exists (select from platform.delivery d where d.subscriber = odd.subscriber and d.position = odd.position
                          and odd.item >= d.first_item and odd.item < d.first_item + d.items)
          and not exists (select from platform.quarantine q where q.subscriber = odd.subscriber and q.position = odd.position and q.item = odd.item)
        order by 1, 2, 3
        limit 50
        """;

    // A decision is kept once, and told of once. One that is no longer owed has made a standing later than the one it was about, has kept its
    // measurement, or found nothing to change: what is voided stays so, and what already stands as decided.
    const string LogDecisions = """
        with told as (
            select l.position, i.item, i.line::jsonb as decision
            from platform.log l cross join lateral regexp_split_to_table(rtrim(convert_from(l.body, 'UTF8'), E'\n'), E'\n') with ordinality as i (line, item)
            where l.stream = 'casework'
        ), done as (
            select told.position, told.item - 1 as item, d.decision_id, (
                select count(*) from register.violation v where v.record_id = d.record_id and case
                    when d.action = 'void' then v.status = 'voided'
                    when d.action = 'measure' then exists (select from register.later_measurement m where m.record_id = d.record_id and m.decision_id = d.decision_id)
                    else v.revision > d.revision or v.status in ('voided', case d.action when 'reject' then 'rejected' else 'confirmed' end)
                         or d.action = 'confirm' and v.entry = 'undecided' end) as rows
            from told left join casework.decision d on d.decision_id = (told.decision ->> 'decisionId')::uuid
        )
        select 'casework', position, item::int, case when decision_id is null then 0 else rows end
        from done
        where not exists (select from platform.delivery d where d.subscriber = 'apply-decisions' and d.position = done.position
                          and done.item >= d.first_item and done.item < d.first_item + d.items)
          and not exists (select from platform.quarantine q where q.subscriber = 'apply-decisions' and q.position = done.position and q.item = done.item)
          and (decision_id is null or rows <> 1)
        union all
        select 'casework', 0, 0, count(told.position)
        from casework.decision d left join told on (told.decision ->> 'decisionId')::uuid = d.decision_id
        group by d.decision_id
        having count(told.position) <> 1
        order by 2, 3
        limit 50
        """;

    public async Task<RebuildReport> Compare(CancellationToken cancel)
    {
        var began = Stopwatch.GetTimestamp();
        await using var connection = await owner.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await Execute(EmptySchema);
        var rebuilt = cubes.All.Where(cube => Reconciler.Recount(cube) is not null).ToList();
        foreach (var cube in rebuilt)
            await Execute($"insert into rebuild.cell (cube, day, division, keys, value) select '{cube.Id}', day, division, keys, value from ({Reconciler.Recount(cube)}) counted");
        string[] ids = [.. rebuilt.Select(cube => cube.Id)];
        var (running, made) = (await Digest("register"), await Digest("rebuild"));
        var differences = await Rows(Differences, row => new CellDifference(
            row.GetString(0), row.GetFieldValue<DateOnly>(1), row.GetString(2), row.GetString(3), row.GetInt64(4), row.GetInt64(5)), (object)ids);
        var log = await Rows(LogItems, Missing);
        log.AddRange(await Rows(LogDecisions, Missing));
        var notRebuilt = await Rows("select distinct cube from register.cell where value <> 0 and not cube = any($1) order by 1", row => row.GetString(0), (object)ids);
        var asOf = (await Rows("select records from platform.stream where stream = 'register'", row => row.GetInt64(0)))[0];
        var records = (await Rows("select count(*) from register.violation", row => row.GetInt64(0)))[0];
        var cells = (await Rows("select count(*) from rebuild.cell", row => row.GetInt64(0)))[0];
        await transaction.RollbackAsync(cancel);
        var same = running == made && differences.Count == 0;
        return new RebuildReport(
            same && log.Count == 0, asOf, records, cells, Math.Round(Stopwatch.GetElapsedTime(began).TotalSeconds, 2),
            running, made, differences, log, notRebuilt);

        static LogDifference Missing(NpgsqlDataReader row) => new(row.GetString(0), row.GetInt64(1), row.GetInt32(2), row.GetInt64(3));

        async Task<string> Digest(string schema)
        {
            using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var of = $"""
                select cube, day, division, keys, value from {schema}.cell
                where value <> 0 and cube in ({string.Join(", ", ids.Select(id => $"'{id}'"))})
                order by cube collate "C", day, division collate "C", keys collate "C"
                """;
            await using var copy = await connection.BeginRawBinaryCopyAsync($"copy ({of}) to stdout (format binary)", cancel);
            var buffer = new byte[1 << 16];
            for (int read; (read = await copy.ReadAsync(buffer, cancel)) > 0;)
                sha.AppendData(buffer, 0, read);
            return Convert.ToHexStringLower(sha.GetHashAndReset());
        }

        // Constants above, and the names of declared cubes and dimensions.
#pragma warning disable CA2100
        async Task Execute(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync(cancel);
        }

        async Task<List<T>> Rows<T>(string sql, Func<NpgsqlDataReader, T> read, params object[] values)
        {
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
            foreach (var value in values)
                command.Parameters.Add(new() { Value = value });
            await using var row = await command.ExecuteReaderAsync(cancel);
            var rows = new List<T>();
            while (await row.ReadAsync(cancel))
                rows.Add(read(row));
            return rows;
        }
#pragma warning restore CA2100
    }
}
