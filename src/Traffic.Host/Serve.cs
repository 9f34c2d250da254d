using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Traffic.Platform;
using Traffic.Platform.Postgres;

namespace Traffic.Host;

/// <summary>The verb <c>serve</c>: runs until it is told to stop. Settings come from the environment and <c>--Name=value</c>.</summary>
static class Serve
{
    public static Command Create()
    {
        var settings = new Argument<string[]>("settings") { Arity = ArgumentArity.ZeroOrMore };
        var serve = new Command("serve", "Runs the modules of this process. 运行服务。") { settings };
        serve.TreatUnmatchedTokensAsErrors = false;
        serve.SetAction((parsed, cancel) => Run([.. parsed.GetValue(settings) ?? [], .. parsed.UnmatchedTokens], (_, _) => Task.CompletedTask, cancel));
        return serve;
    }

    /// <summary>Starts database and application, lets <paramref name="then"/> work while it serves, and stops both in the right order.</summary>
    public static async Task<int> Run(string[] settings, Func<WebApplication, CancellationToken, Task> then, CancellationToken cancel)
    {
        var builder = Builder(settings);
        await RefuseTaken(builder.WebHost.GetSetting(WebHostDefaults.ServerUrlsKey)!, cancel);
        var starting = Task.Run(() => EmbeddedPostgres.Start(builder.Configuration, Console.Error.WriteLine, cancel), cancel);
        await using var stopping = new Stopping(starting);
        await using var app = await TrafficHost.Build(builder, ConnectionString(), cancel);
        try
        {
            await app.StartAsync(cancel);
        }
        catch (IOException fault) when (fault.InnerException is AddressInUseException)
        {
            throw Taken(fault.Message, fault);
        }
        Console.WriteLine($"Serving at {string.Join(' ', app.Urls)}  正在提供服务");
        await then(app, cancel);
        await app.WaitForShutdownAsync(cancel);
        return 0;

        async Task<string> ConnectionString() => (await starting).ConnectionString;
    }

    /// <summary>Looks whether somebody listens there already: before the database is started, and without the traces of a server that cannot.</summary>
    /// <exception cref="StartRefusedException">Somebody does.</exception>
    static async Task RefuseTaken(string urls, CancellationToken cancel)
    {
        foreach (var address in urls.Split(';', StringSplitOptions.RemoveEmptyEntries).Select(BindingAddress.Parse))
            if (address.Port > 0 && (address.Host == "localhost" ? IPAddress.Loopback : IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) ? ip : null) is { } at
                && await Answers(new IPEndPoint(at, address.Port), cancel))
                throw Taken($"{address}: address already in use.", null);
    }

    /// <summary>By asking: to listen there for a moment would take in, and drop, whoever comes in it.</summary>
    static async Task<bool> Answers(IPEndPoint at, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(TimeSpan.FromSeconds(1));
        using var socket = new Socket(at.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(at, limit.Token);
            // Where nobody listens, a socket may be given that very port and meet itself.
            return !Equals(socket.LocalEndPoint, socket.RemoteEndPoint);
        }
        catch (Exception none) when (none is SocketException or OperationCanceledException && !cancel.IsCancellationRequested)
        {
            return false;
        }
    }

    static StartRefusedException Taken(string what, Exception? fault) => new(
        $"{what} Is it running already? ASPNETCORE_URLS names another address. 地址已被占用：是否已在运行？可用 ASPNETCORE_URLS 指定其他地址。", fault);

    /// <summary>Stops the database, where it was started at all.</summary>
    sealed class Stopping(Task<EmbeddedPostgres> starting) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await ((Task)starting).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (starting.IsCompletedSuccessfully)
                await (await starting).DisposeAsync();
        }
    }

    /// <summary>The builder with the defaults of the product: 127.0.0.1:5080, quiet logs.</summary>
    /// <exception cref="StartRefusedException">One of them is no setting.</exception>
    public static WebApplicationBuilder Builder(string[] settings)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions
        {
            Args = Settings.Held(settings),
            ContentRootPath = AppContext.BaseDirectory,
            ApplicationName = typeof(Serve).Assembly.GetName().Name,
        });
        if (builder.Configuration["urls"] is null && builder.Configuration["ASPNETCORE_URLS"] is null)
            builder.WebHost.UseUrls("http://127.0.0.1:5080");
        builder.Logging.AddFilter("MassTransit", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("Npgsql", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Diagnostics.ExceptionHandlerMiddleware", LogLevel.Error);
        return builder;
    }
}
