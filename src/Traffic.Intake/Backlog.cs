using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Traffic.Intake;

/// <summary>Closes the door while the Register is further behind than it may be. Other subscribers never close it.</summary>
/// <param name="limit">Records in flight, from which on it is closed.</param>
sealed partial class Backlog(ViolationStore store, long limit, ILogger<Backlog> log) : BackgroundService
{
    static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    public bool Closed { get; private set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            try
            {
                var inFlight = await store.InFlight(stoppingToken);
                if (Closed != inFlight > limit)
                    LogTurned(Closed ? "opened" : "closed", inFlight, limit);
                Closed = inFlight > limit;
            }
            catch (Exception) when (!stoppingToken.IsCancellationRequested)
            {
                // The database is away: the commits say so themselves.
            }
    }

    [LoggerMessage(LogLevel.Warning, "Intake {Turned}: {InFlight} records in flight, limit {Limit}.")]
    partial void LogTurned(string turned, long inFlight, long limit);
}
