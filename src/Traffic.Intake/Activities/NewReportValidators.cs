using System.Linq.Expressions;
using FluentValidation;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Intake.Activities;

/// <summary>What holds for every report. Messages are words by code.</summary>
abstract class NewReportValidator<T> : AbstractValidator<T> where T : NewReport
{
    /// <summary>Clocks may run ahead of ours by this much before we doubt them.</summary>
    protected static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(2);

    protected NewReportValidator(Sender sender, bool statement)
    {
        Must(r => r.RecordId, r => sender.IsFeed ? r.RecordId is null : r.RecordId is { } id && id != Guid.Empty,
            sender.IsFeed ? "intake.recordId.feed" : "intake.recordId.missing");
        Must(r => r.RecordId, r => r.RecordId is not { Version: 8 }, "intake.recordId.derived");
        Must(r => r.EventId, r => sender.IsFeed ? IsEventId(r.EventId) : r.EventId is null,
            sender.IsFeed ? "intake.eventId.missing" : "intake.eventId.officer");
        Must(r => r.Kind, r => sender.IsFeed || r.Kind is null, "intake.feedOnly");
        Must(r => r.Verb, r => sender.IsFeed || r.Verb is null, "intake.feedOnly");
        Must(r => r.Subject, r => sender.IsFeed || r.Subject is null, "intake.feedOnly");
        Must(r => r.Subject, r => !sender.IsFeed || r.Subject is null || IsEventId(r.Subject), "intake.eventId.missing");
        Must(r => r.Supersedes, r => r.Supersedes is null or >= 1 && (statement || r.Supersedes is not null), "intake.supersedes");
        Must(r => r.Subject, r => !sender.IsFeed || (r.Subject is null) == (r.Supersedes is null), "intake.subject");
        Text(r => r.OfficerId, 60);
    }

    protected void Must<TMember>(Expression<Func<T, TMember>> member, Func<T, bool> holds, string code) =>
        RuleFor(member).Must((report, _) => holds(report)).WithErrorCode(code).WithMessage(code);

    protected void Text(Expression<Func<T, string?>> member, int longest, bool required = false) =>
        RuleFor(member).Must(text => text is null ? !required : text.Length <= longest && PlainText.IsText(text) && (!required || !string.IsNullOrWhiteSpace(text)))
            .WithErrorCode(required ? "intake.text.required" : "intake.text").WithMessage("intake.text");

    /// <summary>A number from 0 to a bound, both included.</summary>
    protected void Number(Expression<Func<T, int?>> member, int least, int most, string code) =>
        RuleFor(member).Must(number => number >= least && number <= most).WithErrorCode(code).WithMessage(code);

    protected void Instant(Expression<Func<T, DateTimeOffset?>> member, TimeProvider clock)
    {
        RuleFor(member).Must(at => at is not null).WithErrorCode("intake.at.missing").WithMessage("intake.at.missing");
        RuleFor(member).Must(at => at is null || at <= clock.GetUtcNow() + ClockTolerance).WithErrorCode("intake.occurredAt.ahead").WithMessage("intake.occurredAt.ahead");
        RuleFor(member).Must(at => at is null || at.Value.Year >= 1990).WithErrorCode("intake.occurredAt.year").WithMessage("intake.occurredAt.year");
    }

    protected void Place(Expression<Func<T, decimal?>> latitude, Expression<Func<T, decimal?>> longitude)
    {
        RuleFor(latitude).Must(degrees => degrees is null or (>= -90 and <= 90)).WithErrorCode("intake.latitude").WithMessage("intake.latitude");
        RuleFor(longitude).Must(degrees => degrees is null or (>= -180 and <= 180)).WithErrorCode("intake.longitude").WithMessage("intake.longitude");
    }

    protected static bool IsEventId(string? id) => id is { Length: >= 1 and <= 200 } && PlainText.IsText(id);

    protected static bool IsSha256(string? hex) => hex is { Length: 64 } && hex.All(char.IsAsciiHexDigitLower);
}

/// <summary>What holds for every report that says what a thing is.</summary>
abstract class NewStatementValidator<T> : NewReportValidator<T> where T : NewStatement
{
    protected NewStatementValidator(Divisions divisions, Sender sender) : base(sender, statement: true)
    {
        Must(s => s.DivisionCode, s => s.DivisionCode is { } code && divisions.Find(sender.Origin, code) is not null, "intake.divisionCode");
        Must(s => s.UnitCode, s => s.UnitCode is null || (s.UnitCode.Length == 12 && s.UnitCode.All(char.IsAsciiDigit)), "intake.unitCode");
        Text(s => s.SessionId, 100);
        Text(s => s.Note, 2_000);
    }
}

sealed class NewCrashValidator : NewStatementValidator<NewCrash>
{
    /// <summary>More persons in one crash than this is a slip of the pen: the gravest on record had fewer.</summary>
    const int MostPersons = 1_000;

    /// <summary>CNY: ten thousand million.</summary>
    const long MostLoss = 10_000_000_000;

    public static readonly IReadOnlyList<string> VehicleClasses =
        ["car", "minivan", "coach", "bus", "truck", "motorcycle", "non-motor", "other", "unknown"];

    public NewCrashValidator(TimeProvider clock, Divisions divisions, Sender sender) : base(divisions, sender)
    {
        Instant(c => c.OccurredAt, clock);
        Number(c => c.Dead, 0, MostPersons, "intake.crash.dead");
        Number(c => c.Injured, 0, MostPersons, "intake.crash.injured");
        Must(c => c.LossCny, c => c.LossCny is >= 0 and <= MostLoss, "intake.crash.loss");
        Must(c => c.Causes, c => c.Causes is null || (c.Causes.Count <= 10 && c.Causes.Distinct().Count() == c.Causes.Count), "intake.crash.causes");
        Must(c => c.Vehicles, c => c.Vehicles is null || (c.Vehicles.Count <= 200 && c.Vehicles.All(one =>
            one is { VehicleClass: { } name, KeyVehicle: not null } && VehicleClasses.Contains(name))), "intake.crash.vehicles");
        Must(c => c.RoadKm, c => c.RoadKm is null or (>= 0 and <= 9_999.999m), "intake.roadKm");
        Place(c => c.Latitude, c => c.Longitude);
        Text(c => c.Road, 100);
    }
}

sealed class NewDangerValidator : NewStatementValidator<NewDanger>
{
    public NewDangerValidator(TimeProvider clock, Divisions divisions, Sender sender) : base(divisions, sender)
    {
        Instant(d => d.FoundAt, clock);
        Must(d => d.DangerKind, d => d.DangerKind is not null, "intake.danger.kind");
        Must(d => d.Plate, d => d.Plate is null || (d.Plate.Length <= 20 && Plates.Is(d.PlateType, Plates.Normalise(d.Plate)!)), "intake.plate");
        Must(d => d.PlateType, d => d.PlateType is null || CodeTables.PlateTypes.Contains(d.PlateType), "intake.plateType");
        Must(d => d.DriverIdNumber, d => d.DriverIdNumber is null || CodeTables.IsIdNumber(d.DriverIdNumber), "intake.driverIdNumber");
        Text(d => d.DriverName, 100);
    }
}

sealed class NewDangerChangeValidator : NewReportValidator<NewDangerChange>
{
    public NewDangerChangeValidator(TimeProvider clock, Sender sender, bool clears) : base(sender, statement: false)
    {
        Instant(d => d.ChangedAt, clock);
        Must(d => d.ProofSha256, d => d.ProofSha256 is null ? !clears : IsSha256(d.ProofSha256), "intake.danger.proof");
        Text(d => d.Text, 1_000, required: true);
    }
}

sealed class NewObservationValidator : NewStatementValidator<NewObservation>
{
    const int MostPersons = 1_000_000;

    public NewObservationValidator(TimeProvider clock, Divisions divisions, Sender sender) : base(divisions, sender)
    {
        Instant(o => o.ObservedAt, clock);
        Text(o => o.Place, 200);
        Must(o => o.Counts, o => o.Counts is { Count: > 0 } counts && counts.All(one => one?.Thing is not null)
            && counts.DistinctBy(one => one.Thing).Count() == counts.Count, "intake.observation.things");
        Must(o => o.Counts, o => o.Counts?.All(one => one is null or { Checked: >= 1 and <= MostPersons, Complying: >= 0 }) != false, "intake.observation.numbers");
        Must(o => o.Counts, o => o.Counts?.All(one => one is null || !(one.Complying > one.Checked)) != false, "intake.observation.complying");
    }
}

sealed class NewSessionValidator : NewStatementValidator<NewSession>
{
    static readonly TimeSpan Longest = TimeSpan.FromHours(48);

    public NewSessionValidator(TimeProvider clock, Divisions divisions, Sender sender) : base(divisions, sender)
    {
        Text(s => s.Name, 100, required: true);
        Must(s => s.SessionId, s => s.SessionId is null || s.SessionId == s.Name, "intake.session.name");
        Must(s => s.SessionKind, s => s.SessionKind is RecordSource.RoadsideCheck or RecordSource.NightInspection, "intake.session.kind");
        Must(s => s.Mode, s => s.Mode is not null, "intake.session.mode");
        Text(s => s.Place, 200, required: true);
        // A session is planned ahead, by a year at the most.
        Must(s => s.PlannedFrom, s => s.PlannedFrom is { } at && at.Year >= 1990 && at <= clock.GetUtcNow().AddDays(366), "intake.session.planned");
        Must(s => s.PlannedTo, s => s.PlannedTo is not null, "intake.at.missing");
        Must(s => s.PlannedTo, s => !(s.PlannedTo <= s.PlannedFrom), "intake.session.end");
        Must(s => s.PlannedTo, s => !(s.PlannedTo - s.PlannedFrom > Longest), "intake.session.long");
        Number(s => s.OfficersPlanned, 1, 10_000, "intake.session.officers");
    }
}

sealed class NewSessionClosingValidator : NewReportValidator<NewSessionClosing>
{
    static readonly TimeSpan Longest = TimeSpan.FromHours(48);
    const int Most = 1_000_000;

    public NewSessionClosingValidator(TimeProvider clock, Sender sender) : base(sender, statement: false)
    {
        Instant(s => s.ActualFrom, clock);
        Instant(s => s.ActualTo, clock);
        Must(s => s.ActualTo, s => !(s.ActualTo <= s.ActualFrom), "intake.session.end");
        Must(s => s.ActualTo, s => !(s.ActualTo - s.ActualFrom > Longest), "intake.session.long");
        Number(s => s.Officers, 1, 10_000, "intake.session.officers");
        Must(s => s.OfficerIds, s => s.OfficerIds is null or [] || (s.OfficerIds.Count == s.Officers && s.OfficerIds.Distinct().Count() == s.OfficerIds.Count
            && s.OfficerIds.All(one => one is { Length: >= 1 and <= 60 } && !one.Contains('|') && !string.IsNullOrWhiteSpace(one) && PlainText.IsText(one))), "intake.session.officerIds");
        Number(s => s.VehiclesChecked, 0, Most, "intake.session.number");
        Number(s => s.PersonsChecked, 0, Most, "intake.session.number");
        Number(s => s.Violations, 0, Most, "intake.session.number");
        Must(s => s.Posts, s => s.Posts is { Count: >= 1 and <= 100 } posts && posts.All(one => one is
        {
            Place: { Length: >= 1 and <= 200 } place, VehiclesChecked: >= 0 and <= Most, PersonsChecked: >= 0 and <= Most, Violations: >= 0 and <= Most,
        } && PlainText.IsText(place)), "intake.session.posts");
        Sum(s => s.VehiclesChecked, s => s.VehiclesChecked, post => post.VehiclesChecked, "intake.session.vehicles.sum");
        Sum(s => s.PersonsChecked, s => s.PersonsChecked, post => post.PersonsChecked, "intake.session.persons.sum");
        Sum(s => s.Violations, s => s.Violations, post => post.Violations, "intake.session.violations.sum");
    }

    /// <summary>The total equals the sum over the posts; the fault names both.</summary>
    void Sum(
        Expression<Func<NewSessionClosing, int?>> member, Func<NewSessionClosing, int?> total, Func<NewSessionPost, int?> part, string code) =>
        RuleFor(member).Custom((_, context) =>
        {
            var closing = context.InstanceToValidate;
            if (total(closing) is not { } stated || closing.Posts is not { Count: > 0 } posts || posts.Any(one => one is null))
                return;
            var sum = posts.Sum(one => (long)(part(one) ?? 0));
            if (sum != stated)
                context.AddFailure(new FluentValidation.Results.ValidationFailure(context.PropertyPath, code)
                {
                    ErrorCode = code, CustomState = new long[] { stated, sum },
                });
        });
}

sealed class NewPointValidator : NewStatementValidator<NewPoint>
{
    /// <summary>Days of a plan; a longer one is a plan for each year.</summary>
    public const int MostDays = 400;

    public NewPointValidator(Divisions divisions, Sender sender) : base(divisions, sender)
    {
        Must(p => p.PointKind, p => p.PointKind is not null, "intake.point.kind");
        Text(p => p.Name, 200, required: true);
        Number(p => p.VisitsPerDay, 1, 100, "intake.point.visits");
        Must(p => p.From, p => p.From is { Year: >= 1990 and < 2200 }, "intake.point.day");
        Must(p => p.To, p => p.To is { Year: >= 1990 and < 2200 }, "intake.point.day");
        Must(p => p.To, p => !(p.To < p.From), "intake.point.end");
        Must(p => p.To, p => !(p.To?.DayNumber - p.From?.DayNumber >= MostDays), "intake.point.long");
        Place(p => p.Latitude, p => p.Longitude);
    }
}

sealed class NewVisitValidator : NewReportValidator<NewVisit>
{
    public NewVisitValidator(TimeProvider clock, Sender sender) : base(sender, statement: true)
    {
        Must(v => v.PointId, v => sender.IsFeed ? v.PointId is null : v.PointId is not null, "intake.visit.point");
        Must(v => v.PointEventId, v => sender.IsFeed ? IsEventId(v.PointEventId) : v.PointEventId is null, "intake.visit.point");
        // A visit is proven once and for good; a wrong proof is withdrawn.
        Must(v => v.Supersedes, v => v.Supersedes is null, "intake.visit.supersedes");
        Must(v => v.Day, v => v.Day is not null, "intake.visit.day");
        Must(v => v.Nth, v => v.Nth is >= 1, "intake.visit.nth");
        Instant(v => v.VisitedAt, clock);
        Must(v => v.ProofSha256, v => IsSha256(v.ProofSha256), "intake.visit.proof");
        Place(v => v.Latitude, v => v.Longitude);
        Text(v => v.SessionId, 100);
    }
}

sealed class NewVoidValidator : NewReportValidator<NewVoid>
{
    public NewVoidValidator(Sender sender) : base(sender, statement: false)
    {
        Text(v => v.DecidedBy, 100, required: true);
        Must(v => v.SecondPerson, v => v.SecondPerson is { Length: >= 1 and <= 100 } second && PlainText.IsText(second)
            && TwoPersons.Are(v.DecidedBy, second), "intake.void.second");
        Text(v => v.Reason, 1_000, required: true);
    }
}
