using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Register;

/// <summary>What was reported of violations: their lines in the log, what was measured later, the keys to personal members.</summary>
static class ReportedStore
{
    // Until the transaction ends: finding the way to a few records anew each time took longer than going it.
    const string PlanOnce = "set local plan_cache_mode = force_generic_plan";

    // Each by itself along its keys, however many are asked for.
    const string LinesOfRecords = """
        select v.record_id, l.body, v.item from unnest($1, $2) as asked (record_id, received_at)
        cross join lateral (
            select v.record_id, v.position, v.item from register.violation v
            where v.record_id = asked.record_id and v.received_at = asked.received_at limit 1) v
        cross join lateral (
            select l.body from platform.log l where l.position = v.position and l.created_at = asked.received_at limit 1) l
        """;

    /// <summary>The records as reported, with what the register keeps of their personal members and what was measured later.</summary>
    public static async Task<Dictionary<Guid, ReportedViolation>> AsReported(
        NpgsqlConnection connection, IReadOnlyCollection<StoredRow> stored, CancellationToken cancel)
    {
        if (stored.Count == 0)
            return [];
        var lines = new Dictionary<Guid, ReportedViolation>(stored.Count);
        var later = new List<(Guid RecordId, Measurement Measured)>();
        var trip = new RoundTrip(connection);
        var recordIds = stored.Select(row => row.RecordId).ToArray();
        trip.Add(PlanOnce, row: null);
        trip.Add(LinesOfRecords, row => lines[row.GetGuid(0)] = JsonSerializer.Deserialize(
                Log.Lines(row.GetFieldValue<byte[]>(1)).ElementAt(row.GetInt32(2)).Span, TrafficJson.Plain.ReportedViolation)!,
            new() { Value = recordIds },
            new() { Value = stored.Select(row => row.ReceivedAt).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz });
        trip.Add(LaterOfRecords, row => later.Add(Later(row)), new NpgsqlParameter { Value = recordIds });
        await trip.Send(cancel);
        var measured = later.ToLookup(one => one.RecordId, one => one.Measured);
        return stored.ToDictionary(row => row.RecordId, row => StoredHistory.With(lines[row.RecordId], row, measured[row.RecordId]));
    }

    const string LaterOfRecords = """
        select record_id, quantity, value, unit, instrument, measured_at from register.later_measurement
        where record_id = any($1) order by record_id, nth, value desc, decision_id
        """;

    /// <summary>What was measured after these records came in: it belongs to what is decided about them ever after.</summary>
    public static async Task<ILookup<Guid, Measurement>> LaterMeasurements(NpgsqlConnection connection, Guid[] recordIds, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(LaterOfRecords, connection) { Parameters = { new() { Value = recordIds } } };
        await using var row = await command.ExecuteReaderAsync(cancel);
        var later = new List<(Guid RecordId, Measurement Measured)>();
        while (await row.ReadAsync(cancel))
            later.Add(Later(row));
        return later.ToLookup(one => one.RecordId, one => one.Measured);
    }

    /// <summary>A row of <see cref="LaterOfRecords"/>.</summary>
    static (Guid RecordId, Measurement Measured) Later(NpgsqlDataReader row) => (row.GetGuid(0), new Measurement
    {
        Quantity = EnumWord.Parse<Quantity>(row.GetString(1))!.Value, Value = row.GetDecimal(2), Unit = row.GetString(3),
        Instrument = RegisterStore.Text(row, 4), MeasuredAt = row.IsDBNull(5) ? null : new DateTimeOffset(row.GetDateTime(5), TimeSpan.Zero),
    });

    const string PutLater = """
        insert into register.later_measurement (record_id, decision_id, nth, quantity, value, unit, instrument, measured_at)
        values ($1, $2, (select count(*) from register.later_measurement where record_id = $1), $3, $4, $5, $6, $7)
        """;

    /// <summary>Keeps a measurement that came after its record.</summary>
    public static async Task AddLater(NpgsqlConnection connection, PersonDecided decision, Measurement measured, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(PutLater, connection);
        foreach (var value in new object?[]
        {
            decision.RecordId, decision.DecisionId, measured.Quantity.Word(), measured.Value, measured.Unit, measured.Instrument, measured.MeasuredAt?.UtcDateTime,
        })
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        await command.ExecuteNonQueryAsync(cancel);
    }

    const string WrappedKeys = """
        select k.record_id, k.data_key from unnest($1) as asked (record_id)
        cross join lateral (select * from intake.published_data_key k where k.record_id = asked.record_id limit 1) k
        where k.data_key is not null
        """;

    /// <summary>The wrapped keys of records; those of erased persons are absent.</summary>
    public static async Task<Dictionary<Guid, byte[]>> Keys(NpgsqlConnection connection, Guid[] recordIds, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(WrappedKeys, connection) { Parameters = { new() { Value = recordIds } } };
        await using var row = await command.ExecuteReaderAsync(cancel);
        var keys = new Dictionary<Guid, byte[]>(recordIds.Length);
        while (await row.ReadAsync(cancel))
            keys[row.GetGuid(0)] = row.GetFieldValue<byte[]>(1);
        return keys;
    }
}
