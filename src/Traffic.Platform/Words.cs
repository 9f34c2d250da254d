using System.Collections.Frozen;
using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace Traffic.Platform;

/// <summary>Every text for people, in Chinese and English, from the <c>Words.json</c> of each module (and the console's <c>SourceWords.json</c>).</summary>
public sealed class Words
{
    /// <summary>The languages; the first is the default.</summary>
    public static readonly IReadOnlyList<string> Languages = ["zh", "en"];

    readonly FrozenDictionary<string, (string Zh, string En)> byKey;

    Words(FrozenDictionary<string, (string, string)> byKey) => this.byKey = byKey;

    /// <summary>All keys.</summary>
    public IEnumerable<string> Keys => byKey.Keys;

    /// <summary>Reads the embedded <c>Words.json</c> of each assembly.</summary>
    /// <exception cref="InvalidOperationException">A key stands twice or lacks a language.</exception>
    public static Words Load(params IEnumerable<Assembly> assemblies)
    {
        var all = new Dictionary<string, (string, string)>();
        foreach (var assembly in assemblies.Distinct())
            foreach (var name in assembly.GetManifestResourceNames().Where(name => name.EndsWith("Words.json", StringComparison.Ordinal)))
            {
                using var stream = assembly.GetManifestResourceStream(name)!;
                foreach (var word in JsonDocument.Parse(stream).RootElement.EnumerateObject())
                    if (!all.TryAdd(word.Name, (word.Value.GetProperty("zh").GetString()!, word.Value.GetProperty("en").GetString()!)))
                        throw new InvalidOperationException($"The word {word.Name} stands twice.");
            }
        return new Words(all.ToFrozenDictionary());
    }

    /// <summary>The text for a key, its places <c>{0}</c> … filled; the key itself where there is no such text.</summary>
    public string Get(string key, string language, params object?[] values)
    {
        if (!byKey.TryGetValue(key, out var word))
            return key;
        var text = language == "en" ? word.En : word.Zh;
        return values.Length == 0 ? text : string.Format(CultureInfo.InvariantCulture, text, values);
    }

    /// <summary>The language of a request: <c>?lang=</c>, else the cookie <c>lang</c>, else Accept-Language, else Chinese.</summary>
    public static string Language(HttpContext context)
    {
        var asked = context.Request.Query["lang"].FirstOrDefault() ?? context.Request.Cookies["lang"];
        if (asked is "zh" or "en")
            return asked;
        var accepted = context.Request.GetTypedHeaders().AcceptLanguage
            .OrderByDescending(one => one.Quality ?? 1)
            .Select(one => one.Value.Value?.Split('-')[0])
            .FirstOrDefault(one => one is "zh" or "en");
        return accepted ?? Languages[0];
    }
}
