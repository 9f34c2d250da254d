using Npgsql;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Register;

/// <summary>
/// One act is not punished twice (一事不再罚, Administrative Penalty Law, art. 29): what a second camera saw of it within the window
/// of the province, and what is filed twice of one driver at one moment of a stop, is held and names the record that stands for it. Two
/// cameras' that came at the same moment, and what stands only by a person's decision or a later value, are caught when it comes to stand:
/// under a lock on the act, only one of them is confirmed. What is filed at a stop stands at once, so the lock is taken then.
/// </summary>
static class SameActs
{
    const string Word = "same-act: ";

    /// <summary>Asks what stands already for the acts of new records.</summary>
    public static SeenActs Ask(RoundTrip trip, Decider decider, List<NewRow> rows)
    {
        var seen = new SeenActs(decider);
        var asked = rows.FindAll(row => row.Act is not null && (Comes(row.Standing) || DriverPast.ConcernsDrink(row.Standing)))
            .ConvertAll(row => (Row: row, Window: decider.ActWindow(row.Record.OccurredAt, row.Standing)));
        asked.RemoveAll(one => one.Window is null);
        if (asked.Count == 0)
            return seen;
        if (asked.Exists(one => one.Row.Standing.Source != RecordSource.Camera))
            RegisterStore.LockActs(trip, asked.Where(one => one.Row.Standing.Source != RecordSource.Camera).Select(one => one.Row.Act!.Value));
        RegisterStore.FindActs(trip,
            [.. asked.Select(one => (one.Row.Act!.Value, one.Row.Standing.Family, (one.Row.Record.OccurredAt - one.Window!.Value).UtcDateTime, (one.Row.Record.OccurredAt + one.Window.Value).UtcDateTime))],
            asked.Min(one => one.Row.ReceivedAt), seen.Add);
        return seen;
    }

    /// <summary>New records of one act, of this batch or stored, are held but for the first.</summary>
    public static void Hold(SeenActs acts, List<NewRow> rows)
    {
        foreach (var row in rows.Where(row => row.Act is not null && Comes(row.Standing))
                     .OrderBy(row => row.Record.OccurredAt).ThenBy(row => row.Position).ThenBy(row => row.Item))
            acts.Hold(row);
    }

    /// <summary>What comes to stand by another version of the law is held where another stands for its act already.</summary>
    public static async Task<List<ChangedRow>> Hold(NpgsqlConnection connection, Decider decider, List<ChangedRow> changes, CancellationToken cancel)
    {
        var coming = changes.FindAll(one => one.Row.Act is not null && one.Standing.Status == StandingStatus.Confirmed && one.Former.Status != StandingStatus.Confirmed);
        var acts = new SeenActs(decider);
        await RegisterStore.HoldActs(connection, [.. coming.Select(one => one.Row.Act!.Value).Distinct().Order()], acts.Add, cancel);
        var held = new Dictionary<Guid, ChangedRow>();
        foreach (var one in coming.OrderBy(one => one.Row.OccurredAt).ThenBy(one => one.RecordId))
            if (acts.Other(one.Row.Act!.Value, one.RecordId, one.Row.OccurredAt, one.Standing) is { } other)
                held[one.RecordId] = one with { Standing = Held(one.Standing, other.RecordId) };
            else
                acts.Add(new ActRecord(one.Row.Act.Value, one.RecordId, one.Row.OccurredAt, one.Standing.Entry, one.Standing.Family));
        return changes.ConvertAll(one => held.GetValueOrDefault(one.RecordId) ?? one);
    }

    /// <summary>As a new record it comes to stand: a camera's until a person looks, what is filed at a stop at once.</summary>
    public static bool Comes(Standing standing) =>
        standing.Status == (standing.Source == RecordSource.Camera ? StandingStatus.Captured : StandingStatus.Confirmed);

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

/// <summary>What stands for acts: what was stored, and what new records came to stand.</summary>
sealed class SeenActs(Decider decider)
{
    readonly Dictionary<long, List<ActRecord>> byAct = [];

    public void Add(ActRecord one)
    {
        if (!byAct.TryGetValue(one.Act, out var all))
            byAct[one.Act] = all = [];
        if (!all.Exists(known => known.RecordId == one.RecordId))
            all.Add(one);
    }

    /// <summary>It no longer stands.</summary>
    public void Remove(long act, Guid recordId)
    {
        if (byAct.TryGetValue(act, out var all))
            all.RemoveAll(one => one.RecordId == recordId);
    }

    /// <summary>What stands for the act of a record already; null if nothing does.</summary>
    public ActRecord? Other(long act, Guid recordId, DateTimeOffset at, Standing standing) =>
        byAct.TryGetValue(act, out var all) && decider.ActWindow(at, standing) is { } window
            ? all.Find(one => one.RecordId != recordId && one.Family == standing.Family && (one.OccurredAt - at).Duration() <= window
                && decider.IsOneAct(at, standing, one.Entry))
            : null;

    /// <summary>A new record that comes to stand is held where another stands for its act already; else it stands for it.</summary>
    public void Hold(NewRow row)
    {
        if (row.Act is not { } act || !SameActs.Comes(row.Standing))
            return;
        var (id, at) = (row.Record.RecordId, row.Record.OccurredAt);
        if (Other(act, id, at, row.Standing) is { } other)
            row.Standing = SameActs.Held(row.Standing, other.RecordId);
        else
            Add(new ActRecord(act, id, at, row.Standing.Entry, row.Standing.Family));
    }
}

/// <summary>A record that stands for an act.</summary>
sealed record ActRecord(long Act, Guid RecordId, DateTimeOffset OccurredAt, string Entry, string Family);
