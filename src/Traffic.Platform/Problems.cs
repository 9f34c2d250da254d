using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace Traffic.Platform;

/// <summary>How the system says no: <c>application/problem+json</c>, with a stable type where a program may want to react.</summary>
public static class Problems
{
    /// <summary>The moment's fault: come back. Seconds in <c>Retry-After</c>.</summary>
    public const int RetryAfterSeconds = 2;

    /// <summary>Adds problem details with the trace id.</summary>
    public static void AddProblems(this IServiceCollection services) => services.AddProblemDetails(options =>
        options.CustomizeProblemDetails = context =>
            context.ProblemDetails.Extensions.TryAdd("traceId", Activity.Current?.TraceId.ToString() ?? context.HttpContext.TraceIdentifier));

    /// <summary>Turns faults into answers: the sender's 4xx, the moment's 503 with Retry-After, ours 500 without detail.</summary>
    public static void UseProblems(this IApplicationBuilder app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = async context =>
            {
                var fault = context.Features.Get<IExceptionHandlerFeature>()!.Error;
                NeverGuessed(context);
                await Answer(context, fault);
            },
            // The sender's fault is told to the sender: in our log it would stand as one of ours.
            SuppressDiagnosticsCallback = fault => fault.Exception is BadHttpRequestException || IsTextNobodyCanKeep(fault.Exception),
        });
        app.Use((context, next) =>
        {
            NeverGuessed(context);
            return next(context);
        });
        app.UseStatusCodePages();
    }

    /// <summary>Answers carry texts as they were sent: no browser takes one for a page that is not one.</summary>
    static void NeverGuessed(HttpContext context) => context.Response.Headers.XContentTypeOptions = "nosniff";

    static Task Answer(HttpContext context, Exception fault) => fault switch
    {
        BadHttpRequestException bad => Of(bad.StatusCode, bad.StatusCode switch
        {
            StatusCodes.Status413PayloadTooLarge => "The body is too long. 请求体过长。",
            StatusCodes.Status408RequestTimeout => "The body did not come in time; nothing was taken. 请求体未及时到达，未受理任何内容。",
            _ => "The request cannot be read. 无法读取请求。",
        }).ExecuteAsync(context),
        _ when IsTextNobodyCanKeep(fault) => Of(StatusCodes.Status400BadRequest, "The request cannot be read. 无法读取请求。").ExecuteAsync(context),
        _ when Faults.IsOfTheMoment(fault) => Unavailable().ExecuteAsync(context),
        _ => Of(StatusCodes.Status500InternalServerError, "A fault of ours. 系统内部错误。").ExecuteAsync(context),
    };

    /// <summary>A text no column can hold, e.g. with a NUL in it: what is stored was looked at before, so it was asked for.</summary>
    static bool IsTextNobodyCanKeep(Exception fault) =>
        fault is PostgresException { SqlState: PostgresErrorCodes.CharacterNotInRepertoire or PostgresErrorCodes.UntranslatableCharacter };

    static IResult Of(int status, string title, string? type = null) =>
        Results.Problem(new ProblemDetails { Status = status, Title = title, Type = type });

    /// <summary>503 with Retry-After: unknown whether it was taken; send again with the same id.</summary>
    public static IResult Unavailable() => new RetryLater();

    sealed class RetryLater : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.Headers.RetryAfter = RetryAfterSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
            return Of(StatusCodes.Status503ServiceUnavailable,
                "Not available at the moment: send the same again, with the same id. 暂时无法受理：请用相同编号重新发送。",
                "urn:traffic:try-again").ExecuteAsync(httpContext);
        }
    }
}
