namespace Traffic.Contracts;

/// <summary>One report about something counted beside violations: an item of a body in the log <c>activity</c>.</summary>
/// <remarks>
/// Each report is a whole statement: a later revision replaces what the one before said, and never adds to it, so that reports may
/// be handled in any order. Exactly one of <see cref="Crash"/> … <see cref="Visit"/> is there, the one of <see cref="Kind"/>.
/// The members marked <i>personal</i> travel sealed, as in <see cref="ReportedViolation"/>.
/// </remarks>
public sealed record ReportedActivity
{
    /// <summary>Of this report: unique for ever, among violations too.</summary>
    public required Guid RecordId { get; init; }

    /// <summary>What it is about.</summary>
    public required ActivityKind Kind { get; init; }

    /// <summary>The one crash, danger, … it is about: the id of its first report; of a visit it follows from point, day and number.</summary>
    public required Guid ActivityId { get; init; }

    /// <summary>1 for the first report; one more for each that replaces it. Each number is given once.</summary>
    public required int Revision { get; init; }

    /// <summary>When it happened, UTC, to the millisecond: the crash, the finding, the observation, the planned start, the visit.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>GB/T 2260 code of the banner, county or city that answers for the place.</summary>
    public required string DivisionCode { get; init; }

    /// <summary>The feed it came through; null for an officer's report. See <see cref="ReportedViolation.FeedId"/>.</summary>
    public string? FeedId { get; init; }

    /// <summary>The feed's own id of this report.</summary>
    public string? EventId { get; init; }

    /// <summary>Police unit (机关代码), 12 digits beginning with a division code.</summary>
    public string? UnitCode { get; init; }

    /// <summary>Number of the officer who filed it.</summary>
    public string? OfficerId { get; init; }

    /// <summary>Name of the patrol or night inspection it belongs to, as <see cref="ReportedViolation.SessionId"/>.</summary>
    public string? SessionId { get; init; }

    /// <summary>A crash.</summary>
    public ReportedCrash? Crash { get; init; }

    /// <summary>A hidden danger (隐患).</summary>
    public ReportedDanger? Danger { get; init; }

    /// <summary>Checked and complying counts.</summary>
    public ReportedObservation? Observation { get; init; }

    /// <summary>A patrol or night inspection.</summary>
    public ReportedSession? Session { get; init; }

    /// <summary>A must-visit point or route.</summary>
    public ReportedPoint? Point { get; init; }

    /// <summary>A visit of such a point, with its proof.</summary>
    public ReportedVisit? Visit { get; init; }

    /// <summary>Set by the report that withdraws it; the rest then stands as the report before said it.</summary>
    public ActivityVoid? Voided { get; init; }

    /// <summary>Plate of the vehicle a danger is about. <i>Personal.</i></summary>
    public string? Plate { get; init; }

    /// <summary>Id number of the driver a danger is about. <i>Personal.</i></summary>
    public string? DriverIdNumber { get; init; }

    /// <summary>Name of that driver. <i>Personal.</i></summary>
    public string? DriverName { get; init; }

    /// <summary>Free text; may name a person, therefore <i>personal.</i></summary>
    public string? Note { get; init; }
}

/// <summary>A crash (事故). A death that follows later is a new revision: it counts on the day of the crash.</summary>
public sealed record ReportedCrash
{
    /// <summary>Kind of road; null if not reported.</summary>
    public RoadKind? RoadKind { get; init; }

    /// <summary>Road code or name, e.g. <c>G207</c>.</summary>
    public string? Road { get; init; }

    /// <summary>Kilometre mark, km.</summary>
    public decimal? RoadKm { get; init; }

    /// <summary>Degrees, WGS 84.</summary>
    public decimal? Latitude { get; init; }

    /// <summary>Degrees, WGS 84.</summary>
    public decimal? Longitude { get; init; }

    /// <summary>Persons dead, all told so far.</summary>
    public required int Dead { get; init; }

    /// <summary>Persons injured, without those dead.</summary>
    public required int Injured { get; init; }

    /// <summary>Direct loss of property, whole CNY.</summary>
    public required long LossCny { get; init; }

    /// <summary>What led to it; the first is the main cause. Null while unknown.</summary>
    public IReadOnlyList<CrashCause>? Causes { get; init; }

    /// <summary>Vehicles in it; null where not reported.</summary>
    public IReadOnlyList<CrashVehicle>? Vehicles { get; init; }

    /// <summary>The key holiday or event it fell on; null for an ordinary day.</summary>
    public CrashOccasion? Occasion { get; init; }
}

/// <summary>A vehicle in a crash.</summary>
public sealed record CrashVehicle
{
    /// <summary>A class of the catalogue, e.g. <c>coach</c>, <c>truck</c>.</summary>
    public required string VehicleClass { get; init; }

    /// <summary>One of the key vehicles (两客一危一货一面).</summary>
    public required bool KeyVehicle { get; init; }
}

/// <summary>A hidden danger of a key vehicle or key driver, with all that was found, cleared and found again so far.</summary>
public sealed record ReportedDanger
{
    /// <summary>What is wrong.</summary>
    public required DangerKind DangerKind { get; init; }

    /// <summary>Plate type code (号牌种类) of the vehicle.</summary>
    public string? PlateType { get; init; }

    /// <summary>From the finding to the last change; found and cleared take turns.</summary>
    public required IReadOnlyList<DangerChange> Changes { get; init; }
}

/// <summary>A danger was found, cleared, or found to be there again.</summary>
public sealed record DangerChange
{
    /// <summary>What changed.</summary>
    public required DangerState State { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Number of the officer who says so.</summary>
    public string? OfficerId { get; init; }

    /// <summary>SHA-256 of the proof, 64 lower-case hexadecimal digits; always there for a clearing.</summary>
    public string? ProofSha256 { get; init; }

    /// <summary>What proves it, or why it is open again, without personal data; always there but for a finding.</summary>
    public string? Text { get; init; }
}

/// <summary>How many were checked at a place, and how many of them complied.</summary>
public sealed record ReportedObservation
{
    /// <summary>Kind of road; null if not reported.</summary>
    public RoadKind? RoadKind { get; init; }

    /// <summary>Where, in the observer's words.</summary>
    public string? Place { get; init; }

    /// <summary>One for each thing looked at.</summary>
    public required IReadOnlyList<ObservedCount> Counts { get; init; }
}

/// <summary>One thing looked at.</summary>
public sealed record ObservedCount
{
    /// <summary>What was looked at.</summary>
    public required ObservedThing Thing { get; init; }

    /// <summary>Everyone looked at.</summary>
    public required int Checked { get; init; }

    /// <summary>Those of them who complied.</summary>
    public required int Complying { get; init; }
}

/// <summary>A patrol or night inspection: planned, and after its closing what was done.</summary>
public sealed record ReportedSession
{
    /// <summary>Name of the session, which records filed in it carry.</summary>
    public required string Name { get; init; }

    /// <summary>Day patrol or night inspection.</summary>
    public required RecordSource SessionKind { get; init; }

    /// <summary>How they go.</summary>
    public required PatrolMode Mode { get; init; }

    /// <summary>Where, in words.</summary>
    public required string Place { get; init; }

    /// <summary>Kind of place.</summary>
    public PlaceKind? PlaceKind { get; init; }

    /// <summary>Planned start, UTC.</summary>
    public required DateTimeOffset PlannedFrom { get; init; }

    /// <summary>Planned end, UTC; after the start.</summary>
    public required DateTimeOffset PlannedTo { get; init; }

    /// <summary>Officers planned.</summary>
    public required int OfficersPlanned { get; init; }

    /// <summary>What was done; null while it is open.</summary>
    public SessionClosing? Closing { get; init; }
}

/// <summary>What a session did. Its totals equal the sums over its posts.</summary>
public sealed record SessionClosing
{
    /// <summary>Actual start, UTC.</summary>
    public required DateTimeOffset ActualFrom { get; init; }

    /// <summary>Actual end, UTC; after the start.</summary>
    public required DateTimeOffset ActualTo { get; init; }

    /// <summary>Officers who were there.</summary>
    public required int Officers { get; init; }

    /// <summary>Vehicles checked, with and without a violation.</summary>
    public required int VehiclesChecked { get; init; }

    /// <summary>Persons checked, with and without a violation.</summary>
    public required int PersonsChecked { get; init; }

    /// <summary>Violations found.</summary>
    public required int Violations { get; init; }

    /// <summary>The same, post by post.</summary>
    public required IReadOnlyList<SessionPost> Posts { get; init; }

    /// <summary>Their numbers, as many as <see cref="Officers"/>; null where only their count was given.</summary>
    public IReadOnlyList<string>? OfficerIds { get; init; }

    /// <summary>Number of the officer who closed it.</summary>
    public string? ClosedBy { get; init; }
}

/// <summary>One post of a session.</summary>
public sealed record SessionPost
{
    /// <summary>Where, in words.</summary>
    public required string Place { get; init; }

    /// <summary>Vehicles checked there.</summary>
    public required int VehiclesChecked { get; init; }

    /// <summary>Persons checked there.</summary>
    public required int PersonsChecked { get; init; }

    /// <summary>Violations found there.</summary>
    public required int Violations { get; init; }
}

/// <summary>A must-visit point or route (必到点、必巡线) and how often it is to be visited.</summary>
public sealed record ReportedPoint
{
    /// <summary>Point or route.</summary>
    public required PointKind PointKind { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Visits planned for each day, from 1.</summary>
    public required int VisitsPerDay { get; init; }

    /// <summary>First day of the plan.</summary>
    public required DateOnly From { get; init; }

    /// <summary>Last day of the plan, included.</summary>
    public required DateOnly To { get; init; }

    /// <summary>Degrees, WGS 84; null for a route.</summary>
    public decimal? Latitude { get; init; }

    /// <summary>Degrees, WGS 84; null for a route.</summary>
    public decimal? Longitude { get; init; }
}

/// <summary>One planned visit, proven. Each is proven once: a second proof of the same one is refused.</summary>
public sealed record ReportedVisit
{
    /// <summary>The point or route.</summary>
    public required Guid PointId { get; init; }

    /// <summary>Its kind, taken over from the point.</summary>
    public required PointKind PointKind { get; init; }

    /// <summary>The day planned.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>Which of that day's planned visits, from 1.</summary>
    public required int Nth { get; init; }

    /// <summary>SHA-256 of a picture or track, 64 lower-case hexadecimal digits.</summary>
    public required string ProofSha256 { get; init; }

    /// <summary>Degrees, WGS 84.</summary>
    public decimal? Latitude { get; init; }

    /// <summary>Degrees, WGS 84.</summary>
    public decimal? Longitude { get; init; }
}

/// <summary>Why something was withdrawn, and by whom: two persons.</summary>
public sealed record ActivityVoid
{
    /// <summary>Who asks for it.</summary>
    public required string DecidedBy { get; init; }

    /// <summary>Who agrees: another person.</summary>
    public required string SecondPerson { get; init; }

    /// <summary>Why, without personal data.</summary>
    public required string Reason { get; init; }
}
