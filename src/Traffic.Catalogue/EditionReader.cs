using System.Text.RegularExpressions;
using Traffic.Contracts;

namespace Traffic.Catalogue;

/// <summary>Reads one edition and holds it to its promises: tiers that join, sources that exist, codes that stand once.</summary>
sealed partial class EditionReader
{
    const int RoadKinds = 6;
    const uint AnyRoad = (1u << RoadKinds) - 1;

    static readonly string[] ConsequenceKinds =
    [
        "suspension", "revocation", "ban", "commercialBan", "detention", "restraint", "vehicleHeld", "vehicleSeized", "plateSeized",
        "towed", "restored", "criminal",
    ];

    static readonly string[] Statuses = ["seen", "inferred", "weak", "none"];

    readonly Located root;
    readonly List<CatalogueException> faults;
    readonly HashSet<string> sources;
    readonly HashSet<int> pointLevels;
    readonly Dictionary<string, uint> roads = new(StringComparer.Ordinal);
    readonly Dictionary<string, Measure> measures = new(StringComparer.Ordinal);
    readonly Dictionary<string, VehicleGroup> groups = new(StringComparer.Ordinal);
    readonly List<NamedWord> groupNames = [];
    readonly Vehicles vehicles;
    readonly List<NamedWord> families, items;
    readonly Dictionary<string, OffenceCase> cases = new(StringComparer.Ordinal);
    readonly Dictionary<string, Rule> rules = new(StringComparer.Ordinal);
    readonly Dictionary<string, string> allCodes = new(StringComparer.Ordinal);
    readonly Dictionary<string, Rule> codes = new(StringComparer.Ordinal);
    readonly Dictionary<string, List<OffenceCase>> words = new(StringComparer.Ordinal);
    readonly List<OffenceCase>[] signals = [.. Enum.GetValues<Signal>().Select(_ => new List<OffenceCase>())];

    readonly Layer? layer;

    EditionReader(Located root, Layer? layer, List<CatalogueException> faults)
    {
        (this.root, this.layer, this.faults) = (root, layer, faults);
        _ = (Named(root.Get("law"), id: false), Named(root.Get("codeList"), id: false));
        sources = [.. root.Get("sources").Members.Select(member => member.Value.AsText().Length > 0 ? member.Key : ""), .. layer?.Sources ?? []];
        Source(root.Get("itemsSource"));
        pointLevels = [0, .. root.List("pointLevels").Select(level => (int)level.AsNumber())];
        foreach (var (name, list) in root.Get("roads").Members)
            roads[name] = list.Elements.Aggregate(0u, (mask, road) => mask | 1u << (int)Word<RoadKind>(road));
        foreach (var one in root.List("measures"))
        {
            _ = one.Text("unit");
            Input? over = one.Find("over") is { } named ? Word<Input>(named) : null;
            Unique(measures, one, new Measure(one.Text("id"), Word<Input>(one.Get("of")), over));
            one.RefuseOthers();
        }
        vehicles = new Vehicles(root.Get("vehicles"));
        foreach (var one in root.List("groups"))
        {
            groupNames.Add(new NamedWord(one.Text("id"), one.Text("zh"), one.Text("en")));
            Unique(groups, one, new VehicleGroup(
                one.Text("id"), vehicles.Mask(one, "any"), vehicles.Mask(one, "all"), one.Flag("presume")));
            one.RefuseOthers();
        }
        families = [.. root.List("families").Select(Named)];
        items = [.. root.List("items").Select(Named)];
        foreach (var one in root.List("cases"))
            Note(() => ReadCase(one));
        if (faults.Count > 0)
            return;
        foreach (var group in root.List("referrals").GroupBy(one => one.Text("case")))
            (cases.GetValueOrDefault(group.Key) ?? throw group.First().Fault($"there is no case \"{group.Key}\"")).Referrals =
                [.. group.Select(ReadReferral)];
        foreach (var one in cases.Values)
            one.Exception = cases.Values.FirstOrDefault(other => other.ExceptionTo == one.Id);
        layer?.Know(rules.Keys, [.. cases.Values.Where(one => one.ExceptionTo is not null).Select(one => one.Id)], faults);
        foreach (var item in root.List("items"))
            if (!rules.Values.Any(rule => rule.ItemsByRoad.Any(list => list.Contains(item.Text("id")))))
                throw item.Fault($"no entry leads to the item \"{item.Text("id")}\"");
        foreach (var family in root.List("families"))
            if (!cases.Values.Any(one => one.Family == family.Text("id")))
                throw family.Fault($"the family \"{family.Text("id")}\" has no case");
    }

    /// <summary>The edition, or null where the file breaks a promise: then the faults are added to the list.</summary>
    /// <param name="layer">A province's layer to lay over it; null for the national edition itself.</param>
    public static CatalogueEdition? Read(string file, byte[] bytes, Layer? layer, List<CatalogueException> faults)
    {
        var own = new List<CatalogueException>();
        try
        {
            var edition = Read(file, Located.Read(file, bytes), layer, own);
            if (own.Count == 0)
                return edition;
        }
        catch (CatalogueException fault)
        {
            own.Add(fault);
        }
        faults.AddRange(own);
        return null;
    }

    /// <summary>Goes on after a fault, so that a check names them all.</summary>
    void Note(Action read)
    {
        try { read(); }
        catch (CatalogueException fault) { faults.Add(fault); }
    }

    static CatalogueEdition? Read(string file, Located root, Layer? layer, List<CatalogueException> faults)
    {
        var reader = new EditionReader(root, layer, faults);
        if (faults.Count > 0)
            return null;
        var from = root.Get("inForceFrom").AsDate();
        if (Path.GetFileNameWithoutExtension(file) != $"{from:yyyy-MM-dd}")
            throw root.Get("inForceFrom").Fault($"an edition's file is named by its first day, {from:yyyy-MM-dd}.json");
        var until = root.Find("inForceUntil");
        if (until?.AsDate() < from)
            throw until!.Fault("the edition ends before it begins");
        var edition = new CatalogueEdition
        {
            Id = $"{from:yyyy-MM-dd}",
            From = from,
            Until = until?.AsDate(),
            Start = Midnight(root, from),
            Families = reader.families,
            Items = reader.items,
            Entries = [.. reader.rules.Values.Select(rule => rule.Entry)],
            Groups = [.. reader.groupNames],
            Sources = root.Get("sources").Members.ToDictionary(member => member.Key, member => member.Value.AsText()),
            Law = Named(root.Get("law"), id: false),
            Layer = layer,
            FileName = root.File,
            UntilLine = (until ?? root.Get("inForceFrom")).Line,
            Vehicles = reader.vehicles,
            MeasuredCases = [.. reader.cases.Values.Where(one => one.SeenBy.Length > 0)],
            CaseById = reader.cases,
            RuleById = reader.rules,
            RuleByCode = reader.codes,
            CasesByWord = reader.Words(),
            CasesBySignal = [.. reader.signals.Select(list => list.ToArray())],
        };
        root.RefuseOthers();
        return edition;
    }

    /// <summary>The first instant of a day in the zone that the file names.</summary>
    internal static DateTimeOffset Midnight(Located root, DateOnly day)
    {
        var midnight = day.ToDateTime(TimeOnly.MinValue);
        try
        {
            return new DateTimeOffset(midnight, TimeZoneInfo.FindSystemTimeZoneById(root.Text("zone")).GetUtcOffset(midnight));
        }
        catch (TimeZoneNotFoundException)
        {
            throw root.Get("zone").Fault("there is no such time zone");
        }
    }

    /// <summary>A word is a case, one of its kinds, or else a family: then any case of that family that can be seen or measured.</summary>
    Dictionary<string, OffenceCase[]> Words()
    {
        foreach (var family in families)
            if (!words.ContainsKey(family.Id))
                words[family.Id] = [.. cases.Values.Where(one => one.Family == family.Id)];
        foreach (var item in items)
            if (!words.ContainsKey(item.Id))
                words[item.Id] = [.. cases.Values.Where(one => one.Table.SelectMany(row => row).SelectMany(row => row)
                    .Any(tier => tier.Rule.ItemsByRoad.Any(list => list.Contains(item.Id))))];
        foreach (var one in cases.Values)
            if (!words.ContainsKey(one.Id))
                words[one.Id] = [one];
        return words.ToDictionary(pair => pair.Key, pair => pair.Value.ToArray(), StringComparer.Ordinal);
    }

    void ReadCase(Located at)
    {
        var family = at.Text("family");
        if (!families.Exists(one => one.Id == family))
            throw at.Get("family").Fault($"there is no family \"{family}\"");
        var measure = at.Find("measure") is { } name ? Of(measures, name, "measure") : null;
        VehicleGroup[] own = [.. at.List("groups").Select(group => Of(groups, group, "group"))];
        if (own.Length == 0)
            throw at.Fault("a case needs a group of vehicles");
        var starts = measure is null ? default : StartOf(at.Get("starts"));
        var scopes = at.List("scopes")
            .Select(scope => (Item(scope.Get("item")), Of(roads, scope.Get("roads"), "kind of road"))).ToList();
        string[] counted = [.. at.List("items").Select(Item)];
        var before = faults.Count;
        List<(Rule Rule, Located At)> read = [];
        foreach (var entry in at.List("entries"))
            Note(() => read.Add((ReadRule(entry, at.Text("id"), family, measure, own, counted, scopes), entry)));
        if (faults.Count > before)
            return;
        if (read.Count == 0)
            throw at.Fault("a case needs an entry");
        var table = Table(at, own, measure, starts, at.Flag("partial"), read);
        var one = new OffenceCase
        {
            Id = at.Text("id"),
            Family = family,
            Measure = measure,
            Starts = starts,
            SeenBy = [.. at.List("seenBy").Select(seen => InputOf(Word<Quantity>(seen))).Distinct()],
            Groups = own,
            InsteadOf = [.. at.Texts("insteadOf")],
            ExceptionTo = at.Find("exceptionTo")?.AsText(),
            IsOn = layer?.IsOn(at.Text("id")) == true,
            BloodFrom = BloodFrom(at.Find("blood")),
            Table = table,
            NeedsRoad = [.. table.Select(byRoad => byRoad.Any(tiers => !tiers.SequenceEqual(byRoad[0])))],
        };
        Unique(cases, at, one);
        foreach (var (rule, _) in read)
            rule.Case = one;
        foreach (var word in at.Texts("kinds"))
            (words.TryGetValue(word, out var list) ? list : words[word] = []).Add(one);
        foreach (var signal in at.List("signals"))
            signals[(int)Word<Signal>(signal)].Add(one);
        at.RefuseOthers();
    }

    decimal? BloodFrom(Located? at)
    {
        if (at is null)
            return null;
        _ = (at.Text("zh"), at.Text("en"), at.Find("uncertain"));
        foreach (var source in at.List("sources"))
            Source(source);
        var from = at.Number("from") ?? throw at.Fault("\"from\" is missing");
        at.RefuseOthers();
        return from;
    }

    Rule ReadRule(
        Located read, string caseId, string family, Measure? measure, VehicleGroup[] own, string[] counted, List<(string Item, uint Roads)> scopes)
    {
        var id = read.Text("id");
        var at = layer?.Over(id, read) ?? read;
        var mask = own.Length == 1 && at.Find("groups") is null ? 1u : at.Get("groups").Elements.Aggregate(0u, (bits, group) =>
            bits | (Array.FindIndex(own, one => one.Id == group.AsText()) is >= 0 and var index
                ? 1u << index : throw group.Fault($"the case knows no group \"{group.AsText()}\"")));
        var on = at.Find("roads") is { } named ? Of(roads, named, "kind of road") : AnyRoad;
        var tier = measure is null ? null : at.Get("tier");
        var from = tier is null ? default : StartOf(tier);
        var under = tier?.Number("under");
        if (under <= from.Value)
            throw tier!.Fault("the tier ends before it begins");
        tier?.RefuseOthers();
        var points = at.Whole("points");
        if (points is { } level && !pointLevels.Contains(level))
            throw at.Get("points").Fault($"{level} points is no level of this edition");
        var fines = FinesOf(at, measure);
        if (at.List("sources").Count == 0)
            throw at.Fault($"the entry \"{id}\" names no source");
        foreach (var source in at.List("sources"))
            Source(source);
        if (at.Texts("statutes").Count == 0)
            throw at.Fault($"the entry \"{id}\" names no statute");
        Consequence[] consequences = [.. at.List("consequences").Select(ConsequenceOf)];

        var (status, known) = (at.Text("codesStatus"), at.Texts("codes"));
        if (!Statuses.Contains(status) || (status == "none") != (known.Count == 0))
            throw at.Get("codesStatus").Fault("the status of codes is seen, inferred or weak; none if there are none");
        var others = at.Find("codeStatuses")?.Members.ToDictionary(one => one.Key, one =>
            known.Contains(one.Key) && Statuses.Contains(one.Value.AsText()) ? one.Value.AsText()
            : throw one.Value.Fault("a code of the entry, and seen, inferred or weak, was expected here"));

        IReadOnlyList<string> Items(uint road) =>
            [.. counted, .. scopes.Where(scope => (scope.Roads & road) != 0).Select(scope => scope.Item)];
        List<int?> amounts = [.. fines.Where(fine => fine.Max is not null).SelectMany(fine => new[] { fine.Min, fine.Max })];
        var entry = new CatalogueEntry(
            id, family, at.Text("zh"), at.Text("en"), points, amounts.Min(), amounts.Max(), at.Flag("criminal"), Items(0), known)
        {
            CodeStatuses = known.ToDictionary(code => code, code => others?.GetValueOrDefault(code) ?? status),
            CodesStatus = status,
            Case = caseId,
            Groups = [.. own.Where((_, i) => (mask >> i & 1) == 1).Select(group => group.Id)],
            Roads = at.Find("roads")?.AsText(),
            Measure = measure?.Id,
            TierFrom = tier is null ? null : from.Value,
            TierAbove = tier is not null && from.Above,
            TierUnder = under,
            BaseUnder = at.Number("baseUnder"),
            PriorsFrom = at.Whole("priorsFrom"),
            NoOffence = at.Flag("noOffence"),
            Fines = [.. fines.Select(fine => new FineRange(fine.Of?.Id, fine.Of is null ? null : fine.UpTo, fine.Min, fine.Max))],
            Consequences = consequences,
            Statutes = at.Texts("statutes"),
            Sources = at.Texts("sources"),
            Uncertain = at.Find("uncertain")?.AsText(),
            Layer = ReferenceEquals(at, read) ? null : layer!.Id,
        };
        var rule = new Rule
        {
            Id = id,
            Family = family,
            Entry = entry,
            Groups = mask,
            Roads = on,
            From = from,
            Under = under,
            BaseUnder = at.Number("baseUnder"),
            PriorsFrom = at.Whole("priorsFrom"),
            Fines = fines,
            ItemsByRoad = [.. Enumerable.Range(0, RoadKinds).Select(road => Items(1u << road)), Items(0)],
        };
        Unique(rules, at, rule);
        foreach (var code in at.List("codes"))
            if (!CodeForm().IsMatch(code.AsText()))
                throw code.Fault($"\"{code.AsText()}\" is no offence code: four digits and at most one more character");
            else if (!allCodes.TryAdd(code.AsText(), id))
                throw code.Fault($"the code {code.AsText()} already belongs to the entry \"{allCodes[code.AsText()]}\"");
            // A weak code is listed so that it can be looked up: it decides nothing.
            else if (entry.CodeStatuses[code.AsText()] != "weak")
                codes.Add(code.AsText(), rule);
        at.RefuseOthers();
        return rule;
    }

    static Consequence ConsequenceOf(Located at)
    {
        var read = new Consequence(at.Text("kind"), at.Text("zh"), at.Text("en"))
        {
            Months = at.Whole("months"), Days = at.Whole("days"), DaysMax = at.Whole("daysMax"), Years = at.Whole("years"),
            May = at.Flag("may"), Only = at.Find("only")?.AsText(),
        };
        if (!ConsequenceKinds.Contains(read.Kind))
            throw at.Get("kind").Fault($"\"{read.Kind}\" is no consequence: {string.Join(", ", ConsequenceKinds)}");
        at.RefuseOthers();
        return read;
    }

    Fine[] FinesOf(Located at, Measure? measure)
    {
        if (at.Find("fine") is { } only)
            return [FineOf(only, measure, last: true)];
        var list = at.List("fines");
        Fine[] read = [.. list.Select((fine, i) => FineOf(fine, measure, i == list.Count - 1))];
        for (var i = 1; i < read.Length - 1; i++)
            if (read[i].UpTo <= read[i - 1].UpTo)
                throw list[i].Fault("the amounts of a fine stand in ascending order");
        return read;
    }

    Fine FineOf(Located at, Measure? measure, bool last)
    {
        var upTo = at.Number("upTo");
        if (last != upTo is null)
            throw at.Fault(last ? "the last amount of a fine has no end" : "an amount that is not the last needs \"upTo\"");
        var of = at.Find("of") is { } named ? Of(measures, named, "measure") : measure;
        var (min, max) = (at.Whole("min"), at.Whole("max"));
        if ((min is null) != (max is null) || min > max || min < 0)
            throw at.Fault("the fine's range is none");
        _ = at.Flag("warning");
        at.RefuseOthers();
        return new Fine(last ? null : of, upTo ?? 0, min, max);
    }

    /// <summary>Lays the entries out by group and road, and refuses what does not join.</summary>
    static Tier[][][] Table(
        Located at, VehicleGroup[] own, Measure? measure, Bound starts, bool partial, List<(Rule Rule, Located At)> read)
    {
        var table = new Tier[own.Length][][];
        for (var group = 0; group < own.Length; group++)
        {
            table[group] = new Tier[RoadKinds][];
            for (var road = 0; road < RoadKinds; road++)
            {
                var here = read.Where(one => (one.Rule.Groups >> group & 1) == 1 && (one.Rule.Roads >> road & 1) == 1)
                    .OrderBy(one => one.Rule.From.Value).ToList();
                var where = $"for the group \"{own[group].Id}\" on {(RoadKind)road}";
                var again = here.Where(one => one.Rule.PriorsFrom is not null).ToList();
                here.RemoveAll(again.Contains);
                if (here.Count == 0 && !partial)
                    throw at.Fault($"there is a gap: no entry {where}");
                for (var i = 0; i < here.Count; i++)
                {
                    var (rule, line) = here[i];
                    if (i == 0 && rule.From != starts)
                        throw line.Fault(
                            $"there is a gap {where}: the first tier begins at {rule.From.Value}, the offence at {starts.Value}");
                    if (i > 0 && (here[i - 1].Rule.Under is not { } end || end > rule.From.Value || rule.From.Above))
                        throw line.Fault($"the entries \"{here[i - 1].Rule.Id}\" and \"{rule.Id}\" overlap {where}");
                    if (i > 0 && here[i - 1].Rule.Under < rule.From.Value)
                        throw line.Fault($"there is a gap {where}: nothing from {here[i - 1].Rule.Under} to {rule.From.Value}");
                    if (i == here.Count - 1 && rule.Under is { } last && !partial)
                        throw line.Fault($"there is a gap {where}: nothing from {last} on");
                }
                table[group][road] = [.. here.Select(one => new Tier(one.Rule.From, one.Rule, again.Find(other =>
                    other.Rule.From == one.Rule.From && other.Rule.Under == one.Rule.Under).Rule))];
                var lost = again.Find(other =>
                    !here.Exists(one => one.Rule.From == other.Rule.From && one.Rule.Under == other.Rule.Under));
                if (lost.Rule is not null)
                    throw lost.At.Fault("an entry for drivers punished before needs the tier of one for those who were not");
            }
        }
        if (measure is null && read.Find(one => one.Rule.Under is not null) is { Rule: not null } odd)
            throw odd.At.Fault("a tier needs a measure");
        return table;
    }

    Referral ReadReferral(Located at)
    {
        if (at.List("sources").Count == 0 || at.Texts("statutes").Count == 0)
            throw at.Fault("a referral names statute and source");
        foreach (var source in at.List("sources"))
            Source(source);
        var read = new Referral(
            Of(groups, at.Get("group"), "group"), at.Find("roads") is { } on ? Of(roads, on, "kind of road") : AnyRoad,
            at.Number("from"), at.Number("valueFrom"), at.Number("excessFrom"));
        at.RefuseOthers();
        return read;
    }

    void Source(Located at)
    {
        if (!sources.Contains(at.AsText()))
            throw at.Fault($"there is no source \"{at.AsText()}\"");
    }

    string Item(Located at) =>
        items.Exists(one => one.Id == at.AsText()) ? at.AsText() : throw at.Fault($"there is no item \"{at.AsText()}\"");

    static Bound StartOf(Located at) => (at.Number("from"), at.Number("above")) switch
    {
        ({ } from, null) => new(from, Above: false),
        (null, { } above) => new(above, Above: true),
        _ => throw at.Fault("a tier begins either \"from\" or \"above\" a bound"),
    };

    internal static NamedWord Named(Located at) => Named(at, id: true);

    static NamedWord Named(Located at, bool id)
    {
        var named = new NamedWord(id ? at.Text("id") : "", at.Text("zh"), at.Text("en"));
        at.RefuseOthers();
        return named;
    }

    static T Of<T>(Dictionary<string, T> known, Located name, string what) =>
        known.TryGetValue(name.AsText(), out var one) ? one : throw name.Fault($"there is no {what} \"{name.AsText()}\"");

    static void Unique<T>(Dictionary<string, T> known, Located at, T one)
    {
        if (!known.TryAdd(at.Text("id"), one))
            throw at.Fault($"\"{at.Text("id")}\" stands there twice");
    }

    internal static T Word<T>(Located at) where T : struct, Enum =>
        Enum.TryParse<T>(at.AsText(), ignoreCase: true, out var word) && Enum.IsDefined(word)
            ? word : throw at.Fault($"\"{at.AsText()}\" is no {typeof(T).Name}");

    static Input InputOf(Quantity quantity) => quantity switch
    {
        Quantity.AlcoholBlood or Quantity.AlcoholBreath => Input.Alcohol,
        _ => Enum.Parse<Input>(quantity.ToString()),
    };

    [GeneratedRegex("^[0-9]{4}[0-9A-Z]?\\z")]
    private static partial Regex CodeForm();
}
