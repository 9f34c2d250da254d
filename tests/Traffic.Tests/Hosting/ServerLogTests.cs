using Npgsql;
using NUnit.Framework;

namespace Traffic.Tests.Hosting;

/// <summary>What a server of our own writes down is kept when a person is erased: it names nobody.</summary>
[Category("Postgres")]
public sealed class ServerLogTests
{
    [Test]
    public async Task A_row_that_breaks_a_rule_is_not_written_into_the_servers_log()
    {
        await using var database = await TestCluster.CreateDatabase();
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        var (rule, name) = ($"rule_{Guid.NewGuid():n}", $"Zhang {Guid.NewGuid():n}");
        await using (var table = source.CreateCommand($"create table person (name text constraint {rule} check (name = ''))"))
            await table.ExecuteNonQueryAsync();
        await using var insert = source.CreateCommand("insert into person values ($1)");
        insert.Parameters.Add(new() { Value = name });
        Assert.ThrowsAsync<PostgresException>(() => insert.ExecuteNonQueryAsync());

        await using var log = source.CreateCommand("select pg_read_file('server.log')");
        Assert.That(await log.ExecuteScalarAsync(), Does.Contain(rule).And.Not.Contains(name));
    }
}
