using System.Runtime.InteropServices;

namespace Traffic.Reporting.Counts;

/// <summary>The changes of a month, equal ones added up: a tenth of them, where nothing is asked that only single changes tell.</summary>
/// <param name="Taken">By day of the month: how many of that day's changes are in it.</param>
/// <param name="UpTo">Greatest sequence of them: at an earlier one it does not hold.</param>
/// <param name="What">Numbers of what the cube by offence tells apart.</param>
/// <param name="Days">By day of the month; null where adding up spared little.</param>
sealed record MonthOfCounts(int[] Taken, long UpTo, int[] What, ushort[] Divisions, int[] Counts, DayOfCounts?[] Days)
{
    public static int Of(DateOnly day) => (day.Year * 12) + day.Month;

    static MonthOfCounts Add(IEnumerable<DayOfChanges> days, int[] whatOf, int[] moreOf)
    {
        var (taken, upTo, sums) = (new int[32], 0L, new Dictionary<(int What, ushort Division), int>());
        var added = new DayOfCounts?[32];
        foreach (var day in days)
        {
            taken[day.Day.Day] = day.Count;
            for (var i = 0; i < day.Count; i++)
            {
                var sign = day.What[i] >> 31;
                CollectionsMarshal.GetValueRefOrAddDefault(sums, (day.What[i] ^ sign, day.Divisions[i]), out _) += 1 + (2 * sign);
                upTo = Math.Max(upTo, day.Sequences[i]);
            }
            added[day.Day.Day] = DayOfCounts.Add(day, whatOf, moreOf);
        }
        var left = sums.Where(one => one.Value != 0).ToList();
        return new(taken, upTo, [.. left.Select(one => one.Key.What)], [.. left.Select(one => one.Key.Division)], [.. left.Select(one => one.Value)], added);
    }

    /// <summary>A month is added up anew when so many changes came after, and an eighth of what it has.</summary>
    const int Worth = 16;

    /// <summary>The months of a state; those of before where little was added.</summary>
    public static IReadOnlyDictionary<int, MonthOfCounts> Of(CountState state, IReadOnlyDictionary<int, MonthOfCounts> before)
    {
        var months = new Dictionary<int, MonthOfCounts>();
        var (whatOf, moreOf) = (new Lazy<int[]>(() => DayOfCounts.Alike(state.What, DayOfCounts.OfWhat)), new Lazy<int[]>(() => DayOfCounts.Alike(state.More, DayOfCounts.OfMore)));
        foreach (var days in state.Days.GroupBy(day => Of(day.Day)))
        {
            var known = before.GetValueOrDefault(days.Key);
            var added = days.Sum(day => day.Count - (known?.Taken[day.Day.Day] ?? 0));
            if (added >= Worth && added * 8L >= days.Sum(day => (long)day.Count))
                known = Add(days, whatOf.Value, moreOf.Value);
            if (known is not null)
                months[days.Key] = known;
        }
        return months;
    }
}

/// <summary>
/// The changes of a day, those added up that differ in nothing but offence, class of vehicle, items and points: a twelfth of them at
/// ten million records, for all that is asked about days, shifts, tags, units and what goes to a criminal unit.
/// </summary>
/// <param name="UpTo">Greatest sequence of them: at an earlier one it does not hold.</param>
/// <param name="What">Of what was added up, the number of any that it may stand for; likewise <paramref name="More"/>.</param>
sealed record DayOfCounts(long UpTo, int[] What, int[] More, ushort[] Divisions, int[] Counts)
{
    public static readonly string[] OfWhat = ["status", "shift", "source", "origin"], OfMore = ["overlays", "criminal", "unit", "shiftDays"];

    /// <summary>True where all that is told apart is told apart here too.</summary>
    public static bool Tells(CountQuestion question) =>
        question is { Items: null, Points: null, Each: null or "overlay" }
        && !question.By.Concat(question.Accepted.Keys).Any(one => one is "item" || (CountChanges.WhatPlaces.Contains(one) && !OfWhat.Contains(one)));

    /// <summary>For each combination of values the first that is alike in all of some places.</summary>
    public static int[] Alike(KeyView keys, string[] names)
    {
        var all = keys.Places == CountChanges.WhatPlaces.Length ? CountChanges.WhatPlaces : CountChanges.MorePlaces;
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

    /// <returns>Null where more than half as many would be left.</returns>
    public static DayOfCounts? Add(DayOfChanges day, int[] whatOf, int[] moreOf)
    {
        var (upTo, sums) = (0L, new Dictionary<(int What, int More, ushort Division), int>());
        for (var i = 0; i < day.Count; i++)
        {
            var sign = day.What[i] >> 31;
            CollectionsMarshal.GetValueRefOrAddDefault(sums, (whatOf[day.What[i] ^ sign], moreOf[day.More[i]], day.Divisions[i]), out _) += 1 + (2 * sign);
            upTo = Math.Max(upTo, day.Sequences[i]);
        }
        var left = sums.Where(one => one.Value != 0).ToList();
        return left.Count * 2 > day.Count ? null
            : new(upTo, [.. left.Select(one => one.Key.What)], [.. left.Select(one => one.Key.More)], [.. left.Select(one => one.Key.Division)], [.. left.Select(one => one.Value)]);
    }
}
