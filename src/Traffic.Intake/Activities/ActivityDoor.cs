using System.Buffers;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using FluentValidation;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Intake.Activities;

/// <summary>What a request says an item is: by its address, or a feed's item by itself.</summary>
/// <param name="Subject">The thing it is about; null for a first report, and for a visit, whose thing follows from what it says.</param>
sealed record Asked(ActivityKind Kind, ReportVerb Verb, Guid? Subject);

/// <summary>Who an item is and what it is about, from what it says alone.</summary>
/// <param name="Head">Identity, kind, revision and feed; the rest is filled in later.</param>
/// <param name="PointId">The point a visit is of; null for anything else.</param>
sealed record Identified(ReportedActivity Head, Guid? PointId);

/// <summary>One item, read: well-formed, or refused with all its faults.</summary>
sealed record ReadItem(Asked? Asked, NewReport? Sent, Identified? Who, Refusal? Refusal);

/// <summary>One item, checked: ready to be committed, or refused.</summary>
sealed record CheckedReport(PreparedActivity? Report, Refusal? Refusal);

/// <summary>Reads and checks what comes in beside violations: by itself, and against what it replaces.</summary>
sealed class ActivityDoor(Canonical canonical, Divisions divisions, TimeProvider clock, ActivityStore store)
{
    readonly ConcurrentDictionary<(string, ReportVerb, ActivityKind), IValidator> validators = new();

    /// <summary>Reads one item and names every fault at once.</summary>
    /// <param name="asked">What the address says; null for a feed's, whose items say it themselves.</param>
    public ReadItem Read(ReadOnlySequence<byte> json, Asked? asked, Sender sender)
    {
        try
        {
            if (asked is null && (asked = Say(json)) is null)
                return Refused(null, [new Fault("kind", "intake.kind")]);
            if (TypeOf(asked) is not { } type)
                return Refused(null, [new Fault("verb", "intake.verb")]);
            if (JsonBody.One<NewReport>(json, type) is { } sent)
            {
                if (Faults(asked, sent, sender) is { Count: > 0 } faults)
                    return Refused(sender, sent, faults);
                asked = asked with { Subject = Subject(asked, sent, sender) };
                return new ReadItem(asked, sent, Head(asked, sent, sender), null);
            }
            var (unread, rest) = MemberByMember.Read<NewReport>(json, type);
            return rest is null ? Refused(null, unread) : Refused(sender, rest, [.. unread, .. MemberByMember.Beside(unread, Faults(asked, rest, sender), Door.AlsoReads)]);
        }
        catch (JsonException broken)
        {
            return Refused(null, [MemberByMember.Broken(broken)]);
        }
    }

    List<Fault> Faults(Asked asked, NewReport sent, Sender sender) =>
        [.. Validator(asked, sender).Validate(new ValidationContext<NewReport>(sent)).Errors
            .Select(one => new Fault(Door.MemberPath(one.PropertyName), one.ErrorCode, Values: one.CustomState as long[]))];

    static ReadItem Refused(Sender sender, NewReport sent, IReadOnlyList<Fault> faults) =>
        Refused(sender.IsFeed ? sent.EventId : sent.RecordId?.ToString(), faults);

    static ReadItem Refused(string? sentAs, IReadOnlyList<Fault> faults) => new(null, null, null, new Refusal(Kept(sentAs), faults));

    static string? Kept(string? sentAs) => sentAs is { Length: <= 200 } && PlainText.IsText(sentAs) ? sentAs : null;

    /// <summary>Kind and verb as a feed's item says them; null where it says no kind of ours.</summary>
    /// <exception cref="JsonException">It is no object, or a text in it is no Unicode.</exception>
    static Asked? Say(ReadOnlySequence<byte> json)
    {
        using var item = JsonDocument.Parse(json);
        if (item.RootElement.ValueKind != JsonValueKind.Object)
            throw new JsonException("Not an object.");
        try
        {
            var verb = Word("verb") is not { } said ? ReportVerb.Report : EnumWord.Parse<ReportVerb>(said);
            return Word("kind") is { } word && EnumWord.Parse<ActivityKind>(word) is { } kind ? new Asked(kind, verb ?? (ReportVerb)(-1), null) : null;
        }
        catch (InvalidOperationException unreadable)
        {
            throw new JsonException("Half a surrogate, or no UTF-8.", unreadable);
        }

        string? Word(string name) =>
            item.RootElement.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }

    /// <summary>The shape that says such a thing; null where that kind has no such verb.</summary>
    static JsonTypeInfo? TypeOf(Asked asked) => (asked.Verb, asked.Kind) switch
    {
        (ReportVerb.Report, ActivityKind.Crash) => IntakeJson.Strict.NewCrash,
        (ReportVerb.Report, ActivityKind.Danger) => IntakeJson.Strict.NewDanger,
        (ReportVerb.Report, ActivityKind.Observation) => IntakeJson.Strict.NewObservation,
        (ReportVerb.Report, ActivityKind.Session) => IntakeJson.Strict.NewSession,
        (ReportVerb.Report, ActivityKind.Point) => IntakeJson.Strict.NewPoint,
        (ReportVerb.Report, ActivityKind.Visit) => IntakeJson.Strict.NewVisit,
        (ReportVerb.Clear or ReportVerb.Reopen, ActivityKind.Danger) => IntakeJson.Strict.NewDangerChange,
        (ReportVerb.Close, ActivityKind.Session) => IntakeJson.Strict.NewSessionClosing,
        (ReportVerb.Void, _) => IntakeJson.Strict.NewVoid,
        _ => null,
    };

    IValidator Validator(Asked asked, Sender sender) => validators.GetOrAdd(
        (sender.IsFeed ? $"feed/{sender.Origin}" : sender.Name, asked.Verb, asked.Kind), _ => (asked.Verb, asked.Kind) switch
        {
            (ReportVerb.Void, _) => new NewVoidValidator(sender),
            (ReportVerb.Close, _) => new NewSessionClosingValidator(clock, sender),
            (ReportVerb.Clear or ReportVerb.Reopen, _) => new NewDangerChangeValidator(clock, sender, asked.Verb == ReportVerb.Clear),
            (_, ActivityKind.Crash) => new NewCrashValidator(clock, divisions, sender),
            (_, ActivityKind.Danger) => new NewDangerValidator(clock, divisions, sender),
            (_, ActivityKind.Observation) => new NewObservationValidator(clock, divisions, sender),
            (_, ActivityKind.Session) => new NewSessionValidator(clock, divisions, sender),
            (_, ActivityKind.Point) => new NewPointValidator(divisions, sender),
            (_, ActivityKind.Visit) => new NewVisitValidator(clock, sender),
            _ => throw new ArgumentOutOfRangeException(nameof(asked)),
        });

    static Guid? Subject(Asked asked, NewReport sent, Sender sender) => asked.Subject
        ?? (sent.Subject is { } first ? Door.FeedRecordId(sender.FeedId!, first) : null);

    /// <summary>Those of the items, named by their places, that stand on none before them: of each thing one report, and no visit beside its point.</summary>
    internal static List<int> Wave(IReadOnlyList<int> left, Func<int, Identified?> who)
    {
        var before = new HashSet<Guid>();
        return [.. left.Where(i =>
        {
            if (who(i) is not { } one)
                return true;
            var free = one.PointId is not { } point || !before.Contains(point);
            free &= before.Add(one.Head.ActivityId);
            return (one.Head.RecordId == one.Head.ActivityId || before.Add(one.Head.RecordId)) && free;
        })];
    }

    /// <summary>Checks the read items, none of which stands on another, against what they replace.</summary>
    public async Task<List<CheckedReport>> Check(IReadOnlyList<ReadItem> read, Sender sender, CancellationToken cancel)
    {
        var heads = read.Select(item => item.Who).OfType<Identified>().ToList();
        var known = await store.Find(
            [.. heads.Where(one => one.Head.Revision > 1 || one.PointId is not null).Select(one => (one.Head.ActivityId, Math.Max(1, one.Head.Revision - 1)))],
            [.. heads.Select(one => one.PointId).OfType<Guid>()], cancel);
        // A record that is known is not judged again by what has become of its thing since: it is a duplicate, or a conflict.
        var before = heads.Exists(one => one is { Head.Revision: > 1 } or { PointId: not null })
            ? await store.FindKeysOf([.. heads.Select(one => one.Head.RecordId)], cancel) : [];
        return [.. read.Select(item => item.Who is { } who ? Check(item, who, known, before, sender) : new CheckedReport(null, item.Refusal))];
    }

    CheckedReport Check(ReadItem item, Identified who, FoundReports known, HashSet<Guid> before, Sender sender)
    {
        var head = who.Head;
        var former = who.PointId is { } point ? known.Last(point) : head.Revision > 1 ? known.At(head.ActivityId, head.Revision - 1) : null;
        // Where and whose a visit is stays as its point said it then, so that only what the sender says decides whether it is a repeat.
        if (former is not null && who.PointId is not null && known.At(head.ActivityId, 1) is { } kept)
            former = former with { DivisionCode = kept.DivisionCode, UnitCode = kept.UnitCode };
        return Against(item.Asked!, item.Sent!, head, former, before.Contains(head.RecordId)) is { Count: > 0 } faults
            ? new CheckedReport(null, new Refusal(Kept(sender.IsFeed ? item.Sent!.EventId : $"{item.Sent!.RecordId}"), faults))
            : new CheckedReport(canonical.Prepare(item.Sent!.Fill(head, former)), null);
    }

    static Identified Head(Asked asked, NewReport sent, Sender sender)
    {
        var recordId = sender.IsFeed ? Door.FeedRecordId(sender.FeedId!, sent.EventId!) : sent.RecordId!.Value;
        var visit = sent as NewVisit;
        Guid? pointId = visit is null ? null : visit.PointId ?? Door.FeedRecordId(sender.FeedId!, visit.PointEventId!);
        return new Identified(
            new ReportedActivity
            {
                RecordId = recordId, Kind = asked.Kind, FeedId = sender.FeedId, EventId = sent.EventId, Revision = (sent.Supersedes ?? 0) + 1,
                ActivityId = pointId is { } point ? VisitId(point, visit!.Day!.Value, visit.Nth!.Value) : asked.Subject ?? recordId,
                OccurredAt = default, DivisionCode = "",
            },
            pointId);
    }

    /// <summary>A planned visit has one identity, so that it is proven once: UUID version 8 of point, day and number.</summary>
    internal static Guid VisitId(Guid pointId, DateOnly day, int nth)
    {
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(Encoding.ASCII.GetBytes($"visit\n{pointId:D}\n{day:yyyy-MM-dd}\n{nth}"), hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }

    /// <summary>A session that began or ended by more than this beside its plan was another one, or was planned otherwise: the plan is corrected first.</summary>
    static readonly TimeSpan FromPlan = TimeSpan.FromHours(12);

    static bool IsBeside(DateTimeOffset? plannedFrom, DateTimeOffset? plannedTo, DateTimeOffset? from, DateTimeOffset? to) =>
        from < plannedFrom - FromPlan || to > plannedTo + FromPlan;

    /// <summary>Beijing time, the only one of the country.</summary>
    static readonly TimeSpan Beijing = TimeSpan.FromHours(8);

    static DateOnly DayOf(DateTimeOffset at) => DateOnly.FromDateTime(at.ToOffset(Beijing).DateTime);

    /// <summary>On the day, or in the night after it and until noon.</summary>
    static bool IsOfDay(DateTimeOffset at, DateOnly day) => DayOf(at) == day || DayOf(at.AddHours(-12)) == day;

    /// <summary>What is wrong with a report in the light of the one it replaces, or of its point.</summary>
    internal static List<Fault> Against(Asked asked, NewReport sent, ReportedActivity head, ReportedActivity? former, bool knownBefore)
    {
        if (sent is NewVisit visit)
            return former is not { Kind: ActivityKind.Point, Point: { } point } ? [new Fault("pointId", "intake.visit.point")]
                : knownBefore ? []
                : former.Voided is not null ? [new Fault("pointId", "intake.visit.point.voided")]
                : visit.Day < point.From || visit.Day > point.To ? [new Fault("day", "intake.visit.plan")]
                : visit.Nth > point.VisitsPerDay ? [new Fault("nth", "intake.visit.nth")]
                : IsOfDay(visit.VisitedAt!.Value, visit.Day!.Value) ? [] : [new Fault("visitedAt", "intake.visit.visitedAt")];
        if (head.Revision == 1)
            return asked.Subject is null ? [] : [new Fault("supersedes", "intake.supersedes")];
        if (former is null || former.Kind != head.Kind)
            return [new Fault("supersedes", asked.Verb switch { ReportVerb.Clear or ReportVerb.Reopen => "intake.danger.unknown", ReportVerb.Close => "intake.session.unknown", _ => "intake.subject.unknown" })];
        if (former.Voided is not null)
            return [new Fault("supersedes", "intake.voided")];
        var faults = new List<Fault>();
        if (sent is NewDangerChange change)
        {
            var last = former.Danger!.Changes[^1];
            if (asked.Verb == ReportVerb.Clear && last.State == DangerState.Cleared)
                faults.Add(new Fault("supersedes", "intake.danger.cleared"));
            if (asked.Verb == ReportVerb.Reopen && last.State != DangerState.Cleared)
                faults.Add(new Fault("supersedes", "intake.danger.open"));
            if (NewReport.Utc(change.ChangedAt!.Value) < last.At)
                faults.Add(new Fault("changedAt", "intake.danger.before"));
        }
        if (sent is NewDanger again && former.Danger!.Changes is [_, var next, ..] && NewReport.Utc(again.FoundAt!.Value) > next.At)
            faults.Add(new Fault("foundAt", "intake.danger.before"));
        if (!knownBefore && sent is NewSessionClosing closing && former.Session is { } planned
            && IsBeside(planned.PlannedFrom, planned.PlannedTo, closing.ActualFrom, closing.ActualTo))
            faults.Add(new Fault("actualFrom", "intake.session.actual"));
        if (!knownBefore && sent is NewSession plan && former.Session!.Closing is { } done && IsBeside(plan.PlannedFrom, plan.PlannedTo, done.ActualFrom, done.ActualTo))
            faults.Add(new Fault("plannedFrom", "intake.session.moved"));
        if (!knownBefore && sent is NewCrash less && string.IsNullOrWhiteSpace(less.Note) && (less.Dead < former.Crash!.Dead || less.Dead + less.Injured < former.Crash.Dead + former.Crash.Injured
            || less.DivisionCode != former.DivisionCode || DayOf(less.OccurredAt!.Value) != DayOf(former.OccurredAt)))
            faults.Add(new Fault("note", "intake.crash.why"));
        if (sent is NewPoint moved && moved.PointKind != former.Point!.PointKind)
            faults.Add(new Fault("pointKind", "intake.point.kind.fixed"));
        return faults;
    }
}
