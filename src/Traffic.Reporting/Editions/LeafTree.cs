using System.Security.Cryptography;

namespace Traffic.Reporting.Editions;

/// <summary>
/// The tree over the leaves of an edition, by the ids of their records: a node parts its leaves by the first bit in which their ids differ
/// (see <c>schemas/editions</c>). A leaf that comes, goes or changes changes the nodes above it and no others. Leaves and nodes are hashed
/// as in a <see cref="MerkleTree"/>.
/// </summary>
static class LeafTree
{
    /// <summary>So many parts, by the first bits of the id, may have hashes that are known from before.</summary>
    public const int Parts = 1 << PartBits;

    const int PartBits = 16;

    /// <summary>A right side of so many leaves is given to another thread.</summary>
    const int WorthAThread = 25_000;

    /// <summary>In which part a record's leaves lie.</summary>
    public static int Part(UInt128 id) => (int)(id >> (128 - PartBits));

    /// <summary>The root over leaves in their order. Of none: SHA-256 of nothing.</summary>
    /// <param name="parts">Hashes of parts of these very leaves, as far as they are known; the others are put there.</param>
    public static byte[] Root(LeafRows leaves, byte[]?[] parts)
    {
        if (leaves.Count == 0)
            return SHA256.HashData([]);
        var root = new byte[MerkleTree.HashBytes];
        // One hasher for all nodes of a thread: making one takes longer than a node.
        using var hasher = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Node(leaves, 0, leaves.Count, parts, root, hasher);
        return root;
    }

    /// <param name="parts">Null within one of them.</param>
    static void Node(LeafRows leaves, int from, int to, byte[]?[]? parts, Span<byte> hash, IncrementalHash hasher)
    {
        if (to - from == 1)
        {
            leaves.Hash(from).CopyTo(hash);
            return;
        }
        var part = parts is not null && Part(leaves.Ids[from]) is var first && first == Part(leaves.Ids[to - 1]) ? first : -1;
        if (part >= 0 && parts![part] is { } known)
        {
            known.CopyTo(hash);
            return;
        }
        var (middle, within) = (Middle(leaves.Ids, from, to), part < 0 ? parts : null);
        Span<byte> both = stackalloc byte[2 * MerkleTree.HashBytes];
        var right = to - middle < WorthAThread ? null : Task.Run(() => OnItsOwn(leaves, middle, to, within));
        Node(leaves, from, middle, within, both[..MerkleTree.HashBytes], hasher);
        if (right is null)
            Node(leaves, middle, to, within, both[MerkleTree.HashBytes..], hasher);
        else
            right.GetAwaiter().GetResult().CopyTo(both[MerkleTree.HashBytes..]);
        Join(both, hash, hasher);
        if (part >= 0)
            parts![part] = hash.ToArray();
    }

    static byte[] OnItsOwn(LeafRows leaves, int from, int to, byte[]?[]? parts)
    {
        var hash = new byte[MerkleTree.HashBytes];
        using var hasher = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Node(leaves, from, to, parts, hash, hasher);
        return hash;
    }

    static void Join(ReadOnlySpan<byte> both, Span<byte> hash, IncrementalHash hasher)
    {
        hasher.AppendData([1]);
        hasher.AppendData(both);
        hasher.GetHashAndReset(hash);
    }

    /// <summary>Where the right side begins: with the first id that has the bit in which the first and the last differ first. Of leaves of one record the first is the left side.</summary>
    static int Middle(ReadOnlySpan<UInt128> ids, int from, int to)
    {
        var differing = ids[from] ^ ids[to - 1];
        if (differing == 0)
            return from + 1;
        var bit = UInt128.One << (127 - (int)UInt128.LeadingZeroCount(differing));
        for (to--; from < to;)
            if (((from + to) / 2) is var middle && (ids[middle] & bit) == 0)
                from = middle + 1;
            else
                to = middle;
        return from;
    }
}
