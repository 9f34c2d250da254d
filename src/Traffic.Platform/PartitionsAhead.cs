using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Traffic.Platform;

/// <summary>Makes the monthly partitions of every table that has such, three months ahead, at the start and then every six hours; after a fault each minute.</summary>
public sealed partial class PartitionsAhead(IDatabases databases, ILogger<PartitionsAhead> log) : BackgroundService
{
    static readonly TimeSpan Every = TimeSpan.FromHours(6), AfterFault = TimeSpan.FromMinutes(1);

    const string MakeMonths = """
        select coalesce(sum(platform.make_months(t.partrelid::regclass::text, current_date, (current_date + interval '3 months')::date)), 0)::int
        from pg_partitioned_table t where t.partstrat = 'r'
        """;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var rest = Every;
            try
            {
                await using var command = databases.Owner.CreateCommand(MakeMonths);
                await command.ExecuteScalarAsync(stoppingToken);
            }
            catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotMade(fault);
                rest = AfterFault;
            }
            await Task.Delay(rest, stoppingToken);
        }
    }

    [LoggerMessage(LogLevel.Error, "The partitions of the next months could not be made; tried again in a minute.")]
    partial void LogNotMade(Exception fault);
}
