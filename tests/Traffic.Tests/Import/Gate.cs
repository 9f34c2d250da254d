using System.Net.Http.Headers;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Traffic.Tests.Import;

/// <summary>
/// Stands between the importer and the host's door, so that a blow falls while a batch is surely on its way: every second batch is
/// sent on and struck at once, and no other passes until whatever was struck is up again. An answer that did not come is passed on as none.
/// </summary>
sealed class Gate : IAsyncDisposable
{
    readonly WebApplication app;
    readonly HttpClient behind;
    readonly int blows;
    readonly Func<int, Task> strike;
    readonly SemaphoreSlim one = new(1, 1);
    readonly Random moment = new(20220625);

    /// <param name="port">Where the host listens.</param>
    /// <param name="blows">How many blows, from the third batch on.</param>
    /// <param name="strike">Kills, and starts again; told which blow it is, from 0.</param>
    public Gate(int port, int blows, Func<int, Task> strike)
    {
        (this.blows, this.strike) = (blows, strike);
        behind = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = TimeSpan.FromSeconds(15) };
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Limits.MaxRequestBodySize = null);
        app = builder.Build();
        app.Map("/{**path}", Pass);
    }

    /// <summary>Batches that came, those sent again among them.</summary>
    public int Batches { get; private set; }

    /// <summary>Blows that fell, and at which batch.</summary>
    public List<int> Struck { get; } = [];

    /// <summary>Opens; returns its address.</summary>
    public async Task<string> Open()
    {
        app.Urls.Add("http://127.0.0.1:0");
        await app.StartAsync();
        return app.Urls.Single();
    }

    async Task Pass(HttpContext context)
    {
        await one.WaitAsync();
        try
        {
            var batch = ++Batches;
            var sending = Send(context.Request);
            if (batch % 2 == 1 && batch > 2 && Struck.Count < blows)
            {
                Struck.Add(batch);
                await Task.Delay(moment.Next(30));
                await strike(Struck.Count - 1);
            }
            await Answer(context, sending);
        }
        finally
        {
            one.Release();
        }
    }

    async Task<HttpResponseMessage> Send(HttpRequest request)
    {
        using var body = new MemoryStream();
        await request.Body.CopyToAsync(body);
        using var sent = new HttpRequestMessage(new HttpMethod(request.Method), request.Path + request.QueryString);
        sent.Content = new ByteArrayContent(body.ToArray());
        if (request.ContentType is { } type)
            sent.Content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return await behind.SendAsync(sent);
    }

    static async Task Answer(HttpContext context, Task<HttpResponseMessage> sending)
    {
        try
        {
            using var answer = await sending;
            context.Response.StatusCode = (int)answer.StatusCode;
            context.Response.ContentType = answer.Content.Headers.ContentType?.ToString();
            await answer.Content.CopyToAsync(context.Response.Body);
        }
        catch (Exception fault) when (fault is HttpRequestException or TaskCanceledException)
        {
            context.Abort();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        behind.Dispose();
        one.Dispose();
    }
}
