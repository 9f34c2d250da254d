using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Traffic.Platform;
using Traffic.Reporting.Alarms;
using Traffic.Reporting.Counts;
using Traffic.Reporting.Editions;
using Traffic.Reporting.Exports;
using Traffic.Reporting.Ledgers;
using Traffic.Reporting.RecordFigures;
using Traffic.Reporting.Units;

namespace Traffic.Reporting;

/// <summary>Answers for the targets; every figure opens to its records.</summary>
public sealed class ReportingModule : IModule
{
    /// <inheritdoc/>
    public string Name => "reporting";

    /// <inheritdoc/>
    /// <exception cref="StartRefusedException">A campaign's file in <c>schemas/targets</c> is not as it must be, or a receiver of alarms is not allowed.</exception>
    public void AddServices(IHostApplicationBuilder builder)
    {
        Dapper.DefaultTypeMap.MatchNamesWithUnderscores = true;
        var schemas = SchemaFiles.From(builder.Configuration);
        builder.Services.AddSingleton(new Campaigns(CampaignReader.ReadAll(schemas)));
        builder.Services.AddSingleton<Titles>();
        builder.Services.AddSingleton(services => ActivatorUtilities.CreateInstance<CountMemory>(
            services, services.GetRequiredService<IDatabases>().Of("reporting"), builder.Configuration.GetValue("Traffic:Reports:ChangesInMemory", CountMemory.Default)));
        builder.Services.AddHostedService<KeepCounts>();
        builder.Services.AddSingleton(services => new ReportStore(
            services.GetRequiredService<IDatabases>().Of("reporting"), services.GetRequiredService<Cubes>(),
            services.GetRequiredService<TimeProvider>(), services.GetRequiredService<CountMemory>()));
        builder.Services.AddSingleton<ReportsApi>();
        builder.Services.AddSingleton<ActivityApi>();
        builder.Services.AddSingleton<PreviewedTargets>();
        builder.Services.AddSingleton<DutyApi>();
        builder.Services.AddSingleton(services => new DefinitionStore(services.GetRequiredService<IDatabases>().Of("reporting")));
        builder.Services.AddHostedService<KeepDefinitions>();
        builder.Services.AddSingleton(services => ActivatorUtilities.CreateInstance<BaselineStore>(
            services, services.GetRequiredService<IDatabases>().Of("reporting")));
        builder.Services.AddSingleton(services => ActivatorUtilities.CreateInstance<UnitStore>(services, services.GetRequiredService<IDatabases>().Of("reporting")));
        builder.Services.AddHostedService<KeepUnits>();
        builder.Services.AddSingleton<UnitScopes>();
        builder.Services.AddSingleton<UnitsApi>();
        builder.Services.AddSingleton<UnitReportApi>();
        builder.Services.AddSingleton<CampaignsApi>();
        builder.Services.AddSingleton(services => new EditionStore(
            services.GetRequiredService<IDatabases>().Of("reporting"), services.GetRequiredService<Cubes>()));
        builder.Services.AddSingleton<EditionMaker>();
        builder.Services.AddSingleton<ExportTables>();
        builder.Services.AddSingleton<ExportFiles>();
        builder.Services.AddSingleton(services => new LedgerStore(services.GetRequiredService<IDatabases>().Of("reporting"), services.GetRequiredService<CountMemory>()));
        builder.Services.AddSingleton<LedgerApi>();
        builder.Services.AddSingleton<EditionsApi>();
        builder.Services.AddSingleton<LateApi>();
        builder.Services.AddSingleton<RecordFiguresApi>();
        builder.Services.AddSingleton<EditionRuns>();
        builder.Services.AddHostedService(services => services.GetRequiredService<EditionRuns>());
        builder.Services.AddSingleton(services => new AlarmStore(services.GetRequiredService<IDatabases>().Of("reporting")));
        builder.Services.AddSingleton(WebhookSettings.From(builder.Configuration));
        // Nowhere but where the settings say: a receiver cannot send us on.
        builder.Services.AddHttpClient(Webhook.Client, client => client.Timeout = Webhook.Timeout)
            .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { AllowAutoRedirect = false, UseCookies = false }).RemoveAllLoggers();
        builder.Services.AddSingleton<AlarmsApi>();
    }

    /// <summary>For the verb that previews a catalogue without a host.</summary>
    internal static PreviewedTargets PreviewedTargets(SchemaFiles schemas, IDatabases databases, Divisions divisions, Cubes cubes, Words words)
    {
        Dapper.DefaultTypeMap.MatchNamesWithUnderscores = true;
        return new(new ReportStore(databases.Of("reporting"), cubes, TimeProvider.System), new Campaigns(CampaignReader.ReadAll(schemas)), cubes,
            divisions, new Titles(divisions, new ImportMaps(schemas), words), TimeProvider.System);
    }

    /// <inheritdoc/>
    public void AddSubscribers(ISubscriptions log)
    {
        log.Add<Alarm>(stream: "register", AlarmPace);
        log.Add<Webhook>(stream: "alarm");
    }

    /// <summary>So many records are looked at together: a person hears of it within a tenth of a second all the same.</summary>
    static readonly TimeSpan AlarmPace = TimeSpan.FromMilliseconds(50);

    /// <inheritdoc/>
    public void MapEndpoints(IEndpointRouteBuilder routes)
    {
        routes.ServiceProvider.GetRequiredService<ReportsApi>().Map(routes);
        routes.ServiceProvider.GetRequiredService<ActivityApi>().Map(routes);
        routes.ServiceProvider.GetRequiredService<PreviewedTargets>().Map(routes);
        routes.ServiceProvider.GetRequiredService<DutyApi>().Map(routes);
        routes.ServiceProvider.GetRequiredService<UnitsApi>().Map(routes);
        routes.ServiceProvider.GetRequiredService<UnitReportApi>().Map(routes);
        routes.ServiceProvider.GetRequiredService<CampaignsApi>().Map(routes);
        routes.ServiceProvider.GetRequiredService<EditionsApi>().Map(routes);
        routes.ServiceProvider.GetRequiredService<LateApi>().Map(routes);
        routes.ServiceProvider.GetRequiredService<RecordFiguresApi>().Map(routes);
        routes.ServiceProvider.GetRequiredService<LedgerApi>().Map(routes);
        routes.ServiceProvider.GetRequiredService<AlarmsApi>().Map(routes);
    }
}
