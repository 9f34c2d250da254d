using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using NUnit.Framework;
using Traffic.Tests.Broker;
using Traffic.Tests.Register;

namespace Traffic.Tests.Log;

/// <summary>A full disk: what is sent waits at its sender, what was taken waits in the log, and health tells of it.</summary>
[Category("Postgres")]
[TestFixture("53100"), TestFixture("XX000", Description = "What a new connection is told while the disk is full.")]
public sealed class NoRoomTests(string told)
{
    TrafficApp app = null!;

    [SetUp]
    public async Task Start()
    {
        app = await TrafficApp.Start();
        // A sequence goes on where everything else is rolled back.
        await Do($"""
            create sequence public.refused minvalue 0 start 0;
            grant usage on sequence public.refused to public;
            create function public.no_room() returns trigger language plpgsql as $$
            begin
                perform nextval('public.refused');
                raise exception 'No space left on device' using errcode = '{told}';
            end $$
            """);
    }

    [TearDown]
    public async Task Stop() => await app.DisposeAsync();

    Task<List<int>> Do(string sql) => app.Rows(sql, _ => 0);

    Task<List<int>> Fill(string table) => Do($"create trigger no_room before insert on {table} for each statement execute function public.no_room()");

    Task<List<int>> MakeRoom(string table) => Do($"drop trigger no_room on {table}");

    async Task<JsonNode> Door()
    {
        using var answer = await app.Http.GetAsync("/health/ready");
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.OK), "reports are still answered");
        return (await answer.Content.ReadFromJsonAsync<JsonNode>())!["parts"]!["intake"]!;
    }

    [Test]
    public async Task What_cannot_be_written_is_told_to_come_back_and_taken_once_there_is_room()
    {
        var stop = TwoProcesses.Stop([Guid.NewGuid()]);
        await Fill("intake.key");
        using (var refused = await TwoProcesses.Post(app.Http, stop))
            Assert.That((refused.StatusCode, refused.Headers.RetryAfter is not null), Is.EqualTo((HttpStatusCode.ServiceUnavailable, true)));
        var door = await Door();
        Assert.That(((string)door["status"]!, (string)door["data"]!["fault"]!), Is.EqualTo(("degraded", told)));

        await MakeRoom("intake.key");
        using var taken = await TwoProcesses.Post(app.Http, stop);
        Assert.That(taken.StatusCode, Is.EqualTo(HttpStatusCode.Created));
        Assert.That((string)(await Door())["status"]!, Is.EqualTo("healthy"));
        await app.NothingInFlight();
        await app.CountsAgree();
    }

    [Test]
    public async Task What_was_taken_waits_and_is_never_put_aside()
    {
        await Fill("register.violation");
        using (var taken = await TwoProcesses.Post(app.Http, TwoProcesses.Stop([Guid.NewGuid(), Guid.NewGuid()])))
            Assert.That(taken.StatusCode, Is.EqualTo(HttpStatusCode.Created));
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while ((await app.Rows("select last_value from public.refused", row => row.GetInt64(0))).Single() < 3)
            await Task.Delay(20, limit.Token);
        // While one is being made an attempt is counted; it is taken back as soon as it is known why it failed.
        while (!(await app.Rows("select attempts from platform.delivery where subscriber = 'register-violations'", row => row.GetInt32(0))).All(attempts => attempts == 0))
            await Task.Delay(20, limit.Token);

        await MakeRoom("register.violation");
        await app.NothingInFlight();
        await app.CountsAgree();
        Assert.That(await app.Rows("select count(*) from register.violation union all select count(*) from platform.quarantine", row => row.GetInt64(0)), Is.EqualTo([2, 0]));
    }
}
