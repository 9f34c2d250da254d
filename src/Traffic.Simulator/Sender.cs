using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace Traffic.Simulator;

/// <summary>What became of the records that were sent.</summary>
public sealed record SentCounts(long Accepted, long Duplicate, long Conflict, long Rejected)
{
    /// <summary>All that were answered.</summary>
    public long Answered => Accepted + Duplicate + Conflict + Rejected;
}

/// <summary>The host refused a request, or could not take it for so long that it was given up.</summary>
public sealed class NotTakenException(string message) : Exception(message);

/// <summary>Sends records through the feeds' front door as a client would: some requests at a time, each again until it is answered.</summary>
/// <param name="http">Its base address is the host's.</param>
public sealed class Sender(HttpClient http)
{
    const int AtOnce = 4;
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Sends all of them and says what became of them.</summary>
    /// <exception cref="NotTakenException"/>
    /// <param name="batch">Records a request, at most 1,000.</param>
    /// <param name="progress">Told after each request how many records it had.</param>
    /// <param name="receipts">Given each receipt, e.g. to hold the server to it later; null if nobody asks.</param>
    public async Task<SentCounts> Send(
        IEnumerable<SimulatedRecord> records, int batch, Action<int>? progress, Action<JsonObject>? receipts, CancellationToken cancel)
    {
        long accepted = 0, duplicate = 0, conflict = 0, rejected = 0;
        var requests = records.Chunk(batch * 2).SelectMany(chunk => chunk.GroupBy(record => record.Feed!).SelectMany(feed => feed.Chunk(batch).Select(part => (feed.Key, part))));
        await Parallel.ForEachAsync(requests, new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancel }, async (request, stop) =>
        {
            var (feed, part) = request;
            var answer = await Post($"/api/v1/feeds/{feed}/events", Body(part.Select(record => record.Json)), stop);
            Interlocked.Add(ref accepted, (long)answer["accepted"]!);
            Interlocked.Add(ref duplicate, (long)answer["duplicate"]!);
            Interlocked.Add(ref conflict, (long)answer["conflict"]!);
            Interlocked.Add(ref rejected, (long)answer["rejected"]!);
            if (receipts is not null)
                lock (receipts)
                    foreach (var receipt in answer["results"]!.AsArray())
                        receipts(receipt!.AsObject());
            progress?.Invoke(part.Length);
        });
        return new SentCounts(accepted, duplicate, conflict, rejected);
    }

    /// <summary>Sends reports beside violations, one request after the other: a report that replaces another comes after it.</summary>
    /// <param name="batch">Reports a request, at most 1,000.</param>
    public async Task<SentCounts> Send(IEnumerable<SimulatedActivity> reports, int batch, Action<int>? progress, CancellationToken cancel)
    {
        long accepted = 0, duplicate = 0, conflict = 0, rejected = 0;
        foreach (var part in reports.Chunk(batch))
        {
            var answer = await Post($"/api/v1/feeds/{CampaignActivities.Feed}/activity", Body(part.Select(report => report.Json)), cancel);
            (accepted, duplicate) = (accepted + (long)answer["accepted"]!, duplicate + (long)answer["duplicate"]!);
            (conflict, rejected) = (conflict + (long)answer["conflict"]!, rejected + (long)answer["rejected"]!);
            progress?.Invoke(part.Length);
        }
        return new SentCounts(accepted, duplicate, conflict, rejected);
    }

    static byte[] Body(IEnumerable<byte[]> items)
    {
        using var body = new MemoryStream();
        foreach (var item in items)
        {
            body.Write(item);
            body.WriteByte((byte)'\n');
        }
        return body.ToArray();
    }

    /// <summary>An answer other than 503 or no answer at all settles it; both mean: unknown, send again with the same ids.</summary>
    async Task<JsonNode> Post(string path, byte[] body, CancellationToken cancel)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        patience.CancelAfter(Patience);
        while (true)
        {
            try
            {
                using var content = new ByteArrayContent(body);
                content.Headers.ContentType = new MediaTypeHeaderValue("application/x-ndjson");
                using var answer = await http.PostAsync(path, content, patience.Token);
                if (answer.StatusCode != HttpStatusCode.ServiceUnavailable)
                {
                    var text = await answer.Content.ReadAsStringAsync(patience.Token);
                    return answer.IsSuccessStatusCode ? JsonNode.Parse(text)! : throw new NotTakenException($"{(int)answer.StatusCode}: {text}");
                }
            }
            catch (HttpRequestException) { /* no answer: the host is away or being started */ }
            catch (OperationCanceledException) when (!patience.IsCancellationRequested) { /* no answer in time */ }
            catch (OperationCanceledException) when (!cancel.IsCancellationRequested) { throw new NotTakenException($"Not taken for {Patience.TotalMinutes:0} minutes. {Patience.TotalMinutes:0} 分钟内未受理。"); }
            await Task.Delay(TimeSpan.FromMilliseconds(500), cancel);
        }
    }
}
