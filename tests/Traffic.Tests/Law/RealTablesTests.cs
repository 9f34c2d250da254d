using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using NUnit.Framework;
using Traffic.Contracts;

namespace Traffic.Tests.Law;

/// <summary>Real readings and real records, read where <c>TRAFFIC_TEST_DATA</c> says; without it these tests say so and do not run.</summary>
public sealed partial class RealTablesTests
{
    [SetUp]
    public void DataIsThere()
    {
        if (Repository.TestData is null)
            Assert.Ignore("TRAFFIC_TEST_DATA names no folder with real tables.");
    }

    static string PathOf(string file) => Path.Combine(Repository.TestData!, file);

    /// <summary>934 evidential breath tests, the lower of two readings × 1000: under 20, from 20 on, from 80 on.</summary>
    [Test]
    public void Breath_tests_split_at_20_and_80_as_counted_by_other_means()
    {
        var (under, drink, drunk) = (0, 0, 0);
        var counted = new int[3];
        foreach (var line in File.ReadLines(PathOf("us_ia_ames_breath_tests_2013_2017.csv")).Skip(1))
        {
            // year, month, day, hour, location, gender, Res1, Res2: no field is quoted.
            var (one, two) = (line.Split(',')[^2], line.Split(',')[^1]);
            var lower = Math.Min(decimal.Parse(one, CultureInfo.InvariantCulture), decimal.Parse(two, CultureInfo.InvariantCulture)) * 1000;
            var decision = Example.Car().Measured(Quantity.AlcoholBreath, lower).Decide(priors: 0);
            switch (decision.Entry)
            {
                case "undecided": under++; Assert.That(decision.Missing, Is.EqualTo(["below-limit"])); break;
                case "drink.motor.first": drink++; break;
                case "drunk.motor": drunk++; Assert.That(decision.Hold, Is.EqualTo("awaiting-blood")); break;
                default: Assert.Fail(decision.Entry); break;
            }
            // By digits alone: no arithmetic of the classifier's.
            var digits = Math.Min(Thousandths(one), Thousandths(two));
            counted[digits < 20 ? 0 : digits < 80 ? 1 : 2]++;
        }

        Assert.That((under, drink, drunk), Is.EqualTo((counted[0], counted[1], counted[2])));
        Assert.That((under, drink, drunk), Is.EqualTo((124, 106, 704)), "counted with awk");
    }

    static int Thousandths(string reading) => reading.Split('.') is [var whole, .. var rest]
        ? int.Parse(whole + (rest.FirstOrDefault() ?? "").PadRight(3, '0')[..3], CultureInfo.InvariantCulture) : 0;

    /// <summary>150 speed pairs in the texts of real stops, as a private car on an ordinary road.</summary>
    [Test]
    public void Speed_pairs_fall_into_the_tiers_counted_by_other_means()
    {
        var decided = new Dictionary<string, int>();
        var counted = new int[4];
        foreach (var line in File.ReadLines(PathOf("us_md_montgomery_stops_2013_2015.csv")))
        {
            if (SpeedPair().Match(line) is not { Success: true } pair)
                continue;
            var (speed, limit) = (int.Parse(pair.Groups[1].Value, null), int.Parse(pair.Groups[2].Value, null));
            var decision = Example.Car().Speeding(speed, limit, RoadKind.Urban).Decide();
            decided[decision.Entry] = decided.GetValueOrDefault(decision.Entry) + 1;
            var excess = (speed - limit) * 100;
            counted[excess < 10 * limit ? 0 : excess < 20 * limit ? 1 : excess < 50 * limit ? 2 : 3]++;
        }

        int[] found =
        [
            .. new[] { "speeding.b.any.0", "speeding.b.other.10", "speeding.b.other.20", "speeding.b.other.50" }
                .Select(entry => decided.GetValueOrDefault(entry)),
        ];
        Assert.That(found, Is.EqualTo(counted));
        Assert.That(found, Is.EqualTo(new[] { 0, 4, 95, 51 }), "counted with awk");
        Assert.That(decided.Values.Sum(), Is.EqualTo(150), "none is undecided");
    }

    [GeneratedRegex("EXCEEDING MAXIMUM SPEED: ([0-9]+) MPH IN A POSTED ([0-9]+) MPH ZONE")]
    private static partial Regex SpeedPair();

    /// <summary>Records of two Chinese queries: our points are those the records carry, or here stands why not.</summary>
    static readonly Dictionary<string, string> Explained = new()
    {
        ["before 2013"] = "no edition of that time is on file: left to a person",
        ["7012"] = "a provincial code (7: of a province): no national list has it",
        ["no code"] = "matched by text in its source: a text alone decides nothing",
    };

    [Test]
    public void Records_of_two_Chinese_queries_carry_our_points_or_the_difference_is_explained()
    {
        var agreed = 0;
        var differing = new Dictionary<string, int>();
        foreach (var (at, code, text, points) in Guangdong().Concat(Nanjing()))
        {
            var record = Example.Car() with
            {
                OccurredAt = at, OffenceCode = code, OffenceText = text, VehicleType = null, UseNature = null, RatedPersons = null, DivisionCode = "440100",
            };
            var decision = record.Decide();
            if (decision.Points == points)
            {
                agreed++;
                continue;
            }
            var why = code is null ? "no code" : at < Example.At("2013-01-01T00:00:00+08:00") ? "before 2013" : code;
            Assert.That(Explained, Does.ContainKey(why), $"{code} {text}: {points} points, ours {decision.Points}: {decision.Trace}");
            Assert.That(decision.Entry, Is.EqualTo("undecided"), $"a difference is never another figure: {code} {text}");
            differing[why] = differing.GetValueOrDefault(why) + 1;
        }

        Assert.That(agreed + differing.Values.Sum(), Is.EqualTo(40));
        Assert.That(agreed, Is.EqualTo(17), string.Join(", ", differing));
        Assert.That(differing.Keys, Is.EquivalentTo(Explained.Keys), "no explanation that explains nothing");
    }

    static IEnumerable<(DateTimeOffset At, string? Code, string Text, int Points)> Guangdong() =>
        from row in JsonNode.Parse(File.ReadAllText(PathOf("cn_gd_violation_query_a.json")))!["body"]!.AsArray()
        select (At((string)row["wfsj"]!), (string?)row["wfxw"], (string)row["wfxwzt"]!, int.Parse((string)row["wfjfs"]!, null));

    static IEnumerable<(DateTimeOffset At, string? Code, string Text, int Points)> Nanjing() =>
        from row in JsonNode.Parse(File.ReadAllText(PathOf("cn_js_nanjing_violation_query_a.json")))!["result"]!["lists"]!.AsArray()
        select (At((string)row["date"]!), (string?)row["code"] is { Length: > 0 } code ? code : null, (string)row["act"]!, int.Parse((string)row["fen"]!, null));

    static DateTimeOffset At(string local) => DateTimeOffset.Parse(local + "+08:00", CultureInfo.InvariantCulture);
}
