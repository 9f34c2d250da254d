using System.Diagnostics;
using Npgsql;
using NpgsqlTypes;
using Traffic.Casework;
using Traffic.Intake;
using Traffic.Platform;
using Traffic.Register;
using Traffic.Reporting;

namespace Traffic.Bench;

/// <summary>
/// L: rows a second that PostgreSQL takes by COPY into staging and <c>insert … on conflict do nothing</c> into the register's own
/// table, 5,000 at a time over two connections. The rows are some that the product itself has stored, under new ids.
/// </summary>
static class Limit
{
    const int Group = 5_000;
    const int Connections = 2;

    public static async Task<double> Measure(Machine machine, string productDatabase, TimeSpan warm, TimeSpan measured)
    {
        var (names, types, rows) = await Rows(productDatabase, 10_000);
        var connectionString = await machine.NewDatabase("bench_limit");
        await Migrations.Run(connectionString, [
            typeof(IModule).Assembly, typeof(IntakeModule).Assembly, typeof(RegisterModule).Assembly, typeof(CaseworkModule).Assembly,
            typeof(ReportingModule).Assembly], default);

        long done = 0;
        var begin = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Connections).Select(n => Task.Run(async () =>
        {
            await using var connection = new NpgsqlConnection(connectionString);
            await connection.OpenAsync();
            await Execute(connection, "create temp table staging (like register.violation) on commit delete rows");
            while (Stopwatch.GetElapsedTime(begin) < warm + measured)
            {
                await using var transaction = await connection.BeginTransactionAsync();
                await using (var copy = await connection.BeginBinaryImportAsync(
                    $"copy staging ({string.Join(',', names)}) from stdin (format binary)"))
                {
                    for (var i = 0; i < Group; i++)
                        Write(copy, types, rows[(n * Group + i) % rows.Count], DateTime.UtcNow);
                    await copy.CompleteAsync();
                }
                await Execute(connection,
                    $"insert into register.violation ({string.Join(',', names)}) select {string.Join(',', names)} from staging on conflict do nothing");
                await transaction.CommitAsync();
                var elapsed = Stopwatch.GetElapsedTime(begin);
                if (elapsed > warm && elapsed <= warm + measured)
                    Interlocked.Add(ref done, Group);
            }
        })));
        return done / measured.TotalSeconds;
    }

    static async Task<(string[] Names, NpgsqlDbType[] Types, List<object[]> Rows)> Rows(string database, int many)
    {
        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select * from register.violation limit $1", connection) { Parameters = { new() { Value = many } } };
        await using var reader = await command.ExecuteReaderAsync();
        var schema = reader.GetColumnSchema();
        var rows = new List<object[]>();
        while (await reader.ReadAsync())
        {
            var row = new object[reader.FieldCount];
            reader.GetValues(row);
            rows.Add(row);
        }
        return rows.Count == 0
            ? throw new InvalidOperationException("The product stored nothing to take rows from.")
            : ([.. schema.Select(column => column.ColumnName)], [.. schema.Select(column => column.NpgsqlDbType!.Value)], rows);
    }

    static void Write(NpgsqlBinaryImporter copy, NpgsqlDbType[] types, object[] row, DateTime now)
    {
        copy.StartRow();
        copy.Write(Guid.NewGuid(), NpgsqlDbType.Uuid);
        copy.Write(now, NpgsqlDbType.TimestampTz);
        for (var i = 2; i < types.Length; i++)
            switch (row[i])
            {
                case DBNull: copy.WriteNull(); break;
                case string text: copy.Write(text, types[i]); break;
                case int number: copy.Write(number, types[i]); break;
                case long number: copy.Write(number, types[i]); break;
                case bool flag: copy.Write(flag, types[i]); break;
                case Guid id: copy.Write(id, types[i]); break;
                case DateTime at: copy.Write(at, types[i]); break;
                case DateOnly day: copy.Write(day, types[i]); break;
                case var other: copy.Write(other, types[i]); break;
            }
    }

    static async Task Execute(NpgsqlConnection connection, string sql)
    {
#pragma warning disable CA2100 // names of the register's own columns
        await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 120 };
#pragma warning restore CA2100
        await command.ExecuteNonQueryAsync();
    }
}
