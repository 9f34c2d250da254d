using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Traffic.Platform;

/// <summary>Work in flight and in quarantine of every subscriber, read every few seconds for the metrics.</summary>
sealed partial class InFlight : OnceServing
{
    static readonly TimeSpan Every = TimeSpan.FromSeconds(5);
    readonly IDatabases databases;
    readonly ILogger<InFlight> log;
    volatile Work[] last = [];

    public InFlight(IDatabases databases, ILogger<InFlight> log, IMeterFactory meters, IHostApplicationLifetime program) : base(program, TimeSpan.FromSeconds(1))
    {
        (this.databases, this.log) = (databases, log);
        var meter = meters.Create("Traffic.Log");
        meter.CreateObservableGauge("traffic_in_flight_records", () => last.Select(one => Of(one.Items, one)));
        meter.CreateObservableGauge("traffic_in_flight_oldest_seconds", () => last.Select(one => Of(one.OldestSeconds, one)));
        meter.CreateObservableGauge("traffic_quarantined_records", () => last.Select(one => Of(one.Quarantined, one)));
        meter.CreateObservableGauge("traffic_quarantine_closed_records", () => last.Select(one => Of(one.Closed, one)));
    }

    static Measurement<double> Of(double value, Work work) => new(value, new KeyValuePair<string, object?>("subscriber", work.Subscriber));

    const string Read = """
        select s.subscriber, coalesce(d.items, 0), coalesce(extract(epoch from clock_timestamp() - d.oldest), 0)::float8,
               (select count(*) from platform.quarantine q where q.subscriber = s.subscriber and q.closed_at is null),
               (select count(*) from platform.quarantine q where q.subscriber = s.subscriber and q.closed_at is not null)
        from platform.subscriber s
        left join (select subscriber, sum(items)::bigint as items, min(created_at) as oldest
                   from platform.delivery group by subscriber) d using (subscriber)
        order by s.subscriber
        """;

    protected override async Task DoWork(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every);
        do
            try
            {
                var work = new List<Work>();
                await using var command = databases.Of("operator").CreateCommand(Read);
                await using var row = await command.ExecuteReaderAsync(stoppingToken);
                while (await row.ReadAsync(stoppingToken))
                    work.Add(new Work(row.GetString(0), row.GetInt64(1), row.GetDouble(2), row.GetInt64(3), row.GetInt64(4)));
                last = [.. work];
            }
            catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
            {
                LogUnread(fault.GetType().Name);
            }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    sealed record Work(string Subscriber, long Items, double OldestSeconds, long Quarantined, long Closed);

    [LoggerMessage(LogLevel.Warning, "Work in flight could not be read ({Fault}).")]
    partial void LogUnread(string fault);
}
