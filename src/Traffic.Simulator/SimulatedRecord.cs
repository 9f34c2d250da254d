namespace Traffic.Simulator;

/// <summary>One record of a synthetic campaign, with what it must become: known from how it was made, not from the classifier.</summary>
/// <param name="Json">The body of one record, as a client sends it.</param>
/// <param name="Feed">The feed it goes through; null for an officer's device.</param>
/// <param name="Entry">The entry of the catalogue it is about.</param>
/// <param name="Division">Division that answers for the place.</param>
/// <param name="Day">Calendar day in Asia/Shanghai.</param>
/// <param name="Status">Its status once it is registered: <c>confirmed</c>, or <c>captured</c> for a camera's.</param>
public sealed record SimulatedRecord(byte[] Json, string? Feed, string Entry, string Division, DateOnly Day, string Status);
