using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Traffic.Platform;

namespace Traffic.Reporting;

/// <summary>To be filled.</summary>
public sealed class ReportingModule : IModule
{
    /// <inheritdoc/>
    public string Name => "reporting";

    /// <inheritdoc/>
    public void AddServices(IHostApplicationBuilder builder) { }

    /// <inheritdoc/>
    public void AddSubscribers(ISubscriptions log) { }

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder routes) { }
}
