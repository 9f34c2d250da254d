using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Traffic.Platform;

/// <summary>How many messages wait in the broker's queues: for health and metrics. Nudges gone wrong are an alarm, not records.</summary>
public sealed class QueueDepthGauge
{
    readonly ConcurrentDictionary<string, uint> depths = new();

    /// <summary>Registers the gauge <c>traffic_queue_messages</c>.</summary>
    public QueueDepthGauge(IMeterFactory meters) => meters.Create("Traffic.Queues").CreateObservableGauge(
        "traffic_queue_messages",
        () => depths.Select(one => new Measurement<long>(one.Value, new KeyValuePair<string, object?>("queue", one.Key))));

    /// <summary>Messages by queue, as last read; empty without a broker.</summary>
    public IReadOnlyDictionary<string, uint> Depths => depths;

    /// <summary>True when the broker answered the last time; null without a broker or before the first time.</summary>
    public bool? Reachable { get; internal set; }

    internal void Set(string queue, uint messages) => depths[queue] = messages;
}

/// <summary>Asks the broker itself, every ten seconds, over a connection of its own.</summary>
sealed class QueueDepths(string broker, Subscriptions subscriptions, QueueDepthGauge gauge, IHostApplicationLifetime program) : OnceServing(program, TimeSpan.FromSeconds(1))
{
    static readonly TimeSpan Every = TimeSpan.FromSeconds(10);

    protected override async Task DoWork(CancellationToken stoppingToken)
    {
        var factory = new ConnectionFactory
        {
            Uri = new Uri(broker.Replace("rabbitmq://", "amqp://", StringComparison.Ordinal)),
            ClientProvidedName = "traffic queue depths",
        };
        while (!stoppingToken.IsCancellationRequested)
            try
            {
                await using var connection = await factory.CreateConnectionAsync(stoppingToken);
                while (true)
                {
                    // A process without subscribers has no queue to ask about; whether the broker answers, it has to know too.
                    await using (await connection.CreateChannelAsync(cancellationToken: stoppingToken)) { }
                    foreach (var subscription in subscriptions.All)
                        foreach (var queue in Bus.Astray.Select(end => subscription.Name + end).Prepend(subscription.Name))
                            gauge.Set(queue, await Depth(connection, queue, stoppingToken));
                    gauge.Reachable = true;
                    await Task.Delay(Every, stoppingToken);
                }
            }
            catch (Exception) when (!stoppingToken.IsCancellationRequested)
            {
                gauge.Reachable = false;
                await Task.Delay(Every, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) { return; }
    }

    static async Task<uint> Depth(IConnection connection, string queue, CancellationToken cancel)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancel);
        try
        {
            return (await channel.QueueDeclarePassiveAsync(queue, cancel)).MessageCount;
        }
        catch (OperationInterruptedException)
        {
            return 0; // not there: nothing was ever put into it
        }
    }
}
