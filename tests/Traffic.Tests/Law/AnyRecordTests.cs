using System.Text.Json;
using System.Text;
using NUnit.Framework;
using Traffic.Catalogue;
using Traffic.Contracts;

namespace Traffic.Tests.Law;

/// <summary>No input is without an answer: many random records, the same ones on every run.</summary>
public sealed class AnyRecordTests
{
    const int Seed = 20220708;

    static readonly string?[] Types = [null, "", "K11", "K18", "K21", "K33", "K31", "K39", "H11", "H31", "Q11", "M21", "F", "F1", "Z11", "??", "k33", "面包车"];
    static readonly string?[] Natures = [null, "A", "B", "C", "D", "E", "F", "R", "S", "X", ""];
    static readonly string?[] Kinds = [null, null, "speeding", "helmet", "drink-driving", "plate-obscured", "three-overs-one-fatigue", "unlicensed", "overload", "speeding.b.other.50", "\"quoted\\\n", "酒驾"];
    static readonly string?[] Codes = [null, null, "1625", "1636", "1721", "1712", "1713", "6046", "1625A", "9999", "1", "123456", "16\"5", "2010"];
    static readonly decimal[] Values = [0, 1, 4, 4.1m, 5, 7, 19.9m, 20, 79.9m, 80, 96, 100, 120, 150, 31_000, -1, decimal.MaxValue, decimal.MinValue, 0.0000000000000000000000000001m];

    [Test]
    public void Every_record_gets_exactly_one_entry_and_a_readable_trace()
    {
        var random = new Random(Seed);
        HashSet<string> entries = [.. Example.Catalogue.Editions.SelectMany(edition => edition.Entries).Select(entry => entry.Id), "undecided", "no-law"];
        HashSet<string> seen = [];
        for (var i = 0; i < 20_000; i++)
        {
            var reported = Any(random);
            var context = new DecisionContext { PriorDrinkDecisions = random.Next(3) switch { 0 => null, var some => some - 1 }, LawApplies = random.Next(20) > 0 };

            var decision = Classifier.Decide(reported, context, Example.Catalogue);

            Assert.That(entries, Does.Contain(decision.Entry));
            Assert.That(decision.Entry == "undecided", Is.EqualTo(decision.Missing.Count > 0), "undecided names what is missing, decided misses nothing");
            Assert.That(decision.Family, Is.Not.Empty);
            Assert.That(Encoding.UTF8.GetByteCount(decision.Trace), Is.LessThanOrEqualTo(300));
            using var trace = JsonDocument.Parse(decision.Trace);
            Assert.That(trace.RootElement.GetProperty("rule").GetString(), Is.EqualTo(decision.Entry));
            Assert.That(Classifier.Decide(reported, context, Example.Catalogue).Trace, Is.EqualTo(decision.Trace), "the same bytes");
            Assert.That(Classifier.NeedsPriors(reported, Example.Catalogue), Is.AnyOf(true, false));
            foreach (var lang in new[] { "zh", "en" })
                Assert.That(Explain.Sentences(decision.Trace, lang, Example.Catalogue), Is.Not.Empty);
            seen.Add(decision.Entry);
        }
        Assert.That(seen, Has.Count.GreaterThan(60), "the random records reach many rules");
    }

    static ReportedViolation Any(Random random)
    {
        var one = Example.Car() with
        {
            OccurredAt = Example.At(One(random, ["2010-05-05T00:00:00Z", "2015-05-05T00:00:00Z", "2022-03-31T16:00:00Z", "2022-07-08T00:00:00Z"])),
            VehicleType = One(random, Types),
            UseNature = One(random, Natures),
            PlateType = One(random, [null, "01", "02", "07", "99", "??"]),
            RatedPersons = One<int?>(random, [null, 0, -5, 2, 5, 7, 9, 50, int.MaxValue]),
            RatedLoadKg = One<int?>(random, [null, 0, 5_000]),
            PermittedGrossMassKg = One<int?>(random, [null, 10_000, 31_000]),
            RoadKind = One<RoadKind?>(random, [null, RoadKind.Motorway, RoadKind.Urban, RoadKind.RuralPastoral, RoadKind.UrbanExpressway, (RoadKind)77]),
            OffenceKind = One(random, Kinds),
            OffenceCode = One(random, Codes),
            OffenceEdition = One<DateOnly?>(random, [null, null, new DateOnly(2013, 1, 1), new DateOnly(2022, 4, 1), new DateOnly(2001, 1, 1)]),
            OffenceText = One(random, [null, "text"]),
            DriverIdNumber = One(random, [null, "000000000000000000"]),
        };
        for (var n = random.Next(4); n > 0; n--)
            one = one.Measured((Quantity)random.Next(Enum.GetValues<Quantity>().Length), One(random, Values));
        return random.Next(3) > 0 ? one : one.Signalled([.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => (Signal)random.Next(Enum.GetValues<Signal>().Length))]);
    }

    static T One<T>(Random random, T[] values) => values[random.Next(values.Length)];
}
