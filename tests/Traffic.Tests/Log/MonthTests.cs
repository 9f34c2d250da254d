using Npgsql;
using NUnit.Framework;
using Traffic.Tests.Register;

namespace Traffic.Tests.Log;

/// <summary>The tables' months are made while everybody works.</summary>
[Category("Postgres")]
public sealed class MonthTests
{
    [Test]
    public async Task A_month_is_made_while_somebody_reads_and_nobody_waits()
    {
        await using var app = await TrafficApp.Start();
        await app.Officer(app.RedLight());
        await using var source = NpgsqlDataSource.Create(app.Database.ConnectionString);
        await using var reader = await source.OpenConnectionAsync();
        await using var reading = await reader.BeginTransactionAsync();
        await using (var read = new NpgsqlCommand("select (select count(*) from platform.log) + (select count(*) from register.violation)", reader))
            await read.ExecuteScalarAsync();

        foreach (var table in new[] { "platform.log", "register.violation" })
        {
            await using var months = source.CreateCommand($"select platform.make_months('{table}', current_date, (current_date + interval '5 months')::date)");
            months.CommandTimeout = 5;
            Assert.That((int)(await months.ExecuteScalarAsync())!, Is.EqualTo(2));
        }

        await reading.RollbackAsync();
        await app.Officer(app.RedLight());
        // Each is like the others: its key, its indexes, how its columns are kept.
        Assert.That(await app.Rows("""
            select distinct i.inhparent::regclass::text, (select count(*) from pg_index x where x.indrelid = i.inhrelid and x.indisvalid),
                   (select string_agg(a.attname || a.attcompression::text || a.attstorage::text || a.attnotnull::text, ',' order by a.attnum) from pg_attribute a where a.attrelid = i.inhrelid and a.attnum > 0)
            from pg_inherits i where i.inhparent in ('platform.log'::regclass, 'register.violation'::regclass)
            """, row => row.GetString(0)), Is.EquivalentTo(["platform.log", "register.violation"]));
    }
}
