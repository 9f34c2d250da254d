using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Traffic.Platform;

namespace Traffic.Reporting.Editions;

/// <summary>
/// Makes each bulletin and assessment when its time has come, and one that was missed at the next start. Once: the lock of
/// <see cref="EditionStore.Freeze"/> and the unique key see to it, whatever the number of processes. What is soon due is read ahead.
/// </summary>
sealed partial class EditionRuns(
    EditionStore store, EditionMaker maker, Divisions divisions, TimeProvider clock, ILogger<EditionRuns> log, IHostApplicationLifetime program)
    : OnceServing(program, TimeSpan.FromSeconds(1))
{
    static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    static readonly TimeSpan Soon = TimeSpan.FromMinutes(15);

    /// <summary>After a very long stop only so many of each kind are made up for.</summary>
    const int MostMissed = 60;

    protected override async Task DoWork(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        do
            try
            {
                await MakeDue(stoppingToken);
                await ReadAhead(stoppingToken);
                await store.Indexes(stoppingToken).DropUnnamed();
            }
            catch (Exception fault) when (!stoppingToken.IsCancellationRequested)
            {
                LogNotMade(fault);
            }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Makes all that is due and not there.</summary>
    public async Task<IReadOnlyList<string>> MakeDue(CancellationToken cancel)
    {
        var made = new List<string>();
        if (await store.FirstRecordAt(cancel) is not { } first)
            return made;
        foreach (var division in divisions.Roots)
            foreach (var kind in EditionPeriod.Kinds)
                foreach (var period in await Due(kind, division.Code, first, cancel))
                    if (await maker.Make(period, division.Code, cancel) is (var row, true))
                    {
                        made.Add(row.Edition);
                        LogMade(row.Edition, row.AsOf);
                    }
        return made;
    }

    /// <summary>Reads, or carries on, what the editions of the next minutes will count.</summary>
    public Task ReadAhead(CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        var coming =
            from division in divisions.Roots
            let zone = maker.Zone(division.Code)
            from kind in EditionPeriod.Kinds
            let ended = EditionPeriod.Of(kind, DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, zone).DateTime).AddDays(-1))
            let due = ended.Due(zone)
            where due > now && due <= now + Soon
            select (ended, division.Code);
        return maker.ReadAhead([.. coming], cancel);
    }

    async Task<IReadOnlyList<EditionPeriod>> Due(string kind, string division, DateTime first, CancellationToken cancel)
    {
        var zone = maker.Zone(division);
        var began = new DateTimeOffset(first, TimeSpan.Zero);
        var made = await store.Periods(kind, division, cancel);
        // Nothing was missed before there was a register, whatever was drafted since: the first one is of the period in which its first record came.
        var period = EditionPeriod.Of(kind, DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(began, zone).DateTime).AddDays(-1));
        if (period.Due(zone) < began)
            period = period.Next;
        var due = new List<EditionPeriod>();
        for (var now = clock.GetUtcNow(); period.Due(zone) <= now; period = period.Next)
            due.Add(period);
        return due.TakeLast(MostMissed).Where(one => !made.Contains(one.Name)).ToList();
    }

    [LoggerMessage(LogLevel.Information, "Edition {Edition} is frozen as of {AsOf}.")]
    partial void LogMade(string edition, long asOf);

    [LoggerMessage(LogLevel.Error, "An edition that is due, or soon will be, could not be made or read ahead, or what nobody names be deleted; tried again in a minute.")]
    partial void LogNotMade(Exception fault);
}
