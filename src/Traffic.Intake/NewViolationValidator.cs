using System.Linq.Expressions;
using FluentValidation;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Intake;

/// <summary>Where a record came through, which decides some of its rules.</summary>
/// <param name="FeedId">Null for an officer's device.</param>
/// <param name="Origin">Name of the import map; null for our own records.</param>
/// <param name="PlateRule">The map's: <c>none</c> allows no plate, <c>masked</c> takes any text as masked; null the Chinese form.</param>
sealed record Sender(string? FeedId, string? Origin, string? PlateRule)
{
    public static readonly Sender Officer = new(null, null, null);

    public bool IsFeed => FeedId is not null;

    /// <summary>As the officers of a unit stand in the ledger; those who named none stand together.</summary>
    public static string OfficersOf(string? unit) => unit is null ? Officer.Name : $"{Officer.Name}/{unit}";

    /// <summary>As it stands in the ledger.</summary>
    public string Name => FeedId ?? "officer";
}

/// <summary>What a record must be like to be taken. Messages are words by code: the validator names codes only.</summary>
sealed class NewViolationValidator : AbstractValidator<NewViolation>
{
    /// <summary>Device clocks may run ahead of ours by this much before we doubt them.</summary>
    static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(2);

    /// <summary>In years: nothing older may be punished (Administrative Penalty Law, art. 36).</summary>
    const int OldestOfficers = 2;

    /// <summary>Beside the violation, both ends included: what was measured the day before led to it, and what a laboratory finds may take its time.</summary>
    static readonly TimeSpan MeasuredBefore = TimeSpan.FromDays(1), MeasuredAfter = TimeSpan.FromDays(365);

    public NewViolationValidator(TimeProvider clock, Divisions divisions, Sender sender)
    {
        Must(v => v.RecordId, v => sender.IsFeed ? v.RecordId is null : v.RecordId is { } id && id != Guid.Empty,
            sender.IsFeed ? "intake.recordId.feed" : "intake.recordId.missing");
        // Those of version 8 are worked out of a feed's events: nobody else may take one before its event comes.
        Must(v => v.RecordId, v => v.RecordId is not { Version: 8 }, "intake.recordId.derived");
        Must(v => v.EventId, v => sender.IsFeed ? v.EventId is { Length: >= 1 and <= 200 } id && PlainText.IsText(id) : v.EventId is null,
            sender.IsFeed ? "intake.eventId.missing" : "intake.eventId.officer");
        Must(v => v.Source, v => v.Source is not null, "intake.source.missing");
        Must(v => v.OccurredAt, v => v.OccurredAt is not null, "intake.occurredAt.missing");
        if (!sender.IsFeed)
        {
            Must(v => v.OccurredAt, v => v.OccurredAt is not { } at || at <= clock.GetUtcNow() + ClockTolerance, "intake.occurredAt.ahead");
            Must(v => v.OccurredAt, v => v.OccurredAt is not { } at || at >= clock.GetUtcNow().AddYears(-OldestOfficers), "intake.occurredAt.old");
        }
        Must(v => v.OccurredAt, v => v.OccurredAt is not { } at || at.Year is >= 1990 and < 2200, "intake.occurredAt.year");
        Must(v => v.DivisionCode, v => v.DivisionCode is { } code && divisions.Find(sender.Origin, code) is not null, "intake.divisionCode");

        Must(v => v.Plate, v => v.Plate is null || IsPlate(v.Plate, v.PlateType, sender.PlateRule), "intake.plate");
        Must(v => v.PlateType, v => v.PlateType is null || CodeTables.PlateTypes.Contains(v.PlateType), "intake.plateType");
        Must(v => v.VehicleType, v => v.VehicleType is null || CodeTables.IsVehicleType(v.VehicleType), "intake.vehicleType");
        Must(v => v.UseNature, v => v.UseNature is null || CodeTables.UseNatures.Contains(v.UseNature), "intake.useNature");
        Must(v => v.RatedPersons, v => v.RatedPersons is null or (>= 1 and <= 300), "intake.ratedPersons");
        Must(v => v.RatedLoadKg, v => v.RatedLoadKg is null or (>= 0 and <= 200_000), "intake.massKg");
        Must(v => v.PermittedGrossMassKg, v => v.PermittedGrossMassKg is null or (>= 1 and <= 200_000), "intake.massKg");

        Must(v => v.DriverIdNumber, v => v.DriverIdNumber is null || CodeTables.IsIdNumber(v.DriverIdNumber), "intake.driverIdNumber");
        Must(v => v.LicenceClass, v => v.LicenceClass is null || CodeTables.LicenceClasses.Contains(v.LicenceClass), "intake.licenceClass");
        Must(v => v.DriverPhone, v => v.DriverPhone is null || IsPhone(v.DriverPhone), "intake.driverPhone");

        Must(v => v.Latitude, v => v.Latitude is null or (>= -90 and <= 90), "intake.latitude");
        Must(v => v.Longitude, v => v.Longitude is null or (>= -180 and <= 180), "intake.longitude");
        Must(v => v.RoadKm, v => v.RoadKm is null or (>= 0 and <= 9_999.999m), "intake.roadKm");
        Must(v => v.UnitCode, v => v.UnitCode is null || (v.UnitCode.Length == 12 && IsDigits(v.UnitCode)), "intake.unitCode");
        Must(v => v.OffenceCode, v => v.OffenceCode is null || (v.OffenceCode.Length is >= 4 and <= 12 && IsCode(v.OffenceCode)), "intake.offenceCode");
        Must(v => v.OffenceKind, v => v.OffenceKind is null || (v.OffenceKind.Length <= 60 && IsCode(v.OffenceKind)), "intake.offenceKind");
        Must(v => v.EvidenceSha256, v => v.EvidenceSha256 is null || (v.EvidenceSha256.Count <= 20 && v.EvidenceSha256.All(IsSha256)), "intake.evidenceSha256");
        Must(v => v.Signals, v => v.Signals is null || v.Signals.Count <= 30, "intake.signals");
        Must(v => v.OffenceText, v => v is not { OffenceCode: null, OffenceKind: null, OffenceText: null }
            || v.Measurements is { Count: > 0 } || v.Signals is { Count: > 0 }, "intake.offence.missing");

        Text(v => v.Road, 100);
        Text(v => v.DriverName, 100);
        Text(v => v.OffenceText, 500);
        Text(v => v.OfficerId, 60);
        Text(v => v.SessionId, 100);
        Must(v => v.SessionId, v => !Guid.TryParse(v.SessionId, out var id) || id != Guid.Empty, "intake.sessionId");
        Must(v => v.StopId, v => v.StopId != Guid.Empty, "intake.stopId");
        Text(v => v.DeviceId, 100);
        Text(v => v.Note, 2_000);

        Must(v => v.Measurements, v => v.Measurements is null || (v.Measurements.Count <= 20 && !v.Measurements.Contains(null!)), "intake.measurements");
        Must(v => v.Measurements, v => v.Measurements is null || v.OccurredAt is not { } at || v.Measurements.All(m => IsMeasuredNear(m, at)), "intake.measuredAt");
        var measurement = new NewMeasurementValidator();
        rules.Add(v => v.Measurements is null || v.Measurements.All(measurement.Holds));
        RuleForEach(v => v.Measurements).SetValidator(measurement).When(v => v.Measurements is { Count: > 0 and <= 20 } measured && !measured.Contains(null!));

        bool IsMeasuredNear(NewMeasurement? measured, DateTimeOffset at) => measured?.MeasuredAt is not { } then
            || (then - at >= -MeasuredBefore && then - at <= MeasuredAfter && (sender.IsFeed || then <= clock.GetUtcNow() + ClockTolerance));
    }

    readonly List<Func<NewViolation, bool>> rules = [];

    /// <summary>True where no rule is broken: the same rules as <c>Validate</c>, at a tenth of its cost, without saying which.</summary>
    public bool Holds(NewViolation violation)
    {
        foreach (var rule in rules)
            if (!rule(violation))
                return false;
        return true;
    }

    void Must<T>(Expression<Func<NewViolation, T>> member, Func<NewViolation, bool> holds, string code)
    {
        rules.Add(holds);
        RuleFor(member).Must((violation, _) => holds(violation)).WithErrorCode(code).WithMessage(code);
    }

    void Text(Expression<Func<NewViolation, string?>> member, int longest)
    {
        var read = member.Compile();
        Must(member, violation => read(violation) is not { } text || (text.Length <= longest && PlainText.IsText(text)), "intake.text");
    }

    static bool IsPlate(string plate, string? type, string? rule) => rule switch
    {
        "none" => false,
        "masked" => plate.Length is >= 1 and <= 20 && PlainText.IsText(plate),
        _ => plate.Length <= 20 && Plates.Is(type, Plates.Normalise(plate)!),
    };

    static bool IsPhone(string phone) => phone.Length is >= 5 and <= 20 && phone.All(c => char.IsAsciiDigit(c) || c is '+' or '-' or ' ');

    static bool IsDigits(string text) => text.AsSpan().IndexOfAnyExceptInRange('0', '9') < 0;

    static bool IsCode(string text) => text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_');

    static bool IsSha256(string hex) => hex is { Length: 64 } && hex.All(char.IsAsciiHexDigitLower);
}

/// <summary>A number needs its unit, and must be one that the instrument can show.</summary>
sealed class NewMeasurementValidator : AbstractValidator<NewMeasurement>
{
    readonly List<Func<NewMeasurement, bool>> rules = [];

    public NewMeasurementValidator()
    {
        Must(m => m.Quantity, m => m.Quantity is not null, "intake.quantity");
        Must(m => m.Unit, m => m.Quantity is not { } quantity || m.Unit == UnitOf(quantity), "intake.unit");
        Must(m => m.Value, m => m.Value is { } value && (m.Quantity is not { } quantity || IsInBounds(quantity, value)), "intake.value");
        Must(m => m.Instrument, m => m.Instrument is not { } text || (text.Length <= 100 && PlainText.IsText(text)), "intake.text");
    }

    /// <summary>See <see cref="NewViolationValidator.Holds"/>.</summary>
    public bool Holds(NewMeasurement measurement)
    {
        foreach (var rule in rules)
            if (!rule(measurement))
                return false;
        return true;
    }

    void Must<T>(Expression<Func<NewMeasurement, T>> member, Func<NewMeasurement, bool> holds, string code)
    {
        rules.Add(holds);
        RuleFor(member).Must((measurement, _) => holds(measurement)).WithErrorCode(code).WithMessage(code);
    }

    internal static string UnitOf(Quantity quantity) => quantity switch
    {
        Quantity.Speed or Quantity.SpeedLimit => "km/h",
        Quantity.AlcoholBreath or Quantity.AlcoholBlood => "mg/100mL",
        Quantity.Persons => "persons",
        Quantity.GrossMass or Quantity.Load => "kg",
        Quantity.DrivingTime => "h",
        Quantity.RestTime => "min",
        _ => throw new ArgumentOutOfRangeException(nameof(quantity)),
    };

    /// <summary>Bounds and decimals of what instruments show; both ends belong.</summary>
    static bool IsInBounds(Quantity quantity, decimal value) => quantity switch
    {
        Quantity.Speed => value is >= 0 and <= 400 && HasDecimals(value, 6),
        Quantity.SpeedLimit => value is >= 5 and <= 200 && HasDecimals(value, 6),
        Quantity.AlcoholBreath or Quantity.AlcoholBlood => value is >= 0 and <= 600 && HasDecimals(value, 3),
        Quantity.Persons => value is >= 0 and <= 300 && HasDecimals(value, 0),
        Quantity.GrossMass or Quantity.Load => value is >= 0 and <= 200_000 && HasDecimals(value, 1),
        Quantity.DrivingTime => value is >= 0 and <= 48 && HasDecimals(value, 3),
        Quantity.RestTime => value is >= 0 and <= 1_440 && HasDecimals(value, 1),
        _ => false,
    };

    static bool HasDecimals(decimal value, int atMost) => decimal.Round(value, atMost) == value;
}
