using NUnit.Framework;
using Traffic.Catalogue;
using Traffic.Contracts;

namespace Traffic.Tests.Law;

/// <summary>Which records concern key vehicles, drivers, roads and places, and that each tag names the rule that gave it.</summary>
public sealed class OverlayTests
{
    static string TagsOf(ReportedViolation record, IReadOnlyList<DriverOffence>? before = null) =>
        Classifier.Decide(record, new DecisionContext { DriverOffences = before }, Example.Catalogue).Overlays;

    static ReportedViolation RedLight(string? type = "K33", string? nature = "A") =>
        Example.Car().Signalled(Signal.RedLight) with { VehicleType = type, UseNature = nature };

    [TestCase("K33", "A", "")]
    [TestCase("K11", "B", "keyVehicle,keyVehicle.scheduled")]
    [TestCase("K21", "E", "keyVehicle,keyVehicle.tour")]
    [TestCase("H11", "F", "keyVehicle,keyVehicle.truck")]
    [TestCase("H21", "F", "keyVehicle,keyVehicle.truck")]
    [TestCase("H31", "F", "", Description = "a light truck is none")]
    [TestCase("H31", "R", "keyVehicle,keyVehicle.hazmat")]
    [TestCase("H17", "R", "keyVehicle,keyVehicle.hazmat,keyVehicle.truck,keyVehicle.works")]
    [TestCase("K39", "A", "keyVehicle,keyVehicle.minivan")]
    [TestCase("K31", "A", "", Description = "an ordinary small bus is no minivan")]
    [TestCase("K38", "S", "keyVehicle,keyVehicle.school")]
    [TestCase("K21", "S", "keyVehicle,keyVehicle.school")]
    [TestCase(null, null, "")]
    public void Vehicle(string? type, string? nature, string tags) => Assert.That(TagsOf(RedLight(type, nature)), Is.EqualTo(tags));

    [TestCase("B", "京A00001", true)]
    [TestCase("E", "京A00001", true)]
    [TestCase("B", "蒙H00001", false)]
    [TestCase("B", null, false, Description = "without a plate nothing is said")]
    [TestCase("A", "京A00001", false, Description = "a private car from another province is no coach")]
    public void Coach_from_another_province_is_told_by_its_plate(string nature, string? plate, bool tagged) =>
        Assert.That(TagsOf(RedLight("K11", nature) with { Plate = plate }).Contains("keyVehicle.otherProvince"), Is.EqualTo(tagged));

    [TestCase(RoadKind.Urban, null, "keyRoad,keyRoad.urban")]
    [TestCase(RoadKind.UrbanExpressway, null, "keyRoad,keyRoad.expressway")]
    [TestCase(RoadKind.NationalOrProvincial, null, "keyRoad,keyRoad.freight")]
    [TestCase(RoadKind.Suburban, null, "keyRoad,keyRoad.suburban")]
    [TestCase(RoadKind.Motorway, null, "")]
    [TestCase(RoadKind.RuralPastoral, null, "")]
    [TestCase(RoadKind.RuralPastoral, PlaceKind.Crossing, "keyRoad,keyRoad.crossing")]
    [TestCase(RoadKind.Motorway, PlaceKind.Crossing, "")]
    [TestCase(RoadKind.Motorway, PlaceKind.AccidentProne, "keyRoad,keyRoad.accidentProne")]
    [TestCase(null, PlaceKind.School, "keyPlace,keyPlace.school")]
    [TestCase(null, PlaceKind.Hospital, "keyPlace,keyPlace.hospital")]
    [TestCase(null, PlaceKind.Station, "keyPlace,keyPlace.station")]
    [TestCase(null, PlaceKind.Market, "keyPlace,keyPlace.market")]
    [TestCase(null, PlaceKind.RoadWorks, "keyPlace,keyPlace.works")]
    [TestCase(null, PlaceKind.Other, "")]
    public void Road_and_place(RoadKind? road, PlaceKind? place, string tags) =>
        Assert.That(TagsOf(RedLight() with { RoadKind = road, PlaceKind = place }), Is.EqualTo(tags));

    static DriverOffence Before(int? points, string family = "red-light", string entry = "red-light.motor", bool key = true) =>
        new(Example.Now.AddDays(-30), points, family, entry, key);

    [Test]
    public void Driver_of_a_key_vehicle_is_a_key_driver_if_he_is_known()
    {
        Assert.That(TagsOf(RedLight("K11", "B") with { DriverIdNumber = "000000000000000000" }), Does.EndWith(",keyDriver,keyDriver.vehicle"));
        Assert.That(TagsOf(RedLight("K11", "B")), Does.Not.Contain("keyDriver"));
        Assert.That(TagsOf(RedLight() with { DriverIdNumber = "000000000000000000" }), Does.Not.Contain("keyDriver"));
    }

    [TestCase(8, false)]
    [TestCase(9, true)]
    public void Driver_with_nine_points(int points, bool tagged) =>
        Assert.That(TagsOf(RedLight(), [Before(points, key: false)]), Is.EqualTo(tagged ? "keyDriver,keyDriver.points" : ""));

    [TestCase(2, false)]
    [TestCase(3, true)]
    public void Driver_with_three_key_offences(int many, bool tagged)
    {
        Assert.That(TagsOf(RedLight(), [.. Enumerable.Repeat(Before(1), many)]), Is.EqualTo(tagged ? "keyDriver,keyDriver.offences" : ""));
        Assert.That(TagsOf(RedLight(), [.. Enumerable.Repeat(Before(1, key: false), many)]), Is.Empty, "others do not count");
    }

    [TestCase("drink-driving", "drink.motor.again", true)]
    [TestCase("fatigue", "fatigue.truck", true)]
    [TestCase("speeding", "speeding.b.other.50", true)]
    [TestCase("speeding", "speeding.b.other.20", false)]
    public void Driver_with_one_serious_offence(string family, string entry, bool tagged) =>
        Assert.That(TagsOf(RedLight(), [Before(null, family, entry)]), Is.EqualTo(tagged ? "keyDriver,keyDriver.serious" : ""));

    [Test]
    public void Nobody_looked_is_not_nothing_found() => Assert.That(TagsOf(RedLight(), null), Is.EqualTo(TagsOf(RedLight(), [])));

    [Test]
    public void Before_the_first_day_of_the_rules_there_are_no_tags()
    {
        var coach = RedLight("K11", "B");

        Assert.That(TagsOf(coach with { OccurredAt = Example.At("2021-06-24T23:59:59+08:00") }), Is.Empty);
        Assert.That(TagsOf(coach with { OccurredAt = Example.At("2021-06-25T00:00:00+08:00") }), Is.Not.Empty);
    }

    [Test]
    public void Every_tag_has_a_name_in_both_languages()
    {
        Assert.That(Example.Catalogue.OverlayWords, Has.Count.GreaterThan(20));
        Assert.That(Example.Catalogue.OverlayWords, Has.All.Matches<NamedWord>(word => word is { Zh.Length: > 0, En.Length: > 0 }));
    }
}
