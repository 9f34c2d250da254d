using NUnit.Framework;
using Traffic.Catalogue;
using Traffic.Contracts;

namespace Traffic.Tests.Law;

/// <summary>Which law holds, and what a reported code means in it.</summary>
public sealed class EditionTests
{
    [TestCase("2022-03-31T23:59:59.999+08:00", 12, "2013-01-01", Description = "the last instant of the old law")]
    [TestCase("2022-04-01T00:00:00+08:00", 9, "2022-04-01", Description = "the first second of the new one")]
    [TestCase("2022-04-01T02:30:00+08:00", 9, "2022-04-01", Description = "in a night shift that began under the old one")]
    [TestCase("2022-03-31T15:59:59Z", 12, "2013-01-01")]
    [TestCase("2022-03-31T16:00:00Z", 9, "2022-04-01", Description = "midnight is that of the law's zone")]
    [TestCase("2013-01-01T00:00:00+08:00", 12, "2013-01-01")]
    public void The_law_of_the_instant_decides(string at, int points, string edition)
    {
        var decision = (Example.Car() with { OccurredAt = Example.At(at) }).Signalled(Signal.PlateCovered).Decide();

        Assert.That((decision.Points, decision.LawEdition), Is.EqualTo((points, edition)));
        Assert.That(decision.CatalogueVersion, Does.StartWith("2022-04-01+"), "our data is the same whatever law it applies");
    }

    [Test]
    public void Before_the_first_edition_nothing_is_decided()
    {
        var decision = (Example.Car() with { OccurredAt = Example.At("2012-12-31T23:59:59+08:00"), OffenceKind = "red-light" }).Decide();

        Assert.That((decision.Entry, decision.Family, decision.LawEdition), Is.EqualTo(("undecided", "red-light", (string?)null)));
        Assert.That(decision.Missing, Is.EqualTo(["law"]));
    }

    [Test]
    public void Where_our_law_does_not_apply_the_kind_is_kept()
    {
        var foreign = new DecisionContext { LawApplies = false };

        var decision = Classifier.Decide(Example.Car() with { OffenceKind = "seat-belt" }, foreign, Example.Catalogue);
        Assert.That((decision.Entry, decision.Family, decision.Points), Is.EqualTo(("no-law", "seat-belt", (int?)null)));
        Assert.That(Classifier.Decide(Example.Car(), foreign, Example.Catalogue).Family, Is.EqualTo("unknown"));
    }

    [TestCase("1625", "red-light.motor")]
    [TestCase("1116", "signs.prohibition-sign")]
    [TestCase("10391", "parking.other", Description = "a local refinement that is listed itself")]
    [TestCase("10394", "sidewalk.parked")]
    [TestCase("1625A", "red-light.motor", Description = "a local refinement by its first four")]
    [TestCase("60931", "speeding.b.controlled.10")]
    [TestCase("1120", "undecided", Description = "a weak code is listed and decides nothing")]
    [TestCase("5048", "road.stalls")]
    [TestCase("5037", "fatigue.overtired")]
    public void A_code_alone_names_its_entry(string code, string entry) =>
        Assert.That((Example.Car() with { OffenceCode = code }).Decide().Entry, Is.EqualTo(entry));

    [Test]
    public void A_code_alone_leaves_open_a_fine_that_hangs_on_the_measure()
    {
        var decision = (Example.Car() with { OffenceCode = "1721" }).Decide();

        Assert.That((decision.Points, decision.FineMax), Is.EqualTo((12, (int?)null)));
        Assert.That(decision.Open, Is.EqualTo(["speed"]));
    }

    [Test]
    public void A_code_of_the_old_list_is_read_in_it_and_decided_by_the_new_law()
    {
        var old = Example.Car() with { OffenceCode = "1717", OffenceEdition = new DateOnly(2013, 1, 1) };

        Assert.That((old.Decide().Entry, old.Decide().Points), Is.EqualTo(("plate.missing", 9)));
        Assert.That((old with { OffenceEdition = null }).Decide().Missing, Is.EqualTo(["offence"]), "the new list has no such code");
        Assert.That((old with { OffenceCode = "1301" }).Decide().Missing, Is.EqualTo(["roadKind"]));
        Assert.That((old with { OffenceCode = "1642", VehicleType = null, UseNature = null }).Decide().Missing,
            Is.EqualTo(["vehicleType", "drivingTime"]), "the old entry for all others is two entries now");
        Assert.That((old with { OffenceCode = "4008" }).Decide().Missing, Is.EqualTo(["code-of-other-edition"]));
    }

    [TestCase("1636", 160, RoadKind.Motorway, "code-against-measure", Description = "the code says 20 % to 50 %, the radar 60 %")]
    [TestCase("1721", 140, RoadKind.Motorway, "code-against-measure")]
    [TestCase("1636", 90, RoadKind.Motorway, "code-against-measure", Description = "not over the limit at all")]
    [TestCase("1636", 130, RoadKind.Urban, "code-against-road")]
    [TestCase("6046", 55, RoadKind.Urban, "code-against-road", Description = "no public highway")]
    [TestCase("4706", 130, RoadKind.Motorway, "code-against-vehicle", Description = "a code for group A, and a private car")]
    [TestCase("6046", 110, RoadKind.NationalOrProvincial, "code-against-measure", Description = "only under limits below 60 km/h")]
    public void A_code_that_the_record_speaks_against_goes_to_a_person(string code, decimal speed, RoadKind road, string missing)
    {
        var decision = (Example.Car() with { OffenceCode = code }).Speeding(speed, 100, road).Decide();

        Assert.That((decision.Entry, decision.Family), Is.EqualTo(("undecided", "speeding")));
        Assert.That(decision.Missing, Is.EqualTo([missing]));
        Assert.That(decision.Trace, Does.Contain($"\"code\":\"{code}\"").And.Contain("\"named\":\""), "both are kept");
    }

    [Test]
    public void A_code_and_a_measure_that_agree_give_the_entry_even_without_the_vehicle()
    {
        var agreed = (Example.Car() with { OffenceCode = "1636" }).Speeding(130, 100, RoadKind.Motorway);

        Assert.That(agreed.Decide().Entry, Is.EqualTo("speeding.b.controlled.20"));
        Assert.That((agreed with { VehicleType = null }).Decide().Entry, Is.EqualTo("speeding.b.controlled.20"));
        Assert.That((Example.Car() with { OffenceCode = "6046" }).Speeding(50, 40, RoadKind.NationalOrProvincial).Decide().Points, Is.Zero);
    }

    [Test]
    public void A_code_against_kind_or_signal_goes_to_a_person()
    {
        Assert.That((Example.Car() with { OffenceCode = "1625", OffenceKind = "speeding" }).Decide().Missing, Is.EqualTo(["code-against-kind"]));
        Assert.That((Example.Car() with { OffenceCode = "6045" }).Signalled(Signal.PlateCovered).Decide().Missing, Is.EqualTo(["code-against-signal"]));
    }

    [Test]
    public void An_offence_that_is_not_in_the_catalogue_is_left_to_a_person()
    {
        Assert.That((Example.Car() with { OffenceText = "unlit at night" }).Decide().Family, Is.EqualTo("other"));
        Assert.That((Example.Car() with { OffenceKind = "littering" }).Decide().Family, Is.EqualTo("other"));
        Assert.That((Example.Car() with { OffenceKind = "littering" }).Decide().Missing, Is.EqualTo(["offenceKind"]));
        Assert.That(Example.Car().Decide().Family, Is.EqualTo("unknown"));
        Assert.That(Example.Car().Decide().Missing, Is.EqualTo(["offence"]));
        Assert.That((Example.Car() with { OffenceCode = "9999" }).Decide().Missing, Is.EqualTo(["offence"]));
    }

    [Test]
    public void One_record_is_one_offence()
    {
        Assert.That(Example.Car().Signalled(Signal.RedLight, Signal.DriverNoBelt).Decide().Missing, Is.EqualTo(["one-offence"]));
        Assert.That(Example.Car().Speeding(130, 100, RoadKind.Urban).Measured(Quantity.AlcoholBreath, 50).Decide().Missing, Is.EqualTo(["one-offence"]));
        Assert.That(Example.Car().Speeding(90, 100, RoadKind.Urban).Measured(Quantity.AlcoholBreath, 90).Decide().Entry, Is.EqualTo("drunk.motor"));
        Assert.That(Example.Car().Speeding(90, 100, RoadKind.Urban).Signalled(Signal.RedLight).Decide().Entry, Is.EqualTo("red-light.motor"));
    }
}
