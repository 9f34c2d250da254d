using System.Buffers.Binary;
using System.Text;
using NUnit.Framework;
using Traffic.Reporting.Editions;

namespace Traffic.Tests.Editions;

/// <summary>Leaves out of PostgreSQL's binary format, however it comes in pieces; and their order.</summary>
public sealed class LeafStreamTests
{
    static readonly DateOnly Day = new(2024, 2, 29);

    [Test]
    public async Task Every_row_is_one_line_whatever_pieces_it_comes_in()
    {
        var random = new Random(7);
        var (bytes, expected) = (new MemoryStream(), new List<string>());
        bytes.Write(new byte[19]);
        for (var i = 0; i < 9_000; i++)
        {
            // Some of them longer than a whole piece.
            var counts = new string('c', i % 3_000 == 1_234 ? 1_500_000 : random.Next(300));
            var id = LeafIndex.GuidOf((UInt128)random.NextInt64() << 64 | (UInt128)i);
            Row(bytes, "crash", id, i, counts);
            expected.Add($"crash|{id}|{i}|2024-02-29||confirmed|||152502|||||||||||||{counts}|");
        }
        Number(bytes, (short)-1);

        var lines = new List<string>();
        await LeafStream.Read(new Pieces(bytes.ToArray(), random), EditionModel.FormatName, (line, _, _, day, _) =>
        {
            lines.Add(Encoding.UTF8.GetString(line));
            if (day != Day)
                lines.Add($"{day}");
        }, null, default);

        Assert.That(lines, Is.EqualTo(expected));
    }

    [Test]
    public void Rows_that_end_before_their_end_is_said_are_no_leaves()
    {
        var bytes = new MemoryStream();
        bytes.Write(new byte[19]);
        Row(bytes, "crash", Guid.NewGuid(), 1, "x");

        Assert.That(async () => await LeafStream.Read(new MemoryStream(bytes.ToArray()), EditionModel.FormatName, (_, _, _, _, _) => { }, null, default),
            Throws.InstanceOf<EndOfStreamException>());
    }

    [Test]
    public void The_order_is_by_id_then_late_last_also_where_half_of_the_id_is_alike()
    {
        var collector = new LeafCollector([new DayWindow(Day, Day)]);
        UInt128[] ids = [(UInt128)9 << 64, ((UInt128)5 << 64) + 3, ((UInt128)5 << 64) + 1, ((UInt128)5 << 64) + 2, 7, UInt128.MaxValue];
        foreach (var late in new[] { true, false })
            foreach (var id in ids)
                Add(collector, id, late);

        var sortedLeaves = collector.Sort();
        var (root, index) = (sortedLeaves.RootByPlace(), sortedLeaves.Index());

        var sorted = ids.Order().SelectMany(id => new[] { (id, late: false), (id, late: true) }).ToList();
        Assert.That(Enumerable.Range(0, index.Length / Leaf.IndexBytes).Select(i => LeafIndex.IdAt(index, i)), Is.EqualTo(sorted.Select(one => one.id)));
        var hashes = new byte[sorted.Count * MerkleTree.HashBytes];
        for (var i = 0; i < sorted.Count; i++)
            MerkleTree.Leaf(Line(sorted[i].id, sorted[i].late), hashes.AsSpan(i * MerkleTree.HashBytes, MerkleTree.HashBytes));
        Assert.That(root, Is.EqualTo(MerkleTree.Root(hashes)));
    }

    [Test]
    public void Leaves_joined_to_others_are_in_the_order_of_all_and_alike_by_the_same_groups([Range(1, 20)] int seed)
    {
        var random = new Random(seed);
        var days = new[] { new DayWindow(Day, Day) };
        var ids = Enumerable.Range(0, 50).Select(_ => ((UInt128)(ulong)random.Next(20) << (random.Next(2) * 45 + 64)) + (ulong)random.Next(3)).Distinct().ToList();
        var (then, now) = (ids.ToDictionary(id => id, _ => Some()), ids.ToDictionary(id => id, _ => Some()));
        var changed = ids.Where(_ => random.Next(3) == 0).ToList();
        foreach (var id in ids.Except(changed))
            now[id] = then[id];
        var before = new LeafCollector(days);
        Add(before, then, ids);
        var sorted = before.Sort();
        sorted.Root();
        var after = new LeafCollector(days, sorted.Alike);
        Add(after, now, changed);
        var all = new LeafCollector(days);
        Add(all, now, ids);

        var joined = sorted.With(changed, after.Sort());

        var expected = all.Sort();
        Assert.That(joined.Index(), Is.EqualTo(expected.Index()));
        Assert.That(joined.Root(), Is.EqualTo(expected.Root()));
        Assert.That(LeafIndex.Of(joined, Guid.NewGuid()).Whole(sorted.Index()), Is.EqualTo(expected.Index()));
        Assert.That(joined.Buckets(), Is.EquivalentTo(expected.Buckets()));

        List<(bool Late, int Kind)> Some() => [.. new[] { false, true }.Where(_ => random.Next(2) == 0).Select(late => (late, random.Next(3)))];

        static void Add(LeafCollector to, Dictionary<UInt128, List<(bool Late, int Kind)>> leaves, IEnumerable<UInt128> ids)
        {
            foreach (var id in ids)
                foreach (var (late, kind) in leaves[id])
                {
                    var head = $"{(late ? "late" : "violation")}|{id}|1|||";
                    to.Add(Encoding.UTF8.GetBytes($"{head}confirmed|entry-{kind}|family|152502|day|camera|car||items|6|false|1|confirmed|a|b||"), id, late, Day, head.Length);
                }
        }
    }

    static void Add(LeafCollector collector, UInt128 id, bool late) => collector.Add(Line(id, late), id, late, Day, 0);

    static byte[] Line(UInt128 id, bool late) => Encoding.UTF8.GetBytes($"{(late ? "late-crash" : "crash")}|{id}|1|||||||||||||||||||||");

    static void Row(MemoryStream to, string kind, Guid id, int revision, string counts)
    {
        Number(to, (short)Leaf.Columns.Count);
        foreach (var column in Leaf.Columns)
            switch (column)
            {
                case "kind": Value(to, Encoding.UTF8.GetBytes(kind)); break;
                case "recordId": Value(to, id.ToByteArray(bigEndian: true)); break;
                case "revision": Value(to, Bytes(revision)); break;
                case "day": Value(to, Bytes(Day.DayNumber - new DateOnly(2000, 1, 1).DayNumber)); break;
                case "status": Value(to, "confirmed"u8.ToArray()); break;
                case "division": Value(to, "152502"u8.ToArray()); break;
                case "origin": Value(to, []); break;
                case "counts": Value(to, Encoding.UTF8.GetBytes(counts)); break;
                default: to.Write(Bytes(-1)); break;
            }
    }

    static void Value(MemoryStream to, byte[] value)
    {
        to.Write(Bytes(value.Length));
        to.Write(value);
    }

    static byte[] Bytes(int number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }

    static void Number(MemoryStream to, short number) => to.Write([(byte)(number >> 8), (byte)number]);

    /// <summary>Gives a few bytes at a time, as a connection does.</summary>
    sealed class Pieces(byte[] bytes, Random random) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(buffer.Length, 1 + random.Next(3_000))], cancellationToken);
    }
}
