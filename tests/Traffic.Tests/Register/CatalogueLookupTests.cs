using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using NUnit.Framework;
using Traffic.Platform;
using Traffic.Register;

namespace Traffic.Tests.Register;

/// <summary>The law for people: found by code, Chinese, English and the first letters of the pinyin.</summary>
[Category("Postgres")]
public sealed class CatalogueLookupTests
{
    TrafficApp app = null!;

    [OneTimeSetUp]
    public async Task Start() => app = await TrafficApp.Start();

    [OneTimeTearDown]
    public async Task Stop() => await app.DisposeAsync();

    [TestCase("1625", "red-light.motor", Description = "a code")]
    [TestCase("16250", "red-light.motor", Description = "a local refinement of a code")]
    [TestCase("信号灯", "red-light.motor", Description = "its title")]
    [TestCase("闯红灯", "red-light.motor", Description = "the campaign's word for it")]
    [TestCase("RED LIGHT", "red-light.motor")]
    [TestCase("red-light.motor", "red-light.motor")]
    [TestCase("chd", "red-light.motor", Description = "闯红灯")]
    [TestCase("JSR", "seat-belt.driver", Description = "驾驶人")]
    [TestCase("bjaqd", "seat-belt.passenger", Description = "不系安全带, 系 read ji")]
    [TestCase("bxaqd", "seat-belt.passenger", Description = "or xi")]
    [TestCase("aqd", "seat-belt.driver", Description = "安全带")]
    public async Task An_entry_is_found_by(string asked, string entry) =>
        Assert.That(Ids(await Search($"q={Uri.EscapeDataString(asked)}")), Has.Some.EqualTo(entry));

    [TestCase("1302", Description = "a code from before 2013")]
    [TestCase("zzzz")]
    [TestCase("没有这样的违法")]
    public async Task Nothing_is_found_by(string asked) => Assert.That(Ids(await Search($"q={Uri.EscapeDataString(asked)}")), Is.Empty);

    [TestCase("2022-03-31", "2013-01-01")]
    [TestCase("2022-04-01", "2022-04-01")]
    [TestCase("2013-01-01", "2013-01-01")]
    [TestCase("2012-12-31", null)]
    public async Task The_law_of_the_day_answers(string on, string? edition)
    {
        var answer = await Search($"on={on}&q=1625");

        Assert.That((string?)answer["edition"]?["id"], Is.EqualTo(edition));
        Assert.That(Ids(answer).Count > 0, Is.EqualTo(edition is not null));
    }

    [Test]
    public async Task The_campaigns_eighteen_items_each_lead_to_an_entry()
    {
        var items = (await Search(""))["items"]!.AsArray();

        Assert.That(items, Has.Count.EqualTo(18));
        foreach (var item in items)
        {
            Assert.That(item!["entries"]!.AsArray(), Is.Not.Empty, (string?)item["id"]);
            Assert.That(Ids(await Search($"item={item["id"]}")), Is.EquivalentTo(item["entries"]!.AsArray().Select(one => (string)one!)));
        }
    }

    [Test]
    public async Task An_entry_tells_everything_that_is_said_about_it()
    {
        var answer = (await app.Http.GetFromJsonAsync<JsonNode>("/api/v1/catalogue/speeding.a.controlled.50?on=2023-01-01"))!;
        var entry = answer["entry"]!;

        Assert.That((decimal?)entry["tier"]!["from"], Is.EqualTo(50));
        Assert.That((string?)entry["measure"]!["of"], Is.EqualTo("speed"));
        Assert.That(entry["groups"]!.AsArray().Select(group => (string)group!["id"]!), Is.EqualTo(new[] { "A" }));
        Assert.That(entry["roadKinds"]!.AsArray().Select(road => (string)road!), Is.EqualTo(new[] { "motorway", "urbanExpressway" }));
        Assert.That(entry["fines"]!.AsArray().Select(fine => (int)fine!["max"]!), Is.EqualTo(new[] { 200, 2000 }));
        Assert.That(entry["consequences"]!.AsArray(), Is.Not.Empty);
        Assert.That(entry["statutes"]!.AsArray(), Has.Count.GreaterThan(3));
        Assert.That(entry["sources"]!.AsArray().Select(source => (string?)source!["text"]), Is.All.Not.Empty);
        Assert.That(entry["referrals"]!.AsArray(), Is.Not.Empty, "where it becomes a crime");
        Assert.That(answer["through"]!.AsArray().Select(one => (string)one!["edition"]!), Is.EqualTo(new[] { "2013-01-01", "2022-04-01" }).Or.EqualTo(new[] { "2022-04-01" }));
    }

    [TestCase("/api/v1/catalogue/no.such.entry", HttpStatusCode.NotFound)]
    [TestCase("/api/v1/catalogue/red-light.motor?on=2012-12-31", HttpStatusCode.NotFound)]
    [TestCase("/api/v1/catalogue?on=yesterday", HttpStatusCode.BadRequest)]
    [TestCase("/api/v1/catalogue/versions/99", HttpStatusCode.NotFound)]
    [TestCase("/api/v1/catalogue/previews/00000000-0000-4000-8000-000000000000", HttpStatusCode.NotFound)]
    public async Task What_there_is_not_is_refused(string address, HttpStatusCode status) =>
        Assert.That((await app.Http.GetAsync(address)).StatusCode, Is.EqualTo(status));

    [Test]
    public void Every_character_of_the_titles_has_its_letters_and_they_are_those_of_the_national_standard()
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        var gb2312 = Encoding.GetEncoding("gb2312");
        var pinyin = Pinyin.Load(new SchemaFiles(Path.Combine(Repository.Root, "schemas")));
        var characters = Law.Example.Catalogue.Editions
            .SelectMany(edition => edition.Entries.Select(entry => entry.Zh).Concat(edition.Families.Select(one => one.Zh)).Concat(edition.Items.Select(one => one.Zh)))
            .SelectMany(title => title).Where(character => character is >= '一' and <= '鿿').ToHashSet();

        Assert.That(characters.Where(character => !pinyin.Knows(character)), Is.Empty);
        foreach (var character in characters)
        {
            // Level 1 of GB 2312-1980 stands in the order of pinyin: the first character of each letter.
            var at = Array.FindLastIndex(FirstOfLetter, first => Code(first) <= Code(character));
            if (Code(character) is >= 0xB0A1 and <= 0xD7F9)
                Assert.That(pinyin.Initials(character.ToString()).Single(), Does.Contain(Letters[at].ToString()), character.ToString());
        }

        int Code(char character) => gb2312.GetBytes([character]) is [var high, var low] ? high << 8 | low : 0;
    }

    const string Letters = "abcdefghjklmnopqrstwxyz";
    static readonly char[] FirstOfLetter = [.. "啊芭擦搭蛾发噶哈击喀垃妈拿哦啪期然撒塌挖昔压匝"];

    async Task<JsonNode> Search(string query) => (await app.Http.GetFromJsonAsync<JsonNode>($"/api/v1/catalogue?{query}"))!;

    static List<string> Ids(JsonNode answer) => [.. answer["entries"]!.AsArray().Select(entry => (string)entry!["id"]!)];
}
