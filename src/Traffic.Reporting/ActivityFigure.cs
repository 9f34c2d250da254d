using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Traffic.Platform;
using Traffic.Reporting.Units;

namespace Traffic.Reporting;

/// <summary>A sum over the cells of a cube that counts something beside violations: asked for the sum, or for the list behind it.</summary>
/// <param name="From">First day, included; of a stock the first day there is, since what came in earlier may still be there.</param>
/// <param name="To">Last day, included.</param>
/// <param name="Divisions">The division and all below it; null means every division.</param>
/// <param name="Where">Accepted values by dimension.</param>
sealed record ActivityFigure(
    Cube Cube, DateOnly From, DateOnly To, string? Division, string[]? Divisions, IReadOnlyDictionary<string, string[]> Where)
{
    /// <summary>False where the division itself is meant, and none below it.</summary>
    public bool Below { get; init; } = true;

    /// <summary>Units it is of; null: no matter which.</summary>
    public UnitScope? Scope { get; init; }

    /// <summary>The figure of a measure, as a target's line counts it.</summary>
    public static ActivityFigure Of(Cube cube, Measure measure, Figure figure)
    {
        var where = new Dictionary<string, string[]>(measure.Where);
        where.TryAdd("status", figure.Statuses);
        where.TryAdd("origin", figure.Origins);
        var wholeStock = cube.Stock && !measure.Where.ContainsKey("change");
        return new ActivityFigure(cube, wholeStock ? DateOnly.MinValue : figure.From, figure.To, figure.Division, figure.Divisions, where) { Below = figure.Below, Scope = figure.Scope };
    }

    /// <summary>Address of the list behind the figure, read at <paramref name="asOf"/>.</summary>
    public string Link(long asOf)
    {
        var link = new StringBuilder($"/api/v1/reports/activity?cube={Cube.Id}");
        if (From > DateOnly.MinValue)
            link.Append(CultureInfo.InvariantCulture, $"&from={From:yyyy-MM-dd}");
        link.Append(CultureInfo.InvariantCulture, $"&to={To:yyyy-MM-dd}");
        if (Division is not null)
            link.Append("&division=").Append(Division).Append(Below ? "" : "&below=false");
        foreach (var (dimension, values) in Where.OrderBy(one => one.Key, StringComparer.Ordinal))
            if (!(dimension == "origin" && values is ["-"]))
                link.Append('&').Append(dimension).Append('=').AppendJoin(',', values.Select(Uri.EscapeDataString));
        Scope?.Write(link);
        return link.Append(CultureInfo.InvariantCulture, $"&asOf={asOf}").ToString();
    }
}

/// <summary>One crash, danger, … behind a figure, and its share of it.</summary>
sealed record StoredActivity(
    Guid ActivityId, string Kind, int Revision, string Status, string Division, DateOnly Day, DateTime OccurredAt, string? Origin, long Value, string Detail);

/// <summary>Likewise, as answered; no personal data.</summary>
/// <param name="Value">Its share of the figure.</param>
/// <param name="Detail">What the report says of it.</param>
sealed record ActivityRow(
    Guid ActivityId, string Kind, Title KindTitle, int Revision, string Status, string Division, Title DivisionTitle, DateOnly Day, DateTimeOffset OccurredAt, string? Origin,
    long Value, JsonElement? Detail, string Activity);

/// <summary>A page of what is behind a figure; <paramref name="Total"/> is the figure.</summary>
/// <param name="Count">How many there are in all.</param>
/// <param name="Next">Address of the next page; null on the last.</param>
sealed record ActivityList(
    string Cube, Title Title, string Measure, DateOnly? From, DateOnly To, string? Division, IReadOnlyList<FilterRow> Where, long AsOf, long Total, long Count,
    IReadOnlyList<ActivityRow> Items, string? Next);

sealed partial class Snapshot
{
    string Behind(ActivityFigure figure)
    {
        // What went out of a stock lies in its cells below 0; asked for alone it is told as how much that was.
        var sign = figure.Cube.Stock && figure.Where.GetValueOrDefault("change") is ["cleared"] ? "-" : "";
        var where = new StringBuilder();
        foreach (var dimension in figure.Where.Keys.Order(StringComparer.Ordinal))
            where.Append(CultureInfo.InvariantCulture, $"and split_part(c.keys, '|', {figure.Cube.Dimensions.ToList().IndexOf(dimension) + 1}) = any(@{dimension})\n");
        return $"""
            select a.activity_id, a.kind, a.revision, a.status, a.division, a.day, a.occurred_at, a.origin,
                   (a.detail -> a.kind)::text as detail, {sign}sum(c.value)::bigint as value
            from register.published_activity_count c
            join register.{(asOf == present ? "published_activity" : "published_activity_at")} a using (activity_id, revision)
            {(figure.Scope is null ? "" : Tree("a.unit_code", "c.day"))}
            where c.cube = @Cube and c.day between @From and @To and (@Divisions::text[] is null or c.division = any(@Divisions))
              {(asOf == present ? "" : "and a.began_sequence <= @AsOf and (a.ended_sequence is null or a.ended_sequence > @AsOf)")}
              {where}{(figure.Scope is null ? "" : $"and {WhereUnit}")}
            group by 1, 2, 3, 4, 5, 6, 7, 8, 9
            having sum(c.value) <> 0
            """;
    }

    /// <summary>What is behind a figure after a given one, by day, and how much and how many there are in all.</summary>
    public async Task<(long Total, long Count, IReadOnlyList<StoredActivity> Page)> Activities(ActivityFigure figure, DateOnly? after, Guid? afterId, int limit)
    {
        var values = new Dapper.DynamicParameters(new { Cube = figure.Cube.Id, figure.From, figure.To, figure.Divisions, AsOf = asOf, After = after, AfterId = afterId, Limit = limit });
        foreach (var (dimension, accepted) in figure.Where)
            values.Add(dimension, accepted);
        Add(values, figure.Scope?.Map);
        var behind = Behind(figure);
        var (total, count) = await Dapper.SqlMapper.QuerySingleAsync<(long, long)>(connection, Command(
            $"with behind as ({behind}) select coalesce(sum(value), 0)::bigint, count(*) from behind", values));
        var page = await Dapper.SqlMapper.QueryAsync<StoredActivity>(connection, Command($"""
            with behind as ({behind})
            select activity_id, kind, revision, status, division, day, occurred_at, origin, value, detail from behind
            where @After::date is null or (day, activity_id) > (@After, @AfterId)
            order by day, activity_id
            limit @Limit
            """, values));
        return (total, count, [.. page]);
    }
}

/// <summary>The crashes, dangers, observations, sessions and visits behind each figure of theirs.</summary>
sealed class ActivityApi(ReportStore store, UnitScopes units, Cubes cubes, Divisions divisions, Titles titles, Words words)
{
    static readonly string[] Always = ["cube", "from", "to", "division", "below", "asOf", "after", "limit", "lang", .. ReportQuestion.UnitNames];

    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/reports/activity", List).WithTags("Reports").Produces<ActivityList>().ProducesProblem(400).ProducesProblem(409)
            .WithMetadata(new AskedByQuery(Always));

    async Task<IResult> List(HttpContext http, CancellationToken cancel)
    {
        var question = new ReportQuestion(http.Request.Query, divisions, words, Words.Language(http));
        var cube = question.One("cube") is { } id ? cubes.Find(id) : null;
        if (cube is null or { CountsViolations: true } or { Of: "activity" })
        {
            question.Fault("cube", "reporting.cube", string.Join(", ", cubes.All.Where(one => one is { CountsViolations: false, Of: not "activity" }).Select(one => one.Id)));
            return Refused(http, question);
        }
        question.OnlyKnows([.. Always, .. cube.Dimensions]);
        var (from, to) = question.Window(cube.Stock ? DateOnly.MinValue : null);
        var where = cube.Dimensions.Where(dimension => dimension != "unit").Select(dimension => (dimension, values: question.Values(dimension, CubeValues.Of(dimension))))
            .Where(one => one.values is not null).ToDictionary(one => one.dimension, one => one.values!);
        where.TryAdd("status", ["confirmed"]);
        where.TryAdd("origin", ["-"]);
        var division = question.One("division");
        if (division is not null && !Origins(where).Any(origin => divisions.Find(origin, division) is not null))
            question.Fault("division", "reporting.division");
        var (asOf, limit, after, below, scope) = (question.AsOf(), question.Limit(), After(question), question.Below(), question.Units(grouped: false));
        if (question.Faults.Count > 0)
            return Refused(http, question);
        var figure = new ActivityFigure(
            cube, from, to, division, division is null ? null : !below ? [division] : [.. Origins(where).SelectMany(origin => divisions.WithDescendants(division, origin)).Distinct()], where)
        {
            Below = below,
        };
        try
        {
            return Results.Ok(await store.InSnapshot(asOf, async snapshot =>
            {
                var (read, tree) = await units.Read(snapshot, scope);
                figure = figure with { Scope = read };
                var (total, count, page) = await snapshot.Activities(figure, after?.Day, after?.Id, limit + 1);
                if (count == 0 && !where["origin"].All(titles.KnowsOrigin))
                    throw new ValueRefusedException("origin", "reporting.value.none");
                return new ActivityList(
                    cube.Id, titles.Word($"reporting.cube.{cube.Id}", cube.Id), cube.Measure, from > DateOnly.MinValue ? from : null, to, division,
                    [.. where.SelectMany(one => one.Value.Select(value => new FilterRow(one.Key, value, Named(one.Key, value)))), .. units.Where(read, tree, to)],
                    snapshot.AsOf, total, count, [.. page.Take(limit).Select(Row)],
                    page.Count > limit ? string.Create(CultureInfo.InvariantCulture, $"{figure.Link(snapshot.AsOf)}&limit={limit}&after={page[limit - 1].Day:yyyy-MM-dd}_{page[limit - 1].ActivityId:N}") : null);
            }, cancel));
        }
        catch (ValueRefusedException refused)
        {
            question.Fault(refused.Parameter, refused.Word);
            return Refused(http, question);
        }
        catch (AsOfAheadException ahead)
        {
            return Results.Problem(statusCode: StatusCodes.Status409Conflict, type: "urn:traffic:as-of-ahead", title: words.Get("reporting.asOf.ahead", Words.Language(http), ahead.Present));
        }
    }

    static IEnumerable<string?> Origins(Dictionary<string, string[]> where) => where["origin"].Select(origin => origin == "-" ? null : origin);

    Title Named(string dimension, string value) => dimension is "source" or "status" or "origin" or "shift"
        ? titles.Word($"reporting.{dimension}.{value}", value) : titles.Word($"reporting.activity.{dimension}.{value}", value);

    ActivityRow Row(StoredActivity one) => new(
        one.ActivityId, one.Kind, titles.Word($"reporting.activity.of.{one.Kind}", one.Kind), one.Revision, one.Status, one.Division, titles.Division(one.Division, one.Origin), one.Day,
        new DateTimeOffset(one.OccurredAt, TimeSpan.Zero), one.Origin, one.Value, JsonDocument.Parse(one.Detail).RootElement, $"/api/v1/{Plural(one.Kind)}/{one.ActivityId}");

    internal static string Plural(string kind) => kind == "crash" ? "crashes" : kind + "s";

    static (DateOnly Day, Guid Id)? After(ReportQuestion question)
    {
        if (question.One("after") is not { } text)
            return null;
        if (text.Split('_') is [var day, var id] && DateOnly.TryParseExact(day, "yyyy-MM-dd", out var parsed) && Guid.TryParseExact(id, "N", out var guid))
            return (parsed, guid);
        question.Fault("after", "reporting.after");
        return null;
    }

    IResult Refused(HttpContext http, ReportQuestion question) => Results.Problem(new HttpValidationProblemDetails(question.Faults)
    {
        Status = StatusCodes.Status400BadRequest, Type = "urn:traffic:refused", Title = words.Get("reporting.refused", Words.Language(http)),
    });
}
