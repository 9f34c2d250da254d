using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using NUnit.Framework;

namespace Traffic.Tests.Hosting;

public sealed class SimulateTests
{
    [Test]
    public async Task A_host_that_refuses_is_quoted_and_ends_it()
    {
        await using var host = WebApplication.Create(["--urls=http://127.0.0.1:0", "--Logging:LogLevel:Default=None"]);
        host.MapFallback(() => Results.Text("no such feed", statusCode: StatusCodes.Status404NotFound));
        await host.StartAsync();

        var (exit, said, complained) = await Executable.Run(["simulate", "--records", "10", "--to", host.Urls.First()]);

        Assert.That((exit, said, complained.Trim()), Is.EqualTo((2, "", "404: no such feed")));
    }
}
