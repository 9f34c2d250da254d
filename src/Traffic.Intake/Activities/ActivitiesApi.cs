using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Intake.Activities;

/// <summary>
/// The front doors of all that is counted beside violations: crashes, dangers, observations, sessions, points, visits. Each thing
/// is a line of reports; a report that replaces the last one names it, and is refused where another was quicker.
/// </summary>
sealed class ActivitiesApi(
    ActivityDoor door, Door violations, ActivityQueue queue, ActivityStore store, Backlog backlog, Seal seal, Divisions divisions, Words words)
{
    const int MaxItems = 1_000;
    const int MaxPage = 500;

    /// <summary>The addresses.</summary>
    internal static readonly IReadOnlyList<(string Name, ActivityKind Kind, Type Shape)> Kinds =
    [
        ("crashes", ActivityKind.Crash, typeof(NewCrash)), ("dangers", ActivityKind.Danger, typeof(NewDanger)),
        ("observations", ActivityKind.Observation, typeof(NewObservation)), ("sessions", ActivityKind.Session, typeof(NewSession)),
        ("points", ActivityKind.Point, typeof(NewPoint)), ("visits", ActivityKind.Visit, typeof(NewVisit)),
    ];

    public void Map(IEndpointRouteBuilder routes)
    {
        foreach (var (name, kind, shape) in Kinds)
        {
            var group = routes.MapGroup($"/api/v1/{name}").WithTags(char.ToUpperInvariant(name[0]) + name[1..]);
            Post(group, "/", kind, ReportVerb.Report, shape);
            if (kind != ActivityKind.Visit)
                Post(group, "/{id:guid}/revisions", kind, ReportVerb.Report, shape);
            Post(group, "/{id:guid}/void", kind, ReportVerb.Void, typeof(NewVoid));
            group.MapGet("/{id:guid}", (Guid id, HttpContext http, CancellationToken cancel) => Find(id, kind, http, cancel)).ProducesProblem(404);
            group.MapGet("/", (HttpContext http, string? division, string? sessionId, DateOnly? from, DateOnly? to, string? after, int? limit, CancellationToken cancel) =>
                List(kind, http, division, sessionId, from, to, after, limit, cancel)).ProducesProblem(400);
            if (kind == ActivityKind.Danger)
            {
                Post(group, "/{id:guid}/clearings", kind, ReportVerb.Clear, typeof(NewDangerChange));
                Post(group, "/{id:guid}/reopenings", kind, ReportVerb.Reopen, typeof(NewDangerChange));
            }
            if (kind == ActivityKind.Session)
                Post(group, "/{id:guid}/closing", kind, ReportVerb.Close, typeof(NewSessionClosing));
        }
        routes.MapPost("/api/v1/feeds/{feed}/activity", (Delegate)AddMany).WithTags("Feeds")
            .Accepts<NewReport[]>("application/json", "application/x-ndjson").Produces<BatchAnswer>().ProducesProblem(400);
    }

    void Post(RouteGroupBuilder group, string path, ActivityKind kind, ReportVerb verb, Type shape) =>
        group.MapPost(path, (Delegate)((HttpContext http) => Add(http, new Asked(kind, verb, Subject(http)))))
            .Accepts(shape, "application/json").Produces<Receipt>(201).Produces<Receipt>().ProducesProblem(400).ProducesProblem(409);

    static Guid? Subject(HttpContext http) =>
        http.Request.RouteValues["id"] is string id ? Guid.Parse(id, CultureInfo.InvariantCulture) : null;

    /// <summary>201 the first time, 200 when the same comes again, 409 when the id is taken or what it replaces is no longer the last word.</summary>
    async Task<IResult> Add(HttpContext http, Asked asked)
    {
        var (cancel, language) = (http.RequestAborted, Words.Language(http));
        if (!http.Request.IsJson())
            return Problem(StatusCodes.Status415UnsupportedMediaType, "urn:traffic:intake.contentType", "intake.contentType", language);
        if (backlog.Closed)
            throw new DoorClosedException("The Register is too far behind.");

        var sender = Sender.Officer;
        var body = await JsonBody.ReadAll(http.Request.BodyReader, cancel);
        var read = door.Read(body, asked, sender);
        http.Request.BodyReader.AdvanceTo(body.End);
        var item = (await door.Check([read], sender, cancel))[0];
        if (item.Refusal is { } refusal)
        {
            await queue.Commit(new Submission(sender.Name, [], [refusal], allOrNone: false), cancel);
            return Refused(refusal.Faults, language);
        }
        var receipt = Complete((await queue.Commit(new Submission(sender.Name, [item.Report!], [], allOrNone: false), cancel))[0], item.Report!);
        switch (receipt.Outcome)
        {
            case Outcome.Conflict:
                return receipt.Faults == CommitQueue.Superseded
                    ? Problem(StatusCodes.Status409Conflict, "urn:traffic:superseded", asked.Kind == ActivityKind.Visit ? "intake.visit.proven" : "intake.superseded", language)
                    : Problem(StatusCodes.Status409Conflict, "urn:traffic:record-id-taken", "intake.taken", language);
            case Outcome.Rejected:
                return Refused(receipt.Faults!, language);
            default:
                http.Response.Headers.Location = $"/api/v1/{Kinds.First(one => one.Kind == asked.Kind).Name}/{receipt.ActivityId}";
                return Results.Json(receipt, IntakeJson.Strict.Receipt, statusCode: receipt.Outcome == Outcome.Accepted ? StatusCodes.Status201Created : StatusCodes.Status200OK);
        }
    }

    static Receipt Complete(Receipt receipt, PreparedActivity report) =>
        receipt with { ActivityId = report.Report.ActivityId, Revision = report.Report.Revision };

    /// <summary>Many reports of a feed, of any kinds, answered item by item in order; only the item at fault is refused.</summary>
    async Task<IResult> AddMany(HttpContext http, string feed)
    {
        var (cancel, language) = (http.RequestAborted, Words.Language(http));
        var lines = http.Request.IsLines();
        if (!lines && !http.Request.IsJson())
            return Problem(StatusCodes.Status415UnsupportedMediaType, "urn:traffic:intake.contentType", "intake.contentType", language);
        if (!ViolationsApi.IsFeedName(feed))
            return Problem(StatusCodes.Status400BadRequest, "urn:traffic:intake.feed", "intake.feed", language);
        if (violations.Feed(feed) is not { } sender)
            return Problem(StatusCodes.Status400BadRequest, "urn:traffic:intake.feed.unknownMap", "intake.feed.unknownMap", language);
        if (backlog.Closed)
            throw new DoorClosedException("The Register is too far behind.");

        List<ReadItem> read;
        var body = await JsonBody.ReadAll(http.Request.BodyReader, cancel);
        try
        {
            var items = lines ? Door.Lines(body, MaxItems) : Door.ArrayItems(body, MaxItems);
            if (items.Count > MaxItems)
                return await RefuseWhole(new Fault("", "intake.tooMany"));
            read = items.ConvertAll(item => door.Read(item, null, sender));
        }
        catch (JsonException broken)
        {
            return await RefuseWhole(MemberByMember.Broken(broken));
        }
        finally
        {
            http.Request.BodyReader.AdvanceTo(body.End);
        }
        var receipts = await Commit(read, sender, cancel);
        return Results.Json(ViolationsApi.Batch([.. receipts.Select(one => one.Faults is { } faults ? one with { Faults = words.Of(faults, language) } : one)]), IntakeJson.Strict.BatchAnswer);

        async Task<IResult> RefuseWhole(Fault fault)
        {
            await queue.Commit(new Submission(sender.Name, [], [new Refusal(null, [fault])], allOrNone: false), cancel);
            return Refused([fault], language);
        }
    }

    /// <summary>In waves, so that what stands on another item of the request is judged by what became of that one.</summary>
    async Task<Receipt[]> Commit(List<ReadItem> items, Sender sender, CancellationToken cancel)
    {
        var receipts = new Receipt[items.Count];
        var left = Enumerable.Range(0, items.Count).ToList();
        do
        {
            var wave = ActivityDoor.Wave(left, i => items[i].Who);
            var judged = await door.Check(wave.ConvertAll(i => items[i]), sender, cancel);
            var (reports, refusals) = (judged.Select(one => one.Report).OfType<PreparedActivity>().ToList(), judged.Select(one => one.Refusal).OfType<Refusal>().ToList());
            var answers = await queue.Commit(new Submission(sender.Name, reports, refusals, allOrNone: false), cancel);
            for (var (n, committed) = (0, 0); n < wave.Count; n++)
                receipts[wave[n]] = judged[n].Refusal is { } refusal
                    ? new Receipt { EventId = refusal.SentAs, Outcome = Outcome.Rejected, Faults = refusal.Faults }
                    : Complete(answers[committed], reports[committed++]);
            left = [.. left.Except(wave)];
        }
        while (left.Count > 0);
        return receipts;
    }

    /// <summary>Every report about it with its receipt, and what the Register counts it for.</summary>
    async Task<IResult> Find(Guid id, ActivityKind kind, HttpContext http, CancellationToken cancel)
    {
        var reports = await store.Reports(id, kind, cancel);
        if (reports.Count == 0)
            return Results.Problem(statusCode: StatusCodes.Status404NotFound, title: words.Get("intake.notFound", Words.Language(http)));
        return Results.Ok(new JsonObject
        {
            ["activityId"] = id,
            ["kind"] = kind.Word(),
            ["revision"] = reports[^1].Revision,
            ["standing"] = await store.Standing(id, cancel),
            ["reports"] = new JsonArray([.. reports.Select(Opened)]),
        });
    }

    JsonObject Opened(LoggedReport logged)
    {
        var report = JsonNode.Parse(logged.Line.Span)!.AsObject();
        if (report.Remove("sealed", out var sealedText) && logged.Key.DataKey is { } wrapped)
            foreach (var (name, value) in JsonSerializer.SerializeToNode(
                Seal.OpenMembers(seal.Unwrap(wrapped), Convert.FromBase64String(sealedText!.GetValue<string>())), TrafficJson.Plain.SealedMembers)!.AsObject())
                report[name] = value?.DeepClone();
        return new JsonObject
        {
            ["report"] = report,
            ["receipt"] = JsonSerializer.SerializeToNode(new Receipt
            {
                RecordId = logged.RecordId, EventId = (string?)report["eventId"], Sequence = logged.Key.Sequence,
                Sha256 = Convert.ToHexStringLower(logged.Key.Digest), ReceivedAt = logged.Key.ReceivedAt, Outcome = Outcome.Accepted,
            }, IntakeJson.Strict.Receipt),
            ["erased"] = logged.Key.DataKey is null,
        };
    }

    /// <summary>A page of what is registered in a division and all that is part of it, or names a session, the newest day first.</summary>
    async Task<IResult> List(
        ActivityKind kind, HttpContext http, string? division, string? sessionId, DateOnly? from, DateOnly? to, string? after, int? limit, CancellationToken cancel)
    {
        var faults = new List<Fault>();
        if (division is not null && divisions.Find(null, division) is null)
            faults.Add(new Fault("division", "intake.divisionCode"));
        if (from > to)
            faults.Add(new Fault("from", "intake.list.days"));
        if (limit is < 1 or > MaxPage)
            faults.Add(new Fault("limit", "intake.list.limit"));
        (DateOnly Day, Guid Id)? last = null;
        if (after is not null)
        {
            if (after.Split('_') is [var day, var id] && DateOnly.TryParseExact(day, "yyyy-MM-dd", out var parsed) && Guid.TryParse(id, out var guid))
                last = (parsed, guid);
            else
                faults.Add(new Fault("after", "intake.list.after"));
        }
        if (faults.Count > 0)
            return Refused(faults, Words.Language(http));
        var page = await store.List(
            kind, division is null ? null : [.. divisions.WithDescendants(division)], sessionId, from ?? DateOnly.MinValue, to ?? new DateOnly(9999, 12, 31), last, (limit ?? 100) + 1, cancel);
        var shown = page.Take(limit ?? 100).ToList();
        return Results.Ok(new JsonObject
        {
            ["kind"] = kind.Word(),
            ["items"] = new JsonArray([.. shown]),
            ["next"] = page.Count > shown.Count ? $"{(string)shown[^1]["day"]!}_{(string)shown[^1]["activityId"]!}" : null,
        });
    }

    IResult Refused(IReadOnlyList<Fault> faults, string language) => Results.Problem(words.Refused(faults, language, "intake.refused"));

    IResult Problem(int status, string type, string word, string language) =>
        Results.Problem(new ProblemDetails { Status = status, Type = type, Title = words.Get(word, language) });
}
