using System.Text;
using NUnit.Framework;
using Traffic.Catalogue;
using Traffic.Contracts;

namespace Traffic.Tests.Law;

/// <summary>What a province lays over the national editions, from its own day on.</summary>
public sealed class LayerTests
{
    static ReportedViolation ElectricBicycle(string at, string division = "152502") =>
        (Example.ElectricBicycle() with { OccurredAt = Example.At(at), DivisionCode = division }).Signalled(Signal.DriverNoHelmet);

    [TestCase("2025-08-31T23:59:59+08:00", true, "the last second before the regional regulation: education")]
    [TestCase("2025-09-01T00:00:00+08:00", false, "its first second: an offence")]
    public void Electric_bicycle_without_helmet(string at, bool education, string why)
    {
        var decision = ElectricBicycle(at).Decide();
        var entry = Example.Catalogue.InForceAt(Example.At(at), "152502")!.Entries.Single(one => one.Id == decision.Entry);

        Assert.That((decision.Entry, entry.NoOffence), Is.EqualTo(("helmet.e-bike.rider", education)), why);
        Assert.That((decision.Points, decision.FineMin, decision.FineMax), Is.EqualTo(((int?)null, (int?)null, (int?)null)), "its amount was not obtained");
        Assert.That(entry.Layer, Is.EqualTo(education ? null : "15-2025-09-01"));
    }

    [Test]
    public void Layer_holds_in_its_own_divisions_only()
    {
        var elsewhere = Example.Catalogue.InForceAt(Example.At("2025-10-01T00:00:00+08:00"), "110101")!;

        Assert.That(elsewhere.LayerId, Is.Null);
        Assert.That(elsewhere.Entries.Single(one => one.Id == "helmet.e-bike.rider").NoOffence, Is.True);
        Assert.That(ElectricBicycle("2025-10-01T00:00:00+08:00", "110101").Decide().Trace, Does.Not.Contain("layer"));
    }

    [Test]
    public void Amounts_that_were_not_obtained_are_said_to_be_so_and_the_national_range_stays()
    {
        foreach (var edition in Example.Catalogue.Local)
            Assert.That(edition.AmountsObtained, Is.False, edition.LayerId);
        Assert.That(Example.Car().Signalled(Signal.RedLight).Decide().FineMax, Is.EqualTo(200));
    }

    static readonly Traffic.Catalogue.Catalogue SwitchedOn = With("\"on\": false", "\"on\": true");

    [TestCase(RoadKind.NationalOrProvincial, 59, 59.1, true, Description = "the least excess")]
    [TestCase(RoadKind.NationalOrProvincial, 59, 88.4, true, Description = "just under 50 %")]
    [TestCase(RoadKind.NationalOrProvincial, 59, 88.5, false, Description = "exactly 50 %")]
    [TestCase(RoadKind.NationalOrProvincial, 60, 80, false, Description = "a limit of exactly 60")]
    [TestCase(RoadKind.RuralPastoral, 40, 50, true)]
    [TestCase(RoadKind.Urban, 40, 50, false, Description = "no public highway")]
    [TestCase(RoadKind.Motorway, 40, 50, false)]
    public void Exception_of_6046_holds_by_measurement_where_it_is_switched_on(RoadKind road, decimal limit, decimal speed, bool holds)
    {
        var record = Example.Car().Speeding(speed, limit, road);
        var on = Classifier.Decide(record, DecisionContext.None, SwitchedOn);

        Assert.That(on.Entry == "speeding.low-limit", Is.EqualTo(holds), on.Trace);
        Assert.That(on.Trace.Contains("\"not\":[\"A\",\"speeding.low-limit\""), Is.EqualTo(!holds), "what was tried is told");
        Assert.That(record.Decide().Entry, Does.StartWith("speeding.b."), "off, the table decides");
    }

    [Test]
    public void Switched_on_the_kind_of_road_must_be_known_where_it_matters()
    {
        var low = Example.Car().Speeding(42, 40, null);

        Assert.That(low.Decide().Entry, Is.EqualTo("speeding.b.any.0"));
        Assert.That(Classifier.Decide(low, DecisionContext.None, SwitchedOn).Missing, Is.EqualTo(["roadKind"]));
        Assert.That(Classifier.Decide(Example.Car().Speeding(84, 80, null), DecisionContext.None, SwitchedOn).Entry, Is.EqualTo("speeding.b.any.0"));
    }

    [TestCase("\"entry\": \"helmet.e-bike.rider\"", "\"entry\": \"helmet.rollerskate\"", "no entry \"helmet.rollerskate\"")]
    [TestCase("\"case\": \"speeding.low-limit\"", "\"case\": \"speeding\"", "no case \"speeding\"")]
    [TestCase("\"minutes\": 120", "\"minutes\": 0", "above 0")]
    [TestCase("\"family\": \"illegal-parking\"", "\"family\": \"red-light\"", "only among")]
    [TestCase("\"obtained\": false", "\"obtained\": true", "amounts that were obtained")]
    [TestCase("\"sources\": [\"NM-EBIKE\"]", "\"sources\": [\"HEARSAY\"]", "HEARSAY")]
    public void Layer_that_does_not_keep_its_promises_is_refused_with_file_and_line(string from, string to, string reason)
    {
        var fault = Assert.Throws<CatalogueException>(() => With(from, to))!;

        Assert.That(fault.File, Is.EqualTo("local/15-2025-09-01.json"));
        Assert.That(fault.Line, Is.GreaterThan(1));
        Assert.That(fault.Reason, Does.Contain(reason));
    }

    [TestCase("speeding", 30)]
    [TestCase("illegal-parking", 120)]
    [TestCase("red-light", null)]
    public void Windows_for_one_act_are_dated_data(string family, int? minutes)
    {
        Assert.That(Example.Catalogue.MergeWindow(Example.Now, "152502", family)?.TotalMinutes, Is.EqualTo((double?)minutes));
        Assert.That(Example.Catalogue.MergeWindow(Example.Now, "110101", family), Is.Null, "elsewhere none is known");
    }

    /// <summary>The catalogue with a text of its newest layer replaced.</summary>
    static Traffic.Catalogue.Catalogue With(string from, string to) => Traffic.Catalogue.Catalogue.Read(
    [
        .. Traffic.Catalogue.Catalogue.FilesOf(Path.Combine(Repository.Root, "schemas", "catalogue")).Select(file =>
        {
            var text = Encoding.UTF8.GetString(file.Bytes);
            var changed = file.Name.StartsWith("local/", StringComparison.Ordinal) && (file.Name.Contains("2025") || from.Contains("\"on\""))
                ? text.Replace(from, to, StringComparison.Ordinal) : text;
            return file with { Bytes = Encoding.UTF8.GetBytes(changed) };
        }),
    ]);
}
