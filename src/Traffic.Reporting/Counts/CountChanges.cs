using System.Text;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Reporting.Counts;

/// <summary>The changes of one calendar day, in columns. What lies before <see cref="Count"/> never changes.</summary>
/// <param name="What">Number of what the cube by offence tells apart; its complement where the change takes one away.</param>
/// <param name="More">Number of what else a standing counts for.</param>
/// <param name="Sequences">The register's, of the log row; ascending.</param>
/// <param name="FirstHour">UTC; no record of the day was received in an hour before this one.</param>
/// <param name="LastHour">Likewise after this one.</param>
sealed record DayOfChanges(
    DateOnly Day, int[] What, int[] More, ushort[] Divisions, uint[] Sequences, int Count, DateTime FirstHour, DateTime LastHour)
{
    /// <summary>How many of them, from the first on, were there at a sequence.</summary>
    public int UpTo(long sequence)
    {
        var (from, until) = (0, Count);
        if (until > 0 && Sequences[until - 1] <= sequence)
            return until;
        while (from < until)
            if (Sequences[(from + until) / 2] <= sequence)
                from = ((from + until) / 2) + 1;
            else
                until = (from + until) / 2;
        return from;
    }
}

/// <summary>A log row that was taken in, and what stood after it.</summary>
readonly record struct TakenRow(long First, long Last, long Position, DateTime CreatedAt, long Stored, long Voided);

/// <summary>Everything up to a sequence, as it was published.</summary>
/// <param name="Days">In their order.</param>
/// <param name="Received">How many records came in each hour of a day, UTC.</param>
sealed record CountState(
    long Sequence, IReadOnlyList<DayOfChanges> Days, KeyView What, KeyView More, KeyView Divisions, IReadOnlyDictionary<DateOnly, long[]> Received)
{
    /// <summary>By <see cref="MonthOfCounts.Of(DateOnly)"/>; of a month that is not here the days are added up.</summary>
    public IReadOnlyDictionary<int, MonthOfCounts> Months { get; init; } = new Dictionary<int, MonthOfCounts>();
}

/// <summary>
/// Every change of a standing that counts, 14 bytes each: where a revision began, one more; where it ended, one less. Their
/// sum up to a sequence is what stood then, whichever revision it was. Not safe for two writers.
/// </summary>
sealed class CountChanges
{
    /// <summary>Of <see cref="CountState.What"/>, in the order of the cube by offence.</summary>
    public static readonly string[] WhatPlaces = ["entry", "family", "status", "shift", "source", "vehicleClass", "origin"];

    /// <summary>Of <see cref="CountState.More"/>; lists joined by commas; by how many days the shift began earlier or later.</summary>
    public static readonly string[] MorePlaces = ["items", "overlays", "points", "criminal", "unit", "shiftDays"];

    public const int Status = 2, Items = 0, Overlays = 1, Points = 2, Criminal = 3, Unit = 4, ShiftDays = 5;

    readonly CountKeys what = new(WhatPlaces.Length), more = new(MorePlaces.Length), divisions = new(1);
    readonly Dictionary<DateOnly, Growing> days = [];

    /// <summary>Which numbers are of voided records.</summary>
    readonly List<bool> isVoided = [];
    Growing? newest;
    readonly Dictionary<DateOnly, long[]> received = [];
    readonly HashSet<DateOnly> unpublished = [];
    readonly byte[] key = new byte[16_384];
    int length;

    public long Count { get; private set; }

    public long Stored { get; private set; }

    public long Voided { get; private set; }

    /// <summary>Takes a row of the view <c>register.published_count_change</c>, its columns in the order in which <see cref="CountMemory"/> selects them.</summary>
    public void Add(CopyRow row)
    {
        var (sequence, change, day, shiftDate) = (row.Long(), row.Int(), row.Day(), row.Day());
        length = 0;
        Put(row.Next());
        var division = divisions.Of(Key());
        length = 0;
        for (var place = 0; place < WhatPlaces.Length; place++)
            Put(row.Next());
        var one = what.Of(Key());
        length = 0;
        for (var place = 0; place < ShiftDays; place++)
            Put(row.Next());
        Put(shiftDate.DayNumber - day.DayNumber);
        Add(day, one, more.Of(Key()), division, sequence, change);
    }

    /// <summary>Takes a line of the log <c>register</c>.</summary>
    /// <returns>False where the line does not tell all that counts: whoever wrote it is older.</returns>
    public bool Add(StandingChanged change, long sequence)
    {
        if (change.Items is null || change.Revision > 1 != change.Before is not null || change.FormerStatus is null != change.Before is null
            || change.ReceivedAt is null != change.Before is not null)
            return false;
        if (change.ReceivedAt is { } at)
        {
            Receive(at.UtcDateTime, 1);
            var hour = at.UtcDateTime.AddTicks(-(at.UtcDateTime.Ticks % TimeSpan.TicksPerHour));
            Receive(change.Day, hour, hour);
        }
        length = 0;
        Put(change.DivisionCode);
        var division = divisions.Of(Key());
        if (change.Before is { } before)
            Add(change.Day, What(change, before.Entry, before.Family, change.FormerStatus!.Value, before.VehicleClass),
                More(change, before.Items, before.Overlays, before.Points, before.Criminal), division, sequence, -1);
        Add(change.Day, What(change, change.Entry, change.Family, change.Status, change.VehicleClass),
            More(change, change.Items, change.Overlays, change.Points, change.Criminal), division, sequence, 1);
        return true;
    }

    /// <summary>So many records came in an hour, UTC.</summary>
    public void Receive(DateTime hour, long records)
    {
        var day = DateOnly.FromDateTime(hour);
        // What was published is not touched.
        if (unpublished.Add(day))
            received[day] = received.TryGetValue(day, out var before) ? [.. before] : new long[24];
        received[day][hour.Hour] += records;
    }

    /// <summary>Records of a day were received in these hours, UTC; none of them before the first or after the last.</summary>
    public void Receive(DateOnly day, DateTime first, DateTime last) => Of(day).Receive(first, last);

    int What(StandingChanged change, string entry, string family, StandingStatus status, string vehicleClass)
    {
        length = 0;
        Put(entry);
        Put(family);
        Put(status.Word());
        Put(change.Shift.Word());
        Put(change.Source.Word());
        Put(vehicleClass);
        Put(change.Origin ?? "-");
        return what.Of(Key());
    }

    int More(StandingChanged change, string items, string? overlays, int? points, bool? criminal)
    {
        length = 0;
        Put(items);
        Put(overlays ?? "");
        if (points is { } known)
            Put(known);
        else
            Put("");
        Put(criminal == true ? "true" : "false");
        Put(change.UnitCode ?? "");
        Put((change.ShiftDate ?? change.Day).DayNumber - change.Day.DayNumber);
        return more.Of(Key());
    }

    void Put(ReadOnlySpan<byte> value)
    {
        value.CopyTo(key.AsSpan(length));
        key[length + value.Length] = 0;
        length += value.Length + 1;
    }

    void Put(string value)
    {
        length += Encoding.UTF8.GetBytes(value, key.AsSpan(length));
        key[length++] = 0;
    }

    void Put(int number)
    {
        number.TryFormat(key.AsSpan(length), out var written, default, System.Globalization.CultureInfo.InvariantCulture);
        length += written;
        key[length++] = 0;
    }

    ReadOnlySpan<byte> Key() => key.AsSpan(0, length);

    void Add(DateOnly on, int one, int rest, int division, long sequence, int change)
    {
        Of(on).Add(change > 0 ? one : ~one, rest, checked((ushort)division), checked((uint)sequence));
        Count++;
        Stored += change;
        for (var view = one < isVoided.Count ? null : what.View(); isVoided.Count <= one;)
            isVoided.Add(view!.Value(isVoided.Count, Status) == StandingStatus.Voided.Word());
        if (isVoided[one])
            Voided += change;
    }

    Growing Of(DateOnly on)
    {
        if (newest?.On != on && !days.TryGetValue(on, out newest))
            days[on] = newest = new Growing(on);
        return newest;
    }

    /// <summary>Puts what was read in any order into that of the log, and gives back what growing took too much of.</summary>
    public void Settle()
    {
        foreach (var day in days.Values)
            day.Settle();
    }

    /// <summary>As of now: what is added later is not in it.</summary>
    public CountState View(long sequence)
    {
        unpublished.Clear();
        return new(sequence, [.. days.Values.OrderBy(day => day.On).Select(day => day.View())], what.View(), more.View(), divisions.View(), new Dictionary<DateOnly, long[]>(received));
    }

    sealed class Growing(DateOnly on)
    {
        int[] what = new int[16], more = new int[16];
        ushort[] divisions = new ushort[16];
        uint[] sequences = new uint[16];
        DateTime firstHour = DateTime.MaxValue, lastHour = DateTime.MinValue;
        DayOfChanges? published;

        public DateOnly On => on;

        public int Count { get; private set; }

        public void Add(int one, int rest, ushort division, uint sequence)
        {
            if (Count == what.Length)
                Size(Count * 2);
            (what[Count], more[Count], divisions[Count], sequences[Count]) = (one, rest, division, sequence);
            Count++;
        }

        /// <remarks>Before the record itself is added: what was published is as it was.</remarks>
        public void Receive(DateTime first, DateTime last) =>
            (firstHour, lastHour) = (first < firstHour ? first : firstHour, last > lastHour ? last : lastHour);

        public void Settle()
        {
            var order = new int[Count];
            for (var i = 0; i < Count; i++)
                order[i] = i;
            Array.Sort(sequences[..Count], order);
            Size(Count + (Count / 16) + 16);
            (what, more, divisions, sequences) = (In(what), In(more), In(divisions), In(sequences));

            T[] In<T>(T[] column)
            {
                var settled = new T[column.Length];
                for (var i = 0; i < order.Length; i++)
                    settled[i] = column[order[i]];
                return settled;
            }
        }

        void Size(int size)
        {
            Array.Resize(ref what, size);
            Array.Resize(ref more, size);
            Array.Resize(ref divisions, size);
            Array.Resize(ref sequences, size);
            published = null;
        }

        public DayOfChanges View() => published?.Count == Count ? published : published = new(on, what, more, divisions, sequences, Count, firstHour, lastHour);
    }
}
