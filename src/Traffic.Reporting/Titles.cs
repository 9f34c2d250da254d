using Traffic.Platform;

namespace Traffic.Reporting;

/// <summary>The words of a board and of an edition: ours of today, or those an edition was frozen with.</summary>
interface IWording
{
    Title Division(string code);

    /// <inheritdoc cref="Titles.Word"/>
    Title Word(string key, string fallback);

    /// <inheritdoc cref="Titles.Filled"/>
    Title Filled(string key, params Title[] values);
}

/// <summary>What keys of a report are called.</summary>
sealed class Titles(Divisions divisions, ImportMaps maps, Words words) : IWording
{
    /// <summary>The values of a row that was grouped by two things, in words.</summary>
    public static Title Of(Title first, Title second) => new($"{first.Zh}{Between}{second.Zh}", $"{first.En}{Between}{second.En}");

    public const string Between = " · ";

    /// <summary>One value in words; itself where it has none.</summary>
    public Title Of(string dimension, string key, IReadOnlyDictionary<(string, string), Title> catalogue, string? origin) => dimension switch
    {
        "division" => Division(key, origin),
        "family" when origin is not null && maps.Find(origin)?.Kinds.GetValueOrDefault(key) is { Zh: not null } kind => new Title(kind.Zh, kind.En),
        "entry" or "family" or "overlay" or "item" or "unit" when catalogue.TryGetValue((dimension, key), out var title) => title,
        "origin" when maps.Find(key) is { } map => new Title(map.Title.Zh, map.Title.En),
        "day" or "week" or "month" => new Title(key, key),
        _ => Word($"reporting.{dimension}.{key}", key),
    };

    /// <summary>True for a value that is in the catalogue, in a map of an import, or one of our own words.</summary>
    public bool Knows(string dimension, string key, IReadOnlyDictionary<(string, string), Title> catalogue) =>
        catalogue.ContainsKey((dimension, key)) || words.Get($"reporting.{dimension}.{key}", "en") != $"reporting.{dimension}.{key}"
        || (dimension == "origin" && KnowsOrigin(key)) || (dimension == "family" && maps.All.Any(map => map.Kinds.ContainsKey(key)));

    /// <summary>It is the detachment's own, or an import map's.</summary>
    public bool KnowsOrigin(string key) => key == "-" || maps.Find(key) is not null;

    public Title Division(string code, string? origin) =>
        divisions.Find(origin, code) is { } division ? new Title(division.Zh, division.En) : new Title(code, code);

    Title IWording.Division(string code) => Division(code, null);

    /// <summary>All our words whose key begins so, their places not filled.</summary>
    public IReadOnlyDictionary<string, Title> Beginning(params string[] beginnings) => words.Keys
        .Where(key => beginnings.Any(beginning => key.StartsWith(beginning, StringComparison.Ordinal))).Order(StringComparer.Ordinal)
        .ToDictionary(key => key, key => new Title(words.Get(key, "zh"), words.Get(key, "en")));

    /// <summary>A unit as it was called on a day, or is called last; its code where it is not known.</summary>
    public static Title Unit(Units.UnitTree tree, string code, DateOnly on) =>
        (tree.On(code, on) ?? tree.Last(code)) is { } unit ? new Title(unit.Zh, unit.En) : new Title(code, code);

    /// <summary>A sentence of ours in both languages, its places filled in each.</summary>
    public Title Filled(string key, params Title[] values) =>
        new(words.Get(key, "zh", [.. values.Select(value => value.Zh)]), words.Get(key, "en", [.. values.Select(value => value.En)]));

    /// <summary>A text of ours in both languages; the fallback where there is none.</summary>
    public Title Word(string key, string fallback) =>
        words.Get(key, "zh") is var zh && zh == key ? new Title(fallback, fallback) : new Title(zh, words.Get(key, "en"));
}
