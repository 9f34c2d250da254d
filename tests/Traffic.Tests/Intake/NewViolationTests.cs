using System.Globalization;
using Microsoft.Extensions.Time.Testing;
using NUnit.Framework;
using Traffic.Contracts;
using Traffic.Intake;
using Traffic.Platform;

namespace Traffic.Tests.Intake;

/// <summary>What may come in: both sides of every bound.</summary>
public sealed class NewViolationTests
{
    static readonly Sender Camera = new("feed-1", null, null);
    static readonly Divisions Divisions = new(Sent.Schemas);
    static readonly NewViolationValidator Officers = new(new FakeTimeProvider(Sent.Now), Divisions, Sender.Officer);
    static readonly NewViolationValidator Feeds = new(new FakeTimeProvider(Sent.Now), Divisions, Camera);

    static string[] Codes(NewViolation sent) => Codes(Officers, sent);

    static string[] FeedCodes(NewViolation sent) => Codes(Feeds, sent);

    static string[] Codes(NewViolationValidator validator, NewViolation sent)
    {
        var found = validator.Validate(sent);
        Assert.That(validator.Holds(sent), Is.EqualTo(found.IsValid), "the short question has the long one's answer");
        return [.. found.Errors.Select(fault => fault.ErrorCode)];
    }

    [Test]
    public void A_whole_record_has_no_fault()
    {
        Assert.That(Codes(Sent.ByOfficer()), Is.Empty);
        Assert.That(FeedCodes(Sent.ByFeed("1")), Is.Empty);
    }

    [Test]
    public void Every_fault_is_named_at_once() =>
        Assert.That(Codes(new NewViolation { Plate = "蒙I00001", DivisionCode = "999999", Latitude = 91 }), Is.EquivalentTo(new[]
        {
            "intake.recordId.missing", "intake.source.missing", "intake.occurredAt.missing", "intake.divisionCode", "intake.plate",
            "intake.latitude", "intake.offence.missing",
        }));

    [Test]
    public void Officers_send_record_ids_and_feeds_event_ids()
    {
        Assert.That(Codes(Sent.ByOfficer() with { RecordId = Guid.Empty }), Is.EqualTo(new[] { "intake.recordId.missing" }));
        Assert.That(Codes(Sent.ByOfficer() with { EventId = "1" }), Is.EqualTo(new[] { "intake.eventId.officer" }));
        Assert.That(FeedCodes(Sent.ByFeed("1") with { RecordId = Guid.NewGuid() }), Is.EqualTo(new[] { "intake.recordId.feed" }));
        Assert.That(FeedCodes(Sent.ByFeed("")), Is.EqualTo(new[] { "intake.eventId.missing" }));
        Assert.That(FeedCodes(Sent.ByFeed(new string('e', 200))), Is.Empty);
        Assert.That(FeedCodes(Sent.ByFeed(new string('e', 201))), Is.EqualTo(new[] { "intake.eventId.missing" }));
    }

    [TestCase(120_000, null, Description = "two minutes ahead is a clock we still believe")]
    [TestCase(120_001, "intake.occurredAt.ahead")]
    [TestCase(-730L * 86_400_000, null, Description = "two years to the second")]
    [TestCase((-730L * 86_400_000) - 1, "intake.occurredAt.old")]
    public void An_officers_time_is_near_now(long millisecondsFromNow, string? fault)
    {
        var at = Sent.Now.AddMilliseconds(millisecondsFromNow);
        Assert.That(Codes(Sent.ByOfficer() with { OccurredAt = at }), Is.EqualTo(fault is null ? [] : new[] { fault }));
        Assert.That(FeedCodes(Sent.ByFeed("1") with { OccurredAt = at }), Is.Empty, "a feed's is taken, and held later");
    }

    [TestCase("1989-12-31T23:59:59Z", false)]
    [TestCase("1990-01-01T00:00:00Z", true)]
    [TestCase("2199-12-31T23:59:59Z", true)]
    [TestCase("2200-01-01T00:00:00Z", false, Description = "no report can ask for its day")]
    public void A_feeds_year_is_possible(string at, bool taken) =>
        Assert.That(FeedCodes(Sent.ByFeed("1") with { OccurredAt = DateTimeOffset.Parse(at, CultureInfo.InvariantCulture) }), taken ? Is.Empty : Is.EqualTo(new[] { "intake.occurredAt.year" }));

    [TestCase(-1, 0, null)]
    [TestCase(-1, -1, "intake.measuredAt", Description = "more than a day before")]
    [TestCase(0, 120, null, Description = "by a clock two minutes ahead")]
    [TestCase(0, 121, "intake.measuredAt")]
    [TestCase(-738_000, 0, "intake.measuredAt", Description = "the year 1")]
    [TestCase(2_900_000, 0, "intake.measuredAt", Description = "a year nobody will see")]
    public void A_measurement_is_of_the_time_of_its_violation(int days, int seconds, string? fault) => Assert.That(
        Codes(Sent.ByOfficer() with { OccurredAt = Sent.Now, Measurements = [Sent.Speed(96) with { MeasuredAt = Sent.Now.AddDays(days).AddSeconds(seconds) }] }),
        Is.EqualTo(fault is null ? [] : new[] { fault }));

    [TestCase(365, 0, null)]
    [TestCase(365, 1, "intake.measuredAt")]
    public void A_laboratory_may_take_a_year(int days, int seconds, string? fault) => Assert.That(
        FeedCodes(Sent.ByFeed("1") with { Measurements = [Sent.Speed(96) with { MeasuredAt = Sent.ByFeed("1").OccurredAt!.Value.AddDays(days).AddSeconds(seconds) }] }),
        Is.EqualTo(fault is null ? [] : new[] { fault }));

    [Test]
    public void An_id_of_zeros_is_none()
    {
        Assert.That(Codes(Sent.ByOfficer() with { StopId = Guid.Empty }), Is.EqualTo(new[] { "intake.stopId" }));
        Assert.That(Codes(Sent.ByOfficer() with { SessionId = $"{Guid.Empty}" }), Is.EqualTo(new[] { "intake.sessionId" }));
    }

    [TestCase("蒙H00001", true, Description = "blue or yellow")]
    [TestCase("蒙H0000A", true)]
    [TestCase("蒙H·000 01", true, Description = "with a dot and a blank, which are taken out")]
    [TestCase("蒙h0000a", true, Description = "lower case")]
    [TestCase("蒙Ｈ００００１", true, Description = "full width")]
    [TestCase("蒙H0001", false, Description = "one short")]
    [TestCase("蒙H000001", false, Description = "one long without a letter of new energy")]
    [TestCase("蒙HD00000", true, Description = "small new energy")]
    [TestCase("蒙H00000D", true, Description = "large new energy")]
    [TestCase("蒙H00000L", false, Description = "L is no letter of new energy")]
    [TestCase("蒙H0000I", false, Description = "no I")]
    [TestCase("蒙H0000O", false, Description = "no O")]
    [TestCase("蒙I00001", false)]
    [TestCase("H00001", false, Description = "no province")]
    [TestCase("哈H00001", false, Description = "no such province")]
    [TestCase("蒙H0000挂", true, Description = "trailer")]
    [TestCase("蒙H0000学", true, Description = "learner")]
    [TestCase("蒙H0000警", true, Description = "police")]
    [TestCase("粤Z0000港", true, Description = "Hong Kong")]
    [TestCase("蒙Z0000港", false)]
    [TestCase("蒙H0000领", true, Description = "consulate")]
    [TestCase("000000使", true, Description = "embassy")]
    [TestCase("00000使", false)]
    [TestCase("WJ蒙00000", true, Description = "armed police")]
    [TestCase("AA00000", true, Description = "army")]
    [TestCase("***", false, Description = "masked")]
    [TestCase("", false)]
    public void A_plate_is_of_a_kind_that_exists(string plate, bool taken) =>
        Assert.That(Codes(Sent.ByOfficer() with { Plate = plate }), taken ? Is.Empty : Is.EqualTo(new[] { "intake.plate" }));

    [TestCase("05", "1234УБА", true, Description = "a car from across the border")]
    [TestCase("20", "1234УБА", true, Description = "let in for a time")]
    [TestCase("25", "锡林浩特A12345", true, Description = "an electric bicycle")]
    [TestCase("02", "1234УБА", false)]
    [TestCase(null, "1234УБА", false)]
    [TestCase("05", "a", false, Description = "one letter")]
    [TestCase("05", "1234<5", false)]
    public void A_plate_from_abroad_is_taken_where_its_type_says_so(string? type, string plate, bool taken) =>
        Assert.That(Codes(Sent.ByOfficer() with { Plate = plate, PlateType = type }), taken ? Is.Empty : Is.EqualTo(new[] { "intake.plate" }));

    [Test]
    public void The_id_of_a_feeds_event_cannot_be_taken_before_it_comes() =>
        Assert.That(Codes(Sent.ByOfficer() with { RecordId = Door.FeedRecordId("junction-7", "e-1") }), Is.EqualTo(new[] { "intake.recordId.derived" }));

    [Test]
    public void An_import_may_mask_its_plates_or_have_none()
    {
        var masked = new NewViolationValidator(new FakeTimeProvider(Sent.Now), Divisions, new Sender("import.a", "a", "masked"));
        var none = new NewViolationValidator(new FakeTimeProvider(Sent.Now), Divisions, new Sender("import.b", "b", "none"));
        Assert.That(masked.Validate(Sent.ByFeed("1") with { Plate = "蒙H***01" }).IsValid);
        Assert.That(none.Validate(Sent.ByFeed("1") with { Plate = "蒙H00001" }).IsValid, Is.False);
        Assert.That(none.Validate(Sent.ByFeed("1") with { Plate = null }).IsValid);
    }

    [TestCase("00", false)]
    [TestCase("01", true)]
    [TestCase("27", true)]
    [TestCase("28", false)]
    [TestCase("52", true)]
    [TestCase("99", true)]
    [TestCase("2", false)]
    public void A_plate_type_is_in_the_table(string code, bool taken) =>
        Assert.That(Codes(Sent.ByOfficer() with { PlateType = code }), taken ? Is.Empty : Is.EqualTo(new[] { "intake.plateType" }));

    [TestCase("K", true)]
    [TestCase("K33", true)]
    [TestCase("K333", false)]
    [TestCase("F1", true)]
    [TestCase("33", false)]
    [TestCase("k33", false)]
    public void A_vehicle_type_is_a_letter_and_two_digits(string code, bool taken) =>
        Assert.That(Codes(Sent.ByOfficer() with { VehicleType = code }), taken ? Is.Empty : Is.EqualTo(new[] { "intake.vehicleType" }));

    [TestCase("A", true)]
    [TestCase("Z", true)]
    [TestCase("V", false)]
    [TestCase("a", false)]
    [TestCase("AB", false)]
    public void A_use_nature_is_in_the_table(string code, bool taken) =>
        Assert.That(Codes(Sent.ByOfficer() with { UseNature = code }), taken ? Is.Empty : Is.EqualTo(new[] { "intake.useNature" }));

    [TestCase("C1", true)]
    [TestCase("P", true)]
    [TestCase("C7", false)]
    [TestCase("A2D", false)]
    public void A_licence_class_is_in_the_table(string code, bool taken) =>
        Assert.That(Codes(Sent.ByOfficer() with { LicenceClass = code }), taken ? Is.Empty : Is.EqualTo(new[] { "intake.licenceClass" }));

    // 000000 is no division: nobody has these numbers.
    [TestCase("000000190001010009", true)]
    [TestCase("000000190001010000", false, Description = "wrong check digit")]
    [TestCase("000000190013010006", false, Description = "no thirteenth month")]
    [TestCase("00000019000101000", false, Description = "17 digits")]
    [TestCase("", false)]
    public void An_identity_number_proves_itself(string number, bool taken) =>
        Assert.That(Codes(Sent.ByOfficer() with { DriverIdNumber = number }), taken ? Is.Empty : Is.EqualTo(new[] { "intake.driverIdNumber" }));

    [TestCase(Quantity.Speed, "km/h", "0", "400")]
    [TestCase(Quantity.SpeedLimit, "km/h", "5", "200")]
    [TestCase(Quantity.AlcoholBreath, "mg/100mL", "0", "600")]
    [TestCase(Quantity.AlcoholBlood, "mg/100mL", "0", "600")]
    [TestCase(Quantity.Persons, "persons", "0", "300")]
    [TestCase(Quantity.GrossMass, "kg", "0", "200000")]
    [TestCase(Quantity.Load, "kg", "0", "200000")]
    [TestCase(Quantity.DrivingTime, "h", "0", "48")]
    [TestCase(Quantity.RestTime, "min", "0", "1440")]
    public void A_measurement_is_in_its_unit_and_what_an_instrument_can_show(Quantity quantity, string unit, string least, string most)
    {
        var (from, until) = (decimal.Parse(least, CultureInfo.InvariantCulture), decimal.Parse(most, CultureInfo.InvariantCulture));
        string[] Measured(decimal? value, string? as_) => Codes(Sent.ByOfficer() with
        {
            Measurements = [new NewMeasurement { Quantity = quantity, Value = value, Unit = as_ }],
        });

        Assert.That(Measured(from, unit), Is.Empty);
        Assert.That(Measured(until, unit), Is.Empty);
        Assert.That(Measured(from - 1, unit), Is.EqualTo(new[] { "intake.value" }));
        Assert.That(Measured(until + 1, unit), Is.EqualTo(new[] { "intake.value" }));
        Assert.That(Measured(from + 0.0000001m, unit), Is.EqualTo(new[] { "intake.value" }), "too many decimals");
        Assert.That(Measured(from, null), Is.EqualTo(new[] { "intake.unit" }));
        Assert.That(Measured(from, "mph"), Is.EqualTo(new[] { "intake.unit" }));
        Assert.That(Measured(null, unit), Is.EqualTo(new[] { "intake.value" }));
    }

    static IEnumerable<TestCaseData> Bounds()
    {
        yield return Bound("ratedPersons", (r, v) => r with { RatedPersons = (int)v }, 1, 300, "intake.ratedPersons");
        yield return Bound("ratedLoadKg", (r, v) => r with { RatedLoadKg = (int)v }, 0, 200_000, "intake.massKg");
        yield return Bound("permittedGrossMassKg", (r, v) => r with { PermittedGrossMassKg = (int)v }, 1, 200_000, "intake.massKg");
        yield return Bound("latitude", (r, v) => r with { Latitude = v }, -90, 90, "intake.latitude");
        yield return Bound("longitude", (r, v) => r with { Longitude = v }, -180, 180, "intake.longitude");
        yield return Bound("roadKm", (r, v) => r with { RoadKm = v }, 0, 9_999, "intake.roadKm");
    }

    static TestCaseData Bound(string name, Func<NewViolation, decimal, NewViolation> with, int least, int most, string fault) =>
        new TestCaseData(with, least, most, fault).SetArgDisplayNames(name);

    [TestCaseSource(nameof(Bounds))]
    public void A_number_is_in_its_bounds(Func<NewViolation, decimal, NewViolation> with, int least, int most, string fault)
    {
        Assert.That(Codes(with(Sent.ByOfficer(), least)), Is.Empty);
        Assert.That(Codes(with(Sent.ByOfficer(), most)), Is.Empty);
        Assert.That(Codes(with(Sent.ByOfficer(), least - 1)), Is.EqualTo(new[] { fault }));
        Assert.That(Codes(with(Sent.ByOfficer(), most + 1)), Is.EqualTo(new[] { fault }));
    }

    static IEnumerable<TestCaseData> Texts()
    {
        yield return Text("road", (r, t) => r with { Road = t }, 100);
        yield return Text("driverName", (r, t) => r with { DriverName = t }, 100);
        yield return Text("offenceText", (r, t) => r with { OffenceText = t }, 500);
        yield return Text("officerId", (r, t) => r with { OfficerId = t }, 60);
        yield return Text("sessionId", (r, t) => r with { SessionId = t }, 100);
        yield return Text("deviceId", (r, t) => r with { DeviceId = t }, 100);
        yield return Text("note", (r, t) => r with { Note = t }, 2_000);
    }

    static TestCaseData Text(string name, Func<NewViolation, string, NewViolation> with, int longest) =>
        new TestCaseData(with, longest).SetArgDisplayNames(name);

    [TestCaseSource(nameof(Texts))]
    public void A_text_is_bounded_and_without_control_characters(Func<NewViolation, string, NewViolation> with, int longest)
    {
        Assert.That(Codes(with(Sent.ByOfficer(), new string('字', longest))), Is.Empty);
        Assert.That(Codes(with(Sent.ByOfficer(), new string('字', longest + 1))), Is.EqualTo(new[] { "intake.text" }));
        foreach (var bad in new[] { "a\0b", "a\nb", "a\u007fb", "a\ud800b" })
            Assert.That(Codes(with(Sent.ByOfficer(), bad)), Is.EqualTo(new[] { "intake.text" }));
        Assert.That(Codes(with(Sent.ByOfficer(), "𠀀")), Is.Empty, "a character of two halves is whole");
    }

    [TestCase("152502000000", true)]
    [TestCase("15250200000", false)]
    [TestCase("15250200000A", false)]
    public void A_unit_code_has_12_digits(string code, bool taken) =>
        Assert.That(Codes(Sent.ByOfficer() with { UnitCode = code }), taken ? Is.Empty : Is.EqualTo(new[] { "intake.unitCode" }));

    [Test]
    public void Evidence_is_named_by_sha_256()
    {
        Assert.That(Codes(Sent.ByOfficer() with { EvidenceSha256 = [new string('a', 64)] }), Is.Empty);
        Assert.That(Codes(Sent.ByOfficer() with { EvidenceSha256 = [new string('a', 63)] }), Is.EqualTo(new[] { "intake.evidenceSha256" }));
        Assert.That(Codes(Sent.ByOfficer() with { EvidenceSha256 = [new string('A', 64)] }), Is.EqualTo(new[] { "intake.evidenceSha256" }));
        Assert.That(Codes(Sent.ByOfficer() with { EvidenceSha256 = [null!] }), Is.EqualTo(new[] { "intake.evidenceSha256" }));
    }

    [Test]
    public void Something_says_what_the_offence_is()
    {
        var nothing = Sent.ByOfficer() with { OffenceKind = null };
        Assert.That(Codes(nothing), Is.EqualTo(new[] { "intake.offence.missing" }));
        Assert.That(Codes(nothing with { OffenceCode = "1625" }), Is.Empty);
        Assert.That(Codes(nothing with { OffenceText = "未系安全带" }), Is.Empty);
        Assert.That(Codes(nothing with { Signals = [Signal.DriverNoBelt] }), Is.Empty);
        Assert.That(Codes(nothing with { Measurements = [Sent.Speed(96)] }), Is.Empty);
        Assert.That(Codes(nothing with { Measurements = [], Signals = [] }), Is.EqualTo(new[] { "intake.offence.missing" }));
    }

    [Test]
    public void Every_fault_has_its_words_in_both_languages()
    {
        var words = Words.Load(typeof(IntakeModule).Assembly);
        var source = Directory.GetFiles(Path.Combine(Repository.Root, "src/Traffic.Intake"), "*.cs").SelectMany(File.ReadLines);
        var named = source.SelectMany(line => System.Text.RegularExpressions.Regex.Matches(line, "\"(intake\\.[a-zA-Z0-9.]+)\"").Select(match => match.Groups[1].Value)).Distinct().ToList();

        Assert.That(named, Has.Count.GreaterThan(30));
        foreach (var code in named)
            foreach (var language in Words.Languages)
                Assert.That(words.Get(code, language), Is.Not.EqualTo(code), $"{code} in {language}");
    }
}
