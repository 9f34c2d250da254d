using System.Text;
using Npgsql;
using NUnit.Framework;

namespace Traffic.Tests.Activities;

/// <summary>A body of the log may hold what cannot be processed, and rows may be handled in any order; nothing beside them suffers.</summary>
[Category("Postgres")]
public sealed class PoisonTests
{
    [TestCase("{\"recordId\":\"no uuid\"}", Description = "cannot be read")]
    [TestCase(null, Description = "can be read, and the database refuses it")]
    public async Task Only_the_report_at_fault_ends_in_quarantine(string? poison)
    {
        await using var app = await TrafficApp.Start();
        poison ??= Line(Guid.NewGuid(), 1, officer: "zero \\u0000 byte");
        List<string> lines = [.. Enumerable.Range(0, 9).Select(_ => Line(Guid.NewGuid(), 1))];
        lines.Insert(4, poison);

        await Append(app, lines);
        await app.NothingInFlight();

        Assert.That(
            await Traffic.Tests.Register.Sent.Rows(app, "select subscriber, item from platform.quarantine", row => (row.GetString(0), row.GetInt32(1))),
            Is.EqualTo(new[] { ("register-activity", 4) }));
        Assert.That(await app.Cells("crashes"), Is.EqualTo(9));
    }

    /// <remarks>With the highest revision no longer holding in <c>RegisterActivity</c> the first dead would stay counted.</remarks>
    [Test]
    public async Task A_report_that_comes_after_its_successor_never_holds()
    {
        await using var app = await TrafficApp.Start();
        var id = Guid.NewGuid();
        await Append(app, [Line(id, 3, dead: 3)]);
        await app.NothingInFlight();
        await Append(app, [Line(id, 1, dead: 1)]);
        await app.NothingInFlight();
        await Append(app, [Line(id, 4, dead: 4), Line(id, 2, dead: 2)]);
        await app.NothingInFlight();

        Assert.That((await app.Cells("crashes"), await app.Cells("deaths"), await app.Cells("activityReports")), Is.EqualTo((1, 4, 4)));
        Assert.That(
            await Traffic.Tests.Register.Sent.Rows(app, "select revision, ended_position is null, ended_position = began_position from register.activity order by 1",
                row => (row.GetInt32(0), row.GetBoolean(1), !row.IsDBNull(2) && row.GetBoolean(2))),
            Is.EqualTo(new[] { (1, false, true), (2, false, true), (3, false, false), (4, true, false) }));
        var found = await app.Reconcile();
        Assert.That(found.Cells, Is.Empty);
    }

    static string Line(Guid id, int revision, int dead = 0, string officer = "P001") =>
        $$$"""{"recordId":"{{{Guid.NewGuid()}}}","kind":"crash","activityId":"{{{id}}}","revision":{{{revision}}},"occurredAt":"2024-07-08T06:00:00+00:00","divisionCode":"152502","officerId":"{{{officer}}}","crash":{"dead":{{{dead}}},"injured":0,"lossCny":0}}""";

    static async Task Append(TrafficApp app, List<string> lines)
    {
        await using var source = NpgsqlDataSource.Create(app.Database.ConnectionString);
        await using var connection = await source.OpenConnectionAsync();
        await using var next = new NpgsqlCommand("select nextval('platform.position')", connection);
        var body = Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));
        await Traffic.Platform.Log.Append(connection, "activity", (long)(await next.ExecuteScalarAsync())!, lines.Count, body, default);
    }
}
