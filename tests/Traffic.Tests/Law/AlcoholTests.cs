using NUnit.Framework;
using Traffic.Catalogue;
using Traffic.Contracts;

namespace Traffic.Tests.Law;

/// <summary>20 mg/100 mL drink, 80 drunk; who drives what, and whether before.</summary>
public sealed class AlcoholTests
{
    [TestCase("K33", "A", 20, 0, "drink.motor.first", 12, 1000)]
    [TestCase("K33", "A", 79.9, 0, "drink.motor.first", 12, 1000)]
    [TestCase("K33", "A", 20, 1, "drink.motor.again", null, 1000)]
    [TestCase("K33", "A", 79.9, 3, "drink.motor.again", null, 1000)]
    [TestCase("K33", "A", 80, 0, "drunk.motor", null, null)]
    [TestCase("K33", "A", 80, 1, "drunk.motor", null, null)]
    [TestCase("K33", "D", 20, null, "drink.commercial", null, 5000)]
    [TestCase("K33", "D", 79.9, 1, "drink.commercial", null, 5000)]
    [TestCase("K33", "D", 80, null, "drunk.commercial", null, null)]
    [TestCase("F", null, 20, null, "drink.non-motor", null, null)]
    [TestCase("F1", null, 79.9, null, "drink.non-motor", null, null)]
    [TestCase("F1", null, 80, null, "drunk.non-motor", null, 5)]
    public void Driver_with_so_much_alcohol(string type, string? nature, decimal value, int? priors, string entry, int? points, int? fine)
    {
        foreach (var at in new[] { Example.Now, Example.Before })
        {
            var decision = (Example.Car() with { VehicleType = type, UseNature = nature, OccurredAt = at })
                .Measured(Quantity.AlcoholBreath, value).Decide(priors);

            Assert.That((decision.Entry, decision.Points, decision.FineMin), Is.EqualTo((entry, points, fine)));
            Assert.That(decision.CriminalReferral, Is.EqualTo(entry is "drunk.motor" or "drunk.commercial"));
        }
    }

    [Test]
    public void Under_20_is_no_offence() =>
        Assert.That(Example.Car().Measured(Quantity.AlcoholBreath, 19.9m).Decide().Missing, Is.EqualTo(["below-limit"]));

    [Test]
    public void Blood_decides_over_breath()
    {
        Assert.That(Example.Car().Measured(Quantity.AlcoholBreath, 79).Measured(Quantity.AlcoholBlood, 80).Decide().Entry, Is.EqualTo("drunk.motor"));
        Assert.That(Example.Car().Measured(Quantity.AlcoholBlood, 79).Measured(Quantity.AlcoholBreath, 85).Decide(0).Entry, Is.EqualTo("drink.motor.first"));
    }

    [Test]
    public void Drivers_priors_are_asked_for_only_where_they_matter()
    {
        var drink = (Example.Car() with { DriverIdNumber = "000000000000000000" }).Measured(Quantity.AlcoholBreath, 45);

        Assert.That(drink.Decide().Missing, Is.EqualTo(["priors"]));
        Assert.That(drink.Decide().NeedsPriors);
        Assert.That(Classifier.NeedsPriors(drink, Example.Catalogue));
        Assert.That(Classifier.NeedsPriors(drink with { DriverIdNumber = null }, Example.Catalogue), Is.False);
        Assert.That((drink with { DriverIdNumber = null }).Decide().Missing, Is.EqualTo(["driverIdNumber"]));
        Assert.That(Classifier.NeedsPriors(drink with { UseNature = "D" }, Example.Catalogue), Is.False, "commercial");
        Assert.That(Classifier.NeedsPriors(drink.Measured(Quantity.AlcoholBlood, 90), Example.Catalogue), Is.False, "drunk");
        Assert.That(Classifier.NeedsPriors(drink with { Measurements = null, OffenceCode = "1712" }, Example.Catalogue));
        Assert.That(Classifier.NeedsPriors(drink with { Measurements = null, OffenceCode = "1625" }, Example.Catalogue), Is.False);
    }

    [Test]
    public void A_code_for_the_first_time_gives_way_to_what_the_register_knows()
    {
        var first = Example.Car() with { OffenceCode = "1712", DriverIdNumber = "000000000000000000" };

        Assert.That(first.Decide(0).Entry, Is.EqualTo("drink.motor.first"));
        Assert.That(first.Decide(1).Entry, Is.EqualTo("drink.motor.again"));
        Assert.That((first with { OffenceCode = "1713" }).Decide(0).Missing, Is.EqualTo(["code-against-priors"]));
        Assert.That((first with { OffenceCode = "1713" }).Decide(1).Entry, Is.EqualTo("drink.motor.again"));
    }

    [TestCase("K33", null, "useNature", Description = "it may be a taxi")]
    [TestCase(null, null, "vehicleType")]
    public void What_was_driven_is_not_guessed(string? type, string? nature, string missing)
    {
        var decision = (Example.Car() with { VehicleType = type, UseNature = nature }).Measured(Quantity.AlcoholBreath, 45).Decide(0);

        Assert.That((decision.Entry, decision.Family), Is.EqualTo(("undecided", "drink-driving")));
        Assert.That(decision.Missing, Is.EqualTo([missing]));
    }

    /// <summary>934 evidential breath tests: the split at 20 and 80 equals a count by hand of the file's two columns.</summary>
    [Test]
    public void Real_breath_tests_split_as_counted_independently()
    {
        if (Repository.TestData is not { } folder)
        {
            Assert.Ignore("TRAFFIC_TEST_DATA does not name the folder with the breath tests.");
            return;
        }
        var rows = File.ReadLines(Path.Combine(folder, "us_ia_ames_breath_tests_2013_2017.csv")).Skip(1)
            .Select(line => line.Split(',')).Select(row => (Res1: Mg(row[^2]), Res2: Mg(row[^1]))).ToList();
        // Whole thousandths, compared without the classifier: the lower of both readings.
        var counted = rows.Select(row => row.Res1 < row.Res2 ? row.Res1 : row.Res2)
            .GroupBy(mg => mg >= 80m ? "drunk.motor" : mg >= 20m ? "drink.motor.first" : "undecided")
            .ToDictionary(group => group.Key, group => group.Count());

        var decided = rows
            .Select(row => Example.Car().Measured(Quantity.AlcoholBreath, row.Res1).Measured(Quantity.AlcoholBreath, row.Res2).Decide(0).Entry)
            .GroupBy(entry => entry).ToDictionary(group => group.Key, group => group.Count());

        Assert.That(rows, Has.Count.EqualTo(934));
        Assert.That(decided, Is.EquivalentTo(counted));
        Assert.That(decided, Has.Count.EqualTo(3));

        static decimal Mg(string percent) => decimal.Parse(percent, System.Globalization.CultureInfo.InvariantCulture) * 1000;
    }
}
