using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using NUnit.Framework;
using Traffic.Platform;
using Traffic.Tests.Activities;

namespace Traffic.Tests.Alarms;

/// <summary>Alarms posted to receivers that are there, away, or not allowed.</summary>
[Category("Postgres")]
public sealed class WebhookTests
{
    string key = null!;

    [SetUp]
    public void Key() => File.WriteAllBytes(key = Path.GetTempFileName(), RandomNumberGenerator.GetBytes(32));

    [TearDown]
    public void Forget() => File.Delete(key);

    [Test]
    public async Task One_that_is_away_costs_the_other_nothing_and_hears_it_when_it_is_back()
    {
        using var there = new Receiver(FreePort());
        var port = FreePort();
        await using var app = await TrafficApp.Start(Settings(there.Address, Receiver.At(port)));
        await app.Post("dangers", app.Danger());
        await there.Heard(2);
        await app.Post("dangers", app.Danger().With("divisionCode", "152501"));
        await there.Heard(3);

        using var back = new Receiver(port);
        await back.Heard(3);
        await app.NothingInFlight();

        Assert.That(there.Taken, Has.Count.EqualTo(3), "what it took was not sent to it again");
        Assert.That(back.Taken.Select(one => one.Key), Is.Unique.And.EquivalentTo(there.Taken.Select(one => one.Key)));
        Assert.That(await Register.Sent.Rows(app, "select subscriber from platform.quarantine", row => row.GetString(0)), Is.Empty);
        foreach (var (_, signature, body) in there.Taken)
        {
            Assert.That(signature, Is.EqualTo("sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(File.ReadAllBytes(key), Encoding.UTF8.GetBytes(body)))));
            Assert.That(body, Does.Contain("\"change\":\"rang\"").And.Not.Contain("蒙H00001").And.Not.Contain("备注"));
        }
    }

    [Test]
    public async Task One_that_refuses_or_sends_us_on_has_not_taken_it()
    {
        using var refusing = new Receiver(FreePort(), 500, 404, 302);
        await using var app = await TrafficApp.Start(Settings(refusing.Address));
        await app.Post("dangers", app.Danger());
        await refusing.Heard(5);
        await app.NothingInFlight();

        Assert.That(refusing.Taken.Select(one => one.Key).Distinct().Count(), Is.EqualTo(2));
        Assert.That(await Register.Sent.Rows(app, "select subscriber from platform.quarantine", row => row.GetString(0)), Is.Empty);
    }

    [TestCase("http://example.org/alarms")]
    [TestCase("ftp://127.0.0.1/alarms")]
    [TestCase("https://user:word@example.org/")]
    [TestCase("alarms")]
    public void An_address_that_is_not_allowed_stops_the_start(string address) => Assert.That(
        async () => await TrafficApp.Start(Settings(address)), Throws.TypeOf<StartRefusedException>().With.Message.Contains(address));

    [Test]
    public void Without_a_key_it_does_not_start() => Assert.That(
        async () => await TrafficApp.Start(new Dictionary<string, string?> { ["Traffic:Webhooks:0"] = "https://example.org/" }),
        Throws.TypeOf<StartRefusedException>().With.Message.Contains("Traffic:WebhookKey"));

    Dictionary<string, string?> Settings(params string[] addresses)
    {
        var settings = new Dictionary<string, string?> { ["Traffic:WebhookKey"] = key };
        for (var i = 0; i < addresses.Length; i++)
            settings[$"Traffic:Webhooks:{i}"] = addresses[i];
        return settings;
    }

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Takes what is posted; answers its first requests otherwise where told.</summary>
    sealed class Receiver : IDisposable
    {
        readonly HttpListener listener = new();
        readonly Queue<int> first;

        public Receiver(int port, params int[] first)
        {
            this.first = new Queue<int>(first);
            Address = At(port);
            listener.Prefixes.Add(Address);
            listener.Start();
            _ = Answer();
        }

        public string Address { get; }

        public ConcurrentQueue<(string Key, string Signature, string Body)> Taken { get; } = new();

        public static string At(int port) => $"http://127.0.0.1:{port}/alarms/";

        public async Task Heard(int posts)
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
            while (Taken.Count < posts)
                await Task.Delay(20, limit.Token);
        }

        async Task Answer()
        {
            while (listener.IsListening)
                try
                {
                    var context = await listener.GetContextAsync();
                    using var reader = new StreamReader(context.Request.InputStream, Encoding.UTF8);
                    var body = await reader.ReadToEndAsync();
                    Taken.Enqueue((context.Request.Headers["Idempotency-Key"]!, context.Request.Headers["Traffic-Signature"]!, body));
                    context.Response.StatusCode = first.TryDequeue(out var status) ? status : 204;
                    if (context.Response.StatusCode == 302)
                        context.Response.RedirectLocation = Address;
                    context.Response.Close();
                }
                catch (Exception gone) when (gone is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }
        }

        public void Dispose() => listener.Close();
    }
}
