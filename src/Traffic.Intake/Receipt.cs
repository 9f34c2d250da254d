using System.Text.Json.Serialization;
using Traffic.Platform;

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
