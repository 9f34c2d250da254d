using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Traffic.Platform;

namespace Traffic.Reporting.Ledgers;

/// <summary>How records were answered; the sum holds when both sides are equal.</summary>
sealed record Answered(long Received, long Accepted, long Duplicate, long Conflict, long Rejected, long Ignored)
{
    public bool Balanced => Received == Accepted + Duplicate + Conflict + Rejected + Ignored;

    public static Answered Of(IEnumerable<TallyRow> rows) => rows.Aggregate(new Answered(0, 0, 0, 0, 0, 0), (sum, row) => new Answered(
        sum.Received + row.Received, sum.Accepted + row.Accepted, sum.Duplicate + row.Duplicate, sum.Conflict + row.Conflict,
        sum.Rejected + row.Rejected, sum.Ignored + row.Ignored));
}

/// <summary>One sender: a feed, or the officers of a unit where they said which.</summary>
sealed record SenderRow(string Sender, string? Unit, Answered Answered);

/// <summary>One hour.</summary>
/// <param name="Balanced">received = accepted + duplicate + conflict + rejected + ignored, and accepted = stored + in flight + quarantined.</param>
/// <param name="Open">Addresses of what is behind each figure. A duplicate or a conflict leaves only its count: the record it repeats is among the accepted.</param>
sealed record HourRow(
    DateTimeOffset Hour, Answered Answered, long Stored, long InFlight, long Quarantined, bool Balanced, IReadOnlyDictionary<string, string> Open);

/// <summary>The ledger of some days, read in one snapshot.</summary>
sealed record LedgerReport(
    DateOnly From, DateOnly To, string Zone, long AsOf, bool Balanced, Answered Answered, long Stored, long InFlight, long Quarantined,
    IReadOnlyList<SenderRow> Senders, IReadOnlyList<HourRow> Hours);

/// <summary>received = accepted + duplicate + conflict + rejected + ignored, by feed, unit and hour; accepted = stored + in flight + quarantined, by hour.</summary>
sealed class LedgerApi(LedgerStore store, Divisions divisions, Words words, TimeProvider clock)
{
    const int MostDays = 31;
    const int MostListed = 500;

    public void Map(IEndpointRouteBuilder routes)
    {
        var ledger = routes.MapGroup("/api/v1/reports/ledger").WithTags("Ledger").ProducesProblem(400);
        ledger.MapGet("/", Days).Produces<LedgerReport>();
        ledger.MapGet("/{hour}/{what}", Open).ProducesProblem(404);
    }

    async Task<IResult> Days(HttpContext http, CancellationToken cancel, string? from = null, string? to = null)
    {
        var language = Words.Language(http);
        var zone = divisions.Zone(null, divisions.Roots[0].Code);
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(clock.GetUtcNow(), zone).DateTime);
        var faults = new Dictionary<string, string[]>();
        var last = Day("to", to) ?? today;
        var first = Day("from", from) ?? last;
        if (faults.Count == 0 && first > last)
            faults["from"] = [words.Get("reporting.day.order", language)];
        if (faults.Count == 0 && last.DayNumber - first.DayNumber >= MostDays)
            faults["to"] = [words.Get("reporting.day.many", language, MostDays)];
        if (faults.Count > 0)
            return Bodies.Refused(faults, words, language);

        var (asOf, tallies, places) = await store.Between(Begins(first), Begins(last.AddDays(1)), cancel);
        var byHour = places.ToDictionary(one => one.Hour);
        var hours = tallies.Select(one => one.Hour).Union(byHour.Keys).Order().Select(hour => Hour(
            hour, Answered.Of(tallies.Where(one => one.Hour == hour)), byHour.GetValueOrDefault(hour) ?? new PlacedRow(hour, 0, 0, 0))).ToList();
        return Results.Ok(new LedgerReport(
            first, last, zone.Id, asOf, hours.TrueForAll(hour => hour.Balanced), Answered.Of(tallies), places.Sum(one => one.Stored),
            places.Sum(one => one.InFlight), places.Sum(one => one.Quarantined),
            [
                .. tallies.GroupBy(one => one.Sender).OrderBy(one => one.Key, StringComparer.Ordinal).Select(sender => new SenderRow(
                    sender.Key.Split('/')[0], sender.Key.Contains('/') ? sender.Key.Split('/')[1] : null, Answered.Of(sender))),
            ], hours));

        DateOnly? Day(string name, string? text)
        {
            if (string.IsNullOrEmpty(text))
                return null;
            if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, default, out var day) && day.Year is >= 1990 and < 2200)
                return day;
            faults[name] = [words.Get("reporting.day", language)];
            return null;
        }

        DateTime Begins(DateOnly day) => TimeZoneInfo.ConvertTimeToUtc(day.ToDateTime(TimeOnly.MinValue), zone);
    }

    static HourRow Hour(DateTime hour, Answered answered, PlacedRow placed)
    {
        var instant = new DateTimeOffset(DateTime.SpecifyKind(hour, DateTimeKind.Utc));
        var open = new[] { ("stored", placed.Stored), ("inFlight", placed.InFlight), ("quarantined", placed.Quarantined), ("rejected", answered.Rejected) }
            .Where(one => one.Item2 > 0).ToDictionary(one => one.Item1, one => string.Create(CultureInfo.InvariantCulture, $"/api/v1/reports/ledger/{instant:yyyy-MM-ddTHH}/{one.Item1}"));
        return new HourRow(
            instant, answered, placed.Stored, placed.InFlight, placed.Quarantined,
            answered.Balanced && answered.Accepted == placed.Stored + placed.InFlight + placed.Quarantined, open);
    }

    /// <summary>What is behind one figure of one hour (UTC).</summary>
    async Task<IResult> Open(string hour, string what, HttpContext http, CancellationToken cancel)
    {
        var language = Words.Language(http);
        if (!DateTime.TryParseExact(hour, "yyyy-MM-ddTHH", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at)
            || await store.Open(what, at, at.AddHours(1), MostListed, cancel) is not { } items)
            return Results.Problem(statusCode: StatusCodes.Status404NotFound, type: "urn:traffic:not-found", title: words.Get("reporting.ledger.none", language));
        return Results.Ok(new { hour = new DateTimeOffset(at), what, mostListed = MostListed, items });
    }
}
