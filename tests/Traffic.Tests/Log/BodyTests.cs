using System.Text;
using NUnit.Framework;

namespace Traffic.Tests.Log;

/// <summary>Bodies take fewer bytes than they have and are read as they were told; in partitions made later too.</summary>
[Category("Postgres")]
public sealed class BodyTests
{
    [Test]
    public async Task A_body_is_kept_in_fewer_bytes_and_read_as_it_was_told()
    {
        await using var database = await LogDatabase.Create();
        await database.Subscribe("keep-items");
        var items = Enumerable.Range(1_000_000, 5_000).ToArray();
        await database.Append(items);
        await database.MakeMonth("2031-05-01");

        Assert.That(await database.Body(), Is.EqualTo(Encoding.UTF8.GetBytes(string.Concat(items.Select(item => $"{item}\n")))));
        Assert.That(await database.StoredBytes(), Is.LessThan(items.Length * 8 * 3 / 4));
        Assert.That(await database.Bodies(), Has.Count.GreaterThan(4).And.All.EqualTo("lx"), "LZ4, extended");
    }
}
