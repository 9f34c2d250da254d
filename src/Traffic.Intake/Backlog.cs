using System.Diagnostics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Traffic.Intake;

/// <summary>
/// Slows feeds down while the Register cannot keep up, and closes the door while it is further behind than it may be. Other
/// subscribers do neither.
/// </summary>
/// <param name="limit">Records in flight, from which on it is closed.</param>
sealed partial class Backlog(ViolationStore store, long limit, ILogger<Backlog> log) : BackgroundService
{
    static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    /// <summary>So far behind the Register may be before intake leaves it more of the machine.</summary>
    const double SlowFromSeconds = 2;

    public bool Closed { get; private set; }

    /// <summary>
    /// Records a second that the Register does while it is more than two seconds behind: as many are worth accepting. Null where
    /// it keeps up, or does nothing at all: then the log takes in what comes.
    /// </summary>
    public double? Pace { get; internal set; }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every);
        (long Registered, long At)? before = null;
        while (await timer.WaitForNextTickAsync(stoppingToken))
            try
            {
                var (accepted, inFlight) = await store.Work(stoppingToken);
                var (registered, at) = (accepted - inFlight, Stopwatch.GetTimestamp());
                var pace = before is var (then, since) ? PaceOf((registered - then) / Stopwatch.GetElapsedTime(since, at).TotalSeconds, inFlight) : null;
                if ((pace is null) != (Pace is null))
                    LogPaced(pace is null ? "no longer keeps" : "keeps", inFlight, pace ?? 0);
                (Pace, before) = (pace, (registered, at));
                if (Closed != inFlight > limit)
                    LogTurned(Closed ? "opened" : "closed", inFlight, limit);
                Closed = inFlight > limit;
            }
            catch (Exception) when (!stoppingToken.IsCancellationRequested)
            {
                // The database is away: the commits say so themselves.
                (Pace, before) = (null, null);
            }
    }

    internal static double? PaceOf(double perSecond, long inFlight) => perSecond > 0 && inFlight > SlowFromSeconds * perSecond ? perSecond : null;

    [LoggerMessage(LogLevel.Information, "Of feeds, intake {Keeps} to the Register's pace: {InFlight} records in flight, {PerSecond:0} a second done.")]
    partial void LogPaced(string keeps, long inFlight, double perSecond);

    [LoggerMessage(LogLevel.Warning, "Intake {Turned}: {InFlight} records in flight, limit {Limit}.")]
    partial void LogTurned(string turned, long inFlight, long limit);
}
