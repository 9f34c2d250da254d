namespace Traffic.Contracts;

/// <summary>One revision of a record's standing: an item of a body in the log <c>register</c>. No personal data.</summary>
public sealed record StandingChanged
{
    /// <summary>The record.</summary>
    public required Guid RecordId { get; init; }

    /// <summary>1 when the record was registered; one more with each change.</summary>
    public required int Revision { get; init; }

    /// <summary>Entry of the catalogue, <c>undecided</c>, or <c>no-law</c> where no law of ours applies.</summary>
    public required string Entry { get; init; }

    /// <summary>Family of offences, e.g. <c>speeding</c>.</summary>
    public required string Family { get; init; }

    /// <summary>Division that answers for the place.</summary>
    public required string DivisionCode { get; init; }

    /// <summary>Calendar day in the division's zone.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>Shift it was found in.</summary>
    public required Shift Shift { get; init; }

    /// <summary>How it came in.</summary>
    public required RecordSource Source { get; init; }

    /// <summary>Class of the vehicle, e.g. <c>car</c>, <c>coach</c>, <c>truck</c>, <c>motorcycle</c>, <c>non-motor</c>, <c>unknown</c>.</summary>
    public required string VehicleClass { get; init; }

    /// <summary>The status it has now.</summary>
    public required StandingStatus Status { get; init; }

    /// <summary>The status it had before; null when it was registered.</summary>
    public StandingStatus? FormerStatus { get; init; }

    /// <summary>The entry it had before, where that changed.</summary>
    public string? FormerEntry { get; init; }

    /// <summary>Name of the import map it came by; null for the detachment's own records.</summary>
    public string? Origin { get; init; }

    /// <summary>Why a person must look, or what made the change, as a stable word, e.g. <c>clock-ahead</c>.</summary>
    public string? Reason { get; init; }

    /// <summary>Day on which the shift began, where that is not <see cref="Day"/>.</summary>
    public DateOnly? ShiftDate { get; init; }

    /// <summary>Items of the campaign, joined by commas; empty for none; null in a line written before they were told.</summary>
    public string? Items { get; init; }

    /// <summary>Tags of the campaign's overlays, joined by commas; null for none.</summary>
    public string? Overlays { get; init; }

    /// <summary>Points it costs; null where none are said.</summary>
    public int? Points { get; init; }

    /// <summary>True where it goes to a criminal unit; null where it does not.</summary>
    public bool? Criminal { get; init; }

    /// <summary>Unit that filed it; null where none is named.</summary>
    public string? UnitCode { get; init; }

    /// <summary>When intake accepted the record; null but when it was registered.</summary>
    public DateTimeOffset? ReceivedAt { get; init; }

    /// <summary>What else it counted for before; null when it was registered.</summary>
    public StandingBefore? Before { get; init; }
}

/// <summary>What a revision of a standing counted for, beside its status: as far as the next one may say otherwise.</summary>
public sealed record StandingBefore
{
    /// <inheritdoc cref="StandingChanged.Entry"/>
    public required string Entry { get; init; }

    /// <inheritdoc cref="StandingChanged.Family"/>
    public required string Family { get; init; }

    /// <inheritdoc cref="StandingChanged.VehicleClass"/>
    public required string VehicleClass { get; init; }

    /// <summary>Items of the campaign, joined by commas; empty for none.</summary>
    public required string Items { get; init; }

    /// <inheritdoc cref="StandingChanged.Overlays"/>
    public string? Overlays { get; init; }

    /// <inheritdoc cref="StandingChanged.Points"/>
    public int? Points { get; init; }

    /// <inheritdoc cref="StandingChanged.Criminal"/>
    public bool? Criminal { get; init; }
}

/// <summary>Announcement to other systems: standings changed. At least once; no personal data.</summary>
public sealed record StandingsChanged
{
    /// <summary>Position of the log row in the stream <c>register</c>; the same for a repeat.</summary>
    public required long Position { get; init; }

    /// <summary>Register sequence of the first change in this message.</summary>
    public required long FirstSequence { get; init; }

    /// <summary>The changes, in the order of their sequence.</summary>
    public required IReadOnlyList<StandingChanged> Changes { get; init; }
}
