using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Traffic.Catalogue;
using Traffic.Platform;

namespace Traffic.Register;

/// <summary>Files laid over those of the version in force, or (<c>whole</c>) instead of all of them. Both members are required.</summary>
sealed record NewFile(string? Name = null, string? Text = null);

/// <param name="Files">Required.</param>
sealed record NewPreview(IReadOnlyList<NewFile?>? Files = null, bool Whole = false);

/// <summary>The files of a preview, or files sent with it.</summary>
sealed record NewRelease(
    Guid? PreviewId = null, IReadOnlyList<NewFile?>? Files = null, string? By = null, string? SecondPerson = null, string? Reason = null,
    DateOnly? Effective = null, bool Whole = false, bool Retroactive = false);

/// <param name="Version">Required.</param>
sealed record NewUndo(string? Version = null, string? By = null, string? SecondPerson = null, string? Reason = null);

/// <summary>Tries, releases and undoes versions of the catalogue.</summary>
sealed class CatalogueChangesApi(
    CatalogueReleases releases, CataloguePreviews previews, CatalogueTasks queue, CatalogueVersions versions, Words words)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        var catalogue = routes.MapGroup("/api/v1/catalogue").WithTags("Catalogue");
        catalogue.MapGet("/versions", async (CancellationToken cancel) => Results.Ok(new { versions = await versions.Versions(null, whole: false, cancel) }))
            .Produces<IReadOnlyList<VersionAnswer>>();
        catalogue.MapGet("/versions/{id:int}", async (int id, HttpContext http, CancellationToken cancel) => One(await versions.Versions(id, whole: true, cancel), "unknownVersion", id, http))
            .Produces<VersionAnswer>().ProducesProblem(404);
        catalogue.MapGet("/previews", async (CancellationToken cancel) => Results.Ok(new { previews = await versions.Previews(null, whole: false, cancel) }));
        catalogue.MapGet("/previews/{id:guid}", async (Guid id, HttpContext http, CancellationToken cancel) => One(await versions.Previews(id, whole: true, cancel), "unknownPreview", id, http))
            .Produces<PreviewAnswer>().ProducesProblem(404);
        catalogue.MapPost("/previews", Preview).Accepts<NewPreview>("application/json").Produces<PreviewAnswer>(202).ProducesProblem(400);
        catalogue.MapPost("/releases", Release).Accepts<NewRelease>("application/json").Produces<VersionAnswer>(202)
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(409).ProducesProblem(503);
        catalogue.MapPost("/undo", Undo).Accepts<NewUndo>("application/json").Produces<VersionAnswer>(202)
            .ProducesProblem(400).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(503);
    }

    IResult One<T>(List<T> found, string unknown, object id, HttpContext http) => found is [var one] ? Results.Ok(one)
        : Results.Problem(statusCode: StatusCodes.Status404NotFound, title: words.Get($"register.catalogue.{unknown}", Words.Language(http), id));

    /// <summary>202: it is being counted; its address tells how far it is and then what it came to.</summary>
    Task<IResult> Preview(HttpRequest request, CancellationToken cancel) => Answer<NewPreview>(request, FaultsOfPreview, async sent =>
    {
        var changed = await releases.Read(Files(sent.Files!), sent.Whole, cancel);
        var id = await previews.Begin(changed, cancel);
        if (!queue.Add(id, changed))
            throw new CatalogueRefusedException(StatusCodes.Status503ServiceUnavailable, "busy");
        return Results.Accepted($"/api/v1/catalogue/previews/{id}", (await versions.Previews(id, whole: true, cancel))[0]);
    }, cancel);

    /// <summary>202: it is in force; what was decided before is being decided again.</summary>
    Task<IResult> Release(HttpRequest request, CancellationToken cancel) => Answer<NewRelease>(request, sent => Faults(sent.Files), async sent =>
    {
        var (files, whole) = (Files(sent.Files ?? []), sent.Whole);
        if (sent.PreviewId is { } preview)
        {
            (files, whole) = (await previews.Files(preview, cancel), true);
            if (files.Count == 0)
                throw new CatalogueRefusedException(StatusCodes.Status404NotFound, "unknownPreview", preview);
        }
        var id = await releases.Release(
            await releases.Read(files, whole, cancel), new ReleaseOrder(sent.By ?? "", sent.SecondPerson ?? "", sent.Reason ?? "", sent.Effective, sent.Retroactive), cancel);
        return await Accepted(id, cancel);
    }, cancel);

    Task<IResult> Undo(HttpRequest request, CancellationToken cancel) => Answer<NewUndo>(
        request, sent => Missing(("version", sent.Version)), async sent => await Accepted(await releases.Undo(
            sent.Version!, new ReleaseOrder(sent.By ?? "", sent.SecondPerson ?? "", sent.Reason ?? "", null, false), cancel), cancel), cancel);

    async Task<IResult> Accepted(int id, CancellationToken cancel)
    {
        queue.Released();
        return Results.Accepted($"/api/v1/catalogue/versions/{id}", (await versions.Versions(id, whole: true, cancel))[0]);
    }

    static List<CatalogueFile> Files(IReadOnlyList<NewFile?> sent) =>
        [.. sent.Select(file => new CatalogueFile(file!.Name!, Encoding.UTF8.GetBytes(file.Text!)))];

    static IEnumerable<Fault> FaultsOfPreview(NewPreview sent) => Missing(("files", sent.Files)).Concat(Faults(sent.Files));

    static IEnumerable<Fault> Faults(IReadOnlyList<NewFile?>? files) =>
        (files ?? []).SelectMany((file, i) => Missing(($"files[{i}].name", file?.Name), ($"files[{i}].text", file?.Text)));

    static IEnumerable<Fault> Missing(params IEnumerable<(string Member, object? Value)> members) =>
        members.Where(one => one.Value is null).Select(one => new Fault(one.Member, "body.missing"));

    async Task<IResult> Answer<T>(
        HttpRequest request, Func<T, IEnumerable<Fault>> rules, Func<T, Task<IResult>> answer, CancellationToken cancel) where T : class
    {
        var language = Words.Language(request.HttpContext);
        var (sent, unread) = await JsonBody.Read(request, words, "register.catalogue.unreadable", rules, cancel);
        if (sent is null)
            return unread!;
        try
        {
            return await answer(sent);
        }
        catch (CatalogueRefusedException refused) { return Refused(refused, language); }
        catch (CatalogueException invalid)
        {
            return Results.Problem(new ProblemDetails
            {
                Status = StatusCodes.Status400BadRequest, Type = "urn:traffic:catalogue-refused", Title = words.Get("register.catalogue.invalid", language),
                Detail = string.Join('\n', invalid.All.Select(fault => fault.Message)),
                Extensions =
                {
                    ["code"] = "invalid", ["file"] = invalid.File, ["line"] = invalid.Line, ["reason"] = invalid.Reason,
                    ["faults"] = invalid.All.Select(fault => new { fault.File, fault.Line, fault.Reason }),
                },
            });
        }
    }

    IResult Refused(CatalogueRefusedException refused, string language) => Results.Problem(new ProblemDetails
    {
        Status = refused.Status, Type = "urn:traffic:catalogue-refused", Extensions = { ["code"] = refused.Code },
        Title = words.Get($"register.catalogue.{refused.Code}", language, [.. refused.Values.Select(CatalogueWords.Shown)]),
    });
}

static class CatalogueWords
{
    /// <summary>A value as it stands in a sentence.</summary>
    public static object? Shown(object? value) => value is DateOnly day
        ? day == DateOnly.MinValue ? "…" : day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture) : value ?? "–";
}
