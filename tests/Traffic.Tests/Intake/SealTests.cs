using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using NUnit.Framework;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Tests.Intake;

/// <summary>What is personal is sealed in the log, and one form is compared.</summary>
public sealed class SealTests
{
    [Test]
    public void Nothing_personal_stands_in_the_line()
    {
        var record = Sent.Prepare(Sent.ByOfficer() with
        {
            DriverName = "甲乙丙", DriverPhone = "00000000000", DriverIdNumber = "000000190001010009", Note = "备注",
        });
        var line = Encoding.UTF8.GetString(record.Line);

        foreach (var personal in new[] { "蒙H00001", "甲乙丙", "00000000000", "000000190001010009", "备注", "driverName" })
            Assert.That(line, Does.Not.Contain(personal));
        Assert.That(line, Does.EndWith("}\n"));
    }

    [Test]
    public void The_line_and_its_key_give_the_record_back()
    {
        var record = Sent.Prepare(Sent.ByOfficer());
        var line = JsonDocument.Parse(record.Line).RootElement;

        var members = Seal.OpenMembers(Sent.Seal.Unwrap(record.WrappedKey), line.GetProperty("sealed").GetBytesFromBase64());
        var read = line.Deserialize(TrafficJson.Plain.ReportedViolation)! with { Plate = members.Plate, DriverName = members.DriverName };

        Assert.That(read, Is.EqualTo(record.Record));
    }

    [Test]
    public void No_key_and_no_nonce_comes_twice()
    {
        var keys = new System.Collections.Concurrent.ConcurrentBag<string>();
        var key = new byte[32];
        Parallel.For(0, 10_000, _ =>
        {
            keys.Add(Convert.ToHexString(Seal.NewKey()));
            keys.Add(Convert.ToHexString(Sent.Seal.Wrap(key).AsSpan(0, 12)));
        });
        Assert.That(keys.Distinct().Count(), Is.EqualTo(20_000));
        Assert.That(keys, Has.None.Matches<string>(text => text.Contains("00000000000000", StringComparison.Ordinal)), "a cleared byte handed out");
    }

    [Test]
    public void Another_key_or_a_changed_byte_opens_nothing()
    {
        var record = Sent.Prepare(Sent.ByOfficer());
        Assert.Throws<AuthenticationTagMismatchException>(() => new Seal([.. Enumerable.Repeat((byte)1, 32)]).Unwrap(record.WrappedKey));
        record.WrappedKey[20] ^= 1;
        Assert.Throws<AuthenticationTagMismatchException>(() => Sent.Seal.Unwrap(record.WrappedKey));
    }

    [Test]
    public void The_same_content_has_another_digest_under_another_key_and_is_still_known_as_a_repeat()
    {
        var sent = Sent.ByOfficer();
        var (first, again) = (Sent.Prepare(sent), Sent.Prepare(sent with { OccurredAt = sent.OccurredAt!.Value.ToOffset(TimeSpan.FromHours(8)), Plate = "蒙h·00001" }));

        Assert.That(again.Digest, Is.Not.EqualTo(first.Digest));
        Assert.That(Sent.Canonical.IsRepeat(again, first.Digest, first.WrappedKey));
        Assert.That(Sent.Canonical.IsRepeat(Sent.Prepare(sent with { DriverName = "乙" }), first.Digest, first.WrappedKey), Is.False, "a personal member counts");
        Assert.That(Sent.Canonical.IsRepeat(Sent.Prepare(sent with { RoadKm = 1 }), first.Digest, first.WrappedKey), Is.False);
    }

    [Test]
    public void A_record_that_was_kept_in_the_digits_it_was_sent_in_is_still_known_as_a_repeat()
    {
        var record = Sent.Prepare(Sent.ByOfficer() with { RoadKm = 1.50m });
        var kept = SHA256.HashData([.. Sent.Seal.Unwrap(record.WrappedKey), .. record.AsSent!]);

        Assert.That(Encoding.UTF8.GetString(record.AsSent!), Does.Contain("1.50"));
        Assert.That(Encoding.UTF8.GetString(record.Canonical), Does.Not.Contain("1.50").And.Contain("1.5"));
        Assert.That(kept, Is.Not.EqualTo(record.Digest));
        Assert.That(Sent.Canonical.IsRepeat(record, kept, record.WrappedKey));
    }

    /// <summary>Digests that are stored are compared for ever: this form, and so the order of the contract's members, may not change without a new version.</summary>
    [Test]
    public void The_canonical_form_keeps_the_contracts_order_and_leaves_out_what_is_absent()
    {
        var record = Sent.Prepare(Sent.ByOfficer() with { RecordId = Guid.Parse("00000000-0000-0000-0000-000000000001"), RoadKm = 1.50m });

        Assert.That(record.Canonical[0], Is.EqualTo(1), "version");
        Assert.That(Encoding.UTF8.GetString(record.Canonical.AsSpan(1)), Is.EqualTo(
            """
            {"recordId":"00000000-0000-0000-0000-000000000001","source":"roadsideCheck","occurredAt":"2022-07-08T12:50:00+00:00","divisionCode":"152502","roadKm":1.5,"plateType":"02","vehicleType":"K33","offenceKind":"no-belt"}
            {"plate":"蒙H00001","driverName":"甲"}
            """.ReplaceLineEndings("\n")));
    }
}
