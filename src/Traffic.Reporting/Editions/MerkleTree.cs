using System.Security.Cryptography;

namespace Traffic.Reporting.Editions;

/// <summary>The tree of RFC 6962, section 2.1: a leaf's hash begins with a zero byte, a node's with a one, so that neither can pass for the other.</summary>
static class MerkleTree
{
    public const int HashBytes = SHA256.HashSizeInBytes;

    /// <summary>From so many leaves on a subtree is given to another thread.</summary>
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
        Node(leafHashes, leafHashes.Length / HashBytes, root);
        return root;
    }

    static void Node(ReadOnlyMemory<byte> leaves, int count, Span<byte> hash)
    {
        if (count == 1)
        {
            leaves.Span[..HashBytes].CopyTo(hash);
            return;
        }
        // The left side has the greatest power of two that leaves something for the right one.
        var left = 1 << (31 - int.LeadingZeroCount(count - 1));
        Span<byte> input = stackalloc byte[1 + 2 * HashBytes];
        input[0] = 1;
        if (count >= WorthAThread)
        {
            var other = Task.Run(() =>
            {
                var right = new byte[HashBytes];
                Node(leaves[(left * HashBytes)..], count - left, right);
                return right;
            });
            Node(leaves, left, input.Slice(1, HashBytes));
            other.GetAwaiter().GetResult().CopyTo(input[(1 + HashBytes)..]);
        }
        else
        {
            Node(leaves, left, input.Slice(1, HashBytes));
            Node(leaves[(left * HashBytes)..], count - left, input[(1 + HashBytes)..]);
        }
        SHA256.HashData(input, hash);
    }
}
