using Npgsql;
using Traffic.Catalogue;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Register;

/// <summary>
/// What the drivers of a batch did, in the order in which they did it: each record is decided by what came before it, also when
/// that comes late or turns out to be another. Read under a lock on each driver, so that nobody else decides about him until the
/// transaction ends, and records that come at the same moment come out the same.
/// </summary>
sealed class DriverHistory(Decider decider)
{
    readonly Dictionary<Guid, List<Act>> byDriver = [];

    /// <summary>One record of a driver, stored or new.</summary>
    sealed class Act(Guid recordId, DateTime at)
    {
        public Guid RecordId => recordId;
        public DateTime At => at;
        public NewRow? New { get; init; }

        /// <summary>As stored, with what this transaction decided about it; null for a new record.</summary>
        public StoredRow? Row { get; set; }

        /// <summary>As it stood before this transaction; null for a new record.</summary>
        public Standing? Was { get; init; }

        /// <summary>All that came before it and matters is known here, so that it can be tagged anew.</summary>
        public bool PastKnown { get; set; }

        /// <summary>The stored record as it was reported, once it was read.</summary>
        public ReportedViolation? Reported { get; set; }

        /// <summary>What came before it and weighs, once it was read; where <see cref="PastKnown"/> is false.</summary>
        public IReadOnlyList<DriverOffence>? FarBefore { get; set; }

        public Standing Now => New?.Standing ?? Row!.Standing;
    }

    /// <summary>The drivers it knows something of.</summary>
    public IReadOnlyCollection<Guid> Drivers => byDriver.Keys;

    /// <summary>
    /// Of new records those whose driver matters, by what was asked: the lock on each, what weighs around the moments, and all that
    /// there is of drink-driving. Of most records no driver is looked up.
    /// </summary>
    public static DriverHistory Ask(RoundTrip trip, Decider decider, List<NewRow> rows)
    {
        var history = new DriverHistory(decider);
        var asked = rows.FindAll(row => row.DriverKey is not null && history.Matters(row.Record.OccurredAt.UtcDateTime, row.Standing));
        if (asked.Count == 0)
            return history;
        asked.ForEach(history.Add);
        RegisterStore.LockDrivers(trip, history.Drivers);
        Guid[] drinkers = [.. asked.Where(row => DriverPast.ConcernsDrink(row.Standing)).Select(row => row.DriverKey!.Value).Distinct()];
        if (drinkers.Length > 0)
            RegisterStore.DrinkDriving(trip, drinkers, history.found);
        history.Ask(trip, [.. asked.Select(row => (row.DriverKey!.Value, row.Record.OccurredAt)).Distinct()]);
        return history;
    }

    readonly List<StoredRow> found = [];
    IReadOnlyList<(Guid Driver, DateTimeOffset At)> moments = [];

    void Ask(RoundTrip trip, IReadOnlyList<(Guid Driver, DateTimeOffset At)> around)
    {
        moments = around;
        RegisterStore.Weighing(trip, around, around.Max(one => decider.Catalogue.OverlaysAt(one.At)?.DriverMonths ?? 0), found);
    }

    /// <summary>Takes what was asked for.</summary>
    void Take()
    {
        Take(found, pastKnown: false);
        found.Clear();
        foreach (var (driver, at) in moments)
            foreach (var act in InOrder(Of(driver).Where(act => act.Row is not null && act.At >= at.UtcDateTime)).Take(DriverPast.Enough))
                act.PastKnown = true;
    }

    /// <param name="rows">As stored before this transaction.</param>
    /// <param name="pastKnown">They are all that matters of their drivers.</param>
    public void Take(IEnumerable<StoredRow> rows, bool pastKnown)
    {
        foreach (var row in rows)
            if (row.DriverKey is { } driver && Matters(row.OccurredAt, row.Standing) && !Of(driver).Exists(act => act.RecordId == row.RecordId))
                Of(driver).Add(new Act(row.RecordId, row.OccurredAt) { Row = row, Was = row.Standing, PastKnown = pastKnown });
    }

    void Add(NewRow row) =>
        Of(row.DriverKey!.Value).Add(new Act(row.Record.RecordId, row.Record.OccurredAt.UtcDateTime) { New = row });

    /// <summary>A stored record now stands otherwise.</summary>
    public void Changed(StoredRow row)
    {
        if (row.DriverKey is not { } driver)
            return;
        if (Of(driver).Find(act => act.RecordId == row.RecordId) is { } known)
            known.Row = row;
        else if (Matters(row.OccurredAt, row.Standing))
            Of(driver).Add(new Act(row.RecordId, row.OccurredAt) { Row = row, PastKnown = true });
    }

    /// <summary>What came before a stored record of a driver.</summary>
    public DriverPast Before(Guid driver, DateTime at)
    {
        var past = new DriverPast(decider);
        foreach (var act in InOrder(Of(driver)).Where(act => act.At < at))
            past.Add(act.At, act.Now);
        return past;
    }

    /// <summary>
    /// Decides the new records, and again the stored ones for which what came before is another now: as new revisions, in the order
    /// of their ids. What a person resolved keeps its entry, and what is rejected or voided stays.
    /// </summary>
    /// <param name="connection">In the caller's transaction.</param>
    /// <param name="reason">Why the new revisions begin.</param>
    /// <param name="cancel">Cancels.</param>
    /// <param name="decided">Told of each new record once it is decided; may hold it.</param>
    public async Task<List<ChangedRow>> Decide(NpgsqlConnection connection, string reason, CancellationToken cancel, Action<NewRow>? decided = null)
    {
        Take();
        var changed = new List<ChangedRow>();
        var walks = byDriver.Values.Select(acts => Walk(acts, reason, changed, decided).GetEnumerator()).ToList();
        // What is asked for of all drivers is read at once.
        while ((walks = walks.FindAll(walk => walk.MoveNext())).Count > 0)
            await Read(connection, walks.ConvertAll(walk => walk.Current), cancel);
        return [.. changed.OrderBy(row => row.RecordId)];
    }

    /// <summary>Decides about one driver, in the order of what he did. Gives each stored record that may have to be decided again, to be read before it goes on.</summary>
    IEnumerable<Act> Walk(List<Act> acts, string reason, List<ChangedRow> changed, Action<NewRow>? decided)
    {
        var (was, now) = (new DriverPast(decider), new DriverPast(decider));
        foreach (var act in InOrder(acts))
        {
            if (act.New is { } row)
            {
                row.Standing = Decided(row, now);
                decided?.Invoke(row);
            }
            else if (DriverPast.Stands(act.Now) && After(act, was, now) is { } past)
            {
                yield return act;
                if (Again(act, past, reason) is { } next)
                {
                    changed.Add(new ChangedRow(act.Row!, next));
                    act.Row = act.Row! with { Standing = next };
                }
            }
            if (act.Was is { } stood)
                was.Add(act.At, stood);
            now.Add(act.At, act.Now);
        }
    }

    Standing Decided(NewRow row, DriverPast past)
    {
        var (alone, at) = (row.Standing, row.Record.OccurredAt);
        var decided = decider.Decide(
            row.Record, row.ReceivedAt, DriverPast.ConcernsDrink(alone) ? past.Drink(at.UtcDateTime) : null, past.Before(at));
        return SameActs.IsTold(alone) ? decided with { Status = alone.Status, Reason = alone.Reason } : decided;
    }

    /// <summary>What came before a stored record, where it is another than it was.</summary>
    /// <param name="Tags">With what came before, as far as that is known.</param>
    sealed record OtherPast(IReadOnlyList<DriverOffence>? Before, string Tags, int PriorsWere, int Priors);

    /// <summary>Null where what came before it makes no difference.</summary>
    OtherPast? After(Act act, DriverPast was, DriverPast now)
    {
        var (stands, before) = (act.Now, now.Before(act.At));
        var tags = act.PastKnown && before is not null ? decider.Catalogue.OverlaysAt(act.At)!.WithHistory(stands.Overlays, before) : stands.Overlays;
        var (priorsWere, priors) = DriverPast.IsDrink(stands) ? (was.Drink(act.At), now.Drink(act.At)) : (0, 0);
        return priors == priorsWere && tags == stands.Overlays ? null : new OtherPast(before, tags, priorsWere, priors);
    }

    /// <summary>The next standing of a stored record that was read; null where it stays as it is.</summary>
    Standing? Again(Act act, OtherPast past, string reason)
    {
        var (row, stands, record) = (act.Row!, act.Now, act.Reported!);
        var before = act.PastKnown ? past.Before : act.FarBefore;
        var next = stands with { Overlays = past.Tags };
        // Decided by the law that is in force, and not by a person: then by what came before, too.
        if (!Reclassify.IsByPerson(stands) && decider.Decide(record, row.ReceivedAt, OfDrink(past.PriorsWere), before).Entry == stands.Entry)
            next = decider.Decide(record, row.ReceivedAt, OfDrink(past.Priors), before) with
            {
                Status = stands.Status, Division = stands.Division, Day = stands.Day, ShiftDate = stands.ShiftDate, Shift = stands.Shift,
            };
        return next.Entry == stands.Entry && next.Overlays == stands.Overlays ? null : next with
        {
            Revision = stands.Revision + 1, Reason = Reclassify.Waits(stands.Status) ? stands.Reason : reason, ChangedBy = null,
        };

        int? OfDrink(int count) => DriverPast.ConcernsDrink(stands) ? count : null;
    }

    async Task Read(NpgsqlConnection connection, List<Act> acts, CancellationToken cancel)
    {
        var reported = await ReportedStore.AsReported(connection, acts.ConvertAll(act => act.Row!), cancel);
        foreach (var act in acts)
        {
            act.Reported = reported[act.RecordId];
            if (!act.PastKnown)
                act.FarBefore = await FarFromAnyMoment(connection, act, cancel);
        }
    }

    /// <summary>Drink-driving weighs for ever: what came before a record long after the moments is asked for by itself.</summary>
    async Task<IReadOnlyList<DriverOffence>?> FarFromAnyMoment(NpgsqlConnection connection, Act act, CancellationToken cancel)
    {
        var driver = act.Row!.DriverKey!.Value;
        var around = new DriverHistory(decider);
        var trip = new RoundTrip(connection);
        around.Ask(trip, [(driver, act.At)]);
        await trip.Send(cancel);
        around.Take();
        foreach (var known in byDriver[driver].Where(known => known.Row is not null))
            around.Changed(known.Row!);
        return around.Before(driver, act.At).Before(act.At);
    }

    bool Matters(DateTime at, Standing standing) => DriverPast.ConcernsDrink(standing) || decider.Weighs(at, standing);

    List<Act> Of(Guid driver) => byDriver.TryGetValue(driver, out var acts) ? acts : byDriver[driver] = [];

    static IEnumerable<Act> InOrder(IEnumerable<Act> acts) => acts.OrderBy(act => act.At).ThenBy(act => act.RecordId);
}
