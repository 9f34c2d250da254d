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
        var reported = await Read(batch, cancel);
        var (version, decided) = await catalogue.Hold(batch.Connection, (decider, trip) => Decide(decider, trip, reported), cancel);
        SameActs.Hold(decided.Acts, decided.Rows);
        SameActs.HoldOfStops(version.Catalogue, decided.Rows);
        if (version.DecidesAgain)
            await CatalogueWork.NoteDrivers(batch.Connection, version.Id, decided.History.Drivers, cancel);
        var again = await decided.History.Decide(batch.Connection, "earlier-record-came-late", cancel, decided.Acts.Hold);
        await RegisterStore.Insert(batch, decided.Rows, cancel);
        var trip = new RoundTrip(batch.Connection);
        RegisterStore.Change(trip, batch.NextPosition, again);
        await store.CountAndTell(batch, trip, decided.Rows
            .Select(row => (row.Record.RecordId, (Standing?)null, row.Standing, (DateTime?)row.ReceivedAt))
            .Concat(again.Select(row => (row.RecordId, (Standing?)row.Former, row.Standing, (DateTime?)null))), cancel);
    }

    /// <summary>Decides each record by itself, and asks for what else it may hang on.</summary>
    static (List<NewRow> Rows, SeenActs Acts, DriverHistory History) Decide(
        Decider decider, RoundTrip trip, List<(LogSlice Slice, int Item, ReportedViolation Record)> reported)
    {
        var rows = reported.ConvertAll(one =>
        {
            var standing = decider.Decide(one.Record, one.Slice.CreatedAt, priors: null);
            var driver = one.Record.DriverIdNumber is { } number ? decider.DriverKey(number) : (Guid?)null;
            return new NewRow(one.Record, one.Slice.CreatedAt, one.Slice.Position, one.Item, standing, driver, decider.ActOf(one.Record, driver));
        });
        // Drivers before acts, as whoever applies decisions locks them.
        var history = DriverHistory.Ask(trip, decider, rows);
        return (rows, SameActs.Ask(trip, decider, rows), history);
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

        var keys = await ReportedStore.Keys(
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
