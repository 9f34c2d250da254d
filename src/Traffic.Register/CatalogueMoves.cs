using System.Collections.Concurrent;
using Traffic.Platform;

namespace Traffic.Register;

/// <summary>Records that change, and what is added up over them, before and after.</summary>
sealed record MovedSum
{
    public long RecordsBefore { get; set; }
    public long RecordsAfter { get; set; }
    public long PointsBefore { get; set; }
    public long PointsAfter { get; set; }

    /// <summary>CNY, as all fines; the least and the greatest that the law allows.</summary>
    public long FineMinBefore { get; set; }
    public long FineMinAfter { get; set; }
    public long FineMaxBefore { get; set; }
    public long FineMaxAfter { get; set; }

    public void Before(Standing standing)
    {
        RecordsBefore++;
        PointsBefore += standing.Points ?? 0;
        FineMinBefore += standing.FineMin ?? 0;
        FineMaxBefore += standing.FineMax ?? 0;
    }

    public void After(Standing standing)
    {
        RecordsAfter++;
        PointsAfter += standing.Points ?? 0;
        FineMinAfter += standing.FineMin ?? 0;
        FineMaxAfter += standing.FineMax ?? 0;
    }

    public void Add(MovedSum other)
    {
        RecordsBefore += other.RecordsBefore;
        RecordsAfter += other.RecordsAfter;
        PointsBefore += other.PointsBefore;
        PointsAfter += other.PointsAfter;
        FineMinBefore += other.FineMinBefore;
        FineMinAfter += other.FineMinAfter;
        FineMaxBefore += other.FineMaxBefore;
        FineMaxAfter += other.FineMaxAfter;
    }
}

/// <summary>One record that changes. Nothing personal.</summary>
sealed record MovedSample(
    Guid RecordId, string EntryBefore, string EntryAfter, string StatusBefore, string StatusAfter, int? PointsBefore, int? PointsAfter,
    int? FineMinBefore, int? FineMinAfter, int? FineMaxBefore, int? FineMaxAfter);

/// <summary>
/// What another version of the catalogue changes, or changed: records, points, fines, by entry, status, family, division and ISO
/// week. The same whatever the order in which it was gathered.
/// </summary>
sealed record CatalogueMoves
{
    const int SamplesOfAPair = 3;

    /// <summary>Records looked at.</summary>
    public long Examined { get; set; }

    /// <summary>Records whose decision or status changes.</summary>
    public long Changed { get; set; }

    public MovedSum Total { get; init; } = new();

    /// <summary>By <c>before > after</c>.</summary>
    public SortedDictionary<string, long> Entries { get; init; } = new(StringComparer.Ordinal);
    public SortedDictionary<string, long> Statuses { get; init; } = new(StringComparer.Ordinal);
    public SortedDictionary<string, MovedSum> Families { get; init; } = new(StringComparer.Ordinal);
    public SortedDictionary<string, MovedSum> Divisions { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Tags of the campaign's overlays that records gain, and that they lose.</summary>
    public SortedDictionary<string, long> TagsGained { get; init; } = new(StringComparer.Ordinal);
    public SortedDictionary<string, long> TagsLost { get; init; } = new(StringComparer.Ordinal);

    /// <summary>By ISO week of the day, e.g. <c>2022-W27</c>.</summary>
    public SortedDictionary<string, MovedSum> Weeks { get; init; } = new(StringComparer.Ordinal);

    /// <summary>Of each pair of entries the records with the least ids.</summary>
    public List<MovedSample> Samples { get; set; } = [];

    public void Add(Guid recordId, Standing before, Standing after)
    {
        Changed++;
        Total.Before(before);
        Total.After(after);
        Count(Entries, Pairs.GetOrAdd((before.Entry, after.Entry), pair => $"{pair.Before} > {pair.After}"), 1);
        if (before.Status != after.Status)
            Count(Statuses, $"{before.Status.Word()} > {after.Status.Word()}", 1);
        if (before.Overlays != after.Overlays)
        {
            var (had, has) = (before.Overlays.Split(',', StringSplitOptions.RemoveEmptyEntries), after.Overlays.Split(',', StringSplitOptions.RemoveEmptyEntries));
            foreach (var tag in has.Except(had))
                Count(TagsGained, tag, 1);
            foreach (var tag in had.Except(has))
                Count(TagsLost, tag, 1);
        }
        Of(Families, before.Family).Before(before);
        Of(Families, after.Family).After(after);
        foreach (var sum in (ReadOnlySpan<MovedSum>)[Of(Divisions, before.Division), Of(Weeks, Week(before.Day))])
        {
            sum.Before(before);
            sum.After(after);
        }
        Sample(new MovedSample(
            recordId, before.Entry, after.Entry, before.Status.Word(), after.Status.Word(), before.Points, after.Points, before.FineMin,
            after.FineMin, before.FineMax, after.FineMax));
    }

    public void Add(CatalogueMoves other)
    {
        Examined += other.Examined;
        Changed += other.Changed;
        Total.Add(other.Total);
        foreach (var (pair, count) in other.Entries)
            Count(Entries, pair, count);
        foreach (var (pair, count) in other.Statuses)
            Count(Statuses, pair, count);
        foreach (var (tag, count) in other.TagsGained)
            Count(TagsGained, tag, count);
        foreach (var (tag, count) in other.TagsLost)
            Count(TagsLost, tag, count);
        foreach (var (mine, others) in new[] { (Families, other.Families), (Divisions, other.Divisions), (Weeks, other.Weeks) })
            foreach (var (key, sum) in others)
                Of(mine, key).Add(sum);
        foreach (var sample in other.Samples)
            Sample(sample);
    }

    void Sample(MovedSample sample)
    {
        var (last, count) = (-1, 0);
        for (var i = 0; i < Samples.Count; i++)
            if (Samples[i].EntryBefore == sample.EntryBefore && Samples[i].EntryAfter == sample.EntryAfter)
            {
                count++;
                if (last < 0 || Samples[i].RecordId.CompareTo(Samples[last].RecordId) > 0)
                    last = i;
            }
        if (count < SamplesOfAPair)
            Samples.Add(sample);
        else if (sample.RecordId.CompareTo(Samples[last].RecordId) < 0)
            Samples[last] = sample;
    }

    /// <summary>In one order, so that the same moves are the same bytes.</summary>
    public CatalogueMoves InOrder()
    {
        Samples = [.. Samples.OrderBy(one => one.EntryBefore, StringComparer.Ordinal).ThenBy(one => one.EntryAfter, StringComparer.Ordinal).ThenBy(one => one.RecordId)];
        return this;
    }

    static void Count(SortedDictionary<string, long> counts, string key, long count) => counts[key] = counts.GetValueOrDefault(key) + count;

    static MovedSum Of(SortedDictionary<string, MovedSum> sums, string key) =>
        sums.TryGetValue(key, out var sum) ? sum : sums[key] = new MovedSum();

    // As many as there are, and each asked for a million times.
    static readonly ConcurrentDictionary<(string Before, string After), string> Pairs = new();
    static readonly ConcurrentDictionary<DateOnly, string> WeekOfDay = new();

    internal static string Week(DateOnly day) => WeekOfDay.GetOrAdd(day, one =>
    {
        var at = one.ToDateTime(TimeOnly.MinValue);
        return $"{System.Globalization.ISOWeek.GetYear(at):0000}-W{System.Globalization.ISOWeek.GetWeekOfYear(at):00}";
    });
}
