using Npgsql;
using NUnit.Framework;
using Traffic.Platform;

namespace Traffic.Tests.Hosting;

[Category("Postgres")]
public sealed class RolesTests
{
    [Test]
    public async Task Migrating_again_changes_nothing()
    {
        await using var database = await TestCluster.CreateDatabase();
        await Migrate(database);
        var first = await Journal(database);
        await Task.WhenAll(Migrate(database), Migrate(database));

        Assert.That(first, Is.GreaterThan(0));
        Assert.That(await Journal(database), Is.EqualTo(first));
    }

    /// <summary>Roles are the server's: whoever makes them first has made them for all.</summary>
    [Test]
    public async Task Databases_of_a_new_server_that_are_made_at_once_are_not_in_each_others_way()
    {
        var (folder, cluster) = TestCluster.Make();
        try
        {
            var server = await cluster.Start(default);
            var databases = Enumerable.Range(0, 8).Select(i => new TestDatabase(server, $"at_once_{i}")).ToList();
            for (var i = 0; i < databases.Count; i++)
                await TestCluster.Execute(server, $"create database at_once_{i}");

            await Task.WhenAll(databases.Select(one => Task.Run(() => Migrate(one))));

            var counts = await Task.WhenAll(databases.Select(Journal));
            Assert.That(counts, Is.All.EqualTo(counts[0]).And.All.GreaterThan(0));
        }
        finally
        {
            await cluster.Stop();
            Directory.Delete(folder, recursive: true);
        }
    }

    [TestCase("update platform.log set items = 1")]
    [TestCase("delete from platform.log")]
    [TestCase("truncate platform.log")]
    public async Task No_module_may_change_what_was_told(string sql)
    {
        await using var database = await TestCluster.CreateDatabase();
        await Migrate(database);
        await using var databases = new ModuleDatabases(database.ConnectionString);

        foreach (var module in new[] { "intake", "register", "casework", "reporting", "console" })
            Assert.That(await Refusal(databases.Of(module), sql), Is.EqualTo(PostgresErrorCodes.InsufficientPrivilege), module);
        Assert.That(await Refusal(databases.Of("register"), "select count(*) from platform.log"), Is.Null);
    }

    static Task Migrate(TestDatabase database) => Migrations.Run(database.ConnectionString, [typeof(IModule).Assembly], default);

    static async Task<long> Journal(TestDatabase database)
    {
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var command = source.CreateCommand("select count(*) from public.traffic_migration");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    static async Task<string?> Refusal(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        try
        {
            await command.ExecuteNonQueryAsync();
            return null;
        }
        catch (PostgresException fault) { return fault.SqlState; }
    }
}
