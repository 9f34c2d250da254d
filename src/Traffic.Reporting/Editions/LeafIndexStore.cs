using Npgsql;

namespace Traffic.Reporting.Editions;

/// <summary>
/// Stores the index of one edition's leaves, of a million 24 MB, on a connection of its own while the rest of the edition is made. Until
/// the edition names it, it is of none.
/// </summary>
sealed class LeafIndexStore(NpgsqlDataSource database, CancellationToken cancel)
{
    readonly Guid id = Guid.CreateVersion7();
    Task<Guid>? kept;

    /// <summary>Begins to make and store it; may be called once.</summary>
    public void Begin(Func<byte[]> index) => kept = Task.Run(() => Put(index()));

    /// <summary>Waits until it is stored.</summary>
    /// <returns>By which the edition names it.</returns>
    public Task<Guid> Kept => kept ?? throw new InvalidOperationException("No index was given.");

    const string PutIndex = "insert into reporting.leaf_index (index_id, leaf_index) values ($1, $2)";

    async Task<Guid> Put(byte[] index)
    {
        await using var command = database.CreateCommand(PutIndex);
        command.CommandTimeout = EditionStore.LongestS;
        command.Parameters.Add(new() { Value = id });
        command.Parameters.Add(new() { Value = index });
        await command.ExecuteNonQueryAsync(cancel);
        return id;
    }

    const string DropIndex = "delete from reporting.leaf_index where index_id = $1";

    /// <summary>Of an edition that was not made nothing is left. Where the database is away, or an edition names the index after all, it stays.</summary>
    public async Task Drop()
    {
        try
        {
            if (kept is null)
                return;
            await ((Task)kept).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await using var command = database.CreateCommand(DropIndex);
            command.Parameters.Add(new() { Value = id });
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (NpgsqlException)
        {
        }
    }
}
