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

        foreach (var assembly in assemblies.Distinct())
        {
            var result = DeployChanges.To
                .PostgresqlDatabase(connectionString)
                .JournalToPostgresqlTable("public", "traffic_migration")
                .WithScripts(Scripts(assembly))
                .WithTransactionPerScript()
                // A large table takes its time; a start that gave up half-way would only begin again.
                .WithExecutionTimeout(TimeSpan.FromHours(4))
                .WithVariablesDisabled()
                .LogToNowhere()
                .Build()
                .PerformUpgrade();
            if (!result.Successful)
                throw new InvalidOperationException($"The migration {result.ErrorScript?.Name} failed.", result.Error);
        }
    }

    static SqlScript[] Scripts(Assembly assembly) =>
    [
        .. assembly.GetManifestResourceNames()
            .Where(name => name.EndsWith(".sql", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(name => SqlScript.FromStream(name, assembly.GetManifestResourceStream(name)!)),
    ];
}
