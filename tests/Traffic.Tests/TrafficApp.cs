using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Traffic.Host;
using Traffic.Host.Reconcile;
using Traffic.Platform;

namespace Traffic.Tests;

/// <summary>The real host over a database of its own, with the bus in memory unless settings say otherwise.</summary>
sealed class TrafficApp : IAsyncDisposable
{
    readonly TestDatabase database;
    readonly WebApplication app;
    readonly bool keepDatabase;

    TrafficApp(TestDatabase database, WebApplication app, bool keepDatabase)
    {
        (this.database, this.app, this.keepDatabase) = (database, app, keepDatabase);
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public HttpClient Http { get; }

    public IServiceProvider Services => app.Services;

    public TestDatabase Database => database;

    public DateTimeOffset Now => app.Services.GetRequiredService<TimeProvider>().GetUtcNow();

    /// <param name="settings">Settings by name, e.g. <c>Traffic:Workers</c>.</param>
    /// <param name="on">A database to go on with, which is then not dropped; null makes a new one.</param>
    /// <param name="services">Last word on what is registered, e.g. another clock.</param>
    public static async Task<TrafficApp> Start(
        IReadOnlyDictionary<string, string?>? settings = null, TestDatabase? on = null, Action<IServiceCollection>? services = null)
    {
        var database = on ?? await TestCluster.CreateDatabase();
        var data = Path.Combine(Path.GetTempPath(), "traffic-test-keys");
        var builder = Serve.Builder([
            "--urls=http://127.0.0.1:0", $"--Traffic:Data={data}", $"--Traffic:Schemas={Path.Combine(Repository.Root, "schemas")}",
            .. (settings ?? new Dictionary<string, string?>()).Select(one => $"--{one.Key}={one.Value}")]);
        builder.Logging.SetMinimumLevel(LogLevel.Error);
        services?.Invoke(builder.Services);
        var app = await TrafficHost.Build(builder, database.ConnectionString);
        await app.StartAsync();
        return new TrafficApp(database, app, on is not null);
    }

    /// <summary>Waits until every subscriber has done all it owes.</summary>
    /// <exception cref="OperationCanceledException">Something is still in flight after so many minutes.</exception>
    public async Task NothingInFlight(int minutes = 1)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(minutes));
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        while (true)
        {
            await using var command = source.CreateCommand("select count(*) from platform.delivery");
            if ((long)(await command.ExecuteScalarAsync(limit.Token))! == 0)
                return;
        }
    }

    public async Task<Reconciliation> Reconcile()
    {
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        return await new Reconciler(source, app.Services.GetRequiredService<SchemaFiles>(), app.Services.GetRequiredService<Seal>()).Run(default);
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await app.StopAsync();
        await app.DisposeAsync();
        if (!keepDatabase)
            await database.DisposeAsync();
    }
}
