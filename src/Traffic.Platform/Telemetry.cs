using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Traffic.Platform;

/// <summary>Figures about the running system, in the format that Prometheus reads. Nothing personal in names or labels.</summary>
public static class Telemetry
{
    /// <summary>Collects our meters, the bus's and the web server's, and adds the health check <c>broker</c>.</summary>
    public static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOpenTelemetry().ConfigureResource(resource => resource.AddService("traffic")).WithMetrics(metrics => metrics
            .AddMeter("Traffic", "Traffic.*", "MassTransit", "Npgsql", "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel")
            .AddPrometheusExporter());
        builder.Services.AddHealthChecks().AddCheck<BrokerHealth>("broker");
    }

    /// <summary>Maps <c>/metrics</c>.</summary>
    public static void MapMetrics(this IEndpointRouteBuilder routes) => routes.MapPrometheusScrapingEndpoint("/metrics");
}

/// <summary>
/// A broker that is away makes work slower to start and loses nothing: degraded, not unhealthy. Nudges in an
/// <c>_error</c>, <c>_skipped</c> or <c>_dead</c> queue are an alarm.
/// </summary>
sealed class BrokerHealth(QueueDepthGauge queues) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var astray = queues.Depths
            .Where(one => one.Value > 0 && Bus.Astray.Any(end => one.Key.EndsWith(end, StringComparison.Ordinal)))
            .ToDictionary(one => one.Key, one => (object)one.Value);
        var depths = queues.Depths.ToDictionary(one => one.Key, one => (object)one.Value);
        return Task.FromResult(queues.Reachable switch
        {
            false => HealthCheckResult.Degraded("The broker does not answer; subscribers look by themselves every second."),
            _ when astray.Count > 0 => HealthCheckResult.Degraded("Nudges went astray.", data: astray),
            _ => HealthCheckResult.Healthy(data: depths),
        });
    }
}
