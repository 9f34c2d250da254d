using NUnit.Framework;
using Traffic.Platform;
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
        var cube = new Cube("violations", "records", ["family", "status", "origin"], false);
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

    static Verdict Judge(TargetDefinition line, int now, int before) => TargetRule.Judge(line, (decimal)now, null, (Sum)(decimal)before);

    static TargetDefinition Line(Goal goal, ComparisonKind comparison = ComparisonKind.YearOnYear, decimal minimum = 5) => new(
        "line", "三下降", new Title("线", "line"), "drop", new Measure("violations", new Dictionary<string, string[]>()), null, "records",
        comparison, null, goal, minimum, "a test", new DateOnly(2022, 1, 1), null);

    static TargetStatus Of(string word) => Enum.Parse<TargetStatus>(word, ignoreCase: true);

    static DateOnly Day(DateTime day) => DateOnly.FromDateTime(day);
}
