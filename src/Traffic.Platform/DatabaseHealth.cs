using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Traffic.Platform;

/// <summary>Ready means: the database answers.</summary>
public sealed class DatabaseHealth(IDatabases databases) : IHealthCheck
{
    /// <inheritdoc/>
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            await using var command = databases.Of("operator").CreateCommand("select 1");
            await command.ExecuteScalarAsync(cancellationToken);
            return HealthCheckResult.Healthy();
        }
        catch (Exception fault)
        {
            return HealthCheckResult.Unhealthy("The database does not answer.", fault);
        }
    }
}
