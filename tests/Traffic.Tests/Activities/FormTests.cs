using System.Net;
using System.Text.RegularExpressions;
using NUnit.Framework;

namespace Traffic.Tests.Activities;

/// <summary>The forms of the console, as a browser without scripts sends them.</summary>
[Category("Postgres")]
public sealed partial class FormTests
{
    TrafficApp app = null!;
    HttpClient browser = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        app = await TrafficApp.Start();
        browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = app.Http.BaseAddress };
        browser.DefaultRequestHeaders.Add("Sec-Fetch-Site", "same-origin");
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await app.NothingInFlight();
        await app.CountsAgree();
        browser.Dispose();
        await app.DisposeAsync();
    }

    /// <summary>What a page's form holds: hidden fields and what is typed in already.</summary>
    async Task<Dictionary<string, string>> Open(string path)
    {
        var page = await browser.GetStringAsync(path);
        return Inputs().Matches(page).Select(input => (Name: Attribute(input.Value, "name"), Value: Attribute(input.Value, "value"), Type: Attribute(input.Value, "type")))
            .Where(input => input.Type != "checkbox").ToDictionary(input => input.Name, input => WebUtility.HtmlDecode(input.Value));
    }

    static string Attribute(string tag, string name) => Regex.Match(tag, $" {name}=\"([^\"]*)\"").Groups[1].Value;

    async Task<(HttpStatusCode Status, string Page, string? Location)> Send(string path, Dictionary<string, string> typed)
    {
        using var answer = await browser.PostAsync(path, new FormUrlEncodedContent(typed));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(), answer.Headers.Location?.ToString());
    }

    [Test]
    public async Task A_crash_is_reported_by_form_and_sending_twice_is_harmless()
    {
        var typed = await Open("/report/crash");
        foreach (var (name, value) in new[] { ("divisionCode", "152502"), ("dead", "0"), ("injured", "2"), ("lossCny", "1000"), ("vehicles[0].vehicleClass", "coach"), ("vehicles[0].keyVehicle", "on"), ("occurredAt", $"{app.Day(2)}T10:30") })
            typed[name] = value;

        var before = await app.Cells("crashes");
        var first = await Send("/report/crash", typed);
        var again = await Send("/report/crash", typed);
        await app.NothingInFlight();

        Assert.That((first.Status, again.Status), Is.EqualTo((HttpStatusCode.Redirect, HttpStatusCode.Redirect)), first.Page);
        Assert.That((first.Location, again.Location), Is.EqualTo(($"/activities/crashes/{typed["recordId"]}?sent=accepted", $"/activities/crashes/{typed["recordId"]}?sent=duplicate")));
        Assert.That(await app.Cells("crashes") - before, Is.EqualTo(1));
        var report = (await app.Get($"crashes/{typed["recordId"]}"))["reports"]![0]!["report"]!;
        Assert.That((string)report["occurredAt"]!, Does.StartWith($"{app.Day(2)}T02:30"), "typed in the division's time");
        Assert.That(report["crash"]!["vehicles"]!.AsArray(), Has.Count.EqualTo(1));
        Assert.That(WebUtility.HtmlDecode(await browser.GetStringAsync($"/activities/crashes/{typed["recordId"]}")), Does.Contain("0 dead, 2 injured").Or.Contain("死亡 0 人，受伤 2 人"));
    }

    [TestCase("zh", "死亡人数须为 0 至 1000 的整数。")]
    [TestCase("en", "The dead must be a whole number from 0 to 1,000.")]
    public async Task A_refused_form_keeps_what_was_typed_and_names_the_fault_beside_its_field(string language, string words)
    {
        var typed = await Open("/report/crash");
        foreach (var (name, value) in new[] { ("divisionCode", "152502"), ("dead", "-1"), ("injured", "2"), ("lossCny", "77"), ("note", "<b>x</b>") })
            typed[name] = value;
        using var request = new HttpRequestMessage(HttpMethod.Post, "/report/crash") { Content = new FormUrlEncodedContent(typed) };
        request.Headers.Add("Accept-Language", language);
        using var answer = await browser.SendAsync(request);
        var page = await answer.Content.ReadAsStringAsync();

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(WebUtility.HtmlDecode(page), Does.Contain(words));
        Assert.That(page, Does.Contain($"value=\"{typed["recordId"]}\"").And.Contain("value=\"-1\"").And.Contain("value=\"77\"").And.Contain("aria-invalid=\"true\""));
        Assert.That(page, Does.Not.Contain("<b>x</b>"));
    }

    [TestCase("dangers", "danger", "dangerKind", "scrapping-overdue")]
    [TestCase("sessions", "session", "officersPlanned", "14")]
    [TestCase("points", "point", "visitsPerDay", "3")]
    public async Task What_was_wrong_is_corrected_by_form(string kind, string form, string member, string right)
    {
        var id = await app.Taken(kind, kind switch { "dangers" => app.Danger(), "sessions" => app.Session(), _ => app.Point() });
        var page = await browser.GetStringAsync($"/activities/{kind}/{id}");
        var link = WebUtility.HtmlDecode(Regex.Match(page, $"href=\"(/report/{form}-revision[^\"]*)\"").Groups[1].Value);
        Assert.That(link, Does.Not.Contain(Uri.EscapeDataString("蒙")), "a plate stands in no address");
        var typed = await Open(link);
        var known = System.Web.HttpUtility.ParseQueryString(link[link.IndexOf('?', StringComparison.Ordinal)..]);
        foreach (var name in known.AllKeys)
            typed.TryAdd(name!, known[name]!);
        typed[member] = right;
        if (kind == "dangers")
            typed["plate"] = "蒙H00001";

        var sent = await Send($"/report/{form}-revision", typed);
        await app.NothingInFlight();

        Assert.That(sent.Status, Is.EqualTo(HttpStatusCode.Redirect), sent.Page);
        var found = await app.Get($"{kind}/{id}");
        Assert.That((int)found["revision"]!, Is.EqualTo(2));
        Assert.That($"{found["reports"]![1]!["report"]![(string)found["kind"]!]![member]}", Is.EqualTo(right));
    }

    [Test]
    public async Task A_session_opens_and_closes_by_form_only_with_sums_that_agree()
    {
        var typed = await Open("/report/session");
        foreach (var (name, value) in new[]
        {
            ("name", "152502-N"), ("divisionCode", "152502"), ("sessionKind", "nightInspection"), ("mode", "car"), ("place", "G207"), ("plannedFrom", $"{app.Day(2)}T21:00"),
            ("plannedTo", $"{app.Day(1)}T01:00"), ("officersPlanned", "10"),
        })
            typed[name] = value;
        Assert.That((await Send("/report/session", typed)).Status, Is.EqualTo(HttpStatusCode.Redirect));
        await app.NothingInFlight();

        var page = await browser.GetStringAsync($"/activities/sessions/{typed["recordId"]}");
        var link = WebUtility.HtmlDecode(Regex.Match(page, "href=\"(/report/closing[^\"]*)\"").Groups[1].Value);
        var closing = await Open(link);
        foreach (var (name, value) in new[]
        {
            ("actualFrom", $"{app.Day(2)}T21:10"), ("actualTo", $"{app.Day(1)}T01:10"), ("officers", "9"), ("vehiclesChecked", "30"), ("personsChecked", "40"), ("violations", "5"),
            ("posts[0].place", "G207"), ("posts[0].vehiclesChecked", "20"), ("posts[0].personsChecked", "40"), ("posts[0].violations", "5"),
        })
            closing[name] = value;
        var refused = await Send("/report/closing", closing);
        Assert.That(refused.Status, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(WebUtility.HtmlDecode(refused.Page), Does.Contain("检查车辆合计 30，各点之和 20，不相等。"), "both sums");
        closing["posts[0].vehiclesChecked"] = "30";
        Assert.That((await Send("/report/closing", closing)).Status, Is.EqualTo(HttpStatusCode.Redirect));
        await app.NothingInFlight();
        Assert.That(await app.Cells("officerMinutes"), Is.EqualTo(9 * 240));
    }

    [TestCase("cross-site")]
    [TestCase("same-site")]
    [TestCase("none")]
    public async Task A_form_of_another_site_is_not_taken(string site)
    {
        var typed = await Open("/report/crash");
        using var foreign = new HttpClient { BaseAddress = app.Http.BaseAddress };
        foreign.DefaultRequestHeaders.Add("Sec-Fetch-Site", site);
        Assert.That((await foreign.PostAsync("/report/crash", new FormUrlEncodedContent(typed))).StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
        using var silent = new HttpClient { BaseAddress = app.Http.BaseAddress };
        Assert.That((await silent.PostAsync("/report/crash", new FormUrlEncodedContent(typed))).StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
    }

    static IEnumerable<string> Forms => Traffic.WebConsole.ReportForms.All.Select(form => form.Id);

    [TestCaseSource(nameof(Forms))]
    public async Task Every_form_and_list_can_be_opened_in_both_languages(string form)
    {
        foreach (var language in new[] { "zh", "en" })
            foreach (var path in new[] { $"/report/{form}", "/report", "/duty", $"/activities/{Traffic.WebConsole.ReportForms.Find(form)!.Kind}", $"/activity?cube=crashes&from={app.Day(9)}&to={app.Day(0)}" })
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, path);
                request.Headers.Add("Accept-Language", language);
                using var answer = await browser.SendAsync(request);
                var page = await answer.Content.ReadAsStringAsync();
                Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), path);
                Assert.That(page, Does.Not.Match("console\\.[a-z]+\\.").And.Not.Match("reporting\\.[a-z]"), path);
            }
    }

    [GeneratedRegex("<input[^>]*>")]
    private static partial Regex Inputs();
}
