using Npgsql;

namespace Traffic.Platform;

/// <summary>
/// Statements that go to the server together and are done there one after the other, each seeing what was committed before it
/// began: a lock and what is read under it cost one answer's time, not two.
/// </summary>
public sealed class RoundTrip(NpgsqlConnection connection)
{
    readonly List<(NpgsqlBatchCommand Statement, Action<NpgsqlDataReader>? Row)> statements = [];
    readonly List<(NpgsqlBatchCommand Statement, int Rows, Func<Exception> Otherwise)> expected = [];

    /// <summary>Adds a statement.</summary>
    /// <param name="sql">One statement; a constant of the caller's.</param>
    /// <param name="row">Takes a row of its result; null for a statement that has none.</param>
    /// <param name="parameters">Its parameters, by number.</param>
    public void Add(string sql, Action<NpgsqlDataReader>? row, params ReadOnlySpan<NpgsqlParameter> parameters) => Added(sql, row, parameters);

    /// <summary>Adds a statement that has to write so many rows.</summary>
    /// <param name="sql">One statement; a constant of the caller's.</param>
    /// <param name="rows">How many.</param>
    /// <param name="otherwise">What <see cref="Send"/> throws where it writes more or fewer, when all was sent.</param>
    /// <param name="parameters">Its parameters, by number.</param>
    public void AddWrite(string sql, int rows, Func<Exception> otherwise, params ReadOnlySpan<NpgsqlParameter> parameters) =>
        expected.Add((Added(sql, row: null, parameters), rows, otherwise));

    NpgsqlBatchCommand Added(string sql, Action<NpgsqlDataReader>? row, ReadOnlySpan<NpgsqlParameter> parameters)
    {
#pragma warning disable CA2100 // a constant of the caller's
        var statement = new NpgsqlBatchCommand(sql);
#pragma warning restore CA2100
        foreach (var parameter in parameters)
            statement.Parameters.Add(parameter);
        statements.Add((statement, row));
        return statement;
    }

    /// <summary>Sends them and reads the answers in their order.</summary>
    public async Task Send(CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var (statement, _) in statements)
            batch.BatchCommands.Add(statement);
        await using var reader = await batch.ExecuteReaderAsync(cancel);
        // A statement without a result has no place among the results.
        foreach (var take in statements.Where(one => one.Row is not null).Select(one => one.Row!))
        {
            while (await reader.ReadAsync(cancel))
                take(reader);
            await reader.NextResultAsync(cancel);
        }
        foreach (var (statement, rows, otherwise) in expected)
            if (statement.RecordsAffected != rows)
                throw otherwise();
    }
}
