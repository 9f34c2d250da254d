using NUnit.Framework;
using Traffic.Catalogue;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Tests.Law;

/// <summary>A night's work belongs to the day it began; the bounds are those of <c>schemas/divisions</c>.</summary>
public sealed class ShiftRuleTests
{
    static readonly Divisions Divisions = new(new SchemaFiles(Path.Combine(Repository.Root, "schemas")));

    [TestCase("2022-07-02T09:15:00+08:00", "2022-07-02", "2022-07-02", Shift.Day, Description = "an ordinary morning")]
    [TestCase("2022-07-03T02:30:00+08:00", "2022-07-03", "2022-07-02", Shift.Night, Description = "a night belongs to the day it began")]
    [TestCase("2022-07-03T05:59:59.999+08:00", "2022-07-03", "2022-07-02", Shift.Night, Description = "the last instant of the night")]
    [TestCase("2022-07-03T06:00:00+08:00", "2022-07-03", "2022-07-03", Shift.Day, Description = "the first second of the day")]
    [TestCase("2022-07-03T19:59:59+08:00", "2022-07-03", "2022-07-03", Shift.Day)]
    [TestCase("2022-07-03T20:00:00+08:00", "2022-07-03", "2022-07-03", Shift.Night)]
    [TestCase("2022-07-02T18:30:00Z", "2022-07-03", "2022-07-02", Shift.Night, Description = "written in UTC, 02:30 local")]
    [TestCase("2022-01-01T03:00:00+08:00", "2022-01-01", "2021-12-31", Shift.Night, Description = "New Year's night counts for the old year")]
    public void An_instant_counts_for(string at, string day, string shiftDate, Shift shift)
    {
        var hours = Divisions.Hours(null, "152502");
        var rule = new ShiftRule(Divisions.Zone(null, "152502"), hours.DayFrom, hours.NightFrom);

        Assert.That(rule.Of(Example.At(at)), Is.EqualTo(new ShiftTime(DateOnly.Parse(day, null), DateOnly.Parse(shiftDate, null), shift)));
    }

    [Test]
    public void The_league_and_its_thirteen_units_are_one_tree()
    {
        Assert.That(Divisions.Roots.Select(root => root.Code), Is.EqualTo(["152500"]));
        Assert.That(Divisions.WithDescendants("152500"), Has.Count.EqualTo(14));
        Assert.That(Divisions.WithDescendants("152502"), Is.EqualTo(["152502"]));
        Assert.That(Divisions.Find(null, "152571")!.Parent, Is.EqualTo("152500"));
        Assert.That(Divisions.Find(null, "110000"), Is.Null);
        Assert.That(Divisions.Zone(null, "152502").Id, Is.EqualTo("Asia/Shanghai"));
    }
}
