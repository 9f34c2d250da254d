using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Traffic.Platform;
using Traffic.Reporting.Units;

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
/// <param name="UnitTitle">What the unit is called; null where none was said, or it was never in the tree.</param>
/// <param name="Open">Address of what of it was refused. Of the others only counts are kept by sender; by hour they open.</param>
sealed record SenderRow(string Sender, string? Unit, Title? UnitTitle, Answered Answered, IReadOnlyDictionary<string, string> Open);

/// <summary>What the officers of a unit and of all below it sent, by whom it was part of on the day it was received.</summary>
/// <param name="Unit"><c>-</c> where the unit was not in the tree on that day, or none was said: the roots and this add up to all officers'.</param>
/// <param name="Level">1 for a root; 0 where it is none.</param>
sealed record UnitAnsweredRow(string Unit, int Level, Title Title, Answered Answered);

/// <summary>One hour.</summary>
/// <param name="Balanced">received = accepted + duplicate + conflict + rejected + ignored, and accepted = stored + in flight + quarantined.</param>
/// <param name="Open">Addresses of what is behind each figure.</param>
sealed record HourRow(
    DateTimeOffset Hour, Answered Answered, long Stored, long InFlight, long Quarantined, bool Balanced, IReadOnlyDictionary<string, string> Open);

/// <summary>The ledger of some days, read in one snapshot.</summary>
sealed record LedgerReport(
    DateOnly From, DateOnly To, string Zone, long AsOf, bool Balanced, Answered Answered, long Stored, long InFlight, long Quarantined,
    IReadOnlyList<SenderRow> Senders, IReadOnlyList<HourRow> Hours)
{
    /// <summary>What officers sent, by unit, in the order of the tree; and the version of that tree.</summary>
    public required IReadOnlyList<UnitAnsweredRow> Units { get; init; }
    public required int Tree { get; init; }

    /// <summary>Addresses of what is behind each figure.</summary>
    public required IReadOnlyDictionary<string, string> Open { get; init; }
}

/// <summary>received = accepted + duplicate + conflict + rejected + ignored, by feed, unit and hour; accepted = stored + in flight + quarantined, by hour.</summary>
sealed class LedgerApi(LedgerStore store, UnitStore units, ReportStore reports, Titles titles, Divisions divisions, Words words, TimeProvider clock)
{
    const int MostDays = 31;

    public void Map(IEndpointRouteBuilder routes)
    {
        var ledger = routes.MapGroup("/api/v1/reports/ledger").WithTags("Ledger").ProducesProblem(400);
        ledger.MapGet("/", Days).Produces<LedgerReport>();
        ledger.MapGet("/{period}/{what}", Open).Produces<LedgerItems>().ProducesProblem(404).ProducesProblem(409);
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
        var tree = (await reports.InSnapshot(null, snapshot => snapshot.Units(units, null), cancel))!;
        var byHour = places.ToDictionary(one => one.Hour);
        var talliesOf = tallies.ToLookup(one => one.Hour);
        var hours = tallies.Select(one => one.Hour).Union(byHour.Keys).Order().Select(hour => Hour(
            hour, Answered.Of(talliesOf[hour]), byHour.GetValueOrDefault(hour) ?? new PlacedRow(hour, 0, 0, 0))).ToList();
        var days = string.Create(CultureInfo.InvariantCulture, $"{first:yyyy-MM-dd}..{last:yyyy-MM-dd}");
        var (answered, stored, inFlight, quarantined) = (
            Answered.Of(tallies), places.Sum(one => one.Stored), places.Sum(one => one.InFlight), places.Sum(one => one.Quarantined));
        return Results.Ok(new LedgerReport(
            first, last, zone.Id, asOf, hours.TrueForAll(hour => hour.Balanced), answered, stored, inFlight, quarantined,
            [.. tallies.GroupBy(one => one.Sender).OrderBy(one => one.Key, StringComparer.Ordinal).Select(sender => Sender(sender.Key, Answered.Of(sender)))], hours)
        {
            Units = ByUnit(tree, tallies, zone), Tree = tree.Version, Open = LedgerLinks.Of(days, answered, stored, inFlight, quarantined),
        });

        SenderRow Sender(string name, Answered answers) => new(
            name.Split('/')[0], UnitOf(name), UnitOf(name) is { } unit && tree.Knows(unit) ? Titles.Unit(tree, unit, last) : null, answers,
            answers.Rejected == 0 ? new Dictionary<string, string>()
                : new() { ["rejected"] = $"{LedgerLinks.Root}/{days}/rejected?sender={Uri.EscapeDataString(name)}" });

        DateOnly? Day(string name, string? text)
        {
            if (string.IsNullOrEmpty(text))
                return null;
            if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, default, out var day) && day.Year is >= 1990 and < 2200)
                return day;
            faults[name] = [words.Get("reporting.day", language)];
            return null;
        }
    }

    static string? UnitOf(string sender) => sender.Split('/') is [_, var unit] ? unit : null;

    /// <summary>Officers' tallies, each for its unit and every one above it on the local day of its hour.</summary>
    List<UnitAnsweredRow> ByUnit(UnitTree tree, IReadOnlyList<TallyRow> tallies, TimeZoneInfo zone)
    {
        var rows = new Dictionary<string, (string Order, int Level, DateOnly Day, List<TallyRow> Of)>();
        foreach (var tally in tallies.Where(one => one.Sender.Split('/')[0] == "officer"))
        {
            var day = DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(DateTime.SpecifyKind(tally.Hour, DateTimeKind.Utc), zone));
            var path = UnitOf(tally.Sender) is { } unit ? tree.PathOn(unit, day) : [];
            if (path.Count == 0)
                Add(UnitScope.Outside, "~", 0);
            for (var i = 0; i < path.Count; i++)
                Add(path[i], string.Join('/', path.Take(i + 1)), i + 1);

            void Add(string code, string order, int level)
            {
                var known = rows.GetValueOrDefault(code).Of ?? [];
                known.Add(tally);
                rows[code] = (order, level, day, known);
            }
        }
        return
        [
            .. rows.OrderBy(one => one.Value.Order, StringComparer.Ordinal).Select(one => new UnitAnsweredRow(
                one.Key, one.Value.Level, one.Key == UnitScope.Outside ? titles.Word("reporting.units.outside", one.Key) : Titles.Unit(tree, one.Key, one.Value.Day),
                Answered.Of(one.Value.Of))),
        ];
    }

    static HourRow Hour(DateTime hour, Answered answered, PlacedRow placed)
    {
        var instant = new DateTimeOffset(DateTime.SpecifyKind(hour, DateTimeKind.Utc));
        return new HourRow(
            instant, answered, placed.Stored, placed.InFlight, placed.Quarantined,
            answered.Balanced && answered.Accepted == placed.Stored + placed.InFlight + placed.Quarantined,
            LedgerLinks.Of(string.Create(CultureInfo.InvariantCulture, $"{instant:yyyy-MM-ddTHH}"), answered, placed.Stored, placed.InFlight, placed.Quarantined));
    }

    DateTime Begins(DateOnly day) => TimeZoneInfo.ConvertTimeToUtc(day.ToDateTime(TimeOnly.MinValue), divisions.Zone(null, divisions.Roots[0].Code));

    /// <summary>An hour (UTC), days (of the league's zone), or <c>all</c>; null where it is none of them.</summary>
    (DateTime? From, DateTime? To)? Span(string period)
    {
        if (period == "all")
            return (null, null);
        if (DateTime.TryParseExact(period, "yyyy-MM-ddTHH", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var hour))
            return (hour, hour.AddHours(1));
        return period.Split("..") is [var first, var last] && Day(first) is { } from && Day(last) is { } to && from <= to ? (Begins(from), Begins(to.AddDays(1))) : null;

        static DateOnly? Day(string text) =>
            DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, default, out var day) && day.Year is >= 1990 and < 2200 ? day : null;
    }

    static readonly Dictionary<string, string[]> Parts = new()
    {
        ["accepted"] = ["stored", "inFlight", "quarantined"], ["stored"] = ["stored"], ["voided"] = ["voided"], ["inFlight"] = ["inFlight"],
        ["quarantined"] = ["quarantined"], ["rejected"] = ["rejected"],
    };

    /// <summary>What is behind one figure, page by page.</summary>
    async Task<IResult> Open(string period, string what, HttpContext http, CancellationToken cancel)
    {
        var language = Words.Language(http);
        if (Span(period) is not var (from, to) || !Parts.TryGetValue(what, out var parts))
            return Results.Problem(statusCode: StatusCodes.Status404NotFound, type: "urn:traffic:not-found", title: words.Get("reporting.ledger.none", language));
        var question = new ReportQuestion(http.Request.Query, divisions, words, language);
        question.OnlyKnows(["asOf", "sender", "after", "limit", "lang"]);
        var (asOf, sender, limit, after) = (question.AsOf(), question.One("sender"), question.Limit(), After(question, parts));
        if (sender is not null && what != "rejected")
            question.Fault("sender", "reporting.value", "rejected");
        if (asOf is not null && what is not ("stored" or "voided"))
            question.Fault("asOf", "reporting.value", "stored, voided");
        if (question.Faults.Count > 0)
            return Bodies.Refused(new(question.Faults), words, language);
        try
        {
            var (total, page) = await store.Open(parts, new LedgerScope(from, to, asOf, sender), after, limit + 1, cancel);
            var rest = $"{(asOf is null ? "" : $"&asOf={asOf}")}{(sender is null ? "" : $"&sender={Uri.EscapeDataString(sender)}")}";
            return Results.Ok(new LedgerItems(
                period, from is null ? null : new DateTimeOffset(from.Value), to is null ? null : new DateTimeOffset(to.Value), what, asOf, sender, total,
                [.. page.Take(limit)],
                page.Count > limit ? $"{LedgerLinks.Root}/{period}/{what}?limit={limit}&after={page[limit - 1].After.Part}:{Uri.EscapeDataString(page[limit - 1].After.At)}{rest}" : null));
        }
        catch (AsOfAheadException ahead)
        {
            return Results.Problem(statusCode: StatusCodes.Status409Conflict, type: "urn:traffic:as-of-ahead", title: words.Get("reporting.asOf.ahead", language, ahead.Present));
        }
    }

    static (string Part, string At)? After(ReportQuestion question, string[] parts)
    {
        if (question.One("after") is not { } text)
            return null;
        if (text.Split(':') is [var part, var at] && parts.Contains(part) && part switch
        {
            "stored" or "voided" => Guid.TryParseExact(at, "D", out _),
            "rejected" => long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out _),
            _ => at.Split('/') is [var position, var item] && long.TryParse(position, NumberStyles.None, CultureInfo.InvariantCulture, out _)
                && int.TryParse(item, NumberStyles.None, CultureInfo.InvariantCulture, out _),
        })
            return (part, at);
        question.Fault("after", "reporting.after");
        return null;
    }
}

/// <summary>A page of what is behind a figure of the ledger; <paramref name="Total"/> is the figure.</summary>
/// <param name="Period">An hour (UTC), days, or <c>all</c>.</param>
/// <param name="Next">Address of the next page; null on the last.</param>
sealed record LedgerItems(
    string Period, DateTimeOffset? From, DateTimeOffset? To, string What, long? AsOf, string? Sender, long Total, IReadOnlyList<LedgerItem> Items, string? Next);

/// <summary>Addresses of what is behind figures of the ledger. A duplicate or a conflict leaves only its count: the record it repeats is among the accepted.</summary>
static class LedgerLinks
{
    public const string Root = "/api/v1/reports/ledger";

    public static IReadOnlyDictionary<string, string> Of(string period, Answered answered, long stored, long inFlight, long quarantined) =>
        new[] { ("accepted", answered.Accepted), ("stored", stored), ("inFlight", inFlight), ("quarantined", quarantined), ("rejected", answered.Rejected) }
            .Where(one => one.Item2 > 0).ToDictionary(one => one.Item1, one => $"{Root}/{period}/{one.Item1}");

    /// <summary>Of all records ever: what stands as the register had it at a sequence, what is on its way as it is when it is opened.</summary>
    public static IReadOnlyDictionary<string, string> Ever(long asOf) => new[] { "accepted", "stored", "quarantined", "inFlight", "voided" }
        .ToDictionary(one => one, one => $"{Root}/all/{one}{(one is "stored" or "voided" ? $"?asOf={asOf}" : "")}");

    /// <summary>Of all records when an edition was frozen: what was on its way then has arrived since.</summary>
    public static IReadOnlyDictionary<string, string> Frozen(long asOf) =>
        Ever(asOf).Where(one => one.Value.Contains("asOf", StringComparison.Ordinal)).ToDictionary();
}
