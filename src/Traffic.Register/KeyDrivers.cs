using Npgsql;
using Traffic.Catalogue;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Register;

/// <summary>
/// What the drivers of a batch did in the months before that weighs (points in the cycle, key offences, serious ones): it tags
/// what they do next as a key driver's. Read under the lock of each driver, so that records that come late or at the same moment
/// come out the same.
/// </summary>
/// <remarks>
/// Only so many offences before an instant are read: whoever has more is a key driver by their number alone. For the same reason
/// a record that comes late can tag or untag no more than the next few.
/// </remarks>
sealed class KeyDrivers(Decider decider)
{
    readonly Dictionary<Guid, List<Offence>> byDriver = [];

    /// <param name="Row">As stored; null for a record of this batch.</param>
    sealed record Offence(Guid RecordId, DateTime OccurredAt, DriverOffence What, bool Counts, StoredRow? Row);

    readonly List<StoredRow> asked = [];

    /// <summary>Asks for the records around each of these moments; <see cref="Take"/> takes the answer.</summary>
    public void Ask(RoundTrip trip, IReadOnlyList<(Guid Driver, DateTimeOffset At)> moments)
    {
        var months = moments.Max(one => decider.Catalogue.OverlaysAt(one.At)?.DriverMonths ?? 0);
        foreach (var (driver, _) in moments)
            byDriver.TryAdd(driver, []);
        RegisterStore.Weighing(trip, moments, months, asked);
    }

    /// <summary>Takes what was asked for.</summary>
    public void Take()
    {
        foreach (var row in asked)
            if (decider.Weighs(row.OccurredAt, row.Standing))
                byDriver[row.DriverKey!.Value].Add(new Offence(row.RecordId, row.OccurredAt, Of(row.OccurredAt, row.Standing), Counts(row.Standing), row));
        asked.Clear();
    }

    /// <summary>The records around each of these moments.</summary>
    public async Task Load(NpgsqlConnection connection, IReadOnlyList<(Guid Driver, DateTimeOffset At)> moments, CancellationToken cancel)
    {
        if (moments.Count == 0)
            return;
        var trip = new RoundTrip(connection);
        Ask(trip, moments);
        await trip.Send(cancel);
        Take();
    }

    static DriverOffence Of(DateTime at, Standing standing) => new(at, standing.Points, standing.Family, standing.Entry, standing.Items.Length > 0);

    /// <summary>It stands: neither rejected nor voided.</summary>
    public static bool Counts(Standing standing) => standing.Status is not StandingStatus.Rejected and not StandingStatus.Voided;

    /// <summary>What the driver did in the months before; null for one nobody looked up.</summary>
    public IReadOnlyList<DriverOffence>? Before(Guid driver, DateTimeOffset at) =>
        byDriver.TryGetValue(driver, out var known) && decider.Catalogue.OverlaysAt(at) is { } overlays
            ? [.. known.Where(one => one.Counts && one.OccurredAt < at.UtcDateTime && one.OccurredAt >= at.UtcDateTime.AddMonths(-overlays.DriverMonths)).Select(one => one.What)]
            : null;

    /// <summary>A new record of a driver who was looked up.</summary>
    public void Add(Guid driver, Guid recordId, DateTimeOffset at, Standing standing)
    {
        if (byDriver.TryGetValue(driver, out var known) && decider.Weighs(at, standing))
            known.Add(new Offence(recordId, at.UtcDateTime, Of(at.UtcDateTime, standing), Counts(standing), null));
    }

    /// <summary>Stored records whose driver is now another kind of driver, together with the changes already to be made.</summary>
    public List<ChangedRow> TagAgain(List<ChangedRow> changes, string reason)
    {
        foreach (var (driver, known) in byDriver)
            foreach (var row in known.Where(one => one is { Counts: true, Row: not null }).Select(one => one.Row!))
            {
                var at = new DateTimeOffset(row.OccurredAt, TimeSpan.Zero);
                if (decider.Catalogue.OverlaysAt(at) is not { } overlays)
                    continue;
                var planned = changes.FindIndex(one => one.RecordId == row.RecordId);
                var standing = planned < 0 ? row.Standing : changes[planned].Standing;
                var tags = overlays.WithHistory(standing.Overlays, Before(driver, at)!);
                if (tags == standing.Overlays)
                    continue;
                if (planned >= 0)
                    changes[planned] = changes[planned] with { Standing = standing with { Overlays = tags } };
                else
                    changes.Add(new ChangedRow(row.RecordId, row.ReceivedAt, row.Standing, standing with
                    {
                        Revision = standing.Revision + 1, Overlays = tags, Reason = reason, ChangedBy = null,
                    }));
            }
        changes.Sort((one, other) => one.RecordId.CompareTo(other.RecordId));
        return changes;
    }
}
