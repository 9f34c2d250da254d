using System.Security.Cryptography;
using Traffic.Contracts;

namespace Traffic.Catalogue;

/// <summary>A word of the catalogue with its names.</summary>
public sealed record NamedWord(string Id, string Zh, string En);

/// <summary>One entry as other parts show it. Fines are in CNY: the widest range where the fine has tiers of its own.</summary>
public sealed record CatalogueEntry(
    string Id, string Family, string Zh, string En, int? Points, int? FineMin, int? FineMax, bool CriminalReferral,
    IReadOnlyList<string> Items, IReadOnlyList<string> Codes)
{
    /// <summary>The codes with how sure each is: <c>seen</c> in a source, <c>inferred</c>, or <c>weak</c> (listed, decides nothing).</summary>
    public IReadOnlyDictionary<string, string> CodeStatuses { get; init; } = new Dictionary<string, string>();

    /// <summary>How sure the codes are as a whole; <c>none</c> where none is known.</summary>
    public string CodesStatus { get; init; } = "none";

    /// <summary>The table of the law it stands in.</summary>
    public string Case { get; init; } = "";

    /// <summary>Groups of vehicles it holds for, of <see cref="CatalogueEdition.Groups"/>.</summary>
    public IReadOnlyList<string> Groups { get; init; } = [];

    /// <summary>Name of the kinds of road it holds on; null for every road.</summary>
    public string? Roads { get; init; }

    /// <summary>What is measured; null if nothing is.</summary>
    public string? Measure { get; init; }

    /// <summary>Where its tier begins: included, unless <see cref="TierAbove"/>.</summary>
    public decimal? TierFrom { get; init; }

    /// <summary>The tier begins above <see cref="TierFrom"/>, not at it.</summary>
    public bool TierAbove { get; init; }

    /// <summary>Where its tier ends, not included; null for no end.</summary>
    public decimal? TierUnder { get; init; }

    /// <summary>The base (the limit) must be under this; null for any.</summary>
    public decimal? BaseUnder { get; init; }

    /// <summary>Only for a driver punished so often before; null if that does not matter.</summary>
    public int? PriorsFrom { get; init; }

    /// <summary>The law names no offence: education.</summary>
    public bool NoOffence { get; init; }

    /// <summary>Fines with the tiers of their own.</summary>
    public IReadOnlyList<FineRange> Fines { get; init; } = [];

    /// <summary>What else follows: suspension, revocation, detention, the vehicle held, …</summary>
    public IReadOnlyList<Consequence> Consequences { get; init; } = [];

    /// <summary>Articles it rests on.</summary>
    public IReadOnlyList<string> Statutes { get; init; } = [];

    /// <summary>Where it was read, of <see cref="CatalogueEdition.Sources"/>.</summary>
    public IReadOnlyList<string> Sources { get; init; } = [];

    /// <summary>What is uncertain about it; null if nothing is.</summary>
    public string? Uncertain { get; init; }

    /// <summary>The province's layer that changes it; null for the national entry.</summary>
    public string? Layer { get; init; }
}

/// <summary>A fine, CNY. <c>Measure</c> and <c>UpTo</c> (included) bound it; both null for the amount beyond all others.</summary>
public sealed record FineRange(string? Measure, decimal? UpTo, int? Min, int? Max);

/// <summary>What follows beside points and fine.</summary>
/// <param name="Kind">A stable word, e.g. <c>suspension</c>, <c>revocation</c>, <c>detention</c>, <c>vehicleHeld</c>.</param>
public sealed record Consequence(string Kind, string Zh, string En)
{
    /// <summary>Length of a suspension.</summary>
    public int? Months { get; init; }

    /// <summary>Exact length of a detention.</summary>
    public int? Days { get; init; }

    /// <summary>Greatest length of a detention.</summary>
    public int? DaysMax { get; init; }

    /// <summary>Length of a ban.</summary>
    public int? Years { get; init; }

    /// <summary>It may be imposed; false where it must be.</summary>
    public bool May { get; init; }

    /// <summary>Only for a part of the entry, as a stable word; null for all of it.</summary>
    public string? Only { get; init; }
}

/// <summary>One file of a catalogue.</summary>
/// <param name="Name">Its path in the folder, with <c>/</c>, e.g. <c>2022-04-01.json</c>.</param>
/// <param name="Bytes">What stands in it, UTF-8.</param>
public sealed record CatalogueFile(string Name, byte[] Bytes);

/// <summary>Every edition of the key-offence catalogue, oldest first. Immutable, safe for use by many threads.</summary>
public sealed class Catalogue
{
    readonly CatalogueEdition[] editions;
    readonly CatalogueEdition[] local;
    readonly Overlays[] overlays;

    Catalogue(CatalogueEdition[] editions, CatalogueEdition[] local, Overlays[] overlays, string version)
    {
        (this.editions, this.local, this.overlays, Version) = (editions, local, overlays, version);
        OverlayWords = [.. overlays.Reverse().SelectMany(one => one.Kinds.Concat(one.Rules)).DistinctBy(word => word.Id)];
        Families = [.. editions.Reverse().SelectMany(edition => edition.Families).DistinctBy(family => family.Id)];
        Items = [.. editions.Reverse().SelectMany(edition => edition.Items).DistinctBy(item => item.Id)];
    }

    /// <summary>The editions with a province's layer over them, as they hold in its divisions; by division and day.</summary>
    public IReadOnlyList<CatalogueEdition> Local => local;

    const string OverlayFolder = "overlays/", LayerFolder = "local/";

    /// <summary>Newest edition and digest of all files, e.g. <c>2022-04-01+3fa9c21b</c>.</summary>
    public string Version { get; }

    /// <summary>The editions, oldest first.</summary>
    public IReadOnlyList<CatalogueEdition> Editions => editions;

    /// <summary>Families of all editions, as the newest names them.</summary>
    public IReadOnlyList<NamedWord> Families { get; }

    /// <summary>The 18 items of the campaign.</summary>
    public IReadOnlyList<NamedWord> Items { get; }

    /// <summary>Kinds and rules of the overlays, as the newest file names them: the tags a standing can have.</summary>
    public IReadOnlyList<NamedWord> OverlayWords { get; }

    internal CatalogueEdition Newest => editions[^1];

    /// <summary>Reads and checks every <c>*.json</c> of the folder and the folders in it.</summary>
    /// <exception cref="CatalogueException">A file has a gap, an overlap, a missing source or the like; names file and line.</exception>
    public static Catalogue Load(string folder) => Read(FilesOf(folder));

    /// <summary>The catalogue's files in a folder, in the order of their names; none if there is no such folder.</summary>
    public static IReadOnlyList<CatalogueFile> FilesOf(string folder) => !Directory.Exists(folder) ? [] :
    [
        .. Directory.EnumerateFiles(folder, "*.json", SearchOption.AllDirectories)
            .Select(file => (Name: Path.GetRelativePath(folder, file).Replace('\\', '/'), file))
            .OrderBy(one => one.Name, StringComparer.Ordinal)
            .Select(one => new CatalogueFile(one.Name, File.ReadAllBytes(one.file))),
    ];

    /// <summary>Reads and checks files, wherever they come from.</summary>
    /// <exception cref="CatalogueException">The first fault, with all others.</exception>
    public static Catalogue Read(IReadOnlyList<CatalogueFile> files)
    {
        var faults = new List<CatalogueException>();
        return Read(files, faults) is { } whole && faults.Count == 0 ? whole
            : throw new CatalogueException(faults[0].File, faults[0].Line, faults[0].Reason) { All = InOrder(faults) };
    }

    /// <summary>Every fault of the files, by file and line; none if a catalogue can be made of them.</summary>
    public static IReadOnlyList<CatalogueException> Check(IReadOnlyList<CatalogueFile> files)
    {
        var faults = new List<CatalogueException>();
        Read(files, faults);
        return InOrder(faults);
    }

    static List<CatalogueException> InOrder(List<CatalogueException> faults) =>
        [.. faults.OrderBy(fault => fault.File, StringComparer.Ordinal).ThenBy(fault => fault.Line)];

    static Catalogue? Read(IReadOnlyList<CatalogueFile> files, List<CatalogueException> faults)
    {
        using var digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        List<CatalogueEdition> editions = [];
        List<Overlays> overlays = [];
        List<Layer> layers = [];
        foreach (var file in files.OrderBy(file => file.Name, StringComparer.Ordinal))
        {
            digest.AppendData(file.Bytes);
            if (file.Name.StartsWith(OverlayFolder, StringComparison.Ordinal))
            {
                if (Overlays.Read(file.Name, file.Bytes, faults) is { } read)
                    overlays.Add(read);
            }
            else if (file.Name.StartsWith(LayerFolder, StringComparison.Ordinal))
            {
                if (Layer.Read(file.Name, file.Bytes, faults) is { } layer)
                    layers.Add(layer);
            }
            else if (EditionReader.Read(file.Name, file.Bytes, layer: null, faults) is { } edition)
                editions.Add(edition);
        }
        if (editions.Count == 0 && faults.Count == 0)
            faults.Add(new CatalogueException("*.json", 0, "there is no edition here"));
        if (faults.Count > 0)
            return null;
        for (var i = 0; i < editions.Count; i++)
            if (i + 1 < editions.Count ? editions[i].Until != editions[i + 1].From.AddDays(-1) : editions[i].Until is not null)
                faults.Add(new CatalogueException(editions[i].FileName, editions[i].UntilLine, i + 1 < editions.Count
                    ? $"\"inForceUntil\" must be the day before the next edition, {editions[i + 1].From:yyyy-MM-dd}"
                    : "the newest edition cannot end"));
        var local = Lay(layers, editions, files, faults);
        var version = $"{editions[^1].Id}+{Convert.ToHexStringLower(digest.GetHashAndReset().AsSpan(0, 4))}";
        return new Catalogue([.. editions], [.. local], [.. overlays], version);
    }

    /// <summary>Each layer over each edition it overlaps.</summary>
    static List<CatalogueEdition> Lay(
        List<Layer> layers, List<CatalogueEdition> editions, IReadOnlyList<CatalogueFile> files, List<CatalogueException> faults)
    {
        List<CatalogueEdition> laid = [];
        for (var i = 0; i < layers.Count; i++)
        {
            var layer = layers[i];
            if (i + 1 < layers.Count && layers[i + 1].Division == layer.Division && (layer.Until is not { } until || until >= layers[i + 1].From))
                faults.Add(new CatalogueException(layer.FileName, layer.UntilLine, $"\"inForceUntil\" must be before the next layer, {layers[i + 1].From:yyyy-MM-dd}"));
            for (var e = 0; e < editions.Count; e++)
            {
                var end = e + 1 < editions.Count ? editions[e + 1].Start : DateTimeOffset.MaxValue;
                if (layer.Start < end && editions[e].Start < layer.End)
                    if (EditionReader.Read(editions[e].FileName, files.First(file => file.Name == editions[e].FileName).Bytes, layer, faults) is { } over)
                        laid.Add(over with { Start = layer.Start > editions[e].Start ? layer.Start : editions[e].Start });
            }
        }
        return laid;
    }

    /// <summary>The edition that governs what happened at an instant, which is not always the newest; null if none is on file.</summary>
    public CatalogueEdition? InForceAt(DateTimeOffset instant)
    {
        for (var i = editions.Length - 1; i >= 0; i--)
            if (editions[i].Start <= instant)
                return editions[i];
        return null;
    }

    /// <summary>The edition that governs what happened at an instant in a division, with the layer of its province; null if none is on file.</summary>
    public CatalogueEdition? InForceAt(DateTimeOffset instant, string division)
    {
        for (var i = local.Length - 1; i >= 0; i--)
            if (local[i].Start <= instant && instant < local[i].Layer!.End
                && division.StartsWith(local[i].Layer!.Division, StringComparison.Ordinal))
                return local[i];
        return InForceAt(instant);
    }

    /// <summary>
    /// Within this time of each other several cameras may have seen one act of a vehicle on one road, which must not be punished
    /// twice; null where no such window is known.
    /// </summary>
    public TimeSpan? MergeWindow(DateTimeOffset instant, string division, string family) =>
        InForceAt(instant, division)?.Layer is { } layer && layer.MergeWindows.TryGetValue(family, out var window) ? window : null;

    /// <summary>There is such a window for some family.</summary>
    public bool HasMergeWindows(DateTimeOffset instant, string division) => InForceAt(instant, division)?.Layer is { MergeWindows.Count: > 0 };

    /// <summary>The law sees one act in both entries, and the first stands for it.</summary>
    public bool StandsInsteadOf(DateTimeOffset instant, string division, string entry, string other) =>
        InForceAt(instant, division) is { } edition && edition.RuleById.TryGetValue(entry, out var one) && edition.RuleById.TryGetValue(other, out var two)
        && one.Case.InsteadOf.Contains(two.Case.Id);

    /// <summary>An entry of the law of an instant and a division, with the items it counts for on a kind of road; null if that law has none such.</summary>
    public CatalogueEntry? EntryAt(DateTimeOffset instant, string division, string id, RoadKind? road) =>
        InForceAt(instant, division) is { } edition && edition.RuleById.TryGetValue(id, out var rule)
            ? rule.Entry with { Items = rule.ItemsByRoad[road is { } kind ? (int)kind : ^1] } : null;

    /// <summary>The overlays of an instant; null before the first.</summary>
    public Overlays? OverlaysAt(DateTimeOffset instant)
    {
        for (var i = overlays.Length - 1; i >= 0; i--)
            if (overlays[i].Start <= instant)
                return overlays[i];
        return null;
    }

    /// <summary>The edition of a day, for code lists that are named by one.</summary>
    internal CatalogueEdition? InForceOn(DateOnly day)
    {
        for (var i = editions.Length - 1; i >= 0; i--)
            if (editions[i].From <= day)
                return editions[i];
        return null;
    }
}

/// <summary>One edition of the law.</summary>
public sealed record CatalogueEdition
{
    /// <summary>First day in force, e.g. <c>2022-04-01</c>.</summary>
    public required string Id { get; init; }

    /// <summary>First day in force.</summary>
    public required DateOnly From { get; init; }

    /// <summary>Last day in force; null for the newest.</summary>
    public required DateOnly? Until { get; init; }

    /// <summary>First instant in force: midnight in the zone of the law.</summary>
    public required DateTimeOffset Start { get; init; }

    /// <summary>Families it knows.</summary>
    public required IReadOnlyList<NamedWord> Families { get; init; }

    /// <summary>Items of the campaign.</summary>
    public required IReadOnlyList<NamedWord> Items { get; init; }

    /// <summary>Its entries in the order of the file.</summary>
    public required IReadOnlyList<CatalogueEntry> Entries { get; init; }

    /// <summary>Groups of vehicles, by which its tables are divided.</summary>
    public IReadOnlyList<NamedWord> Groups { get; init; } = [];

    /// <summary>Where its entries were read.</summary>
    public IReadOnlyDictionary<string, string> Sources { get; init; } = new Dictionary<string, string>();

    /// <summary>The order that sets its points.</summary>
    public NamedWord Law { get; init; } = new("", "", "");

    /// <summary>The province's layer that lies over it, e.g. <c>15-2025-09-01</c>; null for the national edition.</summary>
    public string? LayerId => Layer?.Id;

    /// <summary>False where a province's layer lies over it whose amounts were not obtained: the fines are the national ranges.</summary>
    public bool AmountsObtained => Layer?.AmountsObtained ?? true;

    /// <summary>Whose layer it is; null for the national edition.</summary>
    public NamedWord? LayerName => Layer?.Name;

    internal Layer? Layer { get; init; }

    internal string FileName { get; init; } = null!;

    internal int UntilLine { get; init; }

    internal Vehicles Vehicles { get; init; } = null!;

    /// <summary>The cases that a measurement can point to.</summary>
    internal OffenceCase[] MeasuredCases { get; init; } = null!;

    internal Dictionary<string, OffenceCase> CaseById { get; init; } = null!;

    internal Dictionary<string, Rule> RuleById { get; init; } = null!;

    internal Dictionary<string, Rule> RuleByCode { get; init; } = null!;

    /// <summary>Cases a reporter's word can mean; more than one where the word alone does not tell.</summary>
    internal Dictionary<string, OffenceCase[]> CasesByWord { get; init; } = null!;

    /// <summary>Cases a signal can mean, by its number.</summary>
    internal OffenceCase[][] CasesBySignal { get; init; } = null!;
}

/// <summary>One table of the law: what an offence costs by group of vehicle, kind of road and tier.</summary>
sealed class OffenceCase
{
    public required string Id { get; init; }

    public required string Family { get; init; }

    /// <summary>Null if nothing is measured.</summary>
    public required Measure? Measure { get; init; }

    /// <summary>Where the offence begins; below it there is none.</summary>
    public required Bound Starts { get; init; }

    /// <summary>Measured values that point to this case.</summary>
    public required Input[] SeenBy { get; init; }

    /// <summary>In the order they are tried: the first that holds counts.</summary>
    public required VehicleGroup[] Groups { get; init; }

    /// <summary>Cases it replaces where the same signals point to both.</summary>
    public required string[] InsteadOf { get; init; }

    /// <summary>Tiers by group and kind of road, lowest first; empty where the law has no rule.</summary>
    public required Tier[][][] Table { get; init; }

    public Referral[] Referrals { get; set; } = [];

    /// <summary>The case it is an exception to, where it holds by measurement; null for none.</summary>
    public required string? ExceptionTo { get; init; }

    /// <summary>An exception that a province's layer has switched on.</summary>
    public required bool IsOn { get; init; }

    /// <summary>The exception to it; null for none.</summary>
    public OffenceCase? Exception { get; set; }

    /// <summary>Breath from this value on is only a suspicion until the blood value is there; null if nothing is.</summary>
    public required decimal? BloodFrom { get; init; }

    /// <summary>By group: the kind of road changes the entry.</summary>
    public required bool[] NeedsRoad { get; init; }
}

/// <summary>A bound of a half-open range: included, unless it says above.</summary>
readonly record struct Bound(decimal Value, bool Above)
{
    /// <summary>The reading lies in the range that begins here.</summary>
    public bool Holds(in Reading reading) => reading.CompareTo(Value) is var side && (Above ? side > 0 : side >= 0);
}

/// <summary>A step of a table.</summary>
/// <param name="From">Where it begins; it ends where the next one begins.</param>
/// <param name="Rule">What holds in it.</param>
/// <param name="Again">What holds instead for a driver punished before; null if that changes nothing.</param>
sealed record Tier(Bound From, Rule Rule, Rule? Again);

/// <summary>
/// An amount, in CNY, and up to where (included) it holds. <c>Of</c> is what it is measured by; null for the amount
/// beyond all others.
/// </summary>
sealed record Fine(Measure? Of, decimal UpTo, int? Min, int? Max);

/// <summary>An entry of the catalogue with what decides on it.</summary>
sealed class Rule
{
    public required string Id { get; init; }

    public required string Family { get; init; }

    public required CatalogueEntry Entry { get; init; }

    /// <summary>One bit for each group of the case.</summary>
    public required uint Groups { get; init; }

    /// <summary>One bit for each <see cref="RoadKind"/>.</summary>
    public required uint Roads { get; init; }

    public required Bound From { get; init; }

    /// <summary>Not included; null for no end.</summary>
    public required decimal? Under { get; init; }

    /// <summary>The base (limit, rating) must be under this; null for any.</summary>
    public required decimal? BaseUnder { get; init; }

    /// <summary>Holds from so many prior decisions on; null if they do not matter.</summary>
    public required int? PriorsFrom { get; init; }

    public required Fine[] Fines { get; init; }

    /// <summary>Items by kind of road; the last is for an unknown one.</summary>
    public required IReadOnlyList<string>[] ItemsByRoad { get; init; }

    public OffenceCase Case { get; set; } = null!;
}

/// <summary>
/// When an offence is a crime: all that is given must hold, every bound included. <c>Roads</c> has one bit for each kind of road;
/// <c>From</c> bounds the ratio, <c>ValueFrom</c> the measured value, <c>ExcessFrom</c> the value less its base.
/// </summary>
sealed record Referral(VehicleGroup Group, uint Roads, decimal? From, decimal? ValueFrom, decimal? ExcessFrom)
{
    public bool Holds(in Reading reading) =>
        (From is not { } from || reading.CompareTo(from) >= 0)
        && (ValueFrom is not { } value || reading.Value >= value)
        && (ExcessFrom is not { } excess || reading.Value - (reading.Base ?? 0) >= excess);
}
