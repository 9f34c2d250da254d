using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Traffic.Platform;

namespace Traffic.WebConsole;

/// <param name="Base">As set; null means this process.</param>
sealed record ApiAddress(string? Base);

/// <summary>The API answered no: with what status, and why in the reader's language.</summary>
sealed class ApiRefusedException(int status, string title, IReadOnlyList<string> details) : Exception(title)
{
    public int Status { get; } = status;

    public IReadOnlyList<string> Details { get; } = details;
}

/// <summary>Asks the HTTP API for what a page shows.</summary>
sealed class ApiClient(IHttpClientFactory clients, IServer server, ApiAddress address, Words words)
{
    public const string Name = "console";

    /// <summary>A page is not kept waiting longer than this.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(9);

    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    /// <param name="pathAndQuery">From <c>/api/v1/</c> on.</param>
    /// <exception cref="ApiRefusedException">Any answer but 200.</exception>
    public Task<T> Get<T>(string pathAndQuery, string language, CancellationToken cancel) => Send<T>(HttpMethod.Get, pathAndQuery, null, language, cancel);

    /// <summary>Asks for a change.</summary>
    /// <exception cref="ApiRefusedException">It was refused.</exception>
    public Task<T> Post<T>(string path, object body, string language, CancellationToken cancel) =>
        Send<T>(HttpMethod.Post, path, JsonContent.Create(body, options: Json), language, cancel);

    async Task<T> Send<T>(HttpMethod method, string pathAndQuery, HttpContent? body, string language, CancellationToken cancel)
    {
        using var client = clients.CreateClient(Name);
        client.Timeout = Patience;
        using var request = new HttpRequestMessage(method, new Uri(new Uri(Base()), pathAndQuery)) { Content = body };
        request.Headers.Add("Accept-Language", language);
        using var answer = await client.SendAsync(request, cancel);
        if (answer.IsSuccessStatusCode)
            return (await answer.Content.ReadFromJsonAsync<T>(Json, cancel))!;
        throw await Refusal(answer, language, cancel);
    }

    /// <summary>Posts JSON and gives the answer, a refusal too.</summary>
    public async Task<(int Status, JsonNode? Answer)> Post(string path, JsonNode body, string language, CancellationToken cancel)
    {
        using var client = clients.CreateClient(Name);
        client.Timeout = Patience;
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(new Uri(Base()), path)) { Content = JsonContent.Create(body) };
        request.Headers.Add("Accept-Language", language);
        using var answer = await client.SendAsync(request, cancel);
        return ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType?.EndsWith("json", StringComparison.Ordinal) == true
            ? await answer.Content.ReadFromJsonAsync<JsonNode>(cancel) : null);
    }

    async Task<ApiRefusedException> Refusal(HttpResponseMessage answer, string language, CancellationToken cancel)
    {
        JsonNode? problem = null;
        if (answer.Content.Headers.ContentType?.MediaType == "application/problem+json")
            problem = await answer.Content.ReadFromJsonAsync<JsonNode>(cancel);
        return new ApiRefusedException(
            (int)answer.StatusCode, (string?)problem?["title"] ?? answer.ReasonPhrase ?? "",
            problem?["errors"] is JsonObject errors ? [.. errors.SelectMany(error => error.Value!.AsArray().Select(text => $"{Label(error.Key, language)}{(language == "en" ? ": " : "：")}{text}"))]
                : ((string?)problem?["detail"])?.Split('\n') ?? []);
    }

    /// <summary>What the page calls a member or parameter; its own name where the page does not ask for it.</summary>
    string Label(string name, string language) => new Reader(words, language, "").Word("console.parameter", name);

    /// <summary>Where this process listens: the first address, reached from itself.</summary>
    internal string Base() => address.Base ?? server.Features.Get<IServerAddressesFeature>()!.Addresses.First()
        .Replace("://[::]:", "://127.0.0.1:", StringComparison.Ordinal).Replace("://+:", "://127.0.0.1:", StringComparison.Ordinal)
        .Replace("://*:", "://127.0.0.1:", StringComparison.Ordinal).Replace("://0.0.0.0:", "://127.0.0.1:", StringComparison.Ordinal);
}
