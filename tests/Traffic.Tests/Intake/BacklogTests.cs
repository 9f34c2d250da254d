using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Npgsql;
using NUnit.Framework;
using Traffic.Intake;
using Traffic.Tests.Broker;

namespace Traffic.Tests.Intake;

/// <summary>Intake leaves the machine to a Register that is behind, and takes in all that comes when that does nothing.</summary>
[Category("Postgres")]
public sealed class BacklogTests
{
    [TestCase(1_000, 2_000, null, Description = "two seconds behind")]
    [TestCase(1_000, 2_001, 1_000)]
    [TestCase(0, 100_000, null, Description = "stopped: the log keeps what comes")]
    [TestCase(-5, 100_000, null)]
    public void Its_pace_is_kept_to_from_two_seconds_on(double perSecond, long inFlight, double? pace) =>
        Assert.That(Backlog.PaceOf(perSecond, inFlight), Is.EqualTo(pace));

    [TestCase(63, 1, null, 6)]
    [TestCase(64, 1, null, 0)]
    [TestCase(1, 63, 20_000, 6, Description = "3.15 ms worth")]
    [TestCase(8, 100, 10_000, 80)]
    [TestCase(1, 1_000, 10_000, 100)]
    [TestCase(2, 1_000, 10_000, 100, Description = "never longer")]
    [TestCase(200, 10, 10_000, 0, Description = "no feed")]
    [TestCase(100, 11, 20_000, 55)]
    public void What_feeds_sent_is_held_back_by_what_it_is_worth_and_never_longer_than_100_ms(int submissions, int items, double? perSecond, int ms) =>
        Assert.That(CommitQueue.PaceAfter([.. Enumerable.Repeat(items, submissions)], perSecond).TotalMilliseconds, Is.EqualTo(ms));

    [Test]
    public async Task It_is_told_by_what_the_register_did_and_forgotten_when_that_stops()
    {
        await using var database = await IntakeDatabase.Create();
        await database.Ask<long>("select count(*) from (select platform.subscribe('register-violations', 'intake', 0)) as subscribed");
        var queue = await database.Started();
        for (var i = 0; i < 100; i++)
            await queue.Commit(new("officer", [Sent.Prepare(Sent.ByOfficer())], [], allOrNone: false), default);
        Assert.That(await database.Store().Work(default), Is.EqualTo((100L, 100L)));

        using var backlog = new Backlog(database.Store(), limit: 50, NullLogger<Backlog>.Instance);
        await backlog.StartAsync(default);
        for (var done = 0; done < 60 && backlog.Pace is null; done++)
        {
            await database.Ask<long>("""
                with gone as (delete from platform.delivery where position = (select min(position) from platform.delivery) returning 1)
                select count(*) from gone
                """);
            await Task.Delay(200);
        }
        Assert.That(backlog.Pace, Is.GreaterThan(0).And.LessThan(50), "some five a second were done");
        Assert.That(backlog.Closed, Is.True);

        await Eventually(() => backlog.Pace is null);
        await backlog.StopAsync(default);
    }

    [Test]
    public async Task A_running_queue_holds_a_feed_back_by_what_the_register_does_and_no_longer_than_it_has_to()
    {
        await using var database = await IntakeDatabase.Create();
        using var backlog = new Backlog(database.Store(), limit: 50, NullLogger<Backlog>.Instance) { Pace = 2_000 };
        var clock = new FakeTimeProvider();
        var queue = database.Queue(backlog: backlog, clock: clock);
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        await queue.StartAsync(default);
        Task<Receipt[]> Feed() => queue.Commit(new("feed", [.. Enumerable.Range(0, 100).Select(_ => Sent.Prepare(Sent.ByOfficer()))], [], allOrNone: false), patience.Token);
        await Feed();

        var held = Feed();
        await Task.Delay(500);
        clock.Advance(TimeSpan.FromMilliseconds(49));
        await Task.Delay(500);
        Assert.That(held.IsCompleted, Is.False, "50 ms' worth was taken before");
        backlog.Pace = null;
        clock.Advance(TimeSpan.FromMilliseconds(1));
        await held;
        await Feed();

        Assert.That(await database.Accepted(), Is.EqualTo(300));
    }

    [Test]
    public async Task The_door_is_closed_where_the_register_is_too_far_behind_says_so_and_opens_again()
    {
        await using var app = await TrafficApp.Start(new Dictionary<string, string?> { ["Traffic:MaxInFlight"] = "0" });
        await using var source = NpgsqlDataSource.Create(app.Database.ConnectionString);
        await using var connection = await source.OpenConnectionAsync();
        var register = await connection.BeginTransactionAsync();
        await using (var held = new NpgsqlCommand("lock table register.catalogue in access exclusive mode", connection))
            await held.ExecuteNonQueryAsync();
        using (var taken = await TwoProcesses.Post(app.Http, TwoProcesses.Stop([Guid.NewGuid()])))
            Assert.That(taken.StatusCode, Is.EqualTo(HttpStatusCode.Created));

        await Eventually(async () => await Door(app) == "degraded");
        var stop = TwoProcesses.Stop([Guid.NewGuid()]);
        using (var refused = await TwoProcesses.Post(app.Http, stop))
            Assert.That((refused.StatusCode, refused.Headers.RetryAfter is not null), Is.EqualTo((HttpStatusCode.ServiceUnavailable, true)));

        await register.RollbackAsync();
        await Eventually(async () => await Door(app) == "healthy");
        using (var taken = await TwoProcesses.Post(app.Http, stop))
            Assert.That(taken.StatusCode, Is.EqualTo(HttpStatusCode.Created));
    }

    static async Task<string> Door(TrafficApp app) =>
        (string)(await app.Http.GetFromJsonAsync<JsonNode>("/health/ready"))!["parts"]!["intake"]!["status"]!;

    static Task Eventually(Func<bool> holds) => Eventually(() => Task.FromResult(holds()));

    static async Task Eventually(Func<Task<bool>> holds)
    {
        for (var tries = 0; tries < 100 && !await holds(); tries++)
            await Task.Delay(100);
        Assert.That(await holds());
    }
}
