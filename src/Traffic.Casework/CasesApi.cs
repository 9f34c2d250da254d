using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Casework;

/// <summary>Where people say what they decided, and see what waits for them.</summary>
sealed class CasesApi(CaseStore store, Divisions divisions, INudge nudge, Words words, TimeProvider clock)
{
    const int MaxPage = 500;

    /// <summary>As of a violation's own measurements.</summary>
    static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(2);

    static readonly NewDecisionValidator Validator = new();

    public void Map(IEndpointRouteBuilder routes)
    {
        var cases = routes.MapGroup("/api/v1/cases").WithTags("Cases");
        cases.MapGet("/", Waiting);
        cases.MapGet("/{recordId:guid}/decisions", async (Guid recordId, CancellationToken cancel) =>
            Results.Ok(new { decisions = await store.Of(recordId, cancel) }));
        cases.MapPost("/{recordId:guid}/decisions", Decide).Accepts<NewDecision>("application/json")
            .Produces(202).ProducesProblem(400).ProducesProblem(409);
    }

    /// <summary>A page of what waits for a person, in a division and all that is part of it; <c>next</c> goes into the next page's <c>after</c>.</summary>
    async Task<IResult> Waiting(HttpContext http, string? status, string? division, Guid? after, int? limit, CancellationToken cancel)
    {
        var faults = new List<Fault>();
        if (status is not null && !(EnumWord.Parse<StandingStatus>(status) is { } asked && Awaits(asked)))
            faults.Add(new("status", "casework.status"));
        if (division is not null && divisions.Find(null, division) is null)
            faults.Add(new("division", "casework.division"));
        if (limit is < 1 or > MaxPage)
            faults.Add(new("limit", "casework.limit"));
        if (faults.Count > 0)
            return Results.Problem(words.Refused(faults, Words.Language(http), "casework.asked"));

        var codes = division is null ? null : divisions.WithDescendants(division).ToArray();
        var page = await store.Waiting(status, codes, after, limit ?? 100, cancel);
        if (page.Count == 0 && after is { } last && !await store.Knows(last, cancel))
            return Refused("after", "casework.after", Words.Language(http), "casework.asked");
        return Results.Ok(new { cases = page, next = page.Count > 0 ? page[^1].RecordId : (Guid?)null });
    }

    static bool Awaits(StandingStatus status) => status is StandingStatus.Captured or StandingStatus.ToReview or StandingStatus.Held;

    /// <summary>202 with what was stored: it applies as soon as the Register has read it. The same decision again: the same answer.</summary>
    async Task<IResult> Decide(Guid recordId, HttpRequest request, CancellationToken cancel)
    {
        var language = Words.Language(request.HttpContext);
        var (sent, refused) = await JsonBody.Read<NewDecision>(request, words, "casework.refused", Faults, cancel, NewDecisionValidator.AlsoReads);
        if (sent is null)
            return refused!;

        if (await store.Find(sent.DecisionId!.Value, cancel) is { } before)
            return Kept(before, recordId, sent, language);
        if (await store.Seen(recordId, sent.Revision!.Value, sent.Entry, cancel) is not { } seen)
        {
            request.HttpContext.Response.Headers.RetryAfter = "1";
            return Problem(StatusCodes.Status409Conflict, "urn:traffic:not-yet-registered", "casework.notYet", language);
        }
        if (sent.Action == DecisionAction.Resolve && !seen.EntryInForce)
            return Refused("entry", "casework.entry", language);
        if (sent.Action == DecisionAction.Confirm && seen.SeenEntry == "undecided")
            return Refused("action", "casework.undecided", language);
        if (sent.Measurement?.MeasuredAt is { } measuredAt && (measuredAt.Year < 1990 || measuredAt > clock.GetUtcNow() + ClockTolerance))
            return Refused("measurement", "casework.measurement.at", language);
        if (sent.Action == DecisionAction.Measure && seen.SeenEntry != "undecided" && seen.Family != "drink-driving")
            return Refused("measurement", "casework.measurement.family", language);
        if (seen.Status == StandingStatus.Voided.Word())
            return Problem(StatusCodes.Status409Conflict, "urn:traffic:voided", "casework.voided", language);
        if (sent.SecondPerson is null && (Turns(sent.Action!.Value, seen.SeenStatus) || Turns(sent.Action.Value, seen.Status)))
            return Refused("secondPerson", "casework.secondPerson", language);

        var decided = new PersonDecided
        {
            DecisionId = sent.DecisionId!.Value, RecordId = recordId, Revision = sent.Revision!.Value, Action = sent.Action!.Value,
            Entry = sent.Entry, Measurement = Plain(sent.Measurement), SeenEntry = seen.SeenEntry, DecidedBy = sent.DecidedBy!, Reason = sent.Reason!,
            DecidedAt = DateTimeOffset.FromUnixTimeMilliseconds(clock.GetUtcNow().ToUnixTimeMilliseconds()),
        };
        if (await store.Put(decided, sent.SecondPerson, cancel) is { } position)
            nudge.Appended("casework", position, new[] { decided });

        return Kept((await store.Find(decided.DecisionId, cancel))!, recordId, sent, language);
    }

    /// <summary>What stands confirmed or rejected is not turned by one person alone, nor by a value that one alone adds.</summary>
    static bool Turns(DecisionAction action, string seen) =>
        (seen == StandingStatus.Confirmed.Word() && action is (DecisionAction.Reject or DecisionAction.Resolve or DecisionAction.Measure))
        || (seen == StandingStatus.Rejected.Word() && action is (DecisionAction.Confirm or DecisionAction.Resolve));

    /// <summary>In one form, however it was sent: 79 and 79.0 are one value, 09:00+08:00 and 01:00Z one time. Kept to the millisecond.</summary>
    static Measurement? Plain(Measurement? measured) => measured is null ? null : measured with
    {
        Value = PlainNumber.Of(measured.Value),
        MeasuredAt = measured.MeasuredAt is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at.ToUnixTimeMilliseconds()) : null,
    };

    /// <summary>Compared as values: the first decisions were kept in the form in which they came.</summary>
    static Measurement? Read(string? kept) => kept is null ? null : Plain(JsonSerializer.Deserialize(kept, TrafficJson.Plain.Measurement));

    IResult Kept(KeptDecision kept, Guid recordId, NewDecision sent, string language) =>
        (kept.RecordId, kept.Revision, kept.Action, kept.Entry, Read(kept.Measurement), kept.DecidedBy, kept.SecondPerson, kept.Reason)
        == (recordId, sent.Revision!.Value, sent.Action!.Value.Word(), sent.Entry, Plain(sent.Measurement), sent.DecidedBy!, sent.SecondPerson, sent.Reason!)
            ? Results.Json(kept, statusCode: StatusCodes.Status202Accepted)
            : Problem(StatusCodes.Status409Conflict, "urn:traffic:decision-id-taken", "casework.taken", language);

    static IEnumerable<Fault> Faults(NewDecision sent) => Validator.Validate(sent).Errors
        .Select(fault => new Fault(JsonNamingPolicy.CamelCase.ConvertName(fault.PropertyName), fault.ErrorCode));

    IResult Refused(string member, string code, string language, string title = "casework.refused") =>
        Results.Problem(words.Refused([new Fault(member, code)], language, title));

    IResult Problem(int status, string type, string word, string language) =>
        Results.Problem(new ProblemDetails { Status = status, Type = type, Title = words.Get(word, language) });
}
