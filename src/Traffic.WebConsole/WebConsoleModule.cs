using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;
using Traffic.Platform;

namespace Traffic.WebConsole;

/// <summary>To be filled.</summary>
public sealed class WebConsoleModule : IModule
{
    /// <inheritdoc/>
    public string Name => "console";

    /// <inheritdoc/>
    public void AddServices(IHostApplicationBuilder builder) { }

    /// <inheritdoc/>
    public void AddSubscribers(ISubscriptions log) { }

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder routes) { }
}
