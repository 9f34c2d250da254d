namespace Traffic.WebConsole;

/// <summary>See <c>/api/v1/reports/editions</c>.</summary>
public sealed record EditionListedAnswer(
    string Edition, string Kind, string Division, Both DivisionTitle, string Period, int Number, DateOnly From, DateOnly To, long AsOf,
    DateTimeOffset FrozenAt, string Digest, string? Restates, bool Newest, string? SignedBy, DateTimeOffset? SignedAt, string? Note);

public sealed record EditionsAnswer(IReadOnlyList<EditionListedAnswer> Editions);

public sealed record ComparedAnswer(long Now, long Before, long YearBefore, decimal? OnPeriodPercent, decimal? OnYearPercent);

/// <param name="BeforeRecords">Null in editions frozen before such addresses stood in them: then the same list in another window.</param>
public sealed record CountAnswer(string Key, ComparedAnswer Count, string Records, string? BeforeRecords = null, string? YearBeforeRecords = null);

public sealed record DivisionFiguresAnswer(
    string Division, ComparedAnswer Confirmed, string Records, IReadOnlyList<CountAnswer> Statuses, IReadOnlyList<CountAnswer> Families,
    IReadOnlyList<CountAnswer> Items, IReadOnlyList<CountAnswer> VehicleClasses, IReadOnlyList<CountAnswer> Shifts,
    IReadOnlyList<CountAnswer> Sources, CountAnswer CriminalReferrals, CountAnswer TwelvePoints, string? BeforeRecords = null, string? YearBeforeRecords = null);

public sealed record LateAnswer(string Division, long Registered, long Withdrawn, long Reclassified, long Reviewed, long NetConfirmed, long Total, IReadOnlyDictionary<string, string>? Open = null);

/// <summary>See <c>/api/v1/reports/editions/{id}/late</c>.</summary>
public sealed record LateItemAnswer(
    Guid RecordId, string Change, long Value, DateOnly Day, Both DivisionTitle, int? FormerRevision, string? FormerStatus, Both? FormerTitle, int Revision,
    string Status, Both Title, string Record);

public sealed record LateActivityAnswer(string Division, string Kind, long Registered, long Withdrawn, long Changed, long Total, IReadOnlyDictionary<string, string> Open);

public sealed record LateListAnswer(
    string Edition, string Division, Both DivisionTitle, string Figure, long AsOf, long Total, long Count, IReadOnlyList<LateItemAnswer> Items, string? Next);

public sealed record FiguresAnswer(IReadOnlyList<DivisionFiguresAnswer> Divisions, IReadOnlyList<LateAnswer> Late,
    IReadOnlyList<LateActivityAnswer>? LateActivities = null);

public sealed record ActivityAnswer(
    string Key, decimal? Now, decimal? Before, decimal? YearBefore, string? Records = null, string? BeforeRecords = null, string? YearBeforeRecords = null);

public sealed record DivisionActivityAnswer(string Division, IReadOnlyList<ActivityAnswer> Rows);

public sealed record DivisionTargetsAnswer(string Division, IReadOnlyList<LineAnswer> Lines);

public sealed record FindingAnswer(string Id, string Division, Both Text);

public sealed record TaskStateAnswer(
    Guid Task, string Edition, string Finding, string Owner, DateOnly Due, string Text, string State, DateTimeOffset? ClosedAt, string? ClosingNote);

public sealed record RestatedAnswer(
    Guid RecordId, string Change, int? FormerRevision, string? FormerStatus, string? FormerEntry, int? Revision, string? Status, string? Entry, string? Kind = null)
{
    public string Page => Kind is null ? $"/records/{RecordId}" : $"/activities/{(Kind == "crash" ? "crashes" : Kind + "s")}/{RecordId}";
}

public sealed record RestatementAnswer(string Edition, long AsOf, string RequestedBy, string Reason, IReadOnlyList<RestatedAnswer> Records);

public sealed record RankAnswer(string Division, int TargetsMet, int TargetsJudged, long FoundOnSite, decimal? NightPercent, long Waiting, string? Targets = null,
    string? FoundOnSiteRecords = null, string? NightRecords = null, string? WaitingRecords = null);

public sealed record WindowAnswer(DateOnly From, DateOnly To);

public sealed record EditionRefAnswer(string Edition, long AsOf);

public sealed record EditionCampaignAnswer(string Id, Both Title, Both Note);

public sealed record DefinitionsAnswer(int Minimum, EditionCampaignAnswer? Campaign, IReadOnlyDictionary<string, IReadOnlyDictionary<string, Both>> Names);

/// <summary>See <c>/api/v1/reports/editions/{id}</c>.</summary>
public sealed record EditionAnswer(
    string Edition, string Kind, string Division, string Period, int Number, DateOnly From, DateOnly To, string Zone, long AsOf,
    DateTimeOffset FrozenAt, EditionRefAnswer? Previous, RestatementAnswer? Restates, LedgerAnswer Ledger, string Root, int Leaves,
    IReadOnlyList<WindowAnswer> Windows, FiguresAnswer Figures, IReadOnlyList<DivisionActivityAnswer> Activity,
    IReadOnlyList<DivisionTargetsAnswer> Targets, IReadOnlyList<RankAnswer>? Comparison, IReadOnlyList<FindingAnswer> Findings,
    IReadOnlyList<TaskStateAnswer> Tasks, DefinitionsAnswer Definitions)
{
    public string Name(string dimension, string key, string language) =>
        Definitions.Names.TryGetValue(dimension, out var names) && names.TryGetValue(key, out var name) ? name.In(language) : key;
}

public sealed record TaskAnswer(
    Guid TaskId, string Edition, string Finding, string Owner, DateOnly Due, string Text, string GivenBy, string? ClosedBy, string? ClosingNote);

public sealed record TasksAnswer(IReadOnlyList<TaskAnswer> Tasks);

/// <summary>See <c>/api/v1/reports/ledger</c>.</summary>
public sealed record AnsweredAnswer(long Received, long Accepted, long Duplicate, long Conflict, long Rejected, long Ignored);

public sealed record LedgerUnitAnswer(string Unit, int Level, Both Title, AnsweredAnswer Answered);

public sealed record LedgerSenderAnswer(string Sender, string? Unit, Both? UnitTitle, AnsweredAnswer Answered, IReadOnlyDictionary<string, string> Open);

public sealed record LedgerHourAnswer(
    DateTimeOffset Hour, AnsweredAnswer Answered, long Stored, long InFlight, long Quarantined, bool Balanced, IReadOnlyDictionary<string, string> Open);

public sealed record LedgerReportAnswer(
    DateOnly From, DateOnly To, string Zone, long AsOf, bool Balanced, AnsweredAnswer Answered, long Stored, long InFlight, long Quarantined,
    IReadOnlyList<LedgerSenderAnswer> Senders, IReadOnlyList<LedgerUnitAnswer> Units, IReadOnlyList<LedgerHourAnswer> Hours, IReadOnlyDictionary<string, string> Open);

public sealed record LedgerItemAnswer(DateTimeOffset ReceivedAt, string? Id, string? Sender, string? Detail, string? Record);

public sealed record LedgerItemsAnswer(
    string Period, DateTimeOffset? From, DateTimeOffset? To, string What, long? AsOf, string? Sender, long Total, IReadOnlyList<LedgerItemAnswer> Items, string? Next);
