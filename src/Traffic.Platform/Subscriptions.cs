using Microsoft.Extensions.DependencyInjection;

namespace Traffic.Platform;

/// <summary>One subscriber of this process.</summary>
/// <param name="Name">Its name in <c>platform.subscriber</c>, and its queue's.</param>
/// <param name="Stream">The log it listens to.</param>
/// <param name="Module">The module whose database role it acts as.</param>
/// <param name="Type">The class that handles its batches.</param>
/// <param name="Pace">Rest after a batch that was not full, so that the next is larger; zero where somebody waits for it.</param>
/// <param name="PaceFrom">Items in a batch from which on it rests.</param>
/// <param name="PaceEach">And items in each of its deliveries, on average.</param>
/// <param name="FromNow">Where it is new, it is owed what comes from then on; else all that ever came.</param>
sealed record Subscription(
    string Name, string Stream, string Module, Type Type, TimeSpan Pace = default, int PaceFrom = 1, int PaceEach = 1, bool FromNow = false)
{
    /// <summary>True if it rests after such a batch.</summary>
    public bool RestsAfter(int items, int deliveries) => items >= PaceFrom && items >= deliveries * PaceEach;
}

/// <summary>The subscribers of all modules this process runs, in the order the modules named them.</summary>
sealed class Subscriptions(IServiceCollection services)
{
    readonly List<Subscription> all = [];

    public IReadOnlyList<Subscription> All => all;

    public ISubscriptions For(IModule module) => new Door(this, module.Name);

    public void Add<TSubscriber>(string stream, string module, TimeSpan pace = default, int paceFrom = 1, int paceEach = 1, bool fromNow = false)
        where TSubscriber : class, ISubscriber
    {
        services.AddSingleton<TSubscriber>();
        all.Add(new Subscription(KebabCase(typeof(TSubscriber).Name), stream, module, typeof(TSubscriber), pace, paceFrom, paceEach, fromNow));
    }

    /// <summary><c>RegisterViolations</c> becomes <c>register-violations</c>.</summary>
    internal static string KebabCase(string name) => string.Concat(
        name.Select((c, i) => char.IsUpper(c) ? (i == 0 ? "" : "-") + char.ToLowerInvariant(c) : c.ToString()));

    sealed class Door(Subscriptions subscriptions, string module) : ISubscriptions
    {
        public void Add<TSubscriber>(string stream, TimeSpan pace, int paceFrom, int paceEach) where TSubscriber : class, ISubscriber =>
            subscriptions.Add<TSubscriber>(stream, module, pace, paceFrom, paceEach);
    }
}
