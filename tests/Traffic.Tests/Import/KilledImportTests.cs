using System.Text;
using Npgsql;
using NUnit.Framework;
using Traffic.Host.Import;
using Traffic.Host.Reconcile;
using Traffic.Platform;

namespace Traffic.Tests.Import;

/// <summary>The host dies in the middle of an import.</summary>
[Category("Postgres")]
public sealed class KilledImportTests
{
    [TestCase(1)]
    [TestCase(20, Category = "Long")]
    public async Task A_host_killed_in_the_middle_of_an_import_loses_and_doubles_nothing(int kills)
    {
        var rows = 5_000 + (1_000 * kills);
        await using var database = await TestCluster.CreateDatabase();
        var (port, data) = (Executable.FreePort(), Path.Combine(Path.GetTempPath(), "traffic-test-keys"));
        Task<Serving> Host() => Executable.Serve(port, ["serve"], null,
            ("ConnectionStrings:Traffic", database.ConnectionString), ("Traffic:Data", data));
        var host = await Host();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(20) };
        var map = Imports.Shipped("us-ia-ames-breath-tests");
        Task<Serving>? again = null;

        async Task<Serving> KillAndStart(Serving victim)
        {
            await victim.Kill();
            await victim.DisposeAsync();
            return await Host();
        }

        async Task<ImportTotals> Import(Action<int> afterBatch)
        {
            var batches = 0;
            var importing = new Importing(
                map, new ImportSender(http, ImportMaps.FeedPrefix + map.Name, "en", TimeSpan.FromMinutes(2), TimeProvider.System, _ => { }),
                row => Assert.Fail(row.Reason), Words.Load(typeof(ImportVerb).Assembly), "en");
            await importing.Run(new MemoryStream(Table(rows)), _ => afterBatch(++batches), default);
            return importing.Totals;
        }

        // While the fifth batch is on its way, and then each that follows, as soon as the host answers again.
        async Task<Serving> KillNext(Task<Serving>? before) => await KillAndStart(before is null ? host : await before);
        var first = await Import(batch =>
        {
            if (batch < 4 || batch >= 4 + kills)
                return;
            var before = again;
            again = Task.Run(() => KillNext(before));
        });
        host = await again!;
        await using (host)
        {
            var second = await Import(_ => { });
            await using var source = NpgsqlDataSource.Create(database.ConnectionString);
            while (await Scalar(source, "select count(*) from platform.delivery") > 0)
                await Task.Yield();

            Assert.Multiple(async () =>
            {
                Assert.That((first.Read, first.Accepted + first.Duplicate), Is.EqualTo((rows, rows)), "every row was settled, through the death of the host");
                Assert.That((second.Read, second.Duplicate), Is.EqualTo((rows, rows)));
                Assert.That(await Scalar(source, "select count(*) from register.violation"), Is.EqualTo(rows));
                Assert.That(await Scalar(source, "select sum(value)::bigint from register.cell where cube = 'violations'"), Is.EqualTo(rows));
                var found = await new Reconciler(source, Cubes.Load(new SchemaFiles(Path.Combine(Repository.Root, "schemas")))).Run(default);
                Assert.That(found.Ok, Is.True, string.Join('\n', found.Identities.Where(identity => !identity.Holds)));
            });
        }
    }

    /// <summary>Made up; each tenth row stands there twice.</summary>
    internal static byte[] Table(int rows)
    {
        var table = new StringBuilder("year,month,day,hour,location,gender,Res1,Res2\n");
        for (var i = 0; i < rows; i++)
        {
            var (n, day) = (Number(i), DayOf(i));
            table.Append(System.Globalization.CultureInfo.InvariantCulture,
                $"{day.Year},{day.Month},{day.Day},{3 + (n / 336 % 20)},{(n % 3 == 0 ? "Ames PD" : "ISU PD")},F,0.{n % 300:000},0.{n % 300:000}\n");
        }
        return Encoding.UTF8.GetBytes(table.ToString());
    }

    static int Number(int row) => row % 10 == 9 ? row - 1 : row;

    internal static DateOnly DayOf(int row) => new(2016, 1 + (Number(row) / 28 % 12), 1 + (Number(row) % 28));

    static async Task<long> Scalar(NpgsqlDataSource source, string sql)
    {
        await using var command = source.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
