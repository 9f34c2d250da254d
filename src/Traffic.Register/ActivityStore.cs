using Npgsql;
using NpgsqlTypes;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Register;

/// <summary>A revision that holds, with what it counts for.</summary>
sealed record HeldActivity(int Revision, string Division, IReadOnlyList<ActivityCount> Counts);

/// <summary>A revision to be stored.</summary>
/// <param name="Detail">The report without its personal members, as JSON.</param>
/// <param name="Holds">False where a later one is there already.</param>
sealed record NewActivityRow(
    ReportedActivity Report, LogSlice Slice, int Item, string? Origin, DateOnly Day, string Detail, IReadOnlyList<ActivityCount> Counts, bool Holds);

/// <summary>Every SQL statement on activities. All run in the caller's transaction.</summary>
static class ActivityStore
{
    const string HeldByIds = """
        select a.activity_id, a.revision, a.division, c.cube, c.day, c.keys, c.value
        from register.activity a left join register.activity_count c using (activity_id, revision)
        where a.activity_id = any($1) and a.ended_position is null
        """;

    /// <summary>The revisions of these things that hold; until the transaction ends nobody else registers any of theirs.</summary>
    public static async Task<Dictionary<Guid, HeldActivity>> Lock(NpgsqlConnection connection, Guid[] ids, CancellationToken cancel)
    {
        await RegisterStore.LockActivities(connection, ids, cancel);
        await using var command = new NpgsqlCommand(HeldByIds, connection) { Parameters = { new() { Value = ids } } };
        await using var row = await command.ExecuteReaderAsync(cancel);
        var held = new Dictionary<Guid, HeldActivity>();
        while (await row.ReadAsync(cancel))
        {
            if (!held.TryGetValue(row.GetGuid(0), out var one))
                held[row.GetGuid(0)] = one = new HeldActivity(row.GetInt32(1), row.GetString(2), new List<ActivityCount>());
            if (!await row.IsDBNullAsync(3, cancel))
                ((List<ActivityCount>)one.Counts).Add(new ActivityCount
                {
                    Cube = row.GetString(3), Day = row.GetFieldValue<DateOnly>(4), Keys = row.GetString(5), Value = row.GetInt64(6),
                });
        }
        return held;
    }

    const string EndHeld = "update register.activity set ended_position = $2 where activity_id = any($1) and ended_position is null";

    /// <summary>Others take their place in this batch.</summary>
    public static async Task End(LogBatch batch, Guid[] ids, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(EndHeld, batch.Connection)
        {
            Parameters = { new() { Value = ids }, new() { Value = batch.NextPosition } },
        };
        await command.ExecuteNonQueryAsync(cancel);
    }

    const string CopyActivities = """
        copy register.activity (
            activity_id, revision, record_id, kind, received_at, position, item, began_position, ended_position, status, division, day,
            occurred_at, origin, unit_code, officer_id, session_id, detail)
        from stdin (format binary)
        """;

    const string CopyCounts = """
        copy register.activity_count (activity_id, revision, cube, day, division, keys, value) from stdin (format binary)
        """;

    /// <summary>Stores new revisions. One that is there already breaks the key, loudly: deliveries are exactly once.</summary>
    public static async Task Insert(LogBatch batch, IReadOnlyList<NewActivityRow> rows, CancellationToken cancel)
    {
        await using (var copy = await batch.Connection.BeginBinaryImportAsync(CopyActivities, cancel))
        {
            foreach (var row in rows)
            {
                var report = row.Report;
                await copy.StartRowAsync(cancel);
                await copy.WriteAsync(report.ActivityId, NpgsqlDbType.Uuid, cancel);
                await copy.WriteAsync(report.Revision, NpgsqlDbType.Integer, cancel);
                await copy.WriteAsync(report.RecordId, NpgsqlDbType.Uuid, cancel);
                await copy.WriteAsync(report.Kind.Word(), NpgsqlDbType.Text, cancel);
                await copy.WriteAsync(row.Slice.CreatedAt, NpgsqlDbType.TimestampTz, cancel);
                await copy.WriteAsync(row.Slice.Position, NpgsqlDbType.Bigint, cancel);
                await copy.WriteAsync(row.Item, NpgsqlDbType.Integer, cancel);
                await copy.WriteAsync(batch.NextPosition, NpgsqlDbType.Bigint, cancel);
                if (row.Holds)
                    await copy.WriteNullAsync(cancel);
                else
                    await copy.WriteAsync(batch.NextPosition, NpgsqlDbType.Bigint, cancel);
                await copy.WriteAsync(report.Voided is null ? "confirmed" : "voided", NpgsqlDbType.Text, cancel);
                await copy.WriteAsync(report.DivisionCode, NpgsqlDbType.Text, cancel);
                await copy.WriteAsync(row.Day, NpgsqlDbType.Date, cancel);
                await copy.WriteAsync(report.OccurredAt.UtcDateTime, NpgsqlDbType.TimestampTz, cancel);
                foreach (var text in new[] { row.Origin, report.UnitCode, report.OfficerId, report.SessionId })
                    if (text is null)
                        await copy.WriteNullAsync(cancel);
                    else
                        await copy.WriteAsync(text, NpgsqlDbType.Text, cancel);
                await copy.WriteAsync(row.Detail, NpgsqlDbType.Jsonb, cancel);
            }
            await copy.CompleteAsync(cancel);
        }

        await using var counts = await batch.Connection.BeginBinaryImportAsync(CopyCounts, cancel);
        foreach (var row in rows)
            foreach (var count in row.Counts)
            {
                await counts.StartRowAsync(cancel);
                await counts.WriteAsync(row.Report.ActivityId, NpgsqlDbType.Uuid, cancel);
                await counts.WriteAsync(row.Report.Revision, NpgsqlDbType.Integer, cancel);
                await counts.WriteAsync(count.Cube, NpgsqlDbType.Text, cancel);
                await counts.WriteAsync(count.Day, NpgsqlDbType.Date, cancel);
                await counts.WriteAsync(row.Report.DivisionCode, NpgsqlDbType.Text, cancel);
                await counts.WriteAsync(count.Keys, NpgsqlDbType.Text, cancel);
                await counts.WriteAsync(count.Value, NpgsqlDbType.Bigint, cancel);
            }
        await counts.CompleteAsync(cancel);
    }
}
