using System.Text.Json.Serialization;
using Traffic.Contracts;

namespace Traffic.Intake.Activities;

/// <summary>What a report does to the thing it is about.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ReportVerb>))]
public enum ReportVerb
{
    /// <summary>Says what it is: for the first time, or again with <c>supersedes</c>.</summary>
    [JsonStringEnumMemberName("report")] Report,

    /// <summary>A danger is cleared.</summary>
    [JsonStringEnumMemberName("clear")] Clear,

    /// <summary>A danger is there again.</summary>
    [JsonStringEnumMemberName("reopen")] Reopen,

    /// <summary>A session has ended.</summary>
    [JsonStringEnumMemberName("close")] Close,

    /// <summary>It is withdrawn.</summary>
    [JsonStringEnumMemberName("void")] Void,
}

/// <summary>What every report beside violations has, as sent: none yet checked.</summary>
public abstract record NewReport
{
    /// <summary>Required from an officer's device; never from a feed, whose id follows from <see cref="EventId"/>.</summary>
    public Guid? RecordId { get; init; }

    /// <summary>Required from a feed; never from an officer's device.</summary>
    public string? EventId { get; init; }

    /// <summary>A feed's only: what the item is about. An officer's device says it by the address.</summary>
    public ActivityKind? Kind { get; init; }

    /// <summary>A feed's only: what it does; <c>report</c> where it is absent.</summary>
    public ReportVerb? Verb { get; init; }

    /// <summary>A feed's only: event id of the first report of what this one is about. An officer's device says it by the address.</summary>
    public string? Subject { get; init; }

    /// <summary>The revision it replaces, the last one; absent for a first report.</summary>
    public int? Supersedes { get; init; }

    /// <inheritdoc cref="ReportedActivity.OfficerId"/>
    public string? OfficerId { get; init; }

    /// <summary>When it happened, with an offset.</summary>
    [JsonIgnore]
    internal abstract DateTimeOffset? At { get; }

    /// <summary>The checked report. Call it only after validation.</summary>
    /// <param name="head">Identity, kind, revision and feed, to be filled.</param>
    /// <param name="former">The report it replaces; null for a first one.</param>
    internal abstract ReportedActivity Fill(ReportedActivity head, ReportedActivity? former);

    internal static DateTimeOffset Utc(DateTimeOffset at) => NewViolation.ToMilliseconds(at);

    internal static IReadOnlyList<T>? Some<T>(IReadOnlyList<T>? list) => list is { Count: > 0 } ? list : null;
}

/// <summary>A report that says what a thing is: it also says where.</summary>
public abstract record NewStatement : NewReport
{
    /// <summary>Required.</summary>
    public string? DivisionCode { get; init; }

    /// <inheritdoc cref="ReportedActivity.UnitCode"/>
    public string? UnitCode { get; init; }

    /// <inheritdoc cref="ReportedActivity.SessionId"/>
    public string? SessionId { get; init; }

    /// <inheritdoc cref="ReportedActivity.Note"/>
    public string? Note { get; init; }

    internal sealed override ReportedActivity Fill(ReportedActivity head, ReportedActivity? former) => State(head with
    {
        OccurredAt = Utc(At!.Value), DivisionCode = DivisionCode!, UnitCode = UnitCode, OfficerId = OfficerId, SessionId = SessionId, Note = Note,
    }, former);

    internal abstract ReportedActivity State(ReportedActivity head, ReportedActivity? former);
}

/// <summary>A crash as sent.</summary>
public sealed record NewCrash : NewStatement
{
    /// <summary>Required.</summary>
    public DateTimeOffset? OccurredAt { get; init; }

    /// <inheritdoc cref="ReportedCrash.RoadKind"/>
    public RoadKind? RoadKind { get; init; }

    /// <inheritdoc cref="ReportedCrash.Road"/>
    public string? Road { get; init; }

    /// <inheritdoc cref="ReportedCrash.RoadKm"/>
    public decimal? RoadKm { get; init; }

    /// <inheritdoc cref="ReportedCrash.Latitude"/>
    public decimal? Latitude { get; init; }

    /// <inheritdoc cref="ReportedCrash.Longitude"/>
    public decimal? Longitude { get; init; }

    /// <summary>Required, 0 too.</summary>
    public int? Dead { get; init; }

    /// <summary>Required, 0 too.</summary>
    public int? Injured { get; init; }

    /// <summary>Required, 0 too.</summary>
    public long? LossCny { get; init; }

    /// <inheritdoc cref="ReportedCrash.Causes"/>
    public IReadOnlyList<CrashCause>? Causes { get; init; }

    /// <inheritdoc cref="ReportedCrash.Vehicles"/>
    public IReadOnlyList<NewCrashVehicle>? Vehicles { get; init; }

    /// <inheritdoc cref="ReportedCrash.Occasion"/>
    public CrashOccasion? Occasion { get; init; }

    internal override DateTimeOffset? At => OccurredAt;

    internal override ReportedActivity State(ReportedActivity head, ReportedActivity? former) => head with
    {
        Crash = new ReportedCrash
        {
            RoadKind = RoadKind, Road = Road, RoadKm = RoadKm, Latitude = Latitude, Longitude = Longitude, Dead = Dead!.Value,
            Injured = Injured!.Value, LossCny = LossCny!.Value, Causes = Some(Causes),
            Vehicles = Some(Vehicles?.Select(one => new CrashVehicle { VehicleClass = one.VehicleClass!, KeyVehicle = one.KeyVehicle!.Value }).ToList()),
            Occasion = Occasion,
        },
    };
}

/// <summary>A vehicle in a crash as sent.</summary>
public sealed record NewCrashVehicle
{
    /// <summary>Required.</summary>
    public string? VehicleClass { get; init; }

    /// <summary>Required.</summary>
    public bool? KeyVehicle { get; init; }
}

/// <summary>A hidden danger that was found, as sent.</summary>
public sealed record NewDanger : NewStatement
{
    /// <summary>Required.</summary>
    public DateTimeOffset? FoundAt { get; init; }

    /// <summary>Required.</summary>
    public DangerKind? DangerKind { get; init; }

    /// <inheritdoc cref="ReportedActivity.Plate"/>
    public string? Plate { get; init; }

    /// <inheritdoc cref="ReportedDanger.PlateType"/>
    public string? PlateType { get; init; }

    /// <inheritdoc cref="ReportedActivity.DriverIdNumber"/>
    public string? DriverIdNumber { get; init; }

    /// <inheritdoc cref="ReportedActivity.DriverName"/>
    public string? DriverName { get; init; }

    internal override DateTimeOffset? At => FoundAt;

    internal override ReportedActivity State(ReportedActivity head, ReportedActivity? former) => head with
    {
        Plate = Plates.Normalise(Plate), DriverIdNumber = DriverIdNumber?.ToUpperInvariant(), DriverName = DriverName,
        Danger = new ReportedDanger
        {
            DangerKind = DangerKind!.Value, PlateType = PlateType,
            // A correction says anew what was found; what was cleared and reopened since stays.
            Changes =
            [
                new DangerChange { State = DangerState.Found, At = Utc(FoundAt!.Value), OfficerId = OfficerId },
                .. former?.Danger!.Changes.Skip(1) ?? [],
            ],
        },
    };
}

/// <summary>A danger was cleared, or is there again, as sent.</summary>
public sealed record NewDangerChange : NewReport
{
    /// <summary>When. Required.</summary>
    public DateTimeOffset? ChangedAt { get; init; }

    /// <summary>Required to clear.</summary>
    public string? ProofSha256 { get; init; }

    /// <summary>What proves it, or why it is open again. Required.</summary>
    public string? Text { get; init; }

    internal override DateTimeOffset? At => ChangedAt;

    internal override ReportedActivity Fill(ReportedActivity head, ReportedActivity? former) => Copy(head, former!) with
    {
        Danger = former!.Danger! with
        {
            Changes =
            [
                .. former.Danger!.Changes,
                new DangerChange
                {
                    State = former.Danger.Changes[^1].State == DangerState.Cleared ? DangerState.Reopened : DangerState.Cleared,
                    At = Utc(ChangedAt!.Value), OfficerId = OfficerId, ProofSha256 = ProofSha256, Text = Text,
                },
            ],
        },
    };

    /// <summary>What the former report said, under the new one's identity; without anything personal.</summary>
    internal static ReportedActivity Copy(ReportedActivity head, ReportedActivity former) => former with
    {
        RecordId = head.RecordId, Revision = head.Revision, FeedId = head.FeedId, EventId = head.EventId,
        Plate = null, DriverIdNumber = null, DriverName = null, Note = null,
    };
}

/// <summary>Checked and complying counts as sent.</summary>
public sealed record NewObservation : NewStatement
{
    /// <summary>Required.</summary>
    public DateTimeOffset? ObservedAt { get; init; }

    /// <inheritdoc cref="ReportedObservation.RoadKind"/>
    public RoadKind? RoadKind { get; init; }

    /// <inheritdoc cref="ReportedObservation.Place"/>
    public string? Place { get; init; }

    /// <summary>Required: one or more, each thing once.</summary>
    public IReadOnlyList<NewObservedCount>? Counts { get; init; }

    internal override DateTimeOffset? At => ObservedAt;

    internal override ReportedActivity State(ReportedActivity head, ReportedActivity? former) => head with
    {
        Observation = new ReportedObservation
        {
            RoadKind = RoadKind, Place = Place,
            Counts = [.. Counts!.Select(one => new ObservedCount { Thing = one.Thing!.Value, Checked = one.Checked!.Value, Complying = one.Complying!.Value })],
        },
    };
}

/// <summary>One thing looked at, as sent.</summary>
public sealed record NewObservedCount
{
    /// <summary>Required.</summary>
    public ObservedThing? Thing { get; init; }

    /// <summary>Required.</summary>
    public int? Checked { get; init; }

    /// <summary>Required; at most <see cref="Checked"/>.</summary>
    public int? Complying { get; init; }
}

/// <summary>A session as planned, as sent.</summary>
public sealed record NewSession : NewStatement
{
    /// <summary>Required.</summary>
    public string? Name { get; init; }

    /// <summary>Required: roadside check or night inspection.</summary>
    public RecordSource? SessionKind { get; init; }

    /// <summary>Required.</summary>
    public PatrolMode? Mode { get; init; }

    /// <summary>Required.</summary>
    public string? Place { get; init; }

    /// <inheritdoc cref="ReportedSession.PlaceKind"/>
    public PlaceKind? PlaceKind { get; init; }

    /// <summary>Required.</summary>
    public DateTimeOffset? PlannedFrom { get; init; }

    /// <summary>Required; after the start.</summary>
    public DateTimeOffset? PlannedTo { get; init; }

    /// <summary>Required.</summary>
    public int? OfficersPlanned { get; init; }

    internal override DateTimeOffset? At => PlannedFrom;

    internal override ReportedActivity State(ReportedActivity head, ReportedActivity? former) => head with
    {
        SessionId = Name,
        Session = new ReportedSession
        {
            Name = Name!, SessionKind = SessionKind!.Value, Mode = Mode!.Value, Place = Place!, PlaceKind = PlaceKind,
            PlannedFrom = Utc(PlannedFrom!.Value), PlannedTo = Utc(PlannedTo!.Value), OfficersPlanned = OfficersPlanned!.Value,
            Closing = former?.Session!.Closing,
        },
    };
}

/// <summary>What a session did, as sent; its totals must equal the sums over its posts.</summary>
public sealed record NewSessionClosing : NewReport
{
    /// <summary>Required.</summary>
    public DateTimeOffset? ActualFrom { get; init; }

    /// <summary>Required; after the start.</summary>
    public DateTimeOffset? ActualTo { get; init; }

    /// <summary>Required.</summary>
    public int? Officers { get; init; }

    /// <inheritdoc cref="SessionClosing.OfficerIds"/>
    public IReadOnlyList<string?>? OfficerIds { get; init; }

    /// <summary>Required.</summary>
    public int? VehiclesChecked { get; init; }

    /// <summary>Required.</summary>
    public int? PersonsChecked { get; init; }

    /// <summary>Required.</summary>
    public int? Violations { get; init; }

    /// <summary>Required.</summary>
    public IReadOnlyList<NewSessionPost>? Posts { get; init; }

    internal override DateTimeOffset? At => ActualTo;

    internal override ReportedActivity Fill(ReportedActivity head, ReportedActivity? former) => NewDangerChange.Copy(head, former!) with
    {
        Session = former!.Session! with
        {
            Closing = new SessionClosing
            {
                ActualFrom = Utc(ActualFrom!.Value), ActualTo = Utc(ActualTo!.Value), Officers = Officers!.Value,
                OfficerIds = Some(OfficerIds)?.Select(one => one!).ToList(), VehiclesChecked = VehiclesChecked!.Value, PersonsChecked = PersonsChecked!.Value, Violations = Violations!.Value,
                Posts =
                [
                    .. Posts!.Select(one => new SessionPost
                    {
                        Place = one.Place!, VehiclesChecked = one.VehiclesChecked!.Value, PersonsChecked = one.PersonsChecked!.Value,
                        Violations = one.Violations!.Value,
                    }),
                ],
                ClosedBy = OfficerId,
            },
        },
    };
}

/// <summary>One post of a session, as sent.</summary>
public sealed record NewSessionPost
{
    /// <summary>Required.</summary>
    public string? Place { get; init; }

    /// <summary>Required.</summary>
    public int? VehiclesChecked { get; init; }

    /// <summary>Required.</summary>
    public int? PersonsChecked { get; init; }

    /// <summary>Required.</summary>
    public int? Violations { get; init; }
}

/// <summary>A must-visit point or route and its plan, as sent.</summary>
public sealed record NewPoint : NewStatement
{
    /// <summary>Required; never changes.</summary>
    public PointKind? PointKind { get; init; }

    /// <summary>Required.</summary>
    public string? Name { get; init; }

    /// <summary>Required.</summary>
    public int? VisitsPerDay { get; init; }

    /// <summary>Required.</summary>
    public DateOnly? From { get; init; }

    /// <summary>Required; not before the first day.</summary>
    public DateOnly? To { get; init; }

    /// <inheritdoc cref="ReportedPoint.Latitude"/>
    public decimal? Latitude { get; init; }

    /// <inheritdoc cref="ReportedPoint.Longitude"/>
    public decimal? Longitude { get; init; }

    internal override DateTimeOffset? At => From is { } day ? new DateTimeOffset(day.ToDateTime(default), TimeSpan.Zero) : null;

    internal override ReportedActivity State(ReportedActivity head, ReportedActivity? former) => head with
    {
        Point = new ReportedPoint
        {
            PointKind = PointKind!.Value, Name = Name!, VisitsPerDay = VisitsPerDay!.Value, From = From!.Value, To = To!.Value,
            Latitude = Latitude, Longitude = Longitude,
        },
    };
}

/// <summary>A planned visit and its proof, as sent. Where and whose it is follows from the point.</summary>
public sealed record NewVisit : NewReport
{
    /// <summary>An officer's: the point. Required.</summary>
    public Guid? PointId { get; init; }

    /// <summary>A feed's: event id of the point's first report. Required.</summary>
    public string? PointEventId { get; init; }

    /// <summary>Required.</summary>
    public DateOnly? Day { get; init; }

    /// <summary>Which of that day's planned visits, from 1. Required.</summary>
    public int? Nth { get; init; }

    /// <summary>Required.</summary>
    public DateTimeOffset? VisitedAt { get; init; }

    /// <summary>Required.</summary>
    public string? ProofSha256 { get; init; }

    /// <inheritdoc cref="ReportedVisit.Latitude"/>
    public decimal? Latitude { get; init; }

    /// <inheritdoc cref="ReportedVisit.Longitude"/>
    public decimal? Longitude { get; init; }

    /// <inheritdoc cref="ReportedActivity.SessionId"/>
    public string? SessionId { get; init; }

    internal override DateTimeOffset? At => VisitedAt;

    /// <param name="former">The point.</param>
    internal override ReportedActivity Fill(ReportedActivity head, ReportedActivity? former) => head with
    {
        OccurredAt = Utc(VisitedAt!.Value), DivisionCode = former!.DivisionCode, UnitCode = former.UnitCode, OfficerId = OfficerId,
        SessionId = SessionId,
        Visit = new ReportedVisit
        {
            PointId = former.ActivityId, PointKind = former.Point!.PointKind, Day = Day!.Value, Nth = Nth!.Value, ProofSha256 = ProofSha256!,
            Latitude = Latitude, Longitude = Longitude,
        },
    };
}

/// <summary>Something is withdrawn, as sent.</summary>
public sealed record NewVoid : NewReport
{
    /// <summary>Required.</summary>
    public string? DecidedBy { get; init; }

    /// <summary>Required: another person.</summary>
    public string? SecondPerson { get; init; }

    /// <summary>Required, without personal data.</summary>
    public string? Reason { get; init; }

    internal override DateTimeOffset? At => null;

    internal override ReportedActivity Fill(ReportedActivity head, ReportedActivity? former) => NewDangerChange.Copy(head, former!) with
    {
        Voided = new ActivityVoid { DecidedBy = DecidedBy!, SecondPerson = SecondPerson!, Reason = Reason! },
    };
}
