using System.Net;
using System.Text.RegularExpressions;
using NUnit.Framework;
using Traffic.Tests.Activities;
using Traffic.WebConsole;

namespace Traffic.Tests.Opening;

/// <summary>The same on the pages: what an answer gives an address for, a page shows under an address a colleague can open.</summary>
public sealed partial class EveryFigureOpensTests
{
    [TestCase("zh")]
    [TestCase("en")]
    public async Task One_figure_of_every_kind_opens_to_a_page_that_says_its_total(string language)
    {
        foreach (var figure in figures.Where(figure => figure.Address is not null).DistinctBy(Walk.Kind))
        {
            var page = await Page(Reader.Page(figure.Address!), language);
            var total = (await Walk.Open(App.Http, figure.Address!)).Total;
            Assert.That(Regex.Match(page, "<p class=\"total\"><span class=\"figure\">([^<]*)</span>").Groups[1].Value, Is.EqualTo(Reader.Number(total)), figure.Address);
            Assert.That(Regex.Matches(Regex.Replace(page, "<[^>]*>", " "), @"\b(console|reporting)\.[a-zA-Z]+[.a-zA-Z-]*").Select(key => key.Value), Is.Empty, figure.Address);
        }
    }

    [TestCase("zh", "期初", "剩余", "每检查百辆车", "计入哪些数字")]
    [TestCase("en", "At the start", "Remaining", "per 100 vehicles checked", "Where it counts")]
    public async Task The_board_shows_stock_and_exposure_and_every_thing_where_it_counts(string language, params string[] words)
    {
        var board = await Page("/targets?campaign=hundred-days", language);
        Assert.That(words[..3], Is.All.Matches<string>(board.Contains));
        foreach (Match link in Regex.Matches(Regex.Match(board, "<div class=\"board\">.*?<p class=\"ledger\">", RegexOptions.Singleline).Value, "href=\"(/[^\"#]+)\""))
            await Page(WebUtility.HtmlDecode(link.Groups[1].Value), language);
        foreach (var (address, _) in (await Samples()).DistinctBy(one => one.Address.Split('/')[0]))
        {
            var page = await Page(address.StartsWith("violations", StringComparison.Ordinal) ? address.Replace("violations", "/records", StringComparison.Ordinal) : $"/activities/{address}", language);
            Assert.That(page, Does.Contain(words[3]).And.Contain("class=\"opens\"").Or.Contain("observations"), address);
            Assert.That(Regex.Matches(Regex.Replace(page, "<[^>]*>", " "), @"\b(console|reporting)\.[a-zA-Z]+[.a-zA-Z-]*").Select(key => key.Value), Is.Empty, address);
        }
    }

    [Test]
    public async Task A_bulletin_says_beside_its_counts_what_it_took_to_find_them()
    {
        var edition = populated.Editions[0];
        var model = await App.Get($"reports/editions/{edition}?index=false");
        var found = (decimal)model["figures"]!["divisions"]![0]!["confirmed"]!["now"]!;
        var work = model["activity"]![0]!["rows"]!.AsArray().ToDictionary(row => (string)row!["key"]!, row => row!);
        var whole = Regex.Match(await Page($"/bulletins/{edition}", "en"), "<tr class=\"whole\">.*?</tr>", RegexOptions.Singleline).Value;

        foreach (var (key, each) in new[] { ("vehiclesChecked", 100), ("officerHours", 1) })
        {
            var took = work[key];
            var ratio = Math.Round(found * each / (decimal)took["now"]!, 2, MidpointRounding.AwayFromZero);
            Assert.That(WebUtility.HtmlDecode(whole), Does.Contain($"<a href=\"{Reader.Page((string)took["records"]!)}\">{Reader.Number(ratio)}</a>"), key);
        }
    }

    [Test]
    public async Task A_task_is_closed_by_form_on_the_page_of_its_edition_but_not_from_another_site()
    {
        var edition = populated.Editions[1];
        var finding = (string)(await App.Get($"reports/editions/{edition}?index=false"))["findings"]![0]!["id"]!;
        using var browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false }) { BaseAddress = App.Http.BaseAddress };
        await Send($"/bulletins/{edition}/tasks", HttpStatusCode.Redirect, ("finding", finding), ("owner", "某大队"), ("due", "2199-01-01"), ("text", "two patrols"), ("givenBy", "某甲"));
        var task = (await App.Get($"reports/editions/{edition}/tasks"))["tasks"]![0]!;
        var form = Regex.Match(await Page($"/bulletins/{edition}", "en"), $"action=\"(/bulletins/{edition}/tasks/{task["taskId"]}/close)\"").Groups[1].Value;

        await Send(form, HttpStatusCode.BadRequest, ("closedBy", "某乙"), ("note", ""));
        using (var foreign = await browser.PostAsync(form, new FormUrlEncodedContent([KeyValuePair.Create("closedBy", "某乙"), KeyValuePair.Create("note", "done")])))
            Assert.That(foreign.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));
        await Send(form, HttpStatusCode.Redirect, ("closedBy", "某乙"), ("note", "two patrols a day"));

        Assert.That(await Page($"/bulletins/{edition}", "en"), Does.Contain("two patrols a day").And.Contain("by 某乙").And.Not.Contain("/close\""));
        await Send(form, HttpStatusCode.Conflict, ("closedBy", "某丙"), ("note", "again"));

        async Task Send(string address, HttpStatusCode expected, params (string Name, string Value)[] fields)
        {
            using var post = new HttpRequestMessage(HttpMethod.Post, address)
            {
                Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))),
            };
            post.Headers.Add("Origin", App.Http.BaseAddress!.GetLeftPart(UriPartial.Authority));
            using var answer = await browser.SendAsync(post);
            Assert.That(answer.StatusCode, Is.EqualTo(expected), await answer.Content.ReadAsStringAsync());
        }
    }

    async Task<string> Page(string address, string language)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Add("Accept-Language", language);
        using var answer = await App.Http.SendAsync(request);
        var page = Regex.Replace(await answer.Content.ReadAsStringAsync(), "&#x([0-9A-F]+);", code => char.ConvertFromUtf32(Convert.ToInt32(code.Groups[1].Value, 16)));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), $"{address}: {page}");
        return page;
    }
}
