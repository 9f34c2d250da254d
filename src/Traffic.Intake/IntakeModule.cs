using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Traffic.Intake.Activities;
using Traffic.Platform;

namespace Traffic.Intake;

/// <summary>Takes records in and keeps them as reported; answers with receipts.</summary>
public sealed class IntakeModule : IModule
{
    /// <inheritdoc/>
    public string Name => "intake";

    /// <inheritdoc/>
    /// <remarks><c>Traffic:MaxInFlight</c> (default 5 million records): from there on intake answers 503.</remarks>
    public void AddServices(IHostApplicationBuilder builder)
    {
        var maxInFlight = builder.Configuration.GetValue("Traffic:MaxInFlight", 5_000_000L);
        builder.Services.AddSingleton(services => new ViolationStore(services.GetRequiredService<IDatabases>().Of("intake")));
        builder.Services.AddSingleton<Canonical>();
        builder.Services.AddSingleton<Door>();
        builder.Services.AddSingleton(services => Queue(services, services.GetRequiredService<Backlog>(), ViolationStore.Violations));
        builder.Services.AddHostedService(services => services.GetRequiredService<CommitQueue>());
        builder.Services.AddSingleton(services => new Backlog(
            services.GetRequiredService<ViolationStore>(), maxInFlight, services.GetRequiredService<ILogger<Backlog>>()));
        builder.Services.AddHostedService(services => services.GetRequiredService<Backlog>());
        builder.Services.AddSingleton<ViolationsApi>();

        builder.Services.AddSingleton(services => new ActivityStore(services.GetRequiredService<IDatabases>().Of("intake")));
        builder.Services.AddSingleton<ActivityDoor>();
        builder.Services.AddSingleton(services => new ActivityQueue(Queue(services, backlog: null, ViolationStore.Activities)));
        builder.Services.AddHostedService(services => services.GetRequiredService<ActivityQueue>());
        builder.Services.AddSingleton<ActivitiesApi>();
        builder.Services.AddHealthChecks().AddCheck<DoorHealth>("intake");
    }

    static CommitQueue Queue(IServiceProvider services, Backlog? backlog, string stream) => new(
        services.GetRequiredService<ViolationStore>(), services.GetRequiredService<Canonical>(), services.GetRequiredService<INudge>(),
        services.GetRequiredService<ILogger<CommitQueue>>(), backlog, TimeProvider.System, stream);

    /// <inheritdoc/>
    public void AddSubscribers(ISubscriptions log) { }

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder routes)
    {
        routes.ServiceProvider.GetRequiredService<ViolationsApi>().Map(routes);
        routes.ServiceProvider.GetRequiredService<ActivitiesApi>().Map(routes);
    }
}
