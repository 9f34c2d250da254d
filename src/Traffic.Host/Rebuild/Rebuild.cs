using System.Diagnostics;
using System.Security.Cryptography;
using Npgsql;
using Traffic.Host.Reconcile;
using Traffic.Platform;

namespace Traffic.Host.Rebuild;

/// <summary>What a rebuild beside the running counts found.</summary>
/// <param name="RunningSha256">Of all running cells that are not 0, in key order.</param>
/// <param name="RebuiltSha256">Of all cells made anew, likewise: byte for byte the same, or something is wrong.</param>
/// <param name="NotRebuilt">Cubes that count something this cannot count anew.</param>
sealed record RebuildReport(
    bool Ok, long AsOf, long Records, long Cells, double Seconds, string RunningSha256, string RebuiltSha256,
    IReadOnlyList<CellDifference> Differences, IReadOnlyList<LogDifference> Log, IReadOnlyList<string> NotRebuilt);

/// <summary>Counts every cell anew from the records, in an empty schema, and sets it beside the running ones. The schema is gone afterwards.</summary>
sealed class Rebuilder(NpgsqlDataSource owner, Cubes cubes)
{
    // One snapshot for both sides: whatever is registered meanwhile is in neither. The schema is never committed.
    const string EmptySchema = """
        set transaction isolation level repeatable read;
        create schema rebuild;
        create table rebuild.cell (like register.cell including indexes);
        """;

    const string Differences = """
        select coalesce(s.cube, r.cube), coalesce(s.day, r.day), coalesce(s.division, r.division), coalesce(s.keys, r.keys),
               coalesce(s.value, 0), coalesce(r.value, 0)
        from (select * from register.cell where value <> 0 and cube = any($1)) s
        full join rebuild.cell r using (cube, day, division, keys)
        where s.value is distinct from r.value
        order by 1, 2, 3, 4
        limit 50
        """;

    public async Task<RebuildReport> Compare(CancellationToken cancel)
    {
        var began = Stopwatch.GetTimestamp();
        await using var connection = await owner.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await Execute(EmptySchema);
        var rebuilt = cubes.All.Where(cube => Reconciler.Recount(cube) is not null).ToList();
        foreach (var cube in rebuilt)
            await Execute($"insert into rebuild.cell (cube, day, division, keys, value) select '{cube.Id}', day, division, keys, value from ({Reconciler.Recount(cube)}) counted");
        string[] ids = [.. rebuilt.Select(cube => cube.Id)];
        var (running, made) = (await Digest("register"), await Digest("rebuild"));
        var differences = await Rows(Differences, row => new CellDifference(
            row.GetString(0), row.GetFieldValue<DateOnly>(1), row.GetString(2), row.GetString(3), row.GetInt64(4), row.GetInt64(5)), (object)ids);
        var log = await LogItems.Odd(connection, cancel);
        var notRebuilt = await Rows("select distinct cube from register.cell where value <> 0 and not cube = any($1) order by 1", row => row.GetString(0), (object)ids);
        var asOf = (await Rows("select records from platform.stream where stream = 'register'", row => row.GetInt64(0)))[0];
        var records = (await Rows("select count(*) from register.violation", row => row.GetInt64(0)))[0];
        var cells = (await Rows("select count(*) from rebuild.cell", row => row.GetInt64(0)))[0];
        await transaction.RollbackAsync(cancel);
        var same = running == made && differences.Count == 0;
        return new RebuildReport(
            same && log.Count == 0, asOf, records, cells, Math.Round(Stopwatch.GetElapsedTime(began).TotalSeconds, 2),
            running, made, differences, log, notRebuilt);

        async Task<string> Digest(string schema)
        {
            using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var of = $"""
                select cube, day, division, keys, value from {schema}.cell
                where value <> 0 and cube in ({string.Join(", ", ids.Select(id => $"'{id}'"))})
                order by cube collate "C", day, division collate "C", keys collate "C"
                """;
            await using var copy = await connection.BeginRawBinaryCopyAsync($"copy ({of}) to stdout (format binary)", cancel);
            var buffer = new byte[1 << 16];
            for (int read; (read = await copy.ReadAsync(buffer, cancel)) > 0;)
                sha.AppendData(buffer, 0, read);
            return Convert.ToHexStringLower(sha.GetHashAndReset());
        }

        // Constants above, and the names of declared cubes and dimensions.
#pragma warning disable CA2100
        async Task Execute(string sql)
        {
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
            await command.ExecuteNonQueryAsync(cancel);
        }

        async Task<List<T>> Rows<T>(string sql, Func<NpgsqlDataReader, T> read, params object[] values)
        {
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
            foreach (var value in values)
                command.Parameters.Add(new() { Value = value });
            await using var row = await command.ExecuteReaderAsync(cancel);
            var rows = new List<T>();
            while (await row.ReadAsync(cancel))
                rows.Add(read(row));
            return rows;
        }
#pragma warning restore CA2100
    }
}
