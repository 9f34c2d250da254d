using System.Collections;
using System.Text.Json.Serialization;

namespace Traffic.Reporting;

/// <summary>A text in both languages.</summary>
sealed record Title(string Zh, string En);

/// <summary>What became of all records ever accepted, at the moment of the answer.</summary>
sealed record Ledger(long Accepted, long Stored, long Quarantined, long InFlight, long Voided)
{
    /// <summary>Addresses of what is behind each; of a frozen edition only of what can still be told of its moment.</summary>
    public IReadOnlyDictionary<string, string>? Open { get; init; }
}

/// <summary>The rows of a report, each made when it is written: of tens of thousands no two need to be held at once.</summary>
sealed class OffenceRows(IReadOnlyList<GroupedCount> counts, Func<GroupedCount, OffenceRow> row) : IReadOnlyList<OffenceRow>
{
    public int Count => counts.Count;

    public OffenceRow this[int index] => row(counts[index]);

    public IEnumerator<OffenceRow> GetEnumerator() => counts.Select(row).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}

/// <summary>How many records stand in a period, by what was asked for.</summary>
/// <param name="Days"><c>calendar</c>, or <c>shift</c> where a night counts for the date it began.</param>
sealed record OffenceReport(
    DateOnly From, DateOnly To, string? Division, IReadOnlyList<string> GroupBy, IReadOnlyList<string> Statuses,
    IReadOnlyList<string> Origins, string Days, long AsOf, IReadOnlyList<OffenceRow> Rows, long Total, string Records, Ledger Ledger)
{
    /// <summary>What it took to find the total.</summary>
    public Exposure? Exposure { get; init; }

    /// <summary>Version of the units it was read by; null where no unit was asked for.</summary>
    public int? Tree { get; init; }
}

/// <summary>One record behind a figure; no personal data.</summary>
/// <param name="Value">Its share of the figure: 1, unless it counts for each of its items or tags.</param>
sealed record RecordRow(
    Guid RecordId, int Revision, string Status, string Entry, string Family, Title Title, string Division, Title DivisionTitle,
    DateOnly Day, DateOnly ShiftDate, string Shift, string Source, string VehicleClass, string? Origin, DateTimeOffset OccurredAt, string Record, long Value);

/// <summary>One value the records were chosen by, in words.</summary>
sealed record FilterRow(string Dimension, string Key, Title Title);

/// <summary>A page of the records behind a figure; <paramref name="Total"/> is the figure.</summary>
/// <param name="Count">How many there are in all.</param>
/// <param name="Next">Address of the next page; null on the last.</param>
sealed record RecordList(
    DateOnly From, DateOnly To, string? Division, IReadOnlyList<string> Statuses, IReadOnlyList<FilterRow> Where, long AsOf,
    long Total, long Count, IReadOnlyList<RecordRow> Records, string? Next)
{
    /// <summary>The question, as a link asks it.</summary>
    public string Filter { get; init; } = "";
}

/// <summary>Where a line stands against its goal.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TargetStatus>))]
enum TargetStatus
{
    /// <summary>The goal is reached.</summary>
    [JsonStringEnumMemberName("met")] Met,

    /// <summary>The goal is not reached.</summary>
    [JsonStringEnumMemberName("missed")] Missed,

    /// <summary>The goal is reached, by less than the definition's margin.</summary>
    [JsonStringEnumMemberName("atRisk")] AtRisk,

    /// <summary>There is nothing to judge by: the reason says what is lacking.</summary>
    [JsonStringEnumMemberName("noData")] NoData,

    /// <summary>There is a figure, but of fewer cases than the definition's minimum.</summary>
    [JsonStringEnumMemberName("tooFewToSay")] TooFewToSay,
}

/// <summary>One line of the slogan.</summary>
/// <param name="ChangePercent">(value − baseline) ÷ baseline × 100, rounded half away from zero to 0.1; null without a baseline above 0.</param>
/// <param name="Reason">Why there is no verdict; null where there is one.</param>
/// <param name="Records">Address of the records behind the value, of a rate those of its numerator.</param>
/// <param name="BaselineRecords">Likewise behind what it is set beside; null where that is a number of the definition.</param>
sealed record TargetLine(
    string Id, string Slogan, Title Title, string Direction, decimal? Value, decimal? Baseline, decimal? ChangePercent,
    TargetStatus Status, string Unit, string Comparison, DateOnly? BaselineFrom, DateOnly? BaselineTo,
    string? ReasonCode, Title? Reason, string? Records, string? BaselineRecords, string Source)
{
    /// <summary>Version of the definition that judged: the one in force on the window's last day.</summary>
    public int Version { get; init; }
    public DateOnly ValidFrom { get; init; }

    /// <summary>Fewer cases than these say nothing: no percentage is shown.</summary>
    public decimal Minimum { get; init; }

    /// <summary>Of a rate: what was divided by what; null for a count.</summary>
    public RateCounts? Counts { get; init; }

    /// <summary>Of a zero target over hidden dangers; null for any other.</summary>
    public Stock? Stock { get; init; }

    /// <summary>Register sequence of the frozen baseline the value was set beside; null where it was counted anew.</summary>
    public long? BaselineAsOf { get; init; }

    /// <summary>What it took to find so many: a good campaign raises bare counts. Null beside rates and stocks.</summary>
    public Exposure? Exposure { get; init; }
    public Exposure? BaselineExposure { get; init; }
}

/// <summary>Numerator and denominator, now and in the period compared with; the address of what is behind each.</summary>
sealed record RateCounts(decimal? Numerator, decimal? Denominator, decimal? BaselineNumerator, decimal? BaselineDenominator)
{
    public string? NumeratorRecords { get; init; }
    public string? DenominatorRecords { get; init; }
    public string? BaselineNumeratorRecords { get; init; }
    public string? BaselineDenominatorRecords { get; init; }
}

/// <summary>A count set against the work behind it; null where that is not known, or nobody was checked.</summary>
/// <param name="PerHundredVehicles">For each hundred vehicles checked, to 0.01.</param>
/// <param name="PerOfficerHour">For each hour of an officer on duty, to 0.01.</param>
sealed record Exposure(decimal? VehiclesChecked, decimal? PerHundredVehicles, decimal? OfficerHours, decimal? PerOfficerHour)
{
    /// <summary>Addresses of the sessions behind it; of the hours they tell minutes.</summary>
    public string? VehiclesCheckedRecords { get; init; }
    public string? OfficerHoursRecords { get; init; }
}

/// <summary>First and last day, both included.</summary>
sealed record WindowRow(DateOnly From, DateOnly To);

/// <summary>The lines of one part of the league.</summary>
sealed record DivisionLines(string Division, Title Title, IReadOnlyList<TargetLine> Lines);

/// <summary>The campaign's baseline as frozen: late records do not move it.</summary>
sealed record FrozenBaselineRow(DateOnly From, DateOnly To, long AsOf, DateTimeOffset FrozenAt, string FrozenBy);

/// <summary>Six lines, in the order of the slogan.</summary>
sealed record TargetReport(
    string Campaign, Title Title, Title Note, string Source, string Division, DateOnly From, DateOnly To, long AsOf,
    IReadOnlyList<TargetLine> Lines, Ledger Ledger)
{
    /// <summary>The windows of 环比 and 同比.</summary>
    public required WindowRow PeriodBefore { get; init; }
    public required WindowRow YearBefore { get; init; }

    /// <summary>Null as long as none was frozen.</summary>
    public FrozenBaselineRow? Baseline { get; init; }

    /// <summary>The question, as a link asks it: for a file.</summary>
    [JsonIgnore] public string Filter { get; init; } = "";

    /// <summary>The units it is of, as a link asks for them, with the version they were read by; null where none was asked for.</summary>
    public string? Units { get; init; }

    /// <summary>Side by side, in the order of the tree; null where only one division was asked for.</summary>
    public IReadOnlyList<DivisionLines>? Divisions { get; init; }
}

/// <summary>A campaign that can be asked for.</summary>
/// <param name="To">Null where no end is known.</param>
sealed record CampaignRow(string Campaign, Title Title, string Division, DateOnly From, DateOnly? To);
