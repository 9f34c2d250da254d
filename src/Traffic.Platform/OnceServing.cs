using Microsoft.Extensions.Hosting;

namespace Traffic.Platform;

/// <summary>Work that begins once the program answers: who asks at the start is not kept waiting by it.</summary>
/// <param name="wait">How long after that.</param>
public abstract class OnceServing(IHostApplicationLifetime program, TimeSpan wait) : BackgroundService
{
    /// <inheritdoc/>
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var serving = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using (program.ApplicationStarted.Register(serving.SetResult))
            await serving.Task.WaitAsync(stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        // A start that was refused never serves, and is told of once.
        if (stoppingToken.IsCancellationRequested)
            return;
        await Task.Delay(wait, stoppingToken);
        await DoWork(stoppingToken);
    }

    /// <summary>The work, until the token asks for its end.</summary>
    protected abstract Task DoWork(CancellationToken stoppingToken);
}
