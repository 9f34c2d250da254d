using Traffic.Contracts;

namespace Traffic.Intake;

/// <summary>A violation as an officer's device or a feed sends it: the members of <see cref="ReportedViolation"/>, none yet checked.</summary>
/// <remarks>Members can be set, not only initialised: the generated reader is twice as fast then, since it needs no list of arguments.</remarks>
public sealed record NewViolation
{
    /// <summary>Required from an officer's device; never from a feed, whose id follows from <see cref="EventId"/>.</summary>
    public Guid? RecordId { get; set; }

    /// <summary>Required from a feed; never from an officer's device.</summary>
    public string? EventId { get; set; }

    /// <summary>Who saw it. Required.</summary>
    public RecordSource? Source { get; set; }

    /// <summary>Any offset is accepted; kept as UTC, cut to the millisecond. Required.</summary>
    public DateTimeOffset? OccurredAt { get; set; }

    /// <summary>Required.</summary>
    public string? DivisionCode { get; set; }

    /// <inheritdoc cref="ReportedViolation.RoadKind"/>
    public RoadKind? RoadKind { get; set; }

    /// <inheritdoc cref="ReportedViolation.Road"/>
    public string? Road { get; set; }

    /// <inheritdoc cref="ReportedViolation.RoadKm"/>
    public decimal? RoadKm { get; set; }

    /// <inheritdoc cref="ReportedViolation.PlaceKind"/>
    public PlaceKind? PlaceKind { get; set; }

    /// <inheritdoc cref="ReportedViolation.Latitude"/>
    public decimal? Latitude { get; set; }

    /// <inheritdoc cref="ReportedViolation.Longitude"/>
    public decimal? Longitude { get; set; }

    /// <inheritdoc cref="ReportedViolation.Plate"/>
    public string? Plate { get; set; }

    /// <inheritdoc cref="ReportedViolation.PlateType"/>
    public string? PlateType { get; set; }

    /// <inheritdoc cref="ReportedViolation.VehicleType"/>
    public string? VehicleType { get; set; }

    /// <inheritdoc cref="ReportedViolation.UseNature"/>
    public string? UseNature { get; set; }

    /// <inheritdoc cref="ReportedViolation.RatedPersons"/>
    public int? RatedPersons { get; set; }

    /// <inheritdoc cref="ReportedViolation.RatedLoadKg"/>
    public int? RatedLoadKg { get; set; }

    /// <inheritdoc cref="ReportedViolation.PermittedGrossMassKg"/>
    public int? PermittedGrossMassKg { get; set; }

    /// <inheritdoc cref="ReportedViolation.DriverIdNumber"/>
    public string? DriverIdNumber { get; set; }

    /// <inheritdoc cref="ReportedViolation.DriverName"/>
    public string? DriverName { get; set; }

    /// <inheritdoc cref="ReportedViolation.DriverPhone"/>
    public string? DriverPhone { get; set; }

    /// <inheritdoc cref="ReportedViolation.LicenceClass"/>
    public string? LicenceClass { get; set; }

    /// <inheritdoc cref="ReportedViolation.OffenceCode"/>
    public string? OffenceCode { get; set; }

    /// <inheritdoc cref="ReportedViolation.OffenceEdition"/>
    public DateOnly? OffenceEdition { get; set; }

    /// <inheritdoc cref="ReportedViolation.OffenceKind"/>
    public string? OffenceKind { get; set; }

    /// <inheritdoc cref="ReportedViolation.OffenceText"/>
    public string? OffenceText { get; set; }

    /// <inheritdoc cref="ReportedViolation.Measurements"/>
    public IReadOnlyList<NewMeasurement>? Measurements { get; set; }

    /// <inheritdoc cref="ReportedViolation.Signals"/>
    public IReadOnlyList<Signal>? Signals { get; set; }

    /// <inheritdoc cref="ReportedViolation.OfficerId"/>
    public string? OfficerId { get; set; }

    /// <inheritdoc cref="ReportedViolation.UnitCode"/>
    public string? UnitCode { get; set; }

    /// <inheritdoc cref="ReportedViolation.StopId"/>
    public Guid? StopId { get; set; }

    /// <inheritdoc cref="ReportedViolation.SessionId"/>
    public string? SessionId { get; set; }

    /// <inheritdoc cref="ReportedViolation.DeviceId"/>
    public string? DeviceId { get; set; }

    /// <inheritdoc cref="ReportedViolation.EvidenceSha256"/>
    public IReadOnlyList<string>? EvidenceSha256 { get; set; }

    /// <inheritdoc cref="ReportedViolation.Note"/>
    public string? Note { get; set; }

    /// <summary>The checked record. Call it only after validation.</summary>
    /// <param name="recordId">Its identity: the officer's own, or derived.</param>
    /// <param name="feedId">Null for an officer's.</param>
    public ReportedViolation AsReported(Guid recordId, string? feedId) => new()
    {
        RecordId = recordId, FeedId = feedId, EventId = EventId, Source = Source!.Value,
        OccurredAt = ToMilliseconds(OccurredAt!.Value), DivisionCode = DivisionCode!,
        RoadKind = RoadKind, Road = Road, RoadKm = RoadKm, PlaceKind = PlaceKind, Latitude = Latitude, Longitude = Longitude,
        Plate = Plates.Normalise(Plate), PlateType = PlateType, VehicleType = VehicleType, UseNature = UseNature,
        RatedPersons = RatedPersons, RatedLoadKg = RatedLoadKg, PermittedGrossMassKg = PermittedGrossMassKg,
        DriverIdNumber = DriverIdNumber?.ToUpperInvariant(), DriverName = DriverName, DriverPhone = DriverPhone, LicenceClass = LicenceClass,
        OffenceCode = OffenceCode, OffenceEdition = OffenceEdition, OffenceKind = OffenceKind, OffenceText = OffenceText,
        Measurements = Measurements is { Count: > 0 } measured ? [.. measured.Select(one => one.AsReported())] : null,
        Signals = Signals is { Count: > 0 } ? Signals : null,
        OfficerId = OfficerId, UnitCode = UnitCode, StopId = StopId, SessionId = SessionId, DeviceId = DeviceId,
        EvidenceSha256 = EvidenceSha256 is { Count: > 0 } ? EvidenceSha256 : null, Note = Note,
    };

    internal static DateTimeOffset ToMilliseconds(DateTimeOffset at) => DateTimeOffset.FromUnixTimeMilliseconds(at.ToUnixTimeMilliseconds());
}

/// <summary>A measurement as sent: <see cref="Measurement"/>, not yet checked.</summary>
public sealed record NewMeasurement
{
    /// <summary>Required.</summary>
    public Quantity? Quantity { get; set; }

    /// <summary>Required.</summary>
    public decimal? Value { get; set; }

    /// <summary>Required: a number without its unit is refused.</summary>
    public string? Unit { get; set; }

    /// <inheritdoc cref="Measurement.Instrument"/>
    public string? Instrument { get; set; }

    /// <inheritdoc cref="Measurement.MeasuredAt"/>
    public DateTimeOffset? MeasuredAt { get; set; }

    internal Measurement AsReported() => new()
    {
        Quantity = Quantity!.Value, Value = Value!.Value, Unit = Unit!, Instrument = Instrument,
        MeasuredAt = MeasuredAt is { } at ? NewViolation.ToMilliseconds(at) : null,
    };
}
