using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Traffic.Platform;

namespace Traffic.Reporting;

/// <summary>A plan and what became of it.</summary>
/// <param name="Percent">Actual ÷ planned × 100, rounded half away from zero to 0.1; null where nothing was planned: then no share can be given.</param>
sealed record PlanRow(decimal Planned, decimal Actual, decimal? Percent, string PlannedRecords, string ActualRecords)
{
    /// <param name="per">What one unit of the answer is of the cells', e.g. 60 minutes.</param>
    public static PlanRow Of(long planned, long actual, int per, string plannedRecords, string actualRecords) => new(
        Rounded((decimal)planned / per), Rounded((decimal)actual / per), planned == 0 ? null : Rounded(actual * 100m / planned), plannedRecords, actualRecords);

    static decimal Rounded(decimal exact) => Math.Round(exact, 1, MidpointRounding.AwayFromZero);
}

/// <summary>Duty of one division and all that is part of it.</summary>
/// <param name="OfficerHours">Planned: officers planned × planned time of every session not voided. Actual: officers present × actual time of the closed ones.</param>
/// <param name="Visits">
/// 见警率: of the visits planned for must-visit points and routes, those proven. No official formula was found; this is ours. A planned
/// visit is proven once, so that more than the plan at one place never stands in for another.
/// </param>
sealed record DutyRow(string Division, Title Title, long Sessions, long VehiclesChecked, long PersonsChecked, PlanRow OfficerHours, PlanRow Visits)
{
    public required string SessionsRecords { get; init; }
    public required string VehiclesCheckedRecords { get; init; }
    public required string PersonsCheckedRecords { get; init; }
}

/// <summary>Patrol and night inspection, planned against actual: the whole, and its parts in the order of the tree, not ranked.</summary>
sealed record DutyReport(DateOnly From, DateOnly To, long AsOf, DutyRow Whole, IReadOnlyList<DutyRow> Divisions);

/// <summary>Planned against actual: officer-hours, and the share of planned visits proven.</summary>
sealed class DutyApi(ReportStore store, Cubes cubes, Divisions divisions, Titles titles, Words words)
{
    static readonly string[] Dimensions = ["status", "origin"];
    static readonly string[] Asked = ["from", "to", "division", "asOf", "lang"];

    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/reports/duty", Report).WithTags("Reports").Produces<DutyReport>().ProducesProblem(400).ProducesProblem(409)
            .WithMetadata(new AskedByQuery(Asked));

    async Task<IResult> Report(HttpContext http, CancellationToken cancel)
    {
        var language = Words.Language(http);
        var question = new ReportQuestion(http.Request.Query, divisions, words, language);
        question.OnlyKnows(Asked);
        var ((from, to), asOf) = (question.Window(null), question.AsOf());
        var division = question.One("division") ?? divisions.Roots[0].Code;
        if (divisions.Find(null, division) is null)
            question.Fault("division", "reporting.division");
        if (question.Faults.Count > 0)
            return Results.Problem(new HttpValidationProblemDetails(question.Faults)
            {
                Status = StatusCodes.Status400BadRequest, Type = "urn:traffic:refused", Title = words.Get("reporting.refused", language),
            });
        try
        {
            return Results.Ok(await store.InSnapshot(asOf, snapshot => Of(snapshot, from, to, division), cancel));
        }
        catch (AsOfAheadException ahead)
        {
            return Results.Problem(statusCode: StatusCodes.Status409Conflict, type: "urn:traffic:as-of-ahead", title: words.Get("reporting.asOf.ahead", language, ahead.Present));
        }
    }

    async Task<DutyReport> Of(Snapshot snapshot, DateOnly from, DateOnly to, string division)
    {
        var below = divisions.WithDescendants(division);
        var sums = new Dictionary<(string Cube, string Division), long>();
        foreach (var name in new[] { "sessions", "vehiclesChecked", "personsChecked", "officerMinutes", "officerMinutesPlanned", "visitsPlanned", "visitsProven" })
            foreach (var cell in await snapshot.Sum(cubes.Find(name)!, Dimensions, from, to, [.. below], apart: true) ?? [])
                if (cell.Keys == "confirmed|-")
                    sums[(name, cell.Division!)] = cell.Value;
        return new DutyReport(
            from, to, snapshot.AsOf, Row(division, below),
            [.. divisions.All().Where(one => one.Parent == division).Select(one => Row(one.Code, divisions.WithDescendants(one.Code)))]);

        DutyRow Row(string code, IReadOnlyList<string> codes) => new(
            code, titles.Division(code, null), Sum("sessions", codes), Sum("vehiclesChecked", codes), Sum("personsChecked", codes),
            PlanRow.Of(Sum("officerMinutesPlanned", codes), Sum("officerMinutes", codes), 60, Link("officerMinutesPlanned", code), Link("officerMinutes", code)),
            PlanRow.Of(Sum("visitsPlanned", codes), Sum("visitsProven", codes), 1, Link("visitsPlanned", code), Link("visitsProven", code)))
        {
            SessionsRecords = Link("sessions", code), VehiclesCheckedRecords = Link("vehiclesChecked", code), PersonsCheckedRecords = Link("personsChecked", code),
        };

        long Sum(string cube, IReadOnlyList<string> codes) => codes.Sum(code => sums.GetValueOrDefault((cube, code)));

        string Link(string cube, string code) => new ActivityFigure(
            cubes.Find(cube)!, from, to, code, null, new Dictionary<string, string[]> { ["status"] = ["confirmed"] }).Link(snapshot.AsOf);
    }
}
