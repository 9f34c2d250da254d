using Npgsql;
using NUnit.Framework;
using Traffic.Platform;

namespace Traffic.Tests.Log;

/// <summary>What is copied is read back as it was, the ends of each range and nulls included.</summary>
[Category("Postgres")]
public sealed class CopyRowsTests
{
    const string Copy = "copy kept (id, text, number, big, flag, at, day) from stdin (format binary)";

    static readonly (Guid? Id, string? Text, int? Number, long Big, bool Flag, DateTime At, DateOnly Day)[] Rows =
    [
        (Guid.Parse("0a0b0c0d-0e0f-4001-8203-040506070809"), "蒙H00001 \"\\\t\n", int.MinValue, long.MaxValue, true,
            new DateTime(1990, 1, 1, 0, 0, 0, DateTimeKind.Utc), new DateOnly(1990, 1, 1)),
        (null, null, null, long.MinValue, false, new DateTime(2199, 12, 31, 23, 59, 59, DateTimeKind.Utc).AddTicks(9_999_990), new DateOnly(2199, 12, 31)),
        (Guid.Empty, "", int.MaxValue, 0, true, new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc), new DateOnly(2000, 1, 1)),
        (Guid.Empty, new string('界', 40_000), 0, -1, false, new DateTime(1999, 12, 31, 23, 59, 59, DateTimeKind.Utc), new DateOnly(2000, 2, 29)),
    ];

    [Test]
    public async Task Every_value_is_read_back_as_it_was_written()
    {
        await using var database = await TestCluster.CreateDatabase();
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var connection = await source.OpenConnectionAsync();
        await Execute(connection, "create temp table kept (nth serial, id uuid, text text, number int, big bigint, flag boolean, at timestamptz, day date)");
        using var copy = new CopyRows(columns: 7);
        foreach (var row in Rows)
        {
            copy.Row();
            copy.Uuid(row.Id);
            copy.Text(row.Text);
            copy.Number(row.Number);
            copy.BigNumber(row.Big);
            copy.Bool(row.Flag);
            copy.Instant(row.At);
            copy.Day(row.Day);
        }

        await copy.Send(connection, Copy, default);

        await using var command = new NpgsqlCommand("select id, text, number, big, flag, at, day from kept order by nth", connection);
        await using var read = await command.ExecuteReaderAsync();
        foreach (var row in Rows)
        {
            Assert.That(await read.ReadAsync());
            Assert.That((read.IsDBNull(0) ? null : (Guid?)read.GetGuid(0), read.IsDBNull(1) ? null : read.GetString(1),
                read.IsDBNull(2) ? null : (int?)read.GetInt32(2), read.GetInt64(3), read.GetBoolean(4), read.GetDateTime(5),
                read.GetFieldValue<DateOnly>(6)), Is.EqualTo(row));
        }
        Assert.That(await read.ReadAsync(), Is.False);
    }

    [Test]
    public async Task A_row_that_breaks_a_key_keeps_none_of_them()
    {
        await using var database = await TestCluster.CreateDatabase();
        await using var source = NpgsqlDataSource.Create(database.ConnectionString);
        await using var connection = await source.OpenConnectionAsync();
        await Execute(connection, "create temp table kept (number int primary key)");
        using var copy = new CopyRows(columns: 1);
        foreach (var number in new[] { 1, 2, 1 })
        {
            copy.Row();
            copy.Number(number);
        }

        Assert.That(
            async () => await copy.Send(connection, "copy kept from stdin (format binary)", default),
            Throws.InstanceOf<PostgresException>().With.Property(nameof(PostgresException.SqlState)).EqualTo(PostgresErrorCodes.UniqueViolation));

        await using var command = new NpgsqlCommand("select count(*) from kept", connection);
        Assert.That(await command.ExecuteScalarAsync(), Is.Zero);
    }

    static async Task Execute(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
