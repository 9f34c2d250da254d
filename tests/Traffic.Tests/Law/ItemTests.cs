using NUnit.Framework;
using Traffic.Contracts;

namespace Traffic.Tests.Law;

/// <summary>The campaign's eighteen items, and the offences that are seen rather than measured.</summary>
public sealed class ItemTests
{
    static IEnumerable<TestCaseData> Reached()
    {
        static TestCaseData One(string item, string entry, ReportedViolation reported) => new TestCaseData(item, entry, reported).SetArgDisplayNames(item, entry);
        var car = Example.Car() with { RoadKind = RoadKind.Urban };
        yield return One("three-overs-one-fatigue", "speeding.b.other.50", Example.Car().Speeding(150, 100, RoadKind.Urban));
        yield return One("three-overs-one-fatigue", "passenger-overload.service.20", Example.Coach().Measured(Quantity.Persons, 60));
        yield return One("three-overs-one-fatigue", "cargo-overload.truck.50",
            (Example.Truck() with { PermittedGrossMassKg = 10_000 }).Measured(Quantity.GrossMass, 15_000));
        yield return One("three-overs-one-fatigue", "fatigue.truck", Example.Truck().Measured(Quantity.DrivingTime, 5));
        yield return One("red-light", "red-light.motor", car.Signalled(Signal.RedLight));
        yield return One("red-light", "red-light.non-motor", Example.Bicycle().Signalled(Signal.RedLight));
        yield return One("plate-obscured", "plate.covered", car.Signalled(Signal.PlateCovered));
        yield return One("drink-driving", "drunk.motor", car.Measured(Quantity.AlcoholBlood, 80));
        yield return One("drink-driving", "drunk.non-motor", Example.Bicycle().Measured(Quantity.AlcoholBreath, 80));
        yield return One("unlicensed", "unlicensed.never", car.Signalled(Signal.NoLicence));
        yield return One("unlicensed", "unlicensed.suspended", car.Signalled(Signal.LicenceSuspended));
        yield return One("unlicensed", "unlicensed.wrong-class", car.Signalled(Signal.WrongLicenceClass));
        yield return One("seat-belt", "seat-belt.passenger", car.Signalled(Signal.PassengerNoBelt));
        yield return One("helmet", "helmet.motorcycle.driver", Example.Motorcycle().Signalled(Signal.DriverNoHelmet));
        yield return One("helmet", "helmet.motorcycle.passenger", Example.Motorcycle().Signalled(Signal.PassengerNoHelmet));
        yield return One("helmet", "helmet.e-bike.rider", Example.ElectricBicycle().Signalled(Signal.DriverNoHelmet));
        yield return One("helmet", "helmet.e-bike.passenger", Example.ElectricBicycle().Signalled(Signal.PassengerNoHelmet));
        yield return One("truck-carrying-people", "truck.passengers", Example.Truck() with { OffenceKind = "truck.passengers" });
        yield return One("truck-carrying-people", "truck.persons", Example.Truck() with { OffenceCode = "1036" });
        yield return One("wrong-way", "wrong-way.other", car.Signalled(Signal.WrongWay));
        yield return One("wrong-way", "wrong-way.controlled", (car with { RoadKind = RoadKind.Motorway }).Signalled(Signal.WrongWay));
        yield return One("illegal-parking", "parking.other", car.Signalled(Signal.IllegallyParked));
        yield return One("illegal-parking", "parking.controlled", (car with { RoadKind = RoadKind.UrbanExpressway }).Signalled(Signal.IllegallyParked));
        yield return One("emergency-lane", "emergency-lane.drive", (car with { RoadKind = RoadKind.Motorway }).Signalled(Signal.EmergencyLane));
        yield return One("motor-lane-occupation", "motor-lane.non-motor", Example.ElectricBicycle().Signalled(Signal.InMotorLane));
        yield return One("sidewalk-occupation", "sidewalk.parked", car.Signalled(Signal.OnPavement, Signal.IllegallyParked));
        yield return One("sidewalk-occupation", "sidewalk.non-motor", Example.Bicycle().Signalled(Signal.OnPavement));
        yield return One("wrong-lane", "wrong-lane.other", car.Signalled(Signal.WrongLane));
        yield return One("wrong-lane", "wrong-lane.controlled", (car with { RoadKind = RoadKind.Motorway }).Signalled(Signal.WrongLane));
        yield return One("rural-passenger-overload", "passenger-overload.seven.50",
            (Example.Vehicle("K39", "A", 7) with { RoadKind = RoadKind.RuralPastoral }).Measured(Quantity.Persons, 12));
        yield return One("motorcycle-modified-noise", "modified.motorcycle", Example.Motorcycle().Signalled(Signal.Modified));
        yield return One("scrapped-vehicle", "scrapped.drive", car.Signalled(Signal.Scrapped));
        yield return One("hazmat-route-time", "hazmat.route", Example.Hazmat().Signalled(Signal.HazmatOffRoute));
    }

    [TestCaseSource(nameof(Reached))]
    public void Campaign_item_is_reached(string item, string entry, ReportedViolation reported)
    {
        var decision = reported.Decide(0);

        Assert.That(decision.Entry, Is.EqualTo(entry), string.Join(", ", decision.Missing));
        Assert.That(decision.Items, Does.Contain(item));
    }

    [Test]
    public void All_eighteen_items_are_reached() => Assert.That(
        Reached().Select(one => one.Arguments[0]).Distinct(),
        Is.EquivalentTo(Example.Catalogue.Items.Select(item => item.Id)).And.Exactly(18).Items);

    [TestCase(Signal.PlateCovered, 9, 12)]
    [TestCase(Signal.PlateMissing, 9, 12)]
    [TestCase(Signal.PlateMisplaced, 3, 12)]
    [TestCase(Signal.PlateUnclear, 0, 0)]
    [TestCase(Signal.PlateForged, 12, 12)]
    [TestCase(Signal.RedLight, 6, 6)]
    [TestCase(Signal.WrongWay, 3, 3)]
    [TestCase(Signal.WrongLicenceClass, 9, 12)]
    [TestCase(Signal.DriverNoBelt, 1, 0)]
    public void Points_for_what_was_seen(Signal signal, int now, int before)
    {
        var seen = (Example.Car() with { RoadKind = RoadKind.Urban }).Signalled(signal);

        Assert.That(seen.Decide().Points, Is.EqualTo(now));
        Assert.That((seen with { OccurredAt = Example.Before }).Decide().Points, Is.EqualTo(before));
    }

    [TestCase(Signal.DriverNoHelmet, 1, 2)]
    [TestCase(Signal.PassengerNoHelmet, null, null)]
    public void Points_of_a_motorcyclist(Signal signal, int? now, int? before)
    {
        var seen = Example.Motorcycle().Signalled(signal);

        Assert.That(seen.Decide().Points, Is.EqualTo(now));
        Assert.That((seen with { OccurredAt = Example.Before }).Decide().Points, Is.EqualTo(before));
    }

    [Test]
    public void An_electric_bicycle_without_helmet_costs_nothing_national()
    {
        var decision = Example.ElectricBicycle().Signalled(Signal.DriverNoHelmet).Decide();

        Assert.That((decision.Points, decision.FineMin, decision.FineMax), Is.EqualTo(((int?)null, (int?)null, (int?)null)));
    }

    [Test]
    public void What_was_seen_does_not_always_tell()
    {
        Assert.That(Example.Truck().Signalled(Signal.TruckCarryingPersons).Decide().Missing, Is.EqualTo(["offenceCode"]));
        Assert.That((Example.Car() with { OffenceKind = "unlicensed" }).Decide().Missing, Is.EqualTo(["signals"]));
        Assert.That((Example.Car() with { OffenceKind = "unlicensed" }).Signalled(Signal.NoLicence).Decide().Entry, Is.EqualTo("unlicensed.never"));
        Assert.That((Example.Motorcycle() with { VehicleType = null, PlateType = null }).Signalled(Signal.DriverNoHelmet).Decide().Missing, Is.EqualTo(["vehicleType"]));
        Assert.That((Example.Motorcycle() with { VehicleType = null, PlateType = "07" }).Signalled(Signal.DriverNoHelmet).Decide().Entry, Is.EqualTo("helmet.motorcycle.driver"));
        Assert.That(Example.Car().Signalled(Signal.DriverNoHelmet).Decide().Missing, Is.EqualTo(["no-rule"]));
        Assert.That((Example.Car() with { VehicleType = null, UseNature = null, PlateType = "02" }).Signalled(Signal.RedLight).Decide().Entry, Is.EqualTo("red-light.motor"), "a plate is a motor vehicle's");
        Assert.That((Example.Car() with { VehicleType = null, UseNature = null }).Signalled(Signal.RedLight).Decide().Missing, Is.EqualTo(["vehicleType"]));
    }

    [TestCase("K33", "A", "car")]
    [TestCase("K39", "A", "minivan")]
    [TestCase("K11", "B", "coach")]
    [TestCase("K11", "E", "coach")]
    [TestCase("K11", "C", "bus")]
    [TestCase("K18", "S", "bus")]
    [TestCase("H11", "F", "truck")]
    [TestCase("M21", "A", "motorcycle")]
    [TestCase("F1", null, "non-motor")]
    [TestCase("J11", "Z", "other")]
    [TestCase(null, null, "unknown")]
    [TestCase("??", null, "unknown")]
    public void Vehicle_is_of_class(string? type, string? nature, string expected) =>
        Assert.That((Example.Car() with { VehicleType = type, UseNature = nature }).Decide().VehicleClass, Is.EqualTo(expected));
}
