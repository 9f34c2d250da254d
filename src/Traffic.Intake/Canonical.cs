using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Intake;

/// <summary>A checked record, ready to be committed: everything that needs no database is done.</summary>
/// <param name="recordId">Unique for ever.</param>
/// <param name="eventId">The feed's own id; null for an officer's.</param>
/// <param name="line">Its line in the log body, with the line feed; personal members sealed.</param>
/// <param name="canonical">What the digest is of: version, public members, personal members.</param>
/// <param name="digest">SHA-256 of the record's key and <paramref name="canonical"/>.</param>
/// <param name="wrappedKey">The record's key under the master key.</param>
/// <param name="asSent">The same with the digits that numbers were sent in, of which digests were taken before; null where they are plain.</param>
abstract class Prepared(Guid recordId, string? eventId, byte[] line, byte[] canonical, byte[] digest, byte[] wrappedKey, byte[]? asSent)
{
    public Guid RecordId => recordId;

    public string? EventId => eventId;

    public byte[] Line => line;

    public byte[] Canonical => canonical;

    public byte[] Digest => digest;

    public byte[] WrappedKey => wrappedKey;

    public byte[]? AsSent => asSent;
}

/// <summary>A violation, ready.</summary>
/// <param name="record">In the clear, to be handed over to subscribers in this process.</param>
sealed class PreparedViolation(ReportedViolation record, byte[] line, byte[] canonical, byte[] digest, byte[] wrappedKey, byte[]? asSent)
    : Prepared(record.RecordId, record.EventId, line, canonical, digest, wrappedKey, asSent)
{
    public ReportedViolation Record => record;
}

/// <summary>A report about something else that is counted, ready.</summary>
sealed class PreparedActivity(ReportedActivity report, byte[] line, byte[] canonical, byte[] digest, byte[] wrappedKey, byte[]? asSent)
    : Prepared(report.RecordId, report.EventId, line, canonical, digest, wrappedKey, asSent)
{
    public ReportedActivity Report => report;
}

/// <summary>
/// The one form of a record that digests are taken of: members in the contract's order, absent ones omitted, so that a new
/// optional member never turns a repeat into a conflict. (The generated writer has this order at a third of the cost of sorting.)
/// </summary>
sealed class Canonical(Seal seal)
{
    /// <summary>Changes when the form does; old digests are then compared in the old form.</summary>
    const byte Version = 1;

    [ThreadStatic] static ArrayBufferWriter<byte>? buffer;
    [ThreadStatic] static Utf8JsonWriter? jsonWriter;
    [ThreadStatic] static IncrementalHash? hash;

    public PreparedViolation Prepare(ReportedViolation sent)
    {
        var record = PlainNumbers.Of(sent);
        var asSent = ReferenceEquals(record, sent) ? null : Of(sent, out _);
        var canonical = Of(record, out var publicLength);
        var key = Seal.NewKey();
        var members = canonical.AsSpan(1 + publicLength + 1);
        return new PreparedViolation(record, Line(canonical.AsSpan(1, publicLength), key, members), canonical, Digest(key, canonical), seal.Wrap(key), asSent);
    }

    public PreparedActivity Prepare(ReportedActivity sent)
    {
        var report = PlainNumbers.Of(sent);
        var asSent = ReferenceEquals(report, sent) ? null : Of(sent, out _);
        var canonical = Of(report, out var publicLength);
        var key = Seal.NewKey();
        var members = canonical.AsSpan(1 + publicLength + 1);
        return new PreparedActivity(report, Line(canonical.AsSpan(1, publicLength), key, members), canonical, Digest(key, canonical), seal.Wrap(key), asSent);
    }

    /// <summary>True when a line of the log, without its line feed, is what a receipt was given for.</summary>
    /// <param name="key">The record's, unwrapped.</param>
    /// <exception cref="CryptographicException">What is sealed in it was sealed with another key, or changed since.</exception>
    public static bool IsWhatWasReceived(ReadOnlySpan<byte> line, ReadOnlySpan<byte> key, ReadOnlySpan<byte> storedDigest, out byte[] members)
    {
        var at = line.LastIndexOf(Before);
        members = at < 0 ? [(byte)'{', (byte)'}']
            : Seal.OpenJson(key, Convert.FromBase64String(Encoding.ASCII.GetString(line[(at + Before.Length)..^"\"}".Length])));
        ReadOnlySpan<byte> open = at < 0 ? line : [.. line[..at], (byte)'}'];
        return Digest(key, [Version, .. open, (byte)'\n', .. members]).AsSpan().SequenceEqual(storedDigest);
    }

    /// <summary>True when a record says the same as the one that was stored with this key and digest.</summary>
    public bool IsRepeat(Prepared record, ReadOnlySpan<byte> storedDigest, ReadOnlySpan<byte> storedWrappedKey)
    {
        var key = seal.Unwrap(storedWrappedKey);
        return Digest(key, record.Canonical).AsSpan().SequenceEqual(storedDigest)
            || (record.AsSent is { } asSent && Digest(key, asSent).AsSpan().SequenceEqual(storedDigest));
    }

    static byte[] Of(ReportedActivity report, out int publicLength) => Of(
        report with { Plate = null, DriverIdNumber = null, DriverName = null, Note = null }, TrafficJson.Default.ReportedActivity,
        new SealedMembers { Plate = report.Plate, DriverIdNumber = report.DriverIdNumber, DriverName = report.DriverName, Note = report.Note },
        out publicLength);

    static byte[] Of(ReportedViolation record, out int publicLength) => Of(
        record with { Plate = null, DriverIdNumber = null, DriverName = null, DriverPhone = null, Note = null }, TrafficJson.Default.ReportedViolation,
        new SealedMembers
        {
            Plate = record.Plate, DriverIdNumber = record.DriverIdNumber, DriverName = record.DriverName,
            DriverPhone = record.DriverPhone, Note = record.Note,
        },
        out publicLength);

    static byte[] Of<T>(T publicMembers, JsonTypeInfo<T> type, SealedMembers personal, out int publicLength)
    {
        var writer = buffer ??= new ArrayBufferWriter<byte>(2_048);
        writer.ResetWrittenCount();
        writer.Write([Version]);
        var json = jsonWriter ??= new Utf8JsonWriter(writer, WriterOptions);
        json.Reset();
        JsonSerializer.Serialize(json, publicMembers, type);
        json.Flush();
        publicLength = writer.WrittenCount - 1;
        writer.Write("\n"u8);
        json.Reset();
        JsonSerializer.Serialize(json, personal, TrafficJson.Default.SealedMembers);
        json.Flush();
        return writer.WrittenSpan.ToArray();
    }

    static readonly JsonWriterOptions WriterOptions = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    static byte[] Digest(ReadOnlySpan<byte> key, ReadOnlySpan<byte> canonical)
    {
        var sha = hash ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(key);
        sha.AppendData(canonical);
        return sha.GetHashAndReset();
    }

    /// <summary>The public members with <c>sealed</c> put in before the closing brace; nothing is sealed where nothing is personal.</summary>
    static byte[] Line(ReadOnlySpan<byte> publicJson, ReadOnlySpan<byte> key, ReadOnlySpan<byte> members)
    {
        if (members.Length <= 2)
        {
            var plain = new byte[publicJson.Length + 1];
            publicJson.CopyTo(plain);
            plain[^1] = (byte)'\n';
            return plain;
        }

        var text = Seal.SealMembers(key, members);
        var line = new byte[publicJson.Length - 1 + Before.Length + text.Length + After.Length];
        publicJson[..^1].CopyTo(line);
        Before.CopyTo(line.AsSpan(publicJson.Length - 1));
        Encoding.ASCII.GetBytes(text, line.AsSpan(publicJson.Length - 1 + Before.Length));
        After.CopyTo(line.AsSpan(line.Length - After.Length));
        return line;
    }

    static ReadOnlySpan<byte> Before => ",\"sealed\":\""u8;
    static ReadOnlySpan<byte> After => "\"}\n"u8;
}
