using System.Text.Json;
using MassTransit;
using Traffic.Contracts;

namespace Traffic.Platform;

/// <summary>Subscriber <c>announce</c> of the log <c>register</c>: tells other systems what changed, at least once.</summary>
sealed class Announce(IBus bus) : ISubscriber
{
    /// <summary>Changes in one message, so that it stays some 100 kB.</summary>
    const int MaxChanges = 500;

    /// <summary>A broker that is away must not hold the transaction open: the delivery is tried again later.</summary>
    static readonly TimeSpan PublishTimeout = TimeSpan.FromSeconds(5);

    public async Task Handle(LogBatch batch, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(PublishTimeout);
        foreach (var row in batch.Read(Parse).GroupBy(one => one.Slice))
        {
            var sequence = row.Key.FirstSequence + row.Key.FirstItem;
            foreach (var changes in row.Select(one => one.Value).Chunk(MaxChanges))
            {
                await bus.Publish(
                    new StandingsChanged { Position = row.Key.Position, FirstSequence = sequence, Changes = changes },
                    limit.Token);
                sequence += changes.Length;
            }
        }
    }

    static StandingChanged Parse(ReadOnlyMemory<byte> line) =>
        JsonSerializer.Deserialize(line.Span, TrafficJson.Plain.StandingChanged)!;
}
