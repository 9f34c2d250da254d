using Npgsql;
using NUnit.Framework;
using Traffic.Platform.Postgres;

// Each fixture has a database and hosts of its own. Those that kill or freeze what others use too run alone, after the rest.
[assembly: Parallelizable(ParallelScope.Fixtures)]
[assembly: LevelOfParallelism(2)]

namespace Traffic.Tests;

/// <summary>One throw-away PostgreSQL for the whole run, found as the product finds its own; one database for each that asks.</summary>
[SetUpFixture]
public sealed class TestCluster
{
    static PostgresCluster? cluster;
    static string? folder;
    static readonly SemaphoreSlim Gate = new(1, 1);
    static string? server;

    /// <summary>A new, empty database.</summary>
    internal static async Task<TestDatabase> CreateDatabase()
    {
        var administrator = await Server();
        var name = $"test_{Guid.NewGuid():n}";
        await Execute(administrator, $"create database {name}");
        return new TestDatabase(administrator, name);
    }

    /// <summary>The administrator's connection string.</summary>
    internal static async Task<string> Server()
    {
        await Gate.WaitAsync();
        try
        {
            return server ??= await Start();
        }
        finally
        {
            Gate.Release();
        }
    }

    static async Task<string> Start()
    {
        (folder, cluster) = Make();
        return await cluster.Start(default);
    }

    /// <summary>One that nobody else uses, not yet started, and its folder, which whoever asks removes.</summary>
    internal static (string Folder, PostgresCluster Cluster) Make()
    {
        var folder = Directory.CreateTempSubdirectory("traffic-test-").FullName;
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, (UnixFileMode)Convert.ToInt32("755", 8));
        var binaries = new PostgresLadder(folder, "system", TestContext.Progress.WriteLine).Climb();
        return (folder, new PostgresCluster(folder, binaries, ["fsync=off", "full_page_writes=off", "shared_buffers=128MB"]));
    }

    /// <summary>Stops the server and removes its folder.</summary>
    [OneTimeTearDown]
    public static async Task Stop()
    {
        if (cluster is null)
            return;
        NpgsqlConnection.ClearAllPools();
        await cluster.Stop();
        Directory.Delete(folder!, recursive: true);
    }

    internal static async Task Execute(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}

/// <summary>A database of one test, gone with it.</summary>
sealed class TestDatabase(string administrator, string name) : IAsyncDisposable
{
    public string ConnectionString { get; } =
        new NpgsqlConnectionStringBuilder(administrator) { Database = name, Pooling = true, MaxPoolSize = 30 }.ConnectionString;

    public async ValueTask DisposeAsync() =>
        await TestCluster.Execute(administrator, $"drop database if exists {name} with (force)");
}
