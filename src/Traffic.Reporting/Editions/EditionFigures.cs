namespace Traffic.Reporting.Editions;

/// <summary>A count in the period, beside the period before (环比) and the year before (同比).</summary>
/// <param name="OnPeriodPercent">Change on the period before, to 0.1; null where that had fewer cases than the minimum.</param>
/// <param name="OnYearPercent">Likewise on the year before.</param>
sealed record Compared(long Now, long Before, long YearBefore, decimal? OnPeriodPercent, decimal? OnYearPercent)
{
    public static Compared Of(long now, long before, long yearBefore, int minimum) =>
        new(now, before, yearBefore, Percent(now, before, minimum), Percent(now, yearBefore, minimum));

    static decimal? Percent(long now, long then, int minimum) =>
        then < minimum || then == 0 ? null : Math.Round((now - then) * 100m / then, 1, MidpointRounding.AwayFromZero);
}

/// <summary>One row: a value of a dimension and its counts. <paramref name="Records"/> lists what is counted now.</summary>
sealed record CountRow(string Key, Compared Count, string Records)
{
    /// <summary>What is counted in the period before and in the year before; editions frozen before it was said so do not have it.</summary>
    public string? BeforeRecords { get; init; }
    public string? YearBeforeRecords { get; init; }
}

/// <summary>What was found in one division (and all below it).</summary>
/// <param name="Confirmed">Violations that stand.</param>
/// <param name="Statuses">All records of the period, by what became of them so far.</param>
/// <param name="Items">By the campaign's items; a record may be in several.</param>
/// <param name="CriminalReferrals">Of the confirmed: those that leave for the criminal police.</param>
/// <param name="TwelvePoints">Of the confirmed: those that cost the whole licence's points.</param>
sealed record DivisionFigures(
    string Division, Compared Confirmed, string Records, IReadOnlyList<CountRow> Statuses, IReadOnlyList<CountRow> Families,
    IReadOnlyList<CountRow> Items, IReadOnlyList<CountRow> VehicleClasses, IReadOnlyList<CountRow> Shifts, IReadOnlyList<CountRow> Sources,
    CountRow CriminalReferrals, CountRow TwelvePoints)
{
    public string? BeforeRecords { get; init; }
    public string? YearBeforeRecords { get; init; }
}

/// <summary>What came or changed after the edition before, of days before this one's.</summary>
/// <param name="Registered">Not known then.</param>
/// <param name="Withdrawn">Voided or rejected since.</param>
/// <param name="Reclassified">Another entry since.</param>
/// <param name="Reviewed">Another status since: confirmed after review, or back to review.</param>
/// <param name="NetConfirmed">By how much the confirmed of those days rose or fell.</param>
sealed record LateRow(string Division, long Registered, long Withdrawn, long Reclassified, long Reviewed, long NetConfirmed)
{
    public long Total => Registered + Withdrawn + Reclassified + Reviewed;

    /// <summary>Addresses of the records behind each figure, by its name.</summary>
    public IReadOnlyDictionary<string, string>? Open { get; init; }

    public static readonly IReadOnlyList<string> Figures = ["registered", "withdrawn", "reclassified", "reviewed", "netConfirmed", "total"];
}

/// <summary>Crashes, dangers, … of which what they count for on days before this edition's came or changed after the edition before.</summary>
/// <param name="Kind"><c>crash</c>, <c>danger</c>, …</param>
sealed record LateActivityRow(string Division, string Kind, long Registered, long Withdrawn, long Changed)
{
    public long Total => Registered + Withdrawn + Changed;

    /// <summary>Addresses of what is behind each figure, by its name.</summary>
    public required IReadOnlyDictionary<string, string> Open { get; init; }

    public static readonly IReadOnlyList<string> Figures = ["registered", "withdrawn", "changed", "total"];
}

/// <summary>All that follows from the leaves, and from them alone: made when the edition is, and again by whoever verifies it.</summary>
/// <param name="Divisions">The whole first, then each part in the order of the tree.</param>
sealed record EditionFigures(IReadOnlyList<DivisionFigures> Divisions, IReadOnlyList<LateRow> Late)
{
    /// <summary>Null in the two first formats.</summary>
    public IReadOnlyList<LateActivityRow>? LateActivities { get; init; }
}

/// <summary>What the figures are of.</summary>
/// <param name="Tree">The division and all below it, itself first; children directly under it are shown.</param>
/// <param name="Windows">The period, the one before, the year before; then those that only targets look at.</param>
/// <param name="Minimum">A baseline of fewer cases gives no percentage.</param>
sealed record EditionFrame(
    string Division, IReadOnlyDictionary<string, IReadOnlyList<string>> Tree, IReadOnlyList<DayWindow> Windows, long AsOf, int Minimum)
{
    /// <summary>The edition's name, under which its late records open; null of editions frozen before such addresses stood in them.</summary>
    public string? Edition { get; init; }
}

/// <summary>Adds buckets up. Pure: the same leaves, the same figures.</summary>
static class EditionCounting
{
    const string Confirmed = "confirmed";

    /// <param name="activities">Null in the two first formats, which have no leaves of them.</param>
    public static EditionFigures Of(EditionFrame frame, IReadOnlyList<Bucket> buckets, IReadOnlyList<ActivityLeaf>? activities = null) => new(
        [.. frame.Tree.Select(part => Division(frame, part.Key, [.. buckets.Where(bucket => bucket is { Late: false, Origin: "" } && part.Value.Contains(bucket.Division))]))],
        [.. frame.Tree.Select(part => Late(frame, part.Key, buckets.Where(bucket => bucket.Late && part.Value.Contains(bucket.Division))))
            .Where(row => row.Total > 0 || row.Division == frame.Division)])
    {
        LateActivities = activities is null ? null :
        [
            .. frame.Tree.SelectMany(part => activities.Where(leaf => leaf.Late && part.Value.Contains(leaf.Division)).GroupBy(leaf => leaf.Kind)
                .OrderBy(kind => kind.Key, StringComparer.Ordinal).Select(kind => LateOf(frame, part.Key, kind.Key, [.. kind]))),
        ],
    };

    static LateActivityRow LateOf(EditionFrame frame, string division, string kind, List<ActivityLeaf> late)
    {
        return new LateActivityRow(division, kind, Count("registered"), Count("withdrawn"), Count("changed"))
        {
            Open = LateActivityRow.Figures.ToDictionary(one => one, one => LateLink(frame.Edition!, division, one, kind)),
        };

        long Count(string change) => late.LongCount(leaf => ChangeOf(leaf.FormerRevision, leaf.FormerStatus, leaf.Status) == change);
    }

    /// <summary>Likewise of a crash, danger, ….</summary>
    public static string ChangeOf(int? formerRevision, string? formerStatus, string status) =>
        formerRevision is null ? "registered" : status == "voided" && formerStatus != status ? "withdrawn" : "changed";

    static DivisionFigures Division(EditionFrame frame, string division, List<Bucket> all)
    {
        var confirmed = all.FindAll(bucket => bucket.Status == Confirmed);
        var figure = new Figure
        {
            From = frame.Windows[0].From, To = frame.Windows[0].To, Division = division, Divisions = [.. frame.Tree[division]],
        };
        return Opened(new DivisionFigures(
            division, Count(confirmed), figure.Link(frame.AsOf),
            Rows(all, bucket => [bucket.Status], "status"), Rows(confirmed, bucket => [bucket.Family], "family"),
            Rows(confirmed, bucket => bucket.Items.Split(',', StringSplitOptions.RemoveEmptyEntries), "item"),
            Rows(confirmed, bucket => [bucket.VehicleClass], "vehicleClass"), Rows(confirmed, bucket => [bucket.Shift], "shift"),
            Rows(confirmed, bucket => [bucket.Source], "source"),
            Row("true", Count(confirmed.FindAll(bucket => bucket.CriminalReferral)), figure with { Criminal = true }),
            Row("12", Count(confirmed.FindAll(bucket => bucket.Points == 12)), figure with { Points = [12] })));

        DivisionFigures Opened(DivisionFigures one) => one with { BeforeRecords = Link(figure, 1), YearBeforeRecords = Link(figure, 2) };

        CountRow Row(string key, Compared count, Figure of) =>
            new(key, count, of.Link(frame.AsOf)) { BeforeRecords = Link(of, 1), YearBeforeRecords = Link(of, 2) };

        string? Link(Figure of, int window) => frame.Edition is null ? null
            : (of with { From = frame.Windows[window].From, To = frame.Windows[window].To }).Link(frame.AsOf);

        Compared Count(IReadOnlyList<Bucket> some) => Compared.Of(Sum(some, 0), Sum(some, 1), Sum(some, 2), frame.Minimum);

        List<CountRow> Rows(List<Bucket> some, Func<Bucket, string[]> keys, string dimension) =>
        [
            .. some.SelectMany(bucket => keys(bucket).Select(key => (key, bucket))).GroupBy(one => one.key, one => one.bucket)
                .Select(group => Row(group.Key, Count([.. group]), figure.Narrow(dimension, group.Key)))
                .Where(row => row.Count is not { Now: 0, Before: 0, YearBefore: 0 })
                .OrderByDescending(row => row.Count.Now).ThenBy(row => row.Key, StringComparer.Ordinal),
        ];
    }

    /// <summary>Why a late record is late.</summary>
    /// <param name="formerRevision">Null where it was not known before.</param>
    public static string ChangeOf(int? formerRevision, string? formerStatus, string? formerEntry, string status, string entry) =>
        formerRevision is null ? "registered"
        : status is "voided" or "rejected" && formerStatus != status ? "withdrawn"
        : entry != formerEntry ? "reclassified" : "reviewed";

    /// <summary>Address of the records behind a figure of a late row.</summary>
    public static string LateLink(string edition, string division, string figure, string? kind = null) =>
        $"/api/v1/reports/editions/{edition}/late?division={division}&figure={figure}{(kind is null ? "" : $"&of={kind}")}";

    static long Sum(IReadOnlyList<Bucket> some, int window)
    {
        var sum = 0L;
        foreach (var bucket in some)
            if (bucket.In(window))
                sum += bucket.Count;
        return sum;
    }

    static LateRow Late(EditionFrame frame, string division, IEnumerable<Bucket> late)
    {
        var (registered, withdrawn, reclassified, reviewed, net) = (0L, 0L, 0L, 0L, 0L);
        foreach (var bucket in late)
        {
            switch (ChangeOf(bucket.FormerRevision, bucket.FormerStatus, bucket.FormerEntry, bucket.Status, bucket.Entry))
            {
                case "registered": registered += bucket.Count; break;
                case "withdrawn": withdrawn += bucket.Count; break;
                case "reclassified": reclassified += bucket.Count; break;
                default: reviewed += bucket.Count; break;
            }
            net += ((bucket.Status == Confirmed ? 1 : 0) - (bucket.FormerStatus == Confirmed ? 1 : 0)) * bucket.Count;
        }
        return new LateRow(division, registered, withdrawn, reclassified, reviewed, net)
        {
            Open = frame.Edition is null ? null : LateRow.Figures.ToDictionary(one => one, one => LateLink(frame.Edition, division, one)),
        };
    }
}
