namespace Traffic.WebConsole;

/// <summary>See <c>/api/v1/catalogue</c>: the parts of its answers that the pages show.</summary>
public sealed record NamedAnswer(string Id, string Zh, string En)
{
    public string In(string language) => language == "en" ? En : Zh;
}

public sealed record LawEditionAnswer(string Id, DateOnly From, DateOnly? Until, Both Law, Both CodeList);

public sealed record ItemAnswer(string Id, string Zh, string En, IReadOnlyList<string> Entries)
{
    public string In(string language) => language == "en" ? En : Zh;
}

/// <summary>One step of a fine: up to a bound, or beyond all others.</summary>
public sealed record FineAnswer(decimal? UpTo, string? Of, int? Min, int? Max, bool Warning);

public sealed record EntryRowAnswer(
    string Id, string Zh, string En, string Family, IReadOnlyList<string> Codes, string CodesStatus, int? Points, IReadOnlyList<FineAnswer> Fines,
    IReadOnlyList<string> Items)
{
    public string In(string language) => language == "en" ? En : Zh;
}

public sealed record CatalogueAnswer(
    DateOnly On, string Version, LawEditionAnswer? Edition, IReadOnlyList<DateOnly> Editions, IReadOnlyList<ItemAnswer> Items,
    IReadOnlyList<NamedAnswer> Families, IReadOnlyList<NamedAnswer> Tags, IReadOnlyList<EntryRowAnswer> Entries);

public sealed record MeasureAnswer(string Id, string Unit, string Of, string? Over);

/// <summary>Half-open: <c>From</c> belongs to it, <c>Above</c> does not, <c>Under</c> does not.</summary>
public sealed record TierAnswer(decimal? From, decimal? Above, decimal? Under);

public sealed record SourceAnswer(string Id, string? Text);

public sealed record ReferralAnswer(
    string? Group, string? Roads, decimal? From, decimal? ValueFrom, decimal? ExcessFrom, IReadOnlyList<string>? Statutes, IReadOnlyList<string>? Sources);

public sealed record EntryAnswer(
    string Id, string Zh, string En, NamedAnswer Family, string CaseId, IReadOnlyList<string> Codes, string CodesStatus, MeasureAnswer? Measure,
    TierAnswer? Tier, int? PriorsFrom, decimal? BaseUnder, IReadOnlyList<NamedAnswer> Groups, string? Roads, IReadOnlyList<string>? RoadKinds,
    int? Points, IReadOnlyList<FineAnswer> Fines, bool? Criminal, bool? NoOffence, IReadOnlyList<Both> Consequences, IReadOnlyList<string> Statutes,
    IReadOnlyList<SourceAnswer> Sources, IReadOnlyList<ReferralAnswer> Referrals, IReadOnlyList<NamedAnswer> Items, string? Uncertain,
    IReadOnlyList<string> Signals)
{
    public string In(string language) => language == "en" ? En : Zh;
}

public sealed record ThroughAnswer(DateOnly Edition, int? Points, IReadOnlyList<FineAnswer> Fines);

public sealed record LocalAnswer(string? Division, string Zh, string En, IReadOnlyList<Both> Law, bool? Obtained, Both? Note)
{
    public string In(string language) => language == "en" ? En : Zh;
}

public sealed record EntryPageAnswer(
    DateOnly On, string Version, LawEditionAnswer Edition, EntryAnswer Entry, IReadOnlyList<LocalAnswer> Local, IReadOnlyList<ThroughAnswer> Through);

public sealed record MovedSumAnswer(
    long RecordsBefore, long RecordsAfter, long PointsBefore, long PointsAfter, long FineMinBefore, long FineMinAfter, long FineMaxBefore, long FineMaxAfter);

public sealed record MovedSampleAnswer(
    Guid RecordId, string EntryBefore, string EntryAfter, string StatusBefore, string StatusAfter, int? PointsBefore, int? PointsAfter);

public sealed record MovedAnswer(
    long Examined, long Changed, MovedSumAnswer Total, IReadOnlyDictionary<string, long> Entries, IReadOnlyDictionary<string, long> Statuses,
    IReadOnlyDictionary<string, MovedSumAnswer> Families, IReadOnlyDictionary<string, MovedSumAnswer> Divisions,
    IReadOnlyDictionary<string, MovedSumAnswer> Weeks, IReadOnlyList<MovedSampleAnswer> Samples,
    IReadOnlyDictionary<string, long>? TagsGained = null, IReadOnlyDictionary<string, long>? TagsLost = null);

public sealed record VersionRowAnswer(
    int Id, string Version, string Kind, int? Supersedes, int? Restores, DateOnly? ChangesFrom, bool Retroactive, DateTimeOffset ReleasedAt,
    string ReleasedBy, string? SecondPerson, string Reason, string State, bool InForce, long Looked, long Records, DateTimeOffset? DoneAt, MovedAnswer? Moved);

public sealed record VersionsAnswer(IReadOnlyList<VersionRowAnswer> Versions);

public sealed record PreviewRowAnswer(
    Guid PreviewId, int Catalogue, string Version, DateOnly? ChangesFrom, long AsOf, DateTimeOffset AskedAt, string State, long Done, long Records,
    MovedAnswer? Moved, string? Fault);

public sealed record PreviewsAnswer(IReadOnlyList<PreviewRowAnswer> Previews);

public sealed record LineStateAnswer(decimal? Value, decimal? Baseline, decimal? ChangePercent, string Status);

public sealed record ChangedLineAnswer(
    string Campaign, string Division, string Line, Both Title, DateOnly From, DateOnly To, string Unit, LineStateAnswer Before, LineStateAnswer After);

public sealed record ChangedLinesAnswer(IReadOnlyList<ChangedLineAnswer> Lines);
