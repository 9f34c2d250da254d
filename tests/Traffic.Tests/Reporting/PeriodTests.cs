using NUnit.Framework;
using Traffic.Reporting;

namespace Traffic.Tests.Reporting;

/// <summary>Weeks are ISO weeks: they begin on Monday and belong to the year of their Thursday.</summary>
public sealed class PeriodTests
{
    [TestCase("2021-01-03", "2020-W53", Description = "the Sunday of the last week of 2020")]
    [TestCase("2021-01-04", "2021-W01")]
    [TestCase("2022-01-01", "2021-W52")]
    [TestCase("2024-12-29", "2024-W52")]
    [TestCase("2024-12-30", "2025-W01", Description = "already a week of 2025")]
    public void A_day_is_in_the_week_of_its_Thursday(DateTime day, string week) =>
        Assert.That(Period.Of("week", DateOnly.FromDateTime(day)), Is.EqualTo(week));

    [TestCase("week", "2020-W53", "2020-12-28", "2021-01-03")]
    [TestCase("week", "2025-W01", "2024-12-30", "2025-01-05")]
    [TestCase("month", "2024-02", "2024-02-01", "2024-02-29")]
    [TestCase("day", "2022-07-08", "2022-07-08", "2022-07-08")]
    public void A_period_has_its_first_and_last_day(string dimension, string key, DateTime first, DateTime last) =>
        Assert.That(Period.Parse(dimension, key), Is.EqualTo((DateOnly.FromDateTime(first), DateOnly.FromDateTime(last))));

    [Test]
    public void A_row_of_a_week_opens_only_to_the_days_that_were_asked_for()
    {
        var figure = new Figure { From = new(2022, 7, 6), To = new(2022, 7, 20) };

        Assert.That(figure.Narrow("week", "2022-W27").Link(12), Is.EqualTo("/api/v1/reports/records?from=2022-07-06&to=2022-07-10&status=confirmed&asOf=12"));
    }
}
