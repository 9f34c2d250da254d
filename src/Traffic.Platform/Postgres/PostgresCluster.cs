using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Npgsql;

namespace Traffic.Platform.Postgres;

/// <summary>A real PostgreSQL of our own, as a child service: below one folder, on 127.0.0.1 alone, with a password nobody chose.</summary>
/// <param name="folder">The data folder; the cluster lies in a sub-folder named by PostgreSQL's major version.</param>
/// <param name="binaries">The programs to run it with.</param>
/// <param name="settings">Settings beside the defaults, e.g. <c>fsync=off</c> for a throw-away cluster.</param>
sealed class PostgresCluster(string folder, PostgresBinaries binaries, IReadOnlyList<string> settings)
{
    const string Owner = "traffic";
    const int StartTries = 8;

    /// <summary>Full durability. The sizes suit one machine: recovery is bounded by the WAL since the last checkpoint.</summary>
    static readonly string[] Defaults =
    [
        "listen_addresses=127.0.0.1", "shared_buffers=256MB", "max_wal_size=2GB", "checkpoint_timeout=15min",
        "max_connections=200", "timezone=UTC", "log_timezone=UTC", "jit=off", "logging_collector=off",
        // The detail of an error quotes the row, and a log outlives the erasure of a person.
        "log_error_verbosity=terse",
    ];

    string Cluster => Path.Combine(folder, $"cluster-{binaries.Major}");
    string PasswordFile => Path.Combine(folder, "keys", "postgres.password");
    string PidFile => Path.Combine(Cluster, "postmaster.pid");

    /// <summary>Makes the cluster if there is none, starts it if it does not run.</summary>
    /// <param name="cancel">Cancels.</param>
    /// <param name="at">The port to listen at; null takes a free one.</param>
    /// <returns>A connection string for the owner.</returns>
    public async Task<string> Start(CancellationToken cancel, int? at = null)
    {
        Prepare();
        for (var attempt = 1; ; attempt++)
        {
            if (await Running(cancel) is { } running)
                return running;
            // Others have the port of a server that was killed. Where it is taken, the file is gone with the failure.
            var port = at ?? Port ?? FreePort();
            var options = string.Join(' ', Defaults.Concat(settings).Append($"port={port}").Select(setting => $"-c {setting}"))
                + $" -c unix_socket_directories=\"{Cluster}\"";
            var code = await Run("pg_ctl", "start", "-s", "-w", "-t", "60", "-D", Cluster, "-l", Path.Combine(Cluster, "server.log"), "-o", options);
            if (code == 0 && await Running(cancel) is { } started)
                return started;
            // After a kill -9 the old backends keep the shared memory for a moment.
            if (attempt == StartTries)
                throw new StartRefusedException($"PostgreSQL in {Cluster} does not start; its own words are in server.log there.");
            await Task.Delay(TimeSpan.FromMilliseconds(400), cancel);
        }
    }

    /// <summary>Stops the server at once but cleanly. Harmless when it does not run.</summary>
    public Task Stop() => Run("pg_ctl", "stop", "-s", "-m", "fast", "-w", "-t", "30", "-D", Cluster);

    /// <summary>Process id of the server, from its own file; null when there is none.</summary>
    public int? ServerId =>
        File.Exists(PidFile) && int.TryParse(File.ReadLines(PidFile).FirstOrDefault(), CultureInfo.InvariantCulture, out var id) ? id : null;

    /// <summary>Where it listens, or listened until it was killed; null when there is no such file.</summary>
    int? Port =>
        File.Exists(PidFile) && int.TryParse(File.ReadLines(PidFile).ElementAtOrDefault(3), CultureInfo.InvariantCulture, out var port) ? port : null;

    /// <summary>False where its process is gone, or is dead and nobody has taken note; where that cannot be seen, true.</summary>
    public bool IsAlive
    {
        get
        {
            if (!OperatingSystem.IsLinux())
                return true;
            try
            {
                return ServerId is { } id && File.ReadAllText($"/proc/{id}/stat") is var state
                    && state.Contains("(postgres)", StringComparison.Ordinal) && !state.Contains(") Z ", StringComparison.Ordinal);
            }
            catch (IOException) { return false; }
        }
    }

    void Prepare()
    {
        Directory.CreateDirectory(folder);
        Directory.CreateDirectory(Path.GetDirectoryName(PasswordFile)!);
        if (File.Exists(Path.Combine(Cluster, "PG_VERSION")))
            return;
        if (Directory.Exists(Cluster))
            Directory.Delete(Cluster, recursive: true);
        Directory.CreateDirectory(Cluster);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Cluster, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (!File.Exists(PasswordFile))
            WriteSecret(PasswordFile, RandomNumberGenerator.GetHexString(40));
        var readable = Path.Combine(Cluster, "..", $"initdb-{Guid.NewGuid():n}");
        WriteSecret(readable, File.ReadAllText(PasswordFile));
        Chown(Cluster);
        Chown(readable);
        try
        {
            var code = Run("initdb", "-D", Cluster, "-U", Owner, "-A", "scram-sha-256", $"--pwfile={readable}",
                "-E", "UTF8", "--locale=C.UTF-8", "--data-checksums", "--no-instructions").GetAwaiter().GetResult();
            if (code != 0)
                throw new StartRefusedException($"initdb could not make a cluster in {Cluster}.");
        }
        finally
        {
            File.Delete(readable);
        }
    }

    /// <summary>The connection string of the server that runs on this cluster; null when none answers.</summary>
    async Task<string?> Running(CancellationToken cancel)
    {
        if (Port is not { } number)
            return null;
        try
        {
            await using var connection = new NpgsqlConnection(ConnectionString(number, pooling: false));
            await connection.OpenAsync(cancel);
            return ConnectionString(number, pooling: true);
        }
        catch (PostgresException fault) when (fault.SqlState == PostgresErrorCodes.CannotConnectNow)
        {
            return null;
        }
        catch (NpgsqlException fault) when (fault.InnerException is SocketException or IOException or TimeoutException)
        {
            return null;
        }
    }

    string ConnectionString(int port, bool pooling) => new NpgsqlConnectionStringBuilder
    {
        Host = "127.0.0.1", Port = port, Username = Owner, Password = File.ReadAllText(PasswordFile), Database = "postgres",
        GssEncryptionMode = GssEncryptionMode.Disable, Pooling = pooling, Timeout = 5,
    }.ConnectionString;

    /// <summary>PostgreSQL refuses root: as root its programs run as <c>postgres</c>, or as <c>nobody</c> where there is none.</summary>
    async Task<int> Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(binaries.Bin, program), arguments) { WorkingDirectory = "/tmp" };
        if (binaries.LibraryPath is { } libraries)
            start.Environment["LD_LIBRARY_PATH"] = libraries;
        start.Environment["TZ"] = "UTC";
        if (program == "initdb")
            start.RedirectStandardOutput = true;
        if (Unprivileged is { } user)
            start.UserName = user;
        using var process = Process.Start(start)!;
        if (program == "initdb")
            await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode;
    }

    static string? Unprivileged => Environment.UserName != "root" ? null
        : File.ReadLines("/etc/passwd").Any(line => line.StartsWith("postgres:", StringComparison.Ordinal)) ? "postgres" : "nobody";

    static void Chown(string path)
    {
        if (Unprivileged is { } user)
            Commands.Run("chown", [user, path], []);
    }

    static void WriteSecret(string path, string secret)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var file = new FileStream(path, options);
        file.Write(System.Text.Encoding.ASCII.GetBytes(secret));
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
