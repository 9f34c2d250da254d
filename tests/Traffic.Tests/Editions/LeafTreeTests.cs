using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using NUnit.Framework;
using Traffic.Reporting.Editions;

namespace Traffic.Tests.Editions;

/// <summary>The tree over an edition's leaves against its definition in <c>schemas/editions</c>, said once more with text.</summary>
public sealed class LeafTreeTests
{
    static readonly DateOnly Day = new(2022, 7, 8);

    [Test]
    public void The_root_is_that_of_the_definition_also_where_ids_are_alike_for_long([Range(1, 30)] int seed)
    {
        var random = new Random(seed);
        var ids = Enumerable.Range(0, random.Next(1, 40)).Select(_ => (UInt128)random.Next(3) << random.Next(127) | (UInt128)random.Next(3) << random.Next(127)).ToHashSet();
        string[] kinds = ["crash", "session", "visit", "late-crash", "late-visit"];
        var lines = ids.SelectMany(id => kinds.Take(random.Next(1, 6)).Select(kind => Line(kind, id))).ToList();

        Assert.That(Sorted(lines.OrderBy(_ => random.Next())).Root(), Is.EqualTo(ByDefinition(lines)));
    }

    [Test]
    public void A_great_tree_on_several_threads_has_the_root_of_the_definition()
    {
        var random = new Random(1);
        var lines = Enumerable.Range(0, 120_001).Select(_ => Line("crash", (UInt128)random.NextInt64() << 65 | (UInt128)random.NextInt64())).ToList();

        Assert.That(Sorted(lines).Root(), Is.EqualTo(ByDefinition(lines)));
    }

    [Test]
    public void Ids_that_are_alike_at_their_beginning_are_one_great_part_whose_root_stays_right_when_asked_again()
    {
        var random = new Random(2);
        UInt128 Id() => (UInt128)0x0192 << 112 | (UInt128)random.NextInt64() << 40 | (UInt128)random.Next(1000);
        var lines = Enumerable.Range(0, 120_001).Select(_ => Line("crash", Id())).Append(Line("crash", 7)).ToList();
        var sorted = Sorted(lines);

        Assert.That(sorted.Root(), Is.EqualTo(ByDefinition(lines)));
        Assert.That(sorted.Root(), Is.EqualTo(ByDefinition(lines)), "asked again");
        var come = new LeafCollector([], sorted.Alike);
        foreach (var line in new[] { Line("session", Id()), Line("visit", 9), Line("visit", 7) })
        {
            lines.Add(line);
            Add(come, line);
        }
        Assert.That(sorted.With([], come.Sort()).Root(), Is.EqualTo(ByDefinition(lines)), "others came, one of an id that is there");
    }

    [Test]
    public void Without_a_leaf_it_is_the_hash_of_nothing() =>
        Assert.That(new LeafCollector([]).Sort().Root(), Is.EqualTo(SHA256.HashData([])));

    [Test]
    public void The_leaf_format_on_file_is_ours_with_its_example()
    {
        var file = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Root, "schemas/editions/leaf.json")))!;
        var columns = Leaf.Columns.Count;

        Assert.That((string)file["format"]!, Is.EqualTo(EditionModel.FormatName));
        Assert.That(file["columns"]!.AsArray().Select(column => (string)column!), Is.EqualTo(Leaf.Columns));
        var (now, earlier) = (file["example"]!, file["earlier"]!["example"]!);
        var lines = Lines(now);
        Assert.That(Convert.ToHexStringLower(Sorted(lines).Root()), Is.EqualTo((string)now["root"]!));
        Assert.That(Convert.ToHexStringLower(ByDefinition(lines)), Is.EqualTo((string)now["root"]!));
        Assert.That((string)file["earlier"]!["tree"]!, Does.Contain(Convert.ToHexStringLower(Sorted(lines).RootByPlace())));
        Holds(now, [columns, columns, columns, columns, columns, columns]);
        Holds(earlier, [Leaf.ColumnsOf(EditionModel.SecondFormat, late: false), 16, Leaf.ColumnsOf(EditionModel.FirstFormat, late: true)]);
        Assert.That(Convert.ToHexStringLower(MerkleTree.Root([.. Lines(earlier).SelectMany(Hash)])), Is.EqualTo((string)earlier["root"]!));

        static List<string> Lines(JsonNode example) => [.. example["leaves"]!.AsArray().Select(leaf => (string)leaf!)];

        static void Holds(JsonNode example, int[] columns)
        {
            Assert.That(Lines(example).Select(line => line.Split('|').Length), Is.EqualTo(columns));
            Assert.That(Lines(example).Select(line => Convert.ToHexStringLower(Hash(line))), Is.EqualTo(example["leafHashes"]!.AsArray().Select(hash => (string)hash!)));
        }
    }

    static SortedLeaves Sorted(IEnumerable<string> lines)
    {
        var collector = new LeafCollector([]);
        foreach (var line in lines)
            Add(collector, line);
        return collector.Sort();
    }

    static void Add(LeafCollector collector, string line) => collector.Add(
        Encoding.UTF8.GetBytes(line), LeafIndex.IdOf(Guid.Parse(line.Split('|')[1])), Leaf.IsLate(Encoding.UTF8.GetBytes(line)), Day, line.IndexOf("|||", StringComparison.Ordinal) + 3);

    static string Line(string kind, UInt128 id) => $"{kind}|{LeafIndex.GuidOf(id)}|1|||||||||||||||||||||";

    static byte[] Hash(string line) => SHA256.HashData([0, .. Encoding.UTF8.GetBytes(line)]);

    static byte[] ByDefinition(IEnumerable<string> lines) => Node([.. lines.Select(line => (Bits(line), Hash(line)))
        .Zip(lines, (leaf, line) => (leaf.Item1, leaf.Item2, Kind: line.Split('|')[0]))
        .OrderBy(leaf => leaf.Item1, StringComparer.Ordinal).ThenBy(leaf => leaf.Kind.StartsWith("late", StringComparison.Ordinal)).ThenBy(leaf => leaf.Kind, StringComparer.Ordinal)
        .Select(leaf => (leaf.Item1, leaf.Item2))]);

    static string Bits(string line) => string.Concat(line.Split('|')[1].Replace("-", "", StringComparison.Ordinal).Select(digit => Convert.ToString(Convert.ToInt32($"{digit}", 16), 2).PadLeft(4, '0')));

    static byte[] Node(List<(string Bits, byte[] Hash)> leaves)
    {
        if (leaves.Count == 1)
            return leaves[0].Hash;
        var (first, last) = (leaves[0].Bits, leaves[^1].Bits);
        var at = Enumerable.Range(0, 128).FirstOrDefault(i => first[i] != last[i], -1);
        var (left, right) = at < 0 ? (leaves[..1], leaves[1..]) : (leaves.FindAll(leaf => leaf.Bits[at] == '0'), leaves.FindAll(leaf => leaf.Bits[at] == '1'));
        return SHA256.HashData([1, .. Node(left), .. Node(right)]);
    }
}
