using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Traffic.Platform;

namespace Traffic.Register;

/// <summary>
/// What a process of the register does about the catalogue beside its daily work: counts previews, one after the other, and
/// decides again what a release left to be decided, whoever released it.
/// </summary>
sealed partial class CatalogueTasks(
    CataloguePreviews previews, DecideAgain decideAgain, CatalogueWorkers workers, ILogger<CatalogueTasks> log, IHostApplicationLifetime program)
    : OnceServing(program, TimeSpan.FromSeconds(1))
{
    /// <summary>A release of another process is seen after this long at the latest.</summary>
    static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(1);

    readonly Channel<(Guid Id, ChangedCatalogue Changed)> waiting = Channel.CreateBounded<(Guid, ChangedCatalogue)>(4);
    readonly SemaphoreSlim released = new(0);

    /// <summary>False where too many are waiting.</summary>
    public bool Add(Guid id, ChangedCatalogue changed) => waiting.Writer.TryWrite((id, changed));

    /// <summary>There is something to decide again.</summary>
    public void Released() => released.Release();

    protected override Task DoWork(CancellationToken stoppingToken) => Task.WhenAll(Previews(stoppingToken), Releases(stoppingToken));

    async Task Previews(CancellationToken stopping)
    {
        await foreach (var (id, changed) in waiting.Reader.ReadAllAsync(stopping))
            try { await previews.Run(id, changed, workers.Count, stopping); }
            catch (Exception fault) when (!stopping.IsCancellationRequested) { LogPreviewFailed(id, fault); }
    }

    async Task Releases(CancellationToken stopping)
    {
        await Task.Yield();
        while (!stopping.IsCancellationRequested)
            try
            {
                await decideAgain.Run(workers.Count, stopping);
                await released.WaitAsync(LookEvery, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested) { return; }
            catch (Exception fault)
            {
                LogDecideFailed(Faults.IsOfTheMoment(fault) ? LogLevel.Warning : LogLevel.Error, fault);
                await Task.Delay(LookEvery, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
    }

    [LoggerMessage(LogLevel.Warning, "The preview {PreviewId} of a catalogue ended.")]
    partial void LogPreviewFailed(Guid previewId, Exception fault);

    [LoggerMessage("What a release left to be decided again could not be decided now; it is tried again.")]
    partial void LogDecideFailed(LogLevel level, Exception fault);
}

/// <param name="Count">Runs of the history read at a time.</param>
sealed record CatalogueWorkers(int Count);
