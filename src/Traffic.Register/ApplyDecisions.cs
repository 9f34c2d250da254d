using System.Text.Json;
using Traffic.Catalogue;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Register;

/// <summary>Subscriber <c>apply-decisions</c> of the log <c>casework</c>: what people decided moves standings and counts.</summary>
sealed class ApplyDecisions(RunningCatalogue catalogue, RegisterStore store) : ISubscriber
{
    public async Task Handle(LogBatch batch, CancellationToken cancel)
    {
        var inForce = await catalogue.Hold(batch.Connection, cancel);
        var decider = inForce.Decider;
        var decided = batch.Read(Parse).Select(one => one.Value).ToList();
        Guid[] recordIds = [.. decided.Select(one => one.RecordId).Distinct()];
        var drivers = await RegisterStore.Drivers(batch.Connection, recordIds, cancel);
        if (drivers.Count > 0)
            await RegisterStore.LockDrivers(batch.Connection, drivers, cancel);
        if (drivers.Count > 0 && inForce.DecidesAgain)
            await CatalogueWork.NoteDrivers(batch.Connection, inForce.Id, drivers, cancel);
        var stored = (await RegisterStore.Lock(batch.Connection, recordIds, drivers, cancel)).ToDictionary(row => row.RecordId);
        var history = new DriverHistory(decider);
        history.Take(stored.Values, pastKnown: true);

        var acts = new SeenActs(decider);
        await RegisterStore.HoldActs(batch.Connection, [.. decided
            .Where(one => one.Action is DecisionAction.Confirm or DecisionAction.Resolve or DecisionAction.Measure)
            .Select(one => stored.GetValueOrDefault(one.RecordId)?.Act).OfType<long>().Distinct().Order()], acts.Add, cancel);

        var all = new List<ChangedRow>();
        // One record may be decided about twice in a batch: each decision sees what the one before made of it.
        foreach (var round in Rounds(decided))
        {
            var changes = new List<ChangedRow>();
            foreach (var decision in round)
            {
                var row = stored.GetValueOrDefault(decision.RecordId)
                    ?? throw new InvalidOperationException("A decision names a record that is not registered.");
                if ((decision.Measurement is { } measured
                        ? await Measure(batch, decider, row, decision, measured, history, cancel)
                        : Apply(row.Standing, decision, EntryOf(decider, row, decision), row.DriverKey is not null)) is not { } now)
                    continue;
                if (row.Act is { } act)
                {
                    if (now.Status == StandingStatus.Confirmed && !IsToldOfOther(row.Standing, decision) && !StoodAlready(row.Standing, now)
                        && acts.Other(act, row.RecordId, row.OccurredAt, now) is { } other)
                        now = SameActs.Held(now, other.RecordId);
                    if (SameActs.IsTold(row.Standing) && now with { Revision = row.Standing.Revision } == row.Standing)
                        continue;
                    acts.Remove(act, row.RecordId);
                    if (now.Status == StandingStatus.Confirmed)
                        acts.Add(new ActRecord(act, row.RecordId, row.OccurredAt, now.Entry, now.Family));
                }
                changes.Add(new ChangedRow(row, now));
                stored[row.RecordId] = row with { Standing = now, BeganPosition = batch.NextPosition };
                history.Changed(stored[row.RecordId]);
            }
            if (changes.Count > 0)
            {
                var written = new RoundTrip(batch.Connection);
                RegisterStore.Change(written, batch.NextPosition, changes);
                await written.Send(cancel);
            }
            all.AddRange(changes);
        }

        // A first offence that no longer stands makes the second the first; and what the driver did later is tagged by what is left.
        var again = await history.Decide(batch.Connection, "earlier-record-changed", cancel);
        var trip = new RoundTrip(batch.Connection);
        RegisterStore.Change(trip, batch.NextPosition, again);
        all.AddRange(again);

        await store.CountAndTell(batch, trip, all.Select(row => (row.RecordId, (Standing?)row.Former, row.Standing, (DateTime?)null)), cancel);
    }

    /// <summary>
    /// A value that came later, e.g. the blood's: kept beside the record for ever, and the law decides anew with it. It holds
    /// whatever revision the person saw; what is voided stays so, and what is rejected too.
    /// </summary>
    static async Task<Standing?> Measure(
        LogBatch batch, Decider decider, StoredRow row, PersonDecided decision, Measurement measured, DriverHistory history, CancellationToken cancel)
    {
        await ReportedStore.AddLater(batch.Connection, decision, measured, cancel);
        if (!DriverPast.Stands(row.Standing))
            return null;
        var record = (await ReportedStore.AsReported(batch.Connection, [row], cancel))[row.RecordId];
        var now = row.DriverKey is { } driver ? decider.Again(row, record, history.Before(driver, row.OccurredAt)) : decider.Again(row, record);
        // What a person confirmed is not confirmed anew.
        if (now.Status == StandingStatus.Captured && row.Standing.Status == StandingStatus.Confirmed)
            now = now with { Status = StandingStatus.Confirmed };
        return now with
        {
            Revision = row.Standing.Revision + 1, Reason = now.Status is StandingStatus.ToReview or StandingStatus.Held ? now.Reason : decision.Reason,
            ChangedBy = now.Status is StandingStatus.ToReview or StandingStatus.Held ? null : decision.DecidedBy,
        };
    }

    /// <summary>Who confirms, or names an entry, saw that the record is held beside another of the same act.</summary>
    static bool IsToldOfOther(Standing standing, PersonDecided decision) =>
        SameActs.IsTold(standing) && decision.Revision == standing.Revision && decision.Action is DecisionAction.Confirm or DecisionAction.Resolve;

    static bool StoodAlready(Standing former, Standing now) => former.Status == StandingStatus.Confirmed && former.Family == now.Family;

    static IEnumerable<List<PersonDecided>> Rounds(List<PersonDecided> decided)
    {
        while (decided.Count > 0)
        {
            var round = decided.DistinctBy(one => one.RecordId).ToList();
            yield return round;
            decided = [.. decided.Except(round)];
        }
    }

    static CatalogueEntry? EntryOf(Decider decider, StoredRow row, PersonDecided decision) => decision.Entry is null ? null
        : decider.Catalogue.EntryAt(row.OccurredAt, row.Standing.Division, decision.Entry, row.RoadKind);

    /// <summary>
    /// What a decision makes of a standing; null if it changes nothing. A void always applies, and nothing applies to what
    /// is voided. A decision on an older revision applies if the entry is unchanged and nobody decided the contrary meanwhile; else the
    /// record returns to review.
    /// </summary>
    /// <param name="driverKnown">Points are a driver's: a camera's record without one has none, whoever names the entry.</param>
    internal static Standing? Apply(Standing now, PersonDecided decision, CatalogueEntry? resolved, bool driverKnown)
    {
        if (now.Status == StandingStatus.Voided)
            return null;
        var next = now with { Revision = now.Revision + 1, Reason = decision.Reason, ChangedBy = decision.DecidedBy };
        if (decision.Action == DecisionAction.Void)
            return next with { Status = StandingStatus.Voided };
        if (decision.Revision != now.Revision && decision.SeenEntry != now.Entry)
            return next with { Status = StandingStatus.ToReview, Reason = $"{OnOlder}{decision.SeenEntry}", ChangedBy = null };
        if (decision.Revision != now.Revision && IsContrary(now, decision))
            return next with { Status = StandingStatus.ToReview, Reason = $"{AgainstAnother}{decision.Action.Word()}", ChangedBy = null };
        return decision.Action switch
        {
            DecisionAction.Reject => now.Status == StandingStatus.Rejected ? null : next with { Status = StandingStatus.Rejected },
            DecisionAction.Confirm when now.Entry == Decision.Undecided => null,
            DecisionAction.Confirm => now.Status == StandingStatus.Confirmed ? null : next with { Status = StandingStatus.Confirmed },
            // The law changed while the person decided: another must look.
            DecisionAction.Resolve when resolved is null => next with
            {
                Status = StandingStatus.ToReview, Reason = $"entry-not-in-law: {decision.Entry}", ChangedBy = null,
            },
            DecisionAction.Resolve => next.By(resolved, driverKnown) with
            {
                Status = StandingStatus.Confirmed,
                Trace = Reclassify.ByPerson(now, resolved),
            },
            _ => throw new ArgumentOutOfRangeException(nameof(decision)),
        };
    }

    const string OnOlder = "decided-on-older-revision: ", AgainstAnother = "decided-against-another: ";

    /// <summary>
    /// Another person confirmed what this rejects, or rejected what this confirms, or named another entry; or two decided the contrary
    /// already, of which this one knows nothing.
    /// </summary>
    static bool IsContrary(Standing now, PersonDecided decision) => now.Status switch
    {
        StandingStatus.Confirmed => now.ChangedBy is not null && (decision.Action == DecisionAction.Reject || (decision.Action == DecisionAction.Resolve && decision.Entry != now.Entry)),
        StandingStatus.Rejected => now.ChangedBy is not null && decision.Action is (DecisionAction.Confirm or DecisionAction.Resolve),
        StandingStatus.ToReview => now.Reason is { } reason && (reason.StartsWith(OnOlder, StringComparison.Ordinal) || reason.StartsWith(AgainstAnother, StringComparison.Ordinal)),
        _ => false,
    };

    static PersonDecided Parse(ReadOnlyMemory<byte> line) => JsonSerializer.Deserialize(line.Span, TrafficJson.Plain.PersonDecided)!;
}
