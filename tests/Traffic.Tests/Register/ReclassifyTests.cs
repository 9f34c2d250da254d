using NUnit.Framework;
using Traffic.Catalogue;
using Traffic.Contracts;
using Traffic.Register;

namespace Traffic.Tests.Register;

/// <summary>What another version of the law makes of a record: people set the status, law sets the entry.</summary>
public sealed class ReclassifyTests
{
    static readonly Standing Stored = new()
    {
        Revision = 3, Status = StandingStatus.Confirmed, Entry = "red-light.motor", Family = "red-light", Division = "152502",
        Day = new(2022, 7, 8), ShiftDate = new(2022, 7, 8), Shift = Shift.Day, Source = RecordSource.Camera, VehicleClass = "car", Items = "red-light", Overlays = "",
        Points = 6, FineMin = 20, FineMax = 200, LawEdition = "2022-04-01", CatalogueVersion = "old", Trace = """{"rule":"red-light.motor"}""",
    };

    static readonly Standing Decided = Stored with { Revision = 1, Status = StandingStatus.Captured, CatalogueVersion = "new" };

    static readonly Standing Undecided = Decided with
    {
        Entry = Decision.Undecided, Status = StandingStatus.ToReview, Reason = "vehicleType", Points = null, Items = "", Trace = """{"rule":"undecided"}""",
    };

    static readonly Standing ByPerson = Stored with { Reason = "clear on the picture", ChangedBy = "officer-1", Trace = """{"rule":"red-light.motor","v":"2022-04-01","by":"person"}""" };

    static readonly CatalogueEntry Entry = new("red-light.motor", "red-light", "闯红灯", "Red light", 6, 20, 200, false, ["red-light"], []);

    [Test]
    public void The_same_decision_begins_no_revision() => Assert.That(Of(Stored, Decided), Is.Null);

    [Test]
    public void Another_version_or_another_trace_alone_is_the_same_decision() =>
        Assert.That(Of(Stored, Decided with { CatalogueVersion = "newer", Trace = """{"rule":"x"}""" }), Is.Null);

    [TestCase(StandingStatus.Confirmed)]
    [TestCase(StandingStatus.Captured)]
    [TestCase(StandingStatus.Held)]
    public void Other_points_begin_a_revision_and_leave_the_status(StandingStatus status)
    {
        var now = Of(Stored with { Status = status, Reason = status == StandingStatus.Held ? "clock-ahead" : null }, Decided with { Points = 3 })!;

        Assert.That((now.Revision, now.Status, now.Points, now.CatalogueVersion), Is.EqualTo((4, status, 3, "new")));
        Assert.That(now.Reason, Is.EqualTo(status == StandingStatus.Held ? "clock-ahead" : "law-released"), "what a person must look at stays said");
    }

    [Test]
    public void A_persons_entry_gives_no_points_to_the_owner_of_a_cameras_vehicle_whatever_is_released()
    {
        var noPoints = ByPerson with { Points = null };

        Assert.That(Of(noPoints, Undecided, Entry, driverKnown: false), Is.Null, "nothing changed: no revision begins");
        Assert.That(Reclassify.Undo(noPoints, noPoints with { Revision = 2 }, Undecided, Entry, driverKnown: false), Is.Null);
        Assert.That(Of(noPoints, Undecided, Entry with { FineMax = 100 }, driverKnown: false)!.Points, Is.Null);
        Assert.That(Of(ByPerson, Undecided, Entry with { CriminalReferral = true })!, Has.Property("Points").Null.And.Property("FineMin").Null.And.Property("FineMax").Null);
    }

    [TestCase(StandingStatus.Voided)]
    [TestCase(StandingStatus.Rejected)]
    public void What_is_voided_or_rejected_stays(StandingStatus status) =>
        Assert.That(Of(Stored with { Status = status }, Decided with { Points = 3 }), Is.Null);

    [Test]
    public void What_the_law_can_no_longer_decide_goes_to_review_and_says_what_is_missing()
    {
        var now = Of(Stored, Undecided)!;

        Assert.That((now.Status, now.Entry, now.Reason), Is.EqualTo((StandingStatus.ToReview, "undecided", "vehicleType")));
    }

    [TestCase(StandingStatus.Captured)]
    [TestCase(StandingStatus.Confirmed)]
    public void What_the_law_can_now_decide_leaves_review(StandingStatus status)
    {
        var now = Of(Undecided with { Revision = 1 }, Decided with { Status = status })!;

        Assert.That((now.Status, now.Entry, now.Reason), Is.EqualTo((status, "red-light.motor", "law-released")));
    }

    [Test]
    public void A_persons_entry_stays_while_the_law_cannot_decide_and_has_it() => Assert.That(Of(ByPerson, Undecided, Entry), Is.Null);

    [Test]
    public void A_persons_entry_costs_what_the_law_now_says()
    {
        var now = Of(ByPerson, Undecided, Entry with { Points = 3 })!;

        Assert.That((now.Status, now.Entry, now.Points, now.Reason, now.ChangedBy), Is.EqualTo((StandingStatus.Confirmed, "red-light.motor", 3, "law-released", (string?)null)));
        Assert.That(Reclassify.IsByPerson(now), "it is still a person's");
    }

    [Test]
    public void A_persons_entry_that_the_law_no_longer_has_goes_to_review_with_both_shown()
    {
        var now = Of(ByPerson, Undecided, null)!;

        Assert.That((now.Status, now.Entry, now.Reason), Is.EqualTo((StandingStatus.ToReview, "undecided", "law-against-person: red-light.motor")));
    }

    [Test]
    public void A_law_that_now_decides_otherwise_than_the_person_goes_to_review_with_both_shown()
    {
        var now = Of(ByPerson, Decided with { Entry = "red-light.non-motor" }, Entry)!;

        Assert.That((now.Status, now.Entry, now.Reason), Is.EqualTo((StandingStatus.ToReview, "red-light.non-motor", "law-against-person: red-light.motor")));
    }

    [Test]
    public void A_persons_entry_against_the_laws_stays_while_the_law_says_the_same()
    {
        var law = Stored with { Entry = "red-light.non-motor" };
        var person = ByPerson with { Trace = Reclassify.ByPerson(law, Entry) };
        var twice = person with { Trace = Reclassify.ByPerson(person with { Entry = "parking.motor" }, Entry) };

        foreach (var standing in new[] { person, twice })
        {
            Assert.That(Of(standing, Decided with { Entry = "red-light.non-motor" }, Entry), Is.Null, "whatever else was released");
            Assert.That(Of(standing, Decided with { Entry = "parking.motor" }, Entry)!.Status, Is.EqualTo(StandingStatus.ToReview));
            Assert.That(Of(standing, Undecided, Entry)!.Status, Is.EqualTo(StandingStatus.ToReview), "it did decide when the person looked");
        }
        Assert.That(Explain.Sentences(person.Trace, "en"), Is.EqualTo(new[]
        {
            "The edition in force since 2022-04-01 applies.", "Decided by a person.", "The law alone gave: red-light.non-motor.", "It is: red-light.motor (red-light.motor).",
        }));
    }

    [Test]
    public void A_law_that_now_decides_as_the_person_did_changes_nothing() => Assert.That(Of(ByPerson, Decided, Entry), Is.Null);

    [Test]
    public void A_note_for_the_reviewer_stays() =>
        Assert.That(Of(Undecided with { Reason = "decided-on-older-revision: undecided" }, Undecided with { Reason = "roadKind" }), Is.Null);

    [Test]
    public void An_undo_gives_back_what_stood_before_with_the_persons_entry_and_status()
    {
        var released = Of(ByPerson, Decided with { Entry = "red-light.non-motor" }, Entry)!;
        var back = Reclassify.Undo(released, ByPerson, Undecided, Entry, driverKnown: true)!;

        Assert.That((back.Revision, back.Status, back.Entry, back.Points, back.Trace, back.Reason),
            Is.EqualTo((released.Revision + 1, StandingStatus.Confirmed, "red-light.motor", 6, ByPerson.Trace, "law-undone")));
    }

    [Test]
    public void An_undo_gives_a_confirmed_capture_back_its_confirmation()
    {
        var released = Of(Stored, Undecided)!;
        var back = Reclassify.Undo(released, Stored, Decided, null, driverKnown: true)!;

        Assert.That((back.Status, back.Entry, back.Points), Is.EqualTo((StandingStatus.Confirmed, "red-light.motor", 6)));
    }

    [Test]
    public void What_a_person_did_after_a_release_is_kept_by_its_undo()
    {
        var rejected = Stored with { Status = StandingStatus.Rejected, Points = 3, CatalogueVersion = "new" };

        Assert.That(Reclassify.Undo(rejected, null, Decided, null, driverKnown: true), Is.Null);
        Assert.That(Reclassify.Undo(Stored with { Points = 3 }, null, Decided, null, driverKnown: true)!.Status, Is.EqualTo(StandingStatus.Confirmed));
    }

    static Standing? Of(Standing stored, Standing decided, CatalogueEntry? ofPerson = null, bool driverKnown = true) =>
        Reclassify.Of(stored, decided, ofPerson, driverKnown, Reclassify.Released);
}
