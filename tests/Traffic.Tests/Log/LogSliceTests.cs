using System.Text;
using NUnit.Framework;
using Traffic.Platform;

namespace Traffic.Tests.Log;

/// <summary>A slice is the owed lines of a body, no more and no less.</summary>
public sealed class LogSliceTests
{
    [TestCase(0, 3, "a\nbb\nccc\n", Description = "the whole body")]
    [TestCase(0, 1, "a\n", Description = "the first item")]
    [TestCase(1, 1, "bb\n", Description = "one in the middle")]
    [TestCase(1, 2, "bb\nccc\n", Description = "up to the end")]
    [TestCase(2, 1, "ccc\n", Description = "the last")]
    public void Holds_the_owed_lines(int first, int items, string lines)
    {
        var slice = DeliveryStore.Slice(7, 100, first, items, default, Encoding.UTF8.GetBytes("a\nbb\nccc\n"), null);

        Assert.That(Encoding.UTF8.GetString(slice.Lines.Span), Is.EqualTo(lines));
    }

    [Test]
    public void Is_read_alike_from_lines_and_from_objects()
    {
        var fromLines = DeliveryStore.Slice(7, 100, 1, 2, default, Encoding.UTF8.GetBytes("1\n2\n3\n"), null);
        var handedOver = DeliveryStore.Slice(7, 100, 1, 2, default, null, new[] { "1", "2", "3" });

        var expected = new[] { (1, "2"), (2, "3") };
        Assert.That(Read(fromLines), Is.EqualTo(expected));
        Assert.That(Read(handedOver), Is.EqualTo(expected));
    }

    static IEnumerable<(int, string)> Read(LogSlice slice) =>
        new LogBatch(null!, null!, [slice], 1).Read(line => Encoding.UTF8.GetString(line.Span)).Select(one => (one.Item, one.Value));

    [Test]
    public void Recent_items_are_bounded_and_the_oldest_go_first()
    {
        var recent = new RecentItems(20);
        recent.AddTaker("test");
        for (var position = 1; position <= 4; position++)
            recent.Keep("test", position, new int[8]);

        Assert.That(recent.Positions(after: 0), Is.EquivalentTo(new[] { 3, 4 }));
        Assert.That(recent.Positions(after: 3), Is.EquivalentTo(new[] { 4 }));
        Assert.That(recent.Find(1), Is.Null);
    }

    [Test]
    public void Recent_items_are_kept_until_all_who_take_them_are_done_and_for_nobody_not_at_all()
    {
        var recent = new RecentItems(20);
        recent.AddTaker("test");
        recent.AddTaker("test");
        recent.Keep("test", 1, new int[8]);
        recent.Keep("other", 2, new int[8]);
        recent.Keep("test", 3, new int[8]);

        Assert.That(recent.Positions(after: 0), Is.EquivalentTo(new[] { 1, 3 }));
        recent.Done(1);
        Assert.That(recent.Find(1), Is.Not.Null, "another needs it still");
        recent.Done(1);
        recent.Done(1);
        Assert.That(recent.Positions(after: 0), Is.EquivalentTo(new[] { 3 }));

        recent.Keep("test", 4, new int[8]);
        Assert.That(recent.Positions(after: 0), Is.EquivalentTo(new[] { 3, 4 }), "what went takes no room");
    }

    [TestCase("RegisterViolations", "register-violations")]
    [TestCase("Announce", "announce")]
    public void A_subscriber_is_named_after_its_class(string name, string subscriber) =>
        Assert.That(Subscriptions.KebabCase(name), Is.EqualTo(subscriber));
}
