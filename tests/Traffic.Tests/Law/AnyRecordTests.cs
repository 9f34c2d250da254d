using System.Text;
using System.Text.Json;
using CsCheck;
using NUnit.Framework;
using Traffic.Catalogue;
using Traffic.Contracts;

namespace Traffic.Tests.Law;

/// <summary>What holds for every record there can be: one answer, never none and never two, and the same bytes each time.</summary>
/// <remarks>A failure names the seed that repeats it.</remarks>
public sealed class AnyRecordTests
{
    const int Records = 20_000;

    static readonly Gen<Measurement> Measured =
        from quantity in Gen.Enum<Quantity>()
        from value in Gen.OneOf(
            Gen.OneOf(0, 1, 4, 4.1m, 5, 7, 19.9m, 20, 79.9m, 80, 96, 100, 120, 150, 31_000, -1, decimal.MaxValue, decimal.MinValue, 0.0000000000000000000000000001m),
            Gen.Int[0, 4_000].Select(tenths => tenths / 10m))
        select new Measurement { Quantity = quantity, Value = value, Unit = "km/h" };

    static readonly Gen<ReportedViolation> AnyVehicle = Gen.Select(
        Gen.OneOf(null, "", "K11", "K18", "K21", "K33", "K31", "K39", "H11", "H31", "Q11", "M21", "F", "F1", "Z11", "??", "k33", "面包车"),
        Gen.OneOf(null, "A", "B", "C", "D", "E", "F", "R", "S", "X", ""),
        Gen.OneOf(null, "01", "02", "07", "99", "??"),
        Gen.OneOf<int?>(null, 0, -5, 2, 5, 7, 9, 50, int.MaxValue),
        Gen.OneOf<int?>(null, 0, 5_000),
        Gen.OneOf<int?>(null, 10_000, 31_000),
        (type, nature, plateType, persons, load, gross) => Example.Car() with
        {
            VehicleType = type, UseNature = nature, PlateType = plateType, RatedPersons = persons, RatedLoadKg = load, PermittedGrossMassKg = gross,
        });

    static readonly Gen<ReportedViolation> Any = Gen.Select(
        AnyVehicle,
        Gen.OneOf("2010-05-05T00:00:00Z", "2015-05-05T00:00:00Z", "2022-03-31T15:59:59Z", "2022-03-31T16:00:00Z", "2022-07-08T00:00:00Z", "2025-09-02T00:00:00Z"),
        Gen.OneOf<RoadKind?>(null, RoadKind.Motorway, RoadKind.Urban, RoadKind.RuralPastoral, RoadKind.UrbanExpressway, (RoadKind)77),
        Gen.Select(
            Gen.OneOf(null, null, "speeding", "helmet", "drink-driving", "plate-obscured", "three-overs-one-fatigue", "unlicensed", "overload", "speeding.b.other.50", "\"quoted\\\n", "酒驾"),
            Gen.OneOf(null, null, null, "1625", "1636", "1721", "1712", "1713", "6046", "1625A", "9999", "1", "123456", "16\"5", "2010"),
            Gen.OneOf<DateOnly?>(null, null, new DateOnly(2013, 1, 1), new DateOnly(2022, 4, 1), new DateOnly(2001, 1, 1))),
        Gen.Select(Gen.OneOf(null, "text"), Gen.OneOf(null, "000000000000000000"), Gen.OneOf("152502", "110000", "??")),
        Measured.List[0, 4],
        Gen.Enum<Signal>().List[0, 3],
        (vehicle, at, road, offence, other, measured, seen) => vehicle with
        {
            OccurredAt = Example.At(at), RoadKind = road, OffenceKind = offence.Item1, OffenceCode = offence.Item2, OffenceEdition = offence.Item3,
            OffenceText = other.Item1, DriverIdNumber = other.Item2, DivisionCode = other.Item3, Measurements = measured, Signals = seen,
        });

    static readonly Gen<DecisionContext> AnyContext = Gen.Select(
        Gen.OneOf<int?>(null, 0, 1, 2), Gen.Int[0, 19], (priors, law) => new DecisionContext { PriorDrinkDecisions = priors, LawApplies = law > 0 });

    static readonly HashSet<string> Entries =
        [.. Example.Catalogue.Editions.Concat(Example.Catalogue.Local).SelectMany(edition => edition.Entries).Select(entry => entry.Id), "undecided", "no-law"];

    [Test]
    public void No_record_falls_through() => Gen.Select(Any, AnyContext).Sample((reported, context) =>
    {
        var decision = Classifier.Decide(reported, context, Example.Catalogue);

        Assert.That(Entries, Does.Contain(decision.Entry));
        Assert.That(decision.Entry == "undecided", Is.EqualTo(decision.Missing.Count > 0), "undecided names what is missing, decided misses nothing");
        Assert.That(decision.Family, Is.Not.Empty);
        Assert.That(Encoding.UTF8.GetByteCount(decision.Trace), Is.LessThanOrEqualTo(300));
        using var trace = JsonDocument.Parse(decision.Trace);
        Assert.That(trace.RootElement.GetProperty("rule").GetString(), Is.EqualTo(decision.Entry));
        foreach (var lang in new[] { "zh", "en" })
            Assert.That(Explain.Sentences(decision.Trace, lang, Example.Catalogue), Is.Not.Empty);
        Assert.DoesNotThrow(() => Classifier.NeedsPriors(reported, Example.Catalogue));
    }, iter: Records);

    [Test]
    public void The_same_record_has_the_same_bytes() => Gen.Select(Any, AnyContext).Sample((reported, context) =>
    {
        var read = JsonSerializer.Deserialize(JsonSerializer.Serialize(reported, TrafficJson.Plain.ReportedViolation), TrafficJson.Plain.ReportedViolation)!;

        Assert.That(Bytes(read, context), Is.EqualTo(Bytes(reported, context)), "also after it was kept and read");
    }, iter: Records);

    /// <summary>Were there two answers, the order in which things are reported would choose between them.</summary>
    [Test]
    public void No_record_has_two_answers_by_the_order_in_which_it_tells_things() => Gen.Select(Any, AnyContext).Sample((reported, context) =>
    {
        var turned = reported with { Measurements = [.. reported.Measurements!.Reverse()], Signals = [.. reported.Signals!.Reverse()] };
        var (one, other) = (Classifier.Decide(reported, context, Example.Catalogue), Classifier.Decide(turned, context, Example.Catalogue));

        Assert.That((other.Entry, other.Points, other.FineMin, other.FineMax, other.CriminalReferral, other.Hold),
            Is.EqualTo((one.Entry, one.Points, one.FineMin, one.FineMax, one.CriminalReferral, one.Hold)));
    }, iter: Records);

    /// <summary>Told apart from the table's own order: each rule is asked by itself whether it holds.</summary>
    [Test]
    public void Of_every_table_of_the_law_exactly_one_rule_holds_for_a_value()
    {
        OffenceCase[] cases = [.. Example.Catalogue.Editions.Concat(Example.Catalogue.Local).SelectMany(edition => edition.CaseById.Values)];
        Gen.Select(Gen.Int[0, cases.Length - 1], Gen.Int[0, 40_000], Gen.Int[1, 200]).Sample((number, tenths, over) =>
        {
            var one = cases[number];
            if (one.Measure is not { } measure)
                return;
            var reading = new Reading(tenths / 10m, measure.Over is null ? null : over);
            if (!one.Starts.Holds(reading))
                return;
            for (var group = 0; group < one.Groups.Length; group++)
                for (var road = 0; road < one.Table[group].Length; road++)
                {
                    var (first, again) = one.Table[group][road].Aggregate((0, 0), (held, tier) => !Holds(tier.Rule, reading) ? held
                        : (held.Item1 + 1, held.Item2 + (tier.Again is not null ? 1 : 0)));
                    // An exception holds for a part of the values only; beyond it the case it is an exception to does.
                    var some = one.Table[group][road].Length > 0 && one.ExceptionTo is null;
                    Assert.That(first, some ? Is.EqualTo(1) : Is.LessThanOrEqualTo(1), $"{one.Id}, group {one.Groups[group].Id}, road {(RoadKind)road}, {reading}");
                    Assert.That(again, Is.LessThanOrEqualTo(1));
                }
        }, iter: Records);
    }

    static bool Holds(Rule rule, Reading reading) => rule.From.Holds(reading) && !(rule.Under is { } end && reading.CompareTo(end) >= 0);

    static string Bytes(ReportedViolation reported, DecisionContext context) =>
        JsonSerializer.Serialize(Classifier.Decide(reported, context, Example.Catalogue));
}
