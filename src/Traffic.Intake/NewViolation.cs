using Traffic.Contracts;

namespace Traffic.Intake;

/// <summary>A violation as an officer's device or a feed sends it: the members of <see cref="ReportedViolation"/>, none yet checked.</summary>
public sealed record NewViolation
{
    /// <summary>Required from an officer's device; never from a feed, whose id follows from <see cref="EventId"/>.</summary>
    public Guid? RecordId { get; init; }

    /// <summary>Required from a feed; never from an officer's device.</summary>
    public string? EventId { get; init; }

    /// <summary>Who saw it. Required.</summary>
    public RecordSource? Source { get; init; }

    /// <summary>Any offset is accepted; kept as UTC, cut to the millisecond. Required.</summary>
    public DateTimeOffset? OccurredAt { get; init; }

    /// <summary>Required.</summary>
    public string? DivisionCode { get; init; }

    /// <inheritdoc cref="ReportedViolation.RoadKind"/>
    public RoadKind? RoadKind { get; init; }

    /// <inheritdoc cref="ReportedViolation.Road"/>
    public string? Road { get; init; }

    /// <inheritdoc cref="ReportedViolation.RoadKm"/>
    public decimal? RoadKm { get; init; }

    /// <inheritdoc cref="ReportedViolation.PlaceKind"/>
    public PlaceKind? PlaceKind { get; init; }

    /// <inheritdoc cref="ReportedViolation.Latitude"/>
    public decimal? Latitude { get; init; }

    /// <inheritdoc cref="ReportedViolation.Longitude"/>
    public decimal? Longitude { get; init; }

    /// <inheritdoc cref="ReportedViolation.Plate"/>
    public string? Plate { get; init; }

    /// <inheritdoc cref="ReportedViolation.PlateType"/>
    public string? PlateType { get; init; }

    /// <inheritdoc cref="ReportedViolation.VehicleType"/>
    public string? VehicleType { get; init; }

    /// <inheritdoc cref="ReportedViolation.UseNature"/>
    public string? UseNature { get; init; }

    /// <inheritdoc cref="ReportedViolation.RatedPersons"/>
    public int? RatedPersons { get; init; }

    /// <inheritdoc cref="ReportedViolation.RatedLoadKg"/>
    public int? RatedLoadKg { get; init; }

    /// <inheritdoc cref="ReportedViolation.PermittedGrossMassKg"/>
    public int? PermittedGrossMassKg { get; init; }

    /// <inheritdoc cref="ReportedViolation.DriverIdNumber"/>
    public string? DriverIdNumber { get; init; }

    /// <inheritdoc cref="ReportedViolation.DriverName"/>
    public string? DriverName { get; init; }

    /// <inheritdoc cref="ReportedViolation.DriverPhone"/>
    public string? DriverPhone { get; init; }

    /// <inheritdoc cref="ReportedViolation.LicenceClass"/>
    public string? LicenceClass { get; init; }

    /// <inheritdoc cref="ReportedViolation.OffenceCode"/>
    public string? OffenceCode { get; init; }

    /// <inheritdoc cref="ReportedViolation.OffenceEdition"/>
    public DateOnly? OffenceEdition { get; init; }

    /// <inheritdoc cref="ReportedViolation.OffenceKind"/>
    public string? OffenceKind { get; init; }

    /// <inheritdoc cref="ReportedViolation.OffenceText"/>
    public string? OffenceText { get; init; }

    /// <inheritdoc cref="ReportedViolation.Measurements"/>
    public IReadOnlyList<NewMeasurement>? Measurements { get; init; }

    /// <inheritdoc cref="ReportedViolation.Signals"/>
    public IReadOnlyList<Signal>? Signals { get; init; }

    /// <inheritdoc cref="ReportedViolation.OfficerId"/>
    public string? OfficerId { get; init; }

    /// <inheritdoc cref="ReportedViolation.UnitCode"/>
    public string? UnitCode { get; init; }

    /// <inheritdoc cref="ReportedViolation.StopId"/>
    public Guid? StopId { get; init; }

    /// <inheritdoc cref="ReportedViolation.SessionId"/>
    public string? SessionId { get; init; }

    /// <inheritdoc cref="ReportedViolation.DeviceId"/>
    public string? DeviceId { get; init; }

    /// <inheritdoc cref="ReportedViolation.EvidenceSha256"/>
    public IReadOnlyList<string>? EvidenceSha256 { get; init; }

    /// <inheritdoc cref="ReportedViolation.Note"/>
    public string? Note { get; init; }

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
    public Quantity? Quantity { get; init; }

    /// <summary>Required.</summary>
    public decimal? Value { get; init; }

    /// <summary>Required: a number without its unit is refused.</summary>
    public string? Unit { get; init; }

    /// <inheritdoc cref="Measurement.Instrument"/>
    public string? Instrument { get; init; }

    /// <inheritdoc cref="Measurement.MeasuredAt"/>
    public DateTimeOffset? MeasuredAt { get; init; }

    internal Measurement AsReported() => new()
    {
        Quantity = Quantity!.Value, Value = Value!.Value, Unit = Unit!, Instrument = Instrument,
        MeasuredAt = MeasuredAt is { } at ? NewViolation.ToMilliseconds(at) : null,
    };
}
