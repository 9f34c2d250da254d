using System.Text.Json.Nodes;
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
        Assert.That(Rule(Divisions).Of(Example.At(at)), Is.EqualTo(new ShiftTime(DateOnly.Parse(day, null), DateOnly.Parse(shiftDate, null), shift)));
    }

    const string TwoSeasons = """
        [
          { "id": "summer", "from": "05-01", "to": "09-30", "dayFrom": "06:00", "nightFrom": "20:00" },
          { "id": "winter", "from": "10-01", "to": "04-30", "dayFrom": "07:30", "nightFrom": "18:00" }
        ]
        """;

    [TestCase("2022-09-30T05:59:59+08:00", "2022-09-29", Shift.Night)]
    [TestCase("2022-09-30T06:00:00+08:00", "2022-09-30", Shift.Day, Description = "the last day of summer")]
    [TestCase("2022-09-30T19:59:59+08:00", "2022-09-30", Shift.Day)]
    [TestCase("2022-09-30T20:00:00+08:00", "2022-09-30", Shift.Night)]
    [TestCase("2022-10-01T06:00:00+08:00", "2022-09-30", Shift.Night, Description = "summer's last night goes on until winter's first day begins")]
    [TestCase("2022-10-01T07:29:59+08:00", "2022-09-30", Shift.Night)]
    [TestCase("2022-10-01T07:30:00+08:00", "2022-10-01", Shift.Day, Description = "the first day of winter")]
    [TestCase("2022-10-01T17:59:59+08:00", "2022-10-01", Shift.Day)]
    [TestCase("2022-10-01T18:00:00+08:00", "2022-10-01", Shift.Night)]
    [TestCase("2023-01-01T07:00:00+08:00", "2022-12-31", Shift.Night, Description = "winter goes over New Year")]
    [TestCase("2024-02-29T07:30:00+08:00", "2024-02-29", Shift.Day)]
    [TestCase("2023-04-30T18:00:00+08:00", "2023-04-30", Shift.Night, Description = "winter's last night")]
    [TestCase("2023-05-01T05:59:59+08:00", "2023-04-30", Shift.Night)]
    [TestCase("2023-05-01T06:00:00+08:00", "2023-05-01", Shift.Day)]
    public void Hours_change_with_the_season(string at, string shiftDate, Shift shift) => With(TwoSeasons, divisions =>
    {
        var time = Rule(divisions).Of(Example.At(at));
        Assert.That((time.ShiftDate, time.Shift), Is.EqualTo((DateOnly.Parse(shiftDate, null), shift)));
    });

    [TestCase("\"from\": \"10-01\"", "\"from\": \"10-02\"", "a gap: no season has 10-01")]
    [TestCase("\"to\": \"04-30\"", "\"to\": \"05-01\"", "an overlap: summer and winter both have 05-01")]
    [TestCase("\"to\": \"09-30\"", "\"to\": \"09-31\"", "'to' is no day of the year")]
    [TestCase("\"nightFrom\": \"18:00\"", "\"nightFrom\": \"07:30\"", "the day shift begins after the night shift")]
    [TestCase("\"dayFrom\": \"07:30\"", "\"dayFrom\": \"7.30\"", "'dayFrom' is no time")]
    public void Seasons_that_do_not_join_are_refused_with_file_and_line(string right, string wrong, string why)
    {
        var refused = Assert.Throws<StartRefusedException>(() => With(TwoSeasons.Replace(right, wrong, StringComparison.Ordinal), _ => { }));

        Assert.That(refused!.Message, Does.Contain(why).And.Match("cn-1525.json, line [0-9]+: "));
    }

    static ShiftRule Rule(Divisions divisions) => divisions.Hours(null, "152502") is var hours
        ? new ShiftRule(divisions.Zone(null, "152502"), day => (hours.On(day).DayFrom, hours.On(day).NightFrom)) : null!;

    /// <summary>The shipped tree with other seasons.</summary>
    static void With(string seasons, Action<Divisions> look)
    {
        var folder = Directory.CreateTempSubdirectory("traffic-seasons").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "divisions"));
            var tree = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "schemas/divisions/cn-1525.json")))!;
            tree["shifts"]!["seasons"] = JsonNode.Parse(seasons);
            File.WriteAllText(Path.Combine(folder, "divisions/cn-1525.json"), tree.ToJsonString(new() { WriteIndented = true }));
            look(new Divisions(new SchemaFiles(folder)));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
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
