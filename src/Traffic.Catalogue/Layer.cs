namespace Traffic.Catalogue;

/// <summary>
/// A province's own rules from one day on, laid over the national edition: what it changes of an entry, what it switches on, and
/// within how many minutes several cameras may have seen one act.
/// </summary>
sealed class Layer
{
    /// <summary>Only for these does the register keep an index of vehicles.</summary>
    static readonly string[] MergeFamilies = ["speeding", "illegal-parking", "emergency-lane", "wrong-lane"];

    readonly Dictionary<string, Located> changes = new(StringComparer.Ordinal);
    readonly Dictionary<string, bool> switches = new(StringComparer.Ordinal);
    readonly Dictionary<string, Located> entries = new(StringComparer.Ordinal);
    readonly Dictionary<string, Located> cases = new(StringComparer.Ordinal);

    Layer(Located root)
    {
        From = root.Get("inForceFrom").AsDate();
        Until = root.Find("inForceUntil")?.AsDate();
        if (Until < From)
            throw root.Get("inForceUntil").Fault("the layer ends before it begins");
        (FileName, UntilLine) = (root.File, (root.Find("inForceUntil") ?? root.Get("inForceFrom")).Line);
        Division = root.Text("division");
        Id = $"{Division}-{From:yyyy-MM-dd}";
        Start = EditionReader.Midnight(root, From);
        End = Until is { } last ? EditionReader.Midnight(root, last.AddDays(1)) : DateTimeOffset.MaxValue;
        Name = new NamedWord(Id, root.Text("zh"), root.Text("en"));
        foreach (var law in root.List("law"))
        {
            _ = (law.Text("zh"), law.Text("en"));
            law.RefuseOthers();
        }
        Sources = [.. root.Get("sources").Members.Where(member => member.Value.AsText().Length > 0).Select(member => member.Key)];
        ReadAmounts(root.Get("amounts"));
        foreach (var one in root.List("switches"))
        {
            Told(one);
            cases.Add(one.Text("case"), one.Get("case"));
            switches.Add(one.Text("case"), one.Flag("on"));
            one.RefuseOthers();
        }
        foreach (var one in root.List("mergeWindows"))
        {
            Told(one);
            var family = one.Text("family");
            if (!MergeFamilies.Contains(family))
                throw one.Get("family").Fault($"one act is looked for only among {string.Join(", ", MergeFamilies)}");
            MergeWindows[family] = TimeSpan.FromMinutes(one.Whole("minutes") is > 0 and var minutes
                ? minutes : throw one.Fault("\"minutes\" is a whole number above 0"));
            one.RefuseOthers();
        }
        foreach (var one in root.List("changes"))
        {
            var entry = one.Get("entry");
            if (!entries.TryAdd(entry.AsText(), entry))
                throw entry.Fault($"\"{entry.AsText()}\" is changed twice");
            if (one.List("sources").Count == 0)
                throw one.Fault("a change names a source");
            changes.Add(entry.AsText(), one);
        }
        root.RefuseOthers();
    }

    /// <summary>E.g. <c>15-2025-09-01</c>.</summary>
    public string Id { get; }

    public NamedWord Name { get; }

    /// <summary>Holds for divisions whose code begins so.</summary>
    public string Division { get; }

    public DateOnly From { get; }

    public DateOnly? Until { get; }

    public string FileName { get; }

    public int UntilLine { get; }

    public DateTimeOffset Start { get; }

    /// <summary>Not included.</summary>
    public DateTimeOffset End { get; }

    /// <summary>False: the province's amounts were not obtained, only the national ranges are known.</summary>
    public bool AmountsObtained { get; private set; }

    public IReadOnlyList<string> Sources { get; }

    public Dictionary<string, TimeSpan> MergeWindows { get; } = new(StringComparer.Ordinal);

    public static Layer? Read(string file, byte[] bytes, List<CatalogueException> faults)
    {
        try
        {
            var root = Located.Read(file, bytes);
            var layer = new Layer(root);
            return Path.GetFileNameWithoutExtension(file) == layer.Id ? layer
                : throw root.Get("division").Fault($"a layer's file is named by its division and first day, {layer.Id}.json");
        }
        catch (CatalogueException fault)
        {
            faults.Add(fault);
            return null;
        }
    }

    /// <summary>The entry with what the layer changes of it; the entry itself where it changes nothing.</summary>
    public Located Over(string id, Located entry) => changes.TryGetValue(id, out var change) ? entry.Under(change, except: "entry") : entry;

    public bool IsOn(string caseId) => switches.GetValueOrDefault(caseId);

    /// <summary>What the layer names must be there.</summary>
    public void Know(IReadOnlyCollection<string> entryIds, IReadOnlyCollection<string> caseIds, List<CatalogueException> faults)
    {
        foreach (var (id, at) in entries)
            if (!entryIds.Contains(id))
                faults.Add(at.Fault($"the edition has no entry \"{id}\""));
        foreach (var (id, at) in cases)
            if (!caseIds.Contains(id))
                faults.Add(at.Fault($"the edition has no case \"{id}\" that is an exception"));
    }

    void ReadAmounts(Located at)
    {
        Told(at);
        AmountsObtained = at.Flag("obtained");
        if (at.Texts("statutes").Count == 0)
            throw at.Fault("amounts name a statute");
        if (AmountsObtained == (at.List("entries").Count == 0))
            throw at.Fault("amounts that were obtained stand under \"entries\"; where none was, there are none");
        foreach (var one in at.List("entries"))
        {
            if (!entries.TryAdd(one.Text("entry"), one.Get("entry")))
                throw one.Fault($"\"{one.Text("entry")}\" stands there twice");
            changes.Add(one.Text("entry"), one);
        }
        at.RefuseOthers();
    }

    void Told(Located at)
    {
        _ = (at.Text("zh"), at.Text("en"), at.Find("uncertain"));
        if (at.List("sources").Count == 0)
            throw at.Fault("a rule names a source");
        foreach (var source in at.List("sources"))
            if (!Sources.Contains(source.AsText()))
                throw source.Fault($"there is no source \"{source.AsText()}\"");
    }
}
