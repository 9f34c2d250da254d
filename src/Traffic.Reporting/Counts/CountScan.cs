using System.Globalization;
using Traffic.Reporting.Units;

namespace Traffic.Reporting.Counts;

/// <summary>One sum.</summary>
/// <param name="Keys">Value of each dimension asked for, in that order.</param>
readonly record struct KeyedCount(string[] Keys, long Value);

/// <summary>Adds changes up. What each number stands for is looked up once; then every change costs a few nanoseconds.</summary>
sealed class CountScan
{
    /// <summary>Not asked for. A few of these added up, and the greatest place with them, stay below 0.</summary>
    const int No = -(1 << 28);

    /// <summary>So many sums are kept at most; a question for more is no report.</summary>
    const int Most = 1 << 24;

    /// <summary>Up to so many combinations of values all have a place; of more only those that occur.</summary>
    const int MostCombined = 4_096;

    /// <summary>From so many changes on both halves of the days are added up side by side.</summary>
    const int WorthAThread = 200_000;

    static readonly string[] Periods = ["day", "week", "month"], Lists = ["item", "overlay"];

    readonly CountState state;
    readonly CountQuestion question;
    readonly long asOf;
    readonly List<Axis> axes = [];
    readonly Places what;
    readonly Places? more;
    readonly int[] divisions;

    /// <summary>By number of the list of items or tags: how often it counts; where each of it does.</summary>
    readonly int[]? weights;
    readonly int[][]? listed;
    readonly int placeOfWeights, placeOfListed;
    readonly Axis? units, periods, calendar;
    readonly List<DayOfChanges> days;
    readonly long places;

    /// <summary>Values along which sums are told apart, and what one step along them is in the table of sums.</summary>
    sealed class Axis(string[] dimensions, long size)
    {
        readonly Dictionary<string, int> numbers = [];

        public List<string[]> Keys { get; } = [];

        public string[] Dimensions => dimensions;

        /// <summary>Of no meaning where there would be too many sums: nothing is added up then.</summary>
        public int Step { get; } = (int)Math.Min(size, Most);

        public int Of(params string[] keys)
        {
            var joined = keys.Length == 1 ? keys[0] : string.Join('\0', keys);
            if (!numbers.TryGetValue(joined, out var number))
            {
                numbers[joined] = number = Keys.Count;
                Keys.Add(keys);
            }
            return At(number);
        }

        public int At(long number) => (int)Math.Min(number * Step, int.MaxValue);

        /// <summary>Every combination of some values, the last one's changing first.</summary>
        public void Combine(IReadOnlyList<IReadOnlyList<string>> values)
        {
            Keys.Add([]);
            foreach (var of in values)
            {
                var wider = Keys.SelectMany(keys => of.Select(one => (string[])[.. keys, one])).ToList();
                Keys.Clear();
                Keys.AddRange(wider);
            }
        }
    }

    /// <summary>Where each combination counts, looked up when it is first met: of most, other sums stand for them.</summary>
    sealed class Places(int count, Func<int, int> of)
    {
        const int Unknown = int.MinValue;
        readonly int[] known = [.. Enumerable.Repeat(Unknown, count)];

        public int this[int key] => known[key] is var place and not Unknown ? place : known[key] = of(key);
    }

    CountScan(CountState state, CountQuestion question, long asOf)
    {
        (this.state, this.question, this.asOf) = (state, question, asOf);
        days = [.. state.Days.Where(InWindow)];
        var size = 1L;
        what = What(ref size);
        divisions = Divisions(ref size);
        if (question.By.Intersect(Periods).ToArray() is { Length: > 0 } asked)
        {
            periods = new Axis(asked, size);
            for (var day = question.From; day <= question.To; day = day.AddDays(1))
                Period(day);
            size = Times(size, periods);
        }
        if (question.By.Contains("calendarDay"))
        {
            calendar = new Axis(["calendarDay"], size);
            foreach (var day in days)
                calendar.Of(Reporting.Period.Of("day", day.Day));
            size = Times(size, calendar);
        }
        if (question.Units is not null)
        {
            units = new Axis(question.By.Contains("unit") ? ["unit"] : [], size);
            foreach (var key in question.Units.Keys.Append(UnitScope.Outside))
                Unit(key);
            size = Times(size, units);
        }
        if (question.More.Any())
            more = More(ref size);
        if (question.By.Intersect(Lists).FirstOrDefault() is { } list)
            (placeOfListed, listed) = (PlaceOf(list), Listed(list, ref size));
        if (question is { Each: { } each, Weighted: true })
            (placeOfWeights, weights) = (PlaceOf(each), Weights(each));
        places = size;
    }

    /// <summary>The sums that are not 0; null where there would be too many.</summary>
    public static List<KeyedCount>? Of(CountState state, CountQuestion question, long asOf)
    {
        var scan = new CountScan(state, question, asOf);
        return scan.places > Most ? null : scan.Named(scan.Sums());
    }

    Places What(ref long size)
    {
        var keys = state.What;
        var accepted = CountChanges.WhatPlaces.Select((name, place) => (place, These: keys.Accepted(place, question.Accepted.GetValueOrDefault(name))))
            .Where(one => one.These is not null).ToArray();
        var by = question.By.Where(CountChanges.WhatPlaces.Contains).ToArray();
        var at = by.Select(name => Array.IndexOf(CountChanges.WhatPlaces, name)).ToArray();
        var axis = new Axis(by, size);
        Dictionary<long, int>? occurring = null;
        if (at.Aggregate(1L, (all, place) => Math.Min(all * keys.Values[place].Count, Most)) <= MostCombined)
            axis.Combine([.. at.Select(place => (IReadOnlyList<string>)keys.Values[place])]);
        else
        {
            occurring = [];
            for (var key = 0; key < keys.Count; key++)
                if (Accepts(key) && occurring.TryAdd(Together(key), axis.Keys.Count))
                    axis.Keys.Add([.. at.Select(place => keys.Value(key, place))]);
        }
        Take(axis, ref size);
        return new(keys.Count, key => !Accepts(key) ? No : axis.At(occurring is null ? Together(key) : occurring[Together(key)]));

        bool Accepts(int key) => Array.TrueForAll(accepted, one => one.These![keys.Part(key, one.place)]);

        long Together(int key) => at.Aggregate(0L, (together, place) => (together * keys.Values[place].Count) + keys.Part(key, place));
    }

    int[] Divisions(ref long size)
    {
        var axis = new Axis(question.By.Contains("division") ? ["division"] : [], size);
        var asked = question.Divisions?.ToHashSet();
        int[] map = [.. state.Divisions.Values[0].Select(code => asked?.Contains(code) == false ? No : axis.Dimensions.Length == 0 ? 0 : axis.Of(code))];
        Take(axis, ref size);
        return map;
    }

    Places More(ref long size)
    {
        var keys = state.More;
        var axis = new Axis([.. question.By.Where(one => one is "criminal" or "unitCode")], size);
        var at = axis.Dimensions.Select(one => one == "criminal" ? CountChanges.Criminal : CountChanges.Unit).ToArray();
        axis.Combine([.. at.Select(place => (IReadOnlyList<string>)[.. keys.Values[place].Select(one => place == CountChanges.Unit && one.Length == 0 ? UnitScope.Outside : one)])]);
        Take(axis, ref size);
        bool[] items = [.. keys.Values[CountChanges.Items].Select(one => Any(one, question.Items) && (question.Each != "item" || one.Length > 0))];
        bool[] overlays = [.. keys.Values[CountChanges.Overlays].Select(one => Any(one, question.Overlays) && (question.Each != "overlay" || one.Length > 0))];
        var points = keys.Accepted(CountChanges.Points, question.Points?.Select(one => one.ToString(CultureInfo.InvariantCulture)).ToHashSet());
        var criminal = keys.Accepted(CountChanges.Criminal, question.Criminal is { } wanted ? [wanted ? "true" : "false"] : null);
        return new(keys.Count, key =>
            !items[keys.Part(key, CountChanges.Items)] || !overlays[keys.Part(key, CountChanges.Overlays)]
            || points?[keys.Part(key, CountChanges.Points)] == false || criminal?[keys.Part(key, CountChanges.Criminal)] == false ? No
            : axis.At(at.Aggregate(0L, (together, place) => (together * keys.Values[place].Count) + keys.Part(key, place))));

        static bool Any(string list, string[]? asked) => asked is null || asked.Intersect(list.Split(',')).Any();
    }

    static int PlaceOf(string list) => list == "item" ? CountChanges.Items : CountChanges.Overlays;

    IEnumerable<string[]> Of(string list) => state.More.Values[PlaceOf(list)].Select(one => one.Split(',', StringSplitOptions.RemoveEmptyEntries));

    int[][] Listed(string list, ref long size)
    {
        var axis = new Axis([list], size);
        int[][] map = [.. Of(list).Select(these => these.Select(one => axis.Of(one)).ToArray())];
        Take(axis, ref size);
        return map;
    }

    int[] Weights(string each)
    {
        var asked = each == "item" ? question.Items : question.Overlays;
        return [.. Of(each).Select(these => these.Count(one => asked?.Contains(one) != false))];
    }

    static long Times(long size, Axis axis) => Math.Min(size, Most + 1L) * Math.Max(1, axis.Keys.Count);

    void Take(Axis axis, ref long size)
    {
        if (axis.Dimensions.Length == 0)
            return;
        axes.Add(axis);
        size = Times(size, axis);
    }

    int Period(DateOnly day) => periods is null ? 0 : periods.Of([.. periods.Dimensions.Select(one => Reporting.Period.Of(one, day))]);

    int Unit(string key) => units!.Dimensions.Length == 0 ? 0 : units.Of(key);

    /// <summary>For each number of a unit, where it counts on a day.</summary>
    int[] UnitsOn(DateOnly day)
    {
        var map = question.Units!;
        var keyOf = new Dictionary<string, int>();
        for (var i = 0; i < map.Units.Length; i++)
            if (day >= map.Froms[i] && day <= map.Tos[i])
                keyOf[map.Units[i]] = map.Chosen[i] ? Unit(map.Keys[i]) : No;
        return [.. state.More.Values[CountChanges.Unit].Select(code => keyOf.TryGetValue(code, out var at) ? at : map.Outside ? Unit(UnitScope.Outside) : No)];
    }

    /// <summary>For each number of days between a record's and its shift's, where it counts; one place for all where days are the calendar's.</summary>
    int[] ShiftsOn(DateOnly day) => [.. state.More.Values[CountChanges.ShiftDays].Select(apart =>
    {
        var began = day.AddDays(int.Parse(apart, CultureInfo.InvariantCulture));
        return began < question.From || began > question.To ? No : Period(began);
    })];

    /// <summary>Some of a day's changes, or those of a day or a month added up.</summary>
    /// <param name="IsOff">They are taken off: what was added up holds them, and they came after.</param>
    readonly record struct Part(DateOnly On, AddedCounts? Sums, DayOfChanges? Day, int From, int Until, bool IsOff)
    {
        public int Count => Sums?.What.Length ?? Until - From;
    }

    /// <summary>Whole months where nothing hangs on the day, else days, added up as far as the sums tell what is asked; and single changes for what is left.</summary>
    IEnumerable<Part> Parts()
    {
        var grain = Grain.Of(question);
        var byMonth = grain >= 0 && Grain.All[grain].ByMonth;
        var wholeMonths = (more is null || byMonth) && calendar is null && periods is null or { Dimensions: ["month"] } && question.CalendarDays is null;
        foreach (var month in days.Select(day => (Day: day, Until: day.UpTo(asOf))).GroupBy(one => MonthOfCounts.Of(one.Day.Day)))
        {
            var first = new DateOnly((month.Key - 1) / 12, 1 + ((month.Key - 1) % 12), 1);
            var known = state.Months.GetValueOrDefault(month.Key);
            var whole = wholeMonths && first >= question.From && first.AddMonths(1).AddDays(-1) <= question.To
                && known is not null && IsLess(month.Sum(one => Math.Abs(Taken(one.Day) - one.Until)), month.Sum(one => one.Until))
                ? byMonth ? known.Sums[grain] : known.All : null;
            if (whole is not null)
                yield return new Part(first, whole, null, 0, 0, false);
            foreach (var (day, until) in month)
            {
                var taken = Taken(day);
                var sums = whole is null && grain >= 0 && IsLess(Math.Abs(taken - until), until) ? known?.Days[day.Day.Day]?[grain] : null;
                if (sums is not null)
                    yield return new Part(day.Day, sums, null, 0, 0, false);
                var from = whole is null && sums is null ? 0 : taken;
                if (from != until)
                    yield return new Part(day.Day, null, day, Math.Min(from, until), Math.Max(from, until), from > until);
            }

            int Taken(DayOfChanges day) => known?.Taken[day.Day.Day] ?? 0;
        }

        // Sums and what they differ by are worth it only where that is little.
        static bool IsLess(int rest, int all) => rest <= all / 2;
    }

    long[] Sums()
    {
        var parts = Parts().ToList();
        var all = parts.Sum(part => (long)part.Count);
        if (all < WorthAThread || Environment.ProcessorCount < 2 || places > 1 << 20)
            return Sums(parts);
        var (half, split) = (0L, 0);
        while (half < all / 2)
            half += parts[split++].Count;
        var other = Task.Run(() => Sums(parts[split..]));
        var sums = Sums(parts[..split]);
        var rest = other.GetAwaiter().GetResult();
        for (var i = 0; i < sums.Length; i++)
            sums[i] += rest[i];
        return sums;
    }

    bool InWindow(DayOfChanges day)
    {
        if (question.CalendarDays?.Contains(day.Day) == false)
            return false;
        if (!question.ByShiftDate)
            return day.Day >= question.From && day.Day <= question.To;
        var apart = state.More.Values[CountChanges.ShiftDays].Select(one => int.Parse(one, CultureInfo.InvariantCulture)).ToList();
        return apart.Count > 0 && day.Day.AddDays(apart.Max()) >= question.From && day.Day.AddDays(apart.Min()) <= question.To;
    }

    long[] Sums(List<Part> parts)
    {
        var sums = new long[places];
        foreach (var part in parts)
        {
            var at = calendar is null ? 0 : calendar.Of(Reporting.Period.Of("day", part.On));
            if (part.Sums is { } added && more is null)
                Add(added.What, added.Divisions, added.Counts, sums, at + Period(part.On));
            else if (part.Sums is { } told)
                AddMore(part.On, told.What, told.More, told.Divisions, told.Counts, 1, sums, at);
            else if (more is null)
                Add(part, sums, at + Period(part.On));
            else
                AddMore(part.On, Of(part.Day!.What, part), Of(part.Day.More, part), Of(part.Day.Divisions, part), [], part.IsOff ? -1 : 1, sums, at);
        }
        return sums;
    }

    static ReadOnlySpan<T> Of<T>(T[] column, Part part) => column.AsSpan(part.From, part.Count);

    void Add(int[] keys, ushort[] from, int[] counts, long[] sums, int at)
    {
        for (var i = 0; i < keys.Length; i++)
        {
            var place = what[keys[i]] + divisions[from[i]];
            if (place >= 0)
                sums[place + at] += counts[i];
        }
    }

    void Add(Part part, long[] sums, int at)
    {
        var changes = Of(part.Day!.What, part);
        var from = Of(part.Day.Divisions, part);
        var one = part.IsOff ? -1 : 1;
        for (var i = 0; i < changes.Length; i++)
        {
            var sign = changes[i] >> 31;
            var place = what[changes[i] ^ sign] + divisions[from[i]];
            if (place >= 0)
                sums[place + at] += one * (1 + (2 * sign));
        }
    }

    /// <param name="counts">None where each is one, or its complement one less.</param>
    /// <param name="one">1, or −1 where all of it is taken off.</param>
    void AddMore(
        DateOnly on, ReadOnlySpan<int> changes, ReadOnlySpan<int> rests, ReadOnlySpan<ushort> from, ReadOnlySpan<int> counts, int one, long[] sums, int at)
    {
        var unitsNow = units is null ? null : UnitsOn(on);
        var shiftsNow = question.ByShiftDate ? ShiftsOn(on) : null;
        if (shiftsNow is null)
            at += Period(on);
        var plain = unitsNow is null && shiftsNow is null && weights is null && listed is null;
        var keys = state.More;
        for (var i = 0; i < changes.Length; i++)
        {
            var sign = changes[i] >> 31;
            var rest = rests[i];
            var place = what[changes[i] ^ sign] + divisions[from[i]] + more![rest];
            if (place < 0)
                continue;
            var count = i < counts.Length ? counts[i] : one * (1 + (2 * sign));
            if (plain)
            {
                sums[place + at] += count;
                continue;
            }
            if (unitsNow is not null)
                place += unitsNow[keys.Part(rest, CountChanges.Unit)];
            if (shiftsNow is not null)
                place += shiftsNow[keys.Part(rest, CountChanges.ShiftDays)];
            if (place < 0)
                continue;
            var value = weights is null ? count : count * weights[keys.Part(rest, placeOfWeights)];
            if (listed is null)
                sums[place + at] += value;
            else
                foreach (var each in listed[keys.Part(rest, placeOfListed)])
                    sums[place + at + each] += value;
        }
    }

    List<KeyedCount> Named(long[] sums)
    {
        var told = axes.Concat(new[] { periods, calendar, units }.OfType<Axis>().Where(axis => axis.Dimensions.Length > 0)).OrderBy(axis => axis.Step).ToList();
        var from = question.By.Select(name => told.SelectMany(axis => axis.Dimensions.Select((one, nth) => (axis, one, nth))).First(one => one.one == name))
            .Select(one => (one.axis.Step, Values: one.axis.Keys.ConvertAll(keys => keys[one.nth]).ToArray())).ToArray();
        var named = new List<KeyedCount>();
        for (var place = 0; place < sums.Length; place++)
            if (sums[place] != 0)
            {
                var keys = new string[from.Length];
                for (var i = 0; i < keys.Length; i++)
                    keys[i] = from[i].Values[place / from[i].Step % from[i].Values.Length];
                named.Add(new KeyedCount(keys, sums[place]));
            }
        return named;
    }
}
