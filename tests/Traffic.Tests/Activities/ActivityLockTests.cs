using Npgsql;
using NUnit.Framework;
using Traffic.Register;

namespace Traffic.Tests.Activities;

[Category("Postgres")]
public sealed class ActivityLockTests
{
    /// <summary>The server's table of locks is shared by all that it does.</summary>
    [Test]
    public async Task However_many_activities_come_at_once_their_locks_are_few()
    {
        await using var database = await TestCluster.CreateDatabase();
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var connection = await source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();

        await RegisterStore.LockActivities(connection, Enumerable.Range(0, 5_000).Select(_ => Guid.CreateVersion7()), default);

        await using var held = new NpgsqlCommand("select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid()", connection);
        Assert.That((long)(await held.ExecuteScalarAsync())!, Is.EqualTo(512));
    }
}
