using Npgsql;

namespace Traffic.Host.Reconcile;

/// <summary>An item of a log that the register took and does not have, though nobody owes it; or has twice.</summary>
/// <param name="Stream"><c>intake</c>, <c>activity</c> or <c>casework</c>: each that gives a receipt.</param>
/// <param name="Rows">What came of it: 1 is right. Of a decision the standing it made, or 1 where it had nothing to change.</param>
sealed record LogDifference(string Stream, long Position, int Item, long Rows);

/// <summary>What came of every item of the logs that give receipts.</summary>
static class LogItems
{
    // Every item that was told of is one row of the register, or owed, or in quarantine. Who owes what is asked only of the few that are not
    // one row: asked of all, each would be sought among all deliveries.
    const string Reports = """
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
    const string Decisions = """
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

    /// <summary>The first fifty reports, and decisions, that nothing came of, or too much.</summary>
    public static async Task<List<LogDifference>> Odd(NpgsqlConnection connection, CancellationToken cancel)
    {
        var odd = new List<LogDifference>();
        foreach (var sql in new[] { Reports, Decisions })
        {
#pragma warning disable CA2100 // the constants above
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
#pragma warning restore CA2100
            await using var row = await command.ExecuteReaderAsync(cancel);
            while (await row.ReadAsync(cancel))
                odd.Add(new(row.GetString(0), row.GetInt64(1), row.GetInt32(2), row.GetInt64(3)));
        }
        return odd;
    }
}
