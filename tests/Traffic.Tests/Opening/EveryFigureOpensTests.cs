using System.Collections.Concurrent;
using NUnit.Framework;
using Traffic.Reporting;
using Traffic.Tests.Activities;

namespace Traffic.Tests.Opening;

/// <summary>
/// Every number of every report and edition opens to the list that adds up to it. A number without an address fails here, unless it stands below
/// among those that count no records.
/// </summary>
[Category("Postgres")]
public sealed partial class EveryFigureOpensTests
{
    /// <summary>Numbers that are no counts of records, by the end of their path; each with its reason.</summary>
    static readonly (string End, string Why)[] CountNoRecords =
    [
        ("asOf", "a sequence of the register"), ("AsOf", "a sequence of the register"), ("number", "of an edition"), ("tree", "a version of the units"), ("level", "how deep a unit stands"),
        ("findingsTotal", "hints, each beside it"), ("sessionsWithoutRoster", "of which nothing can be said"), ("version", "of a definition"),
        ("minimum", "a threshold"), ("margin", "a threshold"), ("ValueMax", "a goal"), ("valueMax", "a goal"), ("PercentMax", "a goal"), ("PercentMin", "a goal"),
        ("evision", "of a record"), ("ercent", "a share or a change: its two counts open"), ("perHundredVehicles", "a ratio: both counts open"),
        ("perOfficerHour", "a ratio: both counts open"), ("leaves", "the export has a line for each"),
        ("targetsMet", "counts lines, which the address beside it opens"), ("targetsJudged", "likewise"),
        ("received", "accepted, refused and what left only a count"), ("duplicate", "leaves only its count: the record it repeats is among the accepted"),
        ("conflict", "leaves only its count"), ("ignored", "leaves only its count"),
        ("senders.*.answered.accepted", "only counts are kept by sender; by hour they open"),
        ("units.*.answered.accepted", "likewise"), ("units.*.answered.rejected", "those of each sender open"),
    ];

    /// <summary>A frozen edition prints what was on its way then; that has arrived since, and is not kept apart.</summary>
    static readonly string[] OnItsWayThen = ["edition ledger.accepted", "edition ledger.inFlight", "edition ledger.quarantined"];

    Populated populated = null!;
    List<Figure> figures = null!;
    readonly ConcurrentDictionary<string, Opened> opened = [];

    TrafficApp App => populated.App;

    [OneTimeSetUp]
    public async Task Start()
    {
        populated = await Populated.Start();
        figures = [];
        foreach (var question in Questions())
            figures.AddRange(Walk.Figures(question, await App.Get($"reports/{question}")));
        foreach (var edition in populated.Editions)
            figures.AddRange(Walk.Figures("edition", await App.Get($"reports/editions/{edition}?index=false")));
    }

    [OneTimeTearDown]
    public async Task Stop() => await populated.DisposeAsync();

    IEnumerable<string> Questions()
    {
        var window = $"from={populated.End.AddDays(-99):yyyy-MM-dd}&to={populated.End:yyyy-MM-dd}";
        foreach (var dimension in Snapshot.Dimensions.Keys)
        {
            yield return $"offences?{window}&groupBy={dimension}";
            yield return $"offences?{window}&groupBy={dimension}&division=152500&status=all";
        }
        yield return $"offences?{window}&groupBy=shift,division&days=shift";
        yield return $"offences?{window}&groupBy=week,division&division=152502&source=roadsideCheck,nightInspection";
        foreach (var campaign in (string[])["hundred-days", "tagged", "last-hundred-days"])
            yield return $"targets?campaign={campaign}&perDivision=true";
        yield return $"targets?campaign=tagged&division=152502&from={populated.End.AddDays(-30):yyyy-MM-dd}&to={populated.End:yyyy-MM-dd}";
        yield return "targets?campaign=yunnan-2021";
        yield return $"duty?{window}";
        yield return $"units?{window}&under=152502000000";
        yield return $"units?{window}&under=152500000000";
        yield return $"ledger?from={App.Now.AddDays(-8):yyyy-MM-dd}&to={App.Now.AddDays(1):yyyy-MM-dd}";
    }

    [Test]
    public void A_number_without_an_address_counts_no_records()
    {
        var closed = figures.Where(figure => figure.Address is null && !CountsNoRecords(figure)).Select(Walk.Kind).Distinct().Except(OnItsWayThen).ToList();

        Assert.That(closed, Is.Empty, "give each of these the address of its list, or say above why it has none");
    }

    /// <summary>A ledger names what is behind a figure where there is anything; a fixed number of a definition is nobody's count.</summary>
    static bool CountsNoRecords(Figure figure) =>
        CountNoRecords.Any(one => figure.Path.EndsWith(one.End, StringComparison.Ordinal)) || (figure.Value == 0 && figure.Answer.StartsWith("ledger", StringComparison.Ordinal));

    [Test]
    public async Task Every_number_with_an_address_is_the_total_of_all_its_pages()
    {
        var open = figures.Where(figure => figure.Address is not null).ToList();
        await Walk.OpenAll(App.Http, open.Select(figure => figure.Address!), opened);

        Assert.Multiple(() =>
        {
            foreach (var (address, list) in opened)
            {
                Assert.That(list.Sum, Is.EqualTo(list.Total), $"the list adds up to its total: {address}");
                Assert.That(list.Ids, Has.Count.EqualTo(list.Count), address);
                // A ledger lists each report of a thing.
                if (!address.StartsWith("/api/v1/reports/ledger", StringComparison.Ordinal))
                    Assert.That(list.Ids, Is.Unique, address);
            }
        });
        var wrong = open.Where(figure => !Fits(figure, opened[figure.Address!].Total)).Select(figure => $"{Walk.Kind(figure)}: {figure.Value} opens to {opened[figure.Address!].Total}: {figure.Address}").ToList();
        Assert.That(wrong, Is.Empty, string.Join('\n', wrong.Take(60)));

        // What was never seen above 0 was never tried.
        var tried = open.Where(figure => figure.Value != 0).Select(Walk.Kind).ToHashSet();
        var untried = open.Select(Walk.Kind).Distinct().Where(kind => !tried.Contains(kind)).Except(NothingThere).ToList();
        Assert.That(untried, Is.Empty);
        TestContext.Out.WriteLine($"{open.Count} figures of {tried.Count} kinds, {opened.Count} lists");
    }

    /// <summary>Nothing is on its way or set aside when the editions and reports are asked for.</summary>
    static readonly string[] NothingThere =
    [
        .. new[] { "offences", "targets" }.SelectMany(answer => new[] { $"{answer} ledger.quarantined", $"{answer} ledger.inFlight" }),
    ];

    /// <summary>Hours open to minutes, a rate to its numerator.</summary>
    static bool Fits(Figure figure, decimal total) => figure switch
    {
        { Path: var path } when path.EndsWith("officerHours", StringComparison.Ordinal) => Math.Round(total / 60, 2, MidpointRounding.AwayFromZero) == figure.Value,
        { Path: var path } when path.Contains("officerHours.", StringComparison.Ordinal) || figure.Address!.Contains("cube=officerMinutes", StringComparison.Ordinal) =>
            Math.Round(total / 60, 1, MidpointRounding.AwayFromZero) == figure.Value,
        _ => total == figure.Value,
    };

    [Test]
    public async Task A_rate_is_its_numerator_through_its_denominator_and_a_banner_has_met_as_many_lines_as_its_address_says()
    {
        var rates = 0;
        foreach (var line in (await App.Get("reports/targets?campaign=hundred-days&perDivision=true"))["divisions"]!.AsArray().SelectMany(one => one!["lines"]!.AsArray())
            .Where(line => (string)line!["unit"]! == "percent" && line["value"] is not null))
        {
            var (above, below) = (await Walk.Open(App.Http, (string)line!["counts"]!["numeratorRecords"]!), await Walk.Open(App.Http, (string)line["counts"]!["denominatorRecords"]!));
            Assert.That((decimal)line["value"]!, Is.EqualTo(Math.Round(above.Total * 100 / below.Total, 1, MidpointRounding.AwayFromZero)));
            rates++;
        }
        Assert.That(rates, Is.GreaterThan(3));

        var month = await App.Get($"reports/editions/{populated.Editions[1]}?index=false");
        foreach (var rank in month["comparison"]!.AsArray())
        {
            var judged = (await App.Get(((string)rank!["targets"]!)["/api/v1/".Length..]))["lines"]!.AsArray().Select(line => (string)line!["status"]!)
                .Where(status => status is "met" or "atRisk" or "missed").ToList();
            Assert.That((judged.Count(status => status != "missed"), judged.Count), Is.EqualTo(((int)rank["targetsMet"]!, (int)rank["targetsJudged"]!)));
        }
    }

    [Test]
    public async Task The_leaves_of_an_edition_are_the_lines_of_its_export()
    {
        foreach (var edition in populated.Editions)
        {
            var lines = (await App.Http.GetStringAsync($"/api/v1/reports/editions/{edition}/records")).Split("\r\n");
            Assert.That(lines.SkipWhile(line => !line.StartsWith("kind,", StringComparison.Ordinal)).Count(line => line.Length > 0) - 1,
                Is.EqualTo((int)(await App.Get($"reports/editions/{edition}?index=false"))["leaves"]!));
        }
    }
}
