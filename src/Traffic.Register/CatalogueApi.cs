using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Traffic.Platform;

namespace Traffic.Register;

/// <summary>The law in force on a day, for people: search it, open an entry. Answered from memory.</summary>
sealed class CatalogueApi(RunningCatalogue running, IDatabases databases, Pinyin pinyin, Divisions divisions, Words words, TimeProvider clock)
{
    volatile CatalogueBook? book;
    int bookOf;

    public void Map(IEndpointRouteBuilder routes)
    {
        var catalogue = routes.MapGroup("/api/v1/catalogue").WithTags("Catalogue").ProducesProblem(400);
        catalogue.MapGet("/", Search);
        catalogue.MapGet("/{entry}", Entry).ProducesProblem(404);
    }

    /// <summary>Entries by code, Chinese, English or the first letters of the pinyin, best first, and the campaign's own items.</summary>
    /// <param name="skip">So many of them are passed over.</param>
    /// <param name="take">So many follow at most; all by default.</param>
    async Task<IResult> Search(HttpContext http, string? on, string? q, string? family, string? item, int? skip, int? take, CancellationToken cancel) =>
        Day(on) is not { } day ? Refused(http, "on", "day")
        : skip < 0 ? Refused(http, "skip", "page") : take < 1 ? Refused(http, "take", "page")
        : Results.Bytes((await Book(cancel)).Answer(day, q, family, item, skip ?? 0, take ?? int.MaxValue), "application/json; charset=utf-8");

    /// <summary>One entry with tiers, groups, roads, fines, consequences, statutes and sources.</summary>
    async Task<IResult> Entry(string entry, HttpContext http, string? on, CancellationToken cancel)
    {
        if (Day(on) is not { } day)
            return Refused(http, "on", "day");
        var of = await Book(cancel);
        return of.On(day) is { } edition && edition.Find(entry) is { } found
            ? Results.Ok(new { on = day, version = of.Version, edition = edition.HeadOf(), entry = edition.Whole(found), local = of.Local(day, found), through = of.Through(entry) })
            : Results.Problem(statusCode: StatusCodes.Status404NotFound, title: words.Get("register.catalogue.entry", Words.Language(http)));
    }

    /// <summary>A release of another process is seen after this long at the latest; one of this process at once.</summary>
    static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    long lookedAt;

    async Task<CatalogueBook> Book(CancellationToken cancel)
    {
        if (book is { } open && bookOf == running.LastSeen && clock.GetElapsedTime(Interlocked.Read(ref lookedAt)) < LookEvery)
            return open;
        Interlocked.Exchange(ref lookedAt, clock.GetTimestamp());
        var now = await running.Now(cancel);
        if (book is { } known && bookOf == now.Id)
            return known;
        await using var connection = await databases.Of("register").OpenConnectionAsync(cancel);
        var read = CatalogueBook.Of(now.Catalogue.Version, await RunningCatalogue.Files(connection, now.Id, cancel), pinyin);
        (book, bookOf) = (read, now.Id);
        return read;
    }

    DateOnly? Day(string? on) => string.IsNullOrEmpty(on)
        ? DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(clock.GetUtcNow(), divisions.Zone(null, "")).DateTime)
        : DateOnly.TryParseExact(on, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) ? day : null;

    IResult Refused(HttpContext http, string member, string code)
    {
        var text = words.Get($"register.catalogue.{code}", Words.Language(http));
        return Results.Problem(new HttpValidationProblemDetails(new Dictionary<string, string[]> { [member] = [text] })
        {
            Status = StatusCodes.Status400BadRequest, Type = "urn:traffic:refused", Title = text,
        });
    }
}
