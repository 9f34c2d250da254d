using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Casework;

/// <summary>Subscriber <c>learn-standings</c> of the log <c>register</c>: knows which records wait for a person.</summary>
sealed class LearnStandings(CaseStore store) : ISubscriber
{
    public async Task Handle(LogBatch batch, CancellationToken cancel)
    {
        // The newest of each record in the batch. Most records stand from the first moment and no person is asked; a later
        // revision is always kept, for the one that opens the case may come after it.
        var newest = new Dictionary<Guid, (long Position, StandingChanged Change)>();
        foreach (var (slice, _, change) in batch.Read(Log.Standing))
            if (Awaits(change.Status) || change.Revision > 1)
                if (!newest.TryGetValue(change.RecordId, out var known) || known.Change.Revision < change.Revision)
                    newest[change.RecordId] = (slice.Position, change);
        if (newest.Count > 0)
            await store.Learn(batch.Connection, [.. newest.Values.OrderBy(one => one.Change.RecordId)], cancel);
    }

    internal static bool Awaits(StandingStatus status) =>
        status is StandingStatus.Captured or StandingStatus.ToReview or StandingStatus.Held;
}
