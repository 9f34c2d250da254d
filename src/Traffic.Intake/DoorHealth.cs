using Microsoft.Extensions.Diagnostics.HealthChecks;
using Traffic.Intake.Activities;

namespace Traffic.Intake;

/// <summary>Whether what is sent is taken: a database that answers may have no room to write.</summary>
sealed class DoorHealth(CommitQueue violations, ActivityQueue activities, Backlog backlog) : IHealthCheck
{
    /// <inheritdoc/>
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) => Task.FromResult(
        backlog.Closed ? HealthCheckResult.Degraded("The Register is too far behind: no violation is taken.")
        : (violations.Failing ?? activities.Failing) is (var since, var fault)
            ? HealthCheckResult.Degraded("What was sent last could not be committed.", data: new Dictionary<string, object> { ["since"] = since, ["fault"] = fault })
            : HealthCheckResult.Healthy());
}
