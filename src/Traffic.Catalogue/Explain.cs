using System.Globalization;
using System.Text.Json;

namespace Traffic.Catalogue;

/// <summary>Says in sentences what a trace holds. The words stand in <c>Words.json</c>.</summary>
public static class Explain
{
    static readonly Dictionary<string, (string Zh, string En)> Words = Read();

    /// <summary>What exceeds what, in the order of the trace.</summary>
    static readonly (string Value, string Base)[] Ratios =
        [("speed", "speedLimit"), ("persons", "ratedPersons"), ("grossMass", "permittedGrossMass"), ("load", "ratedLoad")];

    /// <summary>The sentences of a trace, in <c>zh</c> or <c>en</c>; with a catalogue, entries, groups and kinds are given by their titles.</summary>
    /// <param name="kinds">Kinds of an import that our catalogue does not know, by word.</param>
    /// <returns>The trace itself where it cannot be read.</returns>
    public static IReadOnlyList<string> Sentences(
        string trace, string lang, Catalogue? catalogue = null, IReadOnlyDictionary<string, (string Zh, string En)>? kinds = null)
    {
        try
        {
            using var document = JsonDocument.Parse(trace);
            return Sentences(document.RootElement, lang, catalogue, kinds);
        }
        catch (Exception fault) when (fault is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return [trace];
        }
    }

    static List<string> Sentences(
        JsonElement trace, string lang, Catalogue? catalogue, IReadOnlyDictionary<string, (string Zh, string En)>? kinds)
    {
        List<string> said = [];
        var rule = trace.GetProperty("rule").GetString()!;
        if (TextOf(trace, "v") is { } edition)
            said.Add(Say(lang, "edition", edition));
        var laid = TextOf(trace, "layer") is { } layer ? (Id: layer, Edition: catalogue?.Local.FirstOrDefault(one => one.LayerId == layer && one.Id == TextOf(trace, "v"))) : default;
        if (laid.Id is not null)
            said.Add(Say(lang, "layer", laid.Edition?.LayerName is { } name ? lang == "en" ? name.En : name.Zh : laid.Id));
        if (TextOf(trace, "by") is { } by && Words.ContainsKey($"law.by.{by}"))
            said.Add(Say(lang, $"by.{by}"));
        if (trace.TryGetProperty("in", out var inputs))
            SayInputs(said, inputs, lang, (name, value) => name switch
            {
                "group" => Refused(value, trace, lang, catalogue),
                "kind" when kinds?.TryGetValue(value, out var kind) == true => lang == "en" ? kind.En : kind.Zh,
                "kind" => Kind(value, trace, lang, catalogue),
                _ => Words.ContainsKey($"law.value.{value}") ? Say(lang, $"value.{value}") : value,
            });
        if (trace.TryGetProperty("more", out _))
            said.Add(Say(lang, "more"));
        foreach (var pointed in new[] { "named", "measured", "instead" })
            if (TextOf(trace, pointed) is { } entry)
                said.Add(Say(lang, pointed, Title(entry, trace, lang, catalogue)));
        said.Add(rule switch
        {
            Decision.NoLaw => Say(lang, "noLaw"),
            Decision.Undecided => Say(lang, "undecided", Names(trace, "why", lang)),
            _ => Say(lang, "decided", Title(rule, trace, lang, catalogue), rule),
        });
        foreach (var word in new[] { "to", "hold" })
            if (TextOf(trace, word) is { } value && Words.ContainsKey($"law.{word}.{value}"))
                said.Add(Say(lang, $"{word}.{value}"));
        if (trace.TryGetProperty("not", out var refused))
            said.Add(Say(lang, "not", string.Join(Say(lang, "join"), refused.EnumerateArray().Select(one => Refused(one.GetString()!, trace, lang, catalogue)))));
        if (trace.TryGetProperty("open", out _))
            said.Add(Say(lang, "open", Names(trace, "open", lang)));
        if (laid.Edition is { AmountsObtained: false } && laid.Edition.Entries.FirstOrDefault(one => one.Id == rule) is { FineMax: > 0 }
            && TextOf(trace, "to") != "criminal")
            said.Add(Say(lang, "amounts"));
        return said;
    }

    static void SayInputs(List<string> said, JsonElement inputs, string lang, Func<string, string, string> word)
    {
        if (TextOf(inputs, "driverPoints") is { } points)
            said.Add(Say(lang, "driver", points, TextOf(inputs, "driverOffences") ?? "0"));
        foreach (var (value, over) in Ratios)
            if (NumberOf(inputs, value) is { } number && NumberOf(inputs, over) is { } of && of >= 1 && number > of)
                // Rounded down to 0.01, for the eye only: the decision compared the exact fraction.
                said.Add(Say(lang, "over", Name(value, lang), Number(number), Name(over, lang), Number(of),
                    Number(decimal.Floor((number - of) / of * 10_000) / 100)));
        var others = inputs.EnumerateObject().Where(input => input.Name is not ("driverPoints" or "driverOffences"))
            .Select(input => Say(lang, "input", Name(input.Name, lang), word(input.Name, input.Value.GetString()!)));
        said.Add(Say(lang, "inputs", string.Join(Say(lang, "join"), others)));
    }

    static string Names(JsonElement trace, string list, string lang) =>
        string.Join(Say(lang, "join"), trace.GetProperty(list).EnumerateArray().Select(one => Name(one.GetString()!, lang)));

    /// <summary>A group of vehicles, an exception, another offence or the bounds of a crime, by its name.</summary>
    static string Refused(string id, JsonElement trace, string lang, Catalogue? catalogue)
    {
        if (Words.ContainsKey($"law.name.{id}"))
            return Say(lang, $"name.{id}");
        var edition = TextOf(trace, "v");
        var group = catalogue?.Editions.FirstOrDefault(one => one.Id == edition)?.Groups.FirstOrDefault(one => one.Id == id);
        return group is not null ? lang == "en" ? group.En : group.Zh : Title(id, trace, lang, catalogue);
    }

    /// <summary>A reporter's word: an item of the campaign, a family, an entry, or the family of the cases it points to.</summary>
    static string Kind(string word, JsonElement trace, string lang, Catalogue? catalogue)
    {
        if (catalogue is null)
            return word;
        var found = catalogue.Items.Concat(catalogue.Families).FirstOrDefault(one => one.Id == word)
            ?? (catalogue.Newest.CasesByWord.GetValueOrDefault(word) is [var first, ..] ? catalogue.Families.FirstOrDefault(one => one.Id == first.Family) : null);
        return found is null ? Title(word, trace, lang, catalogue) : lang == "en" ? found.En : found.Zh;
    }

    static string Title(string entry, JsonElement trace, string lang, Catalogue? catalogue)
    {
        var edition = TextOf(trace, "v");
        var found = catalogue?.Editions.FirstOrDefault(one => one.Id == edition)?.Entries.FirstOrDefault(one => one.Id == entry);
        return found is null ? entry : lang == "en" ? found.En : found.Zh;
    }

    static string Name(string name, string lang) => Words.ContainsKey($"law.name.{name}") ? Say(lang, $"name.{name}") : name;

    static string Number(decimal number) => number.ToString("0.##", CultureInfo.InvariantCulture);

    static string? TextOf(JsonElement trace, string name) =>
        trace.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    static decimal? NumberOf(JsonElement inputs, string name) =>
        decimal.TryParse(TextOf(inputs, name), NumberStyles.Number, CultureInfo.InvariantCulture, out var number) ? number : null;

    static string Say(string lang, string key, params object[] values)
    {
        var (zh, en) = Words[$"law.{key}"];
        return string.Format(CultureInfo.InvariantCulture, lang == "en" ? en : zh, values);
    }

    static Dictionary<string, (string Zh, string En)> Read()
    {
        using var stream = typeof(Explain).Assembly.GetManifestResourceStream("Traffic.Catalogue.Words.json")!;
        using var document = JsonDocument.Parse(stream);
        return document.RootElement.EnumerateObject().ToDictionary(
            word => word.Name, word => (word.Value.GetProperty("zh").GetString()!, word.Value.GetProperty("en").GetString()!));
    }
}
