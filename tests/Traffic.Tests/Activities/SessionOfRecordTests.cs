using System.Globalization;
using System.Net;
using NUnit.Framework;
using Traffic.Tests.Register;

namespace Traffic.Tests.Activities;

/// <summary>A record that names a session opens to it.</summary>
[Category("Postgres")]
public sealed class SessionOfRecordTests
{
    TrafficApp app = null!;

    [OneTimeSetUp]
    public async Task Start() => app = await TrafficApp.Start();

    [OneTimeTearDown]
    public async Task Stop() => await app.DisposeAsync();

    [Test]
    public async Task The_session_that_a_record_names_is_a_link_on_its_page_also_past_midnight()
    {
        var (session, name) = await Session("夜查 & 联合");
        await Session("another");

        Assert.That(await Page(await Offence(name, app.At(1, 0))), Does.Contain($"<a href=\"/activities/sessions/{session}\">夜查 & 联合</a>"));
        Assert.That(await Page(await Offence(name, app.At(2, 22))), Does.Contain($"<a href=\"/activities/sessions/{session}\">"));
    }

    [Test]
    public async Task Where_two_have_that_name_the_list_of_them_is_opened_page_by_page()
    {
        var (first, name) = await Session("twice");
        var (second, _) = await Session("twice");
        var query = $"sessionId=twice&from={app.Day(3)}&to={app.Day(2)}";

        Assert.That(await Page(await Offence(name, app.At(2, 22))), Does.Contain($"<a href=\"/activities/sessions?{query}\">twice</a>"));
        Assert.That((await app.Get($"sessions?{query}"))["items"]!.AsArray().Select(one => (Guid)one!["activityId"]!), Is.EquivalentTo(new[] { first, second }));
        var page = await app.Http.GetStringAsync($"/activities/sessions?{query}&limit=1");
        Assert.That(page, Does.Contain($"/activities/sessions?sessionId=twice&amp;from={app.Day(3)}&amp;to={app.Day(2)}&amp;limit=1&amp;after={app.Day(2)}_"), "the next page asks the same");
    }

    [Test]
    public async Task A_session_of_that_name_of_another_place_or_hour_is_not_the_one()
    {
        await Session("夜查");

        Assert.That(await Page(await Offence("夜查", app.At(2, 22), "152531")), Does.Contain("<dd>夜查</dd>"), "of another banner");
        Assert.That(await Page(await Offence("夜查", app.At(1, 22))), Does.Contain("<dd>夜查</dd>"), "of the evening after");
    }

    [Test]
    public async Task A_name_that_no_session_has_stands_as_it_was_sent() =>
        Assert.That(await Page(await Offence("unknown-session", app.At(2, 22))), Does.Contain("<dd>unknown-session</dd>"));

    async Task<(Guid Id, string Name)> Session(string name) => (await app.Taken("sessions", app.Session().With("name", name)), name);

    Task<Guid> Offence(string session, string at, string division = "152502") =>
        app.Officer(app.RedLight() with { SessionId = session, OccurredAt = DateTimeOffset.Parse(at, CultureInfo.InvariantCulture), DivisionCode = division });

    async Task<string> Page(Guid record) => WebUtility.HtmlDecode(await app.Http.GetStringAsync($"/records/{record}"));
}
