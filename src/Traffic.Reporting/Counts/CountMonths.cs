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
        new(["entry", "family", "status", "origin"], [], ByMonth: true),
        new(["status", "shift", "source", "vehicleClass", "origin"], [], ByMonth: true),
        new(["status", "origin"], ["overlays", "criminal"], ByMonth: true),
        new(["status", "shift", "source", "origin"], ["overlays", "criminal", "unit", "shiftDays"], ByMonth: false),
    ];

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

/// <summary>The changes of a day, added up.</summary>
/// <param name="UpTo">Greatest sequence of them: at an earlier one they do not hold.</param>
/// <param name="Sums">By number of the grain; null where more than half as many would be left.</param>
sealed record DayOfCounts(long UpTo, AddedCounts?[] Sums);

/// <summary>The changes of a month, added up.</summary>
/// <param name="Taken">By day of the month: how many of that day's changes are in it.</param>
/// <param name="UpTo">Greatest sequence of them: at an earlier one it does not hold.</param>
/// <param name="All">All that the cube by offence tells apart.</param>
/// <param name="Sums">By number of the grain; null where that is not by month.</param>
/// <param name="Days">By day of the month.</param>
sealed record MonthOfCounts(int[] Taken, long UpTo, AddedCounts All, AddedCounts?[] Sums, DayOfCounts?[] Days)
{
    public static int Of(DateOnly day) => (day.Year * 12) + day.Month;

    static MonthOfCounts Add(IEnumerable<DayOfChanges> days, (int[] What, int[] More)[] grains)
    {
        var (taken, upTo, all, added) = (new int[32], 0L, new Dictionary<(int, int, ushort), int>(), new DayOfCounts?[32]);
        var month = grains.Select(_ => new Dictionary<(int, int, ushort), int>()).ToArray();
        foreach (var day in days)
        {
            var dayUpTo = 0L;
            for (var i = 0; i < day.Count; i++)
            {
                var sign = day.What[i] >> 31;
                Put(all, (day.What[i] ^ sign, 0, day.Divisions[i]), 1 + (2 * sign));
                dayUpTo = Math.Max(dayUpTo, day.Sequences[i]);
            }
            var sums = new AddedCounts?[grains.Length];
            for (var grain = 0; grain < grains.Length; grain++)
            {
                var one = AddedCounts.Of(Add(day, grains[grain]));
                sums[grain] = one.What.Length * 2 > day.Count ? null : one;
                for (var i = 0; Grain.All[grain].ByMonth && i < one.What.Length; i++)
                    Put(month[grain], (one.What[i], one.More[i], one.Divisions[i]), one.Counts[i]);
            }
            (taken[day.Day.Day], added[day.Day.Day], upTo) = (day.Count, new DayOfCounts(dayUpTo, sums), Math.Max(upTo, dayUpTo));
        }
        return new(taken, upTo, AddedCounts.Of(all), [.. month.Select((sums, grain) => Grain.All[grain].ByMonth ? AddedCounts.Of(sums) : null)], added);
    }

    static Dictionary<(int, int, ushort), int> Add(DayOfChanges day, (int[] What, int[] More) grain)
    {
        var sums = new Dictionary<(int, int, ushort), int>();
        for (var i = 0; i < day.Count; i++)
        {
            var sign = day.What[i] >> 31;
            Put(sums, (grain.What[day.What[i] ^ sign], grain.More[day.More[i]], day.Divisions[i]), 1 + (2 * sign));
        }
        return sums;
    }

    static void Put(Dictionary<(int, int, ushort), int> sums, (int, int, ushort) key, int count) =>
        CollectionsMarshal.GetValueRefOrAddDefault(sums, key, out _) += count;

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
