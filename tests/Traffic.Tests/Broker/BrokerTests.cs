using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using NUnit.Framework;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace Traffic.Tests.Broker;

/// <summary>
/// Processes of their own over a real broker. It carries nudges and announcements only: whatever becomes of it, and of what is in
/// it, every record is stored and counted once.
/// </summary>
[Category("RabbitMq"), Category("Postgres")]
[NonParallelizable]
[Order(2)]
public sealed class BrokerTests
{
    TwoProcesses line = null!;

    [OneTimeSetUp]
    public async Task Start() => line = await TwoProcesses.Start();

    [OneTimeTearDown]
    public async Task Stop() => await line.DisposeAsync();

    [TearDown]
    public async Task Everything_is_counted_once()
    {
        await line.NothingInFlight();
        Assert.That((await line.Reconcile()).Exit, Is.Zero);
    }

    static List<Guid> Ids(int count) => [.. Enumerable.Range(0, count).Select(_ => Guid.NewGuid())];

    [Test]
    public async Task What_one_process_takes_in_another_stores_and_counts()
    {
        var stored = await line.Ask("select count(*) from register.violation");
        for (var i = 0; i < 20; i++)
            Assert.That((await TwoProcesses.Post(line.Intake, TwoProcesses.Stop(Ids(10)))).StatusCode, Is.EqualTo(HttpStatusCode.Created));

        await line.NothingInFlight();
        Assert.That(await line.Ask("select count(*) from register.violation"), Is.EqualTo(stored + 200));
        Assert.That((await line.Intake.GetAsync("/api/v1/reports/offences")).StatusCode, Is.EqualTo(HttpStatusCode.NotFound), "not its module");
    }

    /// <remarks>With <c>raise exception … TR001</c> taken out of <c>intake.append</c> both processes take it.</remarks>
    [Test]
    public async Task One_key_sent_to_two_processes_with_two_contents_is_taken_once()
    {
        for (var round = 0; round < 10; round++)
        {
            var id = Ids(1);
            string[] bodies = [TwoProcesses.Stop(id, "甲"), TwoProcesses.Stop(id, "乙")];
            var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(client =>
                TwoProcesses.Post(client % 2 == 0 ? line.Intake : line.Whole, bodies[client / 2 % 2])));

            Assert.That(answers.Count(one => one.StatusCode == HttpStatusCode.Created), Is.EqualTo(1));
            Assert.That(answers.Count(one => one.StatusCode == HttpStatusCode.OK), Is.EqualTo(7), "of the content that came first");
            Assert.That(answers.Count(one => one.StatusCode == HttpStatusCode.Conflict), Is.EqualTo(8), "of the other");
        }
    }

    [Test]
    public async Task The_queues_are_quorum_queues_that_put_aside_what_is_handed_out_too_often()
    {
        await using var connection = await Rabbit.Connect();
        foreach (var subscriber in new[] { "register-violations", "apply-decisions", "announce", "alarm", "webhook", "announce-alarm" })
        {
            await using var channel = await connection.CreateChannelAsync();
            Assert.DoesNotThrowAsync(() => channel.QueueDeclareAsync(subscriber, durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?>
            {
                ["x-queue-type"] = "quorum", ["x-delivery-limit"] = 20, ["x-dead-letter-exchange"] = $"{subscriber}_dead",
                ["x-max-length"] = 10_000, ["x-overflow"] = "reject-publish",
            }), "declaring it again with other arguments is refused by the broker");
        }
    }

    [Test]
    public async Task Another_system_hears_of_each_change_and_of_no_person()
    {
        await using var connection = await Rabbit.Connect();
        await using var channel = await connection.CreateChannelAsync();
        var queue = (await channel.QueueDeclareAsync()).QueueName;
        // The first to come declares it: a listener, or who publishes first.
        await channel.ExchangeDeclareAsync("Traffic.Contracts:StandingsChanged", ExchangeType.Fanout, durable: true);
        await channel.QueueBindAsync(queue, "Traffic.Contracts:StandingsChanged", "");
        var told = new List<string>();
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, message) =>
        {
            lock (told)
                told.Add(Encoding.UTF8.GetString(message.Body.Span));
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue, autoAck: true, consumer);
        var ids = Ids(5);

        await TwoProcesses.Post(line.Intake, TwoProcesses.Stop(ids));
        await line.NothingInFlight();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        HashSet<Guid> heard;
        do
        {
            limit.Token.ThrowIfCancellationRequested();
            lock (told)
                heard = [.. told.SelectMany(text => JsonNode.Parse(text)!["message"]!["changes"]!.AsArray()).Select(change => (Guid)change!["recordId"]!)];
        }
        while (!ids.TrueForAll(heard.Contains));

        var example = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.Root, "schemas/messages/StandingsChanged.json")))!.AsObject();
        var envelope = JsonNode.Parse(told[0])!;
        Assert.That(envelope["messageType"]!.AsArray().Select(type => (string)type!), Is.EqualTo(new[] { "urn:message:Traffic.Contracts:StandingsChanged" }));
        Assert.That(envelope["message"]!.AsObject().Select(member => member.Key), Is.EqualTo(example.Select(member => member.Key)));
        Assert.That(string.Concat(told), Does.Not.Contain("00001").And.Not.Contain("甲"), "neither plate nor note");
    }

    [TestCase("ActivitiesChanged")]
    [TestCase("AlarmChanged")]
    public async Task Another_system_hears_of_a_danger_and_of_the_zero_it_breaks(string message)
    {
        await using var connection = await Rabbit.Connect();
        await using var channel = await connection.CreateChannelAsync();
        var queue = (await channel.QueueDeclareAsync()).QueueName;
        // The first to come declares it: a listener, or who publishes first.
        await channel.ExchangeDeclareAsync($"Traffic.Contracts:{message}", ExchangeType.Fanout, durable: true);
        await channel.QueueBindAsync(queue, $"Traffic.Contracts:{message}", "");
        // A banner of its own for each, whose zero is not broken yet.
        var division = message == "AlarmChanged" ? "152530" : "152531";
        var danger = new JsonObject
        {
            ["recordId"] = Guid.NewGuid(), ["foundAt"] = TimeProvider.System.GetUtcNow().AddDays(-1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", null),
            ["divisionCode"] = division, ["dangerKind"] = "scrapping-overdue", ["plate"] = "蒙H00001", ["plateType"] = "01", ["note"] = "甲",
        };
        using var answer = await line.Intake.PostAsync("/api/v1/dangers", new StringContent(danger.ToJsonString(), Encoding.UTF8, "application/json"));
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.Created));
        await line.NothingInFlight();

        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        JsonNode? heard = null;
        while (heard is null)
        {
            limit.Token.ThrowIfCancellationRequested();
            if (await channel.BasicGetAsync(queue, autoAck: true, limit.Token) is not { } got)
                continue;
            var text = Encoding.UTF8.GetString(got.Body.Span);
            Assert.That(text, Does.Not.Contain("00001\"").And.Not.Contain("蒙").And.Not.Contain("甲"), "neither plate nor note");
            if (text.Contains($"\"{division}\"", StringComparison.Ordinal))
                heard = JsonNode.Parse(text);
        }
        var example = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(Repository.Root, $"schemas/messages/{message}.json")))!.AsObject();
        Assert.That((string)heard["messageType"]![0]!, Is.EqualTo($"urn:message:Traffic.Contracts:{message}"));
        Assert.That(heard["message"]!.AsObject().Select(member => member.Key), Is.EqualTo(example.Select(member => member.Key)));
    }

    [TestCase("""{"messageType":["urn:message:Foreign:Nothing"],"message":{"x":1}}""", "register-violations_skipped", Description = "a type nobody knows")]
    [TestCase("""{"messageType":["urn:message:Traffic.Contracts:LogAppended"],"message":{"stream":7}}""", "register-violations_error", Description = "a nudge that cannot be read")]
    [TestCase("this is no JSON", "register-violations_error", Description = "not JSON")]
    public async Task What_strangers_put_into_a_queue_is_an_alarm_and_never_a_record(string body, string endsIn)
    {
        await using var connection = await Rabbit.Connect();
        await using var channel = await connection.CreateChannelAsync();
        var received = await line.Ask("select coalesce(sum(received), 0) from intake.tally");
        var before = await Rabbit.Depth(connection, endsIn) ?? 0;

        await channel.BasicPublishAsync("", "register-violations", mandatory: true,
            new BasicProperties { ContentType = "application/vnd.masstransit+json", MessageId = $"{Guid.NewGuid()}" }, Encoding.UTF8.GetBytes(body));

        await Rabbit.Holds(connection, endsIn, before + 1);
        await TwoProcesses.Health(line.Whole, "broker", broker =>
            (string)broker["status"]! == "degraded" && broker["data"]!.AsObject().ContainsKey(endsIn));
        Assert.That(await line.Whole.GetStringAsync("/metrics"), Does.Match($"traffic_queue_messages{{.*queue=\"{endsIn}\".*}} [1-9]"));
        Assert.That(await line.Ask("select coalesce(sum(received), 0) from intake.tally"), Is.EqualTo(received), "the ledger knows nothing of it");
        Assert.That(await line.Ask("select count(*) from platform.quarantine"), Is.Zero);

        // The subscriber goes on.
        await TwoProcesses.Post(line.Intake, TwoProcesses.Stop(Ids(1)));
        await line.NothingInFlight();
        await channel.QueuePurgeAsync(endsIn);
    }

    [Test]
    public async Task A_broker_that_is_killed_and_started_again_loses_no_record()
    {
        var stored = await line.Ask("select count(*) from register.violation");
        await TestBroker.Kill();

        for (var i = 0; i < 10; i++)
            Assert.That((await TwoProcesses.Post(line.Intake, TwoProcesses.Stop(Ids(10)))).StatusCode, Is.EqualTo(HttpStatusCode.Created), "intake does not need it");
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (await line.Ask("select coalesce(sum(items), 0) from platform.delivery where subscriber = 'register-violations'") > 0)
            limit.Token.ThrowIfCancellationRequested();
        Assert.That(await line.Ask("select count(*) from register.violation"), Is.EqualTo(stored + 100), "subscribers look by themselves");
        Assert.That(await line.Ask("select coalesce(sum(items), 0) from platform.delivery where subscriber = 'announce'"), Is.EqualTo(100), "announcements wait");
        var ready = await line.Whole.GetAsync("/health/ready");
        Assert.That(ready.StatusCode, Is.EqualTo(HttpStatusCode.OK), "degraded at most");
        foreach (var host in new[] { line.Intake, line.Whole })
            await TwoProcesses.Health(host, "broker", broker => (string)broker["status"]! == "degraded");

        await TestBroker.Start();
        await line.NothingInFlight();
        await TwoProcesses.Health(line.Whole, "broker", broker => (string)broker["status"]! == "healthy");
        Assert.That(await line.Ask("select count(*) from platform.quarantine"), Is.Zero, "an outage is no fault of the record");
    }
}

/// <summary>A nudge that ends each process that takes it would be handed out for ever.</summary>
/// <remarks>Before the tests that kill the broker: for a while after that a quorum queue answers no purge.</remarks>
[Order(1)]
[Category("RabbitMq"), Category("Postgres")]
[NonParallelizable]
public sealed class DeadNudgeTests
{
    [Test]
    public async Task A_message_handed_out_20_times_is_put_aside_and_told_by_health()
    {
        await using var app = await TrafficApp.Start(new Dictionary<string, string?> { ["ConnectionStrings:RabbitMq"] = await TestBroker.Address() });
        await using var connection = await Rabbit.Connect();
        await using var channel = await connection.CreateChannelAsync();
        await Rabbit.Stands(connection, "webhook_dead");
        // What other tests have left there is not this one's.
        await channel.QueuePurgeAsync("webhook_dead");
        await channel.QueueDeclareAsync("victim", durable: true, exclusive: false, autoDelete: false, new Dictionary<string, object?>
        {
            ["x-queue-type"] = "quorum", ["x-delivery-limit"] = 20, ["x-dead-letter-exchange"] = "webhook_dead",
        });
        await channel.BasicPublishAsync("", "victim", Encoding.UTF8.GetBytes("{}"));

        var handedOut = 0;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await Rabbit.Depth(connection, "webhook_dead") == 0)
        {
            limit.Token.ThrowIfCancellationRequested();
            if (await channel.BasicGetAsync("victim", autoAck: false) is not { } message)
                continue;
            handedOut++;
            await channel.BasicNackAsync(message.DeliveryTag, multiple: false, requeue: true);
        }

        Assert.That(handedOut, Is.EqualTo(21), "once, and 20 times again");
        await TwoProcesses.Health(app.Http, "broker", broker => broker["data"]!.AsObject().ContainsKey("webhook_dead"));
        await channel.QueuePurgeAsync("webhook_dead");
        await channel.QueueDeleteAsync("victim");
    }
}
