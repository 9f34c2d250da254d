namespace Traffic.Reporting;

/// <summary>Which cells are added up.</summary>
/// <param name="Cube">A cube of <c>schemas/targets/cubes.json</c>; nothing else is read.</param>
/// <param name="Where">Accepted values by dimension; a dimension that is not named accepts all.</param>
sealed record Measure(string Cube, IReadOnlyDictionary<string, string[]> Where);

/// <summary>What a value is set beside.</summary>
enum ComparisonKind
{
    /// <summary>The same calendar window one year before (同比).</summary>
    YearOnYear,

    /// <summary>The window of the same length just before (环比).</summary>
    PeriodOnPeriod,

    /// <summary>A number in the definition.</summary>
    FixedBaseline,

    /// <summary>Nothing.</summary>
    None,
}

/// <summary>What reaches the goal. The bounds themselves do.</summary>
/// <param name="Margin">Percentage points by which the goal must be reached not to be at risk.</param>
sealed record Goal(decimal? ChangePercentMax, decimal? ChangePercentMin, decimal? ValueMax, decimal? ValueMin, decimal Margin);

/// <summary>One version of one line of the slogan, as a campaign's file defines it.</summary>
/// <param name="Denominator">Null for a count; else the value is numerator ÷ denominator × 100.</param>
/// <param name="FixedBaseline">The number compared with; null where it is taken from the campaign's frozen baseline.</param>
/// <param name="Minimum">A baseline (of a rate: a denominator, now or then) of fewer cases says nothing.</param>
/// <param name="ValidTo">Last day judged by this version, included: its own end, or the day before the next version.</param>
sealed record TargetDefinition(
    string Id, string Slogan, Title Title, string Direction, Measure Numerator, Measure? Denominator, string Unit,
    ComparisonKind Comparison, decimal? FixedBaseline, Goal Goal, decimal Minimum, string Source, DateOnly ValidFrom, DateOnly? ValidTo)
{
    /// <summary>1, 2, … : a definition in use is never edited, a new version supersedes it.</summary>
    public int Version { get; init; } = 1;

    /// <summary>Who put this version in the place of the one before, and why; null of the first.</summary>
    public Supersession? Supersedes { get; init; }

    /// <summary>Where it stands, for messages: <c>targets/summer-2022.json, line 17</c>.</summary>
    public string At { get; init; } = "";

    /// <summary>The definition as JSON with its members in order and without its end, which alone may still be set.</summary>
    public string Canonical { get; init; } = "";

    public bool ValidOn(DateOnly day) => ValidFrom <= day && (ValidTo is null || day <= ValidTo);
}

/// <summary>Why one version took the place of another.</summary>
sealed record Supersession(string By, string Why);

/// <summary>One file of <c>schemas/targets</c>.</summary>
/// <param name="Order">Place in lists; the lowest is the default.</param>
/// <param name="DefaultDays">Asked without days it answers for so many, up to today; null: for the whole campaign up to today.</param>
sealed record Campaign(
    string Id, int Order, int? DefaultDays, Title Title, Title Note, string Source, string Division, DateOnly From, DateOnly? To,
    IReadOnlyList<TargetDefinition> Definitions)
{
    /// <summary>The newest version of each line, in the order of the slogan.</summary>
    public IReadOnlyList<TargetDefinition> Lines { get; } = [.. Definitions.GroupBy(one => one.Id).Select(versions => versions.Last())];

    /// <summary>The versions that judge a window: those of its last day. Where none is in force then, the one nearest before, else the first.</summary>
    public IReadOnlyList<TargetDefinition> LinesOn(DateOnly day) =>
        [.. Definitions.GroupBy(one => one.Id).Select(versions => versions.LastOrDefault(one => one.ValidFrom <= day) ?? versions.First())];

    /// <summary>The same calendar days one year before: what a frozen baseline holds; null where no end is known.</summary>
    public (DateOnly From, DateOnly To)? YearBefore => To is { } last ? TargetRule.Before(ComparisonKind.YearOnYear, From, last) : null;

    /// <summary>The window answered for where no days are asked for; never ends after today, unless the campaign has not begun.</summary>
    public (DateOnly From, DateOnly To) Window(DateOnly today)
    {
        var last = To < today ? To.Value : today > From ? today : From;
        var first = DefaultDays is { } days ? last.AddDays(1 - days) : From;
        return (first > From ? first : From, last);
    }
}

/// <summary>The campaigns on file; the first is the default.</summary>
sealed class Campaigns(IReadOnlyList<Campaign> all)
{
    public IReadOnlyList<Campaign> All { get; } = all;

    public Campaign? Find(string id) => All.FirstOrDefault(campaign => campaign.Id == id);
}
