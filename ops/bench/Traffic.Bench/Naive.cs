using Dapper;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Traffic.Catalogue;
using Traffic.Contracts;
using Traffic.Intake;

namespace Traffic.Bench;

/// <summary>
/// What the line is compared with: the same work as a competent user of MassTransit would write it first. The endpoint inserts
/// a row, commits and publishes a message; the consumer classifies, updates the row and raises the count. Quorum queue,
/// prefetch 200, pooled connections, prepared statements. (Between commit and publish a crash loses; a redelivery counts twice.)
/// </summary>
static class Naive
{
    public const string Schema = """
        create table violation (
            record_id uuid primary key, received_at timestamptz not null default now(), source text not null, occurred_at timestamptz not null,
            division text not null, plate text, plate_type text, vehicle_type text, officer_id text, stop_id uuid, unit_code text,
            device_id text, driver_id_number text, driver_name text, offence_kind text, body jsonb not null,
            status text not null default 'received', entry text, family text, day date, points int, fine_min int, fine_max int, trace text);
        create index on violation using brin (day);
        create table cell (day date, division text, entry text, status text, source text, value bigint not null,
            primary key (day, division, entry, status, source)) with (fillfactor = 70);
        """;

    public static async Task Serve()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(Environment.GetEnvironmentVariable("ASPNETCORE_URLS")!);
        builder.Services.AddSingleton(new NpgsqlDataSourceBuilder(
            new NpgsqlConnectionStringBuilder(builder.Configuration.GetConnectionString("Traffic")!) { MaxPoolSize = 100, MaxAutoPrepare = 20 }.ConnectionString).Build());
        builder.Services.AddSingleton(Catalogue.Catalogue.Load(Path.Combine(Machine.Root, "schemas/catalogue")));
        builder.Services.AddMassTransit(bus =>
        {
            bus.DisableUsageTelemetry();
            bus.AddConsumer<ClassifyViolation>();
            bus.UsingRabbitMq((context, rabbit) =>
            {
                rabbit.Host(new Uri(builder.Configuration.GetConnectionString("RabbitMq")!.Replace("amqp://", "rabbitmq://", StringComparison.Ordinal)));
                rabbit.ReceiveEndpoint("naive-classify", endpoint =>
                {
                    endpoint.SetQuorumQueue();
                    endpoint.PrefetchCount = 200;
                    endpoint.ConfigureConsumer<ClassifyViolation>(context);
                });
            });
        });
        var app = builder.Build();
        app.MapGet("/health/ready", () => "ready");
        app.MapPost("/api/v1/violations", Add);
        await app.RunAsync();
    }

    const string Insert = """
        insert into violation (record_id, source, occurred_at, division, plate, plate_type, vehicle_type, officer_id, stop_id, unit_code,
                               device_id, driver_id_number, driver_name, offence_kind, body)
        values (@RecordId, @Source, @OccurredAt, @DivisionCode, @Plate, @PlateType, @VehicleType, @OfficerId, @StopId, @UnitCode,
                @DeviceId, @DriverIdNumber, @DriverName, @OffenceKind, @Body::jsonb)
        on conflict do nothing
        """;

    static async Task<IResult> Add(NewViolation sent, NpgsqlDataSource database, IPublishEndpoint bus)
    {
        var record = sent.AsReported(sent.RecordId!.Value, null);
        await using (var connection = await database.OpenConnectionAsync())
            await connection.ExecuteAsync(Insert, new
            {
                record.RecordId, Source = record.Source.ToString(), OccurredAt = record.OccurredAt.UtcDateTime, record.DivisionCode, record.Plate,
                record.PlateType, record.VehicleType, record.OfficerId, record.StopId, record.UnitCode, record.DeviceId, record.DriverIdNumber,
                record.DriverName, record.OffenceKind,
                Body = System.Text.Json.JsonSerializer.Serialize(record, TrafficJson.Plain.ReportedViolation),
            });
        await bus.Publish(record);
        return Results.Created($"/api/v1/violations/{record.RecordId}", new { record.RecordId });
    }
}

/// <summary>The consumer of the naive design.</summary>
sealed class ClassifyViolation(NpgsqlDataSource database, Catalogue.Catalogue catalogue) : IConsumer<ReportedViolation>
{
    const string Update = """
        update violation set status = @status, entry = @Entry, family = @Family, day = @day, points = @Points, fine_min = @FineMin,
                             fine_max = @FineMax, trace = @Trace
        where record_id = @RecordId
        """;

    const string Count = """
        insert into cell (day, division, entry, status, source, value) values (@day, @DivisionCode, @Entry, @status, @source, 1)
        on conflict (day, division, entry, status, source) do update set value = cell.value + 1
        """;

    public async Task Consume(ConsumeContext<ReportedViolation> context)
    {
        var record = context.Message;
        var decision = Classifier.Decide(record, new DecisionContext(), catalogue);
        var day = record.OccurredAt.UtcDateTime.AddHours(8).Date;
        var status = decision.Entry == Decision.Undecided ? "toReview" : "confirmed";
        await using var connection = await database.OpenConnectionAsync(context.CancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(context.CancellationToken);
        await connection.ExecuteAsync(Update, new
        {
            status, decision.Entry, decision.Family, day, decision.Points, decision.FineMin, decision.FineMax, decision.Trace, record.RecordId,
        }, transaction);
        await connection.ExecuteAsync(Count, new { day, record.DivisionCode, decision.Entry, status, source = record.Source.ToString() }, transaction);
        await transaction.CommitAsync(context.CancellationToken);
    }
}
