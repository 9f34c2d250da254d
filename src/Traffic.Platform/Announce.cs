using MassTransit;
using Traffic.Contracts;

namespace Traffic.Platform;

/// <summary>Subscriber <c>announce</c> of the log <c>register</c>: tells other systems what changed, at least once.</summary>
sealed class Announce(IBus bus) : ISubscriber
{
    /// <summary>Changes in one message, so that it stays some 100 kB.</summary>
    const int MaxChanges = 500;

    /// <summary>A broker that is away must not hold the transaction open: the delivery is tried again later.</summary>
    internal static readonly TimeSpan PublishTimeout = TimeSpan.FromSeconds(5);

    public async Task Handle(LogBatch batch, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(PublishTimeout);
        await Publish(batch.Read(Log.Standing), (position, sequence, changes) =>
            new StandingsChanged { Position = position, FirstSequence = sequence, Changes = changes }, limit.Token);
        await Publish(batch.Read(Log.Activity), (position, sequence, changes) =>
            new ActivitiesChanged { Position = position, FirstSequence = sequence, Changes = changes }, limit.Token);
    }

    /// <summary>A log row holds changes of one type.</summary>
    async Task Publish<TChange, TMessage>(
        IEnumerable<(LogSlice Slice, int Item, TChange Value)> items, Func<long, long, TChange[], TMessage> message, CancellationToken cancel)
        where TMessage : class
    {
        foreach (var row in items.GroupBy(one => one.Slice))
        {
            var sequence = row.Key.FirstSequence + row.Key.FirstItem;
            foreach (var changes in row.Select(one => one.Value).Chunk(MaxChanges))
            {
                await bus.Publish(message(row.Key.Position, sequence, changes), cancel);
                sequence += changes.Length;
            }
        }
    }
}

/// <summary>Subscriber <c>announce-alarm</c> of the log <c>alarm</c>: tells other systems of broken zero targets, at least once.</summary>
sealed class AnnounceAlarm(IBus bus) : ISubscriber
{
    public async Task Handle(LogBatch batch, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Announce.PublishTimeout);
        foreach (var (_, _, alarm) in batch.Read(Log.Alarm))
            await bus.Publish(alarm, limit.Token);
    }
}
