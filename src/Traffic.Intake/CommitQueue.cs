using System.Security.Cryptography;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Traffic.Platform;

namespace Traffic.Intake;

/// <summary>A refusal to be kept beside the accepts.</summary>
/// <param name="SentAs">The id the sender gave it, where that could be read.</param>
sealed record Refusal(string? SentAs, IReadOnlyList<Fault> Faults);

/// <summary>What one request asks to be committed, and where its answer goes.</summary>
/// <param name="allOrNone">True for the records of one stop: any conflict refuses all.</param>
sealed class Submission(string sender, IReadOnlyList<Prepared> records, IReadOnlyList<Refusal> refusals, bool allOrNone)
{
    const int Waiting = 0, Taken = 1, Withdrawn = 2;
    readonly TaskCompletionSource<Receipt[]> answer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int state;

    public string Sender => sender;
    public IReadOnlyList<Prepared> Records => records;
    public IReadOnlyList<Refusal> Refusals => refusals;
    public bool AllOrNone => allOrNone;
    public int Items => records.Count + refusals.Count;
    public long Bytes { get; } = records.Sum(record => (long)record.Line.Length + record.Canonical.Length) + 200;

    /// <summary>Receipts of the records, in their order.</summary>
    public Receipt?[] Receipts { get; } = new Receipt?[records.Count];

    public Task<Receipt[]> Answer => answer.Task;

    /// <summary>True if its group may begin; from then on it cannot be withdrawn.</summary>
    public bool Take() => Interlocked.CompareExchange(ref state, Taken, Waiting) == Waiting;

    /// <summary>True if it will never be committed.</summary>
    public bool Withdraw() => Interlocked.CompareExchange(ref state, Withdrawn, Waiting) == Waiting;

    public void Complete() => answer.TrySetResult(Receipts!);

    /// <summary>Two smaller ones, whose receipts <see cref="Join"/> puts together; null if it cannot be divided.</summary>
    public (Submission First, Submission Second)? Halves()
    {
        if (allOrNone || Items < 2)
            return null;
        var (r, f) = ((records.Count + 1) / 2, refusals.Count / 2);
        return (new(sender, [.. records.Take(r)], [.. refusals.Take(f)], false), new(sender, [.. records.Skip(r)], [.. refusals.Skip(f)], false));
    }

    /// <summary>Completes when both halves are answered.</summary>
    public void Join(Submission first, Submission second)
    {
        if (first.Answer.Exception is { } fault)
            Fail(fault.InnerException!);
        else if (second.Answer.Exception is { } other)
            Fail(other.InnerException!);
        first.Receipts.CopyTo(Receipts, 0);
        second.Receipts.CopyTo(Receipts, first.Receipts.Length);
        Complete();
    }

    public void Fail(Exception fault) => answer.TrySetException(fault);
}

/// <summary>The door is closed for the moment: nothing was taken.</summary>
sealed class DoorClosedException(string message) : TimeoutException(message);

/// <summary>Since when nothing could be committed, and why not: an SQLSTATE, else the kind of fault.</summary>
sealed record NotCommitted(DateTimeOffset Since, string Fault);

/// <summary>
/// Commits what is waiting as one group: whatever arrived while the last commit ran, and where that is little, in the few
/// milliseconds since it began. Full means closed: 503, and the sender comes back.
/// </summary>
/// <param name="backlog">To whose pace it keeps; null: to none.</param>
/// <param name="clock">Of its pauses.</param>
/// <param name="stream">What it appends to: <c>intake</c> violations only, <c>activity</c> all else.</param>
sealed partial class CommitQueue(
    ViolationStore store, Canonical canonical, INudge nudge, ILogger<CommitQueue> log, Backlog? backlog, TimeProvider clock, string stream = ViolationStore.Violations)
    : BackgroundService
{
    const int MaxGroup = 2_000;
    const int MaxWaitingRecords = 20_000;
    const long MaxWaitingBytes = 64 * 1024 * 1024;
    const int MaxTries = 20;

    /// <summary>Of fewer items than this a group begins no sooner than <see cref="Pace"/> after the one before.</summary>
    const int Crowd = 64;

    /// <summary>A commit costs a fixed part, however small: whoever comes alone waits for nothing, many share one.</summary>
    static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(6);

    /// <summary>Who sends more than this at once is a feed, and may be held back for what the Register has still to do.</summary>
    const int Few = 10;

    /// <summary>… and never longer than this.</summary>
    static readonly TimeSpan LongestPace = TimeSpan.FromMilliseconds(100);

    /// <summary>SQLSTATE class of what lies in the data, e.g. a character the database cannot keep.</summary>
    const string DataException = "22";

    readonly Channel<Submission> waiting = Channel.CreateUnbounded<Submission>(new UnboundedChannelOptions { SingleReader = true });
    long waitingRecords;
    long waitingBytes;
    bool lookFirst;

    /// <summary>Null while the last group was committed.</summary>
    public NotCommitted? Failing { get; private set; }

    /// <summary>Commits the submission with others; the receipts come when it is durable.</summary>
    /// <exception cref="DoorClosedException">Too much is waiting, or the time ran out before its group began: nothing was taken.</exception>
    public async Task<Receipt[]> Commit(Submission submission, CancellationToken cancel)
    {
        var records = Interlocked.Add(ref waitingRecords, submission.Items);
        var bytes = Interlocked.Add(ref waitingBytes, submission.Bytes);
        if (records > MaxWaitingRecords || bytes > MaxWaitingBytes)
        {
            Leave(submission);
            throw new DoorClosedException("Too many records are waiting.");
        }
        waiting.Writer.TryWrite(submission);
        try
        {
            return await submission.Answer.WaitAsync(cancel);
        }
        catch (OperationCanceledException) when (submission.Withdraw())
        {
            throw new DoorClosedException("The time ran out; the record was withdrawn.");
        }
    }

    void Leave(Submission submission)
    {
        Interlocked.Add(ref waitingRecords, -submission.Items);
        Interlocked.Add(ref waitingBytes, -submission.Bytes);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var later = new List<Submission>();
        while (later.Count > 0 || await waiting.Reader.WaitToReadAsync(stoppingToken))
        {
            var group = Gather(later);
            if (group.Count == 0)
                continue;
            var begun = clock.GetTimestamp();
            await CommitGroup(group, stoppingToken);
            if (PaceAfter(group.ConvertAll(one => one.Items), backlog?.Pace) - clock.GetElapsedTime(begun) is { Ticks: > 0 } rest)
                await Task.Delay(rest, clock, stoppingToken);
        }
    }

    /// <summary>How long after a group began the next may begin.</summary>
    /// <param name="submitted">Items of each of its submissions.</param>
    /// <param name="perSecond">Items that are worth taking; null: any.</param>
    internal static TimeSpan PaceAfter(IReadOnlyList<int> submitted, double? perSecond)
    {
        var pace = submitted.Sum() < Crowd ? Pace : TimeSpan.Zero;
        var kept = perSecond is { } rate
            ? TimeSpan.FromSeconds(Math.Min(submitted.Where(items => items > Few).Sum() / rate, LongestPace.TotalSeconds)) : TimeSpan.Zero;
        return kept > pace ? kept : pace;
    }

    /// <summary>Takes what is waiting. A submission that names a record of this group waits for the next one, where it is known.</summary>
    List<Submission> Gather(List<Submission> later)
    {
        var group = new List<Submission>();
        var ids = new HashSet<Guid>();
        var revisions = new HashSet<(Guid, int)>();
        var items = 0;
        var again = new Queue<Submission>(later);
        later.Clear();
        while (items < MaxGroup && (again.TryDequeue(out var next) || Next(out next)))
        {
            if (next.Records.Any(record => ids.Contains(record.RecordId) || (Revision(record) is { } one && revisions.Contains(one))))
            {
                later.Add(next);
                if (later.Count >= MaxGroup)
                    break;
                continue;
            }
            foreach (var record in next.Records)
            {
                ids.Add(record.RecordId);
                if (Revision(record) is { } revision)
                    revisions.Add(revision);
            }
            group.Add(next);
            items += next.Items;
        }
        later.AddRange(again);
        return group;
    }

    static (Guid, int)? Revision(Prepared record) => record is PreparedActivity one ? (one.Report.ActivityId, one.Report.Revision) : null;

    bool Next(out Submission next)
    {
        while (waiting.Reader.TryRead(out next!))
        {
            Leave(next);
            if (next.Take())
                return true;
        }
        return false;
    }

    async Task CommitGroup(List<Submission> group, CancellationToken stopping)
    {
        try
        {
            for (var attempt = 1; ; attempt++)
                try
                {
                    if (lookFirst)
                        lookFirst = await SettleKnown(group, stopping);
                    await AppendNew(group, stopping);
                    Failing = null;
                    foreach (var submission in group)
                        submission.Complete();
                    return;
                }
                catch (PostgresException fault) when (attempt < MaxTries && fault.SqlState is ViolationStore.SomeKeysAreKnown)
                {
                    lookFirst = true;
                }
                catch (PostgresException fault) when (attempt < MaxTries && fault.SqlState.StartsWith("40", StringComparison.Ordinal))
                {
                    LogRepeated(fault.SqlState);
                }
        }
        catch (PostgresException fault) when (fault.SqlState.StartsWith(DataException, StringComparison.Ordinal))
        {
            await CommitInHalves(group, stopping);
        }
        catch (Exception fault)
        {
            Failing = new(Failing?.Since ?? clock.GetUtcNow(), (fault as PostgresException)?.SqlState ?? fault.GetType().Name);
            LogGroupFailed(group.Count, fault);
            foreach (var submission in group)
                submission.Fail(fault);
        }
    }

    /// <summary>One of them cannot be stored: halves until it is alone, and refuses only that one.</summary>
    async Task CommitInHalves(List<Submission> group, CancellationToken stopping)
    {
        if (group.Count > 1)
        {
            await CommitGroup(group[..(group.Count / 2)], stopping);
            await CommitGroup(group[(group.Count / 2)..], stopping);
        }
        else if (group[0].Halves() is var (first, second))
        {
            await CommitGroup([first], stopping);
            await CommitGroup([second], stopping);
            group[0].Join(first, second);
        }
        else
        {
            var culprit = group[0];
            Fault[] faults = [new("", "intake.unstorable")];
            var refused = new Submission(culprit.Sender, [], [.. Enumerable.Repeat(new Refusal(null, faults), culprit.Items)], allOrNone: true);
            try { await store.Append([], Tallies([refused]), Refusals([refused]), stream, stopping); }
            catch (Exception fault)
            {
                culprit.Fail(fault);
                return;
            }
            for (var i = 0; i < culprit.Receipts.Length; i++)
                culprit.Receipts[i] = new Receipt { RecordId = culprit.Records[i].RecordId, EventId = culprit.Records[i].EventId, Outcome = Outcome.Rejected, Faults = faults };
            culprit.Complete();
        }
    }

    /// <summary>Answers the records whose key is known already; true if there were any.</summary>
    async Task<bool> SettleKnown(List<Submission> group, CancellationToken cancel)
    {
        var known = await store.FindKeys([.. Open(group).Select(one => one.Record.RecordId)], cancel);
        var given = await GivenRevisions(group, known, cancel);
        if (known.Count == 0 && given.Count == 0)
            return false;
        var unread = new HashSet<Submission>();
        foreach (var (submission, i, record) in Open(group).ToList())
            if (known.TryGetValue(record.RecordId, out var key))
                try { submission.Receipts[i] = Answer(record, key); }
                catch (CryptographicException fault)
                {
                    // A key under another master key: only whoever asks about it is told so.
                    submission.Fail(fault);
                    unread.Add(submission);
                }
            else if (Revision(record) is { } revision && given.Contains(revision))
                submission.Receipts[i] = new Receipt { RecordId = record.RecordId, EventId = record.EventId, Outcome = Outcome.Conflict, Faults = Superseded };
        group.RemoveAll(unread.Contains);
        foreach (var stop in group.Where(one => one.AllOrNone && one.Receipts.Any(receipt => receipt?.Outcome == Outcome.Conflict)))
            for (var i = 0; i < stop.Receipts.Length; i++)
                stop.Receipts[i] ??= new Receipt { RecordId = stop.Records[i].RecordId, Outcome = Outcome.Conflict, Faults = NotAlone };
        return true;
    }

    /// <summary>Its id is free; it was not taken because another of its stop could not be.</summary>
    public static readonly IReadOnlyList<Fault> NotAlone = [new Fault("", "intake.stop.none")];

    /// <summary>Another report has the place this one asks for: what it replaces is no longer the last word.</summary>
    public static readonly IReadOnlyList<Fault> Superseded = [new Fault("supersedes", "intake.superseded")];

    /// <summary>The revisions that other reports have, among those asked for by reports not known yet.</summary>
    async Task<HashSet<(Guid, int)>> GivenRevisions(List<Submission> group, Dictionary<Guid, StoredKey> known, CancellationToken cancel)
    {
        var asked = Open(group).Where(one => !known.ContainsKey(one.Record.RecordId)).Select(one => Revision(one.Record)).OfType<(Guid, int)>().ToList();
        return asked.Count == 0 ? [] : await store.GivenRevisions(asked, cancel);
    }

    Receipt Answer(Prepared record, StoredKey key)
    {
        // An erased person's record cannot be compared any more; whoever knows the id sent it before.
        var repeat = key.DataKey is null || canonical.IsRepeat(record, key.Digest, key.DataKey);
        return repeat
            ? new Receipt
            {
                RecordId = record.RecordId, EventId = record.EventId, Sequence = key.Sequence,
                Sha256 = Convert.ToHexStringLower(key.Digest), ReceivedAt = key.ReceivedAt, Outcome = Outcome.Duplicate,
            }
            : new Receipt { RecordId = record.RecordId, EventId = record.EventId, Outcome = Outcome.Conflict };
    }

    async Task AppendNew(List<Submission> group, CancellationToken cancel)
    {
        var open = Open(group).ToList();
        var appended = await store.Append([.. open.Select(one => one.Record)], Tallies(group), Refusals(group), stream, cancel);
        for (var item = 0; item < open.Count; item++)
        {
            var (submission, i, record) = open[item];
            submission.Receipts[i] = new Receipt
            {
                RecordId = record.RecordId, EventId = record.EventId, Sequence = appended.FirstSequence + item,
                Sha256 = Convert.ToHexStringLower(record.Digest), ReceivedAt = appended.ReceivedAt, Outcome = Outcome.Accepted,
            };
        }
        if (open.Count > 0)
            nudge.Appended(stream, appended.Position, stream == ViolationStore.Violations
                ? open.Select(one => ((PreparedViolation)one.Record).Record).ToArray() : null);
    }

    static IEnumerable<(Submission Submission, int I, Prepared Record)> Open(List<Submission> group)
    {
        foreach (var submission in group)
            for (var i = 0; i < submission.Records.Count; i++)
                if (submission.Receipts[i] is null)
                    yield return (submission, i, submission.Records[i]);
    }

    static List<Tally> Tallies(List<Submission> group) =>
    [
        .. group.GroupBy(one => one.Sender).Select(sender =>
        {
            var receipts = sender.SelectMany(one => one.Receipts).ToList();
            var rejected = sender.Sum(one => one.Refusals.Count);
            return new Tally(
                sender.Key, receipts.Count + rejected, receipts.Count(one => one is null),
                receipts.Count(one => one?.Outcome == Outcome.Duplicate), receipts.Count(one => one?.Outcome == Outcome.Conflict), rejected);
        }),
    ];

    static List<(string Sender, Refusal Refusal)> Refusals(List<Submission> group) =>
        [.. group.SelectMany(one => one.Refusals.Select(refusal => (one.Sender, refusal)))];

    [LoggerMessage(LogLevel.Information, "A group met SQLSTATE {SqlState} and is committed again.")]
    partial void LogRepeated(string sqlState);

    [LoggerMessage(LogLevel.Warning, "A group of {Submissions} submissions could not be committed; their senders send again.")]
    partial void LogGroupFailed(int submissions, Exception fault);
}
