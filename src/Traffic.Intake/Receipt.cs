using System.Text.Json.Serialization;

namespace Traffic.Intake;

/// <summary>What became of one record at the door.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Outcome>))]
public enum Outcome
{
    /// <summary>New: kept for ever from now on.</summary>
    [JsonStringEnumMemberName("accepted")] Accepted,

    /// <summary>The same id and content as before: the first receipt again.</summary>
    [JsonStringEnumMemberName("duplicate")] Duplicate,

    /// <summary>The id is taken by another record, which stays.</summary>
    [JsonStringEnumMemberName("conflict")] Conflict,

    /// <summary>Not as it must be: the faults say why.</summary>
    [JsonStringEnumMemberName("rejected")] Rejected,
}

/// <summary>What the sender may hold us to.</summary>
public sealed record Receipt
{
    /// <summary>The record's identity.</summary>
    public Guid? RecordId { get; init; }

    /// <summary>The feed's own id, as sent.</summary>
    public string? EventId { get; init; }

    /// <summary>What a report beside violations is about: the same for all its revisions.</summary>
    public Guid? ActivityId { get; init; }

    /// <summary>Which revision of it this report is: what the next one replaces.</summary>
    public int? Revision { get; init; }

    /// <summary>Place among all records ever accepted (violations, and all else, each by itself), from 1, without gaps.</summary>
    public long? Sequence { get; init; }

    /// <summary>SHA-256 of the canonical record, salted; hexadecimal.</summary>
    public string? Sha256 { get; init; }

    /// <summary>When it was accepted, UTC.</summary>
    public DateTime? ReceivedAt { get; init; }

    /// <summary>What became of it.</summary>
    public required Outcome Outcome { get; init; }

    /// <summary>Why it was refused; null otherwise.</summary>
    public IReadOnlyList<Fault>? Faults { get; init; }
}

/// <summary>One thing that is wrong with what was sent.</summary>
/// <param name="Member">Path of the member, e.g. <c>measurements[0].unit</c>.</param>
/// <param name="Code">A stable word, e.g. <c>intake.unit</c>.</param>
/// <param name="Message">In the sender's language; not kept.</param>
/// <param name="Line">Line of the item where reading stopped, from 1; null when it could be read. Not kept.</param>
/// <param name="Column">The byte in that line, from 1.</param>
/// <param name="Values">The numbers the message names, e.g. both sums. Not kept.</param>
/// <param name="Words">The words that there are, where another was sent. Not kept.</param>
public sealed record Fault(
    string Member, string Code, string? Message = null, long? Line = null, long? Column = null, IReadOnlyList<long>? Values = null,
    IReadOnlyList<string>? Words = null);
