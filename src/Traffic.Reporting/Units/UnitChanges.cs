namespace Traffic.Reporting.Units;

/// <summary>What files change of what is in use: the rows that are new, or all that is wrong with them.</summary>
/// <param name="Units">New statements. A statement once made is never changed, only ended or followed by a later one.</param>
sealed record UnitChanges(IReadOnlyList<UnitSpell> Units, IReadOnlyList<Posting> Roster, IReadOnlyList<LineFault> Faults)
{
    /// <summary>So many are told at once.</summary>
    const int MostFaults = 200;

    /// <summary>From the root down; no question about units reaches further.</summary>
    const int MostLevels = 9;

    /// <param name="spells">Statements in use, the last word on each unit and first day; as stated, not as ended by what follows.</param>
    /// <param name="postings">Likewise of officers.</param>
    public static UnitChanges Of(UnitFile file, IReadOnlyList<UnitSpell> spells, IReadOnlyList<Posting> postings)
    {
        var faults = new List<LineFault>(file.Faults);
        var units = Merge(file.Units, spells, one => (one.Code, one.From), one => one.To, (one, to) => one with { To = to }, faults);
        var roster = Merge(file.Roster, postings, one => (one.OfficerId, one.From), one => one.To, (one, to) => one with { To = to }, faults);
        foreach (var (one, next) in Pairs(units, unit => unit.Row.Code, unit => unit.Row.From))
            if (Overlaps(one, next, spell => spell.From, spell => spell.To))
                faults.Add(Later(one, next).Fault("reporting.units.overlap", one.Row.Code, Day(one.Row.From), Day(next.Row.From)));
            else if (one.Row.To is { } to && to.AddDays(1) < next.Row.From)
                faults.Add(Later(one, next).Fault("reporting.units.gap", one.Row.Code, Day(to.AddDays(1)), Day(next.Row.From.AddDays(-1))));
        foreach (var (one, next) in Pairs(roster, posting => posting.Row.OfficerId, posting => posting.Row.From))
            if (Overlaps(one, next, posting => posting.From, posting => posting.To))
                faults.Add(Later(one, next).Fault("reporting.units.twoUnits", one.Row.OfficerId, one.Row.Unit, next.Row.Unit, Day(next.Row.From)));
        var tree = new UnitTree(0, units.Select(one => one.Row), roster.Select(one => one.Row));
        faults.AddRange(Parents(tree, units));
        var deep = Deep(tree, units).Take(MostFaults).ToList();
        faults.AddRange(deep);
        // A long way is walked from each unit on it, on each day: where there is one, that is said first.
        if (deep.Count == 0)
            faults.AddRange(Circles(tree, units));
        faults.AddRange(Homes(tree, roster));
        return new UnitChanges(
            [.. units.Where(one => one.New).Select(one => one.Row)], [.. roster.Where(one => one.New).Select(one => one.Row)],
            [.. faults.DistinctBy(one => (one.At, one.Code, string.Join('|', one.Values))).OrderBy(one => one.File, StringComparer.Ordinal).ThenBy(one => one.Line).Take(MostFaults)]);
    }

    /// <param name="Line">Where a file says it; null where only what is in use does.</param>
    /// <param name="New">It is said for the first time.</param>
    sealed record Kept<T>(T Row, Stated<T>? Line, bool New)
    {
        public LineFault Fault(string code, params object[] values) => Line!.Fault(code, values);
    }

    static List<Kept<T>> Merge<T, TKey>(
        List<Stated<T>> file, IReadOnlyList<T> inUse, Func<T, TKey> key, Func<T, DateOnly?> to, Func<T, DateOnly?, T> end, List<LineFault> faults) where TKey : notnull where T : class
    {
        var all = inUse.ToDictionary(key, one => new Kept<T>(one, null, false));
        foreach (var stated in file)
            if (!all.TryGetValue(key(stated.Row), out var found))
                all.Add(key(stated.Row), new(stated.Row, stated, true));
            else if (found.Line is { } above)
                faults.Add(stated.Fault("reporting.units.twice", above.Line));
            else if (found.Row.Equals(stated.Row))
                all[key(stated.Row)] = found with { Line = stated };
            else if (to(found.Row) is null && end(stated.Row, null).Equals(found.Row))
                all[key(stated.Row)] = new(stated.Row, stated, true);
            else
                faults.Add(stated.Fault(to(found.Row) is not null && end(stated.Row, null).Equals(end(found.Row, null)) ? "reporting.units.ended" : "reporting.units.inUse"));
        return [.. all.Values];
    }

    static IEnumerable<(Kept<T> One, Kept<T> Next)> Pairs<T>(List<Kept<T>> all, Func<Kept<T>, string> name, Func<Kept<T>, DateOnly> from) =>
        all.GroupBy(name).Select(group => group.OrderBy(from).ToList()).SelectMany(group => group.Zip(group.Skip(1)))
            .Where(pair => pair.First.Line is not null || pair.Second.Line is not null);

    /// <summary>Two hold at once. One without an end gives way to what is said later, but not to what the same files say: they must say its end.</summary>
    static bool Overlaps<T>(Kept<T> one, Kept<T> next, Func<T, DateOnly> from, Func<T, DateOnly?> to) =>
        to(one.Row) is { } last ? last >= from(next.Row) : one.Line is not null && next.Line is not null;

    static Kept<T> Later<T>(Kept<T> one, Kept<T> next) => next.Line is null ? one : next;

    /// <summary>Every unit's parent is there as long as the unit itself.</summary>
    static IEnumerable<LineFault> Parents(UnitTree tree, List<Kept<UnitSpell>> units)
    {
        foreach (var spell in tree.Spells.Where(one => one.Parent is not null && one.Parent != one.Code))
        {
            var line = Line(units, spell.Code, spell.From) ?? Line(units, spell.Parent!, null);
            if (line is null)
                continue;
            if (!tree.Knows(spell.Parent!))
                yield return line.Fault("reporting.units.parent.unknown", spell.Code, spell.Parent!);
            else if (tree.Of(spell.Parent!) is [var first, ..] above && (spell.From < first.From || (above[^1].To is { } last && !(spell.To <= last))))
                yield return line.Fault("reporting.units.parent.gap", spell.Code, spell.Parent!, Day(first.From), above[^1].To is { } end ? Day(end) : "");
        }
    }

    static Stated<UnitSpell>? Line(List<Kept<UnitSpell>> units, string code, DateOnly? from) =>
        units.FindLast(one => one.Line is not null && one.Row.Code == code && (from is null || one.Row.From == from))?.Line;

    /// <summary>No unit has more above it than there are levels, on any day.</summary>
    static IEnumerable<LineFault> Deep(UnitTree tree, List<Kept<UnitSpell>> units)
    {
        foreach (var spell in tree.Spells)
        {
            var way = new List<string>();
            if (IsDeep(tree, spell, spell.From, spell.To ?? DateOnly.MaxValue, way)
                && (Line(units, spell.Code, spell.From) ?? way.Select(code => Line(units, code, null)).FirstOrDefault(line => line is not null)) is { } line)
                yield return line.Fault("reporting.units.deep", spell.Code, MostLevels);
        }
    }

    /// <param name="way">The units below, which all hold from <paramref name="from"/> to <paramref name="to"/>; a circle among them is told as one.</param>
    static bool IsDeep(UnitTree tree, UnitSpell spell, DateOnly from, DateOnly to, List<string> way)
    {
        if (spell.Parent is null || way.Contains(spell.Code))
            return false;
        way.Add(spell.Code);
        if (way.Count >= MostLevels)
            return true;
        foreach (var above in tree.Of(spell.Parent))
            if (UnitTree.Later(from, above.From) is var first && UnitTree.Earlier(to, above.To ?? DateOnly.MaxValue) is var last
                && first <= last && IsDeep(tree, above, first, last, way))
                return true;
        way.RemoveAt(way.Count - 1);
        return false;
    }

    /// <summary>On no day is a unit above itself: looked at on each day on which anything begins.</summary>
    static IEnumerable<LineFault> Circles(UnitTree tree, List<Kept<UnitSpell>> units)
    {
        var told = new HashSet<string>();
        var lines = units.Where(one => one.Line is not null).GroupBy(one => one.Row.Code).ToDictionary(one => one.Key, one => one.Last().Line!);
        foreach (var day in tree.Spells.Select(one => one.From).Distinct().Order())
        {
            var done = new HashSet<string>();
            foreach (var start in lines.Keys)
            {
                var path = new List<string>();
                for (var at = start; at is not null && !done.Contains(at); at = tree.On(at, day)?.Parent)
                {
                    if (path.IndexOf(at) is >= 0 and var again)
                    {
                        var circle = path[again..];
                        if (circle.Count > 1 && told.Add(string.Join(' ', circle.Order(StringComparer.Ordinal))))
                            yield return lines[circle.Find(lines.ContainsKey) ?? start].Fault("reporting.units.cycle", string.Join(" → ", [.. circle, circle[0]]));
                        break;
                    }
                    path.Add(at);
                }
                done.UnionWith(path);
            }
        }
    }

    /// <summary>The unit an officer belongs to is there when he comes, and as long as it is said that he stays.</summary>
    static IEnumerable<LineFault> Homes(UnitTree tree, List<Kept<Posting>> roster)
    {
        foreach (var posting in roster.Where(one => one.Line is not null))
            if (!tree.Knows(posting.Row.Unit))
                yield return posting.Fault("reporting.units.roster.unknown", posting.Row.OfficerId, posting.Row.Unit);
            else if (tree.On(posting.Row.Unit, posting.Row.From) is null || (posting.Row.To is { } last && tree.On(posting.Row.Unit, last) is null))
                yield return posting.Fault("reporting.units.roster.gap", posting.Row.OfficerId, posting.Row.Unit);
    }

    static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
}
