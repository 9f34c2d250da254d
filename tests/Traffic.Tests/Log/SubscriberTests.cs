using System.Text.Json.Nodes;
using NUnit.Framework;
using Traffic.Tests.Register;

namespace Traffic.Tests.Log;

/// <summary>Other systems' subscribers are added, removed and replayed by an operator; the modules' own are not.</summary>
[Category("Postgres")]
public sealed class SubscriberTests
{
    TrafficApp app = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        app = await TrafficApp.Start();
        for (var i = 0; i < 3; i++)
            await app.Officer(app.RedLight());
    }

    [OneTimeTearDown]
    public async Task Stop() => await app.DisposeAsync();

    async Task<(int Exit, string Said)> Verb(params string[] arguments)
    {
        var (exit, said, complained) = await Executable.Run(
            ["subscriber", .. arguments], ("ConnectionStrings:Traffic", app.Database.ConnectionString));
        return (exit, said.Trim() + complained.Trim());
    }

    async Task<long?> Owed(string subscriber) => (long?)JsonNode.Parse((await Verb("list", "--json")).Said)!.AsArray()
        .SingleOrDefault(row => (string)row!["subscriber"]! == subscriber)?["owed"];

    [Test]
    public async Task One_is_added_from_the_start_replayed_and_removed()
    {
        var told = (await app.Rows("select records from platform.stream where stream = 'register'", row => row.GetInt64(0))).Single();
        Assert.That(await Verb("add", "--subscriber", "archive", "--stream", "register"), Is.EqualTo((0, "added")));
        Assert.That(await Verb("add", "--subscriber", "archive", "--stream", "register"), Is.EqualTo((0, "there already")));
        Assert.That(await Owed("archive"), Is.EqualTo(told));

        await app.Rows("delete from platform.delivery where subscriber = 'archive'", _ => 0);
        Assert.That(await Verb("replay", "--subscriber", "archive"), Is.EqualTo((0, $"{told} records in {told} rows are owed again")));
        Assert.That(await Verb("replay", "--subscriber", "archive"), Is.EqualTo((0, "0 records in 0 rows are owed again")));
        Assert.That(await Owed("archive"), Is.EqualTo(told));

        Assert.That(await Verb("remove", "--subscriber", "archive"), Is.EqualTo((0, "removed")));
        Assert.That(await Verb("remove", "--subscriber", "archive"), Is.EqualTo((0, "absent")));
        Assert.That(await Owed("archive"), Is.Null);
        await app.CountsAgree();
    }

    [Test]
    public async Task One_that_is_not_there_is_owed_nothing_and_that_is_said() => Assert.That(
        await Verb("replay", "--subscriber", "anounce"), Is.EqualTo((1, "There is no subscriber 'anounce': subscriber list shows them. 没有此订阅者。")));

    [Test]
    public async Task One_added_now_is_owed_only_what_comes()
    {
        Assert.That((await Verb("add", "--subscriber", "listener", "--stream", "intake", "--from", "now")).Exit, Is.Zero);
        Assert.That(await Owed("listener"), Is.Zero);
        await app.Http.PostAsync("/api/v1/violations", new StringContent(
            System.Text.Json.JsonSerializer.Serialize(app.RedLight(), Traffic.Contracts.TrafficJson.Plain.ReportedViolation),
            System.Text.Encoding.UTF8, "application/json"));

        Assert.That(await Owed("listener"), Is.EqualTo(1));
        Assert.That((await Verb("remove", "--subscriber", "listener")).Exit, Is.Zero);
        await app.NothingInFlight();
    }

    /// <summary>Whoever first connects a broker to a system with years of records wants what changes, and a start in time.</summary>
    [Test]
    public async Task Others_are_told_of_what_changes_from_when_it_is_first_announced()
    {
        await app.NothingInFlight();
        var before = (await app.Rows("select max(position) from platform.log where stream = 'register'", row => row.GetInt64(0))).Single();
        await using (var announcing = await TrafficApp.Start(new Dictionary<string, string?> { ["Traffic:Announce"] = "true" }, on: app.Database))
            Assert.That(await app.Rows("select from_position, (select count(*) from platform.delivery d where d.subscriber = s.subscriber) from platform.subscriber s where subscriber = 'announce'",
                row => (row.GetInt64(0), row.GetInt64(1))), Is.EqualTo([(before + 1, 0L)]));
        await app.Rows("select platform.unsubscribe('announce'), platform.unsubscribe('announce-alarm')", _ => 0);
    }

    [TestCase("remove")]
    [TestCase("replay")]
    public async Task Those_that_store_and_count_may_not_be_touched(string verb)
    {
        Assert.That((await Verb(verb, "--subscriber", "register-violations")).Exit, Is.EqualTo(1));
        Assert.That(await Owed("register-violations"), Is.Zero);
    }

    [Test]
    public async Task One_with_records_in_quarantine_is_not_removed()
    {
        await Verb("add", "--subscriber", "broken", "--stream", "register");
        await app.Rows("""
            with gone as (delete from platform.delivery where subscriber = 'broken' returning *)
            insert into platform.quarantine (subscriber, position, item, created_at, attempts, reason)
            select subscriber, position, first_item, created_at, 5, 'test' from gone
            """, _ => 0);

        Assert.That((await Verb("remove", "--subscriber", "broken")).Exit, Is.EqualTo(1));
        Assert.That((await Verb("replay", "--subscriber", "broken")).Said, Does.StartWith("0 records"), "they wait in quarantine");
        Assert.That(await Owed("broken"), Is.Zero);
        await app.Rows("delete from platform.quarantine", _ => 0);
        Assert.That((await Verb("remove", "--subscriber", "broken")).Exit, Is.Zero);
    }

    [Test]
    public async Task A_stream_that_is_none_is_refused() =>
        Assert.That((await Verb("add", "--subscriber", "archive", "--stream", "nothing")).Exit, Is.EqualTo(2));
}
