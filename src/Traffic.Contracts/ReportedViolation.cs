namespace Traffic.Contracts;

/// <summary>One violation as reported and found well-formed: an item of a body in the log <c>intake</c>.</summary>
/// <remarks>
/// One record is one offence; <see cref="StopId"/> groups the offences of one stop. Not yet known to be in any catalogue.
/// Kept for ever as it came in. The members marked <i>personal</i> travel sealed: see <see cref="SealedMembers"/>.
/// Members can be set, not only initialised, because the generated reader is twice as fast then; nobody changes a record it was given.
/// Code tables: GA/T 16.3 (use nature), GA/T 16.4 (vehicle type), GA/T 16.7 (plate type), GA/T 16.31 (offence code), GB/T 2260 (division).
/// </remarks>
public sealed record ReportedViolation
{
    /// <summary>An officer's device chooses it; a feed's is derived from feed and event id. Unique for ever.</summary>
    public required Guid RecordId { get; set; }

    /// <summary>Who saw it: decides which indicators the record can count for.</summary>
    public required RecordSource Source { get; set; }

    /// <summary>When it happened, UTC, cut to the millisecond.</summary>
    public required DateTimeOffset OccurredAt { get; set; }

    /// <summary>GB/T 2260 code of the banner, county or city that answers for the place, e.g. <c>152502</c>.</summary>
    public required string DivisionCode { get; set; }

    /// <summary>The feed it came through; null for an officer's record. A feed named <c>import.NAME</c> is an import by the map NAME.</summary>
    public string? FeedId { get; set; }

    /// <summary>The feed's own id of the event; null for an officer's record.</summary>
    public string? EventId { get; set; }

    /// <summary>Kind of road, which the points of several offences depend on; null if not reported.</summary>
    public RoadKind? RoadKind { get; set; }

    /// <summary>Road code or name as reported, e.g. <c>G207</c>.</summary>
    public string? Road { get; set; }

    /// <summary>Kilometre mark on the road, km.</summary>
    public decimal? RoadKm { get; set; }

    /// <summary>Kind of place, e.g. a school gate.</summary>
    public PlaceKind? PlaceKind { get; set; }

    /// <summary>Degrees, WGS 84, −90 to 90.</summary>
    public decimal? Latitude { get; set; }

    /// <summary>Degrees, WGS 84, −180 to 180.</summary>
    public decimal? Longitude { get; set; }

    /// <summary>Number plate, normalised (upper case, no blanks). <i>Personal.</i></summary>
    public string? Plate { get; set; }

    /// <summary>Plate type code (号牌种类), two digits: plate and type together identify a vehicle.</summary>
    public string? PlateType { get; set; }

    /// <summary>Vehicle type code (车辆类型), e.g. <c>K33</c>, <c>H11</c>, <c>M21</c>; <c>F</c> for a non-motor vehicle, <c>F1</c> for an electric bicycle.</summary>
    public string? VehicleType { get; set; }

    /// <summary>Use nature (使用性质), one letter, e.g. <c>A</c> not commercial, <c>B</c> scheduled coach.</summary>
    public string? UseNature { get; set; }

    /// <summary>Persons the vehicle is rated for, the driver included.</summary>
    public int? RatedPersons { get; set; }

    /// <summary>Rated load (核定载质量), kg.</summary>
    public int? RatedLoadKg { get; set; }

    /// <summary>Maximum permitted gross mass (最大允许总质量), kg.</summary>
    public int? PermittedGrossMassKg { get; set; }

    /// <summary>Driver's citizen id number (GB 11643), which is also the licence number. <i>Personal.</i></summary>
    public string? DriverIdNumber { get; set; }

    /// <summary>Driver's name. <i>Personal.</i></summary>
    public string? DriverName { get; set; }

    /// <summary>Driver's phone number. <i>Personal.</i></summary>
    public string? DriverPhone { get; set; }

    /// <summary>Licence class (准驾车型), e.g. <c>C1</c>; null if not reported.</summary>
    public string? LicenceClass { get; set; }

    /// <summary>Offence code (违法行为代码) as reported, e.g. <c>1625</c>; letters and a fifth digit are local refinements.</summary>
    public string? OffenceCode { get; set; }

    /// <summary>Edition of the code list the reporter used, as a date, e.g. <c>2013-01-01</c>; null means the one of the day.</summary>
    public DateOnly? OffenceEdition { get; set; }

    /// <summary>Kind of offence as reported: a family of the catalogue, e.g. <c>speeding</c>, <c>red-light</c>.</summary>
    public string? OffenceKind { get; set; }

    /// <summary>Offence in the reporter's words.</summary>
    public string? OffenceText { get; set; }

    /// <summary>What was measured, in the order reported.</summary>
    public IReadOnlyList<Measurement>? Measurements { get; set; }

    /// <summary>What was seen, e.g. no helmet.</summary>
    public IReadOnlyList<Signal>? Signals { get; set; }

    /// <summary>Number of the officer who filed it.</summary>
    public string? OfficerId { get; set; }

    /// <summary>Police unit (机关代码), 12 digits beginning with a division code.</summary>
    public string? UnitCode { get; set; }

    /// <summary>Groups the records of one stop.</summary>
    public Guid? StopId { get; set; }

    /// <summary>The patrol or night inspection it was filed in.</summary>
    public string? SessionId { get; set; }

    /// <summary>Camera or instrument that produced the record.</summary>
    public string? DeviceId { get; set; }

    /// <summary>SHA-256 of each evidence file, 64 lower-case hexadecimal digits.</summary>
    public IReadOnlyList<string>? EvidenceSha256 { get; set; }

    /// <summary>Free text; may name a person, therefore <i>personal.</i></summary>
    public string? Note { get; set; }
}

/// <summary>The personal members of a <see cref="ReportedViolation"/>: sealed together, under a key of that record alone.</summary>
public sealed record SealedMembers
{
    /// <summary>See <see cref="ReportedViolation.Plate"/>.</summary>
    public string? Plate { get; set; }

    /// <summary>See <see cref="ReportedViolation.DriverIdNumber"/>.</summary>
    public string? DriverIdNumber { get; set; }

    /// <summary>See <see cref="ReportedViolation.DriverName"/>.</summary>
    public string? DriverName { get; set; }

    /// <summary>See <see cref="ReportedViolation.DriverPhone"/>.</summary>
    public string? DriverPhone { get; set; }

    /// <summary>See <see cref="ReportedViolation.Note"/>.</summary>
    public string? Note { get; set; }
}

/// <summary>One measured or registered quantity. Each quantity has one unit.</summary>
public sealed record Measurement
{
    /// <summary>What was measured.</summary>
    public required Quantity Quantity { get; set; }

    /// <summary>The value in <see cref="Unit"/>, as the instrument showed it.</summary>
    public required decimal Value { get; set; }

    /// <summary><c>km/h</c>, <c>mg/100mL</c>, <c>persons</c>, <c>kg</c>, <c>h</c> or <c>min</c>: the one that belongs to the quantity.</summary>
    public required string Unit { get; set; }

    /// <summary>Number of the instrument or of the laboratory sample; null if not reported.</summary>
    public string? Instrument { get; set; }

    /// <summary>When it was measured, UTC; null means when the violation happened.</summary>
    public DateTimeOffset? MeasuredAt { get; set; }
}
