namespace Traffic.Contracts;

/// <summary>There are new rows in a log. Only wakes a subscriber: losing it, or getting it twice, is harmless.</summary>
public sealed record LogAppended
{
    /// <summary>Name of the stream.</summary>
    public required string Stream { get; init; }

    /// <summary>Positions of the new rows, in no particular order.</summary>
    public required IReadOnlyList<long> Positions { get; init; }
}
