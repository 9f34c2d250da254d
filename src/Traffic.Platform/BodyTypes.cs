using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Traffic.Platform;

/// <summary>What a body says it is; whatever else is answered 415.</summary>
public static class BodyTypes
{
    /// <summary>JSON in UTF-8, not compressed.</summary>
    public static bool IsJson(this HttpRequest request) => Is("application/json", request);

    /// <summary>JSON, one value a line, in UTF-8, not compressed.</summary>
    public static bool IsLines(this HttpRequest request) => Is("application/x-ndjson", request);

    /// <summary>It is of this type, in the one encoding we read.</summary>
    static bool Is(string type, HttpRequest request) =>
        (request.ContentType == type || (MediaTypeHeaderValue.TryParse(request.ContentType, out var sent)
            && sent.MediaType.Equals(type, StringComparison.OrdinalIgnoreCase)
            && (!sent.Charset.HasValue || sent.Charset.Value.Trim('"').Equals("utf-8", StringComparison.OrdinalIgnoreCase))))
        && (request.Headers.ContentEncoding.Count == 0 || request.Headers.ContentEncoding is ["identity"]);
}
