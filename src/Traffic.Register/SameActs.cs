using Npgsql;
using Traffic.Contracts;

namespace Traffic.Register;

/// <summary>
/// One act is not punished twice (一事不再罚, Administrative Penalty Law, art. 29): what a second camera saw of it within the window
/// of the province is held, and names the record that stands for it. Two that came at the same moment are caught when a person
/// confirms: under a lock on the act, only one of them is.
/// </summary>
static class SameActs
{
    const string Word = "same-act: ";

    /// <summary>New records of one act, of this batch or stored, are held but for the first.</summary>
    public static async Task Hold(NpgsqlConnection connection, Decider decider, List<NewRow> rows, CancellationToken cancel)
    {
        var seen = rows.FindAll(row => row.Act is not null);
        if (seen.Count == 0)
            return;
        seen.Sort((one, other) => (one.Record.OccurredAt, one.Record.RecordId).CompareTo((other.Record.OccurredAt, other.Record.RecordId)));
        var windows = seen.ConvertAll(row => decider.MergeWindow(row.Record.OccurredAt, row.Record.DivisionCode, row.Standing.Family)!.Value);
        var stored = await RegisterStore.FindActs(connection,
            [.. seen.Select((row, i) => (row.Act!.Value, (row.Record.OccurredAt - windows[i]).UtcDateTime, (row.Record.OccurredAt + windows[i]).UtcDateTime))],
            seen.Min(row => row.ReceivedAt), cancel);
        var standing = new Dictionary<long, (DateTimeOffset At, Guid RecordId)>();
        for (var i = 0; i < seen.Count; i++)
        {
            var (record, act) = (seen[i].Record, seen[i].Act!.Value);
            if (stored.TryGetValue(i, out var first))
                seen[i].Standing = Held(seen[i].Standing, first);
            else if (standing.TryGetValue(act, out var before) && record.OccurredAt - before.At <= windows[i])
                seen[i].Standing = Held(seen[i].Standing, before.RecordId);
            else
                standing[act] = (record.OccurredAt, record.RecordId);
        }
    }

    /// <summary>The standing, held for another record of the same act.</summary>
    public static Standing Held(Standing standing, Guid other) =>
        standing with { Status = StandingStatus.Held, Reason = $"{Word}{other}", ChangedBy = null };

    /// <summary>A person who confirms it has been told that there is another.</summary>
    public static bool IsTold(Standing standing) =>
        standing.Status == StandingStatus.Held && standing.Reason?.StartsWith(Word, StringComparison.Ordinal) == true;
}
