using NUnit.Framework;
using Traffic.Reporting.Editions;

namespace Traffic.Tests.Editions;

/// <summary>The tree against the definition of RFC 6962, section 2.1, and its well-known examples.</summary>
public sealed class MerkleTreeTests
{
    // The inputs and roots that the transparency projects publish for this hash.
    static readonly string[] Inputs = ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

    [TestCase(0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")]
    [TestCase(1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d")]
    [TestCase(2, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125")]
    [TestCase(3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77")]
    [TestCase(7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c")]
    [TestCase(8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")]
    public void The_root_of_the_published_examples(int leaves, string root) =>
        Assert.That(Convert.ToHexStringLower(MerkleTree.Root(Hashes(Inputs.Take(leaves).Select(Convert.FromHexString)))), Is.EqualTo(root));

    [Test]
    public void A_leaf_never_passes_for_a_node()
    {
        var two = Hashes([[1], [2]]);
        var asLeaf = new byte[32];
        MerkleTree.Leaf(two, asLeaf);

        Assert.That(MerkleTree.Root(asLeaf), Is.Not.EqualTo(MerkleTree.Root(two)));
    }

    static byte[] Hashes(IEnumerable<byte[]> leaves)
    {
        var all = new MemoryStream();
        foreach (var leaf in leaves)
        {
            var hash = new byte[32];
            MerkleTree.Leaf(leaf, hash);
            all.Write(hash);
        }
        return all.ToArray();
    }
}
