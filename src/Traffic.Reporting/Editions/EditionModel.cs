using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Traffic.Platform;

namespace Traffic.Reporting.Editions;

/// <summary>Another edition this one refers to.</summary>
/// <param name="Digest">SHA-256 of its bytes, so that each edition vouches for the one before; null in editions of the first format.</param>
sealed record EditionRef(string Edition, long AsOf, string? Digest = null);

/// <summary>What the figures mean, as it was when they were made.</summary>
/// <param name="Enforcement">Only records of these statuses are in an enforcement figure.</param>
/// <param name="Leaf">Columns of a leaf.</param>
/// <param name="Campaign">The campaign whose lines are judged; null where none is of this time and place.</param>
/// <param name="Names">What keys are called, by dimension.</param>
sealed record EditionDefinitions(
    IReadOnlyList<string> Enforcement, int Minimum, IReadOnlyList<string> Leaf, string Tree, EditionCampaign? Campaign,
    IReadOnlyDictionary<string, IReadOnlyDictionary<string, Title>> Names)
{
    /// <summary>What the sums of activity and targets are of; null in the two first formats, as are the words and the baseline.</summary>
    public IReadOnlyList<Cube>? Cubes { get; init; }

    /// <summary>Names of import maps whose records are leaves too, because a line counts them; null of editions frozen before they were.</summary>
    public IReadOnlyList<string>? Origins { get; init; }

    /// <summary>The sentences of findings and reasons, by their keys, with their places <c>{0}</c> … to be filled.</summary>
    public IReadOnlyDictionary<string, Title>? Words { get; init; }

    /// <summary>The campaign's baseline, if one was frozen.</summary>
    public EditionBaseline? Baseline { get; init; }
}

/// <summary>Which days and lines a frozen baseline holds.</summary>
sealed record EditionBaseline(DateOnly From, DateOnly To, long AsOf, IReadOnlyList<string> Lines)
{
    /// <summary>What the lines are compared with, by division; null of editions frozen before it stood here: of these it stands in the lines alone.</summary>
    public IReadOnlyList<BaselineSum>? Sums { get; init; }
}

/// <summary>A campaign with the versions of its lines that judged this period.</summary>
sealed record EditionCampaign(
    string Id, Title Title, Title Note, string Source, DateOnly From, DateOnly? To, IReadOnlyList<TargetDefinition> Lines);

/// <summary>The lines of one division.</summary>
sealed record DivisionTargets(string Division, IReadOnlyList<TargetLine> Lines);

/// <summary>A sum of what else was done or happened; null where nothing was ever counted there: that is not 0.</summary>
sealed record ActivityRow(string Key, decimal? Now, decimal? Before, decimal? YearBefore)
{
    /// <summary>Addresses of what is behind each; of hours they tell minutes.</summary>
    public string? Records { get; init; }
    public string? BeforeRecords { get; init; }
    public string? YearBeforeRecords { get; init; }
}

/// <summary>Stops and checks, hours, visits, crashes, hidden dangers of one division.</summary>
sealed record DivisionActivity(string Division, IReadOnlyList<ActivityRow> Rows);

/// <summary>Something that wants somebody to do something.</summary>
/// <param name="Id">Stable within the edition, e.g. <c>missed/152502/drop.deaths</c>.</param>
sealed record Finding(string Id, string Division, Title Text);

/// <summary>A task of an earlier edition, as it stood when this one was frozen.</summary>
/// <param name="State"><c>open</c>, <c>overdue</c> or <c>closed</c> since the edition before.</param>
sealed record TaskState(
    Guid Task, string Edition, string Finding, string Owner, DateOnly Due, string Text, string State, DateTimeOffset? ClosedAt, string? ClosingNote);

/// <summary>One record that a restatement counts otherwise than the edition it restates.</summary>
/// <param name="Change"><c>added</c>, <c>removed</c> or <c>changed</c>.</param>
sealed record RestatedRecord(
    Guid RecordId, string Change, int? FormerRevision, string? FormerStatus, string? FormerEntry, int? Revision, string? Status, string? Entry)
{
    /// <summary><c>crash</c>, <c>danger</c>, …; null of a violation.</summary>
    public string? Kind { get; init; }
}

/// <summary>Why a restatement was made, and exactly which records differ.</summary>
/// <param name="Digest">SHA-256 of the bytes of the edition restated.</param>
sealed record Restatement(
    string Edition, long AsOf, string RequestedBy, string Reason, IReadOnlyList<RestatedRecord> Records, string? Digest = null);

/// <summary>A banner in the monthly comparison: by what it did and what came of it, never by money.</summary>
sealed record BannerRank(string Division, int TargetsMet, int TargetsJudged, long FoundOnSite, decimal? NightPercent, long Waiting)
{
    /// <summary>Address of the division's lines as they were judged, and of the records behind each count; the night's part of the confirmed.</summary>
    public string? Targets { get; init; }
    public string? FoundOnSiteRecords { get; init; }
    public string? NightRecords { get; init; }
    public string? WaitingRecords { get; init; }
}

/// <summary>A bulletin or assessment. Everything a page or file of it shows stands here; it is stored as JSON and never changes.</summary>
/// <param name="Zone">Zone of the division, in which its days begin.</param>
/// <param name="Tree">Codes under each division shown, itself included.</param>
/// <param name="Windows">The period, the one before, the year before; then those that only targets look at.</param>
/// <param name="Figures">What follows from the leaves alone.</param>
/// <param name="Activity">What else was done or happened; in the two first formats not under the root.</param>
/// <param name="Comparison">Monthly only.</param>
/// <param name="Root">Of the Merkle tree over the leaves, hexadecimal.</param>
sealed record EditionModel(
    string Format, string Edition, string Kind, string Division, string Period, int Number, DateOnly From, DateOnly To, string Zone,
    long AsOf, DateTimeOffset FrozenAt, EditionRef? Previous, Restatement? Restates, Ledger Ledger, string Root, int Leaves,
    IReadOnlyDictionary<string, IReadOnlyList<string>> Tree, IReadOnlyList<DayWindow> Windows, EditionFigures Figures,
    IReadOnlyList<DivisionActivity> Activity, IReadOnlyList<DivisionTargets> Targets, IReadOnlyList<BannerRank>? Comparison, IReadOnlyList<Finding> Findings,
    IReadOnlyList<TaskState> Tasks, EditionDefinitions Definitions)
{
    /// <summary>Editions without a seal: of these the heading, the leaves, the root and the figures can be checked, and the digest.</summary>
    public const string FirstFormat = "traffic-edition/1";

    /// <summary>Editions whose leaves are violations alone: of these activity, targets, comparison and findings are held by the digest only.</summary>
    public const string SecondFormat = "traffic-edition/2";

    /// <summary>Editions whose leaves lie in the tree by their place (<see cref="MerkleTree"/>).</summary>
    public const string ThirdFormat = "traffic-edition/3";

    public const string FormatName = "traffic-edition/4";

    /// <summary>Whether all that is counted is a leaf, and not violations alone.</summary>
    public static bool HasAll(string format) => format is FormatName or ThirdFormat;

    public EditionFrame Frame => new(Division, Tree, Windows, AsOf, Definitions.Minimum)
    {
        Edition = Figures.Divisions[0].BeforeRecords is null ? null : Edition,
    };

    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
    };
}
