using System.Text.Json.Serialization;

namespace Traffic.Contracts;

/// <summary>What a person decided about a record: an item of a body in the log <c>casework</c>.</summary>
public sealed record PersonDecided
{
    /// <summary>Chosen by the caller, so that sending the same decision twice is harmless.</summary>
    public required Guid DecisionId { get; init; }

    /// <summary>The record it is about.</summary>
    public required Guid RecordId { get; init; }

    /// <summary>The revision the person saw. An older one applies if the entry is unchanged since and nobody decided the contrary; a void always applies.</summary>
    public required int Revision { get; init; }

    /// <summary>What was decided.</summary>
    public required DecisionAction Action { get; init; }

    /// <summary>Entry of the catalogue, for <see cref="DecisionAction.Resolve"/> only.</summary>
    public string? Entry { get; init; }

    /// <summary>What was measured later, e.g. the blood value; for <see cref="DecisionAction.Measure"/> only.</summary>
    public Measurement? Measurement { get; init; }

    /// <summary>The entry the person saw at <see cref="Revision"/>.</summary>
    public required string SeenEntry { get; init; }

    /// <summary>Account or officer number of the person.</summary>
    public required string DecidedBy { get; init; }

    /// <summary>Why, in the person's words: without personal data.</summary>
    public required string Reason { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset DecidedAt { get; init; }
}

/// <summary>What a person can decide about a record.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DecisionAction>))]
public enum DecisionAction
{
    /// <summary>The violation stands.</summary>
    [JsonStringEnumMemberName("confirm")] Confirm,

    /// <summary>There is no violation.</summary>
    [JsonStringEnumMemberName("reject")] Reject,

    /// <summary>The record is withdrawn; it stays readable.</summary>
    [JsonStringEnumMemberName("void")] Void,

    /// <summary>A person names the entry that the classifier could not decide; the record then stands.</summary>
    [JsonStringEnumMemberName("resolve")] Resolve,

    /// <summary>A later measurement, e.g. a blood value: the law decides anew with it.</summary>
    [JsonStringEnumMemberName("measure")] Measure,
}
