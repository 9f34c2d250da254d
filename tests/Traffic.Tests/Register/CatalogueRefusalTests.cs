using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using NUnit.Framework;

namespace Traffic.Tests.Register;

/// <summary>A change of the law's data that is not made says why, and the version in force stays.</summary>
[Category("Postgres")]
public sealed class CatalogueRefusalTests
{
    static readonly string InForce = File.ReadAllText(Path.Combine(Repository.Root, "schemas/catalogue/2022-04-01.json"));
    static readonly string Changed = CatalogueFolders.Replaced(InForce, "red-light.motor", "\"points\": 6", "\"points\": 3");

    TrafficApp app = null!;

    [OneTimeSetUp]
    public async Task Start() => app = await TrafficApp.Start();

    [OneTimeTearDown]
    public async Task Stop() => await app.DisposeAsync();

    [TearDown]
    public async Task The_version_in_force_stays() =>
        Assert.That(await app.Rows("select max(id) from register.catalogue", row => row.GetInt32(0)), Is.EqualTo(new[] { 1 }));

    [Test]
    public async Task A_file_that_is_not_valid_is_refused_with_file_line_and_reason()
    {
        var wrong = CatalogueFolders.Replaced(InForce, "red-light.motor", "\"points\": 6", "\"points\": 5");

        var refused = await Refused(await app.TryRelease(wrong), HttpStatusCode.BadRequest, "invalid");

        Assert.That(((string?)refused["file"], (int?)refused["line"] > 1), Is.EqualTo(("2022-04-01.json", true)));
        Assert.That((string?)refused["reason"], Does.Contain("5 points"));
        var preview = await app.Http.PostAsJsonAsync("/api/v1/catalogue/previews", new { files = new[] { new { name = "2022-04-01.json", text = wrong } } });
        await Refused(preview, HttpStatusCode.BadRequest, "invalid");
    }

    [Test]
    public async Task Of_a_file_with_several_faults_each_is_named()
    {
        var wrong = CatalogueFolders.Replaced(CatalogueFolders.Replaced(InForce, "red-light.motor", "\"points\": 6", "\"points\": 5"), "helmet.motorcycle.driver", "\"points\": 1", "\"points\": 4");

        var refused = await Refused(await app.TryRelease(wrong), HttpStatusCode.BadRequest, "invalid");

        Assert.That(refused["faults"]!.AsArray().Select(fault => (string)fault!["reason"]!), Has.Exactly(1).Contains("5 points").And.Exactly(1).Contains("4 points"));
        Assert.That(((string)refused["detail"]!).Split('\n'), Is.EqualTo(refused["faults"]!.AsArray().Select(fault => $"{fault!["file"]}, line {fault["line"]}: {fault["reason"]}")));
    }

    [TestCase("analyst-1", "analyst-1")]
    [TestCase("analyst-1", " Analyst-1 ", Description = "the same name written otherwise")]
    [TestCase("analyst-1", "")]
    public async Task One_person_alone_is_refused(string by, string second) =>
        await Refused(await app.TryRelease(Changed, by, second), HttpStatusCode.Forbidden, "secondPerson");

    [TestCase("", "reason")]
    [TestCase("analyst-1", " ")]
    public async Task Who_and_why_must_be_said(string by, string reason) =>
        await Refused(await app.TryRelease(Changed, by, "jurist-2", reason), HttpStatusCode.BadRequest, "needed");

    [Test]
    public async Task A_change_of_days_that_have_passed_needs_to_be_marked() =>
        await Refused(await app.TryRelease(Changed, retroactive: false), HttpStatusCode.BadRequest, "notFuture");

    [Test]
    public async Task An_effective_day_that_is_not_the_files_is_refused() =>
        await Refused(await app.TryRelease(Changed, effective: "2030-01-01"), HttpStatusCode.BadRequest, "effective");

    [Test]
    public async Task The_version_in_force_again_is_refused() => await Refused(await app.TryRelease(InForce), HttpStatusCode.BadRequest, "unchanged");

    [TestCase("1", HttpStatusCode.Conflict, "first")]
    [TestCase("7", HttpStatusCode.NotFound, "unknownVersion")]
    [TestCase("2099-01-01+00000000", HttpStatusCode.NotFound, "unknownVersion")]
    public async Task Only_a_version_that_has_one_before_it_is_undone(string version, HttpStatusCode status, string code) =>
        await Refused(await app.TryUndo(version), status, code);

    [Test]
    public async Task A_switch_that_waits_too_long_for_those_who_decide_gives_up_and_says_so()
    {
        await using var source = NpgsqlDataSource.Create(app.Database.ConnectionString);
        await using var connection = await source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var deciding = new NpgsqlCommand("select pg_advisory_xact_lock_shared(1953653094, 1)", connection))
            await deciding.ExecuteNonQueryAsync();

        var refused = await Refused(await app.TryRelease(Changed), HttpStatusCode.ServiceUnavailable, "waiting");

        Assert.That((string?)refused["title"], Does.Contain("稍后再试"));
    }

    [Test]
    public async Task A_form_of_another_site_cannot_reach_the_api()
    {
        var answer = await app.Http.PostAsync("/api/v1/catalogue/releases", new StringContent("{}", Encoding.UTF8, "text/plain"));

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.UnsupportedMediaType));
    }

    [TestCase("zh", "一人不得发布")]
    [TestCase("en", "One person alone")]
    public async Task A_refusal_is_told_in_the_readers_language(string language, string words)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/v1/catalogue/undo")
        {
            Content = JsonContent.Create(new { version = "1", by = "a", secondPerson = "a", reason = "test" }),
        };
        request.Headers.Add("Accept-Language", language);

        Assert.That(await (await app.Http.SendAsync(request)).Content.ReadAsStringAsync(), Does.Contain(words));
    }

    static async Task<JsonNode> Refused(HttpResponseMessage answer, HttpStatusCode status, string code)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.That((answer.StatusCode, (string?)JsonNode.Parse(text)!["code"]), Is.EqualTo((status, code)), text);
        return JsonNode.Parse(text)!;
    }
}
