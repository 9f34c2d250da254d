using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using NUnit.Framework;
using Traffic.Tests.Register;

namespace Traffic.Tests.Pages;

/// <summary>The pages of the law, in both languages, and the forms that change it.</summary>
[Category("Postgres")]
public sealed partial class CataloguePageTests
{
    static readonly string InForce = File.ReadAllText(Path.Combine(Repository.Root, "schemas/catalogue/2022-04-01.json"));

    TrafficApp app = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        app = await TrafficApp.Start();
        await app.Officer(app.RedLight());
    }

    [OneTimeTearDown]
    public async Task Stop() => await app.DisposeAsync();

    [TestCase("/catalogue?q=chd", "zh", "闯红灯", "6", "1625", "行动自列的项目")]
    [TestCase("/catalogue?q=red+light", "en", "Red light", "机动车不按交通信号灯指示通行", "The campaign's own items")]
    [TestCase("/catalogue/speeding.b.other.50", "zh", "法律依据", "资料来源", "道路交通安全法", "50 %")]
    [TestCase("/catalogue/speeding.b.other.50", "en", "Statutes", "Sources", "Through the editions", "50 %")]
    [TestCase("/catalogue/versions", "zh", "目录版本", "现行", "试算")]
    [TestCase("/catalogue/versions", "en", "Versions of the catalogue", "in force", "Preview")]
    public async Task A_page_says(string address, string language, params string[] words)
    {
        var page = await Page(address, language);

        Assert.That(words, Is.All.Matches<string>(page.Contains), page);
        Assert.That(Keys().Matches(Tags().Replace(page, " ")).Select(key => key.Value), Is.Empty);
    }

    [Test]
    public async Task A_change_is_tried_released_and_undone_by_the_forms()
    {
        var preview = await Posted("/catalogue/previews", Upload("2022-04-01.json", CatalogueFolders.Replaced(InForce, "red-light.motor", "\"points\": 6", "\"points\": 3")));
        await app.Until($"/api/v1{preview}", "running");
        var tried = await Page(preview, "en");
        Assert.That(tried, Does.Contain("record changes, of 1 examined").And.Contain("6 → 3").And.Contain("name=\"secondPerson\""));

        var previewId = preview.Split('/')[^1];
        Assert.That((await Post("/catalogue/releases", Form(("previewId", previewId), ("by", "a"), ("secondPerson", "a"), ("reason", "r")))).StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
        Assert.That((await Post("/catalogue/releases", Form(("previewId", previewId), ("by", "a"), ("secondPerson", "b"), ("reason", "r")))).StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        var version = await Posted("/catalogue/releases", Form(("previewId", previewId), ("by", "a"), ("secondPerson", "b"), ("reason", "r"), ("retroactive", "on")));
        await app.Until($"/api/v1{version}", "planned", "reDeciding");
        Assert.That(await Page(version, "zh"), Does.Contain("撤销本版").And.Contain("6 → 3"));

        var undone = await Posted("/catalogue/undo", Form(("version", version.Split('/')[^1]), ("by", "a"), ("secondPerson", "b"), ("reason", "r")));
        await app.Until($"/api/v1{undone}", "planned", "reDeciding");
        Assert.That(await Page(undone, "zh"), Does.Contain("恢复第 1 版").And.Contain("3 → 6"));
        await app.NothingInFlight();
    }

    [TestCase("cross-site", null)]
    [TestCase("same-site", null)]
    [TestCase(null, "https://elsewhere.example")]
    [TestCase(null, null, Description = "a browser always says one of both")]
    public async Task A_form_of_another_site_changes_nothing(string? site, string? origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/catalogue/undo") { Content = Form(("version", "2"), ("by", "a"), ("secondPerson", "b"), ("reason", "r")) };
        if (site is not null)
            request.Headers.Add("Sec-Fetch-Site", site);
        if (origin is not null)
            request.Headers.Add("Origin", origin);

        Assert.That((await app.Http.SendAsync(request)).StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
    }

    [TestCase("/catalogue/undo")]
    [TestCase("/catalogue/releases")]
    public async Task A_link_changes_nothing(string address) =>
        Assert.That((int)(await app.Http.GetAsync(address)).StatusCode, Is.EqualTo(404).Or.EqualTo(405));

    async Task<string> Posted(string address, HttpContent form)
    {
        var answer = await Post(address, form);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.SeeOther), await answer.Content.ReadAsStringAsync());
        return answer.Headers.Location!.ToString();
    }

    async Task<HttpResponseMessage> Post(string address, HttpContent form)
    {
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = app.Http.BaseAddress };
        using var request = new HttpRequestMessage(HttpMethod.Post, address) { Content = form };
        request.Headers.Add("Sec-Fetch-Site", "same-origin");
        return await browser.SendAsync(request);
    }

    static FormUrlEncodedContent Form(params (string Name, string Value)[] fields) =>
        new(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));

    static MultipartFormDataContent Upload(string name, string text) => new() { { new ByteArrayContent(Encoding.UTF8.GetBytes(text)), "file", name } };

    async Task<string> Page(string address, string language)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Add("Accept-Language", language);
        var answer = await app.Http.SendAsync(request);
        var page = await answer.Content.ReadAsStringAsync();
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), $"{address}: {page}");
        return WebUtility.HtmlDecode(page);
    }

    [GeneratedRegex("<[^>]*>")]
    private static partial Regex Tags();

    [GeneratedRegex(@"\b(console|reporting|intake|register)\.[a-zA-Z]+[.a-zA-Z-]*")]
    private static partial Regex Keys();
}
