using NUnit.Framework;

namespace Traffic.Tests.Hosting;

public sealed class TelemetryTests
{
    [Test]
    public async Task The_running_system_tells_who_it_is_and_what_it_was_asked()
    {
        await using var app = await TrafficApp.Start();
        (await app.Http.GetAsync("/api/v1/ledger")).EnsureSuccessStatusCode();

        var figures = await app.Http.GetStringAsync("/metrics");

        Assert.That(figures, Does.Match("(?m)^http_server_request_duration_seconds_count{.*http_route=\"/api/v1/ledger\".*} [1-9]"));
        Assert.That(figures, Does.Match("(?m)^kestrel_active_connections{.*} [1-9]"));
        Assert.That(figures, Does.Match("(?m)^db_client_operation_duration_seconds_count{.*} [1-9]"));
        Assert.That(figures, Does.Match("(?m)^target_info{.*service_name=\"traffic\""));
    }
}
