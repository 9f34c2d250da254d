using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Traffic.Platform;

namespace Traffic.Register;

/// <summary>Decides, stores and counts: the register of violations.</summary>
public sealed class RegisterModule : IModule
{
    /// <inheritdoc/>
    public string Name => "register";

    /// <inheritdoc/>
    public void AddServices(IHostApplicationBuilder builder)
    {
        builder.Services.AddSingleton<RegisterStore>();
        builder.Services.AddSingleton(services =>
        {
            var (divisions, maps) = (services.GetRequiredService<Divisions>(), services.GetRequiredService<ImportMaps>());
            var salt = services.GetRequiredService<Seal>().Derive("driver");
            return new RunningCatalogue(services.GetRequiredService<IDatabases>(), catalogue => new Decider(catalogue, divisions, maps, salt));
        });
        builder.Services.AddHostedService<SeedCatalogue>();
        builder.Services.AddSingleton<ExplanationsApi>();
    }

    /// <inheritdoc/>
    public void AddSubscribers(ISubscriptions log)
    {
        log.Add<RegisterViolations>(stream: "intake");
        log.Add<RegisterActivity>(stream: "activity");
        log.Add<ApplyDecisions>(stream: "casework");
    }

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder routes) => routes.ServiceProvider.GetRequiredService<ExplanationsApi>().Map(routes);
}
