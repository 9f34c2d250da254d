using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Register;

/// <summary>
/// One act is not punished twice (一事不再罚, Administrative Penalty Law, art. 29): what a second camera saw of it within the window
/// of the province, and what is filed twice of one driver at one moment of a stop, is held and names the record that stands for it. Two
/// cameras' that came at the same moment are caught when a person confirms: under a lock on the act, only one of them is. What is
/// filed at a stop stands at once, so the lock is taken then.
/// </summary>
static class SameActs
{
    const string Word = "same-act: ";

    /// <summary>Asks which of the acts of new records are stored already.</summary>
    public static SeenActs Ask(RoundTrip trip, Decider decider, List<NewRow> rows)
    {
        var seen = rows.FindAll(row => row.Act is not null);
        var stored = new Dictionary<int, Guid>();
        seen.Sort((one, other) => (one.Record.OccurredAt, one.Position, one.Item).CompareTo((other.Record.OccurredAt, other.Position, other.Item)));
        var windows = seen.ConvertAll(row => row.Standing.Status == StandingStatus.Captured
            ? decider.MergeWindow(row.Record.OccurredAt, row.Record.DivisionCode, row.Standing.Family)!.Value : TimeSpan.Zero);
        if (seen.Exists(row => row.Standing.Status == StandingStatus.Confirmed))
            RegisterStore.LockActs(trip, seen.Where(row => row.Standing.Status == StandingStatus.Confirmed).Select(row => row.Act!.Value));
        if (seen.Count > 0)
            RegisterStore.FindActs(trip,
                [.. seen.Select((row, i) => (row.Act!.Value, (row.Record.OccurredAt - windows[i]).UtcDateTime, (row.Record.OccurredAt + windows[i]).UtcDateTime))],
                seen.Min(row => row.ReceivedAt), stored);
        return new SeenActs(seen, windows, stored);
    }

    /// <summary>New records of one act, of this batch or stored, are held but for the first.</summary>
    public static void Hold(SeenActs acts)
    {
        var standing = new Dictionary<long, (DateTimeOffset At, Guid RecordId)>();
        for (var i = 0; i < acts.Rows.Count; i++)
        {
            var row = acts.Rows[i];
            var (record, act) = (row.Record, row.Act!.Value);
            if (acts.Stored.TryGetValue(i, out var first))
                row.Standing = Held(row.Standing, first);
            else if (standing.TryGetValue(act, out var before) && record.OccurredAt - before.At <= acts.Windows[i])
                row.Standing = Held(row.Standing, before.RecordId);
            else
                standing[act] = (record.OccurredAt, record.RecordId);
        }
    }

    /// <summary>
    /// Of the records of one stop about one vehicle those are held that the law replaces by another of them. All else is decided by
    /// itself (分别裁决).
    /// </summary>
    public static void HoldOfStops(Catalogue.Catalogue catalogue, List<NewRow> rows)
    {
        foreach (var stop in rows.Where(row => row.Record.StopId is not null).GroupBy(row => (row.Record.StopId, row.Record.Plate, row.Record.PlateType)))
            foreach (var row in stop.Where(row => row.Standing.Status == StandingStatus.Confirmed))
                if (stop.FirstOrDefault(other => other != row && other.Standing.Status == StandingStatus.Confirmed
                    && catalogue.StandsInsteadOf(row.Record.OccurredAt, row.Record.DivisionCode, other.Standing.Entry, row.Standing.Entry)) is { } first)
                    row.Standing = Held(row.Standing, first.Record.RecordId);
    }

    /// <summary>The standing, held for another record of the same act.</summary>
    public static Standing Held(Standing standing, Guid other) =>
        standing with { Status = StandingStatus.Held, Reason = $"{Word}{other}", ChangedBy = null };

    /// <summary>A person who confirms it has been told that there is another.</summary>
    public static bool IsTold(Standing standing) =>
        standing.Status == StandingStatus.Held && standing.Reason?.StartsWith(Word, StringComparison.Ordinal) == true;
}

/// <summary>New records of whose acts others may tell, in the order they happened and came, each with its window.</summary>
/// <param name="Stored">By place in <paramref name="Rows"/>, the record that stands for the act already.</param>
sealed record SeenActs(List<NewRow> Rows, List<TimeSpan> Windows, Dictionary<int, Guid> Stored);
