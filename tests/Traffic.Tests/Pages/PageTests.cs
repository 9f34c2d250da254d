using System.Net;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Npgsql;
using NUnit.Framework;

namespace Traffic.Tests.Pages;

/// <summary>The pages as a browser gets them, in both languages, over the real host.</summary>
[Category("Postgres")]
public sealed partial class PageTests
{
    readonly Guid recordId = Guid.Parse("00000000-0000-4000-8000-000000000001");
    TrafficApp app = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        app = await TrafficApp.Start();
        var answer = await app.Http.PostAsJsonAsync("/api/v1/violations", new
        {
            recordId, source = "roadsideCheck", occurredAt = app.Now.AddDays(-2), divisionCode = "152502", roadKind = "urban",
            plate = "蒙H00001", plateType = "02", vehicleType = "K33", useNature = "A", driverName = "<b>某某</b>", offenceKind = "speeding",
            measurements = new object[]
            {
                new { quantity = "speed", value = 80, unit = "km/h" }, new { quantity = "speedLimit", value = 50, unit = "km/h" },
            },
        });
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Created), await answer.Content.ReadAsStringAsync());
        await app.NothingInFlight();
    }

    [OneTimeTearDown]
    public async Task Stop() => await app.DisposeAsync();

    [TestCase("from=2025-02-01&to=2025-02-28", "2025-01-04", "2025-01-31", "2024-02-01", "2024-02-29", Description = "the whole of a February")]
    [TestCase("from=2024-02-29&to=2024-03-06", "2024-02-22", "2024-02-28", "2023-02-28", "2023-03-06")]
    public async Task Its_tables_are_of_the_windows_its_lines_are_compared_with(string window, params string[] days)
    {
        var page = await Page($"/targets?campaign=summer-2022&{window}", "en");

        foreach (var day in days)
            Assert.That(page, Does.Contain($"<span>{day}"));
    }

    [Test]
    public async Task A_board_that_would_be_compared_with_days_nobody_can_ask_for_is_refused_alike_as_page_and_answer()
    {
        foreach (var (window, status) in new[] { ("from=1990-06-01&to=1990-06-30", HttpStatusCode.BadRequest), ("from=1991-06-01&to=1991-06-30", HttpStatusCode.OK) })
            foreach (var address in new[] { "/targets", "/api/v1/reports/targets" })
            {
                using var answer = await app.Http.GetAsync($"{address}?campaign=summer-2022&{window}");
                Assert.That(answer.StatusCode, Is.EqualTo(status), $"{address} {window}");
            }
    }

    [TestCase("zh", "一提升", "超速", "无数据")]
    [TestCase("en", "One raise", "Speeding", "No data")]
    public async Task The_board_says_the_six_lines(string language, params string[] words)
    {
        var page = await Page($"/targets", language);

        Assert.That(words, Is.All.Matches<string>(page.Contains));
        Assert.That(Regex.Count(page, "<article class=\"card"), Is.EqualTo(6));
        Assert.That(page, Does.Contain($"<html lang=\"{(language == "en" ? "en" : "zh-CN")}\""));
    }

    [Test]
    public async Task A_board_that_nothing_feeds_shows_no_figure()
    {
        var page = await Page("/targets?campaign=summer-2022", "en");

        Assert.That(Regex.Count(page, "class=\"value nothing\""), Is.EqualTo(6));
        Assert.That(page, Does.Contain("What this line is counted from is not on record for this place and time."));
    }

    [TestCase("zh", "上报内容", "认定与理由", "第 1 版", "受理回执", "车速 80 km/h")]
    [TestCase("en", "What was reported", "What was decided, and why", "revision 1", "Receipt", "Speed 80 km/h")]
    public async Task A_record_says_what_was_reported_what_was_decided_and_why(string language, params string[] words)
    {
        var page = await Page($"/records/{recordId}", language);

        Assert.That(words, Is.All.Matches<string>(page.Contains), page);
        Assert.That(page, Does.Not.Contain("<b>某某"), "what was reported is text, not markup");
        Assert.That(Regex.Match(page, "<ol class=\"why\">.*?</ol>", RegexOptions.Singleline).Value, Does.Contain("<li>"));
    }

    [TestCase("zh")]
    [TestCase("en")]
    public async Task Every_figure_on_the_board_opens(string language)
    {
        var board = await Page("/targets", language);
        var links = Links().Matches(board).Select(link => WebUtility.HtmlDecode(link.Groups[1].Value)).Distinct().ToList();

        Assert.That(links, Has.Some.Contain("family=speeding"));
        foreach (var link in links)
            await Page(link, language);
        Assert.That(await Page(links.First(link => link.Contains("family=speeding", StringComparison.Ordinal)), language), Does.Contain($"/records/{recordId}"));
    }

    [TestCase("/records/00000000-0000-4000-8000-00000000dead", HttpStatusCode.NotFound)]
    [TestCase("/records?from=2022-07-09&to=2022-07-08", HttpStatusCode.BadRequest)]
    [TestCase("/targets?campaign=none", HttpStatusCode.BadRequest)]
    public async Task What_is_refused_is_a_page_with_its_reason(string address, HttpStatusCode status)
    {
        var answer = await app.Http.GetAsync(address);
        var page = Decoded(await answer.Content.ReadAsStringAsync());

        Assert.That(answer.StatusCode, Is.EqualTo(status), page);
        Assert.That(page, Does.Contain("返回指标").And.Not.Contain("Exception"));
    }

    [Test]
    public async Task A_database_that_does_not_answer_in_time_is_a_page_to_a_browser()
    {
        await using var source = NpgsqlDataSource.Create(app.Database.ConnectionString);
        await using var connection = await source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var held = new NpgsqlCommand("lock table intake.key in access exclusive mode", connection))
            await held.ExecuteNonQueryAsync();

        var answer = await app.Http.GetAsync($"/records/{recordId}");

        Assert.That((answer.StatusCode, answer.Content.Headers.ContentType?.MediaType), Is.EqualTo((HttpStatusCode.ServiceUnavailable, "text/html")));
        Assert.That(Decoded(await answer.Content.ReadAsStringAsync()), Does.Contain("暂时无法取得数据，请稍后再试。"));
    }

    [TestCase("/", HttpStatusCode.OK)]
    [TestCase("/health/ready", HttpStatusCode.OK)]
    [TestCase("/api/v1/reports/offences.csv?from=2022-07-01&to=2022-07-07&groupBy=day", HttpStatusCode.OK)]
    [TestCase("/nonsense", HttpStatusCode.NotFound)]
    [TestCase("/api/v1/reports/offences?form=2022-07-01", HttpStatusCode.BadRequest)]
    [TestCase("/api/v1/feeds/junction-7/events", HttpStatusCode.MethodNotAllowed)]
    public async Task Asked_for_the_head_alone_it_answers_that_of_the_whole(string address, HttpStatusCode status)
    {
        using var asked = new HttpRequestMessage(HttpMethod.Head, address);
        using var head = await app.Http.SendAsync(asked);
        using var whole = await app.Http.GetAsync(address);

        Assert.That((head.StatusCode, whole.StatusCode), Is.EqualTo((status, status)));
        Assert.That(head.Content.Headers.ContentType, Is.EqualTo(whole.Content.Headers.ContentType));
        Assert.That(await head.Content.ReadAsByteArrayAsync(), Is.Empty);
    }

    [Test]
    public async Task An_address_that_is_no_page_is_a_page_to_a_browser_and_a_problem_to_a_program()
    {
        var (shown, said) = (await Asked("/nonsense", "text/html"), await Asked("/nonsense", "application/json"));

        Assert.That((shown.Status, shown.Type, said.Status, said.Type), Is.EqualTo((HttpStatusCode.NotFound, "text/html", HttpStatusCode.NotFound, "application/problem+json")));
        Assert.That(shown.Text, Does.Contain("没有此页面"));
        Assert.That((await Asked("/api/v1/nonsense", "text/html,*/*;q=0.8")).Type, Is.EqualTo("application/problem+json"));
        Assert.That((await Asked("/api/v1/feeds/junction-7/events", "text/html,*/*;q=0.8")).Status, Is.EqualTo(HttpStatusCode.MethodNotAllowed));

        async Task<(HttpStatusCode Status, string? Type, string Text)> Asked(string address, string accept)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            request.Headers.Add("Accept", accept);
            var answer = await app.Http.SendAsync(request);
            return (answer.StatusCode, answer.Content.Headers.ContentType?.MediaType, Decoded(await answer.Content.ReadAsStringAsync()));
        }
    }

    [TestCase("zh", "缺少违法时间。")]
    [TestCase("en", "The time of the violation is missing.")]
    public async Task What_was_refused_says_why_in_words(string language, string words)
    {
        await app.Http.PostAsJsonAsync("/api/v1/feeds/junction-7/events", new[] { new { eventId = "e-1", source = "camera", divisionCode = "152502" } });

        Assert.That(await Page("/ledger/all/rejected", language), Does.Contain(words).And.Not.Contain("intake."));
    }

    [Test]
    public async Task A_number_or_an_id_that_is_none_is_named_at_its_field()
    {
        var crash = await Reported("crash", ("dead", "two"), ("lossCny", "1.5"), ("injured", "0"));
        var visit = await Reported("visit", ("pointId", "the school"));

        Assert.That((crash.Status, visit.Status), Is.EqualTo((HttpStatusCode.BadRequest, HttpStatusCode.BadRequest)));
        Assert.That(Regex.Count(crash.Page, "A number is needed"), Is.EqualTo(2));
        Assert.That(visit.Page, Does.Contain("The id of the point or route is needed"));
        Assert.That(crash.Page + visit.Page, Does.Not.Contain("JSON"));
    }

    [Test]
    public async Task What_was_sent_by_a_form_is_said_to_be_taken()
    {
        var danger = await Reported("danger", ("foundAt", $"{app.Now.AddDays(-2):yyyy-MM-ddTHH:mm}"), ("divisionCode", "152502"), ("dangerKind", "source"));

        Assert.That(danger.Status, Is.EqualTo(HttpStatusCode.OK), danger.Page);
        Assert.That(danger.Page, Does.Contain("role=\"status\"").And.Contain("The receipt stands below"));
    }

    /// <summary>A form as a browser sends it, and the page it ends on.</summary>
    async Task<(HttpStatusCode Status, string Page)> Reported(string form, params (string Name, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"/report/{form}")
        {
            Content = new FormUrlEncodedContent(fields.Append(("recordId", $"{Guid.NewGuid()}")).ToDictionary()),
        };
        request.Headers.Add("Origin", app.Http.BaseAddress!.GetLeftPart(UriPartial.Authority));
        request.Headers.Add("Accept-Language", "en");
        var answer = await app.Http.SendAsync(request);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    [Test]
    public async Task The_language_chosen_is_remembered_and_leaves_the_address_clean()
    {
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = app.Http.BaseAddress };
        var answer = await browser.GetAsync("/targets?campaign=summer-2022&lang=en");

        Assert.That(answer.Headers.Location!.ToString(), Is.EqualTo("/targets?campaign=summer-2022"));
        Assert.That(answer.Headers.GetValues("Set-Cookie").Single(), Does.StartWith("lang=en;"));
    }

    [Test]
    public async Task No_key_is_shown_in_place_of_its_words()
    {
        foreach (var language in new[] { "zh", "en" })
            foreach (var address in new[] { "/targets", "/targets?campaign=summer-2022", $"/records/{recordId}", "/records?from=2022-07-01&to=2022-07-08" })
                Assert.That(Keys().Matches(Tags().Replace(await Page(address, language), " ")).Select(key => key.Value), Is.Empty, address);
    }

    [TestCase("/assets/console.css", "text/css")]
    [TestCase("/assets/favicon.svg", "image/svg+xml")]
    public async Task Assets_come_from_the_assembly(string address, string type) =>
        Assert.That((await app.Http.GetAsync(address)).Content.Headers.ContentType!.MediaType, Is.EqualTo(type));

    /// <summary>As sent, but Chinese as itself where it came as character references.</summary>
    async Task<string> Page(string address, string language)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Add("Accept-Language", language);
        var answer = await app.Http.SendAsync(request);
        var page = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), $"{address}: {page}");
        return Decoded(page);
    }

    static string Decoded(string page) => Regex.Replace(page, "&#x([0-9A-F]+);", code =>
        Convert.ToInt32(code.Groups[1].Value, 16) is > 127 and var point ? char.ConvertFromUtf32(point) : code.Value);

    [GeneratedRegex("href=\"(/records\\?[^\"]+)\"")]
    private static partial Regex Links();

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tags();

    [GeneratedRegex(@"\b(console|reporting|intake)\.[a-zA-Z]+[.a-zA-Z-]*")]
    private static partial Regex Keys();
}
