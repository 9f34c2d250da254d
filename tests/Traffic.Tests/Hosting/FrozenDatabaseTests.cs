using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using NUnit.Framework;
using Traffic.Platform.Postgres;
using Traffic.Tests.Broker;
using Traffic.Tests.Register;

namespace Traffic.Tests.Hosting;

/// <summary>A database that does not answer: every request is answered all the same, within 10 s, and nothing is half done.</summary>
[Category("Postgres")]
[NonParallelizable]
public sealed class FrozenDatabaseTests
{
    /// <summary>The promise: no request is open longer.</summary>
    static readonly TimeSpan Promised = TimeSpan.FromSeconds(10);

    string folder = null!;
    PostgresCluster cluster = null!;
    TestDatabase database = null!;
    TrafficApp app = null!;

    [OneTimeSetUp]
    public async Task Start()
    {
        folder = Directory.CreateTempSubdirectory("traffic-frozen-").FullName;
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(folder, (UnixFileMode)Convert.ToInt32("755", 8));
        cluster = new PostgresCluster(folder, new PostgresLadder(folder, "system", TestContext.Progress.WriteLine).Climb(), ["fsync=off"]);
        var administrator = await cluster.Start(default);
        await TestCluster.Execute(administrator, "create database frozen");
        database = new TestDatabase(administrator + "", "frozen");
        app = await TrafficApp.Start(on: database);
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        await app.DisposeAsync();
        Npgsql.NpgsqlConnection.ClearAllPools();
        await cluster.Stop();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Sends a signal to the server and all its processes.</summary>
    async Task Signal(string signal)
    {
        var server = cluster.ServerId!.Value;
        var all = Directory.EnumerateDirectories("/proc")
            .Select(process => int.TryParse(Path.GetFileName(process), out var id) ? id : 0)
            .Where(id => id == server || (id > 0 && Parent(id) == server))
            .Select(id => id.ToString(CultureInfo.InvariantCulture));
        using var kill = Process.Start("kill", [$"-{signal}", .. all]);
        await kill.WaitForExitAsync();
    }

    static int Parent(int id)
    {
        try
        {
            var stat = File.ReadAllText($"/proc/{id}/stat");
            return int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
        }
        catch (IOException) { return 0; }
    }

    Task<HttpResponseMessage> Send(HttpClient http, Guid id) => TwoProcesses.Post(http, TwoProcesses.Stop([id]));

    [Test]
    public async Task A_frozen_database_is_503_with_retry_after_in_time_and_everything_goes_on_when_it_thaws()
    {
        using var patient = new HttpClient { BaseAddress = app.Http.BaseAddress, Timeout = Promised };
        var known = Guid.NewGuid();
        await Send(patient, known);
        await app.NothingInFlight();

        // Frozen in the middle of work: some of these are being committed.
        using var enough = new CancellationTokenSource();
        var bodies = new System.Collections.Concurrent.ConcurrentDictionary<string, bool>();
        var senders = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (!enough.IsCancellationRequested)
            {
                var body = TwoProcesses.Stop([Guid.NewGuid()]);
                using var answer = await TwoProcesses.Post(patient, body);
                bodies[body] = answer.StatusCode == HttpStatusCode.Created;
                if (answer.StatusCode != HttpStatusCode.Created)
                    Assert.That((answer.StatusCode, answer.Headers.RetryAfter is not null), Is.EqualTo((HttpStatusCode.ServiceUnavailable, true)));
            }
        })).ToList();
        while (bodies.Count < 50)
            await Task.Yield();
        await Signal("STOP");
        // Once more for what the server began between being listed and being stopped.
        await Signal("STOP");
        try
        {
            await enough.CancelAsync();
            await Task.WhenAll(senders);
            Assert.That(bodies.Values.Count(taken => !taken), Is.Positive, "some were on their way");

            var asked = new (string Path, string? Body)[]
            {
                ("/api/v1/violations", TwoProcesses.Stop([Guid.NewGuid()])),
                ("/api/v1/feeds/frozen/events", $"[{{\"eventId\":\"1\",\"source\":\"camera\",\"occurredAt\":\"2026-07-08T12:00:00Z\",\"divisionCode\":\"152502\",\"offenceKind\":\"red-light\"}}]"),
                ("/api/v1/violations", "{"),
                ($"/api/v1/cases/{known}/decisions", $"{{\"decisionId\":\"{Guid.NewGuid()}\",\"revision\":1,\"action\":\"reject\",\"decidedBy\":\"officer-1\",\"reason\":\"test\"}}"),
                ($"/api/v1/violations/{known}", null), ("/api/v1/ledger", null), ("/api/v1/cases", null), ("/api/v1/quarantine", null),
                ("/api/v1/reports/offences?from=2022-06-25&to=2022-07-08", null), ("/api/v1/reports/targets?campaign=summer-2022", null),
            };
            var answers = await Task.WhenAll(asked.Select(one => one.Body is null
                ? patient.GetAsync(one.Path)
                : patient.PostAsync(one.Path, new StringContent(one.Body, Encoding.UTF8, "application/json"))));
            Assert.Multiple(() =>
            {
                for (var i = 0; i < asked.Length; i++)
                    Assert.That((answers[i].StatusCode, answers[i].Headers.RetryAfter is not null),
                        Is.EqualTo((HttpStatusCode.ServiceUnavailable, true)), asked[i].Path);
            });
            Assert.That((await patient.GetAsync("/health/ready")).StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
            Assert.That((await patient.GetAsync("/health/live")).StatusCode, Is.EqualTo(HttpStatusCode.OK));
            foreach (var (method, path, language, said) in new[]
            {
                (HttpMethod.Get, "/targets", "zh", "暂时无法取得数据，请稍后再试。"),
                (HttpMethod.Get, "/targets", "en", "The figures cannot be fetched at the moment. Please try again."),
                (HttpMethod.Post, "/bulletins/2026-W27/sign", "zh", "暂时无法受理，请返回后将同一表单再次提交。"),
                (HttpMethod.Post, "/bulletins/2026-W27/sign", "en", "Nothing can be taken at the moment. Please go back and send the same form again."),
            })
            {
                using var ask = new HttpRequestMessage(method, path) { Headers = { { "Accept-Language", language }, { "Sec-Fetch-Site", "same-origin" } } };
                if (method == HttpMethod.Post)
                    ask.Content = new FormUrlEncodedContent([KeyValuePair.Create("signedBy", "officer-1")]);
                using var page = await patient.SendAsync(ask);
                Assert.That((page.StatusCode, WebUtility.HtmlDecode(await page.Content.ReadAsStringAsync()).Contains(said, StringComparison.Ordinal)),
                    Is.EqualTo((HttpStatusCode.ServiceUnavailable, true)), said);
            }
        }
        finally
        {
            await Signal("CONT");
        }

        await EventuallyReady(patient);
        foreach (var (body, taken) in bodies)
        {
            using var again = await TwoProcesses.Post(patient, body);
            Assert.That(again.StatusCode, taken ? Is.EqualTo(HttpStatusCode.OK) : Is.EqualTo(HttpStatusCode.OK).Or.EqualTo(HttpStatusCode.Created));
        }
        await app.NothingInFlight();
        await app.CountsAgree();
        Assert.That((await app.Rows("select count(*) from platform.quarantine", row => row.GetInt64(0))).Single(), Is.Zero);
    }

    /// <summary>Telling a silent server that nobody waits any more holds a thread for seconds: they must not wait for each other's.</summary>
    [Test]
    public async Task A_crowd_is_told_in_time_that_a_frozen_database_does_not_answer()
    {
        using var patient = new HttpClient { BaseAddress = app.Http.BaseAddress, Timeout = Promised };
        string[] paths =
        [
            "/api/v1/ledger", "/api/v1/cases", "/api/v1/quarantine",
            "/api/v1/reports/offences?from=2022-06-25&to=2022-07-08", "/api/v1/reports/records?from=2022-06-25&to=2022-07-08",
        ];
        Task<HttpStatusCode[]> Crowd(int many) => Task.WhenAll(Enumerable.Range(0, many).Select(async i =>
        {
            using var answer = await patient.GetAsync(paths[i % paths.Length]);
            return answer.StatusCode;
        }));
        Assert.That(await Crowd(50), Is.All.EqualTo(HttpStatusCode.OK), "with connections to wait for");
        await Signal("STOP");
        await Signal("STOP");
        try
        {
            Assert.That(await Crowd(100), Is.All.EqualTo(HttpStatusCode.ServiceUnavailable));
        }
        finally
        {
            await Signal("CONT");
        }
        await EventuallyReady(patient);
    }

    [Test]
    public async Task A_database_that_is_stopped_is_503_at_once_and_nothing_is_lost()
    {
        using var patient = new HttpClient { BaseAddress = app.Http.BaseAddress, Timeout = Promised };
        var body = TwoProcesses.Stop([Guid.NewGuid(), Guid.NewGuid()]);
        await cluster.Stop();
        try
        {
            using var answer = await TwoProcesses.Post(patient, body);
            Assert.That((answer.StatusCode, answer.Headers.RetryAfter is not null), Is.EqualTo((HttpStatusCode.ServiceUnavailable, true)));
            Assert.That(answer.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"));
        }
        finally
        {
            await cluster.Start(default, AtPort());
        }

        await EventuallyReady(patient);
        using var again = await TwoProcesses.Post(patient, body);
        Assert.That(again.StatusCode, Is.EqualTo(HttpStatusCode.Created));
        await app.NothingInFlight();
        await app.CountsAgree();
    }

    int AtPort() => new Npgsql.NpgsqlConnectionStringBuilder(database.ConnectionString).Port;

    static async Task EventuallyReady(HttpClient http)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (!(await http.GetAsync("/health/ready", limit.Token)).IsSuccessStatusCode)
            await Task.Yield();
    }
}
