using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Traffic.Platform;

namespace Traffic.Reporting;

/// <summary>How it is said that something is refused: every fault at once, in the sender's language.</summary>
static class Bodies
{
    /// <param name="title">The word that says what is refused.</param>
    public static IResult Refused(Dictionary<string, string[]> faults, Words words, string language, string title = "reporting.refused") =>
        Results.Problem(words.Refused(faults, language, title));

    public static IResult Problem(int status, string type, string title) =>
        Results.Problem(new ProblemDetails { Status = status, Type = type, Title = title });
}
