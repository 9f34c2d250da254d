using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Traffic.Tests.Opening;

/// <summary>A number of an answer, where it stands in it, and the address of what is behind it.</summary>
/// <param name="Path">With <c>*</c> for every place in a list.</param>
/// <param name="Address">Null where the answer names none.</param>
sealed record Figure(string Answer, string Path, decimal Value, string? Address);

/// <summary>What is behind an address, read through all its pages.</summary>
sealed record Opened(decimal Total, long Count, decimal Sum, IReadOnlyList<string> Ids);

/// <summary>Finds every number of an answer with its address, by the few ways in which an answer gives one.</summary>
static partial class Walk
{
    public static IEnumerable<Figure> Figures(string answer, JsonNode root) => At(answer, "", root, []);

    static IEnumerable<Figure> At(string answer, string path, JsonNode? node, IReadOnlyList<JsonObject> above)
    {
        switch (node)
        {
            case JsonObject members:
                foreach (var (name, value) in members)
                    foreach (var found in value is JsonValue ? Number(answer, $"{path}.{name}", name, value, members, above) : At(answer, $"{path}.{name}", value, [.. above, members]))
                        yield return found;
                break;
            case JsonArray items:
                foreach (var item in items)
                    foreach (var found in At(answer, $"{path}.*", item, above))
                        yield return found;
                break;
        }
    }

    static IEnumerable<Figure> Number(string answer, string path, string name, JsonNode value, JsonObject of, IReadOnlyList<JsonObject> above)
    {
        if (value.GetValueKind() == System.Text.Json.JsonValueKind.Number)
            yield return new Figure(answer, path[1..], Counted(name, of) ?? (decimal)value, Address(name, of, above.Count > 0 ? above[^1] : null));
    }

    /// <summary>A rate opens to what it counts: its numerator.</summary>
    static decimal? Counted(string name, JsonObject of) => of["unit"] is JsonValue unit && (string?)unit == "percent" && of["counts"] is JsonObject counts
        ? (decimal?)(name == "value" ? counts["numerator"] : name == "baseline" ? counts["baselineNumerator"] : null) : null;

    static string? Address(string name, JsonObject of, JsonObject? parent) =>
        Text(of, $"{name}Records") ?? Text(of["open"], name)
        // A figure that is the whole of its row.
        ?? (name is "count" or "total" or "value" or "now" ? Text(of, "records") : null)
        // Now, before and the year before of a row that carries the addresses beside them; the answers of a ledger's row.
        ?? (name == "now" ? Text(parent, "records") : name is "before" or "yearBefore" ? Text(parent, $"{name}Records") : Text(parent?["open"], name));

    static string? Text(JsonNode? of, string name) => of is JsonObject members && members[name] is JsonValue value ? (string?)value : null;

    /// <summary>Follows an address through all its pages.</summary>
    public static async Task<Opened> Open(HttpClient http, string address)
    {
        var (total, count, sum, ids) = ((decimal?)null, 0L, 0m, new List<string>());
        var tries = 0;
        for (var next = address; next is not null;)
        {
            using var answer = await http.GetAsync(next);
            // As any caller does: the machine may stand still for longer than a statement may take.
            if (answer.Headers.RetryAfter?.Delta is { } later && tries++ < 3)
            {
                await Task.Delay(later);
                continue;
            }
            var text = await answer.Content.ReadAsStringAsync();
            if (!answer.IsSuccessStatusCode)
                throw new InvalidOperationException($"{next}: {(int)answer.StatusCode} {text}");
            var page = JsonNode.Parse(text)!;
            total ??= (decimal)page["total"]!;
            if ((decimal)page["total"]! != total)
                throw new InvalidOperationException($"{next}: the total is another on a later page");
            count = (long?)page["count"] ?? (long)total;
            foreach (var item in (page["records"] ?? page["items"])!.AsArray())
            {
                sum += (decimal?)item!["value"] ?? 1;
                ids.Add(Id(item));
            }
            next = (string?)page["next"];
        }
        return new Opened(total!.Value, count, sum, ids);
    }

    /// <summary>Opens each address once, some at a time.</summary>
    /// <param name="opened">Those opened before; the new ones are put there.</param>
    public static async Task<IReadOnlyDictionary<string, Opened>> OpenAll(HttpClient http, IEnumerable<string> addresses, ConcurrentDictionary<string, Opened> opened)
    {
        await Parallel.ForEachAsync(addresses.Distinct().Where(address => !opened.ContainsKey(address)), new ParallelOptions { MaxDegreeOfParallelism = 4 }, async (address, _) =>
            opened[address] = await Open(http, Paged(address)));
        return opened;
    }

    /// <summary>What a list is about, of an item: a ledger's names what its record is, or was part of.</summary>
    static string Id(JsonNode item) => (string?)item["record"] is { } record && item["recordId"] is null ? record[(record.LastIndexOf('/') + 1)..]
        : (string?)item["recordId"] ?? (string?)item["activityId"] ?? (string)item["id"]!;

    /// <summary>Read in small pages where the address is one of a few, else in great ones.</summary>
    static string Paged(string address) =>
        $"{address}{(address.Contains('?', StringComparison.Ordinal) ? '&' : '?')}limit={(address.Sum(one => one) % 5 == 0 ? 40 : 500)}";

    /// <summary>What is the same for every campaign, division or day is one kind of figure.</summary>
    public static string Kind(Figure figure) => $"{Answer().Match(figure.Answer).Value} {figure.Path}";

    [GeneratedRegex(@"^[a-z]+")]
    private static partial Regex Answer();
}
