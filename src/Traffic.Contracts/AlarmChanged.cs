namespace Traffic.Contracts;

/// <summary>A zero target was broken, or is unbroken again: an item of a body in the log <c>alarm</c>, and an announcement. No personal data.</summary>
public sealed record AlarmChanged
{
    /// <summary>The alarm: the same when it is undone. With <see cref="Change"/> it tells a repeat.</summary>
    public required Guid AlarmId { get; init; }

    /// <summary>Rang or undone.</summary>
    public required AlarmChange Change { get; init; }

    /// <summary>Campaign, by the name of its file.</summary>
    public required string Campaign { get; init; }

    /// <summary>Line of the campaign, e.g. <c>zero.key-vehicles</c>.</summary>
    public required string Line { get; init; }

    /// <summary>Version of the line's definition that judged.</summary>
    public required int Version { get; init; }

    /// <summary>Division whose target it is: that of the record, or one above it.</summary>
    public required string DivisionCode { get; init; }

    /// <summary>What broke it, or mended it: <c>violation</c>, <c>crash</c>, <c>danger</c>, …</summary>
    public required string Kind { get; init; }

    /// <summary>The violation, or the crash, danger, … by its activity id.</summary>
    public required Guid RecordId { get; init; }

    /// <summary>Its revision that did so.</summary>
    public required int Revision { get; init; }

    /// <summary>Day the record counts on.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>What the target stood at when it was looked at; of a rate, whole per cents, rounded up.</summary>
    public required long Value { get; init; }

    /// <summary>When, UTC.</summary>
    public required DateTimeOffset At { get; init; }

    /// <summary>Address of the records the target counted then; null where it counts none.</summary>
    public string? Records { get; init; }
}
