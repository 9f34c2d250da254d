using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Traffic.Platform;

namespace Traffic.Intake;

/// <summary>To be filled.</summary>
public sealed class IntakeModule : IModule
{
    /// <inheritdoc/>
    public string Name => "intake";

    /// <inheritdoc/>
    public void AddServices(IHostApplicationBuilder builder) { }

    /// <inheritdoc/>
    public void AddSubscribers(ISubscriptions log) { }

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder routes) { }
}
