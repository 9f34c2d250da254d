using System.Buffers;
using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Traffic.Platform;

namespace Traffic.Intake;

/// <summary>One item of a request, checked: ready to be committed, or refused with all its faults; both where only a new record is refused for them.</summary>
sealed class CheckedItem(PreparedViolation? record, Refusal? refusal)
{
    public PreparedViolation? Record => record;

    public Refusal? Refusal => refusal;
}

/// <summary>Reads and checks what comes in; needs no database.</summary>
sealed class Door(Canonical canonical, Divisions divisions, ImportMaps maps, TimeProvider clock)
{
    /// <summary>Rules that look at other members than the one they name, and at which: they say nothing where one of those could not be read.</summary>
    internal static readonly FrozenDictionary<string, string[]> AlsoReads = new Dictionary<string, string[]>
    {
        ["intake.plate"] = ["plateType"],
        ["intake.measuredAt"] = ["occurredAt"],
        ["intake.offence.missing"] = ["offenceCode", "offenceKind", "signals", "measurements"],
        ["intake.subject"] = ["supersedes"],
        ["intake.session.name"] = ["name"],
        ["intake.session.officerIds"] = ["officers"],
        ["intake.session.vehicles.sum"] = ["posts"],
        ["intake.session.persons.sum"] = ["posts"],
        ["intake.session.violations.sum"] = ["posts"],
        ["intake.void.second"] = ["decidedBy"],
    }.ToFrozenDictionary();

    /// <summary>Rules that a record may break by the time it is sent again, or that it was not asked when it was taken: what was taken stays taken.</summary>
    static readonly FrozenSet<string> OnlyOfNew = FrozenSet.Create("intake.occurredAt.old", "intake.measuredAt", "intake.stopId", "intake.sessionId");

    readonly ConcurrentDictionary<(bool, string?, string?), NewViolationValidator> validators = new();

    /// <summary>The sender of a feed; null if it names an import map that does not exist.</summary>
    public Sender? Feed(string feedId) => ImportMaps.OriginOf(feedId) is not { } origin
        ? new Sender(feedId, null, null)
        : maps.Find(origin) is { } map ? new Sender(feedId, origin, map.PlateRule) : null;

    /// <summary>Reads one item and names every fault at once.</summary>
    public CheckedItem Check(ReadOnlySequence<byte> json, Sender sender)
    {
        // Feeds of one kind share their rules; officers have theirs.
        var validator = validators.GetOrAdd(
            (sender.IsFeed, sender.Origin, sender.PlateRule), _ => new NewViolationValidator(clock, divisions, sender));
        if (JsonBody.One<NewViolation>(json, IntakeJson.Strict.NewViolation) is not { } sent)
        {
            var (unread, rest) = MemberByMember.Read<NewViolation>(json, IntakeJson.Strict.NewViolation);
            return rest is null ? Refused(null, unread) : Refused(sender, rest, [.. unread, .. MemberByMember.Beside(unread, Faults(validator, rest), AlsoReads)]);
        }
        if (validator.Holds(sent))
            return new CheckedItem(Prepare(sender, sent), null);
        var refused = Refused(sender, sent, [.. Faults(validator, sent)]);
        return refused.Refusal!.Faults.All(fault => OnlyOfNew.Contains(fault.Code)) ? new CheckedItem(Prepare(sender, sent), refused.Refusal) : refused;
    }

    PreparedViolation Prepare(Sender sender, NewViolation sent) => canonical.Prepare(
        sent.AsReported(sender.IsFeed ? FeedRecordId(sender.FeedId!, sent.EventId!) : sent.RecordId!.Value, sender.FeedId));

    static IEnumerable<Fault> Faults(NewViolationValidator validator, NewViolation sent) =>
        validator.Validate(sent).Errors.Select(fault => new Fault(MemberPath(fault.PropertyName), fault.ErrorCode));

    static CheckedItem Refused(Sender sender, NewViolation sent, IReadOnlyList<Fault> faults) =>
        Refused(sender.IsFeed ? sent.EventId : sent.RecordId?.ToString(), faults);

    static CheckedItem Refused(string? sentAs, IReadOnlyList<Fault> faults) =>
        new(null, new Refusal(sentAs is { Length: <= 200 } && PlainText.IsText(sentAs) ? sentAs : null, faults));

    /// <summary>UUID version 8 from the first 16 bytes of SHA-256("feed\n" feed "\n" event): every resend names the same record.</summary>
    internal static Guid FeedRecordId(string feedId, string eventId)
    {
        var text = $"feed\n{feedId}\n{eventId}";
        var most = Encoding.UTF8.GetMaxByteCount(text.Length);
        Span<byte> bytes = most <= 1024 ? stackalloc byte[most] : new byte[most];
        bytes = bytes[..Encoding.UTF8.GetBytes(text, bytes)];
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(bytes, hash);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash[..16], bigEndian: true);
    }

    internal static string MemberPath(string property) => string.Join('.', property.Split('.').Select(JsonNamingPolicy.CamelCase.ConvertName));

    /// <summary>The items of a JSON array, each as its own bytes; of too many one more than <paramref name="most"/>, and the rest is not looked at.</summary>
    /// <exception cref="JsonException">The whole is not an array of JSON values.</exception>
    public static List<ReadOnlySequence<byte>> ArrayItems(ReadOnlySequence<byte> body, int most)
    {
        var items = new List<ReadOnlySequence<byte>>();
        var reader = new Utf8JsonReader(body);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException("Not an array.");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = reader.TokenStartIndex;
            reader.Skip();
            items.Add(body.Slice(start, reader.BytesConsumed - start));
            if (items.Count > most)
                return items;
        }
        return reader.Read() ? throw new JsonException("Something follows the array.") : items;
    }

    /// <summary>The lines of NDJSON, without empty ones; of too many one more than <paramref name="most"/>.</summary>
    public static List<ReadOnlySequence<byte>> Lines(ReadOnlySequence<byte> body, int most)
    {
        var lines = new List<ReadOnlySequence<byte>>();
        while (!body.IsEmpty && lines.Count <= most)
        {
            var end = body.PositionOf((byte)'\n');
            var line = end is { } at ? body.Slice(0, at) : body;
            body = end is { } from ? body.Slice(body.GetPosition(1, from)) : default;
            if (line.Length > 0 && !IsBlank(line))
                lines.Add(line);
        }
        return lines;
    }

    static bool IsBlank(ReadOnlySequence<byte> line) => line.Length == 1 && line.FirstSpan[0] == '\r';
}
