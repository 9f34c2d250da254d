using System.Buffers.Binary;

namespace Traffic.Reporting.Editions;

/// <summary>Leaves in the order of the tree: by record id, a counted record before the same one as late. Never changed.</summary>
sealed class SortedLeaves(LeafRows rows, AlikeLeaves alike, IReadOnlyList<ActivityLeaf> activities)
{
    LeafRows Rows => rows;

    public int Count => rows.Count;

    public AlikeLeaves Alike => alike;

    public IReadOnlyList<ActivityLeaf> Activities => activities;

    /// <summary>How many are alike.</summary>
    public IReadOnlyList<Bucket> Buckets()
    {
        var counts = new long[alike.Count];
        foreach (var group in rows.Groups)
            if (group != LeafRows.NoGroup)
                counts[group]++;
        return [.. counts.Select((count, group) => (count, group)).Where(one => one.count > 0).Select(one => alike.Bucket(one.group, one.count))];
    }

    /// <summary>The root over all leaves.</summary>
    public byte[] Root() => MerkleTree.Root(rows.Hashes);

    /// <summary>Of each leaf, in their order, its record's id and the beginning of its hash.</summary>
    public byte[] Index()
    {
        var index = new byte[Count * Leaf.IndexBytes];
        var ids = rows.Ids;
        var hashes = rows.Hashes.Span;
        for (var i = 0; i < Count; i++)
        {
            BinaryPrimitives.WriteUInt128BigEndian(index.AsSpan(i * Leaf.IndexBytes), ids[i]);
            hashes.Slice(i * MerkleTree.HashBytes, 8).CopyTo(index.AsSpan(i * Leaf.IndexBytes + 16));
        }
        return index;
    }

    /// <summary>The same with other leaves of some records.</summary>
    /// <param name="changed">Whatever leaves these records have here are gone …</param>
    /// <param name="now">… and these take their place. Alike by the same groups.</param>
    public SortedLeaves With(IEnumerable<UInt128> changed, SortedLeaves now)
    {
        if (now.Alike != alike)
            throw new ArgumentException("These leaves are alike by other groups.", nameof(now));
        var ids = changed.Concat(now.Rows.Ids.ToArray()).Distinct().Order().ToList();
        if (ids.Count == 0)
            return this;
        var joined = new LeafRows(Count + now.Count);
        var (mine, theirs) = (0, 0);
        foreach (var id in ids)
        {
            var before = mine + First(rows.Ids[mine..], id);
            joined.Add(rows, mine, before);
            mine = before;
            while (mine < Count && rows.Ids[mine] == id)
                mine++;
            var from = theirs;
            while (theirs < now.Count && now.Rows.Ids[theirs] == id)
                theirs++;
            joined.Add(now.Rows, from, theirs);
        }
        joined.Add(rows, mine, Count);
        return new SortedLeaves(joined, alike, [.. activities, .. now.Activities]);
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
