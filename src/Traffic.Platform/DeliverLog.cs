using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Traffic.Platform;

/// <summary>
/// Does one subscriber's work: claims deliveries, lets the subscriber handle them in the same transaction, commits, tells.
/// Woken by nudges; looks by itself every second, so that a lost nudge costs a second and nothing else.
/// </summary>
/// <remarks>
/// Nudges wake the first loop of a subscriber. It calls the others only when it could fill a whole batch, and they rest until they
/// are called again: while one keeps up, one gathers larger batches than two would.
/// </remarks>
/// <param name="callHelp">Wakes the other loops of the subscriber; null: there is none.</param>
/// <param name="helps">It is one of the others.</param>
sealed partial class DeliverLog(
    Subscription subscription, ISubscriber subscriber, DeliveryStore store, RecentItems recent, INudge nudge,
    ILogger<DeliverLog> log, IHostApplicationLifetime program, int maxItems, Action? callHelp = null, bool helps = false) : OnceServing(program, TimeSpan.Zero)
{
    /// <summary>After this many attempts at a delivery of one record it goes to quarantine.</summary>
    internal const int MaxAttempts = 5;

    /// <summary>A batch costs a fixed part, however small: the next begins no sooner than this after it began.</summary>
    static readonly TimeSpan Cycle = TimeSpan.FromMilliseconds(10);

    /// <summary>Where there was work there will be more: it is looked for without a nudge, which a busy broker may bring late.</summary>
    static readonly TimeSpan AfterWork = TimeSpan.FromMilliseconds(20);

    static readonly TimeSpan SweepEvery = TimeSpan.FromSeconds(1);
    static readonly TimeSpan AfterMomentsFault = TimeSpan.FromSeconds(1);
    static readonly Meter Meter = new("Traffic");
    static readonly Counter<long> Done = Meter.CreateCounter<long>("traffic_delivered_records", "records");

    readonly SemaphoreSlim wake = new(0, 1);

    long sweepAt;

    public Subscription Subscription => subscription;

    /// <summary>There may be work. Never blocks.</summary>
    public void Wake()
    {
        if (wake.CurrentCount == 0)
            try { wake.Release(); }
            catch (SemaphoreFullException) { /* somebody else woke it first */ }
    }

    protected override async Task DoWork(CancellationToken stoppingToken)
    {
        // What was left over can wait a second longer; the first requests can not.
        await wake.WaitAsync(SweepEvery, stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
            try
            {
                // What a nudge told of before we look, we see.
                await wake.WaitAsync(0, CancellationToken.None);
                var begun = Stopwatch.GetTimestamp();
                var (items, deliveries, more) = await DoFresh(stoppingToken);
                if (await SweepInTime(stoppingToken) || more)
                    continue;
                if (subscription.RestsAfter(items, deliveries))
                    await Task.Delay(subscription.Pace, stoppingToken);
                else if (items > 0 && Cycle - Stopwatch.GetElapsedTime(begun) is { Ticks: > 0 } rest)
                    await Task.Delay(rest, stoppingToken);
                await wake.WaitAsync(items > 0 && !helps ? AfterWork : SweepEvery, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested) { return; }
            catch (Exception fault)
            {
                LogLoopFault(subscription.Name, fault);
                await Task.Delay(AfterMomentsFault, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
    }

    /// <summary>Takes what nobody has tried yet: so many items of so many deliveries, done or failed, and whether there may be more than it could take.</summary>
    internal async Task<(int Items, int Deliveries, bool More)> DoFresh(CancellationToken cancel)
    {
        List<LogSlice> slices = [];
        var more = false;
        try
        {
            more = await Do(connection => store.ClaimFresh(connection, maxItems, recent, cancel), slices, cancel);
        }
        catch (Exception fault) when (!cancel.IsCancellationRequested)
        {
            if (slices.Count > 0)
                await store.MarkFailed(
                    [.. slices.Select(one => new Owed(one.Position, one.FirstItem, one.Items, one.CreatedAt, 0))],
                    Faults.IsOfTheMoment(fault) ? 0 : 1,
                    Faults.IsOfTheMoment(fault) ? AfterMomentsFault : TimeSpan.Zero, cancel);
            LogFailed(subscription.Name, slices.Count, fault);
            if (slices.Count == 0)
                throw;
            sweepAt = 0;
        }
        return (slices.Sum(one => one.Items), slices.Count, more);
    }

    /// <summary>Sweeps where a second has passed since there was last nothing to sweep; true if there was.</summary>
    async Task<bool> SweepInTime(CancellationToken cancel)
    {
        if (Environment.TickCount64 < sweepAt)
            return false;
        if (await Sweep(cancel))
            return true;
        sweepAt = Environment.TickCount64 + (long)SweepEvery.TotalMilliseconds;
        return false;
    }

    /// <summary>Takes what failed before or was left behind; false when nothing is due.</summary>
    internal async Task<bool> Sweep(CancellationToken cancel)
    {
        var owed = await store.MarkDue(maxItems, cancel);
        if (owed.Count == 0)
            return false;

        // Tried alone and still here: either it failed, or a process died of it.
        if (owed is [{ Attempts: > 3, Items: > 1 } large])
        {
            await store.Split(large, cancel);
            return true;
        }
        if (owed is [{ Attempts: > MaxAttempts, Items: 1 } alone])
        {
            await store.Quarantine(alone, "the process ended each time it was tried", cancel);
            LogQuarantined(subscription.Name, alone.Position, alone.FirstItem);
            return true;
        }

        try
        {
            await DoNamed(owed, cancel);
        }
        catch (Exception fault) when (!cancel.IsCancellationRequested)
        {
            LogFailed(subscription.Name, owed.Count, fault);
            await AfterFailure(owed, fault, cancel);
        }
        return true;
    }

    internal Task DoNamed(IReadOnlyList<Owed> owed, CancellationToken cancel) =>
        Do(connection => store.Claim(connection, owed, recent, cancel), [], cancel);

    async Task AfterFailure(List<Owed> owed, Exception fault, CancellationToken cancel)
    {
        if (Faults.IsOfTheMoment(fault))
            await store.MarkFailed(owed, -1, AfterMomentsFault, cancel);
        else if (owed is [{ Attempts: >= 3, Items: > 1 } large])
            await store.Split(large, cancel);
        else if (owed is [{ Attempts: >= MaxAttempts, Items: 1 } alone])
        {
            // The message of a fault may quote what it tripped over; its type and SQLSTATE do not.
            await store.Quarantine(alone, Name(fault), cancel);
            LogQuarantined(subscription.Name, alone.Position, alone.FirstItem);
        }
        else
            await store.MarkFailed(owed, 0, TimeSpan.Zero, cancel);
    }

    internal static string Name(Exception fault) => fault is Npgsql.PostgresException postgres
        ? $"PostgreSQL {postgres.SqlState}{(postgres.ConstraintName is { } name ? $" ({name})" : "")}"
        : fault.GetType().Name + (fault.TargetSite is { } site ? $" in {site.DeclaringType?.Name}.{site.Name}" : "");

    /// <summary>True if there may be more.</summary>
    async Task<bool> Do(
        Func<Npgsql.NpgsqlConnection, Task<(List<LogSlice> Slices, long NextPosition, bool More)>> claim,
        List<LogSlice> claimed, CancellationToken cancel)
    {
        LogBatch batch;
        bool more;
        await using (var connection = await store.Database.OpenConnectionAsync(cancel))
        await using (var transaction = await connection.BeginTransactionAsync(cancel))
        {
            (var slices, var nextPosition, more) = await claim(connection);
            if (slices.Count == 0)
                return false;
            claimed.AddRange(slices);
            if (more)
                callHelp?.Invoke();

            batch = new LogBatch(connection, transaction, slices, nextPosition);
            await subscriber.Handle(batch, cancel);
            await transaction.CommitAsync(cancel);
        }

        foreach (var slice in claimed)
            recent.Done(slice.Position);
        Done.Add(claimed.Sum(slice => slice.Items), new KeyValuePair<string, object?>("subscriber", subscription.Name));
        foreach (var (stream, position) in batch.Appended)
            nudge.Appended(stream, position, batch.Handover is { } given && given.Position == position ? given.Items : null);
        return more;
    }

    [LoggerMessage(LogLevel.Warning, "Subscriber {Subscriber}: {Deliveries} deliveries failed and will be tried again.")]
    partial void LogFailed(string subscriber, int deliveries, Exception fault);

    [LoggerMessage(LogLevel.Error, "Subscriber {Subscriber}: record at position {Position}, item {Item} went to quarantine.")]
    partial void LogQuarantined(string subscriber, long position, int item);

    [LoggerMessage(LogLevel.Warning, "Subscriber {Subscriber} could not look for work.")]
    partial void LogLoopFault(string subscriber, Exception fault);
}
