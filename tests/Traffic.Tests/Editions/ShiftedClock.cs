namespace Traffic.Tests.Editions;

/// <summary>The true clock, set forward: timers run as ever.</summary>
sealed class ShiftedClock : TimeProvider
{
    public TimeSpan Ahead { get; set; }

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Ahead;
}
