using System.Net;
using System.Net.Http.Headers;
using System.Text;
using NUnit.Framework;
using Traffic.Host.Import;

namespace Traffic.Tests.Import;

/// <summary>What a sender makes of answers, and of none: only an answer settles anything.</summary>
public sealed class SenderTests
{
    /// <summary>Answers as told, in turn; the last one for ever.</summary>
    sealed class Server(params Func<HttpResponseMessage>[] answers) : HttpMessageHandler
    {
        public List<string> Bodies { get; } = [];

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Bodies.Add(await request.Content!.ReadAsStringAsync(cancellationToken));
            return answers[Math.Min(Bodies.Count, answers.Length) - 1]();
        }
    }

    /// <summary>Waiting takes no time, but the clock moves on.</summary>
    sealed class Hurried : TimeProvider
    {
        long now;

        public List<TimeSpan> Waits { get; } = [];

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => now;

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            Waits.Add(dueTime);
            now += dueTime.Ticks;
            return base.CreateTimer(callback, state, TimeSpan.Zero, period);
        }
    }

    static HttpResponseMessage Taken() => new(HttpStatusCode.OK)
    {
        Content = new StringContent("""{ "results": [ { "outcome": "accepted" }, { "outcome": "duplicate" } ] }"""),
    };

    static HttpResponseMessage Status(int status, int? retryAfter = null)
    {
        var answer = new HttpResponseMessage((HttpStatusCode)status) { Content = new StringContent("""{ "title": "no such map" }""") };
        answer.Headers.RetryAfter = retryAfter is { } seconds ? new RetryConditionHeaderValue(TimeSpan.FromSeconds(seconds)) : null;
        return answer;
    }

    static ImportSender Sender(Server server, Hurried clock, int patience = 60) => new(
        new HttpClient(server) { BaseAddress = new Uri("http://127.0.0.1/") }, "import.sample", "en", TimeSpan.FromSeconds(patience), clock, _ => { });

    static readonly byte[] Body = Encoding.UTF8.GetBytes("{}\n{}\n");

    [TestCase(503)]
    [TestCase(500)]
    [TestCase(502)]
    [TestCase(504)]
    [TestCase(429)]
    [TestCase(408)]
    public async Task What_means_later_is_sent_again_with_the_same_bytes(int status)
    {
        var server = new Server(() => Status(status), () => Status(status), Taken);

        var receipts = await Sender(server, new Hurried()).Send(Body, 2, default);

        Assert.That(receipts, Has.Count.EqualTo(2));
        Assert.That(server.Bodies, Has.Count.EqualTo(3).And.All.EqualTo("{}\n{}\n"));
    }

    [Test]
    public async Task A_lost_connection_and_a_cut_answer_mean_unknown_and_are_sent_again()
    {
        var server = new Server(
            () => throw new HttpRequestException("lost"), () => throw new IOException("cut"), () => throw new TaskCanceledException("late"),
            () => new HttpResponseMessage(HttpStatusCode.OK) { Content = new StringContent("""{ "results": [ { "outco""") }, Taken);

        Assert.That(await Sender(server, new Hurried()).Send(Body, 2, default), Has.Count.EqualTo(2));
        Assert.That(server.Bodies, Has.Count.EqualTo(5));
    }

    [TestCase(400)]
    [TestCase(404)]
    [TestCase(413)]
    [TestCase(415)]
    public void What_would_be_refused_again_is_not_sent_again(int status)
    {
        var server = new Server(() => Status(status), Taken);

        var refused = Assert.ThrowsAsync<RequestRefusedException>(() => Sender(server, new Hurried()).Send(Body, 2, default));

        Assert.That(refused!.Message, Is.EqualTo($"{status} no such map"));
        Assert.That(server.Bodies, Has.Count.EqualTo(1));
    }

    [Test]
    public void An_answer_without_a_receipt_for_each_row_settles_nothing() =>
        Assert.ThrowsAsync<RequestRefusedException>(() => Sender(new Server(Taken), new Hurried()).Send(Body, 3, default));

    [Test]
    public void Patience_ends_and_says_that_it_is_unknown()
    {
        var (server, clock) = (new Server(() => Status(503)), new Hurried());

        Assert.ThrowsAsync<UnsettledException>(() => Sender(server, clock, patience: 20).Send(Body, 2, default));
        Assert.That(clock.Waits.Sum(wait => wait.TotalSeconds), Is.InRange(20, 25), "waits grow, none is longer than five seconds");
        Assert.That(clock.Waits.Max(), Is.EqualTo(TimeSpan.FromSeconds(5)));
    }

    [Test]
    public async Task The_server_says_how_long_to_wait()
    {
        var clock = new Hurried();

        await Sender(new Server(() => Status(503, retryAfter: 2), Taken), clock).Send(Body, 2, default);

        Assert.That(clock.Waits, Is.EqualTo([TimeSpan.FromSeconds(2)]));
    }
}
