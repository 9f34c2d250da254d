using NUnit.Framework;
using Traffic.Reporting;

namespace Traffic.Tests.Reporting;

/// <summary>A line is judged on both sides of each goal; what is not there is never 0.</summary>
public sealed class TargetRuleTests
{
    static readonly Sum Nothing = new(null, "rows");

    [TestCase(100, 100, "met", Description = "no change at all meets 'at most 0'")]
    [TestCase(99, 100, "met")]
    [TestCase(101, 100, "missed")]
    [TestCase(0, 100, "met", Description = "a real 0 is a figure")]
    public void A_drop_is_met_up_to_its_bound(int now, int before, string status) =>
        Assert.That(Judge(Line(new Goal(0, null, null, null, 0)), now, before).Status, Is.EqualTo(Of(status)));

    [TestCase(160, 100, "met")]
    [TestCase(159, 100, "missed")]
    public void A_raise_is_met_from_its_bound(int now, int before, string status) =>
        Assert.That(Judge(Line(new Goal(null, 60, null, null, 0)), now, before).Status, Is.EqualTo(Of(status)));

    [TestCase(95, "met")]
    [TestCase(96, "atRisk")]
    [TestCase(100, "atRisk")]
    [TestCase(101, "missed")]
    public void A_goal_reached_by_less_than_the_margin_is_at_risk(int now, string status) =>
        Assert.That(Judge(Line(new Goal(0, null, null, null, 5)), now, 100).Status, Is.EqualTo(Of(status)));

    [TestCase(0, "met")]
    [TestCase(1, "missed")]
    public void A_zero_is_zero(int now, string status)
    {
        var verdict = TargetRule.Judge(Line(new Goal(null, null, 0, null, 0), ComparisonKind.None), (decimal)now);

        Assert.That((verdict.Status, verdict.Value, verdict.Baseline), Is.EqualTo((Of(status), (decimal)now, (decimal?)null)));
    }

    [Test]
    public void Nothing_on_record_is_no_data_and_no_zero()
    {
        var verdict = TargetRule.Judge(Line(new Goal(null, null, 0, null, 0), ComparisonKind.None), Nothing);

        Assert.That((verdict.Status, verdict.Value, verdict.Reason), Is.EqualTo((TargetStatus.NoData, (decimal?)null, "rows")));
    }

    [Test]
    public void Without_the_period_compared_with_the_value_stands_and_nothing_is_said_of_it()
    {
        var verdict = TargetRule.Judge(Line(new Goal(0, null, null, null, 0)), 7, null, Nothing);

        Assert.That((verdict.Status, verdict.Value, verdict.ChangePercent, verdict.Reason), Is.EqualTo((TargetStatus.NoData, 7m, (decimal?)null, "baseline")));
    }

    [TestCase(4, "tooFewToSay")]
    [TestCase(5, "met")]
    public void A_baseline_under_the_minimum_says_nothing(int before, string status) =>
        Assert.That(Judge(Line(new Goal(0, null, null, null, 0)), 1, before).Status, Is.EqualTo(Of(status)));

    [TestCase(0, "met")]
    [TestCase(1, "missed")]
    public void From_nothing_there_is_no_percentage(int now, string status)
    {
        var verdict = Judge(Line(new Goal(0, null, null, null, 0), minimum: 0), now, 0);

        Assert.That((verdict.Status, verdict.ChangePercent), Is.EqualTo((Of(status), (decimal?)null)));
    }

    [TestCase(0, 0, "met", Description = "no change at all meets 'at least 0'")]
    [TestCase(0, 1, "missed")]
    [TestCase(1, 60, "met")]
    public void A_raise_from_nothing_is_met_by_any_and_by_nothing_where_no_change_will_do(int now, int atLeast, string status)
    {
        var verdict = TargetRule.Judge(Line(new Goal(null, atLeast, null, null, 0), minimum: 100), now, (Sum)200m, (Sum)0m, (Sum)200m);

        Assert.That((verdict.Status, verdict.ChangePercent), Is.EqualTo((Of(status), (decimal?)null)));
    }

    [Test]
    public void A_rate_of_nobody_observed_is_no_data()
    {
        var verdict = TargetRule.Judge(Line(new Goal(null, 0, null, null, 0)), 0, (Sum)0m, (Sum)1m, (Sum)10m);

        Assert.That((verdict.Status, verdict.Value, verdict.Reason), Is.EqualTo((TargetStatus.NoData, (decimal?)null, "denominator")));
    }

    [Test]
    public void A_rate_is_compared_exactly_and_shown_to_a_tenth()
    {
        // 2/3 and 66.7 % look the same: the change is judged before rounding.
        var verdict = TargetRule.Judge(Line(new Goal(null, 0, null, null, 0)), 2000, (Sum)3000m, (Sum)667m, (Sum)1000m);

        Assert.That((verdict.Status, verdict.Value, verdict.Baseline), Is.EqualTo((TargetStatus.Missed, 66.7m, 66.7m)));
    }

    [Test]
    public void Without_rows_in_the_scope_a_sum_is_nothing_and_with_rows_of_others_it_is_zero()
    {
        string[] cube = ["family", "status", "origin"];
        var fatigue = new Measure("violations", new Dictionary<string, string[]> { ["family"] = ["fatigue"] });
        var figure = new Figure { From = new(2022, 7, 1), To = new(2022, 7, 7) };

        Assert.Multiple(() =>
        {
            Assert.That(TargetBoard.Add(cube, fatigue, [], figure).Value, Is.Null);
            Assert.That(TargetBoard.Add(cube, fatigue, [new("fatigue|confirmed|ames", 3)], figure).Value, Is.Null, "another origin's");
            Assert.That(TargetBoard.Add(cube, fatigue, [new("speeding|confirmed|-", 3)], figure).Value, Is.Zero);
            Assert.That(TargetBoard.Add(cube, fatigue, [new("fatigue|captured|-", 3), new("fatigue|confirmed|-", 2)], figure).Value, Is.EqualTo(2));
        });
    }

    [TestCase("2022-06-25", "2022-07-08", "2021-06-25", "2021-07-08")]
    [TestCase("2024-02-01", "2024-02-29", "2023-02-01", "2023-02-28")]
    public void A_year_before_is_the_same_calendar_window(DateTime from, DateTime to, DateTime then, DateTime until) =>
        Assert.That(TargetRule.Before(ComparisonKind.YearOnYear, Day(from), Day(to)), Is.EqualTo((Day(then), Day(until))));

    [TestCase("2022-07-04", "2022-07-10", "2022-06-27", "2022-07-03")]
    [TestCase("2022-07-04", "2022-07-04", "2022-07-03", "2022-07-03")]
    public void The_period_before_is_as_long_and_ends_the_day_before(DateTime from, DateTime to, DateTime then, DateTime until) =>
        Assert.That(TargetRule.Before(ComparisonKind.PeriodOnPeriod, Day(from), Day(to)), Is.EqualTo((Day(then), Day(until))));

    [TestCase("2025-02-01", "2025-02-28", "2024-02-01", "2024-02-29", Description = "the 29th is not lost where only the year before has one")]
    [TestCase("2025-02-28", "2025-03-01", "2024-02-28", "2024-03-01")]
    [TestCase("2024-02-29", "2024-02-29", "2023-02-28", "2023-02-28")]
    [TestCase("2024-02-01", "2024-02-28", "2023-02-01", "2023-02-28")]
    [TestCase("2024-12-30", "2025-01-05", "2023-12-30", "2024-01-05")]
    public void Around_29_February_no_day_is_lost(DateTime from, DateTime to, DateTime then, DateTime until) =>
        Assert.That(TargetRule.Before(ComparisonKind.YearOnYear, Day(from), Day(to)), Is.EqualTo((Day(then), Day(until))));

    [Test]
    public void Windows_that_follow_each_other_do_so_a_year_before()
    {
        var random = new Random(29);
        for (var n = 0; n < 2_000; n++)
        {
            var from = new DateOnly(2019, 1, 1).AddDays(random.Next(3_000));
            var between = from.AddDays(random.Next(60));
            var (first, second) = (TargetRule.Before(ComparisonKind.YearOnYear, from, between)!.Value,
                TargetRule.Before(ComparisonKind.YearOnYear, between.AddDays(1), between.AddDays(30))!.Value);
            // Cut between 28 and 29 February, both days stand beside the 28th: no day is missed, one is seen by both.
            if (between is { Month: 2, Day: 28 } && between.AddDays(1).Month == 2)
                continue;
            Assert.That(second.From, Is.EqualTo(first.To.AddDays(1)), $"{from:O} {between:O}");
        }
    }

    [TestCase(99, "tooFewToSay", null)]
    [TestCase(100, "met", 90.0)]
    public void A_rate_of_too_few_shows_no_percentage(int observed, string status, double? value)
    {
        var line = Line(new Goal(null, null, null, 80, 0), ComparisonKind.None, minimum: 100);
        var verdict = TargetRule.Judge(line, observed * 0.9m, (Sum)(decimal)observed);

        Assert.That((verdict.Status, verdict.Value), Is.EqualTo((Of(status), (decimal?)value)));
    }

    [TestCase(99, "tooFewToSay", null)]
    [TestCase(100, "met", 12.5)]
    public void A_rate_set_beside_too_few_shows_itself_and_no_change(int then, string status, double? change)
    {
        var line = Line(new Goal(null, 0, null, null, 0), minimum: 100);
        var verdict = TargetRule.Judge(line, 90, (Sum)100m, (Sum)(then * 0.8m), (Sum)(decimal)then);

        Assert.That((verdict.Status, verdict.Value, verdict.ChangePercent), Is.EqualTo((Of(status), (decimal?)90m, (decimal?)change)));
    }

    [Test]
    public void Whatever_the_counts_a_rate_lies_between_its_bounds_and_its_change_has_the_sign_of_the_difference()
    {
        var random = new Random(2022);
        var line = Line(new Goal(null, 0, null, null, 0), minimum: 1);
        for (var n = 0; n < 20_000; n++)
        {
            var (of, ofThen) = (random.Next(0, 400), random.Next(0, 400));
            var (many, manyThen) = (random.Next(0, of + 1), random.Next(0, ofThen + 1));
            var verdict = TargetRule.Judge(line, many, (Sum)(decimal)of, (Sum)(decimal)manyThen, (Sum)(decimal)ofThen);
            if (of == 0)
            {
                Assert.That((verdict.Value, verdict.Status), Is.EqualTo(((decimal?)null, TargetStatus.NoData)));
                continue;
            }
            Assert.That(verdict.Value, Is.InRange(0m, 100m));
            if (ofThen == 0 || manyThen == 0)
            {
                Assert.That(verdict.ChangePercent, Is.Null);
                continue;
            }
            // Compared as fractions, not as the rounded percentages shown.
            var difference = (long)many * ofThen - (long)manyThen * of;
            Assert.That(verdict.Status, Is.EqualTo(difference >= 0 ? TargetStatus.Met : TargetStatus.Missed), $"{many}/{of} {manyThen}/{ofThen}");
            Assert.That(Math.Sign(verdict.ChangePercent!.Value), Is.EqualTo(Math.Sign(difference)).Or.Zero);
        }
    }

    [TestCase(22, 1737, 100, 1.27)]
    [TestCase(389, 1737, 100, 22.39)]
    [TestCase(0, 50, 100, 0)]
    [TestCase(3, 0, 100, null)]
    [TestCase(3, null, 100, null)]
    public void A_count_is_set_against_those_checked_and_against_nobody_not_at_all(int count, int? exposure, int each, double? per) =>
        Assert.That(TargetRule.Per(count, exposure, each), Is.EqualTo((decimal?)per));

    static Verdict Judge(TargetDefinition line, int now, int before) => TargetRule.Judge(line, (decimal)now, null, (Sum)(decimal)before);

    static TargetDefinition Line(Goal goal, ComparisonKind comparison = ComparisonKind.YearOnYear, decimal minimum = 5) => new(
        "line", "三下降", new Title("线", "line"), "drop", new Measure("violations", new Dictionary<string, string[]>()), null, "records",
        comparison, null, goal, minimum, "a test", new DateOnly(2022, 1, 1), null);

    static TargetStatus Of(string word) => Enum.Parse<TargetStatus>(word, ignoreCase: true);

    static DateOnly Day(DateTime day) => DateOnly.FromDateTime(day);
}
