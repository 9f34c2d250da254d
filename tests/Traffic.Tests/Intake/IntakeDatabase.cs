using Microsoft.Extensions.Logging;
using Npgsql;
using Traffic.Intake;
using Traffic.Platform;

namespace Traffic.Tests.Intake;

/// <summary>A database with the tables of platform and intake, and commit queues over it.</summary>
sealed class IntakeDatabase : IAsyncDisposable
{
    readonly TestDatabase database;
    readonly NpgsqlDataSource owner;
    readonly List<IAsyncDisposable> sources = [];
    readonly List<CommitQueue> queues = [];

    IntakeDatabase(TestDatabase database) => (this.database, owner) = (database, NpgsqlDataSource.Create(database.ConnectionString));

    public Collected Log { get; } = new();

    public static async Task<IntakeDatabase> Create()
    {
        var created = new IntakeDatabase(await TestCluster.CreateDatabase());
        await Migrations.Run(created.database.ConnectionString, [typeof(IModule).Assembly, typeof(IntakeModule).Assembly], default);
        return created;
    }

    public string ConnectionString => database.ConnectionString;

    /// <param name="through">Another way to the same database.</param>
    public ViolationStore Store(string? through = null)
    {
        var source = new ModuleDatabases(through ?? ConnectionString);
        sources.Add(source);
        return new ViolationStore(source.Of("intake"));
    }

    /// <summary>A queue of its own, as in a process of its own; it commits nothing until it is started.</summary>
    public CommitQueue Queue(string? through = null, Backlog? backlog = null, TimeProvider? clock = null)
    {
        var queue = new CommitQueue(Store(through), Sent.Canonical, new NoNudge(), Log, backlog, clock ?? TimeProvider.System);
        queues.Add(queue);
        return queue;
    }

    public async Task<CommitQueue> Started(string? through = null)
    {
        var queue = Queue(through);
        await queue.StartAsync(default);
        return queue;
    }

    public async Task<T> Ask<T>(string sql)
    {
        await using var command = owner.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>How many records there are, after proving that keys, log, sequence and ledger agree about it.</summary>
    public async Task<long> Accepted()
    {
        const string Disagreements = """
            select concat_ws('; ',
                case when s.records <> (select count(*) from intake.key) then 'keys' end,
                case when s.records <> (select coalesce(sum(items), 0) from platform.log) then 'log' end,
                case when s.records <> (select coalesce(sum(accepted), 0) from intake.tally) then 'ledger' end,
                case when exists (select from intake.tally where received <> accepted + duplicate + conflict + rejected + ignored) then 'ledger line' end,
                case when exists (select from (select first_sequence, lag(first_sequence + items, 1, 1::bigint) over (order by first_sequence) as due
                                               from platform.log) l where first_sequence <> due) then 'sequence' end,
                case when exists (select from intake.key k left join platform.log l on l.position = k.position and l.created_at = k.received_at
                                  where l.position is null or k.item >= l.items) then 'place' end)
            from platform.stream s where s.stream = 'intake'
            """;
        var wrong = await Ask<string>(Disagreements);
        return wrong.Length == 0
            ? await Ask<long>("select records from platform.stream where stream = 'intake'")
            : throw new InvalidOperationException($"Disagree with the count of records: {wrong}.");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var queue in queues)
            await queue.StopAsync(default);
        foreach (var source in sources)
            await source.DisposeAsync();
        await owner.DisposeAsync();
        await database.DisposeAsync();
    }

    sealed class NoNudge : INudge
    {
        public void Appended(string stream, long position, Array? recent) { }
    }
}

/// <summary>What a queue logged.</summary>
sealed class Collected : ILogger<CommitQueue>
{
    public System.Collections.Concurrent.ConcurrentQueue<string> Lines { get; } = new();

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        Lines.Enqueue($"{formatter(state, exception)} {exception?.Message}");
}
