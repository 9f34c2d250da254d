using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using NUnit.Framework;

namespace Traffic.Tests;

/// <summary>A RabbitMQ of the tests' own, started when the first test asks and gone with the run. May be killed and started again.</summary>
[SetUpFixture]
public sealed class TestBroker
{
    static readonly SemaphoreSlim Gate = new(1, 1);
    static string? folder;
    static string? address;

    /// <summary>Where it listens, e.g. <c>amqp://guest:guest@127.0.0.1:24000</c>. The test is ignored where no RabbitMQ is installed.</summary>
    internal static async Task<string> Address()
    {
        await Gate.WaitAsync();
        try
        {
            return address ??= await Start();
        }
        finally
        {
            Gate.Release();
        }
    }

    /// <summary>Starts it, or starts it again on the same port with the queues it had.</summary>
    internal static async Task<string> Start()
    {
        if (!File.Exists("/usr/lib/rabbitmq/bin/rabbitmq-server"))
            Assert.Ignore("No RabbitMQ on this machine: apt-get install --no-install-recommends rabbitmq-server");
        folder ??= Directory.CreateTempSubdirectory("traffic-broker-").FullName;
        var printed = await Run("start");
        return printed.Split('\'')[1];
    }

    /// <summary><c>kill -9</c>; returns when nobody answers at its port any more.</summary>
    internal static async Task Kill()
    {
        var uri = new Uri(await Address());
        using var node = Process.GetProcessById(
            int.Parse((await File.ReadAllTextAsync(Path.Combine(folder!, "rabbitmq/pid"))).Trim(), CultureInfo.InvariantCulture));
        node.Kill();
        await node.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token);
        while (await Answers(uri))
            await Task.Yield();
        File.Delete(Path.Combine(folder!, "rabbitmq/pid"));
    }

    static async Task<bool> Answers(Uri uri)
    {
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(uri.Host, uri.Port);
            return true;
        }
        catch (SocketException) { return false; }
    }

    /// <summary>Stops it and removes its folder.</summary>
    [OneTimeTearDown]
    public static async Task Stop()
    {
        if (folder is null)
            return;
        await Run("stop");
        Directory.Delete(folder, recursive: true);
        (folder, address) = (null, null);
    }

    static async Task<string> Run(string verb)
    {
        var start = new ProcessStartInfo(
            "bash", [Path.Combine(Repository.Root, "ops/dev-services.sh"), verb, "rabbitmq", "--folder", folder!])
        {
            RedirectStandardOutput = true,
        };
        using var script = Process.Start(start)!;
        var printed = await script.StandardOutput.ReadToEndAsync();
        await script.WaitForExitAsync();
        return script.ExitCode == 0 ? printed : throw new InvalidOperationException("RabbitMQ did not start or stop; its words stand above.");
    }
}
