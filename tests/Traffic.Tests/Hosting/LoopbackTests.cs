using System.Net;
using Microsoft.AspNetCore.Http;
using NUnit.Framework;
using Traffic.Host;

namespace Traffic.Tests.Hosting;

public sealed class LoopbackTests
{
    [TestCase("127.0.0.1", "localhost:5080", "/api/v1/violations", true)]
    [TestCase("::1", "localhost:5080", "/api/v1/violations", true)]
    [TestCase("::ffff:127.0.0.1", "localhost:5080", "/", true)]
    [TestCase("192.0.2.1", "localhost:5080", "/api/v1/violations", false)]
    [TestCase("192.0.2.1", "localhost:5080", "/metrics", false)]
    [TestCase("192.0.2.1", "localhost:5080", "/healthy", false)]
    [TestCase("192.0.2.1", "localhost:5080", "/health/ready", true)]
    [TestCase("127.0.0.1", "LocalHost:5080", "/", true)]
    [TestCase("127.0.0.1", "127.0.0.1", "/", true)]
    [TestCase("127.0.0.1", "[::1]:5080", "/", true)]
    [TestCase("127.0.0.1", "traffic.example:5080", "/", false)]
    [TestCase("127.0.0.1", "127.0.0.1.traffic.example", "/", false)]
    [TestCase("127.0.0.1", "192.0.2.1", "/", false)]
    [TestCase("127.0.0.1", "", "/", false)]
    [TestCase("127.0.0.1", "traffic.example", "/health/ready", true)]
    public async Task Only_this_machine_is_answered_under_its_own_names_but_for_health(string from, string host, string path, bool passes)
    {
        var context = new DefaultHttpContext();
        context.Connection.RemoteIpAddress = IPAddress.Parse(from);
        (context.Request.Path, context.Request.Host) = (path, new HostString(host));
        var passed = false;

        await TrafficHost.OnlyLoopback(context, _ => { passed = true; return Task.CompletedTask; });

        Assert.That(passed, Is.EqualTo(passes));
        Assert.That(context.Response.StatusCode, Is.EqualTo(passes ? 200 : 403));
    }
}
