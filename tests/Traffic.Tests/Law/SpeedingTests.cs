using NUnit.Framework;
using Traffic.Contracts;

namespace Traffic.Tests.Law;

/// <summary>The table of points for speeding, both sides and exactly on every bound, typed by hand from the two orders.</summary>
public sealed class SpeedingTests
{
    // Limit 100, so that km/h over the limit are per cent. "B": private car; "A": heavy goods vehicle.
    [TestCase("A", RoadKind.Motorway, 100.1, 6, 20, 200, "speeding.a.controlled.0")]
    [TestCase("A", RoadKind.Motorway, 119.9, 6, 20, 200, "speeding.a.controlled.0")]
    [TestCase("A", RoadKind.Motorway, 120.0, 12, 20, 200, "speeding.a.controlled.20")]
    [TestCase("A", RoadKind.Motorway, 149.9, 12, 20, 200, "speeding.a.controlled.20")]
    [TestCase("A", RoadKind.Motorway, 150.0, 12, 20, 200, "speeding.a.controlled.50")]
    [TestCase("A", RoadKind.Motorway, 150.1, 12, 200, 2000, "speeding.a.controlled.50")]
    [TestCase("A", RoadKind.UrbanExpressway, 119.9, 6, 20, 200, "speeding.a.controlled.0")]
    [TestCase("A", RoadKind.UrbanExpressway, 150.1, 12, 200, 2000, "speeding.a.controlled.50")]
    [TestCase("A", RoadKind.Urban, 100.1, 0, 0, 0, "speeding.a.other.0")]
    [TestCase("A", RoadKind.Urban, 109.9, 0, 0, 0, "speeding.a.other.0")]
    [TestCase("A", RoadKind.Urban, 110.0, 1, 20, 200, "speeding.a.other.10")]
    [TestCase("A", RoadKind.Urban, 119.9, 1, 20, 200, "speeding.a.other.10")]
    [TestCase("A", RoadKind.Urban, 120.0, 6, 20, 200, "speeding.a.other.20")]
    [TestCase("A", RoadKind.Urban, 149.9, 6, 20, 200, "speeding.a.other.20")]
    [TestCase("A", RoadKind.Urban, 150.0, 9, 20, 200, "speeding.a.other.50")]
    [TestCase("A", RoadKind.Urban, 150.1, 9, 200, 2000, "speeding.a.other.50")]
    [TestCase("B", RoadKind.Motorway, 100.1, 0, 0, 0, "speeding.b.any.0")]
    [TestCase("B", RoadKind.Motorway, 109.9, 0, 0, 0, "speeding.b.any.0")]
    [TestCase("B", RoadKind.Motorway, 110.0, 0, 20, 200, "speeding.b.controlled.10")]
    [TestCase("B", RoadKind.Motorway, 119.9, 0, 20, 200, "speeding.b.controlled.10")]
    [TestCase("B", RoadKind.Motorway, 120.0, 6, 20, 200, "speeding.b.controlled.20")]
    [TestCase("B", RoadKind.Motorway, 149.9, 6, 20, 200, "speeding.b.controlled.20")]
    [TestCase("B", RoadKind.Motorway, 150.0, 12, 20, 200, "speeding.b.controlled.50")]
    [TestCase("B", RoadKind.Motorway, 150.1, 12, 200, 2000, "speeding.b.controlled.50")]
    [TestCase("B", RoadKind.NationalOrProvincial, 109.9, 0, 0, 0, "speeding.b.any.0")]
    [TestCase("B", RoadKind.NationalOrProvincial, 110.0, 0, 20, 200, "speeding.b.other.10")]
    [TestCase("B", RoadKind.RuralPastoral, 119.9, 0, 20, 200, "speeding.b.other.10")]
    [TestCase("B", RoadKind.RuralPastoral, 120.0, 3, 20, 200, "speeding.b.other.20")]
    [TestCase("B", RoadKind.Suburban, 149.9, 3, 20, 200, "speeding.b.other.20")]
    [TestCase("B", RoadKind.Suburban, 150.0, 6, 20, 200, "speeding.b.other.50")]
    [TestCase("B", RoadKind.Suburban, 150.1, 6, 200, 2000, "speeding.b.other.50")]
    public void Since_April_2022_it_costs(string group, RoadKind road, decimal speed, int points, int min, int max, string entry) =>
        Check(Example.Now, group, road, speed, points, min, max, entry);

    [TestCase("A", RoadKind.Motorway, 119.9, 6, 20, 200, "speeding.a.controlled.0")]
    [TestCase("A", RoadKind.UrbanExpressway, 120.0, 12, 20, 200, "speeding.a.controlled.20")]
    [TestCase("A", RoadKind.Motorway, 149.9, 12, 20, 200, "speeding.a.controlled.20")]
    [TestCase("A", RoadKind.Motorway, 150.0, 12, 20, 200, "speeding.a.motorway.50")]
    [TestCase("A", RoadKind.UrbanExpressway, 150.1, 12, 200, 2000, "speeding.a.not-motorway.50")]
    [TestCase("A", RoadKind.Urban, 109.9, 0, 0, 0, "speeding.a.other.0")]
    [TestCase("A", RoadKind.Urban, 110.0, 3, 20, 200, "speeding.a.other.10")]
    [TestCase("A", RoadKind.Urban, 119.9, 3, 20, 200, "speeding.a.other.10")]
    [TestCase("A", RoadKind.Urban, 120.0, 6, 20, 200, "speeding.a.other.20")]
    [TestCase("A", RoadKind.Urban, 149.9, 6, 20, 200, "speeding.a.other.20")]
    [TestCase("A", RoadKind.Urban, 150.0, 12, 20, 200, "speeding.a.not-motorway.50")]
    [TestCase("B", RoadKind.Motorway, 109.9, 0, 0, 0, "speeding.b.any.0")]
    [TestCase("B", RoadKind.Motorway, 110.0, 3, 20, 200, "speeding.b.any.10")]
    [TestCase("B", RoadKind.Urban, 119.9, 3, 20, 200, "speeding.b.any.10")]
    [TestCase("B", RoadKind.Urban, 120.0, 6, 20, 200, "speeding.b.any.20")]
    [TestCase("B", RoadKind.Urban, 149.9, 6, 20, 200, "speeding.b.any.20")]
    [TestCase("B", RoadKind.Urban, 150.0, 12, 20, 200, "speeding.b.any.50")]
    [TestCase("B", RoadKind.Motorway, 150.1, 12, 200, 2000, "speeding.b.any.50")]
    public void Until_March_2022_it_cost(string group, RoadKind road, decimal speed, int points, int min, int max, string entry) =>
        Check(Example.Before, group, road, speed, points, min, max, entry);

    static void Check(DateTimeOffset at, string group, RoadKind road, decimal speed, int points, int min, int max, string entry)
    {
        var vehicle = group == "A" ? Example.Truck() : Example.Car();

        var decision = (vehicle with { OccurredAt = at }).Speeding(speed, 100, road).Decide();

        Assert.That(decision.Entry, Is.EqualTo(entry), string.Join(", ", decision.Missing));
        Assert.That((decision.Points, decision.FineMin, decision.FineMax), Is.EqualTo((points, min, max)));
        Assert.That(decision.VehicleGroup, Is.EqualTo(group));
        Assert.That(decision.Family, Is.EqualTo("speeding"));
        Assert.That(decision.Items, Is.EqualTo(["three-overs-one-fatigue"]));
    }

    [TestCase(80, 95.9, "speeding.b.other.10")]
    [TestCase(80, 96, "speeding.b.other.20", Description = "limit 80, measured 96: exactly 20 %")]
    [TestCase(70, 104.9, "speeding.b.other.20")]
    [TestCase(70, 105, "speeding.b.other.50", Description = "limit 70, measured 105: exactly 50 %")]
    [TestCase(30, 33, "speeding.b.other.10", Description = "10 % of 30, which binary fractions miss")]
    [TestCase(70, 77, "speeding.b.other.10")]
    public void Percentages_are_exact_fractions(decimal limit, decimal speed, string entry) =>
        Assert.That(Example.Car().Speeding(speed, limit, RoadKind.Urban).Decide().Entry, Is.EqualTo(entry));

    [TestCase("K11", "A", "A", Description = "large passenger")]
    [TestCase("K21", "C", "A", Description = "medium passenger, city bus")]
    [TestCase("H11", "F", "A", Description = "heavy goods")]
    [TestCase("H25", "F", "A", Description = "medium goods")]
    [TestCase("Q11", "F", "A", Description = "tractor unit")]
    [TestCase("H31", "R", "A", Description = "light goods with hazardous goods")]
    [TestCase("K38", "P", "A", Description = "small school bus by type")]
    [TestCase("K31", "S", "A", Description = "small school bus by use")]
    [TestCase("K31", "A", "B")]
    [TestCase("K33", null, "B", Description = "a saloon can be no school bus")]
    [TestCase("K39", "A", "B")]
    [TestCase("H31", "F", "B", Description = "light goods")]
    [TestCase("M21", "A", "B")]
    [TestCase("M21", null, "B")]
    [TestCase("K11", null, "A", Description = "large whatever its use")]
    public void Vehicle_belongs_to_group(string type, string? nature, string group) =>
        Assert.That(
            (Example.Car() with { VehicleType = type, UseNature = nature, RatedPersons = 7 }).Speeding(130, 100, RoadKind.Urban).Decide().VehicleGroup,
            Is.EqualTo(group));

    [TestCase(null, null, "vehicleType")]
    [TestCase(null, "A", "vehicleType")]
    [TestCase("X99", "A", "vehicleType")]
    [TestCase("H31", null, "useNature", Description = "it may carry hazardous goods")]
    [TestCase("K31", null, "useNature", Description = "with seven seats it may be a school bus")]
    public void A_group_that_is_not_known_is_not_guessed(string? type, string? nature, string missing)
    {
        var decision = (Example.Car() with { VehicleType = type, UseNature = nature, RatedPersons = 7 })
            .Speeding(130, 100, RoadKind.Urban).Decide();

        Assert.That(decision.Entry, Is.EqualTo("undecided"));
        Assert.That(decision.Family, Is.EqualTo("speeding"));
        Assert.That(decision.Missing, Is.EqualTo([missing]));
        Assert.That(decision.Points, Is.Null);
    }

    [Test]
    public void A_use_alone_tells_a_school_bus_and_hazardous_goods()
    {
        foreach (var nature in new[] { "O", "P", "Q", "S", "R" })
            Assert.That(Example.Vehicle("", nature).Speeding(130, 100, RoadKind.Urban).Decide().VehicleGroup, Is.EqualTo("A"), nature);
    }

    [Test]
    public void An_unknown_road_matters_only_where_the_law_divides_by_it()
    {
        Assert.That(Example.Car().Speeding(130, 100, null).Decide().Missing, Is.EqualTo(["roadKind"]));
        Assert.That(Example.Car().Speeding(105, 100, null).Decide().Entry, Is.EqualTo("speeding.b.any.0"));
        Assert.That((Example.Car() with { OccurredAt = Example.Before }).Speeding(130, 100, null).Decide().Points, Is.EqualTo(6));
    }

    [Test]
    public void Everything_that_is_missing_is_named_at_once()
    {
        var bare = (Example.Car() with { VehicleType = null, UseNature = null, RatedPersons = null }).Measured(Quantity.Speed, 130);

        Assert.That(bare.Decide().Missing, Is.EqualTo(["vehicleType", "roadKind", "speedLimit"]));
        Assert.That((Example.Car() with { OffenceKind = "speeding", RoadKind = RoadKind.Urban }).Decide().Missing,
            Is.EqualTo(["speed", "speedLimit"]));
        Assert.That(Example.Car().Speeding(130, 0, RoadKind.Urban).Decide().Missing, Is.EqualTo(["speedLimit"]));
    }

    [TestCase(99.9)]
    [TestCase(100)]
    public void At_the_limit_there_is_no_offence_and_a_person_looks(decimal speed)
    {
        var decision = Example.Car().Speeding(speed, 100, RoadKind.Urban).Decide();

        Assert.That(decision.Entry, Is.EqualTo("undecided"));
        Assert.That(decision.Missing, Is.EqualTo(["below-limit"]));
        Assert.That(decision.Family, Is.EqualTo("speeding"));
    }

    [Test]
    public void The_lowest_of_several_readings_counts()
    {
        var twice = Example.Car().Speeding(130, 100, RoadKind.Urban).Measured(Quantity.Speed, 119.9m);

        Assert.That(twice.Decide().Entry, Is.EqualTo("speeding.b.other.10"));
    }

    [TestCase(RoadKind.Motorway, 60, 89.9, false, Description = "50 % but under 90 km/h")]
    [TestCase(RoadKind.Motorway, 60, 90, true)]
    [TestCase(RoadKind.Motorway, 100, 149.9, false)]
    [TestCase(RoadKind.Motorway, 100, 150, true)]
    [TestCase(RoadKind.Urban, 30, 59.9, false)]
    [TestCase(RoadKind.Urban, 30, 60, true, Description = "100 % and 60 km/h")]
    [TestCase(RoadKind.Urban, 40, 79.9, false, Description = "under 100 %")]
    public void A_scheduled_coach_far_too_fast_goes_to_a_criminal_unit(RoadKind road, decimal limit, decimal speed, bool crime)
    {
        Assert.That(Example.Coach().Speeding(speed, limit, road).Decide().CriminalReferral, Is.EqualTo(crime));
        Assert.That(Example.Car().Speeding(speed, limit, road).Decide().CriminalReferral, Is.False);
    }

    [Test]
    public void A_referral_that_hangs_on_an_unknown_use_is_said_to_be_open()
    {
        var decision = Example.Vehicle("K11", "", 50).Speeding(150, 100, RoadKind.Motorway).Decide();

        Assert.That(decision.Entry, Is.EqualTo("speeding.a.controlled.50"));
        Assert.That(decision.CriminalReferral, Is.False);
        Assert.That(decision.Open, Is.EqualTo(["useNature"]));
    }
}
