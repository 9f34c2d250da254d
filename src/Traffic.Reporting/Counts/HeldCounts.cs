namespace Traffic.Reporting.Counts;

/// <summary>Where all records of a page lie: on these days, of these divisions and entries.</summary>
/// <param name="Divisions">Null where they are so many that it says little; likewise the entries.</param>
/// <param name="Unchanged">No record of these days came or changed after the question's sequence: as they stand now they stood then.</param>
/// <param name="From">None was received before, nor after <paramref name="To"/>.</param>
sealed record NearRecords(DateOnly[] Days, string[]? Divisions, string[]? Entries, bool Unchanged, DateTime From, DateTime To);

/// <summary>What is held, as of a sequence.</summary>
/// <param name="Row">The log row with which the question's snapshot ends.</param>
sealed record HeldCounts(CountState State, long AsOf, TakenRow Row)
{
    /// <summary>The sums that are not 0; null where the database has to add up.</summary>
    public List<KeyedCount>? Of(CountQuestion question) => CountScan.Of(State, question, AsOf);

    /// <summary>How many records came in each hour (UTC) from one on and before another; null where others have come since.</summary>
    public IEnumerable<(DateTime Hour, long Records)>? Received(DateTime from, DateTime to) =>
        State.Sequence != Row.Last || from.Ticks % TimeSpan.TicksPerHour != 0 || to.Ticks % TimeSpan.TicksPerHour != 0 ? null
        : State.Received.SelectMany(day => day.Value.Select((records, hour) => (Hour: day.Key.ToDateTime(new TimeOnly(hour, 0), DateTimeKind.Utc), records)))
            .Where(one => one.records != 0 && one.Hour >= from && one.Hour < to);

    /// <summary>How far a day's midnight is from that of UTC at most.</summary>
    static readonly TimeSpan East = TimeSpan.FromHours(14), West = TimeSpan.FromHours(12);

    /// <summary>Where the next records behind a figure lie, in the order in which they happened; null where the database has to look.</summary>
    /// <param name="after">They come after this moment, or at it; null: they are the first.</param>
    /// <param name="limit">How many are to be found.</param>
    /// <param name="zone">In which the days are counted; null where that may differ from record to record.</param>
    public NearRecords? Near(Figure figure, DateTimeOffset? after, int limit, TimeZoneInfo? zone)
    {
        var question = CountQuestion.Of(figure, ["calendarDay"]) with { Weighted = false };
        if (Of(question) is not { } found)
            return null;
        // The first day that may hold one, and the first that holds none before.
        var (first, whole) = after is not { } at ? (DateOnly.MinValue, DateOnly.MinValue)
            : zone is not null ? (DayOf(TimeZoneInfo.ConvertTime(at, zone)), DayOf(TimeZoneInfo.ConvertTime(at, zone)).AddDays(1))
            : (DayOf(at.ToUniversalTime() - West).AddDays(-1), DayOf(at.ToUniversalTime() + East).AddDays(1));
        var days = new SortedDictionary<DateOnly, long>(found.ToDictionary(one => Period.Parse("day", one.Keys[0]).First, one => one.Value));
        var (last, sum) = (DateOnly.MaxValue, 0L);
        foreach (var (day, count) in days)
            if (day >= whole && (sum += count) >= limit)
            {
                // In another zone a day that comes later may begin before this one is over.
                last = zone is null ? day.AddDays(2) : day;
                break;
            }
        var chosen = days.Keys.Where(day => day >= first && day <= last).ToHashSet();
        if (Of(question with { By = ["division", "entry"], CalendarDays = chosen }) is not { } kinds)
            return null;
        var held = State.Days.Where(day => chosen.Contains(day.Day)).ToList();
        return new NearRecords(
            [.. chosen], Few(0, State.Divisions.Values[0]), Few(1, State.What.Values[0]), held.TrueForAll(day => day.UpTo(AsOf) == day.Count),
            held.Count == 0 ? default : held.Min(day => day.FirstHour), held.Count == 0 ? default : held.Max(day => day.LastHour).AddHours(1));

        string[]? Few(int place, IReadOnlyCollection<string> all) => kinds.Select(one => one.Keys[place]).Distinct().ToArray() is var these && these.Length * 3 <= all.Count ? these : null;
    }

    static DateOnly DayOf(DateTimeOffset at) => DateOnly.FromDateTime(at.DateTime);
}
