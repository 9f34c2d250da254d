using Npgsql;

namespace Traffic.Reporting.Editions;

/// <summary>
/// Stores indexes of leaves, of a million 24 MB, on connections of their own: what is read ahead, then what differs from it while the rest of
/// the edition is made. Until an edition names one it is of none.
/// </summary>
sealed class LeafIndexStore(NpgsqlDataSource database, CancellationToken cancel)
{
    Task<Guid>? kept;

    /// <summary>Begins to make and store the index of an edition; may be called once.</summary>
    public void Begin(Func<LeafIndex> index) => kept = Task.Run(() => Put(index()));

    /// <summary>Waits until it is stored.</summary>
    /// <returns>By which the edition names it.</returns>
    public Task<Guid> Kept => kept ?? throw new InvalidOperationException("No index was given.");

    const string PutIndex = "insert into reporting.leaf_index (index_id, leaf_index, base, without) values ($1, $2, $3, $4)";

    /// <returns>By which it is named.</returns>
    public async Task<Guid> Put(LeafIndex index)
    {
        var id = Guid.CreateVersion7();
        await using var command = database.CreateCommand(PutIndex);
        command.CommandTimeout = EditionStore.LongestS;
        foreach (var value in new object?[] { id, index.Entries, index.Base, index.Without })
            command.Parameters.Add(new() { Value = value ?? DBNull.Value });
        await command.ExecuteNonQueryAsync(cancel);
        return id;
    }

    const string DropIndex = "delete from reporting.leaf_index where index_id = $1";

    /// <summary>Of an edition that was not made nothing is left, but what <see cref="DropUnnamed"/> finds.</summary>
    public async Task Drop()
    {
        if (kept is null)
            return;
        await ((Task)kept).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (kept.IsCompletedSuccessfully)
            await Drop(await kept);
    }

    /// <summary>Deletes an index that is not needed. Where the database is away, or an edition names it after all, it stays.</summary>
    public async Task Drop(Guid id)
    {
        try
        {
            await using var command = database.CreateCommand(DropIndex);
            command.Parameters.Add(new() { Value = id });
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (NpgsqlException)
        {
        }
    }

    const string DropUnnamedIndexes = """
        delete from reporting.leaf_index i
        where made_at < clock_timestamp() - interval '1 day'
          and not exists (select from reporting.edition e where e.index_id = i.index_id)
          and not exists (select from reporting.leaf_index differing where differing.base = i.index_id)
        """;

    /// <summary>Deletes what was stored ahead of an edition that was made otherwise, or by a process that was killed: nothing names it after a day.</summary>
    public async Task DropUnnamed()
    {
        await using var command = database.CreateCommand(DropUnnamedIndexes);
        await command.ExecuteNonQueryAsync(cancel);
    }
}
