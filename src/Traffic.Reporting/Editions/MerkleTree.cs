using System.Security.Cryptography;

namespace Traffic.Reporting.Editions;

/// <summary>The tree of RFC 6962, section 2.1: a leaf's hash begins with a zero byte, a node's with a one, so that neither can pass for the other.</summary>
static class MerkleTree
{
    public const int HashBytes = SHA256.HashSizeInBytes;

    /// <summary>From so many leaves on a side is given to another thread.</summary>
    const int WorthAThread = 50_000;

    /// <summary>SHA-256 of a zero byte and the leaf.</summary>
    public static void Leaf(ReadOnlySpan<byte> leaf, Span<byte> hash)
    {
        Span<byte> input = leaf.Length < 512 ? stackalloc byte[leaf.Length + 1] : new byte[leaf.Length + 1];
        input[0] = 0;
        leaf.CopyTo(input[1..]);
        SHA256.HashData(input, hash);
    }

    /// <summary>The root over hashes of leaves, which lie one behind the other. Of none: SHA-256 of nothing.</summary>
    public static byte[] Root(ReadOnlyMemory<byte> leafHashes)
    {
        if (leafHashes.Length == 0)
            return SHA256.HashData([]);
        var root = new byte[HashBytes];
        Tree(leafHashes, leafHashes.Length / HashBytes, root);
        return root;
    }

    /// <summary>A great tree, its right side on another thread.</summary>
    static void Tree(ReadOnlyMemory<byte> leaves, int count, Span<byte> hash)
    {
        // One hasher for all nodes of a side: making one takes longer than a node.
        using var hasher = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        if (count < WorthAThread)
        {
            Node(leaves.Span, count, hash, hasher);
            return;
        }
        var left = Left(count);
        var right = new byte[HashBytes];
        var other = Task.Run(() => Tree(leaves[(left * HashBytes)..], count - left, right));
        Span<byte> node = stackalloc byte[1 + 2 * HashBytes];
        node[0] = 1;
        Tree(leaves[..(left * HashBytes)], left, node.Slice(1, HashBytes));
        other.GetAwaiter().GetResult();
        right.CopyTo(node[(1 + HashBytes)..]);
        hasher.AppendData(node);
        hasher.GetHashAndReset(hash);
    }

    static void Node(ReadOnlySpan<byte> leaves, int count, Span<byte> hash, IncrementalHash hasher)
    {
        if (count == 1)
        {
            leaves[..HashBytes].CopyTo(hash);
            return;
        }
        var left = Left(count);
        Span<byte> node = stackalloc byte[1 + 2 * HashBytes];
        node[0] = 1;
        Node(leaves, left, node.Slice(1, HashBytes), hasher);
        Node(leaves[(left * HashBytes)..], count - left, node[(1 + HashBytes)..], hasher);
        hasher.AppendData(node);
        hasher.GetHashAndReset(hash);
    }

    /// <summary>The left side has the greatest power of two that leaves something for the right one.</summary>
    static int Left(int count) => 1 << (31 - int.LeadingZeroCount(count - 1));
}
