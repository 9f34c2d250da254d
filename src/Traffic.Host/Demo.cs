using System.CommandLine;

namespace Traffic.Host;

/// <summary>The verb <c>demo</c>: serves, and sends a synthetic campaign through the front doors.</summary>
static class Demo
{
    public static Command Create()
    {
        var demo = new Command("demo", "Serves with a synthetic campaign. 演示：运行服务并发送模拟数据。") { TreatUnmatchedTokensAsErrors = false };
        demo.SetAction((parsed, cancel) => Serve.Run([.. parsed.UnmatchedTokens], Campaign, cancel));
        return demo;
    }

    static Task Campaign(WebApplication app, CancellationToken cancel) => Task.CompletedTask;
}
