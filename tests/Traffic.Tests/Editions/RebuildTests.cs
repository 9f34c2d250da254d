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
            """);
        await TestCluster.Execute(database, sql);
        return () => TestCluster.Execute(database, """
            truncate register.cell, register.violation;
            insert into register.cell table kept.cell; insert into register.violation table kept.violation;
            drop schema kept cascade
            """);
    }
}
