using System.Net;
using Microsoft.AspNetCore.Http.Timeouts;
using Traffic.Casework;
using Traffic.Intake;
using Traffic.Platform;
using Traffic.Platform.Postgres;
using Traffic.Register;
using Traffic.Reporting;
using Traffic.WebConsole;

namespace Traffic.Host;

/// <summary>The web application: the modules of this process over one database.</summary>
static class TrafficHost
{
    /// <summary>The whole system, in the order a record passes through it.</summary>
    internal static IModule[] All =>
        [new IntakeModule(), new RegisterModule(), new CaseworkModule(), new ReportingModule(), new WebConsoleModule()];

    /// <summary>
    /// Past this a request is given up and answered 503, with nothing half done. The promise is 10 s: to tell a server that says nothing
    /// takes three more, to leave a statement that hears no cancellation one more than this at first, and a busy machine some more to get the answer through.
    /// </summary>
    static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(4);

    /// <inheritdoc cref="Build(WebApplicationBuilder, Task{string}, CancellationToken)"/>
    public static Task<WebApplication> Build(WebApplicationBuilder builder, string connectionString, CancellationToken cancel = default) =>
        Build(builder, Task.FromResult(connectionString), cancel);

    /// <summary>Builds the application and migrates the database; the caller runs it.</summary>
    /// <param name="connection">The owner's connection string: the services are put together while the database starts.</param>
    public static async Task<WebApplication> Build(WebApplicationBuilder builder, Task<string> connection, CancellationToken cancel = default)
    {
        var modules = Modules.Select(All, builder.Configuration);
        var connectionString = "";
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = 4 * 1024 * 1024;
        });
        builder.Services.AddSingleton<IDatabases>(_ => new ModuleDatabases(connectionString));
        builder.Services.AddSingleton(SchemaFiles.From(builder.Configuration));
        builder.Services.AddSingleton(services => new Divisions(services.GetRequiredService<SchemaFiles>()));
        builder.Services.AddSingleton(services => Cubes.Load(services.GetRequiredService<SchemaFiles>()));
        builder.Services.AddSingleton<ImportMaps>();
        builder.Services.AddSingleton<PdfPrinter>();
        builder.Services.AddSingleton(_ => SealOf(builder.Configuration));
        builder.Services.AddSingleton(_ => AllWords());
        builder.Services.AddProblems();
        builder.Services.AddApiDescription();
        builder.Services.AddRequestTimeouts(options => options.DefaultPolicy = new RequestTimeoutPolicy
        {
            Timeout = RequestTimeout,
            TimeoutStatusCode = StatusCodes.Status503ServiceUnavailable,
            WriteTimeoutResponse = context => Problems.Unavailable().ExecuteAsync(context),
        });
        builder.Services.AddHealthChecks().AddCheck<DatabaseHealth>("database").AddCheck<QuarantineHealth>("quarantine");
        builder.AddTelemetry();
        builder.AddBus(modules);
        builder.Services.Configure<HostOptions>(options => options.ServicesStartConcurrently = true);
        builder.Services.AddHostedService<PartitionsAhead>();
        builder.Services.AddHostedService<SilentDatabase>();
        foreach (var module in modules)
            module.AddServices(builder);

        var app = builder.Build();
        connectionString = await connection;
        // Meanwhile the endpoints are mapped, which asks nothing of the database.
        var migrated = Task.Run(() => Migrations.Run(connectionString, [typeof(IModule).Assembly, .. All.Select(module => module.GetType().Assembly)], cancel), cancel);

        app.UseProblems();
        app.Use(HeadAsGet);
        app.UseRouting();
        app.Use(OnlyLoopback);
        app.UseBoundQuery();
        app.UseRequestTimeouts();
        app.MapHealth();
        app.MapMetrics();
        // Made anew for each who asks, which takes seconds on a busy machine.
        app.MapOpenApi("/openapi/{documentName}.json").WithRequestTimeout(TimeSpan.FromSeconds(9));
        app.MapQuarantine();
        foreach (var module in modules)
            module.MapEndpoints(app);
        await migrated;
        return app;
    }

    /// <summary>Under the master key that the settings name.</summary>
    internal static Seal SealOf(IConfiguration settings) => Seal.FromFile(MasterKey(settings));

    /// <summary>Path of the file with the master key.</summary>
    internal static string MasterKey(IConfiguration settings) =>
        settings["Traffic:MasterKey"] ?? Path.Combine(EmbeddedPostgres.DataFolder(settings), "keys", "master.key");

    internal static Words AllWords() => Words.Load(All.Select(module => module.GetType().Assembly).Prepend(typeof(IModule).Assembly));

    /// <summary>HEAD is answered as GET is, by all that GET is answered by; the server leaves the body out (RFC 9110, 9.3.2).</summary>
    static Task HeadAsGet(HttpContext context, RequestDelegate next)
    {
        if (HttpMethods.IsHead(context.Request.Method))
            context.Request.Method = HttpMethods.Get;
        return next(context);
    }

    /// <summary>
    /// Until there are accounts, only this machine is answered, and under its own names: under another a page from elsewhere could ask, and
    /// sign, as whoever sits here (DNS rebinding).
    /// </summary>
    internal static Task OnlyLoopback(HttpContext context, RequestDelegate next)
    {
        if (((context.Connection.RemoteIpAddress is { } from && !IPAddress.IsLoopback(from)) || !IsOurs(context.Request.Host.Host))
            && !context.Request.Path.StartsWithSegments("/health", StringComparison.Ordinal))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.CompletedTask;
        }
        return next(context);
    }

    static bool IsOurs(string host) => host.Equals("localhost", StringComparison.OrdinalIgnoreCase) || (IPAddress.TryParse(host, out var address) && IPAddress.IsLoopback(address));
}
