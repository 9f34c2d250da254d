using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using Traffic.Contracts;
using Traffic.Tests.Activities;
using Traffic.Tests.Editions;
using Traffic.Tests.Law;
using Traffic.Tests.Register;

namespace Traffic.Tests.Worked;

/// <summary>
/// The campaign on <see cref="Paper"/> goes in through the front doors, as officers, a camera and a reviewer would send it; then
/// each line of each preset, in each banner and in both together, equals what was worked out by hand.
/// </summary>
[Category("Postgres")]
public sealed class WorkedCampaignTests
{
    const string Summer = "from=2022-06-25&to=2022-10-02";

    static readonly string[] Presets = ["summer-2022", "summer-2022-offences", "hundred-days", "last-hundred-days", "yunnan-2021", "mps-2019"];

    static readonly Dictionary<string, string> Places = new() { ["East"] = "152525", ["West"] = "152526", ["Both"] = "152500", ["Empty"] = "152531" };

    TrafficApp app = null!;

    /// <summary>18 days after the campaign: officers may still send what is not two years old.</summary>
    [OneTimeSetUp]
    public async Task Report()
    {
        var clock = new ShiftedClock();
        clock.Ahead = At("2022-10-20 12:00") - clock.GetUtcNow();
        app = await TrafficApp.Start(services: services => services.AddSingleton<TimeProvider>(clock));
        await Violations();
        await Crashes();
        await Dangers();
        foreach (var row in Rows(Paper.Observations))
            await app.Taken("observations", Observation(row));
        await Sessions();
        await app.NothingInFlight();
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await Activities.Sent.CountsAgree(app);
        await app.DisposeAsync();
    }

    static IEnumerable<TestCaseData> Asked =>
        from preset in Presets from place in new[] { "East", "West", "Both" } select new TestCaseData(preset, place);

    [TestCaseSource(nameof(Asked))]
    public async Task Every_line_of_every_preset_equals_the_paper(string preset, string place)
    {
        var alone = await app.Get($"reports/targets?campaign={preset}&{Summer}&division={Places[place]}");
        var beside = await app.Get($"reports/targets?campaign={preset}&{Summer}&perDivision=true");
        var part = place == "Both" ? beside : beside["divisions"]!.AsArray().Single(one => (string)one!["division"]! == Places[place])!;

        Assert.That(Shown(alone), Is.EqualTo(Expected(Paper.Campaign, preset, place)));
        Assert.That(Shown(part), Is.EqualTo(Shown(alone)), "side by side with the others");
    }

    [TestCase("summer-2022")]
    [TestCase("summer-2022-offences")]
    public async Task Asked_without_days_a_campaign_that_is_over_answers_for_its_own(string preset)
    {
        var board = await app.Get($"reports/targets?campaign={preset}");

        Assert.That(Shown(board), Is.EqualTo(Expected(Paper.Campaign, preset, "Both")));
    }

    [TestCase("East"), TestCase("West"), TestCase("Both")]
    public async Task A_year_that_is_not_over_is_set_beside_the_same_days_of_the_year_before(string place)
    {
        var board = await app.Get($"reports/targets?campaign=yunnan-2021&division={Places[place]}");

        Assert.That(Shown(board), Is.EqualTo(Expected(Paper.YearToDate, "yunnan-2021", place)));
    }

    [TestCaseSource(nameof(Presets))]
    public async Task Where_nobody_reported_anything_each_line_says_so_and_shows_no_figure(string preset)
    {
        var empty = await app.Get($"reports/targets?campaign={preset}&{Summer}&division={Places["Empty"]}");
        var before = await app.Get($"reports/targets?campaign={preset}&from=2019-01-01&to=2019-12-31");

        Assert.That(Shown(empty).Select(line => line[(line.IndexOf('|', StringComparison.Ordinal) + 1)..].Trim()), Is.EqualTo(Enumerable.Repeat("- | - | - | noData | rows", 6)));
        Assert.That(before["lines"]!.AsArray().Select(line => $"{line!["value"]}{line["baseline"]}{line["changePercent"]} {line["status"]}"), Is.All.EqualTo(" noData"));
    }

    [TestCaseSource(nameof(Asked))]
    public async Task Every_figure_on_the_paper_opens_to_as_many(string preset, string place)
    {
        var board = await app.Get($"reports/targets?campaign={preset}&{Summer}&division={Places[place]}");
        foreach (var line in board["lines"]!.AsArray())
        {
            if ((string?)line!["records"] is { } records)
                Assert.That((decimal)(await app.Get(records["/api/v1/".Length..]))["total"]!, Is.EqualTo((decimal?)line["counts"]?["numerator"] ?? (decimal)line["value"]!), (string)line["id"]!);
            if ((string?)line["baselineRecords"] is { } then)
                Assert.That((decimal)(await app.Get(then["/api/v1/".Length..]))["total"]!, Is.EqualTo((decimal?)line["counts"]?["baselineNumerator"] ?? (decimal)line["baseline"]!), (string)line["id"]!);
        }
    }

    /// <summary>The lines of the paper for one preset and place, in the order of the id.</summary>
    static List<string> Expected(string paper, string preset, string place)
    {
        var (lines, id, asked) = (new List<string>(), "", false);
        foreach (var row in paper.Split('\n').Select(row => row.Split('#')[0].Trim()))
            if (row.Split('|', StringSplitOptions.TrimEntries) is [var presets, var line])
                (id, asked) = (line, presets.Split(' ').Contains(preset));
            else if (asked && row.StartsWith(place + " ", StringComparison.Ordinal))
                lines.Add($"{id} | {string.Join(" | ", row.Split('|', StringSplitOptions.TrimEntries).Skip(1))}");
        return [.. lines.Order(StringComparer.Ordinal)];
    }

    /// <summary>The lines of an answer, written as on the paper. The sixth column is the reason where there is no figure at all.</summary>
    static List<string> Shown(JsonNode board) => [.. board["lines"]!.AsArray().Select(line => string.Join(" | ",
        line!["id"], Number(line["value"], Rate(line)), Number(line["baseline"], Rate(line)), Number(line["changePercent"], "0.0"), line["status"],
        line["stock"] is { } stock && line["value"] is not null
            ? $"{stock["start"]} + {stock["found"]} - {stock["cleared"]} + {stock["reopened"]} = {stock["remaining"]}"
            : line["counts"] is { } counts ? $"{counts["numerator"]}/{counts["denominator"]} {counts["baselineNumerator"]}/{counts["baselineDenominator"]}"
            : line["value"] is null ? (string)line["reasonCode"]! : $"{Per(line["exposure"])} {Per(line["baselineExposure"])}")).Order(StringComparer.Ordinal)];

    static string Rate(JsonNode line) => (string)line["unit"]! == "percent" ? "0.0" : "0";

    static string Per(JsonNode? exposure) => $"{Number(exposure?["perHundredVehicles"], "0.00")}/{Number(exposure?["perOfficerHour"], "0.00")}";

    static string Number(JsonNode? value, string form) => value is null ? "-" : ((decimal)value).ToString(form, CultureInfo.InvariantCulture);

    /// <summary>A row of the paper: where, when, and the words of what happened.</summary>
    sealed record Row(string Place, DateTimeOffset At, string[] Words)
    {
        public bool Has(string word) => Words.Contains(word);

        public string? After(string word) => Words.SkipWhile(one => one != word).Skip(1).FirstOrDefault();
    }

    /// <summary>Each row as many times as it says, each a day after the one before.</summary>
    static IEnumerable<Row> Rows(string paper) =>
        from row in paper.Split('\n').Select(row => row.Split('#')[0].Trim()) where row.Length > 0
        let cells = row.Split('|', StringSplitOptions.TrimEntries)
        from nth in Enumerable.Range(0, int.Parse(cells[1], null))
        select new Row(Places[cells[0]], At(cells[2]).AddDays(nth), cells[3].Split(' '));

    static DateTimeOffset At(string local) => new(DateTime.Parse(local, CultureInfo.InvariantCulture), TimeSpan.FromHours(8));

    async Task Violations()
    {
        var decided = new List<(Guid Id, string Action)>();
        var serial = 0;
        foreach (var row in Rows(Paper.Violations))
        {
            var vehicle = row.Words[1] switch
            {
                "speeding" => Example.Car().Speeding(80, 50, RoadKind.Urban),
                "coach" => Example.Coach().Measured(Quantity.Persons, int.Parse(row.Words[2], null)),
                "car" => Example.Car().Measured(Quantity.Persons, int.Parse(row.Words[2], null)),
                "fatigue" => Example.Car().Measured(Quantity.DrivingTime, 6),
                "red-light" => Example.Car().Signalled(Signal.RedLight) with { OffenceKind = "red-light" },
                "hazmat-route" => Example.Hazmat().Signalled(Signal.HazmatOffRoute) with { OffenceKind = "hazmat-route-time" },
                var what => throw new InvalidOperationException(what),
            };
            var record = vehicle with
            {
                RecordId = Guid.NewGuid(), OccurredAt = row.At, DivisionCode = row.Place, Plate = $"蒙H{++serial:00000}", PlateType = "02",
                Source = row.Words[0] == "night" ? RecordSource.NightInspection : RecordSource.RoadsideCheck,
            };
            if (row.Words[0] == "camera")
                record = record with { RecordId = await app.Camera(record) };
            else
                Assert.That((await app.Post("violations", JsonNode.Parse(JsonSerializer.Serialize(record, TrafficJson.Plain.ReportedViolation))!)).Status, Is.EqualTo(HttpStatusCode.Created));
            // The database's clock is today's: what comes in after two years is held until a person has looked at it.
            if (row.Words[0] != "camera" || row.Has("confirmed") || row.Has("rejected"))
                decided.Add((record.RecordId, row.Has("voided") ? "void" : row.Has("rejected") ? "reject" : "confirm"));
        }
        await app.NothingInFlight();
        foreach (var (id, action) in decided)
            Assert.That((await app.Decide(id, action)).StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        await app.NothingInFlight();
    }

    async Task Crashes()
    {
        foreach (var row in Rows(Paper.Crashes))
        {
            var counts = row.Words[0].Split('/');
            var occasion = row.Words.FirstOrDefault(word => word.StartsWith("key-", StringComparison.Ordinal));
            var crash = app.Crash(int.Parse(counts[0], null), int.Parse(counts[1], null)).With("occurredAt", $"{row.At:O}").With("divisionCode", row.Place)
                .With("occasion", occasion).Without("unitCode")
                .With("vehicles", new JsonArray(new JsonObject { ["vehicleClass"] = "coach", ["keyVehicle"] = row.Has("key") }));
            var id = await app.Taken("crashes", occasion is null ? crash.Without("occasion") : crash);
            if (row.Words.FirstOrDefault(word => word.StartsWith("later-", StringComparison.Ordinal)) is { } later)
                await app.Taken($"crashes/{id}/revisions", crash.Without("occasion").With("dead", int.Parse(later.AsSpan(6), null)).Again(supersedes: 1));
            if (row.Has("voided"))
                await app.Taken($"crashes/{id}/void", Activities.Sent.Void(1));
        }
    }

    async Task Dangers()
    {
        foreach (var row in Rows(Paper.Dangers))
        {
            var id = await app.Taken("dangers", app.Danger(kind: row.Words[0]).With("foundAt", $"{row.At:O}").With("divisionCode", row.Place));
            var revision = 0;
            foreach (var (word, path) in new[] { ("cleared", "clearings"), ("reopened", "reopenings") })
                if (row.After(word) is { } day)
                    await app.Taken($"dangers/{id}/{path}", app.Change(0, ++revision).With("changedAt", $"{day}T11:00:00+08:00"));
            if (row.Has("voided"))
                await app.Taken($"dangers/{id}/void", Activities.Sent.Void(1));
        }
    }

    JsonObject Observation(Row row)
    {
        var counts = row.Words[1].Split('/');
        return app.Observation().With("observedAt", $"{row.At:O}").With("divisionCode", row.Place).With("counts", new JsonArray(new JsonObject
        {
            ["thing"] = row.Words[0], ["checked"] = int.Parse(counts[0], null), ["complying"] = int.Parse(counts[1], null),
        }));
    }

    async Task Sessions()
    {
        foreach (var row in Rows(Paper.Sessions))
        {
            var id = await app.Taken("sessions", app.Session().With("divisionCode", row.Place).With("unitCode", row.Place + "000000")
                .With("sessionKind", row.Words[0]).With("plannedFrom", $"{row.At:O}").With("plannedTo", $"{row.At.AddHours(4):O}"));
            if (row.Has("open"))
                continue;
            var vehicles = int.Parse(row.After("checked")!, null);
            await app.Taken($"sessions/{id}/closing", app.Closing()
                .With("actualFrom", $"{row.At:O}").With("actualTo", $"{row.At + TimeSpan.Parse(row.Words[3], CultureInfo.InvariantCulture):O}")
                .With("officers", int.Parse(row.Words[1], null)).With("vehiclesChecked", vehicles).With("personsChecked", 0).With("violations", 0)
                .With("posts", new JsonArray(Activities.Sent.Post("S101", vehicles, 0, 0))));
        }
    }}
