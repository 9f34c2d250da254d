using System.Text;
using System.Text.Json;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Register;

/// <summary>Subscriber <c>register-violations</c> of the log <c>intake</c>: decides, stores, counts, tells.</summary>
sealed class RegisterViolations(RunningCatalogue catalogue, RegisterStore store, Seal seal) : ISubscriber
{
    public async Task Handle(LogBatch batch, CancellationToken cancel)
    {
        var decider = (await catalogue.Hold(batch.Connection, cancel)).Decider;
        var reported = await Read(batch, cancel);
        var rows = reported.ConvertAll(one =>
        {
            var standing = decider.Decide(one.Record, one.Slice.CreatedAt, priors: null);
            return new NewRow(one.Record, one.Slice.CreatedAt, one.Slice.Position, one.Item, standing,
                one.Record.DriverIdNumber is { } number ? decider.DriverKey(number) : null, decider.ActOf(one.Record, standing));
        });

        await SameActs.Hold(batch.Connection, decider, rows, cancel);
        var again = await DecideByHistory(batch, decider, rows, cancel);
        await RegisterStore.Insert(batch, rows, cancel);
        if (again.Count > 0)
            await RegisterStore.Change(batch, again, cancel);
        await store.CountAndTell(batch, rows
            .Select(row => (row.Record.RecordId, (Standing?)null, row.Standing))
            .Concat(again.Select(row => (row.RecordId, (Standing?)row.Former, row.Standing))), cancel);
    }

    /// <summary>
    /// Decides by what the driver did before (drink-driving again, a key driver), and what he did later by these records, should they
    /// come late. Only for offences that hang on it: of most records no driver is looked up.
    /// </summary>
    /// <returns>Stored records that are now decided or tagged otherwise.</returns>
    static async Task<List<ChangedRow>> DecideByHistory(LogBatch batch, Decider decider, List<NewRow> rows, CancellationToken cancel)
    {
        var asked = rows.FindAll(row => row.DriverKey is not null
            && (DrinkHistory.Concerns(row.Standing) || decider.Weighs(row.Record.OccurredAt, row.Standing)));
        if (asked.Count == 0)
            return [];
        await RegisterStore.LockDrivers(batch.Connection, asked.Select(row => row.DriverKey!.Value), cancel);
        var history = new DrinkHistory(decider);
        Guid[] drinkers = [.. asked.Where(row => DrinkHistory.Concerns(row.Standing)).Select(row => row.DriverKey!.Value).Distinct()];
        if (drinkers.Length > 0)
            history.Take(drinkers, await RegisterStore.DrinkDriving(batch.Connection, drinkers, cancel));
        var keyDrivers = new KeyDrivers(decider);
        await keyDrivers.Load(batch.Connection, [.. asked.Select(row => (row.DriverKey!.Value, row.Record.OccurredAt)).Distinct()], cancel);

        foreach (var row in asked.OrderBy(row => row.Record.OccurredAt))
        {
            var (driver, occurredAt, held) = (row.DriverKey!.Value, row.Record.OccurredAt, row.Standing);
            row.Standing = decider.Decide(row.Record, row.ReceivedAt,
                DrinkHistory.Concerns(held) ? history.Before(driver, occurredAt) : null, keyDrivers.Before(driver, occurredAt));
            if (SameActs.IsTold(held))
                row.Standing = row.Standing with { Status = held.Status, Reason = held.Reason };
            if (DrinkHistory.Concerns(row.Standing))
                history.Add(driver, occurredAt, row.Standing);
            keyDrivers.Add(driver, row.Record.RecordId, occurredAt, row.Standing);
        }
        return keyDrivers.TagAgain(await history.DecideAgain(batch.Connection, "earlier-record-came-late", cancel), "earlier-record-came-late");
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
