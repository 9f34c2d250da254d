using System.Buffers.Binary;

namespace Traffic.Reporting.Editions;

/// <summary>Leaves in the order of the tree: by record id, those of one id by their kinds. They never change; what is known of their tree grows.</summary>
/// <param name="differing">See <see cref="Differing"/>; null: none.</param>
/// <param name="parts">What is known of their tree; null: nothing.</param>
sealed class SortedLeaves(
    LeafRows rows, AlikeLeaves alike, IReadOnlyList<ActivityLeaf> activities, IReadOnlyList<UInt128>? differing = null, byte[]?[]? parts = null)
{
    byte[]?[]? parts = parts;

    LeafRows Rows => rows;

    public int Count => rows.Count;

    public AlikeLeaves Alike => alike;

    public IReadOnlyList<ActivityLeaf> Activities => activities;

    /// <summary>Ids, in their order, of which they may have other leaves than those they were made of by <see cref="With"/>.</summary>
    public IReadOnlyList<UInt128> Differing => differing ?? [];

    /// <summary>How many are alike.</summary>
    public IReadOnlyList<Bucket> Buckets()
    {
        var counts = new long[alike.Count];
        foreach (var group in rows.Groups)
            if (group != LeafRows.NoGroup)
                counts[group]++;
        return [.. counts.Select((count, group) => (count, group)).Where(one => one.count > 0).Select(one => alike.Bucket(one.group, one.count))];
    }

    /// <summary>The root over all leaves. Whatever is made of them by <see cref="With"/> afterwards has less of its own to hash.</summary>
    public byte[] Root() => LeafTree.Root(rows, parts ??= new byte[LeafTree.Parts][]);

    /// <summary>The root as the three earlier formats have it.</summary>
    public byte[] RootByPlace() => MerkleTree.Root(rows.Hashes);

    /// <summary>Of each leaf, in their order, its record's id and the beginning of its hash.</summary>
    public byte[] Index()
    {
        var index = new byte[Count * Leaf.IndexBytes];
        for (var i = 0; i < Count; i++)
            Write(i, index.AsSpan(i * Leaf.IndexBytes));
        return index;
    }

    /// <summary>Likewise, of the leaves of some records alone.</summary>
    /// <param name="ids">In their order.</param>
    public byte[] Index(IReadOnlyList<UInt128> ids)
    {
        var index = new MemoryStream();
        Span<byte> entry = stackalloc byte[Leaf.IndexBytes];
        foreach (var id in ids)
            for (var i = First(rows.Ids, id); i < Count && rows.Ids[i] == id; i++)
            {
                Write(i, entry);
                index.Write(entry);
            }
        return index.ToArray();
    }

    void Write(int i, Span<byte> entry)
    {
        BinaryPrimitives.WriteUInt128BigEndian(entry, rows.Ids[i]);
        rows.Hash(i)[..8].CopyTo(entry[16..]);
    }

    /// <summary>The same with other leaves of some records.</summary>
    /// <param name="changed">Whatever leaves these records have here are gone …</param>
    /// <param name="now">… and these are added. Alike by the same groups.</param>
    public SortedLeaves With(IEnumerable<UInt128> changed, SortedLeaves now)
    {
        if (now.Alike != alike)
            throw new ArgumentException("These leaves are alike by other groups.", nameof(now));
        var gone = changed.ToHashSet();
        var ids = gone.Concat(now.Rows.Ids.ToArray()).Distinct().Order().ToList();
        if (ids.Count == 0)
            return this;
        var joined = new LeafRows(Count + now.Count);
        var touched = new List<UInt128>();
        var (mine, theirs) = (0, 0);
        foreach (var id in ids)
        {
            var before = mine + First(rows.Ids[mine..], id);
            joined.Add(rows, mine, before);
            mine = before;
            if ((mine < Count && rows.Ids[mine] == id) || (theirs < now.Count && now.Rows.Ids[theirs] == id))
                touched.Add(id);
            for (; gone.Contains(id) && mine < Count && rows.Ids[mine] == id; mine++)
            {
            }
            for (; theirs < now.Count && now.Rows.Ids[theirs] == id; theirs++)
            {
                for (; mine < Count && rows.Ids[mine] == id && rows.Places[mine] < now.Rows.Places[theirs]; mine++)
                    joined.Add(rows, mine, mine + 1);
                joined.Add(now.Rows, theirs, theirs + 1);
            }
        }
        joined.Add(rows, mine, Count);
        return new SortedLeaves(joined, alike, [.. activities, .. now.Activities], [.. Differing.Concat(touched).Distinct().Order()], Known(touched));
    }

    /// <summary>What is still known of the tree where leaves of some records are others.</summary>
    byte[]?[]? Known(List<UInt128> changed)
    {
        if (parts is null)
            return null;
        byte[]?[] known = [.. parts];
        foreach (var id in changed)
            known[LeafTree.Part(id)] = null;
        return known;
    }

    /// <summary>How many ids come before one.</summary>
    static int First(ReadOnlySpan<UInt128> ids, UInt128 id)
    {
        var (from, to) = (0, ids.Length);
        while (from < to)
        {
            var middle = (from + to) / 2;
            if (ids[middle] < id)
                from = middle + 1;
            else
                to = middle;
        }
        return from;
    }
}
