using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Npgsql;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace Traffic.Tests.Broker;

/// <summary>
/// The executable twice over one database and a real broker: the first takes records in, the second does all, intake included.
/// </summary>
sealed class TwoProcesses : IAsyncDisposable
{
    readonly TestDatabase database;
    readonly Serving[] hosts;
    readonly NpgsqlDataSource source;

    TwoProcesses(TestDatabase database, Serving[] hosts)
    {
        (this.database, this.hosts) = (database, hosts);
        source = NpgsqlDataSource.Create(database.ConnectionString);
    }

    /// <summary>Where the master key of both is.</summary>
    static string Keys => Path.Combine(Path.GetTempPath(), "traffic-test-keys");

    public HttpClient Intake => hosts[0].Http;

    public HttpClient Whole => hosts[1].Http;

    public static async Task<TwoProcesses> Start()
    {
        var broker = await TestBroker.Address();
        var database = await TestCluster.CreateDatabase();
        Task<Serving> Host(string? modules) => Executable.Serve(["serve"], null,
            ("ConnectionStrings:Traffic", database.ConnectionString), ("ConnectionStrings:RabbitMq", broker), ("Traffic:Modules", modules),
            ("Traffic:Data", Keys));
        return new TwoProcesses(database, [await Host("intake"), await Host(null)]);
    }

    /// <summary>An officer's records of one stop, all of the same content but for their ids.</summary>
    public static string Stop(IEnumerable<Guid> ids, string note = "甲")
    {
        var stop = Guid.NewGuid();
        return new JsonArray([.. ids.Select(id => (JsonNode)new JsonObject
        {
            ["recordId"] = id, ["source"] = "roadsideCheck", ["stopId"] = stop, ["divisionCode"] = "152502", ["vehicleType"] = "K33",
            ["occurredAt"] = TimeProvider.System.GetUtcNow().AddMinutes(-10).ToString("yyyy-MM-dd'T'HH:mm:00'Z'", CultureInfo.InvariantCulture),
            ["useNature"] = "A", ["offenceKind"] = "red-light", ["signals"] = new JsonArray("redLight"), ["plate"] = "蒙H00001", ["note"] = note,
        })]).ToJsonString();
    }

    public static Task<HttpResponseMessage> Post(HttpClient http, string body) =>
        http.PostAsync("/api/v1/violations", new StringContent(body, Encoding.UTF8, "application/json"));

    public async Task<long> Ask(string sql)
    {
        await using var command = source.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), CultureInfo.InvariantCulture);
    }

    /// <summary>Waits until every subscriber, <c>announce</c> among them, has done all it owes.</summary>
    public async Task NothingInFlight()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (await Ask("select count(*) from platform.delivery") > 0)
            limit.Token.ThrowIfCancellationRequested();
    }

    /// <summary>The verb, as an operator runs it.</summary>
    public async Task<(int Exit, string Said)> Reconcile()
    {
        var (exit, said, _) = await Executable.Run(["reconcile"], ("ConnectionStrings:Traffic", database.ConnectionString), ("Traffic:Data", Keys));
        return (exit, said);
    }

    /// <summary>Waits until a part of a host's health says so.</summary>
    public static async Task<JsonNode> Health(HttpClient http, string part, Func<JsonNode, bool> says)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (true)
        {
            using var answer = await http.GetAsync("/health/ready", limit.Token);
            var found = JsonNode.Parse(await answer.Content.ReadAsStringAsync(limit.Token))!["parts"]![part]!;
            if (says(found))
                return found;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var host in hosts)
            await host.DisposeAsync();
        await source.DisposeAsync();
        await database.DisposeAsync();
    }
}

/// <summary>The broker as a client of another make sees it.</summary>
static class Rabbit
{
    public static async Task<IConnection> Connect() =>
        await new ConnectionFactory { Uri = new Uri(await TestBroker.Address()) }.CreateConnectionAsync();

    /// <summary>Waits until a queue is there: a process answers before it has declared all its queues.</summary>
    public static async Task Stands(IConnection connection, string queue)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (await Depth(connection, queue) is null)
            await Task.Delay(50, limit.Token);
    }

    /// <summary>Waits until a queue holds so many messages.</summary>
    public static async Task Holds(IConnection connection, string queue, uint messages)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (await Depth(connection, queue) != messages)
            limit.Token.ThrowIfCancellationRequested();
    }

    public static async Task<uint?> Depth(IConnection connection, string queue)
    {
        await using var channel = await connection.CreateChannelAsync();
        try
        {
            return (await channel.QueueDeclarePassiveAsync(queue)).MessageCount;
        }
        catch (OperationInterruptedException) { return null; }
    }
}
