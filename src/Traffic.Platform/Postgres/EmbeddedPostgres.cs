using Microsoft.Extensions.Configuration;
using Npgsql;

namespace Traffic.Platform.Postgres;

/// <summary>The database this process works on: a configured one, or one of our own that is started and stopped with us.</summary>
public sealed class EmbeddedPostgres : IAsyncDisposable
{
    static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    readonly PostgresCluster? cluster;
    readonly string data;
    readonly FileStream? use;
    readonly CancellationTokenSource stop = new();
    readonly Task keeping;

    EmbeddedPostgres(string connectionString, PostgresCluster? cluster = null, string data = "", FileStream? use = null, Action<string>? say = null)
    {
        (ConnectionString, this.cluster, this.data, this.use) = (connectionString, cluster, data, use);
        keeping = cluster is null ? Task.CompletedTask : Keep(cluster, say!);
    }

    /// <summary>The owner's connection string.</summary>
    public string ConnectionString { get; }

    /// <summary>Process id of a server of our own; null for a configured one.</summary>
    public int? ServerId => cluster?.ServerId;

    /// <summary>
    /// <c>Traffic:Data</c>; by default <c>/var/lib/traffic</c> for root (a root home cannot be traversed by the user that
    /// PostgreSQL runs as), else <c>$XDG_DATA_HOME/traffic</c>.
    /// </summary>
    public static string DataFolder(IConfiguration settings) => Path.GetFullPath(settings["Traffic:Data"]
        ?? (Environment.UserName == "root" ? "/var/lib/traffic" : Path.Combine(
            Environment.GetEnvironmentVariable("XDG_DATA_HOME") is { Length: > 0 } home
                ? home
                : Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".local/share"),
            "traffic")));

    /// <summary>Takes the configured database, or finds, fetches and starts one. One process at a time climbs the ladder.</summary>
    /// <param name="settings"><c>ConnectionStrings:Traffic</c>, <c>Traffic:Data</c>, <c>Traffic:Postgres</c> (a step of the ladder, to try no other).</param>
    /// <param name="say">Tells a person what takes long.</param>
    /// <param name="cancel">Cancels.</param>
    /// <exception cref="StartRefusedException">No PostgreSQL is to be had; says what to do.</exception>
    public static async Task<EmbeddedPostgres> Start(IConfiguration settings, Action<string> say, CancellationToken cancel)
    {
        if (settings.GetConnectionString("Traffic") is { Length: > 0 } configured)
            return new EmbeddedPostgres(configured);

        var data = DataFolder(settings);
        Directory.CreateDirectory(data);
        await using var alone = await Lock(Path.Combine(data, "start.lock"), cancel);
        var cluster = new PostgresCluster(data, new PostgresLadder(data, settings["Traffic:Postgres"], say).Climb(), []);
        return new EmbeddedPostgres(await cluster.Start(cancel), cluster, data, Use(data), say);
    }

    /// <summary>Starts the server again where it was killed under us, at the port that everybody has.</summary>
    async Task Keep(PostgresCluster cluster, Action<string> say)
    {
        var port = new NpgsqlConnectionStringBuilder(ConnectionString).Port;
        while (true)
            try
            {
                await Task.Delay(LookEvery, stop.Token);
                if (cluster.IsAlive)
                    continue;
                await using var alone = await Lock(Path.Combine(data, "start.lock"), stop.Token);
                if (cluster.IsAlive)
                    continue;
                say("PostgreSQL ended by itself; it is started again. PostgreSQL 意外停止，正在重新启动。");
                await cluster.Start(stop.Token, port);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested) { return; }
            catch (Exception fault) { say(fault.Message); }
    }

    /// <summary>Held shared by each process that works on the cluster; the system lets go of it even where a process is killed.</summary>
    static FileStream Use(string data) =>
        new(Path.Combine(data, "in-use.lock"), FileMode.OpenOrCreate, FileAccess.Read, FileShare.Read);

    static bool UsedByOthers(string data)
    {
        try
        {
            using var alone = new FileStream(Path.Combine(data, "in-use.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return false;
        }
        catch (IOException) { return true; }
    }

    static async Task<FileStream> Lock(string path, CancellationToken cancel)
    {
        while (true)
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), cancel);
            }
    }

    /// <summary>
    /// The last one out stops the server, whoever started it: a verb that ends leaves a host's database running, and a host that
    /// found the server of one that was killed stops it all the same.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await keeping;
        stop.Dispose();
        if (cluster is null)
            return;
        await using var alone = await Lock(Path.Combine(data, "start.lock"), default);
        await use!.DisposeAsync();
        if (!UsedByOthers(data))
            await cluster.Stop();
    }
}
