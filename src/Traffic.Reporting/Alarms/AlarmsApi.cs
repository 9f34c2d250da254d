using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Reporting.Alarms;

/// <summary>Broken zero targets: those that stand, those that were, and as they ring.</summary>
sealed class AlarmsApi(AlarmStore store, Campaigns campaigns, Divisions divisions, Words words, IHostApplicationLifetime life)
{
    const int MaxListed = 500, MaxListeners = 100;

    static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>Looks between two comments that keep the line open: 15 s.</summary>
    const int LooksPerSignOfLife = 30;

    int listeners;

    public void Map(IEndpointRouteBuilder routes)
    {
        var alarms = routes.MapGroup("/api/v1/alarms").WithTags("Alarms");
        alarms.MapGet("/", List).ProducesProblem(400);
        alarms.MapGet("/events", (Delegate)Events).Produces(200, contentType: "text/event-stream").ProducesProblem(503).DisableRequestTimeout();
    }

    /// <summary>Those that stand, and the newest events; of one campaign or division where asked.</summary>
    async Task<IResult> List(HttpContext http, string? campaign, string? division, CancellationToken cancel)
    {
        var (language, faults) = (Words.Language(http), new Dictionary<string, string[]>());
        if (campaign is not null && campaigns.Find(campaign) is null)
            faults["campaign"] = [words.Get("reporting.campaign", language, string.Join(", ", campaigns.All.Select(one => one.Id)))];
        if (division is not null && divisions.Find(null, division) is null)
            faults["division"] = [words.Get("reporting.division", language)];
        if (faults.Count > 0)
            return Bodies.Refused(faults, words, language);
        var open = (await store.Open(cancel)).Where(one =>
            (campaign is null || one.Alarm.Campaign == campaign) && (division is null || one.Alarm.DivisionCode == division));
        var events = await store.Newest(campaign, division, MaxListed, cancel);
        return Results.Ok(new { open = open.Select(one => one.Alarm), events = events.Select(one => one.Alarm) });
    }

    /// <summary>Server-sent events from now on, or from after <c>Last-Event-ID</c>: none is left out.</summary>
    async Task Events(HttpContext http)
    {
        if (Interlocked.Increment(ref listeners) > MaxListeners)
        {
            Interlocked.Decrement(ref listeners);
            http.Response.Headers.RetryAfter = "5";
            await Bodies.Problem(StatusCodes.Status503ServiceUnavailable, "urn:traffic:busy", words.Get("reporting.alarms.busy", Words.Language(http))).ExecuteAsync(http);
            return;
        }
        using var end = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, life.ApplicationStopping);
        try
        {
            var seen = long.TryParse(http.Request.Headers["Last-Event-ID"], NumberStyles.None, CultureInfo.InvariantCulture, out var last)
                ? last : await store.Last(end.Token);
            http.Response.ContentType = "text/event-stream";
            http.Response.Headers.CacheControl = "no-store";
            await http.Response.WriteAsync(": listening\n\n", end.Token);
            for (var look = 1; ; look++)
            {
                var found = await store.After(seen, MaxListed, end.Token);
                foreach (var (number, alarm) in found)
                {
                    await http.Response.WriteAsync(
                        $"id: {number}\nevent: {alarm.Change.Word()}\ndata: {JsonSerializer.Serialize(alarm, TrafficJson.Plain.AlarmChanged)}\n\n", end.Token);
                    seen = number;
                }
                if (found.Count == 0 && look % LooksPerSignOfLife == 0)
                    await http.Response.WriteAsync(": here\n\n", end.Token);
                await http.Response.Body.FlushAsync(end.Token);
                await Task.Delay(LookEvery, end.Token);
            }
        }
        catch (OperationCanceledException) when (end.IsCancellationRequested)
        {
            // The listener has gone, or we have.
        }
        finally
        {
            Interlocked.Decrement(ref listeners);
        }
    }
}
