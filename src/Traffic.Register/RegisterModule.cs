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
        builder.Services.AddSingleton(services => Running(
            services.GetRequiredService<IDatabases>(), services.GetRequiredService<Divisions>(), services.GetRequiredService<ImportMaps>(),
            services.GetRequiredService<Seal>()));
        // Read while the rest of the program is put together.
        var catalogue = SchemaFiles.From(builder.Configuration).PathOf("catalogue");
        builder.Services.AddSingleton(Task.Run(() => CatalogueOnDisk.Read(catalogue)));
        builder.Services.AddHostedService<SeedCatalogue>();
        builder.Services.AddSingleton<ExplanationsApi>();
        builder.Services.AddSingleton<CatalogueReleases>();
        builder.Services.AddSingleton<CataloguePreviews>();
        builder.Services.AddSingleton<DecideAgain>();
        builder.Services.AddSingleton(new CatalogueWorkers(Math.Clamp(Environment.ProcessorCount, 1, 8)));
        builder.Services.AddSingleton<CatalogueTasks>();
        builder.Services.AddHostedService(services => services.GetRequiredService<CatalogueTasks>());
        builder.Services.AddSingleton(services => new CatalogueVersions(services.GetRequiredService<IDatabases>().Of("register")));
        builder.Services.AddSingleton<CatalogueChangesApi>();
        builder.Services.AddSingleton(services => Pinyin.Load(services.GetRequiredService<SchemaFiles>()));
        builder.Services.AddSingleton<CatalogueApi>();
    }

    /// <summary>The catalogue in force, and what decides by it.</summary>
    internal static RunningCatalogue Running(IDatabases databases, Divisions divisions, ImportMaps maps, Seal seal)
    {
        var salt = seal.Derive("driver");
        return new RunningCatalogue(databases, catalogue => new Decider(catalogue, divisions, maps, salt));
    }

    /// <summary>When so many come at once, a moment's rest brings more of them: larger batches move fewer cells for each record.</summary>
    const int Crowd = 800;

    /// <summary>… of a feed. Whoever sends one waits for it, however many do: a rest would bring the next batch to a crowd again, and so on.</summary>
    const int Feed = 100;

    static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(100);

    /// <inheritdoc/>
    public void AddSubscribers(ISubscriptions log)
    {
        log.Add<RegisterViolations>(stream: "intake", Pace, paceFrom: Crowd, paceEach: Feed);
        log.Add<RegisterActivity>(stream: "activity");
        log.Add<ApplyDecisions>(stream: "casework");
    }

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder routes)
    {
        routes.ServiceProvider.GetRequiredService<ExplanationsApi>().Map(routes);
        routes.ServiceProvider.GetRequiredService<CatalogueChangesApi>().Map(routes);
        routes.ServiceProvider.GetRequiredService<CatalogueApi>().Map(routes);
    }
}
