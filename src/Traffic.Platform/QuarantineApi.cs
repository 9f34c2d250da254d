using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Traffic.Platform;

/// <summary>What could not be processed, for whoever operates the system. Names no person and no plate.</summary>
public static class QuarantineApi
{
    const int MaxPage = 1_000;

    /// <summary>Maps <c>GET /api/v1/quarantine</c>.</summary>
    public static void MapQuarantine(this IEndpointRouteBuilder routes) => routes.MapGet("/api/v1/quarantine", Answer)
        .WithTags("Operation").WithSummary("Records that could not be processed: counted, listed, retryable by the verb quarantine.")
        .Produces<QuarantineAnswer>().ProducesProblem(400).ProducesProblem(503);

    /// <summary>Counts by subscriber and one page of the list.</summary>
    /// <param name="http">In whose language it is refused.</param>
    /// <param name="words">Where the texts are.</param>
    /// <param name="databases">Read as the operator's role.</param>
    /// <param name="subscriber">Of this one only.</param>
    /// <param name="closed">Also what was given up.</param>
    /// <param name="after">The <c>next</c> of the page before.</param>
    /// <param name="limit">1 to 1000, default 100.</param>
    /// <param name="cancel">Cancels.</param>
    static async Task<IResult> Answer(
        HttpContext http, Words words, IDatabases databases, string? subscriber, bool? closed, string? after, int? limit, CancellationToken cancel)
    {
        var faults = new List<Fault>();
        if (after is not null && Mark(after) is null)
            faults.Add(new("after", "platform.quarantine.after"));
        if (limit is < 1 or > MaxPage)
            faults.Add(new("limit", "platform.quarantine.limit"));
        if (faults.Count > 0)
            return Results.Problem(words.Refused(faults, Words.Language(http), "platform.query"));
        var store = new QuarantineStore(databases.Of("operator"));
        var size = limit ?? 100;
        var page = await store.List(subscriber, closed ?? false, null, null, Mark(after), size, cancel);
        return Results.Ok(new QuarantineAnswer(
            await store.Counts(cancel), page,
            page.Count == size ? $"{page[^1].Subscriber}/{page[^1].Position}/{page[^1].Item}" : null));
    }

    static (string, long, int)? Mark(string? after) =>
        after?.Split('/') is [var subscriber, var position, var item] && long.TryParse(position, out var at) && int.TryParse(item, out var nth)
            ? (subscriber, at, nth) : null;
}

/// <summary>Answer of <c>GET /api/v1/quarantine</c>.</summary>
/// <param name="Counts">By subscriber; all of them stay counted.</param>
/// <param name="Records">One page.</param>
/// <param name="Next">For <c>after</c> of the next page; null on the last.</param>
public sealed record QuarantineAnswer(IReadOnlyList<QuarantineCount> Counts, IReadOnlyList<Quarantined> Records, string? Next);

/// <summary>Records waiting in quarantine want a person: degraded, not unhealthy.</summary>
public sealed class QuarantineHealth(IDatabases databases) : IHealthCheck
{
    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            var counts = await new QuarantineStore(databases.Of("operator")).Counts(cancellationToken);
            var data = counts.ToDictionary(one => one.Subscriber, one => (object)new { one.Waiting, one.Closed });
            return counts.Any(one => one.Waiting > 0)
                ? HealthCheckResult.Degraded("Records wait in quarantine.", data: data)
                : HealthCheckResult.Healthy(data: data);
        }
        catch (Exception fault)
        {
            return HealthCheckResult.Degraded("Quarantine could not be read.", fault);
        }
    }
}
