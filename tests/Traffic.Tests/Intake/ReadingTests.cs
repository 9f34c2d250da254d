using System.Text.Json.Nodes;
using NUnit.Framework;
using Traffic.Intake;

namespace Traffic.Tests.Intake;

/// <summary>JSON is read strictly: what is not understood is refused, and said where.</summary>
public sealed class ReadingTests
{
    static string With(string member, string json)
    {
        var sent = JsonNode.Parse(Sent.Json(Sent.ByOfficer()))!.AsObject();
        sent[member] = JsonNode.Parse(json);
        return sent.ToJsonString();
    }

    [Test]
    public void A_whole_record_is_read() => Assert.That(Sent.Faults(Sent.Json(Sent.ByOfficer())), Is.Empty);

    [TestCase("source", "0", Description = "a number for a word")]
    [TestCase("source", "\"camera,roadsideCheck\"", Description = "two words for one")]
    [TestCase("source", "\"helicopter\"")]
    [TestCase("signals", "[99]")]
    [TestCase("ratedPersons", "\"5\"", Description = "a number in quotes")]
    [TestCase("ratedPersons", "5.5")]
    [TestCase("occurredAt", "\"2022-07-08T12:00:00\"", Description = "no offset: whose local time?")]
    [TestCase("occurredAt", "\"2022-07-08\"")]
    [TestCase("occurredAt", "1657285200")]
    [TestCase("recordId", "\"1\"")]
    public void A_value_of_the_wrong_kind_is_refused_by_name(string member, string json)
    {
        var fault = Sent.Faults(With(member, json)).Single();
        Assert.That(fault.Code, Is.EqualTo("intake.unreadable"));
        Assert.That(fault.Member, Does.StartWith(member));
        Assert.That(fault.Line, Is.EqualTo(1));
    }

    [TestCase("\"2022-07-08T20:50:00+08:00\"")]
    [TestCase("\"2022-07-08T12:50:00Z\"")]
    [TestCase("\"2022-07-08T11:50:00.123456-01:00\"")]
    public void Any_offset_will_do(string json) => Assert.That(Sent.Faults(With("occurredAt", json)), Is.Empty);

    [Test]
    public void A_member_that_is_not_ours_is_refused_and_its_name_is_not_kept()
    {
        var fault = Sent.Faults(With("WangXiaoer", "1")).Single();
        Assert.That((fault.Member, fault.Code), Is.EqualTo(("", "intake.unreadable")));
        Assert.That(Sent.Faults(With("a\0b", "1")).Single().Member, Is.Empty);
    }

    [TestCase("{\"source\":\"camera\",\"source\":\"camera\"}", Description = "doubled member")]
    [TestCase("{\"Source\":\"camera\"}", Description = "other case")]
    [TestCase("{\"source\":\"camera\"} {}", Description = "something follows")]
    [TestCase("{\"source\":\"camera\",}", Description = "a comma too many")]
    [TestCase("{\"source\":\"camera\" /* a comment */}")]
    [TestCase("{\"source\":")]
    [TestCase("null")]
    [TestCase("[]")]
    [TestCase("7")]
    [TestCase("")]
    [TestCase("{\"measurements\":[[[[[[[[[[]]]]]]]]]]}", Description = "too deep")]
    public void What_is_not_one_object_of_our_members_is_refused(string json) =>
        Assert.That(Sent.Faults(json).Single().Code, Is.EqualTo("intake.unreadable"));

    [Test]
    public void Bytes_that_are_no_text_are_refused()
    {
        byte[] json = [.. "{\"note\":\""u8, 0xC3, 0x28, .. "\"}"u8];
        var item = Sent.Door().Check(new(json), Sender.Officer);
        Assert.That(item.Refusal!.Faults.Single().Code, Is.EqualTo("intake.unreadable"));
        Assert.That(Sent.Faults("{\"note\":\"\\ud800\"}").Single().Code, Is.EqualTo("intake.unreadable"));
    }

    [Test]
    public void A_null_among_measurements_is_a_fault_and_no_crash() =>
        Assert.That(Sent.Faults(With("measurements", "[null]")).Select(fault => fault.Code), Is.Not.Empty);

    [Test]
    public void An_event_names_the_same_record_each_time_and_each_feed_its_own()
    {
        Assert.That(Door.FeedRecordId("a", "1"), Is.EqualTo(Door.FeedRecordId("a", "1")));
        Assert.That(Door.FeedRecordId("a", "1"), Is.Not.EqualTo(Door.FeedRecordId("b", "1")));
        Assert.That(Door.FeedRecordId("a", "1").Version, Is.EqualTo(8));
        Assert.That(Door.FeedRecordId("a", "1"), Is.EqualTo(Guid.Parse("50c44946-964a-8659-8f9d-40772593b5fc")), "for ever: keys are stored by it");
    }

    [Test]
    public void A_line_ends_where_it_ends()
    {
        static int Count(string text) => Door.Lines(new(System.Text.Encoding.UTF8.GetBytes(text))).Count;
        Assert.That((Count(""), Count("{}"), Count("{}\n{}\n"), Count("{}\r\n\r\n\n{}")), Is.EqualTo((0, 1, 2, 2)));
    }
}
