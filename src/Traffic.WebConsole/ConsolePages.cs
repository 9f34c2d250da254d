using System.Reflection;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Traffic.Platform;
using Traffic.WebConsole.Pages;

namespace Traffic.WebConsole;

/// <summary>The routes of the pages.</summary>
sealed class ConsolePages(ApiClient api, Divisions divisions, ImportMaps maps, Words words)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        var pages = routes.MapGroup("").ExcludeFromDescription();
        pages.MapGet("/", () => Results.Redirect("/targets"));
        pages.MapGet("/targets", (HttpContext http, CancellationToken cancel) => Show(http, reader => Targets(http, reader, cancel)));
        pages.MapGet("/records", (HttpContext http, CancellationToken cancel) => Show(http, reader => Records(http, reader, cancel)));
        pages.MapGet("/records/{recordId:guid}", (Guid recordId, HttpContext http, CancellationToken cancel) =>
            Show(http, reader => Record(recordId, reader, cancel)));
        Asset(pages, "console.css", "text/css; charset=utf-8");
        Asset(pages, "favicon.svg", "image/svg+xml");
        pages.MapGet("/favicon.ico", () => Results.Redirect("/assets/favicon.svg", permanent: true));
        // An address that is no page, typed into a browser. What a program asks stays a problem, and what it asks wrongly a 405.
        routes.MapFallback("/{page:regex(^(?!api$|openapi$|health$|metrics$|assets$))}/{**rest}", async http => await (
            http.Request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal)
                ? await Show(http, reader => throw new ApiRefusedException(StatusCodes.Status404NotFound, reader.T("console.noPage"), []))
                : Results.NotFound()).ExecuteAsync(http));
    }

    async Task<IResult> Targets(HttpContext http, Reader reader, CancellationToken cancel)
    {
        var campaigns = await api.Get<CampaignsAnswer>("/api/v1/reports/campaigns", reader.Language, cancel);
        var board = await api.Get<TargetsAnswer>("/api/v1/reports/targets" + Kept(http, "campaign", "division", "from", "to", "asOf"), reader.Language, cancel);
        var alarms = await api.Get<AlarmsAnswer>($"/api/v1/alarms?campaign={board.Campaign}&division={board.Division}", reader.Language, cancel);
        var asOf = http.Request.Query["asOf"].FirstOrDefault();
        var tables = await Task.WhenAll(Compare("family"), Compare("division"));
        return Page<TargetsPage>(new() { ["Reader"] = reader, ["Board"] = board, ["Campaigns"] = campaigns.Campaigns, ["Divisions"] = divisions.All(), ["Tables"] = tables, ["Alarms"] = alarms.Open, ["Zone"] = divisions.Zone(null, board.Division) });

        async Task<Comparison> Compare(string dimension)
        {
            var (now, previous, year) = (
                Offences(dimension, new(board.From, board.To)), Offences(dimension, board.PeriodBefore), Offences(dimension, board.YearBefore));
            return new Comparison(dimension, await now, await previous, await year);
        }

        Task<OffencesAnswer> Offences(string groupBy, WindowAnswer days) => api.Get<OffencesAnswer>(
            $"/api/v1/reports/offences?from={Reader.Day(days.From)}&to={Reader.Day(days.To)}&division={board.Division}&groupBy={groupBy}"
            + (asOf is null ? "" : $"&asOf={Uri.EscapeDataString(asOf)}"), reader.Language, cancel);
    }

    async Task<IResult> Records(HttpContext http, Reader reader, CancellationToken cancel)
    {
        var list = await api.Get<RecordsAnswer>("/api/v1/reports/records" + http.Request.QueryString, reader.Language, cancel);
        return Page<RecordsPage>(new() { ["Reader"] = reader, ["Records"] = list, ["Divisions"] = divisions });
    }

    async Task<IResult> Record(Guid recordId, Reader reader, CancellationToken cancel)
    {
        var violation = await api.Get<ViolationAnswer>($"/api/v1/violations/{recordId}", reader.Language, cancel);
        var explained = violation.Standing is null
            ? new ExplanationAnswer([])
            : await api.Get<ExplanationAnswer>($"/api/v1/violations/{recordId}/explanation", reader.Language, cancel);
        var figures = violation.Standing is null ? null : await api.Get<RecordFiguresAnswer>($"/api/v1/violations/{recordId}/figures", reader.Language, cancel);
        var unit = violation.Standing is null || !violation.Record.TryGetProperty("unitCode", out var code) ? null
            : await NamedUnit.Of(api, code.GetString(), Reader.Day(violation.Standing.Day), reader, cancel);
        var decisions = await api.Get<DecisionsAnswer>($"/api/v1/cases/{recordId}/decisions", reader.Language, cancel);
        return Page<RecordPage>(new()
        {
            ["Reader"] = reader, ["Violation"] = violation, ["Decisions"] = decisions.Decisions, ["Explanation"] = explained, ["Figures"] = figures, ["Divisions"] = divisions, ["Maps"] = maps, ["Unit"] = unit,
            ["Session"] = await Session(violation, reader, cancel),
        });
    }

    /// <summary>Page of the session a record names; null where none of that name was held there and then.</summary>
    async Task<string?> Session(ViolationAnswer violation, Reader reader, CancellationToken cancel)
    {
        if (violation.Standing is not { } standing || !violation.Record.TryGetProperty("sessionId", out var name))
            return null;
        var query = $"sessionId={Uri.EscapeDataString(name.GetString()!)}&from={Reader.Day(standing.Day.AddDays(-1))}&to={Reader.Day(standing.Day)}";
        var found = await api.Get<JsonNode>($"/api/v1/sessions?{query}", reader.Language, cancel);
        return found["items"]!.AsArray().Where(session => Holds(session!, standing.Division, violation.Record.GetProperty("occurredAt").GetDateTimeOffset())).ToList() switch
        {
            [] => null,
            [var session] => $"/activities/sessions/{(string)session!["activityId"]!}",
            _ => $"/activities/sessions?{query}",
        };
    }

    /// <summary>Whether a session was of a record's division, or of one above it, and on at that moment, as planned or as it was.</summary>
    bool Holds(JsonNode session, string division, DateTimeOffset at)
    {
        var (detail, closing) = (session["detail"]!, session["detail"]!["closing"]);
        return divisions.WithDescendants((string)session["division"]!).Contains(division)
            && (Within(detail["plannedFrom"], detail["plannedTo"]) || (closing is not null && Within(closing["actualFrom"], closing["actualTo"])));

        bool Within(JsonNode? from, JsonNode? to) =>
            (DateTimeOffset)from! <= at && at <= (DateTimeOffset)to!;
    }

    /// <summary>Remembers a language asked for, asks, and shows the answer or the refusal.</summary>
    internal async Task<IResult> Show(HttpContext http, Func<Reader, Task<IResult>> page)
    {
        if (http.Request.Query["lang"].FirstOrDefault() is "zh" or "en")
        {
            http.Response.Cookies.Append("lang", http.Request.Query["lang"]!, new CookieOptions
            {
                MaxAge = TimeSpan.FromDays(365), HttpOnly = true, SameSite = SameSiteMode.Lax,
            });
            return Results.Redirect(http.Request.Path + Without(http, "lang"));
        }
        var headers = http.Response.Headers;
        headers.ContentSecurityPolicy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
        headers.CacheControl = "no-store";
        headers["Referrer-Policy"] = "same-origin";
        headers.Vary = "Accept-Language, Cookie";
        var language = Words.Language(http);
        var rest = Without(http, "lang");
        var other = $"{http.Request.Path}{rest}{(rest.HasValue ? '&' : '?')}lang={(language == "en" ? "zh" : "en")}";
        var reader = new Reader(words, language, other);
        try
        {
            return await page(reader);
        }
        catch (ApiRefusedException refused) when (refused.Status != StatusCodes.Status503ServiceUnavailable)
        {
            return Refused(refused.Status, refused.Message, refused.Details);
        }
        catch (Exception away) when (away is ApiRefusedException or HttpRequestException or OperationCanceledException)
        {
            // Where the request's own time ran out, this page has still to be written.
            http.RequestAborted = CancellationToken.None;
            return Refused(StatusCodes.Status503ServiceUnavailable, reader.T(HttpMethods.IsPost(http.Request.Method) ? "console.notTaken" : "console.away"), []);
        }

        RazorComponentResult<RefusedPage> Refused(int status, string heading, IReadOnlyList<string> details)
        {
            http.Response.StatusCode = status;
            return Page<RefusedPage>(new() { ["Reader"] = reader, ["Status"] = status, ["Heading"] = heading, ["Details"] = details, ["Back"] = Back(http.Request) }, status);
        }
    }

    /// <summary>The page whose form was refused; null where nothing was sent.</summary>
    static string? Back(HttpRequest request) => !HttpMethods.IsPost(request.Method) ? null
        : request.Path.Value!.Split('/', StringSplitOptions.RemoveEmptyEntries) switch
        {
            ["bulletins", var edition, ..] => $"/bulletins/{Uri.EscapeDataString(edition)}", ["catalogue", ..] => "/catalogue/versions", _ => null,
        };

    static QueryString Without(HttpContext http, string name) =>
        QueryString.Create(http.Request.Query.Where(one => one.Key != name).SelectMany(one => one.Value.Select(value => KeyValuePair.Create(one.Key, value))));

    /// <summary>Only what the API knows, and only what was filled in.</summary>
    internal static string Kept(HttpContext http, params string[] names) => QueryString.Create(
        names.Select(name => KeyValuePair.Create<string, string?>(name, http.Request.Query[name].FirstOrDefault())).Where(one => !string.IsNullOrEmpty(one.Value))).ToString();

    internal static RazorComponentResult<T> Page<T>(Dictionary<string, object?> parameters, int status = 200) where T : IComponent =>
        new(parameters) { PreventStreamingRendering = true, StatusCode = status, ContentType = "text/html; charset=utf-8" };

    static void Asset(IEndpointRouteBuilder routes, string name, string type)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"assets/{name}")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        routes.MapGet($"/assets/{name}", (HttpContext http) =>
        {
            http.Response.Headers.CacheControl = "public, max-age=300";
            return Results.Bytes(bytes, type);
        });
    }
}

/// <summary>One table of the targets page: this period, the one before, the year before.</summary>
public sealed record Comparison(string Dimension, OffencesAnswer Now, OffencesAnswer Before, OffencesAnswer YearBefore)
{
    /// <summary>Every key that has a count in any of the three, the greatest of this period first.</summary>
    public IEnumerable<(Both Title, OffenceAnswer? Now, OffenceAnswer? Before, OffenceAnswer? YearBefore)> Rows =>
        new[] { Now, Before, YearBefore }.SelectMany(one => one.Rows).DistinctBy(row => row.Keys[Dimension])
            .Select(row => (row.Title, Of(Now, row), Of(Before, row), Of(YearBefore, row)))
            .OrderByDescending(row => row.Item2?.Count ?? 0).ThenByDescending(row => row.Item4?.Count ?? 0);

    OffenceAnswer? Of(OffencesAnswer answer, OffenceAnswer row) => answer.Rows.FirstOrDefault(one => one.Keys[Dimension] == row.Keys[Dimension]);
}
