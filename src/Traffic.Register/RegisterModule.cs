using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Traffic.Platform;

namespace Traffic.Register;

/// <summary>To be filled.</summary>
public sealed class RegisterModule : IModule
{
    /// <inheritdoc/>
    public string Name => "register";

    /// <inheritdoc/>
    public void AddServices(IHostApplicationBuilder builder) { }

    /// <inheritdoc/>
    public void AddSubscribers(ISubscriptions log) { }

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder routes) { }
}
