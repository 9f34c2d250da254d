using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using NUnit.Framework;
using Traffic.Simulator;

namespace Traffic.Tests.Hosting;

/// <summary>The verb of a newcomer's first minute, as the program runs it on a PostgreSQL of its own.</summary>
[Category("Postgres")]
[NonParallelizable]
public sealed class DemoTests
{
    const int Records = 6_000;

    string data = null!;

    [SetUp]
    public void Make()
    {
        data = Directory.CreateTempSubdirectory("traffic-demo-").FullName;
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(data, (UnixFileMode)Convert.ToInt32("755", 8));
    }

    [TearDown]
    public void Remove() => Directory.Delete(data, recursive: true);

    Task<Serving> Start() => Executable.Serve(["demo", "--records", $"{Records}"], null, ("Traffic:Data", data));

    static async Task<long> Accepted(Serving demo) => (await demo.Http.GetFromJsonAsync<JsonNode>("/api/v1/ledger"))!["senders"]!.AsArray()
        .Where(sender => ((string)sender!["sender"]!).StartsWith("simulated.", StringComparison.Ordinal)).Sum(sender => (long)sender!["accepted"]!);

    async Task<DateOnly> Begun() => DateOnly.ParseExact((await File.ReadAllLinesAsync(Path.Combine(data, "demo")))[0], "yyyy-MM-dd", CultureInfo.InvariantCulture);

    static int Sent(DateOnly begun) => Records + new CampaignActivities(2022, begun).Reports().Count;

    async Task AllIsThere()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        while (!(await File.ReadAllTextAsync(Path.Combine(data, "demo"), limit.Token)).Contains("sent", StringComparison.Ordinal))
            await Task.Delay(200, limit.Token);
    }

    [Test]
    public async Task Killed_while_it_sends_the_next_start_sends_the_rest_of_the_same_campaign()
    {
        await using (var killed = await Start())
        {
            while (await Accepted(killed) == 0)
                await Task.Delay(10);
            await killed.Kill();
        }
        Assert.That(await File.ReadAllLinesAsync(Path.Combine(data, "demo")), Has.Length.EqualTo(1), "it was killed while it sent");

        await using (var again = await Start())
        {
            await AllIsThere();
            var begun = await Begun();
            Assert.That(await Accepted(again), Is.EqualTo(Sent(begun)), "each once, with what was there before");
            var board = (await again.Http.GetFromJsonAsync<JsonNode>($"/api/v1/reports/targets?campaign=hundred-days&division=152500&from={begun.AddDays(-99):yyyy-MM-dd}&to={begun:yyyy-MM-dd}"))!;
            Assert.That(board["lines"]!.AsArray().Select(line => (string?)line!["status"]), Has.None.EqualTo("noData"));
            var (exit, said, _) = await Executable.Run(["reconcile"], ("Traffic:Data", data));
            Assert.That(exit, Is.Zero, said);
            Assert.That(await again.Interrupt(), Is.Zero);
        }

        var all = Sent(await Begun());
        // Also where the note is not there, as of data of a former version.
        foreach (var forget in new[] { false, true })
        {
            if (forget)
                File.Delete(Path.Combine(data, "demo"));
            await using var kept = await Start();
            // It says so at once, where it would have begun to send.
            await kept.HasSaid("The campaign of an earlier start is still there.");
            Assert.That(await Accepted(kept), Is.EqualTo(all));
        }
    }
}
