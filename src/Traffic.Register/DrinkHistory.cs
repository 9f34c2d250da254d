using Npgsql;
using Traffic.Catalogue;
using Traffic.Contracts;

namespace Traffic.Register;

/// <summary>
/// What the drivers of a batch have for drink-driving: a repeated offence weighs more (Road Traffic Safety Law, art. 91).
/// Read under a lock on each driver, so that nobody else decides about him until the transaction ends.
/// </summary>
sealed class DrinkHistory(Decider decider)
{
    readonly Dictionary<Guid, List<Offence>> byDriver = [];

    /// <param name="Counted">It counted as an earlier offence before this batch.</param>
    /// <param name="Counts">It counts after it.</param>
    /// <param name="Row">As stored; null for a record of this batch.</param>
    sealed record Offence(DateTime OccurredAt, bool Counted, bool Counts, StoredRow? Row);

    /// <summary>It is of the family, of a motor vehicle, decided, and stands: neither rejected nor voided.</summary>
    public static bool IsOffence(Standing standing) =>
        Concerns(standing) && standing.Entry != Decision.Undecided && standing.VehicleClass != "non-motor"
        && standing.Status is not StandingStatus.Rejected and not StandingStatus.Voided;

    /// <summary>What the driver did before may matter, or this may matter for what he did later.</summary>
    public static bool Concerns(Standing standing) => standing.Family == "drink-driving" && standing.Entry != Decision.NoLaw;

    /// <summary>Takes what was read under the drivers' locks.</summary>
    public void Take(IEnumerable<Guid> drivers, IEnumerable<StoredRow> rows)
    {
        foreach (var driver in drivers)
            byDriver[driver] = [];
        foreach (var row in rows)
            if (row.DriverKey is { } driver && Concerns(row.Standing))
                byDriver[driver].Add(new Offence(row.OccurredAt, IsOffence(row.Standing), IsOffence(row.Standing), row));
    }

    /// <summary>How often the driver offended before an instant; null for a driver nobody looked up.</summary>
    public int? Before(Guid driver, DateTimeOffset instant) =>
        byDriver.TryGetValue(driver, out var known) ? known.Count(one => one.Counts && one.OccurredAt < instant.UtcDateTime) : null;

    /// <summary>A new record of the driver.</summary>
    public void Add(Guid driver, DateTimeOffset occurredAt, Standing standing) =>
        byDriver[driver].Add(new Offence(occurredAt.UtcDateTime, false, IsOffence(standing), null));

    /// <summary>A stored record now stands otherwise.</summary>
    public void Changed(StoredRow row)
    {
        if (row.DriverKey is not { } driver || !byDriver.TryGetValue(driver, out var known))
            return;
        var at = known.FindIndex(one => one.Row?.RecordId == row.RecordId);
        if (at >= 0)
            known[at] = known[at] with { Counts = IsOffence(row.Standing), Row = row };
        else if (Concerns(row.Standing))
            known.Add(new Offence(row.OccurredAt, false, IsOffence(row.Standing), row));
    }

    /// <summary>
    /// Stored records that the law decides otherwise, now that what came before them is another: as new revisions, in the order
    /// of their ids. What a person resolved, and what is rejected or voided, stays.
    /// </summary>
    public async Task<List<ChangedRow>> DecideAgain(NpgsqlConnection connection, string reason, CancellationToken cancel)
    {
        var changed = new List<ChangedRow>();
        foreach (var known in byDriver.Values)
            foreach (var one in known.Where(one => one is { Counts: true, Row: not null }))
            {
                var before = known.Count(other => other.Counted && other.OccurredAt < one.OccurredAt);
                var now = known.Count(other => other.Counts && other.OccurredAt < one.OccurredAt);
                if (before != now && await DecideAgain(connection, one.Row!, before, now, reason, cancel) is { } row)
                    changed.Add(row);
            }
        return [.. changed.OrderBy(row => row.RecordId)];
    }

    async Task<ChangedRow?> DecideAgain(
        NpgsqlConnection connection, StoredRow row, int priorsBefore, int priorsNow, string reason, CancellationToken cancel)
    {
        var record = await RegisterStore.AsReported(connection, row, cancel) with { DriverIdNumber = row.DriverIdNumber };
        var now = decider.Decide(record, row.ReceivedAt, priorsNow);
        return now.Entry == row.Standing.Entry || decider.Decide(record, row.ReceivedAt, priorsBefore).Entry != row.Standing.Entry
            ? null
            : new ChangedRow(row.RecordId, row.ReceivedAt, row.Standing, now with
            {
                Revision = row.Standing.Revision + 1, Status = row.Standing.Status, Reason = reason, Overlays = row.Standing.Overlays,
            });
    }
}
