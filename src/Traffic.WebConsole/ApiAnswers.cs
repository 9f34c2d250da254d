using System.Text.Json;

namespace Traffic.WebConsole;

/// <summary>A text in both languages.</summary>
public sealed record Both(string Zh, string En)
{
    public string In(string language) => language == "en" ? En : Zh;
}

/// <summary>See <c>/api/v1/reports</c>: the parts of its answers that the pages show.</summary>
public sealed record LedgerAnswer(
    long Accepted, long Stored, long Quarantined, long InFlight, long Voided, IReadOnlyDictionary<string, string>? Open = null);

/// <param name="PerHundredVehicles">For each hundred vehicles checked.</param>
public sealed record ExposureAnswer(
    decimal? VehiclesChecked, decimal? PerHundredVehicles, decimal? OfficerHours, decimal? PerOfficerHour, string? VehiclesCheckedRecords, string? OfficerHoursRecords);

public sealed record StockAnswer(
    long Start, long Found, long Cleared, long Reopened, long Remaining, string StartRecords, string FoundRecords, string ClearedRecords, string ReopenedRecords,
    string RemainingRecords);

public sealed record RateAnswer(
    decimal? Numerator, decimal? Denominator, decimal? BaselineNumerator, decimal? BaselineDenominator, string? NumeratorRecords, string? DenominatorRecords,
    string? BaselineNumeratorRecords, string? BaselineDenominatorRecords);

public sealed record LineAnswer(
    string Id, string Slogan, Both Title, string Direction, decimal? Value, decimal? Baseline, decimal? ChangePercent, string Status,
    string Unit, string Comparison, DateOnly? BaselineFrom, DateOnly? BaselineTo, string? ReasonCode, Both? Reason, string? Records,
    string? BaselineRecords, string Source)
{
    public RateAnswer? Counts { get; init; }
    public StockAnswer? Stock { get; init; }
    public ExposureAnswer? Exposure { get; init; }
    public ExposureAnswer? BaselineExposure { get; init; }
}

/// <summary>A zero target that was broken and stands so.</summary>
public sealed record AlarmAnswer(
    string Line, string DivisionCode, string Kind, Guid RecordId, DateTimeOffset At, string? Records)
{
    /// <summary>The page of the record that broke it.</summary>
    public string Page => Kind == "violation" ? $"/records/{RecordId}" : $"/activities/{Kind}{(Kind == "crash" ? "es" : "s")}/{RecordId}";
}

public sealed record AlarmsAnswer(IReadOnlyList<AlarmAnswer> Open);

public sealed record TargetsAnswer(
    string Campaign, Both Title, Both Note, string Source, string Division, DateOnly From, DateOnly To, long AsOf,
    IReadOnlyList<LineAnswer> Lines, LedgerAnswer Ledger, WindowAnswer PeriodBefore, WindowAnswer YearBefore);

public sealed record CampaignAnswer(string Campaign, Both Title, string Division, DateOnly From, DateOnly? To);

public sealed record CampaignsAnswer(IReadOnlyList<CampaignAnswer> Campaigns);

public sealed record OffenceAnswer(IReadOnlyDictionary<string, string> Keys, Both Title, long Count, string Records, ExposureAnswer? Exposure = null);

public sealed record OffencesAnswer(DateOnly From, DateOnly To, long AsOf, IReadOnlyList<OffenceAnswer> Rows, long Total, string Records, ExposureAnswer? Exposure = null);

public sealed record RecordAnswer(
    Guid RecordId, int Revision, string Status, string Entry, string Family, Both Title, string Division, Both DivisionTitle, DateOnly Day,
    string Shift, string Source, string VehicleClass, string? Origin, DateTimeOffset OccurredAt);

public sealed record RecordsAnswer(
    DateOnly From, DateOnly To, string? Division, IReadOnlyList<string> Statuses, IReadOnlyList<FilterAnswer> Where, long AsOf, long Total,
    IReadOnlyList<RecordAnswer> Records, string? Next);

public sealed record FilterAnswer(string Dimension, string Key, Both Title);

/// <summary>See <c>/api/v1/violations/{id}</c>.</summary>
public sealed record ViolationAnswer(JsonElement Record, ReceiptAnswer Receipt, bool Erased, StandingAnswer? Standing, IReadOnlyList<RevisionAnswer> History);

public sealed record DecisionsAnswer(IReadOnlyList<DecisionAnswer> Decisions);

/// <param name="Revision">What the person saw.</param>
/// <param name="Measurement">JSON of a value that came later.</param>
public sealed record DecisionAnswer(
    int Revision, string Action, string? Entry, string? Measurement, string DecidedBy, string? SecondPerson, string Reason, DateTimeOffset DecidedAt);

public sealed record ReceiptAnswer(Guid RecordId, long Sequence, string Sha256, DateTimeOffset ReceivedAt);

public sealed record StandingAnswer(
    int Revision, string Status, string Entry, string Family, string Division, DateOnly Day, DateOnly ShiftDate, string Shift, string Source,
    string VehicleClass, string? Origin, string? Reason, int? Points, int? FineMin, int? FineMax, bool CriminalReferral, string? LawEdition,
    string? CatalogueVersion, string? Trace);

public sealed record RevisionAnswer(
    int Revision, string Status, string Entry, string? Reason, string? ChangedBy, DateTimeOffset BeganAt, DateTimeOffset? EndedAt);

/// <summary>See <c>/api/v1/violations/{id}/explanation</c>.</summary>
public sealed record ExplanationAnswer(IReadOnlyList<ExplainedRevision> Revisions);

/// <param name="Tags">Rules of the campaign's overlays that the record falls under.</param>
public sealed record ExplainedRevision(int Revision, Both EntryTitle, IReadOnlyList<string> Sentences, IReadOnlyList<Both>? Tags = null);
