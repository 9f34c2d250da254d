using System.Numerics;
using NUnit.Framework;
using Traffic.Catalogue;
using Traffic.Contracts;

namespace Traffic.Tests.Law;

/// <summary>
/// Made from the files: each entry of each edition, national and with its layer, is reached by a record it is about, and each
/// tier on both sides of its bounds and exactly on them. No measured input falls through, and none has two answers.
/// </summary>
public sealed class EveryEntryTests
{
    /// <summary>A vehicle of each group of the files.</summary>
    static readonly Dictionary<string, (string Type, string? Nature, int Rated)> VehicleOf = new()
    {
        ["motor"] = ("K33", "A", 5), ["motor-only"] = ("K33", "A", 5), ["non-motor"] = ("F", null, 1), ["non-motor-only"] = ("F", null, 1),
        ["e-bike"] = ("F1", null, 1), ["motorcycle"] = ("M21", "A", 2), ["truck"] = ("H31", "F", 3), ["truck-only"] = ("H31", "F", 3),
        ["hazmat"] = ("H31", "R", 3), ["hazmat-only"] = ("H31", "R", 3), ["commercial"] = ("K33", "D", 5), ["any"] = ("K33", "A", 5),
        ["A"] = ("H11", "F", 3), ["B"] = ("K33", "A", 5), ["service"] = ("K11", "B", 100), ["seven"] = ("K31", "A", 100), ["other"] = ("K33", "A", 5),
        ["coach-or-hazmat"] = ("K11", "A", 50), ["coach-service-or-hazmat"] = ("K11", "B", 50), ["school"] = ("K38", "S", 100),
        ["intercity"] = ("K11", "B", 100), ["other-commercial"] = ("K11", "E", 100), ["passenger"] = ("K31", "A", 100),
        ["medium-large-passenger"] = ("K11", "A", 50), ["service-overdue"] = ("K11", "B", 50), ["commercial-passenger"] = ("K11", "B", 50),
    };

    static IEnumerable<(CatalogueEdition Edition, CatalogueEntry Entry)> Entries =>
        from edition in Example.Catalogue.Editions.Concat(Example.Catalogue.Local) from entry in edition.Entries select (edition, entry);

    static ReportedViolation Record(CatalogueEdition edition, CatalogueEntry entry)
    {
        var (type, nature, rated) = VehicleOf[entry.Groups[0]];
        if (entry.Measure == "personsOverRated" && rated == 5)
            rated = entry.Groups[0] == "other" ? 5 : 100;
        return Example.Car() with
        {
            OccurredAt = edition.Start.AddHours(1), DivisionCode = edition.LayerId is null ? "110101" : "152502", VehicleType = type, UseNature = nature, RatedPersons = rated,
            RoadKind = entry.Roads switch
            {
                "controlled" or "motorway" => RoadKind.Motorway, "other" => RoadKind.Urban, "not-motorway" => RoadKind.Urban,
                "public-highway" => RoadKind.NationalOrProvincial, "rural" => RoadKind.RuralPastoral, _ => RoadKind.Urban,
            },
        };
    }

    [Test]
    public void Every_entry_is_reached_by_its_own_name() => Assert.Multiple(() =>
    {
        foreach (var (edition, entry) in Entries)
        {
            var record = Record(edition, entry) with { OffenceKind = entry.Id };
            var decision = Classifier.Decide(record, new DecisionContext { PriorDrinkDecisions = entry.PriorsFrom }, Example.Catalogue);
            // A word that is also the name of a case is narrowed by what is measured; without a measurement it stays open.
            if (entry.Measure is not null && decision.Entry == Decision.Undecided)
                continue;
            Assert.That(decision.Entry, Is.EqualTo(entry.Id), $"{edition.LayerId} {edition.Id}: {decision.Trace}");
            Assert.That(decision.Points, Is.EqualTo(decision.CriminalReferral ? null : entry.Points), entry.Id);
        }
    });

    [Test]
    public void Every_tier_holds_from_its_bound_on_and_up_to_the_next() => Assert.Multiple(() =>
    {
        var reached = new HashSet<string>();
        foreach (var (edition, entry) in Entries.Where(one => one.Entry is { Measure: not null, BaseUnder: null } && one.Entry.Case != "hazmat.load"))
        {
            const decimal step = 0.05m;
            if (entry.TierAbove)
                Holds(entry.TierFrom!.Value, false);
            else
            {
                Holds(entry.TierFrom!.Value - step, false);
                Holds(entry.TierFrom.Value, true);
            }
            Holds(entry.TierFrom.Value + step, true);
            if (entry.TierUnder is { } under)
            {
                Holds(under - step, true);
                Holds(under, false);
                Holds(under + step, false);
            }
            reached.Add($"{edition.Id} {entry.Id}");

            void Holds(decimal value, bool holds)
            {
                var record = Measured(Record(edition, entry), entry.Measure!, value);
                var decision = Classifier.Decide(record, new DecisionContext { PriorDrinkDecisions = entry.PriorsFrom ?? 0 }, Example.Catalogue);
                Assert.That(decision.Entry == entry.Id, Is.EqualTo(holds), $"{edition.LayerId} {edition.Id} {entry.Id} at {value}: {decision.Trace}");
            }
        }
        Assert.That(reached, Has.Count.GreaterThan(50), "every entry with a tier, of both editions");
    });

    static ReportedViolation Measured(ReportedViolation record, string measure, decimal value) => measure switch
    {
        "speedOverLimit" => record.Measured(Quantity.SpeedLimit, 100).Measured(Quantity.Speed, 100 + value),
        "personsOverRated" => record.Measured(Quantity.Persons, record.RatedPersons!.Value * (100 + value) / 100),
        "massOverPermitted" => (record with { PermittedGrossMassKg = 20_000 }).Measured(Quantity.GrossMass, 20_000 + (200 * value)),
        "loadOverRated" => (record with { RatedLoadKg = 20_000 }).Measured(Quantity.Load, 20_000 + (200 * value)),
        "alcohol" => record.Measured(Quantity.AlcoholBlood, value),
        "drivingTime" => record.Measured(Quantity.DrivingTime, value),
        _ => throw new ArgumentOutOfRangeException(nameof(measure), measure, null),
    };

    static readonly string[] Types = ["K11", "K18", "K21", "K31", "K33", "K39", "H11", "H21", "H31", "H51", "Q11", "M21", "M11", "J11", "T11"];
    static readonly string[] Natures = ["A", "B", "C", "D", "E", "F", "G", "R", "S", "Z"];

    /// <summary>
    /// Random speeds, persons and masses, whatever the vehicle and road: exactly one entry of the case holds them, judged by whole
    /// numbers alone, and that is the one decided.
    /// </summary>
    [TestCase(1)]
    [TestCase(2)]
    public void No_input_falls_through_and_none_has_two_answers(int seed)
    {
        var random = new Random(seed);
        var decided = 0;
        for (var n = 0; n < 40_000; n++)
        {
            var record = Example.Vehicle(Types[random.Next(Types.Length)], Natures[random.Next(Natures.Length)], random.Next(2, 60)) with
            {
                OccurredAt = random.Next(2) == 0 ? Example.Now : Example.Before, RoadKind = (RoadKind)random.Next(6), DivisionCode = random.Next(2) == 0 ? "152502" : "110101",
            };
            var (over, measured) = Measured(random, record);
            var decision = measured.Decide(priors: 0);
            if (decision.Missing is ["no-rule"])
                continue;
            if (over.Value <= over.Base)
            {
                Assert.That(decision.Missing, Is.EqualTo(["below-limit"]), decision.Trace);
                continue;
            }
            Assert.That(decision.Entry, Is.Not.EqualTo(Decision.Undecided), decision.Trace);
            var edition = Example.Catalogue.InForceAt(measured.OccurredAt, measured.DivisionCode)!;
            var entry = edition.Entries.Single(one => one.Id == decision.Entry);
            // The entries of the case that are for the same groups and road: of them only one may hold.
            var holding = edition.Entries.Where(one => one.Case == entry.Case && one.PriorsFrom is null && one.Groups.Contains(decision.VehicleGroup!)
                && OnRoad(one.Roads, measured.RoadKind!.Value) && Holds(one, over.Base, over.Value)).Select(one => one.Id);
            Assert.That(holding, Is.EqualTo([decision.Entry]), decision.Trace);
            decided++;
        }
        Assert.That(decided, Is.GreaterThan(10_000));
    }

    static ((decimal Base, decimal Value), ReportedViolation) Measured(Random random, ReportedViolation record)
    {
        switch (random.Next(3))
        {
            case 0:
                var (limit, speed) = (Tenths(random.Next(50, 1301)), Tenths(random.Next(50, 2601)));
                return ((limit, speed), record.Measured(Quantity.SpeedLimit, limit).Measured(Quantity.Speed, speed));
            case 1:
                var aboard = random.Next(1, 150);
                return ((record.RatedPersons!.Value, aboard), record.Measured(Quantity.Persons, aboard));
            default:
                var (permitted, weighed) = (random.Next(1_000, 50_000), random.Next(1_000, 120_000));
                return ((permitted, weighed), (record with { PermittedGrossMassKg = permitted, RatedLoadKg = permitted })
                    .Measured(record.OccurredAt == Example.Now ? Quantity.GrossMass : Quantity.Load, weighed));
        }
    }

    static decimal Tenths(int tenths) => tenths / 10m;

    static bool OnRoad(string? roads, RoadKind road) => roads switch
    {
        null => true,
        "controlled" => road is RoadKind.Motorway or RoadKind.UrbanExpressway,
        "other" => road is not (RoadKind.Motorway or RoadKind.UrbanExpressway),
        "motorway" => road is RoadKind.Motorway,
        "not-motorway" => road is not RoadKind.Motorway,
        _ => throw new ArgumentOutOfRangeException(nameof(roads), roads, null),
    };

    /// <summary>Whole numbers only: (value − base) × 100 against bound × base.</summary>
    static bool Holds(CatalogueEntry entry, decimal over, decimal value)
    {
        var (left, right) = (new BigInteger((value - over) * 10) * 100, new BigInteger(over * 10));
        var from = left.CompareTo(new BigInteger(entry.TierFrom!.Value) * right);
        return (entry.TierAbove ? from > 0 : from >= 0) && (entry.TierUnder is not { } under || left < new BigInteger(under) * right);
    }
}
