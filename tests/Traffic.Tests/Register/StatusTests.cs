using NUnit.Framework;
using Traffic.Contracts;
using Traffic.Platform;
using Traffic.Register;

namespace Traffic.Tests.Register;

/// <summary>Which records stand from the first moment, and which a person must look at: both sides of every bound.</summary>
public sealed class StatusTests
{
    static readonly DateTime Received = new(2026, 7, 8, 4, 0, 0, DateTimeKind.Utc);
    static readonly SchemaFiles Schemas = new(Path.Combine(Repository.Root, "schemas"));

    static readonly Decider Decider = new(
        Traffic.Catalogue.Catalogue.Load(Schemas.PathOf("catalogue")), new Divisions(Schemas), new ImportMaps(Schemas), new byte[32]);

    static readonly ReportedViolation RedLight = new()
    {
        RecordId = Guid.NewGuid(), Source = RecordSource.Camera, OccurredAt = Received, DivisionCode = "152502", FeedId = "test",
        VehicleType = "K33", UseNature = "A", RatedPersons = 5, OffenceKind = "red-light", Signals = [Signal.RedLight],
    };

    [TestCase(0, StandingStatus.Captured, null)]
    [TestCase(120_000, StandingStatus.Captured, null, Description = "two minutes ahead: no matter")]
    [TestCase(120_001, StandingStatus.Held, "clock-ahead", Description = "a millisecond more")]
    public void A_feeds_clock_may_run_two_minutes_ahead(int aheadMs, StandingStatus status, string? reason) =>
        Says(RedLight with { OccurredAt = Received.AddMilliseconds(aheadMs) }, status, reason);

    [TestCase(0, StandingStatus.Captured, null, Description = "two years to the day")]
    [TestCase(1, StandingStatus.Held, "too-old", Description = "a millisecond older")]
    public void Nothing_older_than_two_years_is_punished(int olderMs, StandingStatus status, string? reason) =>
        Says(RedLight with { OccurredAt = Received.AddYears(-2).AddMilliseconds(-olderMs) }, status, reason);

    [TestCase(RecordSource.RoadsideCheck, StandingStatus.Confirmed)]
    [TestCase(RecordSource.NightInspection, StandingStatus.Confirmed)]
    [TestCase(RecordSource.Camera, StandingStatus.Captured)]
    public void A_cameras_record_waits_for_a_person(RecordSource source, StandingStatus status) => Says(RedLight with { Source = source, FeedId = null }, status, null);

    [TestCase(null, StandingStatus.Captured, Description = "a feed's word alone")]
    [TestCase("P001", StandingStatus.Confirmed, Description = "an officer vouches for it")]
    public void What_a_feed_calls_a_roadside_check_waits_for_a_person_unless_it_names_the_officer(string? officer, StandingStatus status) =>
        Says(RedLight with { Source = RecordSource.RoadsideCheck, OfficerId = officer }, status, null);

    [TestCase("test", StandingStatus.Held)]
    [TestCase("import.cn-gd-violation-query", StandingStatus.Confirmed, Description = "a table of long ago, of which nobody can ask")]
    public void An_alcohol_offence_that_only_its_code_tells_of_waits_for_a_reading(string feed, StandingStatus status) => Says(
        RedLight with { Source = RecordSource.RoadsideCheck, FeedId = feed, OfficerId = "P001", OffenceKind = null, Signals = null, OffenceCode = "1712", DriverIdNumber = null },
        status, status == StandingStatus.Held ? "unmeasured" : null);

    [Test]
    public void What_cannot_be_decided_waits_even_if_an_officer_saw_it() => Says(
        RedLight with { Source = RecordSource.RoadsideCheck, VehicleType = null, UseNature = null, RatedPersons = null },
        StandingStatus.ToReview, "vehicleType");

    [TestCase("2026-07-07T22:00:00Z", "2026-07-08", "2026-07-08", Shift.Day, Description = "06:00 in Xilinhot: the day begins")]
    [TestCase("2026-07-07T21:59:59Z", "2026-07-08", "2026-07-07", Shift.Night, Description = "the night belongs to the day it began")]
    [TestCase("2026-07-07T16:00:00Z", "2026-07-08", "2026-07-07", Shift.Night, Description = "midnight: a new day, the same night")]
    [TestCase("2026-07-07T15:59:59Z", "2026-07-07", "2026-07-07", Shift.Night, Description = "the second before")]
    public void Counts_for_the_day_in_the_zone_of_the_division(string at, string day, string shiftDate, Shift shift)
    {
        var standing = Decider.Decide(RedLight with { OccurredAt = DateTimeOffset.Parse(at, null) }, Received, null);

        Assert.That((standing.Day, standing.ShiftDate, standing.Shift), Is.EqualTo((DateOnly.Parse(day, null), DateOnly.Parse(shiftDate, null), shift)));
    }

    static void Says(ReportedViolation record, StandingStatus status, string? reason)
    {
        var standing = Decider.Decide(record, Received, null);

        Assert.That((standing.Status, standing.Reason), Is.EqualTo((status, reason)));
    }
}
