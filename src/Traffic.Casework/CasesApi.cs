using System.Text.Json;
using System.Text.Json.Serialization;
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

    static readonly NewDecisionValidator Validator = new();

    static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, AllowDuplicateProperties = false,
        PropertyNameCaseInsensitive = false, NumberHandling = JsonNumberHandling.Strict,
    };

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
        var faults = new Dictionary<string, string[]>();
        if (status is not null && !(EnumWord.Parse<StandingStatus>(status) is { } asked && Awaits(asked)))
            faults["status"] = ["casework.status"];
        if (division is not null && divisions.Find(null, division) is null)
            faults["division"] = ["casework.division"];
        if (limit is < 1 or > MaxPage)
            faults["limit"] = ["casework.limit"];
        if (faults.Count > 0)
            return Refused(faults, Words.Language(http), "casework.asked");

        var codes = division is null ? null : divisions.WithDescendants(division).ToArray();
        var page = await store.Waiting(status, codes, after, limit ?? 100, cancel);
        return Results.Ok(new { cases = page, next = page.Count > 0 ? page[^1].RecordId : (Guid?)null });
    }

    static bool Awaits(StandingStatus status) => status is StandingStatus.Captured or StandingStatus.ToReview or StandingStatus.Held;

    /// <summary>202 with what was stored: it applies as soon as the Register has read it. The same decision again: the same answer.</summary>
    async Task<IResult> Decide(Guid recordId, HttpRequest request, CancellationToken cancel)
    {
        var language = Words.Language(request.HttpContext);
        if (!request.IsJson())
            return Results.Problem(statusCode: StatusCodes.Status415UnsupportedMediaType, title: words.Get("casework.contentType", language));
        NewDecision? sent;
        try { sent = await JsonSerializer.DeserializeAsync<NewDecision>(request.Body, Strict, cancel); }
        catch (JsonException unreadable) { return Refused(new() { [unreadable.Path ?? ""] = ["casework.unreadable"] }, language); }
        if (sent is null)
            return Refused(new() { [""] = ["casework.unreadable"] }, language);

        var faults = (await Validator.ValidateAsync(sent, cancel)).Errors
            .GroupBy(fault => JsonNamingPolicy.CamelCase.ConvertName(fault.PropertyName))
            .ToDictionary(member => member.Key, member => member.Select(fault => fault.ErrorCode).ToArray());
        if (faults.Count > 0)
            return Refused(faults, language);

        if (await store.Find(sent.DecisionId!.Value, cancel) is { } before)
            return Kept(before, recordId, sent, language);
        if (await store.Seen(recordId, sent.Revision!.Value, sent.Entry, cancel) is not { } seen)
        {
            request.HttpContext.Response.Headers.RetryAfter = "1";
            return Problem(StatusCodes.Status409Conflict, "urn:traffic:not-yet-registered", "casework.notYet", language);
        }
        if (sent.Action == DecisionAction.Resolve && !seen.EntryInForce)
            return Refused(new() { ["entry"] = ["casework.entry"] }, language);
        if (sent.Action == DecisionAction.Confirm && seen.SeenEntry == "undecided")
            return Refused(new() { ["action"] = ["casework.undecided"] }, language);
        if (sent.Action == DecisionAction.Measure && seen.SeenEntry != "undecided" && seen.Family != "drink-driving")
            return Refused(new() { ["measurement"] = ["casework.measurement.family"] }, language);
        if (seen.Status == StandingStatus.Voided.Word())
            return Problem(StatusCodes.Status409Conflict, "urn:traffic:voided", "casework.voided", language);
        if (sent.SecondPerson is null && (Turns(sent.Action!.Value, seen.SeenStatus) || Turns(sent.Action.Value, seen.Status)))
            return Refused(new() { ["secondPerson"] = ["casework.secondPerson"] }, language);

        var decided = new PersonDecided
        {
            DecisionId = sent.DecisionId!.Value, RecordId = recordId, Revision = sent.Revision!.Value, Action = sent.Action!.Value,
            Entry = sent.Entry, Measurement = sent.Measurement, SeenEntry = seen.SeenEntry, DecidedBy = sent.DecidedBy!, Reason = sent.Reason!,
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

    IResult Kept(KeptDecision kept, Guid recordId, NewDecision sent, string language) =>
        (kept.RecordId, kept.Revision, kept.Action, kept.Entry, kept.Measurement, kept.DecidedBy, kept.SecondPerson, kept.Reason)
        == (recordId, sent.Revision!.Value, sent.Action!.Value.Word(), sent.Entry, CaseStore.Text(sent.Measurement), sent.DecidedBy!, sent.SecondPerson, sent.Reason!)
            ? Results.Json(kept, statusCode: StatusCodes.Status202Accepted)
            : Problem(StatusCodes.Status409Conflict, "urn:traffic:decision-id-taken", "casework.taken", language);

    IResult Refused(Dictionary<string, string[]> codes, string language, string title = "casework.refused") => Results.Problem(new HttpValidationProblemDetails(
        codes.ToDictionary(one => one.Key, one => one.Value.Select(code => words.Get(code, language)).ToArray()))
    {
        Status = StatusCodes.Status400BadRequest, Type = "urn:traffic:refused", Title = words.Get(title, language),
        Extensions = { ["codes"] = codes.Values.SelectMany(one => one).Distinct() },
    });

    IResult Problem(int status, string type, string word, string language) =>
        Results.Problem(new ProblemDetails { Status = status, Type = type, Title = words.Get(word, language) });
}
