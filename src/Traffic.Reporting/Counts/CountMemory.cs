using System.Data;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Dapper;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Reporting.Counts;

/// <summary>
/// What every report adds up, held in this process: the changes of all standings, brought up to each question's own sequence by the
/// register's log. Nothing is decided here: what cannot be told from it is added up by the database, and so is everything until it is read.
/// </summary>
sealed partial class CountMemory : IDisposable
{
    /// <summary>A question may be of a moment so many log rows ago, where another one was quicker.</summary>
    const int RowsKept = 4_096;

    /// <summary>Changes read from the log in one go.</summary>
    const int AtOnce = 50_000;

    const int LongestReadS = 600;

    /// <summary>About 350 MB, and as much again while they are read.</summary>
    public const long Default = 25_000_000;

    readonly NpgsqlDataSource database;
    readonly long most;
    readonly RecentItems recent;
    readonly ILogger<CountMemory> log;
    readonly SemaphoreSlim writing = new(1);
    Held? held;

    /// <summary>All that is held. Rows taken are kept by the sequence they end with.</summary>
    sealed class Held(CountChanges changes)
    {
        public CountChanges Changes => changes;

        public Dictionary<long, TakenRow> Rows { get; } = [];

        public Queue<long> InOrder { get; } = [];

        public TakenRow Last { get; private set; }

        public CountState State { get; private set; } = changes.View(0);

        public void Publish(TakenRow row)
        {
            Rows[row.Last] = Last = row;
            InOrder.Enqueue(row.Last);
            if (InOrder.Count > RowsKept)
                Rows.Remove(InOrder.Dequeue());
        }

        public void Publish() => State = changes.View(Last.Last) with { Months = State.Months };

        public void Publish(IReadOnlyDictionary<int, MonthOfCounts> months) => State = State with { Months = months };
    }

    /// <param name="most">So many changes are held at most; 0 holds none.</param>
    public CountMemory(NpgsqlDataSource database, long most, RecentItems recent, ILogger<CountMemory> log, IMeterFactory meters)
    {
        (this.database, this.most, this.recent, this.log) = (database, most, recent, log);
        if (most > 0)
            recent.AddTaker("register");
        meters.Create("Traffic.Reports").CreateObservableGauge("traffic_report_changes_held", () => Volatile.Read(ref held)?.Changes.Count ?? 0);
    }

    /// <summary>True once all has been read.</summary>
    public bool IsReady => Volatile.Read(ref held) is not null;

    // The last row is read again: it shows that the log is still the one that was read. A row takes its place in the sequence when it is
    // committed, and its time a little before: of later rows none is a day older.
    const string RowsAfter = """
        select first_sequence as "First", items as "Items", position as "Position", created_at as "CreatedAt"
        from platform.log where stream = 'register' and first_sequence >= @first and first_sequence <= @until and created_at >= @since
        order by first_sequence
        """;

    const string Bodies = "select position, body from platform.log where position = any(@positions) and created_at >= @since";

    sealed record LoggedRow(long First, int Items, long Position, DateTime CreatedAt)
    {
        public long Last => First + Items - 1;
    }

    /// <summary>What is held as of a question's sequence; null where that cannot be told from it.</summary>
    /// <param name="present">The register's sequence in the question's snapshot.</param>
    public async Task<HeldCounts?> At(NpgsqlConnection connection, NpgsqlTransaction transaction, long present, long asOf, CancellationToken cancel)
    {
        if (Volatile.Read(ref held) is null)
            return null;
        await writing.WaitAsync(cancel);
        try
        {
            // A snapshot may be a moment older than what another question has brought in since.
            if (held is not { } now || !now.Rows.TryGetValue(Math.Min(present, now.Last.Last), out var known))
                return null;
            while (true)
            {
                var since = known.Last == 0 ? DateTime.UnixEpoch : known.CreatedAt.AddDays(-1);
                var rows = (await connection.QueryAsync<LoggedRow>(Command(RowsAfter, new { first = known.First, until = Math.Min(present, known.Last + AtOnce), since }))).AsList();
                var told = new Dictionary<long, IReadOnlyList<StandingChanged?>>();
                if (known.Last == now.Last.Last)
                    await Tell(rows.Where(row => row.First > known.Last).Select(row => row.Position), since, told);
                if (!Follows(now, known, rows, told))
                {
                    Forget("the log is not the one that was read, or a line does not tell what counts");
                    return null;
                }
                if (now.Rows.TryGetValue(present, out var row))
                    return new HeldCounts(now.State, asOf, row);
                if (known == now.Last)
                    return null;
                known = now.Last;
            }
        }
        finally
        {
            writing.Release();
        }

        // As they were told in this process; else as they stand in the log, an activity as null.
        async Task Tell(IEnumerable<long> positions, DateTime since, Dictionary<long, IReadOnlyList<StandingChanged?>> told)
        {
            var others = new List<long>();
            foreach (var position in positions)
                if (recent.Find(position) is StandingChanged[] items)
                    told[position] = items;
                else
                    others.Add(position);
            if (others.Count > 0)
                foreach (var (position, body) in await connection.QueryAsync<(long, byte[])>(Command(Bodies, new { positions = others.ToArray(), since })))
                    told[position] = Log.Standings(body);
        }

        CommandDefinition Command(string sql, object values) => new(sql, values, transaction, commandTimeout: LongestReadS, cancellationToken: cancel);
    }

    /// <summary>Takes in what came after; false where it does not follow on what is held.</summary>
    /// <param name="known">The row that <paramref name="rows"/> begin with again.</param>
    /// <param name="told">By position, of the rows after it.</param>
    bool Follows(Held now, TakenRow known, List<LoggedRow> rows, Dictionary<long, IReadOnlyList<StandingChanged?>> told)
    {
        var isEmpty = known.Last == 0;
        if (!isEmpty && (rows is not [var again, ..] || (again.First, again.Position, again.CreatedAt) != (known.First, known.Position, known.CreatedAt)))
            return false;
        if (known.Last < now.Last.Last)
            return true;
        foreach (var row in rows.Skip(isEmpty ? 0 : 1))
            if (row.First != now.Last.Last + 1 || !told.TryGetValue(row.Position, out var items) || items.Count != row.Items || !Take(now, row, items))
                return false;
        if (now.State.Sequence < now.Last.Last)
            now.Publish();
        return true;
    }

    bool Take(Held now, LoggedRow row, IReadOnlyList<StandingChanged?> items)
    {
        foreach (var change in items)
            if (change is not null && !now.Changes.Add(change, row.First))
                return false;
        recent.Done(row.Position);
        now.Publish(new TakenRow(row.First, row.Last, row.Position, row.CreatedAt, now.Changes.Stored, now.Changes.Voided));
        return true;
    }

    const string ReadLast = """
        select first_sequence as "First", items as "Items", position as "Position", created_at as "CreatedAt"
        from platform.log where stream = 'register' order by first_sequence desc limit 1
        """;

    const string CountAll = "select (select count(*) from register.violation) + 2 * (select count(*) from register.former_standing)";

    // In the order in which CountChanges takes them.
    const string CopyAll = """
        copy (
            select sequence, change, day, shift_date, division, entry, family, status, shift, source, vehicle_class, coalesce(origin, '-'),
                   items, overlays, coalesce(points::text, ''), case when criminal_referral then 'true' else 'false' end, coalesce(unit_code, '')
            from register.published_count_change) to stdout (format binary)
        """;

    // By hour: how many records came. By day: in which hours its records came.
    const string ReadReceived = """
        select hour, day, count(*), min(hour), max(hour)
        from (select date_trunc('hour', received_at, 'UTC') as hour, day from register.published_standing) received
        group by grouping sets (hour, day)
        """;

    const string ReadCells = """
        select day, division, sum(value)::bigint as value from register.published_cell where cube = 'violations' group by day, division having sum(value) <> 0
        """;

    /// <summary>Reads all there is, in one snapshot, and holds it against the cells. Questions go on meanwhile.</summary>
    /// <returns>False where there is too much, or cells and standings differ: the database adds up.</returns>
    public async Task<bool> Read(CancellationToken cancel)
    {
        if (most == 0)
            return false;
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancel);
        if (await connection.QuerySingleAsync<long>(Command(CountAll)) is var all && all > most)
        {
            TooMany(all, most);
            return false;
        }
        var last = (await connection.QueryAsync<LoggedRow>(Command(ReadLast))).SingleOrDefault();
        var changes = new CountChanges();
        await using (var copy = await connection.BeginRawBinaryCopyAsync(CopyAll, cancel))
        {
            copy.ReadTimeout = LongestReadS * 1_000;
            await CopyStream.Read(copy, changes.Add, between: null, cancel);
        }
        foreach (var (hour, day, records, first, until) in await connection.QueryAsync<(DateTime?, DateOnly?, long, DateTime, DateTime)>(Command(ReadReceived)))
            if (day is { } received)
                changes.Receive(received, first.ToUniversalTime(), until.ToUniversalTime());
            else
                changes.Receive(hour!.Value.ToUniversalTime(), records);
        changes.Settle();
        var read = new Held(changes);
        read.Publish(last is null ? default : new TakenRow(last.First, last.Last, last.Position, last.CreatedAt, changes.Stored, changes.Voided));
        read.Publish();
        read.Publish(MonthOfCounts.Of(read.State, read.State.Months));
        var cells = (await connection.QueryAsync<(DateOnly, string, long)>(Command(ReadCells))).ToHashSet();
        if (!cells.SetEquals(ByDayAndDivision(read.State)))
        {
            Differ();
            return false;
        }
        await writing.WaitAsync(cancel);
        Volatile.Write(ref held, read);
        writing.Release();
        return true;

        CommandDefinition Command(string sql) => new(sql, transaction: transaction, commandTimeout: LongestReadS, cancellationToken: cancel);
    }

    static IEnumerable<(DateOnly, string, long)> ByDayAndDivision(CountState state) => state.Days.SelectMany(day =>
    {
        var sums = new long[state.Divisions.Count];
        for (var i = 0; i < day.Count; i++)
            sums[day.Divisions[i]] += day.What[i] < 0 ? -1 : 1;
        return sums.Select((sum, division) => (day.Day, state.Divisions.Value(division, 0), sum)).Where(one => one.sum != 0);
    });

    /// <summary>Adds up the months to which much was added.</summary>
    public async Task AddMonths(CancellationToken cancel)
    {
        if (Volatile.Read(ref held) is not { } now)
            return;
        // Nobody waits for it: what comes meanwhile is not in it, as ever.
        var months = MonthOfCounts.Of(now.State, now.State.Months);
        await writing.WaitAsync(cancel);
        now.Publish(months);
        writing.Release();
    }

    /// <summary>Everything is read anew; until then the database answers.</summary>
    public void Forget(string why)
    {
        Volatile.Write(ref held, null);
        Forgot(why);
    }

    public void Dispose() => writing.Dispose();

    [LoggerMessage(1, LogLevel.Warning, "The counts held in memory are read anew: {Why}.")]
    partial void Forgot(string why);

    [LoggerMessage(2, LogLevel.Warning, "{Changes} changes of standings are more than are held in memory ({Most}): the database adds up.")]
    partial void TooMany(long changes, long most);

    [LoggerMessage(3, LogLevel.Error, "Records and cells differ: the database adds up. Run: traffic rebuild --compare")]
    partial void Differ();
}

/// <summary>Reads what is held when the process starts, and brings it up to the present while nobody asks.</summary>
sealed partial class KeepCounts(CountMemory memory, ReportStore reports, ILogger<KeepCounts> log, IHostApplicationLifetime program) : OnceServing(program, TimeSpan.FromSeconds(1))
{
    /// <summary>Short while much comes: what was just told is still at hand.</summary>
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(500), ShortPause = TimeSpan.FromMilliseconds(250);

    /// <summary>Reading all of it anew takes at most one part in so many of the time.</summary>
    const int Rest = 10;

    protected override async Task DoWork(CancellationToken stoppingToken)
    {
        var (last, again) = (0L, TimeSpan.Zero);
        for (var since = Stopwatch.StartNew(); !stoppingToken.IsCancellationRequested;)
        {
            var pause = Pause;
            try
            {
                if (!memory.IsReady && since.Elapsed >= again)
                {
                    var began = since.Elapsed;
                    again = await memory.Read(stoppingToken) ? since.Elapsed + (Rest * (since.Elapsed - began)) : since.Elapsed + TimeSpan.FromHours(1);
                }
                var present = await reports.InSnapshot(null, snapshot => Task.FromResult(snapshot.AsOf), stoppingToken);
                if (memory.IsReady && present > last + 100)
                    pause = ShortPause;
                last = present;
                await memory.AddMonths(stoppingToken);
            }
            catch (Exception unread) when (!stoppingToken.IsCancellationRequested)
            {
                NotRead(unread);
            }
            await Task.Delay(pause, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "The counts were not brought up to the present; tried again soon.")]
    partial void NotRead(Exception unread);
}
