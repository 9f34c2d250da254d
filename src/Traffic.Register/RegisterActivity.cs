using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Register;

/// <summary>Subscriber <c>register-activity</c> of the log <c>activity</c>: stores each revision, counts the one that holds, tells.</summary>
/// <remarks>The highest revision holds, in whatever order they come: one that comes after its successor never held.</remarks>
sealed class RegisterActivity(Divisions divisions, Cubes cubes) : ISubscriber
{
    public async Task Handle(LogBatch batch, CancellationToken cancel)
    {
        var read = batch.Read(Parse).ToList();
        var held = await ActivityStore.Lock(batch.Connection, [.. read.Select(one => one.Value.Report.ActivityId).Distinct()], cancel);

        var rows = new List<NewActivityRow>();
        foreach (var reports in read.GroupBy(one => one.Value.Report.ActivityId))
        {
            var last = Math.Max(reports.Max(one => one.Value.Report.Revision), held.GetValueOrDefault(reports.Key)?.Revision ?? 0);
            rows.AddRange(reports.Select(one => Row(one.Slice, one.Item, one.Value, one.Value.Report.Revision == last)));
        }
        var replaced = rows.Where(row => row.Holds && held.ContainsKey(row.Report.ActivityId)).Select(row => row.Report.ActivityId).ToArray();
        if (replaced.Length > 0)
            await ActivityStore.End(batch, replaced, cancel);
        await ActivityStore.Insert(batch, rows, cancel);
        var trip = new RoundTrip(batch.Connection);
        CellMoves.Move(trip, Moves(rows, held));
        await Tell(batch, rows, trip, cancel);
    }

    NewActivityRow Row(LogSlice slice, int item, LoggedActivity logged, bool holds)
    {
        var origin = ImportMaps.OriginOf(logged.Report.FeedId);
        var zone = divisions.Zone(origin, logged.Report.DivisionCode);
        return new NewActivityRow(
            logged.Report, slice, item, origin, ActivityCounts.Day(logged.Report, zone), logged.Detail,
            ActivityCounts.Of(logged.Report, origin, zone, cubes), holds);
    }

    /// <summary>What holds now comes in, what held before goes out; every report counts as a report for good.</summary>
    static Dictionary<(string, DateOnly, string, string), long> Moves(List<NewActivityRow> rows, Dictionary<Guid, HeldActivity> held)
    {
        var moves = new Dictionary<(string, DateOnly, string, string), long>();
        foreach (var row in rows)
        {
            Add("activityReports", row.Day, row.Report.DivisionCode, $"{row.Report.Kind.Word()}|{(row.Report.Voided is null ? "confirmed" : "voided")}", 1);
            if (!row.Holds)
                continue;
            foreach (var count in row.Counts)
                Add(count.Cube, count.Day, row.Report.DivisionCode, count.Keys, count.Value);
            if (held.TryGetValue(row.Report.ActivityId, out var former))
                foreach (var count in former.Counts)
                    Add(count.Cube, count.Day, former.Division, count.Keys, -count.Value);
        }
        return moves;

        void Add(string cube, DateOnly day, string division, string keys, long value) =>
            moves[(cube, day, division, keys)] = moves.GetValueOrDefault((cube, day, division, keys)) + value;
    }

    static async Task Tell(LogBatch batch, List<NewActivityRow> rows, RoundTrip trip, CancellationToken cancel)
    {
        var body = new ArrayBufferWriter<byte>();
        foreach (var row in rows)
        {
            body.Write(JsonSerializer.SerializeToUtf8Bytes(new ActivityChanged
            {
                ActivityId = row.Report.ActivityId, Revision = row.Report.Revision, RecordId = row.Report.RecordId, Kind = row.Report.Kind,
                Status = row.Report.Voided is null ? StandingStatus.Confirmed : StandingStatus.Voided, Late = !row.Holds,
                DivisionCode = row.Report.DivisionCode, Day = row.Day, Origin = row.Origin, Counts = row.Counts,
            }, TrafficJson.Plain.ActivityChanged));
            body.Write("\n"u8);
        }
        await batch.Append("register", rows.Count, body.WrittenMemory, null, cancel, trip);
    }

    /// <summary>A report as it stands in the log, without what is sealed.</summary>
    sealed record LoggedActivity(ReportedActivity Report, string Detail);

    static LoggedActivity Parse(ReadOnlyMemory<byte> line)
    {
        var detail = JsonNode.Parse(line.Span)!.AsObject();
        detail.Remove("sealed");
        return new LoggedActivity(detail.Deserialize(TrafficJson.Plain.ReportedActivity)!, detail.ToJsonString(TrafficJson.Plain.Options));
    }
}
