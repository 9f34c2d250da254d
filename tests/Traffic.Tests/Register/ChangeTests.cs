using Npgsql;
using NUnit.Framework;
using Traffic.Contracts;
using Traffic.Platform;
using Traffic.Register;

namespace Traffic.Tests.Register;

/// <summary>A new revision keeps the one before, whole; whoever read an older one changes nothing.</summary>
[Category("Postgres")]
public sealed class ChangeTests
{
    const string Standing = """
        revision, began_position, status, entry, family, division, day, shift_date, shift, source, vehicle_class, origin, items, overlays,
        reason, changed_by, points, fine_min, fine_max, criminal_referral, law_edition, catalogue_version, trace, unit_code, occurred_at
        """;

    TrafficApp app = null!;
    Guid recordId;

    [SetUp]
    public async Task Start()
    {
        app = await TrafficApp.Start();
        recordId = await app.Officer(app.RedLight());
    }

    [TearDown]
    public async Task Stop() => await app.DisposeAsync();

    [Test]
    public async Task What_stood_before_is_kept_as_it_stood()
    {
        var before = await Rows("register.violation");
        await using var first = await Transaction.Begin(app);

        await first.Void(await first.Read(recordId), position: 77);
        await first.Commit();

        Assert.That(await Rows("register.former_standing"), Is.EqualTo(before).And.Count.EqualTo(1));
        Assert.That(await app.Rows("select ended_position from register.former_standing", row => row.GetInt64(0)), Is.EqualTo(new[] { 77L }));
        Assert.That(
            await app.Rows("select revision, status, began_position from register.violation", row => (row.GetInt32(0), row.GetString(1), row.GetInt64(2))),
            Is.EqualTo(new[] { (2, "voided", 77L) }));
    }

    [Test]
    public async Task Who_comes_second_changes_nothing_and_is_told()
    {
        await using var first = await Transaction.Begin(app);
        await using var second = await Transaction.Begin(app);
        var read = await first.Read(recordId);

        await first.Void(read, position: 77);
        var waiting = second.Void(read, position: 78);
        await first.Commit();

        Assert.That(async () => await waiting, Throws.TypeOf<ChangedMeanwhileException>());
        Assert.That(await app.Rows("select ended_position from register.former_standing", row => row.GetInt64(0)), Is.EqualTo(new[] { 77L }));
    }

    async Task<List<string>> Rows(string table) => await app.Rows($"select row({Standing})::text from {table}", row => row.GetString(0));

    /// <summary>One who read a record and changes it.</summary>
    sealed class Transaction(NpgsqlConnection connection, NpgsqlTransaction transaction) : IAsyncDisposable
    {
        public static async Task<Transaction> Begin(TrafficApp app)
        {
            var connection = new NpgsqlConnection(app.Database.ConnectionString);
            await connection.OpenAsync();
            return new Transaction(connection, await connection.BeginTransactionAsync());
        }

        public async Task<StoredRow> Read(Guid recordId) =>
            (await RegisterStore.Read(connection, $"select {RegisterStore.Columns} from register.violation v where v.record_id = $1", [new() { Value = recordId }], default)).Single();

        public Task Void(StoredRow read, long position)
        {
            var trip = new RoundTrip(connection);
            RegisterStore.Change(trip, position, [new ChangedRow(read, read.Standing with { Revision = read.Standing.Revision + 1, Status = StandingStatus.Voided })]);
            return trip.Send(default);
        }

        public Task Commit() => transaction.CommitAsync();

        public async ValueTask DisposeAsync()
        {
            await transaction.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
