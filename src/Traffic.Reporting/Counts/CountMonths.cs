using System.Runtime.InteropServices;

namespace Traffic.Reporting.Counts;

/// <summary>Changes that differ in nothing that is told apart, added up.</summary>
/// <param name="What">Of what was added up, the number of any that it may stand for; likewise <paramref name="More"/>.</param>
sealed record AddedCounts(int[] What, int[] More, ushort[] Divisions, int[] Counts)
{
    public static AddedCounts Of(Dictionary<(int What, int More, ushort Division), int> sums)
    {
        var left = sums.Where(one => one.Value != 0).ToList();
        return new([.. left.Select(one => one.Key.What)], [.. left.Select(one => one.Key.More)], [.. left.Select(one => one.Key.Division)], [.. left.Select(one => one.Value)]);
    }

    public static AddedCounts Of(DayOfChanges day, (int[] What, int[] More) alike)
    {
        var sums = new Dictionary<(int, int, ushort), int>();
        for (var i = 0; i < day.Count; i++)
        {
            var sign = day.What[i] >> 31;
            Put(sums, (alike.What[day.What[i] ^ sign], alike.More[day.More[i]], day.Divisions[i]), 1 + (2 * sign));
        }
        return Of(sums);
    }

    /// <summary>The same, where less is told apart.</summary>
    public AddedCounts AddUp((int[] What, int[] More) alike)
    {
        var sums = new Dictionary<(int, int, ushort), int>();
        AddTo(sums, alike);
        return Of(sums);
    }

    public void AddTo(Dictionary<(int, int, ushort), int> sums, (int[] What, int[] More)? alike = null)
    {
        for (var i = 0; i < What.Length; i++)
            Put(sums, alike is var (what, more) ? (what[What[i]], more[More[i]], Divisions[i]) : (What[i], More[i], Divisions[i]), Counts[i]);
    }

    internal static void Put(Dictionary<(int, int, ushort), int> sums, (int, int, ushort) key, int count) =>
        CollectionsMarshal.GetValueRefOrAddDefault(sums, key, out _) += count;
}

/// <summary>What is told apart where changes are added up. The less it is, the fewer are left, however many records there are.</summary>
/// <param name="What">Of <see cref="CountChanges.WhatPlaces"/>.</param>
/// <param name="More">Of <see cref="CountChanges.MorePlaces"/>.</param>
/// <param name="ByMonth">True where no answer hangs on the day of the month.</param>
sealed record Grain(string[] What, string[] More, bool ByMonth)
{
    /// <summary>Those that leave less before those that leave more.</summary>
    public static readonly Grain[] All =
    [
        new(["status", "origin"], [], ByMonth: true),
        new(["status", "source", "origin"], [], ByMonth: true),
        new(["status", "vehicleClass", "origin"], [], ByMonth: true),
        new(["status", "origin"], ["criminal"], ByMonth: true),
        new(["family", "status", "origin"], [], ByMonth: true),
        new(["entry", "family", "status", "origin"], [], ByMonth: true),
        new(["status", "shift", "source", "vehicleClass", "origin"], [], ByMonth: true),
        new(["status", "origin"], ["overlays", "criminal"], ByMonth: true),
        new(["status", "shift", "origin"], ["shiftDays"], ByMonth: false),
        new(["status", "shift", "source", "origin"], ["overlays", "criminal", "unit", "shiftDays"], ByMonth: false),
    ];

    /// <summary>For each the one of those after it that leaves the least and tells all of it, of which it is added up; below 0: of the changes.</summary>
    static readonly int[] Finer = [.. All.Select((grain, number) => Array.FindIndex(
        All, number + 1, finer => grain.What.All(finer.What.Contains) && grain.More.All(finer.More.Contains)))];

    /// <summary>A day's changes added up to each grain.</summary>
    /// <param name="alike">By number of the grain, of <see cref="Alike"/>.</param>
    public static AddedCounts[] Add(DayOfChanges day, (int[] What, int[] More)[] alike)
    {
        var added = new AddedCounts[All.Length];
        for (var grain = All.Length - 1; grain >= 0; grain--)
            added[grain] = Finer[grain] < 0 ? AddedCounts.Of(day, alike[grain]) : added[Finer[grain]].AddUp(alike[grain]);
        return added;
    }

    /// <summary>Number of the first that tells all that is asked; below 0: none does.</summary>
    public static int Of(CountQuestion question) => Array.FindIndex(All, grain =>
        question.By.Concat(question.Accepted.Keys).All(one => !CountChanges.WhatPlaces.Contains(one) || grain.What.Contains(one))
        && question.More.All(grain.More.Contains));

    /// <summary>For each combination of values the first that is alike in all of some places.</summary>
    public static int[] Alike(KeyView keys, string[] all, string[] names)
    {
        var places = names.Select(name => Array.IndexOf(all, name)).ToArray();
        var (first, alike) = (new Dictionary<long, int>(), new int[keys.Count]);
        for (var key = 0; key < alike.Length; key++)
        {
            var together = 0L;
            foreach (var place in places)
                together = checked((together * keys.Values[place].Count) + keys.Part(key, place));
            if (!first.TryGetValue(together, out alike[key]))
                first[together] = alike[key] = key;
        }
        return alike;
    }
}

/// <summary>The changes of a month, added up: of each day the first ones, so that at a sequence before the last of them the others are taken off.</summary>
/// <param name="Taken">By day of the month: how many of that day's changes are in it.</param>
/// <param name="All">All that the cube by offence tells apart.</param>
/// <param name="Sums">By number of the grain; null where that is not by month.</param>
/// <param name="Days">By day of the month, then by number of the grain; null where more than half as many would be left.</param>
sealed record MonthOfCounts(int[] Taken, AddedCounts All, AddedCounts?[] Sums, AddedCounts?[]?[] Days)
{
    public static int Of(DateOnly day) => (day.Year * 12) + day.Month;

    static MonthOfCounts Add(IEnumerable<DayOfChanges> days, (int[] What, int[] More)[] alike)
    {
        var (taken, all, added) = (new int[32], new Dictionary<(int, int, ushort), int>(), new AddedCounts?[]?[32]);
        var month = Grain.All.Select(_ => new Dictionary<(int, int, ushort), int>()).ToArray();
        foreach (var day in days)
        {
            for (var i = 0; i < day.Count; i++)
            {
                var sign = day.What[i] >> 31;
                AddedCounts.Put(all, (day.What[i] ^ sign, 0, day.Divisions[i]), 1 + (2 * sign));
            }
            var sums = Grain.Add(day, alike);
            for (var grain = 0; grain < sums.Length; grain++)
                if (Grain.All[grain].ByMonth)
                    sums[grain].AddTo(month[grain]);
            (taken[day.Day.Day], added[day.Day.Day]) = (day.Count, [.. sums.Select(one => one.What.Length * 2 > day.Count ? null : one)]);
        }
        return new(taken, AddedCounts.Of(all), [.. month.Select((sums, grain) => Grain.All[grain].ByMonth ? AddedCounts.Of(sums) : null)], added);
    }

    /// <summary>A month is added up anew when so many changes came after, and an eighth of what it has.</summary>
    const int Worth = 16;

    /// <summary>The months of a state; those of before where little was added.</summary>
    public static IReadOnlyDictionary<int, MonthOfCounts> Of(CountState state, IReadOnlyDictionary<int, MonthOfCounts> before)
    {
        var months = new Dictionary<int, MonthOfCounts>();
        var grains = new Lazy<(int[], int[])[]>(() => [.. Grain.All.Select(grain => (
            Grain.Alike(state.What, CountChanges.WhatPlaces, grain.What), Grain.Alike(state.More, CountChanges.MorePlaces, grain.More)))]);
        foreach (var days in state.Days.GroupBy(day => Of(day.Day)))
        {
            var known = before.GetValueOrDefault(days.Key);
            var added = days.Sum(day => day.Count - (known?.Taken[day.Day.Day] ?? 0));
            if (added >= Worth && added * 8L >= days.Sum(day => (long)day.Count))
                known = Add(days, grains.Value);
            if (known is not null)
                months[days.Key] = known;
        }
        return months;
    }
}
