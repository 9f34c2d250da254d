using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Traffic.Intake;
using Traffic.Platform;

namespace Traffic.Bench;

/// <summary>H: HTTP and parsing alone. Reads a request as Intake does, answers with receipts, keeps nothing.</summary>
static class HttpAlone
{
    public static async Task Serve()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(Environment.GetEnvironmentVariable("ASPNETCORE_URLS")!);
        var app = builder.Build();
        app.MapGet("/health/ready", () => "ready");
        app.MapPost("/api/v1/violations", (RequestDelegate)(http => Answer(http, one: true)));
        app.MapPost("/api/v1/feeds/{feed}/events", (RequestDelegate)(http => Answer(http, one: false)));
        await app.RunAsync();
    }

    static async Task Answer(HttpContext http, bool one)
    {
        var body = await JsonBody.ReadAll(http.Request.BodyReader, http.RequestAborted);
        var receipts = (one ? [body] : Door.Lines(body, int.MaxValue)).ConvertAll(Read);
        http.Request.BodyReader.AdvanceTo(body.End);
        http.Response.StatusCode = one ? StatusCodes.Status201Created : StatusCodes.Status200OK;
        http.Response.ContentType = "application/json; charset=utf-8";
        await using (var json = new Utf8JsonWriter(http.Response.BodyWriter))
            if (one)
                JsonSerializer.Serialize(json, receipts[0], IntakeJson.Strict.Receipt);
            else
                JsonSerializer.Serialize(json, new BatchAnswer
                {
                    Accepted = receipts.Count, Duplicate = 0, Conflict = 0, Rejected = 0, Results = receipts,
                }, IntakeJson.Strict.BatchAnswer);
        await http.Response.BodyWriter.FlushAsync(http.RequestAborted);
    }

    static Receipt Read(ReadOnlySequence<byte> line)
    {
        var reader = new Utf8JsonReader(line);
        var sent = JsonSerializer.Deserialize(ref reader, IntakeJson.Strict.NewViolation)!;
        return new Receipt { RecordId = sent.RecordId ?? Guid.Empty, Sequence = 1, ReceivedAt = DateTime.UtcNow, Outcome = Outcome.Accepted };
    }
}
