using Microsoft.Extensions.Hosting;

namespace Traffic.Intake.Activities;

/// <summary>The commit queue of the stream <c>activity</c>: its groups never wait behind those of violations, nor they behind its.</summary>
sealed class ActivityQueue(CommitQueue queue) : IHostedService
{
    /// <inheritdoc cref="CommitQueue.Commit"/>
    public Task<Receipt[]> Commit(Submission submission, CancellationToken cancel) => queue.Commit(submission, cancel);

    /// <inheritdoc cref="CommitQueue.Failing"/>
    public NotCommitted? Failing => queue.Failing;

    public Task StartAsync(CancellationToken cancellationToken) => queue.StartAsync(cancellationToken);

    public Task StopAsync(CancellationToken cancellationToken) => queue.StopAsync(cancellationToken);
}
