using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Traffic.Catalogue;
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
        var catalogue = LoadCatalogue(SchemaFiles.From(builder.Configuration).PathOf("catalogue"));
        builder.Services.AddSingleton(catalogue);
        builder.Services.AddSingleton<RegisterStore>();
        builder.Services.AddSingleton(services => new Decider(
            catalogue, services.GetRequiredService<Divisions>(), services.GetRequiredService<ImportMaps>(),
            services.GetRequiredService<Seal>().Derive("driver")));
        builder.Services.AddHostedService<SeedCatalogue>();
        builder.Services.AddSingleton<ExplanationsApi>();
    }

    static Catalogue.Catalogue LoadCatalogue(string folder)
    {
        try { return Catalogue.Catalogue.Load(folder); }
        catch (CatalogueException wrong) { throw new StartRefusedException(wrong.Message, wrong); }
    }

    /// <inheritdoc/>
    public void AddSubscribers(ISubscriptions log)
    {
        log.Add<RegisterViolations>(stream: "intake");
        log.Add<ApplyDecisions>(stream: "casework");
    }

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder routes) => routes.ServiceProvider.GetRequiredService<ExplanationsApi>().Map(routes);
}
