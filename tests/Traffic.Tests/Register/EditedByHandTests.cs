using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;
using NUnit.Framework;
using Traffic.Host.Reconcile;
using Traffic.Platform;
using Traffic.Tests.Activities;

namespace Traffic.Tests.Register;

/// <summary>Whoever has the database's password can edit anything in it. That it was edited is found, and which row.</summary>
[Category("Postgres")]
public sealed class EditedByHandTests
{
    TrafficApp app = null!;

    [SetUp]
    public async Task Start() => app = await TrafficApp.Start();

    [TearDown]
    public async Task Stop() => await app.DisposeAsync();

    [TestCase("points = points + 1", "points")]
    [TestCase("status = 'rejected', unit_code = '152502990000'", "status, unit_code|unit_code")]
    [TestCase("occurred_at = occurred_at - interval '1 minute'", "occurred_at")]
    [TestCase("officer_id = 'x', stop_id = null", "stop_id, officer_id")]
    [TestCase("plate = '蒙H99999'", "personal")]
    [TestCase("driver_phone = null", "personal")]
    [TestCase("reason = 'x'", "reason")]
    [TestCase("revision = revision + 1", "line|row")]
    public async Task A_record(string edit, string what)
    {
        var id = await app.Officer(app.RedLight() with { StopId = Guid.NewGuid(), DriverPhone = "13900000000" });
        await Edit($"update register.violation set {edit}");

        Assert.That((await Found()).Where(one => one.Id == id).Select(one => one.What), Is.EquivalentTo(what.Split('|')));
    }

    [Test]
    public async Task A_status_and_the_cells_that_count_it()
    {
        var id = await app.Officer(app.RedLight());
        await Edit("update register.violation set status = 'voided'", "update register.cell set keys = replace(keys, 'confirmed', 'voided')");

        Assert.That(await Found(), Is.EqualTo(new[] { new RowDifference("register.violation", id, 1, "status") }));
    }

    [Test]
    public async Task A_standing_that_no_longer_holds()
    {
        var id = await app.Officer(app.RedLight());
        await app.Decided(id, "void");
        await Edit("update register.former_standing set status = 'rejected', family = 'speeding'");

        Assert.That(await Found(), Is.EqualTo(new[] { new RowDifference("register.former_standing", id, 1, "status, family") }));
    }

    [Test]
    public async Task What_was_received()
    {
        var id = await app.Officer(app.RedLight());
        await app.Officer(app.RedLight());
        await Edit($"""
            update platform.log set body = convert_to(replace(convert_from(body, 'UTF8'), 'redLight', 'wrongWay'), 'UTF8')
            where position = (select position from register.violation where record_id = '{id}')
            """);

        Assert.That(await Found(), Is.EqualTo(new[] { new RowDifference("intake.key", id, null, "digest") }));
    }

    [Test]
    public async Task A_crash_and_what_it_counts_for()
    {
        await app.Taken("crashes", app.Crash(dead: 1).With("divisionCode", "152501"));
        await app.Taken("crashes", app.Crash(dead: 0));
        await Edit("update register.activity set detail = jsonb_set(detail, '{crash,dead}', to_jsonb(1 - (detail #>> '{crash,dead}')::int))");
        Assert.That((await Found()).Select(one => (one.Table, one.What)), Is.EqualTo(Enumerable.Repeat(("register.activity", "detail"), 2)));

        await Edit("update register.activity set detail = jsonb_set(detail, '{crash,dead}', to_jsonb(1 - (detail #>> '{crash,dead}')::int))",
            "update register.activity_count set day = day - 1 where cube = 'deaths'", "update register.cell set day = day - 1 where cube = 'deaths'");
        Assert.That((await Found()).Select(one => (one.Table, one.What)), Is.EqualTo([("register.activity", "counts")]));
    }

    [Test]
    public async Task A_row_that_nobody_reported()
    {
        var id = await app.Officer(app.RedLight());
        await Edit("delete from register.former_standing", $"delete from register.violation where record_id = '{id}'");

        Assert.That(await Found(), Is.EqualTo(new[] { new RowDifference("register.violation", id, 1, "row") }));
        var found = await app.Reconcile();
        Assert.That(found.Log.Select(one => (one.Stream, one.Rows)), Is.EqualTo([("intake", 0L)]));
    }

    /// <summary>A decision that was answered and that nobody owes any more.</summary>
    [Test]
    public async Task A_decision_that_came_to_nothing()
    {
        var id = await app.Officer(app.RedLight());
        await Edit("create function skip() returns trigger language plpgsql as 'begin return null; end'",
            "create trigger skip before insert on platform.delivery for each row when (new.subscriber = 'apply-decisions') execute function skip()");
        using var answer = await app.Http.PostAsJsonAsync($"/api/v1/cases/{id}/decisions", new JsonObject
        {
            ["decisionId"] = Guid.NewGuid(), ["revision"] = 1, ["action"] = "void", ["decidedBy"] = "A", ["secondPerson"] = "B", ["reason"] = "r",
        });
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));

        var found = await app.Reconcile();
        Assert.That((found.Ok, found.Log.Select(one => one.Stream).Single()), Is.EqualTo((false, "casework")));
    }

    [Test]
    public async Task Without_the_master_key_all_but_receipts_is_compared_and_an_erased_person_is_no_fault()
    {
        var id = await app.Officer(app.RedLight());
        var whole = await app.Reconcile();
        Assert.That((whole.Ok, whole.ReceiptsCompared, whole.RowsCompared), Is.EqualTo((true, 1L, 2L)), "as reported, and as told");

        await using var source = NpgsqlDataSource.Create(app.Database.ConnectionString);
        var without = await new Reconciler(source, new SchemaFiles(Path.Combine(Repository.Root, "schemas")), null).Run(default);
        Assert.That((without.Ok, without.ReceiptsCompared, without.RowsCompared), Is.EqualTo((true, 0L, 2L)));

        await Edit($"update intake.key set data_key = null where record_id = '{id}'",
            "update register.violation set plate = null, driver_id_number = null, driver_name = null, driver_phone = null, driver_key = null");
        Assert.That((await app.Reconcile()).Ok, Is.True);
    }

    [Test]
    public async Task Another_master_key_is_no_fault_of_the_records_but_one_key_among_many_is()
    {
        var id = await app.Officer(app.RedLight());
        await app.Officer(app.RedLight());
        await app.NothingInFlight();
        await using var source = NpgsqlDataSource.Create(app.Database.ConnectionString);
        var other = await new Reconciler(source, new SchemaFiles(Path.Combine(Repository.Root, "schemas")), new Seal(Seal.NewKey())).Run(default);
        Assert.That((other.Ok, other.ReceiptsCompared), Is.EqualTo((true, 0L)));

        await Edit($"update intake.key set data_key = set_byte(data_key, 30, get_byte(data_key, 30) # 1) where record_id = '{id}'");
        Assert.That(await Found(), Is.EqualTo(new[] { new RowDifference("intake.key", id, null, "key") }));
    }

    async Task<IReadOnlyList<RowDifference>> Found()
    {
        var found = await app.Reconcile();
        Assert.That(found.Ok, Is.False);
        return found.Rows;
    }

    async Task Edit(params string[] all)
    {
        await app.NothingInFlight();
        foreach (var sql in all)
            await TestCluster.Execute(app.Database.ConnectionString, sql);
    }
}
