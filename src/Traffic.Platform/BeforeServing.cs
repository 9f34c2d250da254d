using Microsoft.Extensions.Hosting;

namespace Traffic.Platform;

/// <summary>Work that is done before anything of the program begins, side by side with other such work; a fault of it stops the start.</summary>
public abstract class BeforeServing : IHostedLifecycleService
{
    /// <summary>The work.</summary>
    protected abstract Task Prepare(CancellationToken cancel);

    /// <inheritdoc/>
    public Task StartingAsync(CancellationToken cancellationToken) => Task.Run(() => Prepare(cancellationToken), cancellationToken);

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc/>
    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
