using Npgsql;

namespace Traffic.Host.Reconcile;

/// <summary>Rows of a statement in the order of a position of the log, read some at a time beside others of the same transaction.</summary>
/// <param name="name">Of its cursor.</param>
/// <param name="sql">Its first column is the position it is ordered by.</param>
/// <param name="atOnce">Rows held at once.</param>
sealed class ByPosition<T>(NpgsqlConnection connection, string name, string sql, Func<NpgsqlDataReader, T> read, int atOnce = 2_000)
{
    readonly Queue<(long Position, T Row)> ahead = [];
    bool begun, ended;

    /// <summary>The next row and its position; null after the last.</summary>
    public async Task<(long Position, T Row)?> Next(CancellationToken cancel) =>
        await Fill(cancel) ? ahead.Dequeue() : null;

    /// <summary>Those of a position, and those before it that nobody asked for.</summary>
    public async Task<(List<T> Rows, List<T> Strays)> At(long position, CancellationToken cancel)
    {
        var (rows, strays) = (new List<T>(), new List<T>());
        while (await Fill(cancel) && ahead.Peek() is var (there, row) && there <= position)
        {
            (there == position ? rows : strays).Add(row);
            ahead.Dequeue();
        }
        return (rows, strays);
    }

    async Task<bool> Fill(CancellationToken cancel)
    {
        if (ahead.Count > 0 || ended)
            return ahead.Count > 0;
        if (!begun)
            await using (var declare = Command($"declare {name} no scroll cursor for {sql}"))
                await declare.ExecuteNonQueryAsync(cancel);
        begun = true;
        await using var fetch = Command($"fetch {atOnce} from {name}");
        await using var rows = await fetch.ExecuteReaderAsync(cancel);
        while (await rows.ReadAsync(cancel))
            ahead.Enqueue((rows.GetInt64(0), read(rows)));
        ended = ahead.Count < atOnce;
        return ahead.Count > 0;
    }

    // Constants of our own.
#pragma warning disable CA2100
    NpgsqlCommand Command(string statement) => new(statement, connection) { CommandTimeout = 0 };
#pragma warning restore CA2100
}
