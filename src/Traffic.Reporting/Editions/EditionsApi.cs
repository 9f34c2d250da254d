using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Traffic.Platform;
using Traffic.Reporting.Exports;

namespace Traffic.Reporting.Editions;

/// <summary>A draft to be made.</summary>
sealed record NewDraft(string? Kind, string? Period, string? Division);

/// <summary>Who signs.</summary>
/// <param name="Digest">Of the edition as the signer saw it; refused where it is another. May be left out.</param>
sealed record NewSignature(string? SignedBy, string? Note, string? Digest);

/// <summary>Who wants a period restated, and why.</summary>
sealed record NewRestatement(string? RequestedBy, string? Reason);

/// <summary>Who does what about a finding, by when.</summary>
sealed record NewTask(Guid? TaskId, string? Finding, string? Owner, string? Due, string? Text, string? GivenBy);

/// <summary>Who closes a task, and what was done.</summary>
sealed record NewClosing(string? ClosedBy, string? Note);

/// <summary>An edition in a list.</summary>
/// <param name="Digest">SHA-256 of its bytes: what is, or was, signed.</param>
sealed record EditionListed(
    string Edition, string Kind, string Division, Title DivisionTitle, string Period, int Number, DateOnly From, DateOnly To, long AsOf,
    DateTimeOffset FrozenAt, string Digest, string? Restates, bool Newest, string? SignedBy, DateTimeOffset? SignedAt, string? Note);

/// <summary>Bulletins and assessments: listed, drafted, signed, restated; their records; what follows from them.</summary>
sealed class EditionsApi(EditionStore store, EditionMaker maker, Divisions divisions, Titles titles, Words words, TimeProvider clock,
    ExportTables tables, ExportFiles files)
{
    const int LongestText = 500;

    /// <summary>Over a million records an edition takes seconds: more than other requests may.</summary>
    static readonly TimeSpan MakingTime = TimeSpan.FromSeconds(10);

    public void Map(IEndpointRouteBuilder routes)
    {
        var editions = routes.MapGroup("/api/v1/reports/editions").WithTags("Editions");
        editions.MapGet("/", List).Produces<IReadOnlyList<EditionListed>>();
        editions.MapPost("/", (Delegate)Draft).Accepts<NewDraft>("application/json").Produces<EditionListed>(201).Produces<EditionListed>().ProducesProblem(400).ProducesProblem(409).WithRequestTimeout(MakingTime);
        editions.MapGet("/{edition}", Find).Produces<EditionModel>().ProducesProblem(404);
        editions.MapGet("/{edition}/records", Records).ProducesProblem(404).WithRequestTimeout(TimeSpan.FromSeconds(40));
        editions.MapGet($"/{{edition}}/figures.{ExportFiles.Formats}", Figures).ProducesProblem(404).ProducesProblem(501).WithRequestTimeout(TimeSpan.FromSeconds(40));
        editions.MapPost("/{edition}/sign", (Delegate)Sign).Accepts<NewSignature>("application/json").Produces<EditionListed>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
        editions.MapPost("/{edition}/restate", (Delegate)Restate).Accepts<NewRestatement>("application/json").Produces<EditionListed>(201).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).WithRequestTimeout(MakingTime);
        editions.MapGet("/{edition}/tasks", Tasks).ProducesProblem(404);
        editions.MapPost("/{edition}/tasks", (Delegate)AddTask).Accepts<NewTask>("application/json").Produces<TaskRow>(201).ProducesProblem(400).ProducesProblem(404);
        editions.MapPost("/tasks/{task:guid}/close", (Delegate)CloseTask).Accepts<NewClosing>("application/json").Produces<TaskRow>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
    }

    async Task<IResult> List(CancellationToken cancel)
    {
        var all = await store.All(cancel);
        var seen = new HashSet<(string, string, string)>();
        return Results.Ok(new { editions = all.Select(row => Listed(row, newest: seen.Add((row.Kind, row.Division, row.Period)))).ToList() });
    }

    EditionListed Listed(EditionRow row, bool newest) => new(
        row.Edition, row.Kind, row.Division, titles.Division(row.Division, null), row.Period, row.Number, row.FromDay, row.ToDay, row.AsOf,
        Instant(row.FrozenAt), Convert.ToHexStringLower(row.Digest), row.Restates, newest, row.SignedBy, row.SignedAt is { } at ? Instant(at) : null, row.Note);

    static DateTimeOffset Instant(DateTime utc) => new(DateTime.SpecifyKind(utc, DateTimeKind.Utc));

    async Task<IResult> Draft(HttpContext http, CancellationToken cancel)
    {
        var language = Words.Language(http);
        var (draft, unread) = await JsonBody.Read<NewDraft>(http.Request, words, "reporting.body", null, cancel);
        if (draft is null)
            return unread!;
        var division = draft.Division ?? divisions.Roots[0].Code;
        var period = EditionPeriod.Parse(draft.Kind ?? "", draft.Period ?? "");
        var faults = new Dictionary<string, string[]>();
        if (!EditionPeriod.Kinds.Contains(draft.Kind))
            faults["kind"] = [words.Get("reporting.value", language, string.Join(", ", EditionPeriod.Kinds))];
        else if (period is null)
            faults["period"] = [words.Get("reporting.edition.period", language)];
        if (divisions.Find(null, division) is null)
            faults["division"] = [words.Get("reporting.division", language)];
        if (faults.Count > 0)
            return Refused(faults, language);
        try
        {
            var (row, isNew) = await maker.Make(period!, division, cancel);
            var listed = Listed(row, newest: true);
            return isNew ? Results.Created($"/api/v1/reports/editions/{row.Edition}", listed) : Results.Ok(listed);
        }
        catch (PeriodNotOverException early)
        {
            return Problem(StatusCodes.Status409Conflict, "urn:traffic:period-not-over", "reporting.edition.notOver", language,
                period!.Name, TimeZoneInfo.ConvertTime(early.Ends, maker.Zone(division)).ToString("yyyy-MM-dd HH:mm zzz", CultureInfo.InvariantCulture));
        }
    }

    /// <summary>The frozen bytes, then the index of their leaves and their seal: what <c>traffic verify</c> wants. Always the same bytes.</summary>
    /// <param name="index">False: the frozen bytes alone. Their SHA-256 is the edition's digest.</param>
    async Task<IResult> Find(string edition, HttpContext http, CancellationToken cancel, bool index = true)
    {
        if (!index)
            return await store.Model(edition, cancel) is { } alone ? Results.Bytes(alone, "application/json; charset=utf-8") : NotFound(http);
        if (await store.Bytes(edition, cancel) is not var (model, leaves))
            return NotFound(http);
        var file = EditionSeal.File(model, leaves, JsonSerializer.Deserialize<EditionModel>(model, EditionModel.Json)!.Format);
        return Results.Bytes(file.GetBuffer().AsMemory(0, (int)file.Length), "application/json; charset=utf-8");
    }

    /// <summary>Every counted record as its leaf holds it, in the order of the tree: a CSV with the columns of the leaf.</summary>
    async Task Records(string edition, HttpContext http, CancellationToken cancel)
    {
        if (await store.Find(edition, cancel) is not { } row || await store.Model(edition, cancel) is not { } bytes)
        {
            await NotFound(http).ExecuteAsync(http);
            return;
        }
        var model = JsonSerializer.Deserialize<EditionModel>(bytes, EditionModel.Json)!;
        http.Response.ContentType = "text/csv; charset=utf-8";
        http.Response.Headers.ContentDisposition = $"attachment; filename=\"{edition}.csv\"";
        var body = http.Response.BodyWriter;
        Write(EditionExport.Head(model, Convert.ToHexStringLower(row.Digest)));
        var since = model.Previous is { } before ? await LateSinceOf(before, model.From, cancel) : null;
        await store.At(row.AsOf, async snapshot =>
        {
            await snapshot.Leaves(
                new LeafQuestion(model.Format, model.Windows, model.Tree[model.Division], since) { Origins = model.Definitions.Origins ?? [] }, ordered: true, (line, _, _, _, _) => EditionExport.Line(body, line),
                async () => await body.FlushAsync(cancel));
            return true;
        }, cancel);
        await body.FlushAsync(cancel);

        void Write(string text) => body.Write(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Its figures as a file, with its root.</summary>
    async Task<IResult> Figures(string edition, string format, HttpContext http, CancellationToken cancel) =>
        await store.Model(edition, cancel) is not { } bytes ? NotFound(http) : await files.Of(
            tables.Of(JsonSerializer.Deserialize<EditionModel>(bytes, EditionModel.Json)!, Words.Language(http)), format, Words.Language(http), cancel);

    async Task<LateSince?> LateSinceOf(EditionRef before, DateOnly from, CancellationToken cancel) =>
        await store.Find(before.Edition, cancel) is { } row
            ? new LateSince(before.AsOf, DateTime.SpecifyKind(row.UnregisteredSince, DateTimeKind.Utc), from) : null;

    async Task<IResult> Sign(string edition, HttpContext http, CancellationToken cancel)
    {
        var language = Words.Language(http);
        var (signature, unread) = await JsonBody.Read<NewSignature>(http.Request, words, "reporting.body", null, cancel);
        if (signature is null)
            return unread!;
        if (await store.Find(edition, cancel) is not { } row)
            return NotFound(http);
        if (Faults(language, ("signedBy", signature.SignedBy, true), ("note", signature.Note, false)) is { } faults)
            return Refused(faults, language);
        if ((await store.Latest(row.Kind, row.Division, row.Period, cancel))!.Edition != edition)
            return Problem(StatusCodes.Status409Conflict, "urn:traffic:edition-restated", "reporting.edition.restated", language);
        if (signature.Digest is { } seen && !seen.Trim().Equals(Convert.ToHexStringLower(row.Digest), StringComparison.OrdinalIgnoreCase))
            return Problem(StatusCodes.Status409Conflict, "urn:traffic:edition-differs", "reporting.edition.differs", language, Convert.ToHexStringLower(row.Digest));
        await store.Sign(edition, row.Digest, signature.SignedBy!.Trim(), signature.Note, clock.GetUtcNow(), cancel);
        row = (await store.Find(edition, cancel))!;
        // Sent again without a note it says nothing else.
        return row.SignedBy != signature.SignedBy.Trim() ? Problem(StatusCodes.Status409Conflict, "urn:traffic:edition-signed", "reporting.edition.signed", language, row.SignedBy!)
            : signature.Note is { } note && note != row.Note ? Problem(StatusCodes.Status409Conflict, "urn:traffic:edition-signed", "reporting.edition.signed.note", language, row.SignedBy)
            : Results.Ok(Listed(row, newest: true));
    }

    async Task<IResult> Restate(string edition, HttpContext http, CancellationToken cancel)
    {
        var language = Words.Language(http);
        var (asked, unread) = await JsonBody.Read<NewRestatement>(http.Request, words, "reporting.body", null, cancel);
        if (asked is null)
            return unread!;
        if (await store.Find(edition, cancel) is not { } row)
            return NotFound(http);
        if (Faults(language, ("requestedBy", asked.RequestedBy, true), ("reason", asked.Reason, true)) is { } faults)
            return Refused(faults, language);
        try
        {
            var (made, _) = await maker.Restate(row, asked.RequestedBy!.Trim(), asked.Reason!.Trim(), cancel);
            return Results.Created($"/api/v1/reports/editions/{made.Edition}", Listed(made, newest: true));
        }
        catch (NothingToRestateException)
        {
            return Problem(StatusCodes.Status409Conflict, "urn:traffic:nothing-to-restate", "reporting.edition.nothing", language);
        }
    }

    async Task<IResult> Tasks(string edition, HttpContext http, CancellationToken cancel) =>
        await store.Find(edition, cancel) is null ? NotFound(http) : Results.Ok(new { tasks = await store.TasksOf(edition, cancel) });

    async Task<IResult> AddTask(string edition, HttpContext http, CancellationToken cancel)
    {
        var language = Words.Language(http);
        var (task, unread) = await JsonBody.Read<NewTask>(http.Request, words, "reporting.body", null, cancel);
        if (task is null)
            return unread!;
        if (await store.Model(edition, cancel) is not { } bytes)
            return NotFound(http);
        var model = JsonSerializer.Deserialize<EditionModel>(bytes, EditionModel.Json)!;
        var faults = Faults(language, ("owner", task.Owner, true), ("text", task.Text, true), ("givenBy", task.GivenBy, true)) ?? [];
        if (!DateOnly.TryParseExact(task.Due, "yyyy-MM-dd", CultureInfo.InvariantCulture, default, out var due))
            faults["due"] = [words.Get("reporting.day", language)];
        else if (due <= model.To)
            faults["due"] = [words.Get("reporting.task.due", language)];
        if (!model.Findings.Any(finding => finding.Id == task.Finding))
            faults["finding"] = [words.Get("reporting.task.finding", language)];
        if (task.TaskId == Guid.Empty)
            faults["taskId"] = [words.Get("reporting.task.id", language)];
        if (faults.Count > 0)
            return Refused(faults, language);
        var row = new TaskRow(
            task.TaskId ?? Guid.CreateVersion7(clock.GetUtcNow()), edition, task.Finding!, task.Owner!.Trim(), due, task.Text!.Trim(), task.GivenBy!.Trim(),
            clock.GetUtcNow().UtcDateTime, null, null, null);
        await store.Add(row, cancel);
        var stored = (await store.FindTask(row.TaskId, cancel))!;
        return (stored.Edition, stored.Finding, stored.Owner, stored.Due, stored.Text) == (row.Edition, row.Finding, row.Owner, row.Due, row.Text)
            ? Results.Created($"/api/v1/reports/editions/{edition}/tasks", stored)
            : Problem(StatusCodes.Status409Conflict, "urn:traffic:task-id-taken", "reporting.task.id", language);
    }

    async Task<IResult> CloseTask(Guid task, HttpContext http, CancellationToken cancel)
    {
        var language = Words.Language(http);
        var (closing, unread) = await JsonBody.Read<NewClosing>(http.Request, words, "reporting.body", null, cancel);
        if (closing is null)
            return unread!;
        if (await store.FindTask(task, cancel) is null)
            return NotFound(http);
        if (Faults(language, ("closedBy", closing.ClosedBy, true), ("note", closing.Note, true)) is { } faults)
            return Refused(faults, language);
        await store.Close(task, closing.ClosedBy!.Trim(), closing.Note!.Trim(), clock.GetUtcNow(), cancel);
        var row = (await store.FindTask(task, cancel))!;
        return row.ClosedBy == closing.ClosedBy.Trim() && row.ClosingNote == closing.Note.Trim() ? Results.Ok(row)
            : Problem(StatusCodes.Status409Conflict, "urn:traffic:task-closed", "reporting.task.closed", language, row.ClosedBy!);
    }

    Dictionary<string, string[]>? Faults(string language, params (string Name, string? Value, bool Required)[] members)
    {
        var faults = members.Where(one => one.Required || one.Value is not null).Where(one => !PlainText.IsWords(one.Value, LongestText))
            .ToDictionary(one => one.Name, one => new[] { words.Get("reporting.text", language, LongestText) });
        return faults.Count > 0 ? faults : null;
    }

    IResult NotFound(HttpContext http) =>
        Problem(StatusCodes.Status404NotFound, "urn:traffic:not-found", "reporting.edition.none", Words.Language(http));

    IResult Refused(Dictionary<string, string[]> faults, string language) => Bodies.Refused(faults, words, language);

    IResult Problem(int status, string type, string word, string language, params object[] values) =>
        Results.Problem(statusCode: status, type: type, title: words.Get(word, language, values));
}
