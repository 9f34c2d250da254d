using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Traffic.Platform;

namespace Traffic.Casework;

/// <summary>To be filled.</summary>
public sealed class CaseworkModule : IModule
{
    /// <inheritdoc/>
    public string Name => "casework";

    /// <inheritdoc/>
    public void AddServices(IHostApplicationBuilder builder) { }

    /// <inheritdoc/>
    public void AddSubscribers(ISubscriptions log) { }

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder routes) { }
}
