using System.Security.Cryptography;

namespace Traffic.Reporting.Editions;

/// <summary>
/// The tree of RFC 6962, section 2.1, over leaves by their place: a leaf's hash begins with a zero byte, a node's with a one, so that neither
/// can pass for the other. Of an export's rows, and of the leaves of editions in the three earlier formats.
/// </summary>
static class MerkleTree
{
    public const int HashBytes = SHA256.HashSizeInBytes;

    /// <summary>SHA-256 of a zero byte and the leaf.</summary>
    public static void Leaf(ReadOnlySpan<byte> leaf, Span<byte> hash)
    {
        Span<byte> input = leaf.Length < 512 ? stackalloc byte[leaf.Length + 1] : new byte[leaf.Length + 1];
        input[0] = 0;
        leaf.CopyTo(input[1..]);
        SHA256.HashData(input, hash);
    }

    /// <summary>The root over hashes of leaves, which lie one behind the other. Of none: SHA-256 of nothing.</summary>
    public static byte[] Root(ReadOnlySpan<byte> leafHashes)
    {
        var count = leafHashes.Length / HashBytes;
        if (count == 0)
            return SHA256.HashData([]);
        if (count == 1)
            return leafHashes.ToArray();
        // The left side has the greatest power of two that leaves something for the right one.
        var left = (1 << (31 - int.LeadingZeroCount(count - 1))) * HashBytes;
        return SHA256.HashData([1, .. Root(leafHashes[..left]), .. Root(leafHashes[left..])]);
    }
}
