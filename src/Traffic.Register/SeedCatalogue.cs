using Microsoft.Extensions.Hosting;
using Npgsql;
using Traffic.Catalogue;
using Traffic.Platform;

namespace Traffic.Register;

/// <summary>At the start: what the entries, families and items of the catalogue files are called, for reports and pages.</summary>
sealed class SeedCatalogue(IDatabases databases, Catalogue.Catalogue catalogue) : IHostedService
{
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

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await using var batch = databases.Of("register").CreateBatch();
        foreach (var edition in catalogue.Editions)
            foreach (var entry in edition.Entries.OrderBy(entry => entry.Id, StringComparer.Ordinal))
                Add(batch, PutEntry, edition.Id, entry.Id, entry.Family, entry.Zh, entry.En, entry.Points, entry.FineMin, entry.FineMax,
                    string.Join(',', entry.Items));
        Words(batch, "family", catalogue.Families);
        Words(batch, "item", catalogue.Items);
        await batch.ExecuteNonQueryAsync(cancellationToken);
    }

    static void Words(NpgsqlBatch batch, string kind, IReadOnlyList<NamedWord> words)
    {
        foreach (var (word, nth) in words.Select((word, i) => (word, i)).OrderBy(one => one.word.Id, StringComparer.Ordinal))
            Add(batch, PutWord, kind, word.Id, word.Zh, word.En, nth);
    }

    static void Add(NpgsqlBatch batch, string sql, params object?[] values)
    {
        var command = batch.CreateBatchCommand();
        command.CommandText = sql;
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value ?? DBNull.Value });
        batch.BatchCommands.Add(command);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
