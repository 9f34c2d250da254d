namespace Traffic.Contracts;

/// <summary>One revision of a crash, a danger, … as registered: an item of a body in the log <c>register</c>. No personal data.</summary>
/// <remarks>A row of that log holds either these or <see cref="StandingChanged"/>; these begin with <c>activityId</c>.</remarks>
public sealed record ActivityChanged
{
    /// <summary>What it is about.</summary>
    public required Guid ActivityId { get; init; }

    /// <summary>1 for the first report.</summary>
    public required int Revision { get; init; }

    /// <summary>The report.</summary>
    public required Guid RecordId { get; init; }

    /// <summary>Crash, danger, …</summary>
    public required ActivityKind Kind { get; init; }

    /// <summary>Confirmed or voided.</summary>
    public required StandingStatus Status { get; init; }

    /// <summary>True where a later revision was registered before: this one never held.</summary>
    public required bool Late { get; init; }

    /// <summary>Division that answers for it.</summary>
    public required string DivisionCode { get; init; }

    /// <summary>Calendar day in the division's zone.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>Name of the import map it came by; null for the detachment's own.</summary>
    public string? Origin { get; init; }

    /// <summary>What this revision counts for; it replaces what the one before counted for.</summary>
    public required IReadOnlyList<ActivityCount> Counts { get; init; }
}

/// <summary>A share of one cell.</summary>
public sealed record ActivityCount
{
    /// <summary>Cube of <c>schemas/targets/cubes.json</c>.</summary>
    public required string Cube { get; init; }

    /// <summary>Day it counts on.</summary>
    public required DateOnly Day { get; init; }

    /// <summary>Values of the cube's dimensions in their declared order, joined by <c>|</c>.</summary>
    public required string Keys { get; init; }

    /// <summary>How much; of a stock, what comes in above 0 and what goes out below.</summary>
    public required long Value { get; init; }
}

/// <summary>Announcement to other systems: crashes, dangers, … changed. At least once; no personal data.</summary>
public sealed record ActivitiesChanged
{
    /// <summary>Position of the log row in the stream <c>register</c>; the same for a repeat.</summary>
    public required long Position { get; init; }

    /// <summary>Register sequence of the first change in this message.</summary>
    public required long FirstSequence { get; init; }

    /// <summary>The changes, in the order of their sequence.</summary>
    public required IReadOnlyList<ActivityChanged> Changes { get; init; }
}
