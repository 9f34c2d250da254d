using System.Reflection;
using DbUp;
using DbUp.Engine;
using Npgsql;

namespace Traffic.Platform;

/// <summary>Brings the tables up to date: numbered files of each module, forward only, run as the owner.</summary>
public static class Migrations
{
    /// <summary>Runs what has not run yet, assembly by assembly, file by file. Safe when several processes start at once.</summary>
    /// <exception cref="InvalidOperationException">A file failed; nothing of that file is kept.</exception>
    public static async Task Run(string connectionString, IEnumerable<Assembly> assemblies, CancellationToken cancel)
    {
        await using var connection = new NpgsqlConnection(
            new NpgsqlConnectionStringBuilder(connectionString) { Pooling = false, GssEncryptionMode = GssEncryptionMode.Disable }.ConnectionString);
        await connection.OpenAsync(cancel);
        await using var alone = new NpgsqlCommand("select pg_advisory_lock(hashtext('traffic migrations'))", connection);
        alone.CommandTimeout = 120;
        await alone.ExecuteNonQueryAsync(cancel);

        var known = await Known(connection, cancel);
        foreach (var assembly in assemblies.Distinct().Where(assembly => !Names(assembly).All(known.Contains)))
        {
            var engine = DeployChanges.To
                .PostgresqlDatabase(connectionString)
                .JournalToPostgresqlTable("public", "traffic_migration")
                .WithScripts(Scripts(assembly))
                .WithTransactionPerScript()
                // A large table takes its time; a start that gave up half-way would only begin again.
                .WithExecutionTimeout(TimeSpan.FromHours(4))
                .WithVariablesDisabled()
                .LogToNowhere()
                .Build();
            var result = engine.PerformUpgrade();
            for (var again = 0; again < 5 && IsOfRoles(result.Error); again++)
                result = engine.PerformUpgrade();
            if (!result.Successful)
                throw new InvalidOperationException($"The migration {result.ErrorScript?.Name} failed.", result.Error);
        }
    }

    /// <summary>Roles are the server's, not a database's: another of its databases, made at the same moment, was in the way.</summary>
    static bool IsOfRoles(Exception? fault) => fault is PostgresException
    {
        SqlState: PostgresErrorCodes.UniqueViolation, SchemaName: "pg_catalog",
    } or PostgresException { SqlState: PostgresErrorCodes.InternalError, MessageText: "tuple concurrently updated" };

    const string HasJournal = "select to_regclass('public.traffic_migration') is not null";
    const string Journal = "select scriptname from public.traffic_migration";

    /// <summary>The files that have run.</summary>
    static async Task<HashSet<string>> Known(NpgsqlConnection connection, CancellationToken cancel)
    {
        var known = new HashSet<string>();
        await using (var has = new NpgsqlCommand(HasJournal, connection))
            if (!(bool)(await has.ExecuteScalarAsync(cancel))!)
                return known;
        await using var command = new NpgsqlCommand(Journal, connection);
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            known.Add(row.GetString(0));
        return known;
    }

    static IEnumerable<string> Names(Assembly assembly) =>
        assembly.GetManifestResourceNames().Where(name => name.EndsWith(".sql", StringComparison.Ordinal)).Order(StringComparer.Ordinal);

    static SqlScript[] Scripts(Assembly assembly) =>
    [
        .. Names(assembly)
            .Select(name => SqlScript.FromStream(name, assembly.GetManifestResourceStream(name)!)),
    ];
}
