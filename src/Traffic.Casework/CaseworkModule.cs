using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Traffic.Platform;

namespace Traffic.Casework;

/// <summary>Confirm, reject, void, resolve: what people decide about a record.</summary>
public sealed class CaseworkModule : IModule
{
    /// <inheritdoc/>
    public string Name => "casework";

    /// <inheritdoc/>
    public void AddServices(IHostApplicationBuilder builder)
    {
        Dapper.DefaultTypeMap.MatchNamesWithUnderscores = true;
        builder.Services.AddSingleton(services => new CaseStore(services.GetRequiredService<IDatabases>().Of("casework")));
        builder.Services.AddSingleton<CasesApi>();
    }

    /// <inheritdoc/>
    public void AddSubscribers(ISubscriptions log) { }

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder routes) => routes.ServiceProvider.GetRequiredService<CasesApi>().Map(routes);
}
