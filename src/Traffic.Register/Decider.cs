using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using Traffic.Catalogue;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Register;

/// <summary>Makes a standing of a record: the law's answer, the day and shift it counts for, and whether a person must look first.</summary>
sealed class Decider(Catalogue.Catalogue catalogue, Divisions divisions, ImportMaps maps, byte[] driverSalt)
{
    /// <summary>A feed's clock may run ahead by this much before a person must look.</summary>
    static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(2);

    /// <summary>In years: nothing older may be punished (Administrative Penalty Law, art. 36); an import is history and may be.</summary>
    const int Oldest = 2;

    readonly ConcurrentDictionary<(string?, string), ShiftRule> shifts = new();

    public Catalogue.Catalogue Catalogue => catalogue;

    bool LawApplies(ReportedViolation record) =>
        ImportMaps.OriginOf(record.FeedId) is not { } origin || maps.Find(origin)?.Law != "none";

    /// <summary>Keyed hash of an id number: finds a driver's records, names nobody.</summary>
    public Guid DriverKey(string idNumber)
    {
        if (ofThisThread is not { } mine || !ReferenceEquals(mine.Salt, driverSalt))
            ofThisThread = mine = (driverSalt, IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, driverSalt));
        Span<byte> bytes = stackalloc byte[Encoding.UTF8.GetMaxByteCount(idNumber.Length)];
        mine.Hash.AppendData(bytes[..Encoding.UTF8.GetBytes(idNumber, bytes)]);
        Span<byte> hash = stackalloc byte[HMACSHA256.HashSizeInBytes];
        mine.Hash.GetHashAndReset(hash);
        return new Guid(hash[..16]);
    }

    /// <summary>Decides a stored record again, whose driver did nothing before that matters.</summary>
    public Standing Again(StoredRow stored, ReportedViolation record) => ByPast(stored, record, null, new DriverPast(this));

    /// <summary>Decides a stored record again, by what its driver did before where it hangs on it.</summary>
    public Standing Again(StoredRow stored, ReportedViolation record, DriverPast past) => ByPast(stored, record, past.Drink(stored.OccurredAt), past);

    Standing ByPast(StoredRow stored, ReportedViolation record, int? priors, DriverPast past)
    {
        var alone = Decide(record, stored.ReceivedAt, priors);
        return stored.DriverKey is null || !(DriverPast.ConcernsDrink(alone) || Weighs(record.OccurredAt, alone)) ? alone
            : Decide(record, stored.ReceivedAt, priors, past.Before(record.OccurredAt));
    }

    /// <summary>It counts for what its driver is.</summary>
    public bool Weighs(DateTimeOffset at, Standing standing) =>
        standing.Entry is not Decision.Undecided and not Decision.NoLaw
        && catalogue.OverlaysAt(at)?.Weighs(standing.Points, standing.Family) == true;

    /// <summary>
    /// Number of the act that a record may tell of, by which what tells of it again is found; whatever is decided about it. A camera's: one
    /// vehicle on one road; null where no window is known there. What is filed of a driver at a stop: he, at that moment.
    /// </summary>
    public long? ActOf(ReportedViolation record, Guid? driver) => record switch
    {
        { Source: RecordSource.Camera, Plate: { } plate, Road: { } road } => catalogue.HasMergeWindows(record.OccurredAt, record.DivisionCode)
            ? Number($"{plate}|{record.PlateType}|{record.DivisionCode}|{road}") : null,
        { Source: not RecordSource.Camera, StopId: { } stop } when driver is not null =>
            Number($"{stop}|{record.Plate}|{record.PlateType}|{driver}|{record.OccurredAt.ToUnixTimeMilliseconds()}"),
        _ => null,
    };

    /// <summary>How far from each other two records of one number and one family may tell of one act; null where they never do.</summary>
    public TimeSpan? ActWindow(DateTimeOffset at, Standing standing) =>
        standing.Source == RecordSource.Camera ? catalogue.MergeWindow(at, standing.Division, standing.Family) : TimeSpan.Zero;

    /// <summary>
    /// Two records of one number and one family, within their window, tell of one act: what cameras saw, and at a stop the same entry, or what
    /// was measured of the driver, whatever tier either came to.
    /// </summary>
    public bool IsOneAct(DateTimeOffset at, Standing standing, string otherEntry) =>
        standing.Source == RecordSource.Camera || standing.Entry == otherEntry
        || catalogue.EntryAt(at, standing.Division, standing.Entry, null)?.Measure is not null;

    long Number(string act) => BitConverter.ToInt64(DriverKey(act).ToByteArray());

    // One a thread: making it costs more than using it, and it is not safe for concurrent use.
    [ThreadStatic]
    static (byte[] Salt, IncrementalHash Hash)? ofThisThread;

    /// <param name="receivedAt">When intake accepted it: what its clock is held against.</param>
    /// <param name="priors">Earlier drink-driving decisions of the driver; null where nobody looked.</param>
    /// <param name="before">What the driver did in the months before that weighs; null where nobody looked.</param>
    public Standing Decide(ReportedViolation record, DateTime receivedAt, int? priors, IReadOnlyList<DriverOffence>? before = null)
    {
        var origin = ImportMaps.OriginOf(record.FeedId);
        var decision = Classifier.Decide(record, new DecisionContext
        {
            PriorDrinkDecisions = priors, DriverOffences = before, LawApplies = LawApplies(record), IsHistory = origin is not null,
        }, catalogue);
        var shift = Shift(origin, record.DivisionCode).Of(record.OccurredAt);
        var (status, reason) = Status(record, decision, receivedAt, origin);
        return new Standing
        {
            Revision = 1, Status = status, Reason = reason, Entry = decision.Entry, Family = decision.Family, Division = record.DivisionCode,
            Day = shift.Day, ShiftDate = shift.ShiftDate, Shift = shift.Shift, Source = record.Source, VehicleClass = decision.VehicleClass,
            Origin = origin, UnitCode = record.UnitCode, Items = string.Join(',', decision.Items), Overlays = decision.Overlays, Points = decision.Points, FineMin = decision.FineMin,
            FineMax = decision.FineMax, CriminalReferral = decision.CriminalReferral, LawEdition = decision.LawEdition,
            CatalogueVersion = decision.CatalogueVersion, Trace = decision.Trace,
        };
    }

    static (StandingStatus Status, string? Reason) Status(
        ReportedViolation record, Decision decision, DateTime receivedAt, string? origin)
    {
        if (decision.Entry == Decision.Undecided)
            return (StandingStatus.ToReview, string.Join(',', decision.Missing));
        if (record.OccurredAt > receivedAt + ClockTolerance)
            return (StandingStatus.Held, "clock-ahead");
        if (origin is null && record.OccurredAt < receivedAt.AddYears(-Oldest))
            return (StandingStatus.Held, "too-old");
        if (decision.Hold is { } suspected)
            return (StandingStatus.Held, suspected);
        var vouched = record.Source != RecordSource.Camera && (record.FeedId is null || record.OfficerId is not null || origin is not null);
        return (vouched ? StandingStatus.Confirmed : StandingStatus.Captured, null);
    }

    ShiftRule Shift(string? origin, string division) => shifts.GetOrAdd((origin, division), key =>
    {
        var hours = divisions.Hours(key.Item1, key.Item2);
        return new ShiftRule(divisions.Zone(key.Item1, key.Item2), day => hours.On(day) is var on ? (on.DayFrom, on.NightFrom) : default);
    });
}
