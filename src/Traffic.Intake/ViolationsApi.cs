using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Intake;

/// <summary>The front doors: an officer's device, a feed, and whoever asks what became of a record.</summary>
sealed partial class ViolationsApi(
    Door door, CommitQueue queue, ViolationStore store, Backlog backlog, Seal seal, Words words)
{
    const int MaxEvents = 1_000;
    const int MaxStop = 50;

    /// <summary>Between the first and the last offence found at one stop: a vehicle is held while others are waited for, no longer.</summary>
    static readonly TimeSpan LongestStop = TimeSpan.FromDays(1);

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/v1/violations", (Delegate)Add).WithTags("Violations")
            .Accepts<NewViolation>("application/json").Produces<Receipt>(201).Produces<Receipt>().ProducesProblem(400).ProducesProblem(409);
        routes.MapPost("/api/v1/feeds/{feed}/events", (Delegate)AddEvents).WithTags("Feeds")
            .Accepts<NewViolation[]>("application/json", "application/x-ndjson").Produces<BatchAnswer>().ProducesProblem(400);
        routes.MapGet("/api/v1/violations/{recordId:guid}", Find).WithTags("Violations").ProducesProblem(404);
        routes.MapGet("/api/v1/ledger", async (CancellationToken cancel) =>
            Results.Ok(new { senders = await store.Ledger(cancel) })).WithTags("Ledger");
    }

    /// <summary>One record, or the records of one stop: 201 the first time, 200 when the same comes again, 409 when an id is taken by another.</summary>
    async Task Add(HttpContext http)
    {
        var cancel = http.RequestAborted;
        var language = Words.Language(http);
        if (!http.Request.IsJson())
        {
            await Problem(http, StatusCodes.Status415UnsupportedMediaType, "intake.contentType", language);
            return;
        }
        if (backlog.Closed)
            throw new DoorClosedException("The Register is too far behind.");

        var (one, read, fault) = await Read(http.Request, Sender.Officer, lines: false, 1, MaxStop, "intake.stop.size", cancel);
        if (fault is not null)
        {
            await Refuse(http, Sender.Officer, [new Refusal(null, [fault])], language, cancel);
            return;
        }

        var refusals = read.Where(item => item.Refusal is not null).Select(item => item.Refusal!).ToList();
        if (refusals.Count == 0 && !one && !IsOneStop(read))
            refusals.Add(new Refusal(null, [new Fault("stopId", "intake.stop.mixed")]));
        if (refusals.Count > 0)
        {
            // All or none: the well-formed records of a refused stop were not taken either.
            while (refusals.Count < read.Count)
                refusals.Add(new Refusal(null, [new Fault("", "intake.stop.mixed")]));
            await Refuse(http, Sender.Officer, refusals, language, cancel, read);
            return;
        }

        var receipts = await queue.Commit(new Submission(
            Sender.OfficersOf(read[0].Record!.Record.UnitCode), [.. read.Select(item => item.Record!)], [], allOrNone: !one), cancel);
        await Answer(http, receipts, one, language);
    }

    async Task Answer(HttpContext http, Receipt[] receipts, bool one, string language)
    {
        if (receipts.Any(receipt => receipt.Outcome == Outcome.Conflict))
        {
            await Results.Problem(new ProblemDetails
            {
                Status = StatusCodes.Status409Conflict, Type = "urn:traffic:record-id-taken", Title = words.Get("intake.taken", language),
                Detail = receipts.Length > 1 ? words.Get(CommitQueue.NotAlone[0].Code, language) : null,
                Extensions = { ["recordIds"] = receipts.Where(receipt => receipt.Outcome == Outcome.Conflict && receipt.Faults is null).Select(receipt => receipt.RecordId) },
            }).ExecuteAsync(http);
            return;
        }
        if (receipts.FirstOrDefault(receipt => receipt.Outcome == Outcome.Rejected) is { } refused)
        {
            await Problem(http, StatusCodes.Status400BadRequest, refused.Faults![0].Code, language);
            return;
        }
        http.Response.StatusCode = receipts.Any(receipt => receipt.Outcome == Outcome.Accepted) ? StatusCodes.Status201Created : StatusCodes.Status200OK;
        http.Response.Headers.Location = $"/api/v1/violations/{receipts[0].RecordId}";
        http.Response.ContentType = "application/json; charset=utf-8";
        if (one)
            JsonSerializer.Serialize(Writer(http), receipts[0], IntakeJson.Strict.Receipt);
        else
            JsonSerializer.Serialize(Writer(http), Batch(receipts), IntakeJson.Strict.BatchAnswer);
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }

    static Utf8JsonWriter Writer(HttpContext http) => new(http.Response.BodyWriter);

    /// <summary>Many events of a feed, answered item by item in order; only the item at fault is refused.</summary>
    async Task AddEvents(HttpContext http, string feed)
    {
        var cancel = http.RequestAborted;
        var language = Words.Language(http);
        var lines = http.Request.IsLines();
        if (!lines && !http.Request.IsJson())
        {
            await Problem(http, StatusCodes.Status415UnsupportedMediaType, "intake.contentType", language);
            return;
        }
        if (!IsFeedName(feed))
        {
            await Problem(http, StatusCodes.Status400BadRequest, "intake.feed", language);
            return;
        }
        if (door.Feed(feed) is not { } sender)
        {
            await Problem(http, StatusCodes.Status400BadRequest, "intake.feed.unknownMap", language);
            return;
        }
        if (backlog.Closed)
            throw new DoorClosedException("The Register is too far behind.");

        var (_, read, fault) = await Read(http.Request, sender, lines, 0, MaxEvents, "intake.tooMany", cancel);
        if (fault is not null)
        {
            await Refuse(http, sender, [new Refusal(null, [fault])], language, cancel);
            return;
        }

        var receipts = await CommitEvents(read, sender, language, cancel);
        http.Response.ContentType = "application/json; charset=utf-8";
        JsonSerializer.Serialize(Writer(http), Batch(receipts), IntakeJson.Strict.BatchAnswer);
        await http.Response.BodyWriter.FlushAsync(cancel);
    }

    async Task<Receipt[]> CommitEvents(List<CheckedItem> read, Sender sender, string language, CancellationToken cancel)
    {
        // The same event twice in one request: the later ones are asked about after the first is settled.
        var first = read.Where(item => item.Record is not null).DistinctBy(item => item.Record!.RecordId).ToList();
        var committed = await queue.Commit(new Submission(
            sender.Name, [.. first.Select(item => item.Record!)],
            [.. read.Where(item => item.Refusal is not null).Select(item => item.Refusal!)], allOrNone: false), cancel);
        var byId = new Dictionary<Guid, Receipt>(first.Count);
        for (var i = 0; i < first.Count; i++)
            byId[first[i].Record!.RecordId] = committed[i];

        var answered = new HashSet<Guid>();
        var repeats = read.Where(item => item.Record is { } record && !answered.Add(record.RecordId)).ToList();
        var repeated = new Queue<Receipt>(repeats.Count == 0 ? [] : await queue.Commit(
            new Submission(sender.Name, [.. repeats.Select(item => item.Record!)], [], allOrNone: false), cancel));

        answered.Clear();
        return [.. read.Select(item => item switch
        {
            { Refusal: { } refusal } => new Receipt
            {
                EventId = refusal.SentAs, Outcome = Outcome.Rejected, Faults = words.Of(refusal.Faults, language),
            },
            { Record: { } record } when answered.Add(record.RecordId) => Worded(byId[record.RecordId], language),
            _ => Worded(repeated.Dequeue(), language),
        })];
    }

    Receipt Worded(Receipt receipt, string language) =>
        receipt.Faults is { } faults ? receipt with { Faults = words.Of(faults, language) } : receipt;

    internal static BatchAnswer Batch(Receipt[] receipts) => new()
    {
        Accepted = receipts.Count(receipt => receipt.Outcome == Outcome.Accepted),
        Duplicate = receipts.Count(receipt => receipt.Outcome == Outcome.Duplicate),
        Conflict = receipts.Count(receipt => receipt.Outcome == Outcome.Conflict),
        Rejected = receipts.Count(receipt => receipt.Outcome == Outcome.Rejected),
        Results = receipts,
    };

    /// <summary>The record as reported, its receipt, its standing and its history.</summary>
    async Task<IResult> Find(Guid recordId, HttpContext http, CancellationToken cancel)
    {
        if (await store.FindLine(recordId, cancel) is not { } line)
            return Results.Problem(statusCode: StatusCodes.Status404NotFound, title: words.Get("intake.notFound", Words.Language(http)));
        var key = (await store.FindKeys([recordId], cancel))[recordId];
        var reported = JsonNode.Parse(line.Span)!.AsObject();
        if (reported.Remove("sealed", out var sealedText) && key.DataKey is { } wrapped)
            foreach (var (name, value) in Members(wrapped, sealedText!.GetValue<string>()))
                reported[name] = value?.DeepClone();
        var (standing, history) = await store.FindStanding(recordId, cancel);
        return Results.Ok(new JsonObject
        {
            ["record"] = reported,
            ["receipt"] = JsonSerializer.SerializeToNode(new Receipt
            {
                RecordId = recordId, EventId = (string?)reported["eventId"], Sequence = key.Sequence,
                Sha256 = Convert.ToHexStringLower(key.Digest), ReceivedAt = key.ReceivedAt, Outcome = Outcome.Accepted,
            }, IntakeJson.Strict.Receipt),
            ["erased"] = key.DataKey is null,
            ["standing"] = standing is null ? null : Camel(JsonNode.Parse(standing)!),
            ["history"] = Camel(JsonNode.Parse(history)!),
        });
    }

    JsonObject Members(byte[] wrapped, string sealedText) => JsonSerializer.SerializeToNode(
        Seal.OpenMembers(seal.Unwrap(wrapped), Convert.FromBase64String(sealedText)), TrafficJson.Plain.SealedMembers)!.AsObject();

    /// <summary>Column names as JSON members.</summary>
    static JsonNode? Camel(JsonNode? node) => node switch
    {
        JsonObject columns => new JsonObject(columns.Select(one => KeyValuePair.Create(
            JsonNamingPolicy.CamelCase.ConvertName(string.Concat(one.Key.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]))),
            one.Value?.DeepClone()))),
        JsonArray rows => new JsonArray([.. rows.Select(Camel)]),
        _ => node,
    };

    async Task Refuse(
        HttpContext http, Sender sender, List<Refusal> refusals, string language, CancellationToken cancel, List<CheckedItem>? read = null)
    {
        await queue.Commit(new Submission(sender.Name, [], refusals, allOrNone: false), cancel);
        var named = read is null || read.Count == 1
            ? refusals[0].Faults
            : [.. read.SelectMany((item, i) => (item.Refusal?.Faults ?? []).Select(fault => fault with { Member = fault.Member.Length == 0 ? $"[{i}]" : $"[{i}].{fault.Member}" }))];
        if (named.Count == 0)
            named = refusals[^1].Faults;
        await Results.Problem(words.Refused(named, language, "intake.refused")).ExecuteAsync(http);
    }

    Task Problem(HttpContext http, int status, string word, string language) =>
        Results.Problem(new ProblemDetails { Status = status, Title = words.Get(word, language), Type = $"urn:traffic:{word}" }).ExecuteAsync(http);

    /// <summary>Reads and checks the items of a body: one object (an officer's only), an array, or lines.</summary>
    /// <returns>Whether it was one object; the items; what is wrong with the whole, null if nothing.</returns>
    async Task<(bool One, List<CheckedItem> Items, Fault? Fault)> Read(
        HttpRequest request, Sender sender, bool lines, int least, int most, string wrongCount, CancellationToken cancel)
    {
        var body = await JsonBody.ReadAll(request.BodyReader, cancel);
        try
        {
            var one = !sender.IsFeed && IsObject(body);
            var items = one ? [body] : lines ? Door.Lines(body, most) : Door.ArrayItems(body, most);
            return items.Count < least || items.Count > most
                ? (one, [], new Fault("", wrongCount))
                : (one, await Settle(items.ConvertAll(item => door.Check(item, sender)), cancel), null);
        }
        catch (JsonException broken)
        {
            return (false, [], MemberByMember.Broken(broken));
        }
        finally
        {
            request.BodyReader.AdvanceTo(body.End);
        }
    }

    /// <summary>What only a new record is refused for is forgiven those that are known: each becomes a duplicate, or a conflict.</summary>
    async Task<List<CheckedItem>> Settle(List<CheckedItem> read, CancellationToken cancel)
    {
        var asked = read.Where(item => item is { Record: not null, Refusal: not null }).Select(item => item.Record!.RecordId).ToArray();
        if (asked.Length == 0)
            return read;
        var known = await store.FindKeys(asked, cancel);
        return read.ConvertAll(item => item is not { Record: { } record, Refusal: { } refusal } ? item
            : known.ContainsKey(record.RecordId) ? new CheckedItem(record, null) : new CheckedItem(null, refusal));
    }

    static bool IsObject(ReadOnlySequence<byte> body)
    {
        foreach (var segment in body)
            foreach (var c in segment.Span)
                if (!char.IsWhiteSpace((char)c))
                    return c == '{';
        return false;
    }

    static bool IsOneStop(List<CheckedItem> read) =>
        read[0].Record!.Record.StopId is { } stop
        && read.TrueForAll(item => item.Record!.Record.StopId == stop && item.Record.Record.DivisionCode == read[0].Record!.Record.DivisionCode)
        && read.Max(item => item.Record!.Record.OccurredAt) - read.Min(item => item.Record!.Record.OccurredAt) <= LongestStop
        && read.DistinctBy(item => item.Record!.RecordId).Count() == read.Count;

    internal static bool IsFeedName(string feed) => FeedName().IsMatch(feed) && feed != Sender.Officer.Name;

    [GeneratedRegex("^[a-z0-9][a-z0-9._-]{0,63}\\z")]
    private static partial Regex FeedName();
}
