using NUnit.Framework;
using Traffic.Contracts;

namespace Traffic.Tests.Law;

/// <summary>Persons, load and hours: the other two overs and fatigue. Every bound from both sides and exactly.</summary>
public sealed class OverloadTests
{
    // Rated for 100 or 10 or 5, so that the persons too many are easily per cent.
    [TestCase("K11", "B", 50, 51, 6, 200, 500)]
    [TestCase("K11", "B", 50, 59, 6, 200, 500)]
    [TestCase("K11", "B", 50, 60, 12, 200, 500, Description = "points from 20 % on, the higher fine beyond it")]
    [TestCase("K11", "B", 50, 61, 12, 500, 2000)]
    [TestCase("K21", "E", 10, 11, 6, 200, 500)]
    [TestCase("K28", "P", 20, 24, 12, 200, 500)]
    [TestCase("K39", "A", 7, 8, 0, 20, 200, Description = "seven seats, 14 %")]
    [TestCase("K31", "A", 10, 11, 0, 20, 200)]
    [TestCase("K31", "A", 10, 12, 6, 20, 200)]
    [TestCase("K31", "A", 10, 14, 6, 20, 200)]
    [TestCase("K31", "A", 10, 15, 9, 20, 200)]
    [TestCase("K31", "A", 10, 19, 9, 20, 200)]
    [TestCase("K31", "A", 10, 20, 12, 20, 200)]
    [TestCase("K11", "C", 100, 119, 0, 20, 200, Description = "a city bus is none of the services")]
    [TestCase("K11", "C", 100, 120, 6, 20, 200)]
    [TestCase("K33", "A", 6, 7, 0, 20, 200, Description = "under seven seats, 17 %")]
    [TestCase("K33", "A", 5, 6, 3, 20, 200)]
    [TestCase("K33", "A", 5, 7, 3, 20, 200)]
    [TestCase("K33", "A", 4, 6, 6, 20, 200)]
    [TestCase("K33", "A", 5, 9, 6, 20, 200)]
    [TestCase("K33", "A", 5, 10, 12, 20, 200)]
    public void Since_April_2022_too_many_persons_cost(string type, string nature, int rated, int aboard, int points, int min, int max)
    {
        var decision = Example.Vehicle(type, nature, rated).Measured(Quantity.Persons, aboard).Decide();

        Assert.That((decision.Points, decision.FineMin, decision.FineMax), Is.EqualTo((points, min, max)), decision.Entry);
        Assert.That(decision.Family, Is.EqualTo("passenger-overload"));
    }

    [TestCase("K11", "B", 100, 119, 6, "passenger-overload.intercity.0")]
    [TestCase("K11", "B", 100, 120, 12, "passenger-overload.intercity.20")]
    [TestCase("K18", "S", 100, 119, 6, "passenger-overload.school.0")]
    [TestCase("K18", "S", 100, 120, 12, "passenger-overload.school.20")]
    [TestCase("K21", "E", 10, 11, 6, "passenger-overload.other-commercial.0")]
    [TestCase("K33", "D", 5, 6, 12, "passenger-overload.other-commercial.20", Description = "a taxi")]
    [TestCase("K11", "C", 100, 119, 3, "passenger-overload.passenger.0", Description = "a city bus")]
    [TestCase("K33", "A", 6, 7, 3, "passenger-overload.passenger.0")]
    [TestCase("K33", "A", 5, 6, 6, "passenger-overload.passenger.20")]
    public void Until_March_2022_too_many_persons_cost(string type, string nature, int rated, int aboard, int points, string entry)
    {
        var decision = (Example.Vehicle(type, nature, rated) with { OccurredAt = Example.Before })
            .Measured(Quantity.Persons, aboard).Decide();

        Assert.That((decision.Entry, decision.Points), Is.EqualTo((entry, points)));
    }

    [TestCase("K33", "A", null, "ratedPersons")]
    [TestCase("K31", null, 7, "useNature")]
    [TestCase(null, null, 5, "vehicleType")]
    [TestCase("H11", "F", 3, "no-rule", Description = "a goods vehicle is no passenger car")]
    public void Too_many_persons_cannot_be_told_without(string? type, string? nature, int? rated, string missing)
    {
        var decision = (Example.Car() with { VehicleType = type, UseNature = nature, RatedPersons = rated })
            .Measured(Quantity.Persons, 9).Decide();

        Assert.That(decision.Entry, Is.EqualTo("undecided"));
        Assert.That(decision.Missing, Does.Contain(missing));
        Assert.That(decision.Family, Is.EqualTo("passenger-overload"));
    }

    [Test]
    public void As_many_as_rated_is_no_offence() =>
        Assert.That(Example.Car().Measured(Quantity.Persons, 5).Decide().Missing, Is.EqualTo(["below-limit"]));

    [TestCase("K11", 40, 54, false)]
    [TestCase("K11", 40, 55, true, Description = "large: 15 persons over")]
    [TestCase("K11", 20, 30, true, Description = "large: 50 %")]
    [TestCase("K21", 12, 21, false)]
    [TestCase("K21", 12, 22, true, Description = "medium: 10 persons over")]
    [TestCase("K31", 8, 14, false)]
    [TestCase("K31", 8, 15, true, Description = "small: 7 persons over")]
    public void A_coach_far_too_full_goes_to_a_criminal_unit(string type, int rated, int aboard, bool crime) =>
        Assert.That(Example.Vehicle(type, "B", rated).Measured(Quantity.Persons, aboard).Decide().CriminalReferral, Is.EqualTo(crime));

    [Test]
    public void On_rural_and_pastoral_roads_it_counts_for_that_item_too()
    {
        var minivan = Example.Vehicle("K39", "A", 7).Measured(Quantity.Persons, 12);

        Assert.That((minivan with { RoadKind = RoadKind.RuralPastoral }).Decide().Items,
            Is.EqualTo(["three-overs-one-fatigue", "rural-passenger-overload"]));
        Assert.That((minivan with { RoadKind = RoadKind.Urban }).Decide().Items, Is.EqualTo(["three-overs-one-fatigue"]));
        Assert.That(minivan.Decide().Items, Is.EqualTo(["three-overs-one-fatigue"]));
    }

    // Points by permitted gross mass (10 t), fine by rated load (5 t): two ratios that need not agree.
    [TestCase(10_001, 5_001, 1, 200, 500)]
    [TestCase(12_999, 6_499, 1, 200, 500)]
    [TestCase(12_999, 6_501, 1, 500, 2000, Description = "points below 30 %, fine above")]
    [TestCase(13_000, 6_500, 3, 200, 500, Description = "exactly 30 %: points of the upper row, fine of the lower")]
    [TestCase(14_999, 9_000, 3, 500, 2000)]
    [TestCase(15_000, 9_000, 6, 500, 2000)]
    [TestCase(25_000, 20_000, 6, 500, 2000)]
    public void Since_April_2022_too_much_load_costs(int gross, int load, int points, int min, int max)
    {
        var decision = (Example.Truck() with { PermittedGrossMassKg = 10_000, RatedLoadKg = 5_000 })
            .Measured(Quantity.GrossMass, gross).Measured(Quantity.Load, load).Decide();

        Assert.That((decision.Points, decision.FineMin, decision.FineMax), Is.EqualTo((points, min, max)), decision.Entry);
    }

    [TestCase(5_001, 3, 200, 500, "cargo-overload.truck.0")]
    [TestCase(6_499, 3, 200, 500, "cargo-overload.truck.0")]
    [TestCase(6_500, 6, 200, 500, "cargo-overload.truck.30")]
    [TestCase(6_501, 6, 500, 2000, "cargo-overload.truck.30")]
    public void Until_March_2022_points_went_by_the_load(int load, int points, int min, int max, string entry)
    {
        var decision = (Example.Truck() with { OccurredAt = Example.Before, RatedLoadKg = 5_000 }).Measured(Quantity.Load, load).Decide();

        Assert.That((decision.Entry, decision.Points, decision.FineMin, decision.FineMax), Is.EqualTo((entry, points, min, max)));
    }

    [Test]
    public void Without_the_load_the_fine_of_a_goods_vehicle_stays_open()
    {
        var decision = (Example.Truck() with { PermittedGrossMassKg = 10_000 }).Measured(Quantity.GrossMass, 14_000).Decide();

        Assert.That((decision.Points, decision.FineMin, decision.FineMax), Is.EqualTo((3, (int?)null, (int?)null)));
        Assert.That(decision.Open, Is.EqualTo(["load"]));
    }

    [Test]
    public void Without_the_permitted_mass_the_points_are_not_guessed_from_the_load()
    {
        var decision = (Example.Truck() with { RatedLoadKg = 5_000 }).Measured(Quantity.Load, 9_000).Decide();

        Assert.That(decision.Missing, Is.EqualTo(["grossMass", "permittedGrossMass"]));
        Assert.That(decision.Family, Is.EqualTo("cargo-overload"));
    }

    [TestCase("K11", "B", 9, 12, "fatigue.coach-or-hazmat", "fatigue.medium-large-passenger")]
    [TestCase("H31", "R", 9, 12, "fatigue.coach-or-hazmat", "fatigue.hazmat")]
    [TestCase("H31", "F", 3, 6, "fatigue.truck", "fatigue.motor")]
    [TestCase("K33", "A", 0, 6, "fatigue.motor", "fatigue.motor")]
    public void More_than_four_hours_at_the_wheel_cost(string type, string nature, int now, int before, string entryNow, string entryBefore)
    {
        var tired = Example.Vehicle(type, nature, 5).Measured(Quantity.DrivingTime, 4.1m);

        Assert.That((tired.Decide().Entry, tired.Decide().Points), Is.EqualTo((entryNow, now)));
        var then = (tired with { OccurredAt = Example.Before }).Decide();
        Assert.That((then.Entry, then.Points), Is.EqualTo((entryBefore, before)));
    }

    [TestCase(3.9, "below-limit")]
    [TestCase(4.0, "below-limit", Description = "four hours are not more than four")]
    public void Four_hours_are_allowed(decimal hours, string missing) =>
        Assert.That(Example.Coach().Measured(Quantity.DrivingTime, hours).Decide().Missing, Is.EqualTo([missing]));

    [Test]
    public void A_short_stop_says_nothing_without_the_hours_before_it()
    {
        var decision = Example.Coach().Measured(Quantity.RestTime, 19).Decide();

        Assert.That((decision.Entry, decision.Family), Is.EqualTo(("undecided", "fatigue")));
        Assert.That(decision.Missing, Is.EqualTo(["drivingTime"]));
    }

    [TestCase(15, 30)]
    [TestCase(30, 15)]
    public void Of_two_rests_the_longer_favours_the_driver(decimal one, decimal other)
    {
        var decision = Example.Coach().Measured(Quantity.RestTime, one).Measured(Quantity.RestTime, other).Decide();

        Assert.That(decision.Trace, Does.Contain("\"restTime\":\"30\""));
    }
}
