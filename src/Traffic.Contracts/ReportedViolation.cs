namespace Traffic.Contracts;

/// <summary>One violation as reported and found well-formed: an item of a body in the log <c>intake</c>.</summary>
/// <remarks>
/// One record is one offence; <see cref="StopId"/> groups the offences of one stop. Not yet known to be in any catalogue.
/// Kept for ever as it came in. The members marked <i>personal</i> travel sealed: see <see cref="SealedMembers"/>.
/// Code tables: GA/T 16.3 (use nature), GA/T 16.4 (vehicle type), GA/T 16.7 (plate type), GA/T 16.31 (offence code), GB/T 2260 (division).
/// </remarks>
public sealed record ReportedViolation
{
    /// <summary>An officer's device chooses it; a feed's is derived from feed and event id. Unique for ever.</summary>
    public required Guid RecordId { get; init; }

    /// <summary>Who saw it: decides which indicators the record can count for.</summary>
    public required RecordSource Source { get; init; }

    /// <summary>When it happened, UTC, cut to the millisecond.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>GB/T 2260 code of the banner, county or city that answers for the place, e.g. <c>152502</c>.</summary>
    public required string DivisionCode { get; init; }

    /// <summary>The feed it came through; null for an officer's record. A feed named <c>import.NAME</c> is an import by the map NAME.</summary>
    public string? FeedId { get; init; }

    /// <summary>The feed's own id of the event; null for an officer's record.</summary>
    public string? EventId { get; init; }

    /// <summary>Kind of road, which the points of several offences depend on; null if not reported.</summary>
    public RoadKind? RoadKind { get; init; }

    /// <summary>Road code or name as reported, e.g. <c>G207</c>.</summary>
    public string? Road { get; init; }

    /// <summary>Kilometre mark on the road, km.</summary>
    public decimal? RoadKm { get; init; }

    /// <summary>Kind of place, e.g. a school gate.</summary>
    public PlaceKind? PlaceKind { get; init; }

    /// <summary>Degrees, WGS 84, −90 to 90.</summary>
    public decimal? Latitude { get; init; }

    /// <summary>Degrees, WGS 84, −180 to 180.</summary>
    public decimal? Longitude { get; init; }

    /// <summary>Number plate, normalised (upper case, no blanks). <i>Personal.</i></summary>
    public string? Plate { get; init; }

    /// <summary>Plate type code (号牌种类), two digits: plate and type together identify a vehicle.</summary>
    public string? PlateType { get; init; }

    /// <summary>Vehicle type code (车辆类型), e.g. <c>K33</c>, <c>H11</c>, <c>M21</c>; <c>F</c> for a non-motor vehicle, <c>F1</c> for an electric bicycle.</summary>
    public string? VehicleType { get; init; }

    /// <summary>Use nature (使用性质), one letter, e.g. <c>A</c> not commercial, <c>B</c> scheduled coach.</summary>
    public string? UseNature { get; init; }

    /// <summary>Persons the vehicle is rated for, the driver included.</summary>
    public int? RatedPersons { get; init; }

    /// <summary>Rated load (核定载质量), kg.</summary>
    public int? RatedLoadKg { get; init; }

    /// <summary>Maximum permitted gross mass (最大允许总质量), kg.</summary>
    public int? PermittedGrossMassKg { get; init; }

    /// <summary>Driver's citizen id number (GB 11643), which is also the licence number. <i>Personal.</i></summary>
    public string? DriverIdNumber { get; init; }

    /// <summary>Driver's name. <i>Personal.</i></summary>
    public string? DriverName { get; init; }

    /// <summary>Driver's phone number. <i>Personal.</i></summary>
    public string? DriverPhone { get; init; }

    /// <summary>Licence class (准驾车型), e.g. <c>C1</c>; null if not reported.</summary>
    public string? LicenceClass { get; init; }

    /// <summary>Offence code (违法行为代码) as reported, e.g. <c>1625</c>; letters and a fifth digit are local refinements.</summary>
    public string? OffenceCode { get; init; }

    /// <summary>Edition of the code list the reporter used, as a date, e.g. <c>2013-01-01</c>; null means the one of the day.</summary>
    public DateOnly? OffenceEdition { get; init; }

    /// <summary>Kind of offence as reported: a family of the catalogue, e.g. <c>speeding</c>, <c>red-light</c>.</summary>
    public string? OffenceKind { get; init; }

    /// <summary>Offence in the reporter's words.</summary>
    public string? OffenceText { get; init; }

    /// <summary>What was measured, in the order reported.</summary>
    public IReadOnlyList<Measurement>? Measurements { get; init; }

    /// <summary>What was seen, e.g. no helmet.</summary>
    public IReadOnlyList<Signal>? Signals { get; init; }

    /// <summary>Number of the officer who filed it.</summary>
    public string? OfficerId { get; init; }

    /// <summary>Police unit (机关代码), 12 digits beginning with a division code.</summary>
    public string? UnitCode { get; init; }

    /// <summary>Groups the records of one stop.</summary>
    public Guid? StopId { get; init; }

    /// <summary>The patrol or night inspection it was filed in.</summary>
    public string? SessionId { get; init; }

    /// <summary>Camera or instrument that produced the record.</summary>
    public string? DeviceId { get; init; }

    /// <summary>SHA-256 of each evidence file, 64 lower-case hexadecimal digits.</summary>
    public IReadOnlyList<string>? EvidenceSha256 { get; init; }

    /// <summary>Free text; may name a person, therefore <i>personal.</i></summary>
    public string? Note { get; init; }
}

/// <summary>The personal members of a <see cref="ReportedViolation"/>: sealed together, under a key of that record alone.</summary>
public sealed record SealedMembers
{
    /// <summary>See <see cref="ReportedViolation.Plate"/>.</summary>
    public string? Plate { get; init; }

    /// <summary>See <see cref="ReportedViolation.DriverIdNumber"/>.</summary>
    public string? DriverIdNumber { get; init; }

    /// <summary>See <see cref="ReportedViolation.DriverName"/>.</summary>
    public string? DriverName { get; init; }

    /// <summary>See <see cref="ReportedViolation.DriverPhone"/>.</summary>
    public string? DriverPhone { get; init; }

    /// <summary>See <see cref="ReportedViolation.Note"/>.</summary>
    public string? Note { get; init; }
}

/// <summary>One measured or registered quantity. Each quantity has one unit.</summary>
public sealed record Measurement
{
    /// <summary>What was measured.</summary>
    public required Quantity Quantity { get; init; }

    /// <summary>The value in <see cref="Unit"/>, as the instrument showed it.</summary>
    public required decimal Value { get; init; }

    /// <summary><c>km/h</c>, <c>mg/100mL</c>, <c>persons</c>, <c>kg</c>, <c>h</c> or <c>min</c>: the one that belongs to the quantity.</summary>
    public required string Unit { get; init; }

    /// <summary>Number of the instrument or of the laboratory sample; null if not reported.</summary>
    public string? Instrument { get; init; }

    /// <summary>When it was measured, UTC; null means when the violation happened.</summary>
    public DateTimeOffset? MeasuredAt { get; init; }
}
