namespace Traffic.Reporting.Editions;

/// <summary>Takes leaves one by one, in any order; keeps of each its id and hash, and with which others it is alike.</summary>
/// <param name="windows">At most eight.</param>
/// <param name="alike">Of the leaves to which these are to be joined; null where they stand for themselves.</param>
sealed class LeafCollector(IReadOnlyList<DayWindow> windows, AlikeLeaves? alike = null)
{
    readonly AlikeLeaves alike = alike ?? new();
    readonly LeafRows rows = new(1024);
    readonly List<ActivityLeaf> activities = [];

    /// <param name="line">The leaf.</param>
    /// <param name="id">The record's id, as its 32 digits are read.</param>
    /// <param name="day">The calendar day it counts for.</param>
    /// <param name="tailAt">Where in the line the columns from <c>status</c> on begin.</param>
    public void Add(ReadOnlySpan<byte> line, UInt128 id, bool isLate, DateOnly day, int tailAt)
    {
        var (group, kind) = (LeafRows.NoGroup, isLate ? Leaf.Late : Leaf.Counted);
        if (line.StartsWith("violation|"u8) || line.StartsWith("late|"u8))
            group = alike.GroupOf(isLate, Mask(day), line[tailAt..]);
        else
        {
            activities.Add(ActivityLeaf.Parse(line));
            kind = isLate ? $"{Leaf.Late}-{activities[^1].Kind}" : activities[^1].Kind;
        }
        MerkleTree.Leaf(line, rows.Add(id, Leaf.Place(kind), group));
    }

    int Mask(DateOnly day)
    {
        var mask = 0;
        for (var i = 0; i < windows.Count; i++)
            if (windows[i].Contains(day))
                mask |= 1 << i;
        return mask;
    }

    /// <summary>All that were taken, in the order of the tree.</summary>
    public SortedLeaves Sort()
    {
        var order = new int[rows.Count];
        var keys = new ulong[rows.Count];
        for (var i = 0; i < rows.Count; i++)
            (order[i], keys[i]) = (i, (ulong)(rows.Ids[i] >> 64));
        // By the first half of the id, which is fast; where that is alike, by all of it, and leaves of one id by their kinds.
        Array.Sort(keys, order);
        for (var i = 0; i + 1 < order.Length; i++)
            if (keys[i] == keys[i + 1])
            {
                var end = i + 2;
                while (end < order.Length && keys[end] == keys[i])
                    end++;
                order.AsSpan(i, end - i).Sort((one, other) => (rows.Ids[one], rows.Places[one]).CompareTo((rows.Ids[other], rows.Places[other])));
                i = end - 1;
            }
        var sorted = new LeafRows(rows.Count);
        foreach (var i in order)
            sorted.Add(rows, i, i + 1);
        return new SortedLeaves(sorted, alike, activities);
    }
}

/// <summary>Which leaves are alike in everything but id, revision and days, and in which windows they lie: each such group has a number.</summary>
sealed class AlikeLeaves
{
    readonly Dictionary<byte[], int> groups = new(BytesComparer.Instance);
    readonly List<byte[]> keys = [];

    public int Count => keys.Count;

    public int GroupOf(bool late, int windows, ReadOnlySpan<byte> tail)
    {
        Span<byte> key = tail.Length < 512 ? stackalloc byte[tail.Length + 2] : new byte[tail.Length + 2];
        key[0] = late ? (byte)1 : (byte)0;
        key[1] = (byte)windows;
        tail.CopyTo(key[2..]);
        var lookup = groups.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (lookup.TryGetValue(key, out var group))
            return group;
        keys.Add(key.ToArray());
        groups.Add(keys[^1], keys.Count - 1);
        return keys.Count - 1;
    }

    public Bucket Bucket(int group, long count) =>
        Editions.Bucket.Parse(keys[group][0] == 1, keys[group][1], keys[group].AsSpan(2), count);
}

/// <summary>What is kept of leaves, one beside the other: 53 bytes each.</summary>
sealed class LeafRows(int room)
{
    /// <summary>Of a crash, danger, …: they are added up one by one.</summary>
    public const int NoGroup = -1;

    UInt128[] ids = new UInt128[room];
    byte[] places = new byte[room];
    byte[] hashes = new byte[room * MerkleTree.HashBytes];
    int[] groups = new int[room];

    public int Count { get; private set; }

    public ReadOnlySpan<UInt128> Ids => ids.AsSpan(0, Count);

    /// <summary>Among the leaves of one id: <see cref="Leaf.Place"/>.</summary>
    public ReadOnlySpan<byte> Places => places.AsSpan(0, Count);

    public ReadOnlySpan<int> Groups => groups.AsSpan(0, Count);

    public ReadOnlySpan<byte> Hashes => hashes.AsSpan(0, Count * MerkleTree.HashBytes);

    public ReadOnlySpan<byte> Hash(int i) => hashes.AsSpan(i * MerkleTree.HashBytes, MerkleTree.HashBytes);

    /// <returns>Where its hash is to be written.</returns>
    public Span<byte> Add(UInt128 id, byte place, int group)
    {
        Room(1);
        (ids[Count], places[Count], groups[Count]) = (id, place, group);
        return hashes.AsSpan(Count++ * MerkleTree.HashBytes, MerkleTree.HashBytes);
    }

    /// <summary>Appends those of others from one place up to another.</summary>
    public void Add(LeafRows others, int from, int to)
    {
        Room(to - from);
        others.ids.AsSpan(from..to).CopyTo(ids.AsSpan(Count));
        others.places.AsSpan(from..to).CopyTo(places.AsSpan(Count));
        others.groups.AsSpan(from..to).CopyTo(groups.AsSpan(Count));
        others.hashes.AsSpan(from * MerkleTree.HashBytes, (to - from) * MerkleTree.HashBytes).CopyTo(hashes.AsSpan(Count * MerkleTree.HashBytes));
        Count += to - from;
    }

    void Room(int more)
    {
        if (Count + more <= ids.Length)
            return;
        var length = Math.Max(Count + more, 2 * ids.Length);
        Array.Resize(ref ids, length);
        Array.Resize(ref places, length);
        Array.Resize(ref groups, length);
        Array.Resize(ref hashes, length * MerkleTree.HashBytes);
    }
}
