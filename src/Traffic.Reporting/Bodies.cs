using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Traffic.Platform;

namespace Traffic.Reporting;

/// <summary>How bodies are read here, and how it is said that one is refused: every fault at once, in the sender's language.</summary>
static class Bodies
{
    static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = System.Text.Json.Serialization.JsonUnmappedMemberHandling.Disallow, AllowDuplicateProperties = false,
        PropertyNameCaseInsensitive = false, NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.Strict,
    };

    /// <summary>The body, or the answer that refuses it.</summary>
    public static async Task<(T? Sent, IResult? Refused)> Read<T>(HttpRequest request, Words words, CancellationToken cancel) where T : class
    {
        var language = Words.Language(request.HttpContext);
        if (!request.IsJson())
            return (null, Problem(StatusCodes.Status415UnsupportedMediaType, "urn:traffic:refused", words.Get("reporting.body.type", language)));
        try
        {
            if (await JsonSerializer.DeserializeAsync<T>(request.Body, Strict, cancel) is { } sent)
                return (sent, null);
            return (null, Refused(new() { [""] = [words.Get("reporting.body", language)] }, words, language));
        }
        catch (JsonException unreadable)
        {
            return (null, Refused(new() { [unreadable.Path ?? ""] = [words.Get("reporting.body", language)] }, words, language));
        }
    }

    /// <param name="title">The word that says what is refused.</param>
    public static IResult Refused(Dictionary<string, string[]> faults, Words words, string language, string title = "reporting.refused") => Results.Problem(
        new HttpValidationProblemDetails(faults)
        {
            Status = StatusCodes.Status400BadRequest, Type = "urn:traffic:refused", Title = words.Get(title, language),
        });

    public static IResult Problem(int status, string type, string title) =>
        Results.Problem(new ProblemDetails { Status = status, Type = type, Title = title });
}
