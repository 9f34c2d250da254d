using System.Threading.Channels;
using MassTransit;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Traffic.Contracts;

namespace Traffic.Platform;

/// <summary>Sends nudges over the bus: whatever gathered since the last one goes out as one. Full means dropped.</summary>
/// <param name="pace">
/// The least time between two. The first goes at once; a subscriber that is awake learns nothing by a second one a moment later,
/// and each costs a broker with durable queues as much as some thirty records cost the database.
/// </param>
sealed partial class Nudges(IBus bus, RecentItems recent, ILogger<Nudges> log, TimeSpan pace)
    : BackgroundService, INudge
{
    static readonly TimeSpan PublishTimeout = TimeSpan.FromSeconds(5);

    readonly Channel<(string Stream, long Position)> waiting =
        Channel.CreateBounded<(string, long)>(new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Appended(string stream, long position, Array? items)
    {
        if (items is not null)
            recent.Keep(stream, position, items);
        waiting.Writer.TryWrite((stream, position));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var byStream = new Dictionary<string, List<long>>();
        while (await waiting.Reader.WaitToReadAsync(stoppingToken))
        {
            byStream.Clear();
            while (waiting.Reader.TryRead(out var one))
                (byStream.TryGetValue(one.Stream, out var list) ? list : byStream[one.Stream] = []).Add(one.Position);
            foreach (var (stream, positions) in byStream)
                await Publish(stream, positions, stoppingToken);
            if (pace > TimeSpan.Zero)
                await Task.Delay(pace, stoppingToken);
        }
    }

    async Task Publish(string stream, List<long> positions, CancellationToken stopping)
    {
        try
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(stopping);
            limit.CancelAfter(PublishTimeout);
            await bus.Publish(new LogAppended { Stream = stream, Positions = positions }, limit.Token);
        }
        catch (Exception fault) when (!stopping.IsCancellationRequested)
        {
            LogDropped(stream, positions.Count, fault.GetType().Name);
        }
    }

    [LoggerMessage(LogLevel.Warning, "A nudge for {Positions} rows of {Stream} was dropped ({Fault}): the subscribers look by themselves.")]
    partial void LogDropped(string stream, int positions, string fault);
}
