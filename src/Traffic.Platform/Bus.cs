using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Traffic.Contracts;

namespace Traffic.Platform;

/// <summary>The bus, and the log's subscribers behind it. The one file that configures MassTransit.</summary>
public static class Bus
{
    /// <summary>Nudges beyond this many, waiting in a queue nobody reads, are refused and so dropped: they only wake.</summary>
    const int MaxQueuedNudges = 10_000;

    static readonly TimeSpan NudgePace = TimeSpan.FromMilliseconds(30), NudgePaceInMemory = TimeSpan.FromMilliseconds(6);

    static readonly TimeSpan AnnouncePace = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// A nudge handed out so often without being done with is put aside in <c>QUEUE_dead</c>. Said outright, because RabbitMQ 3
    /// would hand it out for ever and 4 would throw it away after 20 times.
    /// </summary>
    const int DeliveryLimit = 20;

    /// <summary>What follows a queue's name where nudges are put aside: unreadable, of no known type, or handed out too often.</summary>
    internal static readonly string[] Astray = ["_error", "_skipped", "_dead"];

    /// <summary>Adds bus, nudges and the subscribers of the modules.</summary>
    /// <remarks>
    /// Settings: <c>ConnectionStrings:RabbitMq</c> (none: in memory), <c>Traffic:Workers</c> (loops a subscriber; default: as many as processors, 2 to 4),
    /// <c>Traffic:BatchItems</c> (default 2000: records a transaction), <c>Traffic:RecentItems</c> (default 20000),
    /// <c>Traffic:Announce</c> (default: true with a broker, false without, since nobody outside can listen).
    /// </remarks>
    public static void AddBus(this IHostApplicationBuilder builder, IReadOnlyList<IModule> modules)
    {
        var broker = builder.Configuration.GetConnectionString("RabbitMq");
        var workers = builder.Configuration.GetValue("Traffic:Workers", Math.Clamp(Environment.ProcessorCount, 2, 4));
        var batchItems = builder.Configuration.GetValue("Traffic:BatchItems", 2_000);

        var subscriptions = new Subscriptions(builder.Services);
        foreach (var module in modules)
            module.AddSubscribers(subscriptions.For(module));
        if (builder.Configuration.GetValue("Traffic:Announce", broker is not null) && modules.Any(module => module.Name == "register"))
            subscriptions.Add<Announce>("register", "register", AnnouncePace, fromNow: true);
        if (builder.Configuration.GetValue("Traffic:Announce", broker is not null) && modules.Any(module => module.Name == "reporting"))
            subscriptions.Add<AnnounceAlarm>("alarm", "reporting", fromNow: true);

        builder.Services.AddSingleton(subscriptions);
        var recent = new RecentItems(builder.Configuration.GetValue("Traffic:RecentItems", 20_000));
        foreach (var subscription in subscriptions.All)
            recent.AddTaker(subscription.Stream);
        builder.Services.AddSingleton(recent);
        builder.Services.AddSingleton(services => ActivatorUtilities.CreateInstance<Nudges>(services, broker is null ? NudgePaceInMemory : NudgePace));
        builder.Services.AddSingleton<INudge>(services => services.GetRequiredService<Nudges>());
        builder.Services.AddHostedService(services => services.GetRequiredService<Nudges>());
        builder.Services.AddHostedService<AddSubscribers>();
        builder.Services.AddHostedService<InFlight>();
        foreach (var subscription in subscriptions.All)
            for (var i = 0; i < workers; i++)
            {
                var helps = i > 0;
                builder.Services.AddSingleton<IHostedService>(services => Worker(services, subscription, batchItems, helps));
            }
        builder.Services.AddSingleton(services => new Workers(services));

        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            if (broker is null)
                bus.UsingInMemory((services, memory) => Endpoints(services, subscriptions, memory));
            else
                bus.UsingRabbitMq((services, rabbit) =>
                {
                    rabbit.Host(new Uri(broker.Replace("amqp://", "rabbitmq://", StringComparison.Ordinal)));
                    Endpoints(services, subscriptions, rabbit);
                });
        });
        builder.Services.Configure<MassTransitHostOptions>(options => options.StopTimeout = TimeSpan.FromSeconds(5));
        builder.Services.TryAddSingleton(TimeProvider.System);
        if (broker is not null)
            builder.Services.AddHostedService(services => ActivatorUtilities.CreateInstance<QueueDepths>(services, broker));
        builder.Services.AddSingleton<QueueDepthGauge>();
    }

    /// <summary>Names of the modules' own subscribers: those that store and count, exactly once.</summary>
    public static IReadOnlyList<string> SubscribersOf(IEnumerable<IModule> modules)
    {
        var subscriptions = new Subscriptions(new ServiceCollection());
        foreach (var module in modules)
            module.AddSubscribers(subscriptions.For(module));
        return [.. subscriptions.All.Select(one => one.Name)];
    }

    static DeliverLog Worker(IServiceProvider services, Subscription subscription, int batchItems, bool helps) => new(
        subscription,
        (ISubscriber)services.GetRequiredService(subscription.Type),
        new DeliveryStore(services.GetRequiredService<IDatabases>().Of(subscription.Module), subscription.Name),
        services.GetRequiredService<RecentItems>(),
        services.GetRequiredService<INudge>(),
        services.GetRequiredService<ILogger<DeliverLog>>(),
        services.GetRequiredService<IHostApplicationLifetime>(),
        batchItems,
        () => services.GetRequiredService<Workers>().CallHelp(subscription.Name),
        helps);

    /// <summary>A queue for each subscriber; competing processes share it. No retry: a nudge only wakes.</summary>
    static void Endpoints(IServiceProvider services, Subscriptions subscriptions, IBusFactoryConfigurator bus)
    {
        foreach (var subscription in subscriptions.All)
            bus.ReceiveEndpoint(subscription.Name, endpoint =>
            {
                endpoint.PrefetchCount = 16;
                if (endpoint is IRabbitMqReceiveEndpointConfigurator queue)
                {
                    queue.SetQuorumQueue();
                    queue.SetQueueArgument("x-max-length", MaxQueuedNudges);
                    // Not drop-head: what is dropped there would be put aside with the dead.
                    queue.SetQueueArgument("x-overflow", "reject-publish");
                    queue.SetQueueArgument("x-delivery-limit", DeliveryLimit);
                    queue.BindDeadLetterQueue($"{subscription.Name}_dead", $"{subscription.Name}_dead", dead =>
                    {
                        dead.SetQuorumQueue();
                        dead.SetQueueArgument("x-max-length", MaxQueuedNudges);
                    });
                }
                endpoint.Handler<LogAppended>(context =>
                {
                    if (context.Message.Stream == subscription.Stream)
                        services.GetRequiredService<Workers>().Wake(subscription.Name);
                    return Task.CompletedTask;
                });
            });
    }
}

/// <summary>The running workers, to be woken by name.</summary>
sealed class Workers(IServiceProvider services)
{
    readonly Lazy<ILookup<string, DeliverLog>> byName = new(() =>
        services.GetServices<IHostedService>().OfType<DeliverLog>().ToLookup(worker => worker.Subscription.Name));

    /// <summary>There is work.</summary>
    public void Wake(string subscriber) => byName.Value[subscriber].First().Wake();

    /// <summary>There is more work than one can take at once.</summary>
    public void CallHelp(string subscriber)
    {
        foreach (var worker in byName.Value[subscriber].Skip(1))
            worker.Wake();
    }
}

/// <summary>Before any worker looks for work, its subscriber is a row that every process knows.</summary>
sealed class AddSubscribers(IDatabases databases, Subscriptions subscriptions) : BeforeServing
{
    protected override async Task Prepare(CancellationToken cancel)
    {
        var store = new SubscriberStore(databases.Owner);
        foreach (var subscription in subscriptions.All)
            await store.Add(subscription, cancel);
    }
}
