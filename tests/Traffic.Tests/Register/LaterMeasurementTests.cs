using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using NUnit.Framework;

namespace Traffic.Tests.Register;

/// <summary>The laboratory's blood value comes later and decides anew: drink becomes drunk, or nothing at all.</summary>
[Category("Postgres")]
public sealed class LaterMeasurementTests
{
    TrafficApp app = null!;

    [OneTimeSetUp]
    public async Task Start() => app = await TrafficApp.Start();

    [OneTimeTearDown]
    public async Task Stop()
    {
        await app.CountsAgree();
        await app.DisposeAsync();
    }

    Task<HttpResponseMessage> Measure(Guid record, decimal value, Guid? decisionId = null, string unit = "mg/100mL", string? sample = "LAB-1", string action = "measure", string? second = "officer-2") =>
        app.Http.PostAsJsonAsync($"/api/v1/cases/{record}/decisions", new JsonObject
        {
            ["decisionId"] = decisionId ?? Guid.NewGuid(), ["revision"] = 1, ["action"] = action, ["decidedBy"] = "officer-1", ["secondPerson"] = second, ["reason"] = "laboratory",
            ["measurement"] = new JsonObject { ["quantity"] = "alcoholBlood", ["value"] = value, ["unit"] = unit, ["instrument"] = sample },
        });

    async Task Measured(Guid record, decimal value)
    {
        var answer = await Measure(record, value);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), await answer.Content.ReadAsStringAsync());
        await app.NothingInFlight();
    }

    [TestCase(79.9, "drink.motor.first", "confirmed")]
    [TestCase(80, "drunk.motor", "confirmed")]
    [TestCase(19.9, "undecided", "toReview")]
    public async Task Breath_of_79_becomes_what_the_blood_says(decimal blood, string entry, string status)
    {
        var record = await app.Officer(app.Drink(Sent.IdNumber(10 + (int)blood), 79, hoursAgo: 3));
        Assert.That((await app.Standing(record)).Entry, Is.EqualTo("drink.motor.first"));

        await Measured(record, blood);

        var standing = await app.Standing(record);
        Assert.That((standing.Revision, standing.Entry, standing.Status), Is.EqualTo((2, entry, status)));
        var referred = await app.Rows($"select criminal_referral from register.published_standing where record_id = '{record}'", row => row.GetBoolean(0));
        Assert.That(referred, Is.EqualTo(new[] { entry == "drunk.motor" }));
    }

    [Test]
    public async Task What_stands_confirmed_is_not_turned_by_a_value_that_one_person_alone_adds()
    {
        var (confirmed, waits) = (await app.Officer(app.Drink(Sent.IdNumber(207), 50, hoursAgo: 3)), await app.Officer(app.Drink(Sent.IdNumber(208), 85, hoursAgo: 3)));

        var alone = await Measure(confirmed, 5, second: null);
        Assert.That(alone.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(await alone.Content.ReadAsStringAsync(), Does.Contain("casework.secondPerson"));
        Assert.That((await Measure(waits, 85, second: null)).StatusCode, Is.EqualTo(HttpStatusCode.Accepted), "what waits for the value has nobody's conclusion to turn");
        await app.NothingInFlight();
        Assert.That(((await app.Standing(confirmed)).Revision, (await app.Standing(waits)).Entry), Is.EqualTo((1, "drunk.motor")));
    }

    [Test]
    public async Task What_waited_for_blood_waits_no_longer()
    {
        var record = await app.Officer(app.Drink(Sent.IdNumber(201), 85, hoursAgo: 3));
        Assert.That((await app.Standing(record)).Reason, Is.EqualTo("awaiting-blood"));

        await Measured(record, 77);

        Assert.That(await app.Standing(record), Is.EqualTo((2, "confirmed", "drink.motor.first", (string?)"laboratory")));
        var said = await app.Http.GetStringAsync($"/api/v1/violations/{record}/explanation?lang=en");
        Assert.That(said, Does.Contain("the blood value is awaited").And.Contain("77"), "both revisions are told");
    }

    [Test]
    public async Task A_slip_of_the_pen_is_corrected_by_the_next_value_of_the_same_sample_and_of_two_samples_the_lower_counts()
    {
        var record = await app.Officer(app.Drink(Sent.IdNumber(205), 120, hoursAgo: 3));

        await Measured(record, 15.2m);
        Assert.That((await app.Standing(record)).Entry, Is.EqualTo("undecided"));
        await Measured(record, 152);
        Assert.That((await app.Standing(record)).Entry, Is.EqualTo("drunk.motor"));
        Assert.That((await Measure(record, 70, sample: "LAB-2")).StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        await app.NothingInFlight();
        Assert.That((await app.Standing(record)).Entry, Is.EqualTo("drink.motor.first"));
    }

    [Test]
    public async Task What_a_person_confirmed_is_not_confirmed_anew_when_the_blood_value_comes()
    {
        var record = await app.Camera(app.Drink(Sent.IdNumber(206), 40, hoursAgo: 3));
        Assert.That((await app.Standing(record)).Status, Is.EqualTo("captured"));
        await app.Decided(record, "confirm");

        await Measured(record, 45);

        Assert.That(await app.Standing(record), Is.EqualTo((3, "confirmed", "drink.motor.first", (string?)"laboratory")));
    }

    [Test]
    public async Task A_blood_value_of_what_has_nothing_to_do_with_drink_is_refused()
    {
        var record = await app.Officer(app.RedLight());

        var answer = await Measure(record, 50);

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("casework.measurement.family"));
    }

    [Test]
    public async Task A_blood_value_under_the_limit_takes_the_later_offence_its_prior()
    {
        var first = await app.Officer(app.Drink(Sent.IdNumber(202), 25, hoursAgo: 30));
        var second = await app.Officer(app.Drink(Sent.IdNumber(202), 40, hoursAgo: 2));
        Assert.That((await app.Standing(second)).Entry, Is.EqualTo("drink.motor.again"));

        await Measured(first, 12);

        Assert.That((await app.Standing(second)).Entry, Is.EqualTo("drink.motor.first"));
    }

    [Test]
    public async Task The_same_value_sent_twice_counts_once_and_another_under_its_id_is_refused()
    {
        var (record, id) = (await app.Officer(app.Drink(Sent.IdNumber(203), 50, hoursAgo: 3)), Guid.NewGuid());

        Assert.That((await Measure(record, 90, id)).StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        Assert.That((await Measure(record, 90, id)).StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        Assert.That((await Measure(record, 91, id)).StatusCode, Is.EqualTo(HttpStatusCode.Conflict));
        await app.NothingInFlight();
        Assert.That((await app.Standing(record)).Revision, Is.EqualTo(2));
    }

    /// <summary>A device that writes its numbers and times otherwise when it sends again; the last form stands for a row of earlier days.</summary>
    [Test]
    public async Task The_same_value_in_other_digits_and_another_zone_is_the_same_decision()
    {
        var (record, id, day) = (await app.Officer(app.Drink(Sent.IdNumber(205), 50, hoursAgo: 3)), Guid.NewGuid(), app.Now.AddDays(-1).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        async Task<HttpStatusCode> Send(string value, string at, Guid? otherId = null) => (await app.Http.PostAsync($"/api/v1/cases/{record}/decisions", new StringContent(
            $$"""
            {"decisionId":"{{otherId ?? id}}","revision":1,"action":"measure","decidedBy":"officer-1","secondPerson":"officer-2","reason":"laboratory",
             "measurement":{"quantity":"alcoholBlood","value":{{value}},"unit":"mg/100mL","instrument":"LAB-1","measuredAt":"{{at}}" } }
            """, Encoding.UTF8, "application/json"))).StatusCode;

        Assert.That(await Send("79.0", $"{day}T09:00:00+08:00"), Is.EqualTo(HttpStatusCode.Accepted));
        Assert.That(await Send("79", $"{day}T01:00:00Z"), Is.EqualTo(HttpStatusCode.Accepted));
        Assert.That(await Send("78", $"{day}T01:00:00Z"), Is.EqualTo(HttpStatusCode.Conflict));
        Assert.That(await Send("79", $"{day}T01:00:01Z"), Is.EqualTo(HttpStatusCode.Conflict));
        var kept = await app.Rows($"select measurement from casework.decision where decision_id = '{id}'", row => row.GetString(0));
        Assert.That(kept.Single(), Does.Contain($"{day}T01:00:00").And.Not.Contain("79.0"));

        await app.Rows($"update casework.decision set measurement = replace(replace(measurement::text, '79', '79.00'), '{day}T01:00:00+00:00', '{day}T09:00:00+08:00') where decision_id = '{id}'", _ => 0);
        Assert.That(await Send("79.000", $"{day}T01:00:00Z"), Is.EqualTo(HttpStatusCode.Accepted), "kept as it came, of earlier days");
        Assert.That(await Send("79", "9999-12-31T00:00:00Z", Guid.NewGuid()), Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(await Send("79", "0001-01-02T00:00:00Z", Guid.NewGuid()), Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [TestCase(601, "mg/100mL", "LAB-1", "measure")]
    [TestCase(50, "g/L", "LAB-1", "measure")]
    [TestCase(50, "mg/100mL", null, "measure", Description = "no sample")]
    [TestCase(50, "mg/100mL", "LAB-1", "confirm", Description = "another decision has no value")]
    public async Task What_is_no_blood_value_is_refused(decimal value, string unit, string? sample, string action)
    {
        var record = await app.Officer(app.Drink(Sent.IdNumber(204), 50, hoursAgo: 3));

        Assert.That((await Measure(record, value, unit: unit, sample: sample, action: action)).StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That((await app.Standing(record)).Revision, Is.EqualTo(1));
    }
}
