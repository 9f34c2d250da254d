using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Reporting.Alarms;

/// <summary>Where alarms may be posted to, and the key they are signed with.</summary>
/// <param name="Receivers">HTTPS, or on this machine.</param>
/// <param name="Key">At least 32 bytes, known to the receivers; empty where there are none.</param>
sealed record WebhookSettings(IReadOnlyList<Uri> Receivers, byte[] Key)
{
    const int LeastKeyBytes = 32;

    /// <exception cref="StartRefusedException">An address is neither HTTPS nor loopback, or there is no key.</exception>
    public static WebhookSettings From(IConfiguration settings)
    {
        var addresses = settings.GetSection("Traffic:Webhooks").GetChildren().Select(one => one.Value ?? "").ToList();
        foreach (var address in addresses)
            if (!Uri.TryCreate(address, UriKind.Absolute, out var uri) || uri.UserInfo.Length > 0
                || !(uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && uri.IsLoopback)))
                throw new StartRefusedException($"Traffic:Webhooks: '{address}' is neither an https address nor one of this machine.");
        if (addresses.Count == 0)
            return new([], []);
        if (settings["Traffic:WebhookKey"] is not { } file || !File.Exists(file) || new FileInfo(file).Length < LeastKeyBytes)
            throw new StartRefusedException($"Traffic:WebhookKey must name a file of {LeastKeyBytes} bytes or more: alarms are signed with it.");
        return new([.. addresses.Distinct().Select(address => new Uri(address))], File.ReadAllBytes(file));
    }
}

/// <summary>Subscriber <c>webhook</c> of the log <c>alarm</c>: posts each alarm to each receiver that is allowed, at least once.</summary>
/// <remarks>
/// A receiver that is away, or refuses, is tried again every second for as long as it stands in the settings; it costs the others nothing, and
/// never an attempt of the delivery, so that no outage quarantines an alarm.
/// </remarks>
sealed partial class Webhook(WebhookSettings settings, IHttpClientFactory clients, AlarmStore store, ILogger<Webhook> log) : ISubscriber
{
    public const string Client = "webhook";

    /// <summary>The whole answer of a receiver; the delivery's transaction waits for it.</summary>
    public static readonly TimeSpan Timeout = TimeSpan.FromSeconds(3);

    public async Task Handle(LogBatch batch, CancellationToken cancel)
    {
        var alarms = batch.Read(Log.Alarm).Select(one => one.Value).ToList();
        if (settings.Receivers.Count == 0)
            return;
        var sent = await store.Sent([.. alarms.Select(one => one.AlarmId)], cancel);
        var taken = await Task.WhenAll(settings.Receivers.Select(receiver => SendAll(receiver, alarms, sent, cancel)));
        if (taken.Contains(false))
            throw new IOException("A receiver of alarms is away.");
    }

    /// <summary>In their order; after one that is not taken the rest wait. False where something is left.</summary>
    async Task<bool> SendAll(Uri receiver, List<AlarmChanged> alarms, HashSet<(Guid, string, string)> sent, CancellationToken cancel)
    {
        foreach (var alarm in alarms)
        {
            if (sent.Contains((alarm.AlarmId, alarm.Change.Word(), receiver.AbsoluteUri)))
                continue;
            if (!await Send(receiver, alarm, cancel))
                return false;
            await store.AddSent(alarm, receiver.AbsoluteUri, cancel);
        }
        return true;
    }

    async Task<bool> Send(Uri receiver, AlarmChanged alarm, CancellationToken cancel)
    {
        var body = JsonSerializer.SerializeToUtf8Bytes(alarm, TrafficJson.Plain.AlarmChanged);
        using var request = new HttpRequestMessage(HttpMethod.Post, receiver) { Content = new ByteArrayContent(body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Add("Idempotency-Key", $"{alarm.AlarmId:D}-{alarm.Change.Word()}");
        request.Headers.Add("Traffic-Signature", "sha256=" + Convert.ToHexStringLower(HMACSHA256.HashData(settings.Key, body)));
        try
        {
            using var answer = await clients.CreateClient(Client).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancel);
            if (answer.IsSuccessStatusCode)
                return true;
            LogRefused(receiver.Host, (int)answer.StatusCode);
        }
        catch (Exception away) when (away is HttpRequestException or IOException || (away is TaskCanceledException && !cancel.IsCancellationRequested))
        {
            LogAway(receiver.Host);
        }
        return false;
    }

    [LoggerMessage(LogLevel.Warning, "The receiver of alarms at {Host} answered {Status}; it will be tried again.")]
    partial void LogRefused(string host, int status);

    [LoggerMessage(LogLevel.Warning, "The receiver of alarms at {Host} is away; it will be tried again.")]
    partial void LogAway(string host);
}
