using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Traffic.Platform;

/// <summary>
/// While the database says nothing, the thread pool starts threads as they are asked for. Npgsql tells the server of every statement
/// that is given up, and holds a thread until the server hears it or the time to connect is over: with the two threads of two cores,
/// a crowd of requests would be told one after another that there is no answer.
/// </summary>
public sealed class SilentDatabase(IDatabases databases) : BackgroundService
{
    static readonly TimeSpan Every = TimeSpan.FromSeconds(1);

    /// <summary>Less than a request waits, more than a busy database takes.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>One for each connection of the pools that may be waited for, and some for the answers.</summary>
    const int Threads = 128;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var health = new DatabaseHealth(databases);
        ThreadPool.GetMinThreads(out var usual, out var completionPorts);
        using var timer = new PeriodicTimer(Every);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var answered = health.CheckHealthAsync(new HealthCheckContext(), stoppingToken);
                if (await Task.WhenAny(answered, Task.Delay(Patience, stoppingToken)) != answered)
                    ThreadPool.SetMinThreads(Threads, completionPorts);
                if ((await answered).Status == HealthStatus.Healthy)
                    ThreadPool.SetMinThreads(usual, completionPorts);
            }
        }
        finally
        {
            ThreadPool.SetMinThreads(usual, completionPorts);
        }
    }
}
