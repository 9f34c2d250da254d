using System.Text;
using System.Text.Json;
using Npgsql;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Register;

/// <summary>Subscriber <c>register-violations</c> of the log <c>intake</c>: decides, stores, counts, tells.</summary>
sealed class RegisterViolations(Decider decider, RegisterStore store, Seal seal) : ISubscriber
{
    public async Task Handle(LogBatch batch, CancellationToken cancel)
    {
        var reported = await Read(batch, cancel);
        var drivers = reported
            .Where(one => decider.NeedsPriors(one.Record))
            .Select(one => decider.DriverKey(one.Record.DriverIdNumber!)).Distinct().ToArray();
        var history = await DrinkHistory(batch.Connection, drivers, cancel);

        var rows = new List<NewRow>(reported.Count);
        // In the order they happened where one decides about the next; else as they came.
        foreach (var (slice, item, record) in drivers.Length == 0 ? reported : [.. reported.OrderBy(one => one.Record.OccurredAt)])
        {
            var driverKey = record.DriverIdNumber is { } number ? decider.DriverKey(number) : (Guid?)null;
            int? priors = driverKey is { } key && history.TryGetValue(key, out var known)
                ? known.Count(one => one.OccurredAt < record.OccurredAt.UtcDateTime)
                : null;
            var standing = decider.Decide(record, slice.CreatedAt, priors);
            rows.Add(new NewRow(record, slice.CreatedAt, slice.Position, item, standing, driverKey));
            if (driverKey is { } driver && standing.Family == DrinkFamily && history.TryGetValue(driver, out var his))
                his.Add((record.OccurredAt.UtcDateTime, null));
        }

        var later = await DecideLaterAgain(batch, history, rows, cancel);
        await store.Insert(batch, rows, cancel);
        if (later.Count > 0)
            await RegisterStore.Change(batch, later, cancel);
        await store.CountAndTell(batch, rows
            .Select(row => (row.Record.RecordId, (Standing?)null, row.Standing))
            .Concat(later.Select(row => (row.RecordId, (Standing?)row.Former, row.Standing))), cancel);
    }

    const string DrinkFamily = "drink-driving";

    /// <summary>What each driver has for drink-driving, under a lock on the driver: nobody else decides about him until we are done.</summary>
    static async Task<Dictionary<Guid, List<(DateTime OccurredAt, StoredRow? Row)>>> DrinkHistory(
        NpgsqlConnection connection, Guid[] drivers, CancellationToken cancel)
    {
        if (drivers.Length == 0)
            return [];
        await RegisterStore.LockDrivers(connection, drivers, cancel);
        var history = drivers.ToDictionary(driver => driver, _ => new List<(DateTime, StoredRow?)>());
        foreach (var row in await RegisterStore.DrinkDriving(connection, drivers, cancel))
            history[row.DriverKey!.Value].Add((row.OccurredAt, row));
        return history;
    }

    /// <summary>A record that came late makes a first offence of the same driver a repeated one: decided again, as a new revision.</summary>
    async Task<List<ChangedRow>> DecideLaterAgain(
        LogBatch batch, Dictionary<Guid, List<(DateTime OccurredAt, StoredRow? Row)>> history, List<NewRow> rows, CancellationToken cancel)
    {
        var changed = new List<ChangedRow>();
        foreach (var (driver, known) in history)
        {
            if (!rows.Any(row => row.DriverKey == driver && row.Standing.Family == DrinkFamily))
                continue;
            foreach (var (occurredAt, row) in known)
                if (row is not null && known.Any(one => one.Row is null && one.OccurredAt < occurredAt))
                {
                    var record = await RegisterStore.AsReported(batch.Connection, row, cancel);
                    var now = decider.Decide(
                        record with { DriverIdNumber = row.DriverIdNumber }, row.ReceivedAt, known.Count(one => one.OccurredAt < occurredAt));
                    if (now.Entry != row.Standing.Entry)
                        changed.Add(new ChangedRow(row.RecordId, row.ReceivedAt, row.Standing, now with
                        {
                            Revision = row.Standing.Revision + 1, Status = row.Standing.Status, Reason = "earlier-record-came-late",
                        }));
                }
        }
        return [.. changed.OrderBy(row => row.RecordId)];
    }

    /// <summary>The batch's records in the clear: handed over, or read from the log and unsealed.</summary>
    async Task<List<(LogSlice Slice, int Item, ReportedViolation Record)>> Read(LogBatch batch, CancellationToken cancel)
    {
        var sealedItems = new List<(int Index, string Text)>();
        var records = new List<(LogSlice Slice, int Item, ReportedViolation Record)>();
        foreach (var slice in batch.Slices)
        {
            if (slice.Recent is ReportedViolation[] recent)
            {
                for (var item = slice.FirstItem; item < slice.FirstItem + slice.Items; item++)
                    records.Add((slice, item, recent[item]));
                continue;
            }
            var next = slice.FirstItem;
            foreach (var line in Log.Lines(slice.Lines))
            {
                if (SealedText(line.Span) is { } text)
                    sealedItems.Add((records.Count, text));
                records.Add((slice, next++, JsonSerializer.Deserialize(line.Span, TrafficJson.Plain.ReportedViolation)!));
            }
        }
        if (sealedItems.Count == 0)
            return records;

        var keys = await RegisterStore.Keys(
            batch.Connection, [.. sealedItems.Select(one => records[one.Index].Record.RecordId)], cancel);
        foreach (var (index, text) in sealedItems)
            if (keys.TryGetValue(records[index].Record.RecordId, out var wrapped))
                records[index] = records[index] with { Record = Open(records[index].Record, wrapped, text) };
        return records;
    }

    ReportedViolation Open(ReportedViolation record, byte[] wrapped, string text)
    {
        var members = Seal.OpenMembers(seal.Unwrap(wrapped), Convert.FromBase64String(text));
        return record with
        {
            Plate = members.Plate, DriverIdNumber = members.DriverIdNumber, DriverName = members.DriverName,
            DriverPhone = members.DriverPhone, Note = members.Note,
        };
    }

    /// <summary>The member <c>sealed</c>, which intake always writes last.</summary>
    static string? SealedText(ReadOnlySpan<byte> line)
    {
        var at = line.LastIndexOf(",\"sealed\":\""u8);
        if (at < 0)
            return null;
        var text = line[(at + 11)..];
        return Encoding.ASCII.GetString(text[..text.IndexOf((byte)'"')]);
    }
}
