using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Traffic.Catalogue;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Register;

/// <summary>A record as reported (of what is personal, as much as the register keeps) and as it stands.</summary>
sealed record PastRecord(ReportedViolation Reported, ReadOnlyMemory<byte> Line, StoredRow Stored);

/// <summary>A run of intake's log, both positions included.</summary>
sealed record Chunk(long FromPosition, long UntilPosition, long Records);

/// <summary>Reads the whole history in runs of the log, and decides it again by a catalogue.</summary>
static class StoredHistory
{
    public const string Chunks = """
        select min(position) as from_position, max(position) as until_position, sum(items)::bigint as records
        from (select position, items, (sum(items) over (order by position) - items) / 10000 as chunk from platform.log where stream = 'intake') l
        group by chunk
        order by chunk
        """;

    /// <summary>Who has more than one record: only what such a driver did can hang on what he did before.</summary>
    public const string DriversWithPast = """
        select driver_key from register.violation where driver_key is not null group by driver_key having count(*) > 1
        """;

    const string BodiesBetween = """
        select created_at, body from platform.log where stream = 'intake' and position between $1 and $2 order by position
        """;

    static readonly string StoredRows = $"""
        select {RegisterStore.Columns} from unnest($1, $2) as asked (record_id, received_at)
        cross join lateral (
            select * from register.violation v where v.record_id = asked.record_id and v.received_at = asked.received_at limit 1) v
        """;

    /// <summary>What is registered of a run. What is in flight or in quarantine is not decided yet, so not decided again.</summary>
    public static async Task<List<PastRecord>> Read(NpgsqlConnection connection, Chunk chunk, CancellationToken cancel)
    {
        var reported = new List<(ReportedViolation Record, ReadOnlyMemory<byte> Line, DateTime ReceivedAt)>();
        await using (var command = new NpgsqlCommand(BodiesBetween, connection)
        {
            Parameters = { new() { Value = chunk.FromPosition }, new() { Value = chunk.UntilPosition } },
        })
        await using (var row = await command.ExecuteReaderAsync(cancel))
            while (await row.ReadAsync(cancel))
            {
                var receivedAt = row.GetDateTime(0);
                foreach (var line in Log.Lines(row.GetFieldValue<byte[]>(1)))
                    if (Parse(line) is { } record)
                        reported.Add((record, line, receivedAt));
            }
        var stored = (await RegisterStore.Read(connection, StoredRows,
            [
                new() { Value = reported.ConvertAll(one => one.Record.RecordId) },
                new() { Value = reported.ConvertAll(one => one.ReceivedAt), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz },
            ], cancel)).ToDictionary(row => row.RecordId);
        var later = await ReportedStore.LaterMeasurements(connection, [.. stored.Keys], cancel);
        var past = new List<PastRecord>(reported.Count);
        foreach (var (record, line, _) in reported)
            if (stored.TryGetValue(record.RecordId, out var row))
                past.Add(new PastRecord(With(record, row, later[record.RecordId]), line, row));
        return past;
    }

    /// <summary>Null where the line cannot be read: such a record is in quarantine.</summary>
    static ReportedViolation? Parse(ReadOnlyMemory<byte> line)
    {
        try { return JsonSerializer.Deserialize(line.Span, TrafficJson.Plain.ReportedViolation); }
        catch (JsonException) { return null; }
    }

    /// <summary>With what the register keeps of its personal members; null once the person is erased.</summary>
    /// <param name="later">What was measured after it came in, where the record does not hold it yet; of one sample the last value corrects those before.</param>
    public static ReportedViolation With(ReportedViolation record, StoredRow row, IEnumerable<Measurement> later) => record with
    {
        Plate = row.Plate, DriverIdNumber = row.DriverIdNumber,
        Measurements = later.Any() ? [.. record.Measurements ?? [], .. later.GroupBy(one => (one.Quantity, one.Instrument)).Select(sample => sample.Last())] : record.Measurements,
    };

    /// <summary>Its decision hangs on what the driver did before, or another of his may hang on it.</summary>
    /// <param name="withPast">Drivers with more than one record.</param>
    public static bool HangsOnHistory(Decider decider, PastRecord past, Standing decided, HashSet<Guid> withPast)
    {
        var (stored, at) = (past.Stored.Standing, past.Stored.OccurredAt);
        return past.Stored.DriverKey is { } driver
            && (DriverPast.ConcernsDrink(stored) || DriverPast.ConcernsDrink(decided)
                || (withPast.Contains(driver) && (decider.Weighs(at, stored) || decider.Weighs(at, decided))));
    }

    /// <summary>The entry a person resolved the record with, as a catalogue has it on that day.</summary>
    public static CatalogueEntry? OfPerson(Decider decider, StoredRow row, Standing standing) => !Reclassify.IsByPerson(standing) ? null
        : decider.Catalogue.EntryAt(row.OccurredAt, standing.Division, standing.Entry, row.RoadKind);

    /// <summary>Decides all records of one driver that hang on his history, in the order in which they happened.</summary>
    /// <param name="next">What a decision makes of a record as it stands; null for no change.</param>
    public static IEnumerable<(StoredRow Row, Standing Next)> OfDriver(
        Decider decider, IEnumerable<PastRecord> records, Func<StoredRow, Standing, Standing?> next)
    {
        var before = new DriverPast(decider);
        foreach (var past in records.OrderBy(one => one.Stored.OccurredAt).ThenBy(one => one.Stored.RecordId))
        {
            var changed = next(past.Stored, decider.Again(past.Stored, past.Reported, before));
            before.Add(past.Stored.OccurredAt, changed ?? past.Stored.Standing);
            if (changed is not null)
                yield return (past.Stored, changed);
        }
    }
}
