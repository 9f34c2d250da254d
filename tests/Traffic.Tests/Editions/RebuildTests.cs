using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using NUnit.Framework;
using Traffic.Host.Rebuild;
using Traffic.Platform;

namespace Traffic.Tests.Editions;

/// <summary>Cells made anew from the records are the running ones, byte for byte; whoever touches either is found.</summary>
[Category("Postgres")]
public sealed class RebuildTests
{
    TrafficApp app = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        app = await TrafficApp.Start();
        for (var i = 0; i < 12; i++)
        {
            var answer = await app.Http.PostAsJsonAsync("/api/v1/violations", new
            {
                recordId = Guid.NewGuid(), source = i % 2 == 0 ? "roadsideCheck" : "nightInspection", occurredAt = app.Now.AddDays(-i - 1),
                divisionCode = i % 3 == 0 ? "152502" : "152531", offenceKind = i % 4 == 0 ? "speeding" : "red-light", signals = new[] { "redLight" },
                plate = "蒙H00001", plateType = "02", vehicleType = "K33", useNature = "A",
            });
            Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Created), await answer.Content.ReadAsStringAsync());
        }
        await app.NothingInFlight();
        await Decide("void", "某丙");
        await Decide("reject", "某丁");
        var crash = await app.Http.PostAsJsonAsync("/api/v1/crashes", new
        {
            recordId = Guid.NewGuid(), occurredAt = app.Now.AddDays(-2), divisionCode = "152502", roadKind = "urban", dead = 0, injured = 1, lossCny = 100, causes = new[] { "speeding" },
        });
        Assert.That(crash.StatusCode, Is.EqualTo(HttpStatusCode.Created), await crash.Content.ReadAsStringAsync());
        await app.NothingInFlight();
    }

    async Task Decide(string action, string? secondPerson)
    {
        await using var source = NpgsqlDataSource.Create(app.Database.ConnectionString);
        await using var command = source.CreateCommand("select record_id from register.violation where revision = 1 limit 1");
        var answer = await app.Http.PostAsJsonAsync($"/api/v1/cases/{await command.ExecuteScalarAsync()}/decisions", new
        {
            decisionId = Guid.NewGuid(), revision = 1, action, decidedBy = "某乙", secondPerson, reason = "as seen",
        });
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted), await answer.Content.ReadAsStringAsync());
        await app.NothingInFlight();
    }

    [OneTimeTearDown]
    public async Task Stop() => await app.DisposeAsync();

    async Task<RebuildReport> Compare()
    {
        await using var source = NpgsqlDataSource.Create(app.Database.ConnectionString);
        return await new Rebuilder(source, app.Services.GetRequiredService<Cubes>()).Compare(default);
    }

    [Test, Order(1)]
    public async Task What_runs_is_what_the_records_give()
    {
        var found = await Compare();

        Assert.That(found.Ok);
        Assert.That(found.RebuiltSha256, Is.EqualTo(found.RunningSha256));
        Assert.That(found.Records, Is.EqualTo(12));
        Assert.That(found.Cells, Is.GreaterThan(12), "both cubes");
        Assert.That(found.NotRebuilt, Is.Empty);
    }

    [TestCase("update register.cell set value = value + 1 where ctid = (select ctid from register.cell where cube = 'violations' and value > 0 limit 1)", 1, 0)]
    [TestCase("delete from register.cell where ctid = (select ctid from register.cell where cube = 'campaignItems' and value > 0 limit 1)", 1, 0)]
    [TestCase("insert into register.cell values ('violations', '2022-07-08', '152502', 'x|x|confirmed|day|camera|car|-', 1)", 1, 0)]
    [TestCase("delete from register.violation where ctid = (select min(ctid) from register.violation where tableoid = (select min(tableoid) from register.violation))", 1, 1)]
    [TestCase("update register.violation set status = 'voided' where record_id = (select record_id from register.violation where status = 'confirmed' limit 1)", 2, 0)]
    [TestCase("delete from register.activity_count; delete from register.activity", 4, 1, Description = "a report of a crash is gone")]
    [TestCase("update register.violation set status = 'confirmed' where status = 'voided'", 2, 1, Description = "a void is not in force")]
    [TestCase("update register.violation set status = 'captured', revision = 1 where status = 'rejected'", 2, 1, Description = "as if nobody had decided")]
    [TestCase("delete from casework.decision where action = 'reject'", 0, 1, Description = "told of, but not kept")]
    [TestCase("delete from platform.log where stream = 'casework' and position = (select min(position) from platform.log where stream = 'casework')", 0, 1, Description = "kept, but not told of")]
    public async Task Whatever_is_touched_behind_the_service_is_found(string sql, int cellsAtLeast, int missing)
    {
        Assert.That((await Compare()).Ok, "before");
        var undo = await Planted(sql);
        var found = await Compare();
        await undo();

        Assert.That(found.Ok, Is.False);
        Assert.That(found.Differences, Has.Count.GreaterThanOrEqualTo(cellsAtLeast));
        Assert.That(found.Log, Has.Count.EqualTo(missing));
        Assert.That((await Compare()).Ok, "after");
    }

    /// <summary>Touches, and gives back what puts it as it was.</summary>
    async Task<Func<Task>> Planted(string sql)
    {
        var database = app.Database.ConnectionString;
        await TestCluster.Execute(database, """
            drop schema if exists kept cascade; create schema kept;
            create table kept.cell as table register.cell; create table kept.violation as table register.violation;
            create table kept.activity as table register.activity; create table kept.activity_count as table register.activity_count;
            create table kept.decision as table casework.decision; create table kept.log as select * from platform.log where stream = 'casework';
            """);
        await TestCluster.Execute(database, sql);
        // Nothing is truncated: that waits for whoever reads, who may wait for us.
        return () => TestCluster.Execute(database, """
            delete from register.cell; delete from register.violation; delete from register.activity_count; delete from register.activity;
            delete from casework.decision; delete from platform.log where stream = 'casework';
            insert into register.cell table kept.cell; insert into register.violation table kept.violation;
            insert into register.activity table kept.activity; insert into register.activity_count table kept.activity_count;
            insert into casework.decision table kept.decision; insert into platform.log table kept.log;
            drop schema kept cascade
            """);
    }
}
