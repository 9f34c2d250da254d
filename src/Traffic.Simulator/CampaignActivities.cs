using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace Traffic.Simulator;

/// <summary>A share of a figure, known from how it was made.</summary>
public sealed record SimulatedCount(string Cube, string Division, DateOnly Day, long Value);

/// <summary>One report beside violations, with what it must count for once all are registered: nothing where a later one replaces it.</summary>
/// <param name="Json">One item of <c>/api/v1/feeds/{feed}/activity</c>.</param>
public sealed record SimulatedActivity(byte[] Json, IReadOnlyList<SimulatedCount> Counts);

/// <summary>
/// What a synthetic campaign is measured on beside violations: crashes with deaths that follow later, dangers found, cleared and
/// reopened, observations, sessions, must-visit points and visits; the hundred days up to an end and the same window a year before,
/// so that a comparison has something to compare with. Same arguments, same reports.
/// </summary>
/// <param name="seed">Decides everything.</param>
/// <param name="end">The last day, in Asia/Shanghai.</param>
public sealed class CampaignActivities(int seed, DateOnly end)
{
    /// <summary>Feed of the synthetic duty desk.</summary>
    public const string Feed = "simulated.desk";

    static readonly string[] Divisions =
        ["152501", "152502", "152522", "152523", "152524", "152525", "152526", "152527", "152528", "152529", "152530", "152531"];

    readonly Random random = new(seed);
    readonly List<SimulatedActivity> all = [];

    /// <summary>The reports, in the order in which they must be sent: a report that replaces another comes after it.</summary>
    public IReadOnlyList<SimulatedActivity> Reports()
    {
        if (all.Count > 0)
            return all;
        foreach (var year in new[] { 0, 1 })
        {
            Crashes(year, year == 0 ? 88 : 104);
            foreach (var division in Divisions)
            {
                Observations(year, division);
                Sessions(year, division);
                Points(year, division);
            }
        }
        Dangers("inspection-overdue", 64, open: 5);
        Dangers("scrapping-overdue", 18, open: 0);
        Dangers("review-overdue", 52, open: 3);
        Dangers("renewal-overdue", 21, open: 0);
        Dangers("full-points-not-studied", 12, open: 0);
        return all;
    }

    DateOnly Day(int year, int ago) => end.AddYears(-year).AddDays(-ago);

    static string At(DateOnly day, int minute) =>
        day.ToDateTime(default).AddMinutes(minute).ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture) + "+08:00";

    static JsonNode DayOf(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <param name="subject">Event id of the first report of what it is about; null for a first report.</param>
    void Add(string kind, string eventId, JsonObject report, IEnumerable<SimulatedCount> counts, string? verb = null, string? subject = null, int? supersedes = null)
    {
        report["kind"] = kind;
        report["eventId"] = eventId;
        if (verb is not null)
            report["verb"] = verb;
        if (subject is not null)
            (report["subject"], report["supersedes"]) = (subject, supersedes);
        all.Add(new SimulatedActivity(Encoding.UTF8.GetBytes(report.ToJsonString()), [.. counts.Where(one => one.Value != 0)]));
    }

    string Id(string kind, params object[] parts) => $"{seed}-{end:yyyyMMdd}-{kind}-{string.Join('-', parts)}";

    void Crashes(int year, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var (division, day, minute) = (Divisions[random.Next(Divisions.Length)], Day(year, random.Next(1, 100)), random.Next(24 * 60));
            var (dead, injured, loss) = (random.Next(100) < 17 ? random.Next(1, 3) : 0, random.Next(4), random.Next(1, 60) * 1_000L);
            var key = random.Next(100) < 22;
            JsonObject Crash(int dead, int injured) => new()
            {
                ["occurredAt"] = At(day, minute), ["divisionCode"] = division, ["unitCode"] = division + "000000",
                ["roadKind"] = (i % 3) switch { 0 => "nationalOrProvincial", 1 => "urban", _ => "ruralPastoral" }, ["road"] = i % 3 == 0 ? "G207" : "S101",
                ["dead"] = dead, ["injured"] = injured, ["lossCny"] = loss,
                ["causes"] = new JsonArray((i % 5) switch { 0 => "speeding", 1 => "no-yield", 2 => "fatigue", 3 => "drink-driving", _ => "animal" }),
                ["vehicles"] = new JsonArray(new JsonObject { ["vehicleClass"] = key ? "truck" : "car", ["keyVehicle"] = key }),
            };
            SimulatedCount[] Counts(int dead, int injured) =>
                [new("crashes", division, day, 1), new("deaths", division, day, dead), new("injured", division, day, injured), new("loss", division, day, loss)];

            var id = Id("crash", year, i);
            // One in twelve of the injured dies later: the death counts on the day of the crash.
            if (injured > 0 && random.Next(12) == 0)
            {
                Add("crash", id, Crash(dead, injured), []);
                Add("crash", id + "-2", Crash(dead + 1, injured - 1), Counts(dead + 1, injured - 1), subject: id, supersedes: 1);
            }
            else
                Add("crash", id, Crash(dead, injured), Counts(dead, injured));
        }
    }

    void Observations(int year, string division)
    {
        for (var week = 0; week < 14; week++)
        {
            var day = Day(year, 3 + (week * 7));
            var counts = new JsonArray();
            var known = new List<SimulatedCount>();
            foreach (var (thing, rate) in new[] { ("overall", 88), ("helmet-motorcycle", 82), ("helmet-ebike", 71), ("belt-driver", 93), ("belt-passenger", 76) })
            {
                var seen = random.Next(80, 160);
                var complying = seen * Math.Min(99, rate + (year == 0 ? random.Next(2, 8) : random.Next(-4, 2))) / 100;
                counts.Add(new JsonObject { ["thing"] = thing, ["checked"] = seen, ["complying"] = complying });
                known.Add(new("observations", division, day, seen));
                known.Add(new($"observations {thing} compliant", division, day, complying));
            }
            Add("observation", Id("observation", year, division, week), new JsonObject
            {
                ["observedAt"] = At(day, 10 * 60), ["divisionCode"] = division, ["unitCode"] = division + "000000", ["roadKind"] = "urban",
                ["place"] = "锡林大街", ["counts"] = counts,
            }, known);
        }
    }

    void Sessions(int year, string division)
    {
        for (var i = 0; i < 33; i++)
        {
            // A night goes on into the next day, which has to be over, too.
            var (day, night) = (Day(year, 2 + (i * 3)), i % 2 == 0);
            var (planned, minutes, officers) = (night ? 21 * 60 : 9 * 60, random.Next(180, 300), random.Next(6, 14));
            var id = Id("session", year, division, i);
            var plannedMinutes = officers * minutes;
            Add("session", id, new JsonObject
            {
                ["name"] = $"{division}-{day:yyyyMMdd}-{(night ? "N" : "D")}", ["divisionCode"] = division, ["unitCode"] = division + "000000",
                ["sessionKind"] = night ? "nightInspection" : "roadsideCheck", ["mode"] = (i % 3) switch { 0 => "car", 1 => "motorcycle", _ => "foot" },
                ["place"] = night ? "G207" : "锡林大街", ["plannedFrom"] = At(day, planned), ["plannedTo"] = At(day, planned + minutes), ["officersPlanned"] = officers,
            }, []);
            var (there, late) = (officers - random.Next(2), random.Next(0, 15));
            int[] vehicles = [random.Next(40, 90), random.Next(40, 90)], persons = [random.Next(60, 150), random.Next(60, 150)], found = [random.Next(3, 15), random.Next(3, 15)];
            Add("session", id + "-closed", new JsonObject
            {
                ["actualFrom"] = At(day, planned + late), ["actualTo"] = At(day, planned + minutes), ["officers"] = there,
                // Of the brigade's own; now and then one of another's stands in.
                ["officerIds"] = new JsonArray([.. Enumerable.Range(0, there).Select(n => (JsonNode)Campaign.Officer(division, n, strange: i % 11 == 0 && n == 0))]), ["vehiclesChecked"] = vehicles.Sum(),
                ["personsChecked"] = persons.Sum(), ["violations"] = found.Sum(),
                ["posts"] = new JsonArray([.. Enumerable.Range(0, 2).Select(post => new JsonObject
                {
                    ["place"] = post == 0 ? "G207" : "S101", ["vehiclesChecked"] = vehicles[post], ["personsChecked"] = persons[post], ["violations"] = found[post],
                })]),
            },
            [
                new("sessions", division, day, 1), new("officerMinutesPlanned", division, day, plannedMinutes),
                new("officerMinutes", division, day, there * (minutes - late)), new("vehiclesChecked", division, day, vehicles.Sum()),
                new("personsChecked", division, day, persons.Sum()),
            ], "close", id, 1);
        }
    }

    void Points(int year, string division)
    {
        var id = Id("point", year, division);
        var (from, to) = (Day(year, 99), Day(year, 0));
        Add("point", id, new JsonObject
        {
            ["divisionCode"] = division, ["unitCode"] = division + "000000", ["pointKind"] = "point", ["name"] = "第二中学门口", ["visitsPerDay"] = 1,
            ["from"] = DayOf(from), ["to"] = DayOf(to),
        }, Enumerable.Range(0, 100).Select(ago => new SimulatedCount("visitsPlanned", division, Day(year, ago), 1)));
        for (var ago = 1; ago < 100; ago++)
            if (random.Next(100) < (year == 0 ? 93 : 81))
                Add("visit", Id("visit", year, division, ago), new JsonObject
                {
                    ["pointEventId"] = id, ["day"] = DayOf(Day(year, ago)), ["nth"] = 1, ["visitedAt"] = At(Day(year, ago), 7 * 60),
                    ["proofSha256"] = Proof(ago),
                }, [new("visitsProven", division, Day(year, ago), 1)]);
    }

    /// <summary>Found over the hundred days and the month before them; all cleared but some.</summary>
    void Dangers(string kind, int count, int open)
    {
        for (var i = 0; i < count; i++)
        {
            var (division, found) = (Divisions[random.Next(Divisions.Length)], random.Next(20, 130));
            var id = Id("danger", kind, i);
            Add("danger", id, new JsonObject
            {
                ["foundAt"] = At(Day(0, found), 9 * 60), ["divisionCode"] = division, ["unitCode"] = division + "000000", ["dangerKind"] = kind,
            }, [new("dangers", division, Day(0, found), 1)]);
            if (i < open)
                continue;
            var cleared = random.Next(12, found);
            Change("clear", cleared, 1, -1);
            if (i % 9 == 0)
            {
                Change("reopen", 10, 2, 1);
                Change("clear", 4, 3, -1);
            }

            void Change(string verb, int ago, int supersedes, int value) => Add("danger", $"{id}-{supersedes}", new JsonObject
            {
                ["changedAt"] = At(Day(0, ago), 10 * 60), ["proofSha256"] = verb == "clear" ? Proof(i) : null,
                ["text"] = verb == "clear" ? "已办结" : "复查未办结",
            }, [new("dangers", division, Day(0, ago), value)], verb, id, supersedes);
        }
    }

    static string Proof(int i) => Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(BitConverter.GetBytes(i)));
}
