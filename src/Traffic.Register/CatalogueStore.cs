using Npgsql;
using Traffic.Catalogue;

namespace Traffic.Register;

/// <summary>A version about to be in force.</summary>
sealed record NewVersion(
    int Id, string Version, string Kind, int? Supersedes, int? Restores, DateOnly? ChangesFrom, bool Retroactive,
    DateTimeOffset ReleasedAt, string ReleasedBy, string? SecondPerson, string Reason, string State);

/// <summary>A version as the newest row says.</summary>
sealed record NewestVersion(int Id, string Version, string Kind, int? Supersedes, string State);

/// <summary>Every SQL statement on the versions themselves. All run in the caller's transaction.</summary>
static class CatalogueStore
{
    static readonly string LockExclusive = $"select pg_advisory_xact_lock({RunningCatalogue.LockClass}, {RunningCatalogue.LockKey})";

    /// <summary>Waits until nobody is deciding, and nobody begins to before this transaction ends.</summary>
    public static async Task LockForSwitch(NpgsqlConnection connection, CancellationToken cancel)
    {
#pragma warning disable CA2100 // constants of ours
        await using var command = new NpgsqlCommand(LockExclusive, connection);
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync(cancel);
    }

    const string NewestRow = "select id, version, kind, supersedes, state from register.catalogue order by id desc limit 1";

    /// <summary>The version in force; null before the first.</summary>
    public static async Task<NewestVersion?> Newest(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(NewestRow, connection);
        await using var row = await command.ExecuteReaderAsync(cancel);
        return !await row.ReadAsync(cancel) ? null : new NewestVersion(
            row.GetInt32(0), row.GetString(1), row.GetString(2), row.IsDBNull(3) ? null : row.GetInt32(3), row.GetString(4));
    }

    const string PutVersion = """
        insert into register.catalogue (
            id, version, kind, supersedes, restores, changes_from, retroactive, released_at, released_by, second_person, reason, state, done_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, case when $12 = 'done' then $8 end)
        """;

    const string PutFiles = "insert into register.catalogue_file (catalogue, name, bytes) select $1, * from unnest($2, $3)";

    public static async Task Put(NpgsqlConnection connection, NewVersion version, IReadOnlyList<CatalogueFile> files, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(connection);
        Add(batch, PutVersion, version.Id, version.Version, version.Kind, version.Supersedes, version.Restores, version.ChangesFrom,
            version.Retroactive, version.ReleasedAt.UtcDateTime, version.ReleasedBy, version.SecondPerson, version.Reason, version.State);
        Add(batch, PutFiles, version.Id, files.Select(file => file.Name).ToArray(), files.Select(file => file.Bytes).ToArray());
        await batch.ExecuteNonQueryAsync(cancel);
    }

    const string PutEntry = """
        insert into register.catalogue_entry as e (edition, entry, family, zh, en, points, fine_min, fine_max, items)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        on conflict (edition, entry) do update
            set family = excluded.family, zh = excluded.zh, en = excluded.en, points = excluded.points,
                fine_min = excluded.fine_min, fine_max = excluded.fine_max, items = excluded.items
        """;

    const string PutWord = """
        insert into register.catalogue_word as w (kind, id, zh, en, nth) values ($1, $2, $3, $4, $5)
        on conflict (kind, id) do update set zh = excluded.zh, en = excluded.en, nth = excluded.nth
        """;

    /// <summary>What entries, families and items are called, for reports and pages. Those of former versions keep their names.</summary>
    public static async Task PutNames(NpgsqlConnection connection, Catalogue.Catalogue catalogue, CancellationToken cancel)
    {
        await using var batch = new NpgsqlBatch(connection);
        foreach (var edition in catalogue.Editions)
            foreach (var entry in edition.Entries.OrderBy(entry => entry.Id, StringComparer.Ordinal))
                Add(batch, PutEntry, edition.Id, entry.Id, entry.Family, entry.Zh, entry.En, entry.Points, entry.FineMin, entry.FineMax,
                    string.Join(',', entry.Items));
        Words(batch, "family", catalogue.Families);
        Words(batch, "item", catalogue.Items);
        Words(batch, "overlay", catalogue.OverlayWords);
        await batch.ExecuteNonQueryAsync(cancel);
    }

    const string IdOfVersion = "select max(id) from register.catalogue where id::text = $1 or version = $1";

    /// <summary>The newest version with this id or name; null if there never was one.</summary>
    public static async Task<int?> IdOf(NpgsqlConnection connection, string version, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(IdOfVersion, connection) { Parameters = { new() { Value = version } } };
        return await command.ExecuteScalarAsync(cancel) as int?;
    }

    const string ProgressOf = """
        select coalesce(sum(w.records) filter (where w.done_at is not null), 0)::bigint, max(c.records)
        from register.catalogue c left join register.catalogue_work w on w.catalogue = c.id
        where c.id = $1
        """;

    /// <summary>How many records a release has looked at again, of how many.</summary>
    public static async Task<(long Done, long Of)> Progress(NpgsqlConnection connection, int id, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(ProgressOf, connection) { Parameters = { new() { Value = id } } };
        await using var row = await command.ExecuteReaderAsync(cancel);
        return await row.ReadAsync(cancel) && !row.IsDBNull(1) ? (row.GetInt64(0), row.GetInt64(1)) : (0, 0);
    }

    static void Words(NpgsqlBatch batch, string kind, IReadOnlyList<NamedWord> words)
    {
        foreach (var (word, nth) in words.Select((word, i) => (word, i)).OrderBy(one => one.word.Id, StringComparer.Ordinal))
            Add(batch, PutWord, kind, word.Id, word.Zh, word.En, nth);
    }

    static void Add(NpgsqlBatch batch, string sql, params object?[] values)
    {
        var command = batch.CreateBatchCommand();
#pragma warning disable CA2100 // one of the constants above
        command.CommandText = sql;
#pragma warning restore CA2100
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        batch.BatchCommands.Add(command);
    }
}
