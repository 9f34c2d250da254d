using System.Net;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Npgsql;
using NUnit.Framework;
using Traffic.Host;
using Traffic.Platform;

namespace Traffic.Tests.Hosting;

public sealed class ProblemsTests
{
    static readonly Exception[] Thrown =
    [
        new InvalidOperationException("secret of the content"),
        new NpgsqlException("away", new IOException("refused")),
        new BadHttpRequestException("too long", StatusCodes.Status413PayloadTooLarge),
        new PostgresException("invalid byte sequence", "ERROR", "ERROR", PostgresErrorCodes.CharacterNotInRepertoire),
        new PostgresException("could not write init file", "FATAL", "FATAL", PostgresErrorCodes.InternalError),
    ];

    [TestCase(0, HttpStatusCode.InternalServerError)]
    [TestCase(1, HttpStatusCode.ServiceUnavailable)]
    [TestCase(2, HttpStatusCode.RequestEntityTooLarge)]
    [TestCase(3, HttpStatusCode.BadRequest)]
    [TestCase(4, HttpStatusCode.ServiceUnavailable)]
    public async Task A_fault_is_told_as_a_problem_without_its_content(int thrown, HttpStatusCode status)
    {
        var builder = Serve.Builder(["--urls=http://127.0.0.1:0"]);
        var log = new Said();
        builder.Logging.ClearProviders().AddProvider(log).AddFilter<Said>(null, LogLevel.None)
            .AddFilter<Said>("Microsoft.AspNetCore.Diagnostics.ExceptionHandlerMiddleware", LogLevel.Error);
        builder.Services.AddProblems();
        await using var app = builder.Build();
        app.UseProblems();
        app.MapGet("/", Task () => throw Thrown[thrown]);
        await app.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };

        using var answer = await http.GetAsync("/");
        var text = await answer.Content.ReadAsStringAsync();

        Assert.That(answer.StatusCode, Is.EqualTo(status));
        Assert.That(answer.Content.Headers.ContentType?.MediaType, Is.EqualTo("application/problem+json"));
        Assert.That((string?)JsonNode.Parse(text)!["traceId"], Is.Not.Empty);
        Assert.That(text, Does.Not.Contain("secret"));
        Assert.That(answer.Headers.GetValues("X-Content-Type-Options"), Is.EqualTo(new[] { "nosniff" }));
        Assert.That(answer.Headers.RetryAfter is not null, Is.EqualTo(status == HttpStatusCode.ServiceUnavailable));
        Assert.That(log.Lines, Has.Count.EqualTo((int)status < 500 ? 0 : 1), "the sender's fault is told to the sender alone");
    }
}
