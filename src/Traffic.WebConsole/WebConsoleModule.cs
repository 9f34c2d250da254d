using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Traffic.Platform;
using Traffic.Platform.Postgres;

namespace Traffic.WebConsole;

/// <summary>The pages. They ask the HTTP API like anyone else, and own no table and no rule.</summary>
public sealed class WebConsoleModule : IModule
{
    /// <inheritdoc/>
    public string Name => "console";

    /// <inheritdoc/>
    /// <remarks><c>Traffic:ApiBase</c>: address of the API, where another process answers it; by default this one does.</remarks>
    public void AddServices(IHostApplicationBuilder builder)
    {
        var apiBase = builder.Configuration["Traffic:ApiBase"];
        builder.Services.AddRazorComponents();
        // Not in the home folder, which a service may not have; the folder is the owner's alone, so they lie there unwrapped.
        builder.Services.AddDataProtection().SetApplicationName("traffic").PersistKeysToFileSystem(
            Directory.CreateDirectory(Path.Combine(EmbeddedPostgres.DataFolder(builder.Configuration), "keys", "console")));
        builder.Logging.AddFilter("Microsoft.AspNetCore.DataProtection", LogLevel.Error);
        builder.Services.AddHttpClient(ApiClient.Name).RemoveAllLoggers();
        builder.Services.AddSingleton(services => ActivatorUtilities.CreateInstance<ApiClient>(services, new ApiAddress(apiBase)));
        builder.Services.AddSingleton<ConsolePages>();
        builder.Services.AddSingleton<ReportPages>();
        builder.Services.AddSingleton<UnitPages>();
        builder.Services.AddSingleton<CataloguePages>();
        builder.Services.AddSingleton<EditionPages>();
    }

    /// <inheritdoc/>
    public void AddSubscribers(ISubscriptions log) { }

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder routes)
    {
        routes.ServiceProvider.GetRequiredService<ConsolePages>().Map(routes);
        routes.ServiceProvider.GetRequiredService<ReportPages>().Map(routes);
        routes.ServiceProvider.GetRequiredService<UnitPages>().Map(routes);
        routes.ServiceProvider.GetRequiredService<CataloguePages>().Map(routes);
        routes.ServiceProvider.GetRequiredService<EditionPages>().Map(routes);
    }
}
