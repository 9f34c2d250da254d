using System.Text.Json;

namespace Traffic.Platform;

/// <summary>A place that answers for what happens in it.</summary>
/// <param name="Code">GB/T 2260 code, or the foreign tree's own.</param>
/// <param name="Parent">Code of the division it is part of; null for a root.</param>
/// <param name="Zh">Name in Chinese.</param>
/// <param name="En">Name in English.</param>
public sealed record Division(string Code, string? Parent, string Zh, string En);

/// <summary>Local hours at which the shifts begin, half-open: the first minute belongs to the shift that begins.</summary>
public sealed record ShiftHours(TimeOnly DayFrom, TimeOnly NightFrom);

/// <summary>
/// Every division tree: ours from <c>schemas/divisions</c>, and one for each import map that declares its own.
/// An origin is an import map's name; null means ours.
/// </summary>
public sealed class Divisions
{
    /// <summary>Used for trees that name no hours of their own; see <c>schemas/divisions/cn-1525.json</c>.</summary>
    static readonly Seasons UsualHours = Seasons.AllYear(new(new TimeOnly(6, 0), new TimeOnly(20, 0)));

    readonly Dictionary<string, Tree> foreign = new(StringComparer.Ordinal);
    readonly Tree ours;

    /// <summary>Reads <c>divisions/*.json</c> and the <c>divisionTree</c> of <c>imports/*.json</c>.</summary>
    /// <exception cref="InvalidDataException">A file is malformed; the message names it and says why.</exception>
    public Divisions(SchemaFiles files)
    {
        var own = files.Json("divisions").Select(file => Read(file, root => new Tree(root, file))).ToList();
        if (own.Count == 0)
            throw new InvalidDataException($"There is no division tree in {files.PathOf("divisions")}.");
        ours = own.Aggregate((one, other) => one.With(other));
        foreach (var file in files.Json("imports"))
            Read(file, root =>
            {
                if (root.TryGetProperty("divisionTree", out var tree) && tree.ValueKind == JsonValueKind.Object)
                    foreign[root.GetProperty("name").GetString()!] = new Tree(tree, file);
                return true;
            });
    }

    /// <summary>The division with this code, or null if the origin's tree has none.</summary>
    public Division? Find(string? origin, string code) => TreeOf(origin).ByCode.GetValueOrDefault(code);

    /// <summary>The zone in which the division's days begin.</summary>
    public TimeZoneInfo Zone(string? origin, string code) =>
        TreeOf(origin) is var tree && tree.ByCode.ContainsKey(code) ? tree.Zone : ours.Zone;

    /// <summary>When the division's shifts begin, local time, by season.</summary>
    public Seasons Hours(string? origin, string code) =>
        TreeOf(origin) is var tree && tree.ByCode.ContainsKey(code) ? tree.Hours : ours.Hours;

    /// <summary>The code itself and those of all divisions under it, in the order of the file; only itself if unknown.</summary>
    public IReadOnlyList<string> WithDescendants(string code, string? origin = null)
    {
        var tree = TreeOf(origin);
        List<string> codes = [code];
        for (var i = 0; i < codes.Count; i++)
            codes.AddRange(tree.ByCode.Values.Where(one => one.Parent == codes[i]).Select(one => one.Code));
        return codes;
    }

    /// <summary>The divisions of our tree that are part of no other.</summary>
    public IReadOnlyList<Division> Roots => [.. ours.ByCode.Values.Where(one => one.Parent is null)];

    /// <summary>Every division of an origin's tree, in the order of the file.</summary>
    public IReadOnlyList<Division> All(string? origin = null) => [.. TreeOf(origin).ByCode.Values];

    /// <summary>An import map without a tree of its own files its records under ours.</summary>
    Tree TreeOf(string? origin) => origin is not null && foreign.TryGetValue(origin, out var tree) ? tree : ours;

    static T Read<T>(string file, Func<JsonElement, T> read)
    {
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllText(file));
            return read(document.RootElement);
        }
        catch (Exception fault) when (
            fault is JsonException or KeyNotFoundException or InvalidOperationException or FormatException
                or TimeZoneNotFoundException)
        {
            throw new InvalidDataException($"{file}: {fault.Message}", fault);
        }
    }

    sealed class Tree
    {
        public Tree(JsonElement tree, string file)
        {
            Zone = TimeZoneInfo.FindSystemTimeZoneById(tree.GetProperty("zone").GetString()!);
            if (string.IsNullOrWhiteSpace(tree.GetProperty("source").GetString()))
                throw new InvalidDataException($"{file}: the division tree names no source.");
            Hours = tree.TryGetProperty("shifts", out var shifts) ? Seasons.Read(shifts, file, File.ReadAllText(file)) : UsualHours;
            foreach (var item in tree.GetProperty("divisions").EnumerateArray())
            {
                var one = new Division(
                    item.GetProperty("code").GetString()!, item.GetProperty("parent").GetString(),
                    item.GetProperty("zh").GetString()!, item.GetProperty("en").GetString()!);
                if (!ByCode.TryAdd(one.Code, one))
                    throw new InvalidDataException($"{file}: division {one.Code} stands there twice.");
            }
            foreach (var one in ByCode.Values)
                if (one.Parent is { } parent && !ByCode.ContainsKey(parent))
                    throw new InvalidDataException($"{file}: division {one.Code} is part of {parent}, which is not there.");
        }

        Tree(Tree one, Tree other)
        {
            (Zone, Hours) = (one.Zone, one.Hours);
            foreach (var division in one.ByCode.Values.Concat(other.ByCode.Values))
                ByCode.Add(division.Code, division);
        }

        public TimeZoneInfo Zone { get; }

        public Seasons Hours { get; }

        public Dictionary<string, Division> ByCode { get; } = new(StringComparer.Ordinal);

        public Tree With(Tree other) => new(this, other);
    }
}
