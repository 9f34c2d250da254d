using System.Text;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Traffic.Platform;

namespace Traffic.Tests.Log;

/// <summary>A database with the platform's tables, one stream <c>test</c> and a table <c>kept</c> to see effects in.</summary>
sealed class LogDatabase : IAsyncDisposable
{
    readonly TestDatabase database;
    readonly NpgsqlDataSource source;

    LogDatabase(TestDatabase database) => (this.database, source) = (database, NpgsqlDataSource.Create(database.ConnectionString));

    public static async Task<LogDatabase> Create()
    {
        var created = new LogDatabase(await TestCluster.CreateDatabase());
        foreach (var file in Directory.GetFiles(Path.Combine(Repository.Root, "schemas/sql/platform"), "*.sql").Order())
            await created.Execute(await File.ReadAllTextAsync(file));
        await created.Execute("insert into platform.stream (stream) values ('test'); create table public.kept (value int primary key)");
        return created;
    }

    public async ValueTask DisposeAsync()
    {
        await source.DisposeAsync();
        await database.DisposeAsync();
    }

    public DeliveryStore Store() => new(source, "keep-items");

    public DeliverLog Worker(ISubscriber handler, int maxItems = 500, bool helps = false, RecentItems? recent = null)
    {
        var program = new ApplicationLifetime(NullLogger<ApplicationLifetime>.Instance);
        program.NotifyStarted();
        return new(
            new Subscription("keep-items", "test", "test", handler.GetType()), handler, Store(),
            recent ?? new RecentItems(0), new NoNudge(), NullLogger<DeliverLog>.Instance, program, maxItems, helps: helps);
    }

    public Task Subscribe(string subscriber) => Execute($"select platform.subscribe('{subscriber}', 'test', 0)");

    /// <summary>Appends one row whose items are the numbers given.</summary>
    public async Task Append(int[] items, bool commit = true)
    {
        await using var connection = await source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        var position = await Scalar<long>(connection, "select nextval('platform.position')");
        var body = Encoding.UTF8.GetBytes(string.Concat(items.Select(item => $"{item}\n")));
        await Traffic.Platform.Log.Append(connection, "test", position, items.Length, body, default);
        if (commit)
            await transaction.CommitAsync();
    }

    /// <summary>As if the rows had been appended a minute ago: no longer fresh.</summary>
    public Task Age() => Execute("update platform.delivery set next_try_at = clock_timestamp()");

    /// <summary>As if all waiting had passed.</summary>
    public Task MakeDue() => Execute("update platform.delivery set next_try_at = clock_timestamp() where next_try_at is not null");

    public Task<List<int>> Kept() => List("select value from public.kept order by value", row => row.GetInt32(0));

    public Task<List<(long Row, int Item)>> Quarantined() => List(
        "select position, item from platform.quarantine order by 1, 2", row => (row.GetInt64(0), row.GetInt32(1)));

    public Task<List<int>> Attempts() => List("select attempts from platform.delivery order by position", row => row.GetInt32(0));

    public Task<List<(long First, int Items)>> Sequences() => List(
        "select first_sequence, items from platform.log order by first_sequence", row => (row.GetInt64(0), row.GetInt32(1)));

    /// <summary>How bodies are kept in each partition: PostgreSQL's letters of the compression and the storage.</summary>
    public Task<List<string>> Bodies() => List("""
        select attcompression::text || attstorage::text from pg_attribute join pg_inherits on inhrelid = attrelid
        where inhparent = 'platform.log'::regclass and attname = 'body'
        """, row => row.GetString(0));

    public Task MakeMonth(string day) => Execute($"select platform.make_months('platform.log', '{day}', '{day}')");

    public async Task<byte[]> Body() => (await List("select body from platform.log", row => row.GetFieldValue<byte[]>(0))).Single();

    public async Task<int> StoredBytes() => (await List("select pg_column_size(body) from platform.log", row => row.GetInt32(0))).Single();

    public async Task<long> InFlight() => (await List("select coalesce(sum(items), 0) from platform.delivery", row => row.GetInt64(0)))[0];

    public async Task<long> StreamRecords() => (await List("select records from platform.stream", row => row.GetInt64(0)))[0];

    public async Task<(int Rows, int Distinct)> Owed(string subscriber) => (await List(
        $"select count(*)::int, count(distinct position)::int from platform.delivery where subscriber = '{subscriber}'",
        row => (row.GetInt32(0), row.GetInt32(1))))[0];

    /// <summary>Waits until the log has so many rows.</summary>
    public async Task RowsReach(int rows)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while ((await List("select count(*)::int from platform.log", row => row.GetInt32(0)))[0] < rows)
            limit.Token.ThrowIfCancellationRequested();
    }

    async Task Execute(string sql)
    {
        await using var command = source.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    static async Task<T> Scalar<T>(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    async Task<List<T>> List<T>(string sql, Func<NpgsqlDataReader, T> read)
    {
        await using var command = source.CreateCommand(sql);
        await using var row = await command.ExecuteReaderAsync();
        var list = new List<T>();
        while (await row.ReadAsync())
            list.Add(read(row));
        return list;
    }

    sealed class NoNudge : INudge
    {
        public void Appended(string stream, long position, Array? recent) { }
    }
}
