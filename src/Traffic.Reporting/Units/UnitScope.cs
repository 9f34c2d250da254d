using System.Globalization;
using System.Text;

namespace Traffic.Reporting.Units;

/// <summary>A question names a value that there is none of.</summary>
/// <param name="parameter">The one at fault.</param>
/// <param name="word">Why.</param>
sealed class ValueRefusedException(string parameter, string word) : Exception(word)
{
    public string Parameter { get; } = parameter;

    public string Word { get; } = word;
}

/// <summary>Which units a figure is of. Whom a unit is part of is that of the record's day.</summary>
sealed record UnitScope
{
    /// <summary>Stands for records whose unit is not in the tree on their day, or that name none.</summary>
    public const string Outside = "-";

    /// <summary>Only these, as <see cref="Level"/> counts them.</summary>
    public string[]? Units { get; init; }

    /// <summary>Only units that are one of these, or below one of them.</summary>
    public string[]? Under { get; init; }

    /// <summary>Likewise, beside what else is asked: those of <see cref="Under"/> only while they are below one of these.</summary>
    public string[]? Within { get; init; }

    /// <summary>Only while the unit asked for by <see cref="Under"/>, or any, is a direct part of one of these.</summary>
    public string[]? PartOf { get; init; }

    /// <summary>True where any unit is named.</summary>
    public bool NamesUnits => (Units ?? Under ?? Within ?? PartOf) is not null;

    /// <summary>Each record counts for the unit at this level above its own, 1 for the root, or for its own where that is higher; null: for its own.</summary>
    public int? Level { get; init; }

    /// <summary>Version of the tree; null is the newest there was.</summary>
    public int? Tree { get; init; }

    /// <summary>The scope by a tree; null as long as none was read.</summary>
    public UnitMap? Map { get; init; }

    /// <exception cref="ValueRefusedException">A unit that was never in the tree is asked for.</exception>
    public UnitScope By(UnitTree tree)
    {
        foreach (var (parameter, codes) in new[] { ("unit", Units), ("under", Under), ("within", Within), ("partOf", PartOf) })
            if (codes?.Any(code => !tree.Knows(code) && !(code == Outside && parameter == "unit")) == true)
                throw new ValueRefusedException(parameter, "reporting.unit");
        var rows = tree.Paths.Select(path =>
        {
            var key = Level is { } level ? path.Units[Math.Min(level, path.Units.Count) - 1] : path.Unit;
            return (Path: path, Key: key, Chosen: Units?.Contains(key) != false && Below(path.Units));
        }).ToList();
        return this with
        {
            Tree = tree.Version,
            Map = new UnitMap(
                [.. rows.Select(row => row.Path.Unit)], [.. rows.Select(row => row.Path.From)], [.. rows.Select(row => row.Path.To)],
                [.. rows.Select(row => row.Key)], [.. rows.Select(row => row.Chosen)], Units?.Contains(Outside) != false && Below([])),
        };
    }

    /// <param name="path">From the root to the unit itself.</param>
    bool Below(IReadOnlyList<string> path) =>
        (Under is null || path.Any(Under.Contains)) && (Within is null || path.Any(Within.Contains))
        && (PartOf is null || path.Zip(path.Skip(1)).Any(one => PartOf.Contains(one.First) && Under?.Contains(one.Second) != false));

    public string ToLink()
    {
        var link = new StringBuilder();
        Write(link);
        return link.ToString();
    }

    /// <summary>As a link asks it.</summary>
    public void Write(StringBuilder link)
    {
        foreach (var (name, codes) in new[] { ("unit", Units), ("under", Under), ("within", Within), ("partOf", PartOf) })
            if (codes is not null)
                link.Append('&').Append(name).Append('=').AppendJoin(',', codes);
        if (Level is { } level)
            link.Append(CultureInfo.InvariantCulture, $"&unitLevel={level}");
        if (Tree is { } tree)
            link.Append(CultureInfo.InvariantCulture, $"&tree={tree}");
    }
}

/// <summary>For each unit and stretch of days: for which unit it counts, and whether it is asked for.</summary>
/// <param name="Outside">Whether what is not in the tree is asked for.</param>
sealed record UnitMap(string[] Units, DateOnly[] Froms, DateOnly[] Tos, string[] Keys, bool[] Chosen, bool Outside);

/// <summary>Reads scopes by the tree of a moment.</summary>
sealed class UnitScopes(UnitStore store, Titles titles)
{
    /// <returns>The scope, and the tree it was read by; null where no unit is asked for.</returns>
    /// <exception cref="ValueRefusedException">There is no such unit, or no such version.</exception>
    public async Task<(UnitScope? Scope, UnitTree? Tree)> Read(Snapshot snapshot, UnitScope? asked)
    {
        if (asked is null)
            return (null, null);
        var tree = await snapshot.Units(store, asked.Tree) ?? throw new ValueRefusedException("tree", "reporting.units.version");
        return (asked.By(tree), tree);
    }

    /// <summary>Names of the catalogue, and of the units as they were called on a day.</summary>
    public IReadOnlyDictionary<(string, string), Title> Named(IReadOnlyDictionary<(string, string), Title> catalogue, UnitTree? tree, DateOnly on)
    {
        if (tree is null)
            return catalogue;
        var all = new Dictionary<(string, string), Title>(catalogue) { [("unit", UnitScope.Outside)] = titles.Word("reporting.units.outside", UnitScope.Outside) };
        foreach (var code in tree.Spells.Select(one => one.Code).Distinct())
            all[("unit", code)] = Titles.Unit(tree, code, on);
        return all;
    }

    /// <summary>What was asked for, in words.</summary>
    public IEnumerable<FilterRow> Where(UnitScope? scope, UnitTree? tree, DateOnly on) => scope is null || tree is null ? [] :
    [
        .. (scope.Units ?? []).Select(code => new FilterRow("unit", code,
            code == UnitScope.Outside ? titles.Word("reporting.units.outside", code) : Titles.Unit(tree, code, on))),
        .. new[] { ("under", scope.Under), ("within", scope.Within), ("partOf", scope.PartOf) }.SelectMany(one =>
            (one.Item2 ?? []).Select(code => new FilterRow(one.Item1, code, titles.Filled($"reporting.units.{one.Item1}", Titles.Unit(tree, code, on))))),
    ];
}
