namespace Traffic.Reporting.Counts;

/// <summary>The changes of a month, equal ones added up: a tenth of them, where nothing is asked that only single changes tell.</summary>
/// <param name="Taken">By day of the month: how many of that day's changes are in it.</param>
/// <param name="UpTo">Greatest sequence of them: at an earlier one it does not hold.</param>
/// <param name="What">Numbers of what the cube by offence tells apart.</param>
sealed record MonthOfCounts(int[] Taken, long UpTo, int[] What, ushort[] Divisions, int[] Counts)
{
    public static int Of(DateOnly day) => (day.Year * 12) + day.Month;

    static MonthOfCounts Add(IEnumerable<DayOfChanges> days)
    {
        var (taken, upTo, sums) = (new int[32], 0L, new Dictionary<(int What, ushort Division), int>());
        foreach (var day in days)
        {
            taken[day.Day.Day] = day.Count;
            for (var i = 0; i < day.Count; i++)
            {
                var sign = day.What[i] >> 31;
                System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(sums, (day.What[i] ^ sign, day.Divisions[i]), out _) += 1 + (2 * sign);
                upTo = Math.Max(upTo, day.Sequences[i]);
            }
        }
        var left = sums.Where(one => one.Value != 0).ToList();
        return new(taken, upTo, [.. left.Select(one => one.Key.What)], [.. left.Select(one => one.Key.Division)], [.. left.Select(one => one.Value)]);
    }

    /// <summary>A month is added up anew when so many changes came after, and an eighth of what it has.</summary>
    const int Worth = 16;

    /// <summary>The months of a state; those of before where little was added.</summary>
    public static IReadOnlyDictionary<int, MonthOfCounts> Of(CountState state, IReadOnlyDictionary<int, MonthOfCounts> before)
    {
        var months = new Dictionary<int, MonthOfCounts>();
        foreach (var days in state.Days.GroupBy(day => Of(day.Day)))
        {
            var known = before.GetValueOrDefault(days.Key);
            var added = days.Sum(day => day.Count - (known?.Taken[day.Day.Day] ?? 0));
            if (added >= Worth && added * 8L >= days.Sum(day => (long)day.Count))
                known = Add(days);
            if (known is not null)
                months[days.Key] = known;
        }
        return months;
    }
}
