using System.Text;
using System.Text.Json;
using Npgsql;
using NUnit.Framework;
using Traffic.Contracts;

namespace Traffic.Tests.Register;

/// <summary>A body of the log may hold what cannot be processed; the records beside it must not suffer.</summary>
[Category("Postgres")]
public sealed class PoisonTests
{
    [TestCase("{\"recordId\":\"no uuid\"}", Description = "cannot be read")]
    [TestCase(null, Description = "can be read, and the database refuses it")]
    public async Task Only_the_record_at_fault_ends_in_quarantine(string? poison)
    {
        await using var app = await TrafficApp.Start();
        poison ??= Line(app.RedLight() with { OfficerId = "zero \0 byte" });
        List<string> lines = [.. Enumerable.Range(0, 9).Select(_ => Line(app.RedLight()))];
        lines.Insert(4, poison);

        await Append(app, lines);
        await app.NothingInFlight();

        Assert.That(
            await app.Rows("select subscriber, item from platform.quarantine", row => (row.GetString(0), row.GetInt32(1))),
            Is.EqualTo(new[] { ("register-violations", 4) }));
        Assert.That(await app.Rows("select item from register.violation order by item", row => row.GetInt32(0)),
            Is.EqualTo(new[] { 0, 1, 2, 3, 5, 6, 7, 8, 9 }));
        Assert.That(await app.Rows("select sum(value)::bigint from register.cell where cube = 'violations'", row => row.GetInt64(0)), Is.EqualTo(new[] { 9L }));
    }

    static string Line(ReportedViolation record) => JsonSerializer.Serialize(record, TrafficJson.Plain.ReportedViolation);

    static async Task Append(TrafficApp app, List<string> lines)
    {
        await using var source = NpgsqlDataSource.Create(app.Database.ConnectionString);
        await using var connection = await source.OpenConnectionAsync();
        await using var next = new NpgsqlCommand("select nextval('platform.position')", connection);
        var body = Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n")));
        await Traffic.Platform.Log.Append(connection, "intake", (long)(await next.ExecuteScalarAsync())!, lines.Count, body, default);
    }
}
