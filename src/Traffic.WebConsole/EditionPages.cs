using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Traffic.Platform;
using Traffic.WebConsole.Pages;

namespace Traffic.WebConsole;

/// <summary>Bulletins and assessments: the list, one of them, and what a person may do about it.</summary>
sealed class EditionPages(ApiClient api, ConsolePages pages, PdfPrinter printer, Divisions divisions)
{
    const string Editions = "/api/v1/reports/editions";

    public void Map(IEndpointRouteBuilder routes)
    {
        var bulletins = routes.MapGroup("/bulletins").ExcludeFromDescription();
        bulletins.MapGet("/", (HttpContext http, CancellationToken cancel) => pages.Show(http, reader => List(reader, cancel)));
        bulletins.MapGet("/{edition}", (string edition, HttpContext http, CancellationToken cancel) =>
            pages.Show(http, reader => One(edition, reader, cancel)));
        bulletins.MapGet("/{edition}/pdf", (string edition, HttpContext http, CancellationToken cancel) => pages.Show(http, reader => Pdf(edition, http, reader, cancel)))
            .WithRequestTimeout(TimeSpan.FromSeconds(40));
        routes.MapGet("/ledger", (HttpContext http, CancellationToken cancel) => pages.Show(http, reader => Ledger(http, reader, cancel))).ExcludeFromDescription();
        routes.MapGet("/ledger/{period}/{what}", (string period, string what, HttpContext http, CancellationToken cancel) =>
            pages.Show(http, reader => LedgerItems(period, what, http, reader, cancel))).ExcludeFromDescription();
        bulletins.MapGet("/{edition}/late", (string edition, HttpContext http, CancellationToken cancel) =>
            pages.Show(http, reader => Late(edition, http, reader, cancel)));
        bulletins.MapPost("/{edition}/sign", (string edition, HttpContext http, CancellationToken cancel) => Send(http, edition, "sign", form => new
        {
            signedBy = form["signedBy"].FirstOrDefault(), note = Filled(form, "note"), digest = Filled(form, "digest"),
        }, cancel));
        bulletins.MapPost("/{edition}/restate", (string edition, HttpContext http, CancellationToken cancel) => Send(http, edition, "restate", form => new
        {
            requestedBy = form["requestedBy"].FirstOrDefault(), reason = form["reason"].FirstOrDefault(),
        }, cancel));
        bulletins.MapPost("/{edition}/tasks", (string edition, HttpContext http, CancellationToken cancel) => Send(http, edition, "tasks", form => new
        {
            finding = form["finding"].FirstOrDefault(), owner = form["owner"].FirstOrDefault(), due = form["due"].FirstOrDefault(),
            text = form["text"].FirstOrDefault(), givenBy = form["givenBy"].FirstOrDefault(),
        }, cancel));
        bulletins.MapPost("/{edition}/tasks/{task:guid}/close", (string edition, Guid task, HttpContext http, CancellationToken cancel) =>
            Send(http, edition, $"tasks/{task}/close", form => new { closedBy = form["closedBy"].FirstOrDefault(), note = form["note"].FirstOrDefault() }, cancel));
    }

    async Task<IResult> List(Reader reader, CancellationToken cancel)
    {
        var list = await api.Get<EditionsAnswer>(Editions, reader.Language, cancel);
        return ConsolePages.Page<BulletinsPage>(new() { ["Reader"] = reader, ["Editions"] = list.Editions });
    }

    async Task<IResult> One(string edition, Reader reader, CancellationToken cancel)
    {
        var address = $"{Editions}/{Uri.EscapeDataString(edition)}";
        var model = await api.Get<EditionAnswer>($"{address}?index=false", reader.Language, cancel);
        var listed = (await api.Get<EditionsAnswer>(Editions, reader.Language, cancel)).Editions;
        IReadOnlyList<EntryRowAnswer> entries = model.Restates is null ? [] : (await api.Get<CatalogueAnswer>($"/api/v1/catalogue?on={Reader.Day(model.To)}", reader.Language, cancel)).Entries;
        var tasks = await api.Get<TasksAnswer>($"{address}/tasks", reader.Language, cancel);
        return ConsolePages.Page<BulletinPage>(new()
        {
            ["Reader"] = reader, ["Edition"] = model, ["Listed"] = listed.First(one => one.Edition == edition), ["Tasks"] = tasks.Tasks,
            ["Entries"] = entries.ToDictionary(entry => entry.Id, entry => entry.In(reader.Language)),
            ["Zone"] = TimeZoneInfo.FindSystemTimeZoneById(model.Zone),
        });
    }

    /// <summary>The page as paper has it, by a Chromium of this machine.</summary>
    async Task<IResult> Pdf(string edition, HttpContext http, Reader reader, CancellationToken cancel)
    {
        await api.Get<EditionAnswer>($"{Editions}/{Uri.EscapeDataString(edition)}?index=false", reader.Language, cancel);
        var page = new Uri(new Uri(api.Base()), $"/bulletins/{Uri.EscapeDataString(edition)}?lang={reader.Language}");
        return await printer.Print(page, cancel) is { } pdf ? Results.File(pdf, "application/pdf", $"{edition}-{reader.Language}.pdf")
            : throw new ApiRefusedException(StatusCodes.Status501NotImplemented, reader.T("reporting.export.noPrinter"), []);
    }

    async Task<IResult> Ledger(HttpContext http, Reader reader, CancellationToken cancel)
    {
        var ledger = await api.Get<LedgerReportAnswer>("/api/v1/reports/ledger" + ConsolePages.Kept(http, "from", "to"), reader.Language, cancel);
        return ConsolePages.Page<LedgerPage>(new() { ["Reader"] = reader, ["Ledger"] = ledger });
    }

    async Task<IResult> Late(string edition, HttpContext http, Reader reader, CancellationToken cancel)
    {
        var late = await api.Get<LateListAnswer>(
            $"{Editions}/{Uri.EscapeDataString(edition)}/late{ConsolePages.Kept(http, "division", "figure", "of", "after", "limit")}", reader.Language, cancel);
        return ConsolePages.Page<LatePage>(new() { ["Reader"] = reader, ["List"] = late });
    }

    async Task<IResult> LedgerItems(string period, string what, HttpContext http, Reader reader, CancellationToken cancel)
    {
        var items = await api.Get<LedgerItemsAnswer>(
            $"/api/v1/reports/ledger/{Uri.EscapeDataString(period)}/{Uri.EscapeDataString(what)}{ConsolePages.Kept(http, "asOf", "sender", "after", "limit")}",
            reader.Language, cancel);
        return ConsolePages.Page<LedgerItemsPage>(new() { ["Reader"] = reader, ["Items"] = items, ["Zone"] = divisions.Zone(null, divisions.Roots[0].Code) });
    }

    /// <summary>Passes on what a form of ours says, and shows the page again. A form of another site is not listened to.</summary>
    Task<IResult> Send(HttpContext http, string edition, string what, Func<IFormCollection, object> body, CancellationToken cancel) => pages.Show(http, async reader =>
    {
        if (!SameOrigin(http.Request))
            throw new ApiRefusedException(StatusCodes.Status403Forbidden, reader.T("console.foreign"), []);
        if (!http.Request.HasFormContentType)
            throw new ApiRefusedException(StatusCodes.Status415UnsupportedMediaType, reader.T("console.foreign"), []);
        var form = await http.Request.ReadFormAsync(cancel);
        // A task is closed by its own id, whichever edition gave it.
        var address = what.EndsWith("/close", StringComparison.Ordinal) ? $"{Editions}/{what}" : $"{Editions}/{Uri.EscapeDataString(edition)}/{what}";
        await api.Post<System.Text.Json.Nodes.JsonNode>(address, body(form), reader.Language, cancel);
        return Results.Redirect(what == "restate" ? "/bulletins" : $"/bulletins/{Uri.EscapeDataString(edition)}");
    });

    static string? Filled(IFormCollection form, string name) => form[name].FirstOrDefault() is { Length: > 0 } text ? text : null;

    /// <summary>The browser says that the form stood on a page of this very site; one that says nothing is not believed.</summary>
    static bool SameOrigin(HttpRequest request) => request.Headers.Origin.FirstOrDefault() is { } origin
        ? Uri.TryCreate(origin, UriKind.Absolute, out var from) && from.Authority == request.Host.Value
        : request.Headers["Sec-Fetch-Site"].FirstOrDefault() == "same-origin";
}
