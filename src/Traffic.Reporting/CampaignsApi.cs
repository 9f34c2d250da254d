using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Traffic.Platform;

namespace Traffic.Reporting;

/// <summary>Who freezes a campaign's baseline, and why now.</summary>
sealed record NewBaseline
{
    public string? FrozenBy { get; init; }
    public string? Why { get; init; }
}

/// <summary>Every campaign there is, the newest first.</summary>
sealed record CampaignList(IEnumerable<CampaignRow> Campaigns);

/// <summary>One version of a definition, as it is in use or was.</summary>
/// <param name="Digest">SHA-256 of the definition as canonical JSON without its end.</param>
sealed record DefinitionRow(
    string Line, int Version, DateOnly ValidFrom, DateOnly? ValidTo, string Digest, string RecordedBy, string Why, DateTimeOffset RecordedAt,
    JsonElement Definition);

/// <summary>Campaigns as data: period, definitions with every version, the frozen baseline.</summary>
sealed class CampaignsApi(
    Campaigns campaigns, DefinitionStore definitions, BaselineStore baselines, ReportStore reports, Divisions divisions, Words words, TimeProvider clock)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/api/v1/reports/campaigns").WithTags("Reports");
        group.MapGet("/", List).Produces<CampaignList>().ProducesProblem(400).WithMetadata(new AskedByQuery(Asked));
        group.MapGet("/{campaign}", One).ProducesProblem(404);
        group.MapGet("/{campaign}/definitions", Definitions).ProducesProblem(404);
        group.MapPost("/{campaign}/baseline", Freeze).Accepts<NewBaseline>("application/json")
            .Produces<FrozenBaseline>(201).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409);
    }

    static readonly string[] Asked = ["lang"];

    IResult List(HttpContext http)
    {
        var question = new ReportQuestion(http.Request.Query, divisions, words, Words.Language(http));
        question.OnlyKnows(Asked);
        return question.Faults.Count > 0 ? Bodies.Refused(new(question.Faults), words, Words.Language(http))
            : Results.Ok(new CampaignList(campaigns.All.Select(one => new CampaignRow(one.Id, one.Title, one.Division, one.From, one.To))));
    }

    async Task<IResult> One(string campaign, HttpContext http, CancellationToken cancel)
    {
        if (campaigns.Find(campaign) is not { } found)
            return NotFound(http);
        var baseline = await reports.InSnapshot(null, snapshot => snapshot.Baseline(campaign), cancel);
        return Results.Ok(new
        {
            campaign, found.Title, found.Note, found.Source, found.From, found.To, found.Division,
            divisions = divisions.WithDescendants(found.Division), baseline, definitions = Rows(await definitions.Kept(campaign, cancel)),
        });
    }

    /// <summary>Every version there is or was, also of lines no longer in a file.</summary>
    async Task<IResult> Definitions(string campaign, HttpContext http, CancellationToken cancel)
    {
        var kept = await definitions.Kept(campaign, cancel);
        return kept.Count == 0 ? NotFound(http) : Results.Ok(new { campaign, definitions = Rows(kept) });
    }

    static IEnumerable<DefinitionRow> Rows(IEnumerable<KeptDefinition> kept) => kept.Select(one => new DefinitionRow(
        one.Line, one.Version, one.ValidFrom, one.ValidTo, Convert.ToHexStringLower(one.Digest), one.RecordedBy, one.Why,
        new DateTimeOffset(one.RecordedAt, TimeSpan.Zero), JsonSerializer.Deserialize<JsonElement>(one.Body)));

    /// <summary>Once a campaign, when it has begun: from then on the year before is what it was then.</summary>
    async Task<IResult> Freeze(string campaign, HttpRequest request, CancellationToken cancel)
    {
        var language = Words.Language(request.HttpContext);
        if (campaigns.Find(campaign) is not { } found)
            return NotFound(request.HttpContext);
        var (sent, refused) = await JsonBody.Read<NewBaseline>(request, words, "reporting.body", null, cancel);
        if (sent is null)
            return refused!;
        var faults = new Dictionary<string, string[]>();
        if (!PlainText.IsWords(sent.FrozenBy, 100))
            faults["frozenBy"] = [words.Get("reporting.by", language)];
        if (!PlainText.IsWords(sent.Why, 1_000))
            faults["why"] = [words.Get("reporting.why", language)];
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(clock.GetUtcNow(), divisions.Zone(null, found.Division)).DateTime);
        if (found.YearBefore is null)
            faults["campaign"] = [words.Get("reporting.baseline.noEnd", language)];
        else if (today < found.From)
            faults["campaign"] = [words.Get("reporting.baseline.early", language, $"{found.From:yyyy-MM-dd}")];
        if (faults.Count > 0)
            return Bodies.Refused(faults, words, language);
        try
        {
            return Results.Created($"/api/v1/reports/campaigns/{campaign}", await baselines.Add(found, sent.FrozenBy!, sent.Why!, cancel));
        }
        catch (AlreadyFrozenException already)
        {
            return Bodies.Problem(StatusCodes.Status409Conflict, "urn:traffic:baseline-frozen", words.Get(
                "reporting.baseline.frozen", language, $"{already.Baseline.FrozenAt:yyyy-MM-dd HH:mm}", already.Baseline.FrozenBy, already.Baseline.AsOf));
        }
        catch (NoBaselineYearException none)
        {
            return Bodies.Refused(new()
            {
                ["campaign"] = [words.Get("reporting.baseline.none", language, $"{none.Window.From:yyyy-MM-dd}", $"{none.Window.To:yyyy-MM-dd}")],
            }, words, language);
        }
    }

    IResult NotFound(HttpContext http) => Bodies.Problem(StatusCodes.Status404NotFound, "urn:traffic:not-found",
        words.Get("reporting.campaign", Words.Language(http), string.Join(", ", campaigns.All.Select(one => one.Id))));
}
