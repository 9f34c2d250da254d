using System.Collections.Concurrent;
using Npgsql;

namespace Traffic.Platform;

/// <summary>One pool for each module, over one login: each acts as its module's role.</summary>
public sealed class ModuleDatabases(string connectionString) : IDatabases, IAsyncDisposable
{
    readonly ConcurrentDictionary<string, NpgsqlDataSource> byModule = new();
    readonly Lazy<NpgsqlDataSource> owner = new(() => Source(connectionString, null));

    /// <inheritdoc/>
    public NpgsqlDataSource Owner => owner.Value;

    /// <inheritdoc/>
    public NpgsqlDataSource Of(string module) => byModule.GetOrAdd(module, name => Source(connectionString, $"traffic_{name}"));

    static NpgsqlDataSource Source(string connectionString, string? role) =>
        NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connectionString)
        {
            ApplicationName = role ?? "traffic_owner",
            Options = role is null ? null : $"-c role={role}",
            NoResetOnClose = true,
            MaxAutoPrepare = 60,
            AutoPrepareMinUsages = 2,
            GssEncryptionMode = GssEncryptionMode.Disable,
            Timezone = "UTC",
            MaxPoolSize = 20,
            // A server that takes connections and says nothing was seen to cost a request twice this.
            Timeout = 3,
            // The first statement of a transaction hears of no cancellation: with the time to tell the server, still less than a request may take.
            CommandTimeout = 5,
            // A server that hears no cancellation either is left after a second, so that a request is answered in time.
            CancellationTimeout = 1_000,
        }.ConnectionString);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var source in byModule.Values)
            await source.DisposeAsync();
        if (owner.IsValueCreated)
            await owner.Value.DisposeAsync();
    }
}
