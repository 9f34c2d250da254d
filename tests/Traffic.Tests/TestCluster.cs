using Npgsql;
using NUnit.Framework;
using Traffic.Platform.Postgres;

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
        folder = Directory.CreateTempSubdirectory("traffic-test-").FullName;
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, (UnixFileMode)Convert.ToInt32("755", 8));
        var binaries = new PostgresLadder(folder, "system", TestContext.Progress.WriteLine).Climb();
        cluster = new PostgresCluster(folder, binaries, ["fsync=off", "full_page_writes=off", "shared_buffers=128MB"]);
        return await cluster.Start(default);
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
