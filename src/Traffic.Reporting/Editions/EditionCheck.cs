using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Traffic.Reporting.Editions;

/// <summary>What a check of an edition against an export of its records found.</summary>
/// <param name="Digest">Of the edition as it stands in the file: to be set beside the one that was signed.</param>
/// <param name="Record">The first record that does not fit; null where all do, or where it is not a record that does not fit.</param>
/// <param name="Section">The first part of the edition that does not fit, e.g. <c>ledger</c>, <c>figures.divisions[0].confirmed.now</c>; null likewise.</param>
/// <param name="Why">A stable word; null where all fits.</param>
/// <param name="Detail">For a person to read.</param>
public sealed record EditionVerdict(
    bool Ok, string? Edition, string? Digest, long Records, string? Root, string? Record, string? Section, string? Why, string? Detail);

/// <summary>Recomputes an edition from an export of its records, and holds all else to the edition's seal. Needs no server and no database.</summary>
public static class EditionCheck
{
    /// <param name="edition">As given by <c>/api/v1/reports/editions/{id}</c>.</param>
    /// <param name="export">As given by <c>…/records</c>.</param>
    /// <param name="digest">The one that was signed; null where it is not at hand.</param>
    public static EditionVerdict Verify(Stream edition, Stream export, string? digest = null)
    {
        var file = new MemoryStream();
        edition.CopyTo(file);
        try
        {
            var bytes = EditionSeal.Edition(file.ToArray(), out var index, out var seal);
            return Verify(bytes, index, seal, export, digest);
        }
        catch (SectionUnreadableException wrong)
        {
            return Unreadable(wrong.Section, wrong.Message);
        }
        catch (Exception wrong) when (wrong is JsonException or FormatException)
        {
            return Unreadable("seal", wrong.Message);
        }

        static EditionVerdict Unreadable(string? section, string why) => new(false, null, null, 0, null, null, section, "edition-unreadable", why);
    }

    static EditionVerdict Verify(byte[] edition, byte[] index, EditionSeal? seal, Stream export, string? signed)
    {
        var digest = Convert.ToHexStringLower(SHA256.HashData(edition));
        var broken = seal?.Broken(edition);
        EditionModel model;
        try
        {
            model = JsonSerializer.Deserialize<EditionModel>(edition, EditionModel.Json)!;
            if (model.Format is not (EditionModel.FormatName or EditionModel.ThirdFormat or EditionModel.SecondFormat or EditionModel.FirstFormat))
                throw new JsonException($"This is no file of the format {EditionModel.FormatName}.");
            if (seal is null && model.Format != EditionModel.FirstFormat)
                throw new JsonException("The edition was saved without its seal.");
        }
        catch (Exception wrong) when (wrong is JsonException or ArgumentException or FormatException)
        {
            return new EditionVerdict(false, null, digest, 0, null, null, broken ?? "format", "edition-unreadable", wrong.Message);
        }
        if (signed is not null && !signed.Trim().Equals(digest, StringComparison.OrdinalIgnoreCase))
            return new EditionVerdict(false, model.Edition, digest, 0, null, null, broken, "digest", $"What was signed is {signed}; this is {digest}.");
        if (broken is not null && !Recomputed(model.Format).Contains(broken))
            return Broken(model, digest, broken);
        EditionVerdict found;
        try
        {
            found = Check(model, digest, seal?.Digest ?? digest, index, export);
        }
        catch (Exception wrong) when (wrong is FormatException or KeyNotFoundException or ArgumentException or InvalidOperationException)
        {
            found = new EditionVerdict(false, model.Edition, digest, 0, null, null, null, "export-unreadable", wrong.Message);
        }
        // A part that was changed explains all else; where it can be recomputed, the very value is named.
        return broken is null || found.Section?.StartsWith(broken, StringComparison.Ordinal) == true ? found
            : Broken(model, digest, broken);
    }

    /// <summary>Parts that follow from the leaves.</summary>
    static string[] Recomputed(string format) => EditionModel.HasAll(format) ? ["figures", "activity", "targets", "comparison", "findings"] : ["figures"];

    static EditionVerdict Broken(EditionModel model, string digest, string section) =>
        new(false, model.Edition, digest, 0, null, null, section, "section", $"“{section}” is not as it was sealed.");

    /// <param name="sealedDigest">What the export names: the digest as it was sealed, so that a changed part is named by itself.</param>
    static EditionVerdict Check(EditionModel model, string digest, string sealedDigest, byte[] index, Stream export)
    {
        var (lines, i) = (Lines(export), 0);
        foreach (var expected in EditionExport.Head(model, sealedDigest).Split("\r\n", StringSplitOptions.RemoveEmptyEntries))
            if (!lines.MoveNext() || lines.Current != expected)
                return Fails(null, "head", $"The export says “{lines.Current}” where the edition says “{expected}”.");

        var collector = new LeafCollector(model.Windows);
        var hash = new byte[MerkleTree.HashBytes];
        for (; lines.MoveNext(); i++)
        {
            if (Fields(lines.Current, model.Format) is not { } fields || !Guid.TryParseExact(fields[1], "D", out var guid))
                return Fails(i < Leaves(index) ? Named(index, i) : null, "unreadable", $"Line {i + 1} of the records is not as it was exported.");
            var line = Encoding.UTF8.GetBytes(string.Join('|', fields));
            MerkleTree.Leaf(line, hash);
            var id = LeafIndex.IdOf(guid);
            if (Compare(index, i, id, hash) is var (record, why))
                return Fails(record, why, $"Line {i + 1} of the records.");
            Take(collector, line, id, fields);
        }
        if (i < Leaves(index))
            return Fails(Named(index, i), "missing", "The export ends before it.");

        var leaves = collector.Sort();
        var root = Convert.ToHexStringLower(model.Format == EditionModel.FormatName ? leaves.Root() : leaves.RootByPlace());
        if (root != model.Root)
            return Fails(null, "root", $"The records give the root {root}; the edition says {model.Root}.", "root");
        var hasAll = EditionModel.HasAll(model.Format);
        var figures = EditionCounting.Of(model.Frame, leaves.Buckets(), hasAll ? leaves.Activities : null);
        if (FirstDifference(figures, model.Figures, "figures") is var (path, figure))
            return Fails(null, "figure", figure, path);
        if (hasAll && Judged(model, leaves, figures) is var (part, both))
            return Fails(null, "figure", both, part);
        return new EditionVerdict(true, model.Edition, digest, i, root, null, null, null, null);

        EditionVerdict Fails(string? record, string why, string detail, string? section = null) =>
            new(false, model.Edition, digest, i, null, record, section, why, detail);
    }

    /// <summary>What of activity, targets, comparison and findings the leaves do not give.</summary>
    static (string Path, string Both)? Judged(EditionModel model, SortedLeaves leaves, EditionFigures figures)
    {
        // Leaves are in memory: nothing is waited for.
        var judged = EditionJudging.FromLeaves(
            model.Frame, model.Kind == "monthly", model.Definitions, leaves, model.Ledger, figures, model.Targets).GetAwaiter().GetResult();
        return EditionJudging.Difference(judged, new EditionJudgement(model.Activity, model.Targets, model.Comparison, model.Findings));
    }

    static int Leaves(byte[] index) => index.Length / Leaf.IndexBytes;

    static string Named(byte[] index, int i) => LeafIndex.GuidOf(LeafIndex.IdAt(index, i)).ToString();

    /// <summary>The lines of the file, without their ends. What is not UTF-8, or ends otherwise, fits no leaf.</summary>
    static IEnumerator<string> Lines(Stream export)
    {
        using var bytes = new BufferedStream(export, 1 << 16);
        var line = new List<byte>(256);
        for (var next = bytes.ReadByte(); next >= 0; next = bytes.ReadByte())
            if (next == '\n' && line.Count > 0 && line[^1] == '\r')
            {
                yield return Strict.GetString([.. line[..^1]]);
                line.Clear();
            }
            else
                line.Add((byte)next);
        if (line.Count > 0)
            throw new FormatException("The export's last line does not end.");
    }

    static readonly UTF8Encoding Strict = new(false, throwOnInvalidBytes: true);

    /// <summary>The columns of a line; null unless it is, byte for byte, as such columns are exported.</summary>
    static string[]? Fields(string line, string format)
    {
        var fields = new List<string>();
        for (var at = 0; at <= line.Length;)
        {
            var quoted = at < line.Length && line[at] == '"';
            var end = quoted ? line.IndexOf('"', at + 1) : line.IndexOf(',', at);
            if (quoted && end < 0)
                return null;
            var field = line[(quoted ? at + 1 : at)..(end < 0 ? line.Length : end)];
            if (field.Contains('|') || quoted != field.Contains(',') || (!quoted && field.Contains('"')))
                return null;
            fields.Add(field);
            at = (end < 0 ? line.Length : end + (quoted ? 1 : 0)) + 1;
            if (quoted && at <= line.Length && line[at - 1] != ',')
                return null;
        }
        return fields.Count == Leaf.ColumnsOf(format, Late(fields)) ? [.. fields] : null;
    }

    static bool Late(IReadOnlyList<string> fields) => fields[0].StartsWith(Leaf.Late, StringComparison.Ordinal);

    /// <summary>Sets a leaf beside the one the index has in its place. The id is the record that does not fit.</summary>
    static (string Record, string Why)? Compare(byte[] index, int i, UInt128 id, byte[] hash)
    {
        if (i >= Leaves(index))
            return (LeafIndex.GuidOf(id).ToString(), "added");
        var there = LeafIndex.IdAt(index, i);
        if (there == id)
            return index.AsSpan(i * Leaf.IndexBytes + 16, 8).SequenceEqual(hash.AsSpan(0, 8)) ? null : (Named(index, i), "changed");
        // Either one of the edition's is missing here, or this one is not the edition's.
        return id > there ? (Named(index, i), "missing") : (LeafIndex.GuidOf(id).ToString(), "added");
    }

    static void Take(LeafCollector collector, byte[] line, UInt128 id, string[] fields)
    {
        var tailAt = fields.Take(5).Sum(Encoding.UTF8.GetByteCount) + 5;
        collector.Add(line, id, Late(fields), DateOnly.ParseExact(fields[3], "yyyy-MM-dd", CultureInfo.InvariantCulture), tailAt);
    }

    /// <inheritdoc cref="FirstDifference(JsonElement, JsonElement, string)"/>
    internal static (string Path, string Both)? FirstDifference<T>(T recomputed, T stated, string path) => FirstDifference(
        JsonSerializer.SerializeToElement(recomputed, EditionModel.Json), JsonSerializer.SerializeToElement(stated, EditionModel.Json), path);

    /// <summary>The path of the first value that differs, and both values.</summary>
    static (string Path, string Both)? FirstDifference(JsonElement recomputed, JsonElement stated, string path)
    {
        if (recomputed.ValueKind == JsonValueKind.Object && stated.ValueKind == JsonValueKind.Object)
        {
            foreach (var name in recomputed.EnumerateObject().Concat(stated.EnumerateObject()).Select(one => one.Name).Distinct())
                if (!recomputed.TryGetProperty(name, out var mine) || !stated.TryGetProperty(name, out var theirs))
                    return ($"{path}.{name}", $"{path}.{name} is in only one of them.");
                else if (FirstDifference(mine, theirs, $"{path}.{name}") is { } inside)
                    return inside;
            return null;
        }
        if (recomputed.ValueKind == JsonValueKind.Array && stated.ValueKind == JsonValueKind.Array)
        {
            if (recomputed.GetArrayLength() != stated.GetArrayLength())
                return (path, $"{path} has {stated.GetArrayLength()} rows; the records give {recomputed.GetArrayLength()}.");
            return recomputed.EnumerateArray().Zip(stated.EnumerateArray()).Select((pair, i) => FirstDifference(pair.First, pair.Second, $"{path}[{i}]"))
                .FirstOrDefault(inside => inside is not null);
        }
        return recomputed.GetRawText() == stated.GetRawText() ? null
            : (path, $"{path} is stated as {stated.GetRawText()}; the records give {recomputed.GetRawText()}.");
    }
}
