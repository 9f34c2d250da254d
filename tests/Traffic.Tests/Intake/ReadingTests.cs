using System.Text;
using System.Text.Json.Nodes;
using NUnit.Framework;
using Traffic.Intake;
using Traffic.Platform;

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

    [TestCase("source", "0", "body.word", Description = "a number for a word")]
    [TestCase("source", "\"camera,roadsideCheck\"", "body.word", Description = "two words for one")]
    [TestCase("source", "\"helicopter\"", "body.word")]
    [TestCase("signals", "[99]", "body.word")]
    [TestCase("ratedPersons", "\"5\"", Description = "a number in quotes")]
    [TestCase("ratedPersons", "5.5")]
    [TestCase("occurredAt", "\"2022-07-08T12:00:00\"", Description = "no offset: whose local time?")]
    [TestCase("occurredAt", "\"2022-07-08\"")]
    [TestCase("occurredAt", "1657285200")]
    [TestCase("recordId", "\"1\"")]
    public void A_value_of_the_wrong_kind_is_refused_by_name(string member, string json, string code = "body.type")
    {
        var fault = Sent.Faults(With(member, json)).Single();
        Assert.That(fault.Code, Is.EqualTo(code));
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
        Assert.That((fault.Member, fault.Code), Is.EqualTo(("", "body.unknown")));
        Assert.That(Sent.Faults(With("a\0b", "1")).Single().Member, Is.Empty);
    }

    [TestCase("{\"source\":\"camera\"} {}", 1, 21, Description = "something follows")]
    [TestCase("{\n\"source\":\"camera\",}", 2, 19, Description = "a comma too many")]
    [TestCase("{\"source\":\"camera\" /* a comment */}", 1, 20)]
    [TestCase("{\"source\":", 1, 11)]
    [TestCase("null", 1, 1)]
    [TestCase("[]", 1, 1)]
    [TestCase("7", 1, 1)]
    [TestCase("", 1, 1)]
    public void What_is_not_one_object_is_refused_and_said_where(string json, long line, long column)
    {
        var fault = Sent.Faults(json).Single();
        Assert.That((fault.Code, fault.Line, fault.Column), Is.EqualTo(("body.unreadable", line, column)));
    }

    [TestCase("{\"measurements\":[[[[[[[[[[]]]]]]]]]]}", "measurements[0] body.type", Description = "too deep")]
    [TestCase("{\"\\ud800\":1}", " body.unknown", Description = "half a surrogate for a name")]
    [TestCase("{\"source\":\"camera\",\"source\":\"camera\"}", "source body.doubled")]
    [TestCase("{\"source\":\"camera\",\"sour\\u0063e\":7}", "source body.doubled", Description = "doubled by an escape")]
    [TestCase("{\"Source\":\"camera\"}", " body.unknown", Description = "other case")]
    public void What_is_no_member_of_ours_is_a_fault_beside_those_of_the_rules(string json, string fault)
    {
        var faults = Sent.Faults(json);
        Assert.That(faults.Select(one => $"{one.Member} {one.Code}"), Does.Contain(fault).And.Contain("recordId intake.recordId.missing"));
    }

    [Test]
    public void Every_fault_is_named_at_once_whatever_its_kind_and_none_that_only_follows_from_another()
    {
        var faults = Sent.Faults("""
            {"recordId": "0a000000-0000-4000-8000-000000000001", "source": "roadsideCheck", "divisionCode": "152502", "plateType": 2,
             "occurredAt": "yesterday", "plate": "EH-1", "road": "国道", "road": "G207", "roadKm": "12",
             "latitude": 91, "WangXiaoer": {"age": 7}, "signals": ["redLight", "helicopter", 3],
             "measurements": [{"quantity": "speed", "value": "96", "unit": "mph", "value": 95}, 7,
              {"quantity": "persons", "value": 400, "unit": "persons", "WangXiaoer": 1}, {"quantity": 1, "value": 5, "unit": "h"}]}
            """);
        Assert.That(faults.Select(fault => $"{fault.Line}:{fault.Column} {fault.Member} {fault.Code}"), Is.EquivalentTo(new[]
        {
            // No fault of the plate: its form hangs on its type. No fault that no offence is named: the signals might have.
            "1:120 plateType body.type",
            "2:16 occurredAt body.type", "2:64 road body.doubled", "2:90 roadKm body.type",
            ": latitude intake.latitude", "3:18  body.unknown",
            "3:68 signals[1] body.word", "3:82 signals[2] body.word",
            "4:50 measurements[0].value body.type", ": measurements[0].unit intake.unit", "4:71 measurements[0].value body.doubled",
            "4:85 measurements[1] body.type",
            ": measurements[2].value intake.value", "5:60 measurements[2] body.unknown",
            "5:91 measurements[3].quantity body.word",
        }));
    }

    [TestCase("zh", "第 2 行第 11 字节处的值不在代码词之列：roadsideCheck, nightInspection, camera。")]
    [TestCase("en", "The value at line 2, byte 11 is none of: roadsideCheck, nightInspection, camera.")]
    public void A_word_that_is_none_is_told_which_there_are(string language, string said)
    {
        var fault = Sent.Faults("{\n\"source\": \"helicopter\"}").Single(one => one.Member == "source");
        Assert.That(Words.Load(typeof(Words).Assembly).Of([fault], language)[0].Message, Is.EqualTo(said));
    }

    /// <summary>A list of the wrong elements, as long as a body may be, and a record whose every byte may be another.</summary>
    [Test]
    public void Whatever_is_sent_is_refused_with_a_fault_and_in_bounded_work()
    {
        var list = With("signals", $"[{string.Join(',', Enumerable.Repeat("1", 2_000_000))}]");
        Assert.That(Sent.Faults(list), Has.Count.EqualTo(50));

        var record = Encoding.UTF8.GetBytes(With("measurements", """[{"quantity":"speed","value":96,"unit":"km/h"},{"quantity":"speedLimit","value":80,"unit":"km/h"}]"""));
        var (door, random) = (Sent.Door(), new Random(12));
        var refused = 0;
        for (var n = 0; n < 20_000; n++)
        {
            byte[] other = [.. record];
            for (var change = random.Next(1, 4); change > 0; change--)
                other[random.Next(other.Length)] = n % 2 == 0 ? (byte)random.Next(256) : record[random.Next(record.Length)];
            if (door.Check(new(other), Sender.Officer).Refusal is not { } refusal)
                continue;
            refused++;
            Assert.That(refusal.Faults, Is.Not.Empty, Encoding.UTF8.GetString(other));
            Assert.That(refusal.Faults.Select(fault => $"{fault.Member} {fault.Code} {fault.Line}:{fault.Column}"), Is.Unique, Encoding.UTF8.GetString(other));
        }
        Assert.That(refused, Is.GreaterThan(10_000));
    }

    [Test]
    public void Of_very_many_faults_fifty_are_told()
    {
        var json = With("note", "7")[..^1] + string.Concat(Enumerable.Range(0, 100_000).Select(i => $",\"m{i}\":1")) + "}";
        Assert.That(Sent.Faults(json), Has.Count.EqualTo(50));
    }

    [Test]
    public void Bytes_that_are_no_text_are_refused()
    {
        byte[] json = [.. "{\"note\":\""u8, 0xC3, 0x28, .. "\"}"u8];
        var item = Sent.Door().Check(new(json), Sender.Officer);
        foreach (var faults in new[] { item.Refusal!.Faults, Sent.Faults("{\"note\":\"\\ud800\"}") })
            Assert.That(faults.Select(fault => (fault.Member, fault.Code)), Does.Contain(("note", "body.type")));
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
        static int Count(string text) => Door.Lines(new(Encoding.UTF8.GetBytes(text)), 1_000).Count;
        Assert.That((Count(""), Count("{}"), Count("{}\n{}\n"), Count("{}\r\n\r\n\n{}")), Is.EqualTo((0, 1, 2, 2)));
    }

    /// <summary>A list of all that are in a body takes many times the body.</summary>
    [TestCase(1_000, 1_000)]
    [TestCase(1_001, 1_001)]
    [TestCase(1_000_000, 1_001)]
    public void Of_too_many_items_one_more_than_may_be_is_read(int sent, int read)
    {
        var lines = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("1\n", sent)));
        var array = Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Repeat("1", sent))}]");
        var allocated = GC.GetAllocatedBytesForCurrentThread();

        Assert.That(Door.Lines(new(lines), 1_000), Has.Count.EqualTo(read));
        Assert.That(Door.ArrayItems(new(array), 1_000), Has.Count.EqualTo(read));
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - allocated, Is.LessThan(1_000_000));
    }
}
