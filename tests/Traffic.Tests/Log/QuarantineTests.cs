using System.Net.Http.Json;
using System.Text.Json.Nodes;
using NUnit.Framework;
using Traffic.Tests.Register;

namespace Traffic.Tests.Log;

/// <summary>What could not be processed is listed, tried again or given up by people, and is counted all the while.</summary>
[Category("Postgres")]
public sealed class QuarantineTests
{
    TrafficApp app = null!;

    [SetUp]
    public async Task Start() => app = await TrafficApp.Start();

    [TearDown]
    public async Task Stop()
    {
        await app.CountsAgree();
        await app.DisposeAsync();
    }

    /// <summary>Records of this officer break a rule of the table until it is lifted.</summary>
    async Task<List<Guid>> Quarantine(int records)
    {
        await app.Rows("alter table register.violation add constraint test_fault check (officer_id <> '999999')", _ => 0);
        var ids = new List<Guid>();
        for (var i = 0; i < records; i++)
            ids.Add(await app.Officer(app.RedLight() with { OfficerId = "999999" }));
        await app.Officer(app.RedLight());
        return ids;
    }

    Task<List<int>> Cure() => app.Rows("alter table register.violation drop constraint test_fault", _ => 0);

    async Task<(int Exit, JsonArray Said, string Complained)> Verb(params string[] arguments)
    {
        var (exit, said, complained) = await Executable.Run(
            ["quarantine", .. arguments, "--json"], ("ConnectionStrings:Traffic", app.Database.ConnectionString));
        return (exit, said.Length == 0 ? [] : JsonNode.Parse(said)!.AsArray(), complained);
    }

    static string[] Outcomes(JsonArray acts) => [.. acts.Select(act => (string)act!["outcome"]!)];

    async Task<string> Health() =>
        (string)(await app.Http.GetFromJsonAsync<JsonNode>("/health/ready"))!["parts"]!["quarantine"]!["status"]!;

    [Test]
    public async Task What_waits_is_listed_counted_and_degrades_health_without_saying_what_it_held()
    {
        var ids = await Quarantine(2);

        var (exit, listed, _) = await Verb("list");
        Assert.That(exit, Is.Zero);
        Assert.That(listed.Select(row => ((string)row!["subscriber"]!, (long)row["sequence"]!, (string)row["reason"]!)), Is.EqualTo(new[]
        {
            ("register-violations", 1L, "PostgreSQL 23514 (test_fault)"), ("register-violations", 2L, "PostgreSQL 23514 (test_fault)"),
        }));
        var table = await Executable.Run(["quarantine", "list"], ("ConnectionStrings:Traffic", app.Database.ConnectionString));
        Assert.That((table.Exit, table.Said.Contains("register-violations")), Is.EqualTo((0, true)));

        var answer = await app.Http.GetStringAsync("/api/v1/quarantine");
        Assert.That((int)JsonNode.Parse(answer)!["counts"]![0]!["waiting"]!, Is.EqualTo(2));
        Assert.That(answer, Does.Not.Contain("999999"));
        Assert.That(await Health(), Is.EqualTo("degraded"));
        Assert.That(ids, Has.Count.EqualTo(2));
    }

    [Test]
    public async Task The_list_is_read_page_by_page()
    {
        await Quarantine(3);

        var seen = new List<long>();
        for (string? next = ""; next is not null;)
        {
            var page = (await app.Http.GetFromJsonAsync<JsonNode>($"/api/v1/quarantine?limit=2{(next == "" ? "" : $"&after={next}")}"))!;
            seen.AddRange(page["records"]!.AsArray().Select(row => (long)row!["sequence"]!));
            next = (string?)page["next"];
        }

        Assert.That(seen, Is.EqualTo(new[] { 1, 2, 3 }));
    }

    [Test]
    public async Task A_record_tried_again_after_the_cure_is_stored_once_and_a_second_retry_changes_nothing()
    {
        var ids = await Quarantine(2);
        await Cure();

        var (exit, acts, _) = await Verb("retry", "--all", "--by", "operator-1");
        Assert.That((exit, string.Join(' ', Outcomes(acts))), Is.EqualTo((0, "retried retried")));
        await app.NothingInFlight();
        Assert.That((await app.Standing(ids[0])).Status, Is.EqualTo("confirmed"));
        Assert.That(await app.Rows("select retried_by, reason from platform.quarantine_retry", row => row.GetString(0) + row.GetString(1)),
            Is.EqualTo(Enumerable.Repeat("operator-1PostgreSQL 23514 (test_fault)", 2)));
        Assert.That(await Health(), Is.EqualTo("healthy"));

        string[] one = ["retry", "--subscriber", "register-violations", "--position", $"{(long)acts[0]!["position"]!}", "--item", "0"];
        var again = await Verb(one);
        Assert.That((again.Exit, string.Join(' ', Outcomes(again.Said))), Is.EqualTo((0, "done")));
        Assert.That(await app.Rows("select count(*) from register.violation", row => row.GetInt64(0)), Is.EqualTo(new[] { 3L }));
    }

    [Test]
    public async Task A_subscriber_that_is_none_or_an_option_misspelt_retries_nothing()
    {
        await Quarantine(1);

        var misspelt = await Verb("retry", "--all", "--subsciber", "announce");
        var unknown = await Verb("retry", "--all", "--subscriber", "anounce");
        var listed = await Verb("list", "--subscriber", "anounce");

        Assert.That((misspelt.Exit, misspelt.Complained.Contains("--subsciber: ")), Is.EqualTo((2, true)));
        Assert.That((unknown.Exit, unknown.Complained.Contains("'anounce'"), listed.Exit), Is.EqualTo((1, true, 1)));
        Assert.That(await app.Rows("select count(*) from platform.quarantine_retry", row => row.GetInt64(0)), Is.EqualTo(new[] { 0L }));
    }

    [TestCase("after=rubbish", "after")]
    [TestCase("after=a/1", "after")]
    [TestCase("limit=-5", "limit")]
    [TestCase("limit=1001", "limit")]
    public async Task A_page_that_cannot_be_is_refused(string query, string member)
    {
        using var answer = await app.Http.GetAsync($"/api/v1/quarantine?{query}");

        Assert.That(answer.StatusCode, Is.EqualTo(System.Net.HttpStatusCode.BadRequest));
        Assert.That((await answer.Content.ReadFromJsonAsync<JsonObject>())!["errors"]!.AsObject().Single().Key, Is.EqualTo(member));
    }

    [Test]
    public async Task A_record_tried_again_without_a_cure_is_in_quarantine_again()
    {
        await Quarantine(1);

        Assert.That((await Verb("retry", "--all")).Exit, Is.Zero);
        await app.NothingInFlight();

        Assert.That((await Verb("list")).Said, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task What_two_persons_give_up_stays_counted_and_closed()
    {
        await Quarantine(1);
        var row = (await Verb("list")).Said[0]!;
        string[] named = ["--subscriber", "register-violations", "--position", $"{(long)row["position"]!}", "--item", $"{(int)row["item"]!}"];
        string[] words = ["--by", "operator-1", "--second", "operator-2", "--reason", "cannot be read"];

        Assert.That((await Verb(["close", .. named, "--by", "operator-1", "--reason", "cannot be read"])).Exit, Is.EqualTo(1), "no second person");
        Assert.That((await Verb(["close", .. named, "--by", "operator-1", "--second", "operator-1", "--reason", "x"])).Exit, Is.EqualTo(1), "the same");
        Assert.That((await Verb(["close", .. named, "--by", "Zhang San", "--second", "ZHANG  SAN", "--reason", "x"])).Exit, Is.EqualTo(1), "the same, written otherwise");
        Assert.That((await Verb(["close", .. named, "--by", "operator-1", "--second", "operator-2", "--reason", " "])).Exit, Is.EqualTo(1), "no reason");
        Assert.That((await Verb("list")).Said[0]!["closedAt"], Is.Null);

        var first = await Verb(["close", .. named, .. words]);
        var again = await Verb(["close", .. named, .. words]);
        var other = await Verb(["close", .. named, .. words[..^1], "another reason"]);
        var retried = await Verb(["retry", .. named]);
        Assert.That((first.Exit, again.Exit, other.Exit, retried.Exit), Is.EqualTo((0, 0, 1, 1)));
        Assert.That(Outcomes(other.Said).Concat(Outcomes(retried.Said)), Is.EqualTo(new[] { "closedOtherwise", "closed" }));

        Assert.That((await Verb("list")).Said, Is.Empty);
        var listed = (await Verb("list", "--closed")).Said.Single()!;
        Assert.That((string)listed["closedReason"]!, Is.EqualTo("cannot be read"));
        Assert.That(await Health(), Is.EqualTo("healthy"));
        var identity = (await app.Reconcile()).Identities.Single(one => one.Name == "accepted = stored + in flight + quarantined");
        Assert.That((identity.Left, identity.Right), Is.EqualTo((2, 2)), "one stored, one given up");
    }

    [Test]
    public async Task What_is_not_there_is_refused_and_nothing_is_owed()
    {
        await Quarantine(1);
        string[] named = ["--subscriber", "register-violations", "--position", "4711", "--item", "0"];

        var retried = await Verb(["retry", .. named]);
        var closed = await Verb(["close", .. named, "--by", "a", "--second", "b", "--reason", "c"]);
        Assert.That((retried.Exit, closed.Exit), Is.EqualTo((1, 1)));
        Assert.That(Outcomes(retried.Said).Concat(Outcomes(closed.Said)), Is.EqualTo(new[] { "unknown", "unknown" }));
        Assert.That((await Verb("retry", "--subscriber", "register-violations")).Exit, Is.EqualTo(1), "neither one nor all");
    }
}
