using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Traffic.Host.Import;

/// <summary>It is unknown whether the last rows were taken: no answer settled it in the time allowed.</summary>
sealed class UnsettledException(string why) : Exception(why);

/// <summary>The server refuses the whole request, and would again.</summary>
sealed class RequestRefusedException(string why) : Exception(why);

/// <summary>
/// Sends events through the feeds' front door. No answer, 503 and its like mean <i>unknown</i>: the same is sent again, with the
/// same ids, until it is answered or patience ends.
/// </summary>
/// <param name="language">In which reasons come back.</param>
/// <param name="door">The feed's door: <c>events</c> for violations, <c>activity</c> for all else.</param>
sealed class ImportSender(
    HttpClient http, string feed, string language, TimeSpan patience, TimeProvider clock, Action<string> say, string door = "events")
{
    static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(250), LongestWait = TimeSpan.FromSeconds(5);

    /// <summary>The receipts of the events, in their order.</summary>
    /// <param name="ndjson">Events of the feed, one a line.</param>
    /// <param name="count">How many they are.</param>
    public async Task<JsonArray> Send(byte[] ndjson, int count, CancellationToken cancel)
    {
        var began = clock.GetTimestamp();
        var wait = FirstWait;
        while (true)
        {
            string unknown;
            TimeSpan? asked = null;
            try
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, $"api/v1/feeds/{feed}/{door}") { Content = new ByteArrayContent(ndjson) };
                request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
                request.Headers.AcceptLanguage.ParseAdd(language);
                using var answer = await http.SendAsync(request, cancel);
                var text = await answer.Content.ReadAsStringAsync(cancel);
                if (answer.IsSuccessStatusCode)
                    return Receipts(text, count);
                if (IsFinal(answer.StatusCode))
                    throw new RequestRefusedException($"{(int)answer.StatusCode} {Title(text)}");
                (unknown, asked) = ($"{(int)answer.StatusCode}", answer.Headers.RetryAfter?.Delta);
            }
            catch (Exception fault) when (!cancel.IsCancellationRequested
                && fault is HttpRequestException or IOException or OperationCanceledException or System.Text.Json.JsonException)
            {
                unknown = fault is OperationCanceledException ? "no answer in time" : fault.Message;
            }
            if (clock.GetElapsedTime(began) >= patience)
                throw new UnsettledException(unknown);
            say(unknown);
            await Task.Delay(asked is { } after && after > wait && after <= LongestWait ? after : wait, clock, cancel);
            wait = wait * 2 < LongestWait ? wait * 2 : LongestWait;
        }
    }

    /// <summary>A 4xx says that the request is wrong, but for those that only say <i>later</i>.</summary>
    static bool IsFinal(HttpStatusCode status) =>
        (int)status is >= 300 and < 500 && status is not (HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests);

    static JsonArray Receipts(string text, int count) =>
        JsonNode.Parse(text)?["results"] is JsonArray receipts && receipts.Count == count
            ? receipts : throw new RequestRefusedException($"answered, but not with a receipt for each of {count} rows");

    static string Title(string problem)
    {
        try
        {
            return (string?)JsonNode.Parse(problem)?["title"] ?? "";
        }
        catch (System.Text.Json.JsonException) { return ""; }
    }
}
