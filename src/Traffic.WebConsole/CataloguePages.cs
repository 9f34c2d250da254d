using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Traffic.Platform;
using Traffic.WebConsole.Pages;

namespace Traffic.WebConsole;

/// <summary>The pages of the law: to look it up, to see what was changed, and the forms that try, release and undo a version.</summary>
sealed partial class CataloguePages(ApiClient api, Divisions divisions, ConsolePages console)
{
    const string Api = "/api/v1/catalogue";

    public void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("/catalogue").ExcludeFromDescription();
        pages.MapGet("/", (HttpContext http, CancellationToken cancel) => console.Show(http, reader => Search(http, reader, cancel)));
        pages.MapGet("/versions", (HttpContext http, CancellationToken cancel) => console.Show(http, reader => Versions(reader, cancel)));
        pages.MapGet("/versions/{id:int}", (int id, HttpContext http, CancellationToken cancel) => console.Show(http, reader => Version(id, http, reader, cancel)));
        pages.MapGet("/previews/{id:guid}", (Guid id, HttpContext http, CancellationToken cancel) => console.Show(http, reader => Preview(id, http, reader, cancel)));
        pages.MapGet("/{entry}", (string entry, HttpContext http, CancellationToken cancel) => console.Show(http, reader => Entry(entry, http, reader, cancel)));
        pages.MapPost("/previews", (HttpContext http, CancellationToken cancel) => Post(http, reader => StartPreview(http, reader, cancel)));
        pages.MapPost("/releases", (HttpContext http, CancellationToken cancel) => Post(http, reader => Release(http, reader, cancel)));
        pages.MapPost("/undo", (HttpContext http, CancellationToken cancel) => Post(http, reader => Undo(http, reader, cancel)));
    }

    async Task<IResult> Search(HttpContext http, Reader reader, CancellationToken cancel) => ConsolePages.Page<CataloguePage>(new()
    {
        ["Reader"] = reader, ["Book"] = await api.Get<CatalogueAnswer>(Api + ConsolePages.Kept(http, "on", "q", "family", "item"), reader.Language, cancel),
        ["Asked"] = http.Request.Query["q"].FirstOrDefault() ?? "", ["Family"] = http.Request.Query["family"].FirstOrDefault() ?? "",
        ["Item"] = http.Request.Query["item"].FirstOrDefault() ?? "",
    });

    async Task<IResult> Entry(string entry, HttpContext http, Reader reader, CancellationToken cancel) => ConsolePages.Page<EntryPage>(new()
    {
        ["Reader"] = reader,
        ["Book"] = await api.Get<EntryPageAnswer>($"{Api}/{Uri.EscapeDataString(entry)}{ConsolePages.Kept(http, "on")}", reader.Language, cancel),
    });

    async Task<IResult> Versions(Reader reader, CancellationToken cancel) => ConsolePages.Page<VersionsPage>(new()
    {
        ["Reader"] = reader, ["Zone"] = divisions.Zone(null, ""),
        ["Versions"] = (await api.Get<VersionsAnswer>($"{Api}/versions", reader.Language, cancel)).Versions,
        ["Previews"] = (await api.Get<PreviewsAnswer>($"{Api}/previews", reader.Language, cancel)).Previews,
    });

    async Task<IResult> Version(int id, HttpContext http, Reader reader, CancellationToken cancel)
    {
        var version = await api.Get<VersionRowAnswer>($"{Api}/versions/{id}", reader.Language, cancel);
        Again(http, version.State != "done");
        return ConsolePages.Page<VersionPage>(new() { ["Reader"] = reader, ["Version"] = version, ["Zone"] = divisions.Zone(null, ""), ["Divisions"] = divisions, ["Titles"] = await Titles(reader, cancel) });
    }

    /// <summary>What entries, families and tags are called, by id: as the newest edition that has them says.</summary>
    async Task<IReadOnlyDictionary<string, string>> Titles(Reader reader, CancellationToken cancel)
    {
        var (titles, newest) = (new Dictionary<string, string>(), await api.Get<CatalogueAnswer>(Api, reader.Language, cancel));
        var books = new List<CatalogueAnswer> { newest };
        foreach (var day in newest.Editions.Where(day => day != newest.Edition?.From).OrderDescending())
            books.Add(await api.Get<CatalogueAnswer>($"{Api}?on={Reader.Day(day)}", reader.Language, cancel));
        foreach (var book in books)
        {
            foreach (var entry in book.Entries)
                titles.TryAdd(entry.Id, entry.In(reader.Language));
            foreach (var named in book.Tags.Concat(book.Families))
                titles.TryAdd(named.Id, named.In(reader.Language));
        }
        return titles;
    }

    async Task<IResult> Preview(Guid id, HttpContext http, Reader reader, CancellationToken cancel)
    {
        var preview = await api.Get<PreviewRowAnswer>($"{Api}/previews/{id}", reader.Language, cancel);
        var lines = preview.Moved is null ? [] : (await api.Get<ChangedLinesAnswer>($"/api/v1/reports/targets/changes?preview={id}", reader.Language, cancel)).Lines;
        Again(http, preview.State == "running");
        return ConsolePages.Page<PreviewPage>(new()
        {
            ["Reader"] = reader, ["Preview"] = preview, ["Lines"] = lines, ["Zone"] = divisions.Zone(null, ""), ["Divisions"] = divisions,
            ["Titles"] = await Titles(reader, cancel),
        });
    }

    /// <summary>What is still counting is looked at again, without a script.</summary>
    static void Again(HttpContext http, bool running)
    {
        if (running)
            http.Response.Headers["Refresh"] = "2";
    }

    async Task<IResult> StartPreview(HttpContext http, Reader reader, CancellationToken cancel)
    {
        var form = await http.Request.ReadFormAsync(cancel);
        var files = new List<object>();
        foreach (var file in form.Files)
        {
            using var text = new StreamReader(file.OpenReadStream(), Encoding.UTF8);
            // A browser sends the name alone: a rule of the overlays says in which folder it lies.
            var name = form["folder"].FirstOrDefault() is { Length: > 0 } folder && FolderName().IsMatch(folder) ? $"{folder}/{Path.GetFileName(file.FileName)}" : Path.GetFileName(file.FileName);
            files.Add(new { name, text = await text.ReadToEndAsync(cancel) });
        }
        var begun = await api.Post<PreviewRowAnswer>($"{Api}/previews", new { files, whole = false }, reader.Language, cancel);
        return See($"/catalogue/previews/{begun.PreviewId}");
    }

    async Task<IResult> Release(HttpContext http, Reader reader, CancellationToken cancel)
    {
        var form = await http.Request.ReadFormAsync(cancel);
        var released = await api.Post<VersionRowAnswer>($"{Api}/releases", new
        {
            previewId = form["previewId"].FirstOrDefault(), by = form["by"].FirstOrDefault(), secondPerson = form["secondPerson"].FirstOrDefault(),
            reason = form["reason"].FirstOrDefault(), retroactive = form["retroactive"].FirstOrDefault() == "on",
        }, reader.Language, cancel);
        return See($"/catalogue/versions/{released.Id}");
    }

    async Task<IResult> Undo(HttpContext http, Reader reader, CancellationToken cancel)
    {
        var form = await http.Request.ReadFormAsync(cancel);
        var undone = await api.Post<VersionRowAnswer>($"{Api}/undo", new
        {
            version = form["version"].FirstOrDefault(), by = form["by"].FirstOrDefault(), secondPerson = form["secondPerson"].FirstOrDefault(),
            reason = form["reason"].FirstOrDefault(),
        }, reader.Language, cancel);
        return See($"/catalogue/versions/{undone.Id}");
    }

    /// <summary>303: the browser goes there with GET, so that loading the page again sends nothing again.</summary>
    static SeeOther See(string address) => new SeeOther(address);

    sealed class SeeOther(string address) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.StatusCode = StatusCodes.Status303SeeOther;
            httpContext.Response.Headers.Location = address;
            return Task.CompletedTask;
        }
    }

    /// <summary>Only a form of our own pages may change anything: another site's cannot forge what its browser says about where it comes from.</summary>
    Task<IResult> Post(HttpContext http, Func<Reader, Task<IResult>> form) => console.Show(http, reader =>
        IsOurs(http.Request) && http.Request.HasFormContentType ? form(reader) : throw new ApiRefusedException(403, reader.T("console.foreignForm"), []));

    internal static bool IsOurs(HttpRequest request) => request.Headers["Sec-Fetch-Site"].FirstOrDefault() is { } site
        ? site == "same-origin"
        : request.Headers.Origin.FirstOrDefault() is { } origin && Uri.TryCreate(origin, UriKind.Absolute, out var from)
            && from.Scheme == request.Scheme && from.Authority == request.Host.Value;

    [GeneratedRegex("^[a-z][a-z0-9-]*\\z")]
    private static partial Regex FolderName();
}
