using Microsoft.AspNetCore.Http;

namespace Traffic.Platform;

/// <summary>How faults are told: all of them, in the sender's language.</summary>
public static class FaultWords
{
    /// <summary>The same faults with their messages.</summary>
    public static List<Fault> Of(this Words words, IReadOnlyList<Fault> faults, string language) =>
        [.. faults.Select(fault => fault with { Message = words.Get(fault.Code, language, [.. Named(fault)]) })];

    /// <summary>What the message names.</summary>
    static IEnumerable<object?> Named(Fault fault) =>
        (fault.Values ?? []).Cast<object?>().Concat(fault.Words is { } there ? [string.Join(", ", there)] : []);

    /// <summary>400 with the messages by member, the codes, and where the first of them stands.</summary>
    /// <param name="words">Where the texts are.</param>
    /// <param name="faults">At least one.</param>
    /// <param name="language"><c>zh</c> or <c>en</c>.</param>
    /// <param name="title">The word that says what was refused.</param>
    public static HttpValidationProblemDetails Refused(this Words words, IReadOnlyList<Fault> faults, string language, string title)
    {
        var refused = words.Refused(words.Of(faults, language).GroupBy(fault => fault.Member)
            .ToDictionary(member => member.Key, member => member.Select(fault => fault.Message!).ToArray()), language, title);
        (refused.Extensions["codes"], refused.Extensions["line"], refused.Extensions["column"]) = (faults.Select(fault => fault.Code).Distinct(), faults[0].Line, faults[0].Column);
        return refused;
    }

    /// <summary>400 with messages that were found already, by member or parameter.</summary>
    public static HttpValidationProblemDetails Refused(this Words words, Dictionary<string, string[]> faults, string language, string title) =>
        new(faults) { Status = StatusCodes.Status400BadRequest, Type = "urn:traffic:refused", Title = words.Get(title, language) };
}
