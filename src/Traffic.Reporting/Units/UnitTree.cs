namespace Traffic.Reporting.Units;

/// <summary>What is said of a unit from a day on.</summary>
/// <param name="Code">Police unit (机关代码), 12 digits.</param>
/// <param name="To">Last day, included; null where no end is stated: until something else is said from a later day.</param>
/// <param name="Parent">The unit it is part of; null for a root.</param>
sealed record UnitSpell(string Code, DateOnly From, DateOnly? To, string? Parent, string Division, string Zh, string En)
{
    public bool HoldsOn(DateOnly day) => From <= day && (To is null || day <= To);
}

/// <summary>An officer belongs to a unit, by number.</summary>
/// <param name="To">As of <see cref="UnitSpell"/>.</param>
sealed record Posting(string OfficerId, DateOnly From, DateOnly? To, string Unit)
{
    public bool HoldsOn(DateOnly day) => From <= day && (To is null || day <= To);
}

/// <summary>A unit's way from the root while nothing on it changes.</summary>
/// <param name="Units">From the root to the unit itself.</param>
sealed record UnitPath(string Unit, DateOnly From, DateOnly To, IReadOnlyList<string> Units);

/// <summary>The units of one version: who was part of whom on which day, and who belonged where.</summary>
/// <remarks>Days are those of the records: a unit that ends on a day has its records until midnight in the division's zone.</remarks>
sealed class UnitTree
{
    public static readonly UnitTree Empty = new(0, [], []);

    readonly Dictionary<string, UnitSpell[]> units;
    readonly Dictionary<string, Posting[]> roster;
    readonly Lazy<Dictionary<string, UnitPath[]>> stretches;

    /// <param name="version">Which import was the last; 0 before any.</param>
    /// <param name="spells">The last word on each unit and first day.</param>
    /// <param name="postings">The last word on each officer and first day.</param>
    public UnitTree(int version, IEnumerable<UnitSpell> spells, IEnumerable<Posting> postings)
    {
        Version = version;
        units = spells.GroupBy(one => one.Code).ToDictionary(
            one => one.Key, one => Ended([.. one.OrderBy(spell => spell.From)], spell => spell.From, spell => spell.To, (spell, to) => spell with { To = to }));
        roster = postings.GroupBy(one => one.OfficerId).ToDictionary(
            one => one.Key, one => Ended([.. one.OrderBy(spell => spell.From)], spell => spell.From, spell => spell.To, (spell, to) => spell with { To = to }));
        stretches = new(() => units.ToDictionary(one => one.Key, one => one.Value.SelectMany(Stretches).ToArray()));
    }

    public int Version { get; }

    /// <summary>Every spell of every unit, each ended where the next begins.</summary>
    public IEnumerable<UnitSpell> Spells => units.OrderBy(one => one.Key, StringComparer.Ordinal).SelectMany(one => one.Value);

    public IEnumerable<Posting> Postings => roster.OrderBy(one => one.Key, StringComparer.Ordinal).SelectMany(one => one.Value);

    public bool Knows(string code) => units.ContainsKey(code);

    /// <summary>First to last, each ended where the next begins.</summary>
    public IReadOnlyList<UnitSpell> Of(string code) => units.GetValueOrDefault(code) ?? [];

    /// <summary>What is said of the unit on a day; null where it is not there.</summary>
    public UnitSpell? On(string code, DateOnly day) => Array.Find(units.GetValueOrDefault(code) ?? [], one => one.HoldsOn(day));

    /// <summary>What is said of it last, for its name.</summary>
    public UnitSpell? Last(string code) => units.GetValueOrDefault(code)?[^1];

    /// <summary>From the root to the unit on a day; empty where the unit is not in the tree then.</summary>
    public IReadOnlyList<string> PathOn(string code, DateOnly day) =>
        Array.Find(stretches.Value.GetValueOrDefault(code) ?? [], one => one.From <= day && day <= one.To)?.Units ?? [];

    List<string> Climb(string code, DateOnly day)
    {
        var path = new List<string>();
        for (var at = code; at is not null; at = On(at, day)!.Parent)
        {
            if (On(at, day) is null || path.Contains(at))
                return [];
            path.Insert(0, at);
        }
        return path;
    }

    /// <summary>Every unit's way from the root, a row for each stretch of days in which nothing on it changes.</summary>
    public IEnumerable<UnitPath> Paths => stretches.Value.Values.SelectMany(one => one);

    IEnumerable<UnitPath> Stretches(UnitSpell spell)
    {
        var last = spell.To ?? DateOnly.MaxValue;
        var days = Changes(spell.Code, spell.From, last, 0).Distinct().Order().ToList();
        for (var i = 0; i < days.Count; i++)
            if (Climb(spell.Code, days[i]) is { Count: > 0 } path)
                yield return new UnitPath(spell.Code, days[i], i + 1 < days.Count ? days[i + 1].AddDays(-1) : last, path);
    }

    /// <summary>Days in a stretch on which the unit, or one above it, begins to be something else.</summary>
    IEnumerable<DateOnly> Changes(string code, DateOnly from, DateOnly to, int depth)
    {
        // A circle is refused at the door; here it only must not go on for ever.
        if (depth > units.Count)
            yield break;
        foreach (var spell in units.GetValueOrDefault(code) ?? [])
        {
            var (first, last) = (Later(spell.From, from), Earlier(spell.To ?? DateOnly.MaxValue, to));
            if (first > last)
                continue;
            yield return first;
            if (last < to)
                yield return last.AddDays(1);
            if (spell.Parent is { } parent)
                foreach (var day in Changes(parent, first, last, depth + 1))
                    yield return day;
        }
    }

    /// <summary>Numbers of the officers who belong to the unit, or to one below it, on a day; in order.</summary>
    public IReadOnlyList<Posting> RosterOn(string unit, DateOnly day) =>
        [.. Postings.Where(one => one.HoldsOn(day) && PathOn(one.Unit, day).Contains(unit))];

    /// <summary>Where the officer belongs on a day; null for nowhere.</summary>
    public Posting? PostingOn(string officerId, DateOnly day) =>
        Array.Find(roster.GetValueOrDefault(officerId) ?? [], one => one.HoldsOn(day) && On(one.Unit, day) is not null);

    public static DateOnly Later(DateOnly one, DateOnly other) => one > other ? one : other;

    public static DateOnly Earlier(DateOnly one, DateOnly other) => one < other ? one : other;

    static T[] Ended<T>(T[] spells, Func<T, DateOnly> from, Func<T, DateOnly?> to, Func<T, DateOnly?, T> end)
    {
        for (var i = 0; i + 1 < spells.Length; i++)
            if (to(spells[i]) is null)
                spells[i] = end(spells[i], from(spells[i + 1]).AddDays(-1));
        return spells;
    }
}
