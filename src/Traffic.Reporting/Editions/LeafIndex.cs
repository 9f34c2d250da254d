using System.Buffers.Binary;

namespace Traffic.Reporting.Editions;

/// <summary>The index of an edition as it is stored: 24 bytes a leaf, in the order of the tree; where most of it was stored before, what differs.</summary>
/// <param name="Entries">All of them; with a base those of the records that differ.</param>
/// <param name="Base">The index stored before.</param>
/// <param name="Without">16 bytes a record, in their order: of these the base's entries are not of this index.</param>
sealed record LeafIndex(byte[] Entries, Guid? Base = null, byte[]? Without = null)
{
    const int IdBytes = 16;

    /// <summary>What is to be stored of leaves of which the most was stored before.</summary>
    public static LeafIndex Of(SortedLeaves leaves, Guid stored)
    {
        var without = new byte[leaves.Differing.Count * IdBytes];
        for (var i = 0; i < leaves.Differing.Count; i++)
            BinaryPrimitives.WriteUInt128BigEndian(without.AsSpan(i * IdBytes), leaves.Differing[i]);
        return new LeafIndex(leaves.Index(leaves.Differing), stored, without);
    }

    /// <summary>The whole index.</summary>
    /// <param name="stored">The base's entries; null where there is none.</param>
    public byte[] Whole(byte[]? stored)
    {
        if (stored is null || Without is null)
            return Entries;
        var whole = new MemoryStream(stored.Length + Entries.Length);
        var (from, mine) = (0, 0);
        for (var i = 0; i < Without.Length; i += IdBytes)
        {
            var id = Without.AsSpan(i, IdBytes);
            Copy(stored, ref from, to: First(stored, from, id));
            while (from < stored.Length && stored.AsSpan(from, IdBytes).SequenceEqual(id))
                from += Leaf.IndexBytes;
            while (mine < Entries.Length && Entries.AsSpan(mine, IdBytes).SequenceEqual(id))
                Copy(Entries, ref mine, mine + Leaf.IndexBytes);
        }
        Copy(stored, ref from, stored.Length);
        return whole.ToArray();

        void Copy(byte[] entries, ref int from, int to)
        {
            whole.Write(entries, from, to - from);
            from = to;
        }
    }

    /// <summary>Where the first entry stands whose id is not before one.</summary>
    static int First(byte[] entries, int from, ReadOnlySpan<byte> id)
    {
        var (low, high) = (from / Leaf.IndexBytes, entries.Length / Leaf.IndexBytes);
        while (low < high)
            if (((low + high) / 2) is var middle && entries.AsSpan(middle * Leaf.IndexBytes, IdBytes).SequenceCompareTo(id) < 0)
                low = middle + 1;
            else
                high = middle;
        return low * Leaf.IndexBytes;
    }

    public static UInt128 IdAt(ReadOnlySpan<byte> index, int i) => BinaryPrimitives.ReadUInt128BigEndian(index[(i * Leaf.IndexBytes)..]);

    public static UInt128 IdOf(Guid id)
    {
        Span<byte> bytes = stackalloc byte[IdBytes];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    public static Guid GuidOf(UInt128 id)
    {
        Span<byte> bytes = stackalloc byte[IdBytes];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, id);
        return new Guid(bytes, bigEndian: true);
    }

    /// <summary>Ids of which the one whole index has other leaves than the other, in their order.</summary>
    public static List<Guid> Different(byte[] one, byte[] other)
    {
        var different = new List<Guid>();
        var (i, j, last) = (0, 0, (UInt128?)null);
        while (i < one.Length || j < other.Length)
        {
            var left = i < one.Length ? one.AsSpan(i, Leaf.IndexBytes) : default;
            var right = j < other.Length ? other.AsSpan(j, Leaf.IndexBytes) : default;
            var order = left.IsEmpty ? 1 : right.IsEmpty ? -1 : left[..IdBytes].SequenceCompareTo(right[..IdBytes]);
            if (order != 0 || !left.SequenceEqual(right))
                Note(IdAt(order <= 0 ? left : right, 0));
            i += order <= 0 ? Leaf.IndexBytes : 0;
            j += order >= 0 ? Leaf.IndexBytes : 0;
        }
        return different;

        void Note(UInt128 id)
        {
            if (id != last)
                different.Add(GuidOf(id));
            last = id;
        }
    }
}
