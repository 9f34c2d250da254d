using System.Collections.Concurrent;
using System.Globalization;
using Traffic.Contracts;

namespace Traffic.Catalogue;

/// <summary>An offence that the driver of a record committed before it, as it stands now.</summary>
/// <param name="Key">It counts for an item of the campaign.</param>
public sealed record DriverOffence(DateTimeOffset OccurredAt, int? Points, string Family, string Entry, bool Key);

/// <summary>
/// The overlays of a campaign from one day on: which records concern key vehicles, key drivers, key roads and key places.
/// Rules are data; a tag is the id of the rule that gave it, and stands behind the tag of its kind.
/// </summary>
public sealed class Overlays
{
    const int MaxRules = 60;

    readonly Rule[] rules;
    readonly string[] kinds;
    readonly string[] weighingFamilies;
    readonly int weighsFrom;
    readonly ulong anyVehicle, anyRoad, anyPlace, tested, ofDrivers;
    readonly ulong[] byRoad = new ulong[Enum.GetValues<RoadKind>().Length];
    readonly ulong[] byPlace = new ulong[Enum.GetValues<PlaceKind>().Length];
    readonly Dictionary<string, ulong> byNature = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<string, ulong> byType = new(StringComparer.Ordinal);
    readonly ConcurrentDictionary<ulong, string> written = new();

    /// <summary>What the driver of the record must be like; null for a rule on vehicle or place.</summary>
    sealed record OfDriver(string? OfKind, int? PointsFrom, int? KeyOffencesFrom, string[] Families, string[] Entries);

    sealed record Rule(string Id, int Kind, string[] Types, string? PlateNotFrom, string[] Roads, OfDriver? Driver);

    Overlays(Located root)
    {
        From = root.Get("inForceFrom").AsDate();
        Start = EditionReader.Midnight(root, From);
        _ = (root.Text("zh"), root.Text("en"), root.Find("note"));
        var sources = root.Get("sources").Members.Where(member => member.Value.AsText().Length > 0).Select(member => member.Key).ToHashSet();
        Kinds = [.. root.List("kinds").Select(EditionReader.Named)];
        kinds = [.. Kinds.Select(kind => kind.Id)];
        var history = root.Get("driverHistory");
        DriverMonths = history.Whole("months") ?? throw history.Fault("\"months\" is missing");
        weighsFrom = history.Whole("weighsFromPoints") ?? throw history.Fault("\"weighsFromPoints\" is missing");
        weighingFamilies = [.. history.Texts("weighingFamilies")];
        Sources(history, sources);
        history.RefuseOthers();
        foreach (var one in root.List("notRecognised"))
        {
            _ = (one.Text("zh"), one.Text("en"), one.Text("why"));
            one.RefuseOthers();
        }

        List<Rule> read = [];
        List<NamedWord> names = [];
        foreach (var one in root.List("rules"))
        {
            if (read.Count == MaxRules)
                throw one.Fault($"there can be {MaxRules} rules at most");
            var bit = 1UL << read.Count;
            var (id, natures, types) = (one.Text("id"), one.Texts("natures"), one.Texts("types").ToArray());
            var kind = Array.FindIndex(kinds, known => id.StartsWith(known + ".", StringComparison.Ordinal));
            if (kind < 0)
                throw one.Get("id").Fault("a rule's id begins with the id of its kind and a full stop");
            if (read.Exists(other => other.Id == id))
                throw one.Get("id").Fault($"\"{id}\" stands there twice");
            foreach (var nature in natures)
                byNature[nature] = byNature.GetValueOrDefault(nature) | bit;
            if (natures.Count == 0 && types.Length == 0)
                anyVehicle |= bit;
            anyRoad |= Mark(byRoad, one.List("roadKinds"), word => (int)EditionReader.Word<RoadKind>(word), bit);
            anyPlace |= Mark(byPlace, one.List("placeKinds"), word => (int)EditionReader.Word<PlaceKind>(word), bit);
            var rule = new Rule(id, kind, types, one.Find("plateNotFrom")?.AsText(), [.. one.Texts("roads")], DriverOf(one.Find("driver")));
            if (rule.PlateNotFrom is not null || rule.Roads.Length > 0)
                tested |= bit;
            if (rule.Driver is not null)
                ofDrivers |= bit;
            Sources(one, sources);
            names.Add(new NamedWord(id, one.Text("zh"), one.Text("en")));
            one.RefuseOthers();
            read.Add(rule);
        }
        (rules, Rules) = ([.. read], names);
        root.RefuseOthers();
    }

    /// <summary>First day the rules hold.</summary>
    public DateOnly From { get; }

    internal DateTimeOffset Start { get; }

    /// <summary>Key vehicles, drivers, roads, places.</summary>
    public IReadOnlyList<NamedWord> Kinds { get; }

    /// <summary>The rules, by the tags they give.</summary>
    public IReadOnlyList<NamedWord> Rules { get; }

    /// <summary>How far back the offences of a driver count, months.</summary>
    public int DriverMonths { get; }

    internal static Overlays? Read(string file, byte[] bytes, List<CatalogueException> faults)
    {
        try
        {
            var root = Located.Read(file, bytes);
            var read = new Overlays(root);
            return Path.GetFileNameWithoutExtension(file) == read.From.ToString("o", CultureInfo.InvariantCulture)
                ? read : throw root.Get("inForceFrom").Fault("a file of overlays is named by its first day");
        }
        catch (CatalogueException fault)
        {
            faults.Add(fault);
            return null;
        }
    }

    /// <summary>The offence counts for what its driver is, so that his history matters.</summary>
    public bool Weighs(int? points, string family) => points >= weighsFrom || weighingFamilies.Contains(family);

    /// <summary>Tags of a record, joined by commas: each kind once, then its rules; empty for none.</summary>
    /// <param name="before">What its driver did in the months before; null where nobody looked.</param>
    internal string TagsOf(ReportedViolation reported, IReadOnlyList<DriverOffence>? before)
    {
        var mask = OfVehicle(reported)
            & (anyRoad | (reported.RoadKind is { } road && (uint)road < byRoad.Length ? byRoad[(int)road] : 0))
            & (anyPlace | (reported.PlaceKind is { } place && (uint)place < byPlace.Length ? byPlace[(int)place] : 0));
        var some = mask & tested;
        for (var i = 0; some != 0; i++, some >>= 1)
            if ((some & 1) != 0 && !Holds(rules[i], reported))
                mask &= ~(1UL << i);
        some = mask & ofDrivers;
        for (var i = 0; some != 0; i++, some >>= 1)
            if ((some & 1) != 0 && !Holds(rules[i].Driver!, reported, mask & ~ofDrivers, before))
                mask &= ~(1UL << i);
        return mask == 0 ? "" : written.TryGetValue(mask, out var tags) ? tags : written.GetOrAdd(mask, Write);
    }

    /// <summary>The tags of a record after its driver turned out to have done this before; what does not hang on it stays.</summary>
    public string WithHistory(string tags, IReadOnlyList<DriverOffence> before)
    {
        var had = tags.Split(',');
        var mask = 0UL;
        for (var i = 0; i < rules.Length; i++)
        {
            var holds = rules[i].Driver is { OfKind: null } driver ? Holds(driver, before) : had.Contains(rules[i].Id);
            mask |= holds ? 1UL << i : 0;
        }
        return mask == 0 ? "" : written.GetOrAdd(mask, Write);
    }

    ulong OfVehicle(ReportedViolation reported)
    {
        var mask = anyVehicle;
        if (reported.UseNature is { } nature && byNature.TryGetValue(nature, out var natured))
            mask |= natured;
        if (reported.VehicleType is { } type)
            mask |= byType.TryGetValue(type, out var typed) ? typed : byType.GetOrAdd(type, OfType);
        return mask;
    }

    ulong OfType(string type)
    {
        var mask = 0UL;
        for (var i = 0; i < rules.Length; i++)
            if (rules[i].Types.Any(prefix => type.StartsWith(prefix, StringComparison.Ordinal)))
                mask |= 1UL << i;
        return mask;
    }

    static bool Holds(Rule rule, ReportedViolation reported) =>
        (rule.PlateNotFrom is not { } home || (reported.Plate is { Length: > 0 } plate && !plate.StartsWith(home, StringComparison.Ordinal)))
        && (rule.Roads.Length == 0 || (reported.Road is { } road && rule.Roads.Contains(road)));

    bool Holds(OfDriver rule, ReportedViolation reported, ulong others, IReadOnlyList<DriverOffence>? before)
    {
        if (rule.OfKind is { } kind)
        {
            if (reported.DriverIdNumber is not null)
                for (var i = 0; i < rules.Length; i++)
                    if ((others >> i & 1) != 0 && kinds[rules[i].Kind] == kind)
                        return true;
            return false;
        }
        return before is not null && Holds(rule, before);
    }

    static bool Holds(OfDriver rule, IReadOnlyList<DriverOffence> before)
    {
        int points = 0, key = 0;
        foreach (var one in before)
        {
            points += one.Points ?? 0;
            key += one.Key ? 1 : 0;
            if (rule.Families.Contains(one.Family) || rule.Entries.Contains(one.Entry))
                return true;
        }
        return points >= rule.PointsFrom || key >= rule.KeyOffencesFrom;
    }

    string Write(ulong mask)
    {
        List<string> tags = [];
        for (var kind = 0; kind < kinds.Length; kind++)
        {
            var own = rules.Where((rule, i) => rule.Kind == kind && (mask >> i & 1) != 0).Select(rule => rule.Id).ToList();
            if (own.Count > 0)
                tags.AddRange([kinds[kind], .. own]);
        }
        return string.Join(',', tags);
    }

    /// <summary>Marks the rule for each of the words; the rule itself where it names none, so that any will do.</summary>
    static ulong Mark(ulong[] masks, IReadOnlyList<Located> words, Func<Located, int> index, ulong bit)
    {
        foreach (var word in words)
            masks[index(word)] |= bit;
        return words.Count == 0 ? bit : 0;
    }

    OfDriver? DriverOf(Located? at)
    {
        if (at is null)
            return null;
        var read = new OfDriver(at.Find("ofKind")?.AsText(), at.Whole("pointsFrom"), at.Whole("keyOffencesFrom"),
            [.. at.Texts("anyOfFamilies")], [.. at.Texts("anyOfEntries")]);
        if (read.OfKind is { } kind && !kinds.Contains(kind))
            throw at.Get("ofKind").Fault($"there is no kind \"{kind}\"");
        if (read is { OfKind: null, PointsFrom: null, KeyOffencesFrom: null, Families: [], Entries: [] })
            throw at.Fault("the rule on the driver is empty");
        at.RefuseOthers();
        return read;
    }

    static void Sources(Located at, HashSet<string> known)
    {
        _ = at.Find("uncertain")?.AsText();
        if (at.List("sources").Count == 0)
            throw at.Fault("a rule names a source");
        foreach (var source in at.List("sources"))
            if (!known.Contains(source.AsText()))
                throw source.Fault($"there is no source \"{source.AsText()}\"");
    }
}
