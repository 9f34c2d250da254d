using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Hosting;

namespace Traffic.Platform;

/// <summary>One service of the system: a folder that could be deployed alone.</summary>
public interface IModule
{
    /// <summary>Its name in <c>Traffic:Modules</c>, in its schema and in its database role.</summary>
    string Name { get; }

    /// <summary>Registers what it is made of. Settings are read here and nowhere below.</summary>
    void AddServices(IHostApplicationBuilder builder);

    /// <summary>Says which logs it listens to.</summary>
    void AddSubscribers(ISubscriptions log);

    /// <summary>Maps its routes.</summary>
    void MapEndpoints(IEndpointRouteBuilder routes);
}

/// <summary>Where a module says what it listens to.</summary>
public interface ISubscriptions
{
    /// <summary>Adds a subscriber (its name is kebab case of the class, e.g. <c>register-violations</c>) of a stream.</summary>
    /// <param name="stream">Name of the stream, e.g. <c>intake</c>.</param>
    /// <param name="pace">
    /// Rest after a batch that was not full, so that the next is larger and costs less: for what nobody waits for to the millisecond.
    /// </param>
    /// <param name="paceFrom">Items in a batch from which on it rests: smaller ones show that somebody does wait.</param>
    /// <param name="paceEach">And items in each of its deliveries, on average.</param>
    void Add<TSubscriber>(string stream, TimeSpan pace = default, int paceFrom = 1, int paceEach = 1) where TSubscriber : class, ISubscriber;
}

/// <summary>Takes claimed deliveries and does what they ask, in their transaction.</summary>
/// <remarks>Bad data never throws for a whole batch's sake: the platform splits until the record at fault is alone.</remarks>
public interface ISubscriber
{
    /// <summary>Does the effects of the batch in <see cref="LogBatch.Transaction"/>; the platform commits.</summary>
    Task Handle(LogBatch batch, CancellationToken cancel);
}
