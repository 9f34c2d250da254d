using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using NUnit.Framework;

namespace Traffic.Tests.Register;

/// <summary>Standings change by what people and later records say, and the counts move with them.</summary>
[Category("Postgres")]
public sealed class StandingTests
{
    TrafficApp app = null!;

    [OneTimeSetUp]
    public async Task Start() => app = await TrafficApp.Start();

    [OneTimeTearDown]
    public async Task Stop() => await app.DisposeAsync();

    [TearDown]
    public async Task Counts_are_their_records() => await app.CountsAgree();

    [Test]
    public async Task What_a_record_tells_of_its_standing_is_what_these_members_say_and_no_more()
    {
        var record = await app.Camera(app.RedLight());
        var told = await app.Http.GetFromJsonAsync<JsonObject>($"/api/v1/violations/{record}");

        Assert.That(told!["standing"]!.AsObject().Select(member => member.Key), Is.EquivalentTo(new[]
        {
            "revision", "status", "entry", "family", "division", "day", "shiftDate", "shift", "source", "vehicleClass", "origin", "items", "reason",
            "changedBy", "occurredAt", "receivedAt", "roadKind", "points", "fineMin", "fineMax", "criminalReferral", "lawEdition",
            "catalogueVersion", "trace", "overlays", "unitCode",
        }), "nothing of where it lies in the log");
    }

    [Test]
    public async Task An_officers_record_stands_and_a_cameras_waits_for_a_person()
    {
        var officers = await app.Officer(app.RedLight());
        var cameras = await app.Camera(app.RedLight());

        Assert.That(await app.Standing(officers), Is.EqualTo((1, "confirmed", "red-light.motor", (string?)null)));
        Assert.That(await app.Standing(cameras), Is.EqualTo((1, "captured", "red-light.motor", (string?)null)));
    }

    [Test]
    public async Task What_cannot_be_decided_goes_to_review_and_names_what_is_missing()
    {
        var record = await app.Officer(app.RedLight() with { VehicleType = null, UseNature = null });

        Assert.That(await app.Standing(record), Is.EqualTo((1, "toReview", "undecided", (string?)"vehicleType")));
    }

    [Test]
    public async Task A_count_moves_with_the_standing()
    {
        var day = app.RedLight() with { OccurredAt = app.Now.AddDays(-40) };
        var record = await app.Camera(day);
        Assert.That(await Counted(day.OccurredAt), Is.EqualTo(new[] { ("captured", 1L) }));

        await app.Decided(record, "confirm");
        Assert.That(await Counted(day.OccurredAt), Is.EqualTo(new[] { ("confirmed", 1L) }));

        await app.Decided(record, "void", revision: 2);
        Assert.That(await Counted(day.OccurredAt), Is.EqualTo(new[] { ("voided", 1L) }));
    }

    Task<List<(string, long)>> Counted(DateTimeOffset at) => app.Rows(
        $"""
        select split_part(keys, '|', 3), value from register.published_cell
        where cube = 'violations' and value <> 0 and day = ('{at:o}'::timestamptz at time zone 'Asia/Shanghai')::date
        """,
        row => (row.GetString(0), row.GetInt64(1)));

    [Test]
    public async Task A_rejected_record_can_be_voided_and_a_voided_one_stays_so()
    {
        var record = await app.Camera(app.RedLight());
        await app.Decided(record, "reject");
        await app.Decided(record, "void", revision: 2);
        var afterwards = await app.Decide(record, "confirm", revision: 3, second: "officer-2");

        Assert.That(afterwards.StatusCode, Is.EqualTo(HttpStatusCode.Conflict), "and whoever decides about it is told");
        Assert.That((await app.Standing(record)).Status, Is.EqualTo("voided"));
        Assert.That((await app.Standing(record)).Revision, Is.EqualTo(3));
    }

    [Test]
    public async Task A_void_wins_against_a_confirmation_of_the_same_revision()
    {
        var record = await app.Camera(app.RedLight());
        await app.Decided(record, "confirm");
        await app.Decided(record, "void");

        Assert.That((await app.Standing(record)).Status, Is.EqualTo("voided"));
    }

    [Test]
    public async Task A_void_wins_when_both_come_at_the_same_moment()
    {
        var records = new List<Guid>();
        for (var i = 0; i < 10; i++)
            records.Add(await app.Camera(app.RedLight()));

        await Task.WhenAll(records.SelectMany(record => new[] { app.Decide(record, "confirm"), app.Decide(record, "void") }));
        await app.NothingInFlight();

        foreach (var record in records)
            Assert.That((await app.Standing(record)).Status, Is.EqualTo("voided"));
    }

    [Test]
    public async Task A_person_names_the_entry_that_could_not_be_decided()
    {
        var record = await app.Officer(app.RedLight() with { VehicleType = null, UseNature = null });
        await app.Decided(record, "resolve", entry: "red-light.motor");

        Assert.That(await app.Standing(record), Is.EqualTo((2, "confirmed", "red-light.motor", (string?)"test")));
        var points = await app.Rows(
            $"select points, items from register.published_standing where record_id = '{record}'", row => (row.GetInt32(0), row.GetString(1)));
        Assert.That(points, Is.EqualTo(new[] { (6, "red-light") }));
    }

    [Test]
    public async Task A_person_who_names_the_entry_gives_points_to_a_driver_and_never_to_a_cameras_vehicle()
    {
        var unclear = app.RedLight() with { VehicleType = null, UseNature = null };
        var (camera, known) = (await app.Camera(unclear), await app.Camera(unclear with { RecordId = Guid.NewGuid(), DriverIdNumber = Sent.IdNumber(901) }));
        await app.Decided(camera, "resolve", entry: "red-light.motor");
        await app.Decided(known, "resolve", entry: "red-light.motor");

        var points = await app.Rows(
            $"select points from register.published_standing where record_id in ('{camera}', '{known}') order by points nulls first",
            row => row.IsDBNull(0) ? null : (int?)row.GetInt32(0));
        Assert.That(points, Is.EqualTo(new int?[] { null, 6 }));
    }

    [Test]
    public async Task A_decision_on_an_older_revision_applies_while_the_entry_is_the_same()
    {
        var record = await app.Camera(app.RedLight());
        await app.Decided(record, "confirm");
        await app.Decided(record, "confirm", revision: 1);

        Assert.That(await app.Standing(record), Is.EqualTo((2, "confirmed", "red-light.motor", (string?)"test")));
    }

    [TestCase("confirm", "reject")]
    [TestCase("reject", "confirm")]
    public async Task Of_two_who_saw_the_same_and_decide_the_contrary_none_wins_by_coming_last(string first, string second)
    {
        var record = await app.Camera(app.RedLight());
        await app.Decided(record, first);
        Assert.That((await app.Decide(record, second, second: "")).StatusCode, Is.EqualTo(HttpStatusCode.BadRequest), "one person alone is told that somebody decided");
        await app.Decided(record, second, second: "officer-2");

        Assert.That(await app.Standing(record), Is.EqualTo((3, "toReview", "red-light.motor", (string?)$"decided-against-another: {second}")));

        await app.Decided(record, second, second: "officer-3");
        Assert.That(await app.Standing(record), Is.EqualTo((4, "toReview", "red-light.motor", (string?)$"decided-against-another: {second}")), "nor does a third who saw neither");

        await app.Decided(record, "confirm", revision: 4);
        Assert.That((await app.Standing(record)).Status, Is.EqualTo("confirmed"));
    }

    [Test]
    public async Task A_decision_on_an_older_revision_with_another_entry_returns_the_record_to_review()
    {
        var record = await app.Officer(app.RedLight() with { VehicleType = null, UseNature = null });
        await app.Decided(record, "resolve", entry: "red-light.motor");
        await app.Decided(record, "reject", revision: 1);

        var (revision, status, entry, reason) = await app.Standing(record);
        Assert.That((revision, status, entry), Is.EqualTo((3, "toReview", "red-light.motor")));
        Assert.That(reason, Does.StartWith("decided-on-older-revision").And.Contain("undecided"), "both are shown");

        await app.Decided(record, "confirm", revision: 3);
        Assert.That((await app.Standing(record)).Status, Is.EqualTo("confirmed"));
    }

    [Test]
    public async Task An_earlier_offence_that_comes_late_makes_the_later_one_a_repeated_one()
    {
        var driver = Sent.IdNumber(1);
        var second = await app.Officer(app.Drink(driver, 40, hoursAgo: 2));
        Assert.That((await app.Standing(second)).Entry, Is.EqualTo("drink.motor.first"));

        var first = await app.Officer(app.Drink(driver, 40, hoursAgo: 30));

        Assert.That((await app.Standing(first)).Entry, Is.EqualTo("drink.motor.first"));
        Assert.That(await app.Standing(second), Is.EqualTo((2, "confirmed", "drink.motor.again", (string?)"earlier-record-came-late")));
    }

    [Test]
    public async Task Drunk_driving_that_comes_late_makes_the_later_one_a_repeated_one()
    {
        var driver = Sent.IdNumber(2);
        var second = await app.Officer(app.Drink(driver, 40, hoursAgo: 2));
        var first = await app.Officer(app.Drink(driver, 150, hoursAgo: 30));
        Assert.That((await app.Standing(second)).Entry, Is.EqualTo("drink.motor.first"), "so far it is suspected and waits for blood");

        await app.Decided(first, "confirm");

        Assert.That((await app.Standing(second)).Entry, Is.EqualTo("drink.motor.again"));
    }

    [TestCase(30, 6.5, "drink.motor.first")]
    [TestCase(30, 5.5, "drink.motor.again")]
    [TestCase(2.2, 2, "drink.motor.first")]
    public async Task Who_drank_again_before_he_can_have_been_punished_is_no_repeated_offender(double first, double second, string entry)
    {
        var driver = Sent.IdNumber(6 + (int)(second * 10));
        await app.Officer(app.Drink(driver, 50, first));

        Assert.That((await app.Standing(await app.Officer(app.Drink(driver, 45, second)))).Entry, Is.EqualTo(entry));
    }

    [Test]
    public async Task When_the_first_offence_is_voided_the_second_becomes_the_first()
    {
        var driver = Sent.IdNumber(3);
        var first = await app.Officer(app.Drink(driver, 40, hoursAgo: 30));
        var second = await app.Officer(app.Drink(driver, 40, hoursAgo: 2));
        Assert.That((await app.Standing(second)).Entry, Is.EqualTo("drink.motor.again"));

        await app.Decided(first, "void");

        Assert.That(await app.Standing(second), Is.EqualTo((2, "confirmed", "drink.motor.first", (string?)"earlier-record-changed")));
    }

    [Test]
    public async Task What_was_below_the_limit_is_no_earlier_offence()
    {
        var driver = Sent.IdNumber(4);
        await app.Officer(app.Drink(driver, 10, hoursAgo: 30));
        var record = await app.Officer(app.Drink(driver, 40, hoursAgo: 2));

        Assert.That((await app.Standing(record)).Entry, Is.EqualTo("drink.motor.first"));
    }

    [Test]
    public async Task Offences_of_one_driver_sent_at_the_same_moment_are_decided_in_the_order_they_happened()
    {
        var driver = Sent.IdNumber(5);
        var records = Enumerable.Range(0, 6).Select(i => app.Drink(driver, 40, hoursAgo: 10 + (25 * i))).ToList();
        await Task.WhenAll(records.Select(record => app.Officer(record)));

        var entries = await app.Rows(
            $"select entry from register.published_standing where record_id in ({string.Join(',', records.Select(one => $"'{one.RecordId}'"))}) order by occurred_at",
            row => row.GetString(0));
        Assert.That(entries, Is.EqualTo(Enumerable.Range(0, 6).Select(i => i == 0 ? "drink.motor.first" : "drink.motor.again")));
    }

    [Test]
    public async Task A_past_moment_is_recomputed_from_standings_and_equals_what_the_counts_said_then()
    {
        var record = await app.Camera(app.RedLight());
        await app.Officer(app.RedLight());
        var (asOf, then) = (await AsOf(), await Cells());

        await app.Decided(record, "confirm");
        await app.Officer(app.RedLight());
        await app.Decided(record, "void", revision: 2);

        Assert.That(await Recomputed(asOf), Is.EqualTo(then));
        Assert.That(await Recomputed(await AsOf()), Is.EqualTo(await Cells()));
    }

    async Task<long> AsOf() => (await app.Rows("select records from platform.stream where stream = 'register'", row => row.GetInt64(0)))[0];

    Task<List<(DateTime, string, string, long)>> Cells() => app.Rows(
        "select day, division, keys, value from register.published_cell where cube = 'violations' and value <> 0 order by 1, 2, 3", Cell);

    Task<List<(DateTime, string, string, long)>> Recomputed(long asOf) => app.Rows(
        $"""
        select day, division, concat_ws('|', entry, family, status, shift, source, vehicle_class, coalesce(origin, '-')), count(*)
        from register.published_standing_at
        where began_sequence <= {asOf} and (ended_sequence is null or ended_sequence > {asOf})
        group by 1, 2, 3 order by 1, 2, 3
        """, Cell);

    static (DateTime, string, string, long) Cell(Npgsql.NpgsqlDataReader row) =>
        (row.GetDateTime(0), row.GetString(1), row.GetString(2), row.GetInt64(3));

    [Test]
    public async Task Nothing_personal_is_told()
    {
        var record = app.RedLight() with
        {
            Plate = "蒙H00001", PlateType = "02", DriverIdNumber = Sent.IdNumber(9), DriverName = "测试姓名", DriverPhone = "13000000000",
            Note = "测试备注",
        };
        await app.Officer(record);
        await app.Camera(record with { RecordId = Guid.NewGuid() });

        var told = string.Concat(await app.Rows(
            "select convert_from(body, 'UTF8') from platform.log where stream = 'register'", row => row.GetString(0)));
        Assert.That(told, Does.Contain($"{record.RecordId}"));
        foreach (var personal in new[] { record.Plate, record.DriverIdNumber, record.DriverName, record.DriverPhone, record.Note })
            Assert.That(told, Does.Not.Contain(personal));
    }

    [Test]
    public async Task Other_modules_cannot_read_personal_columns()
    {
        foreach (var module in new[] { "intake", "casework", "reporting" })
            Assert.That(
                () => app.Rows($"set role traffic_{module}; select plate from register.violation", _ => 0),
                Throws.TypeOf<Npgsql.PostgresException>().With.Property("SqlState").EqualTo("42501"));
    }
}
