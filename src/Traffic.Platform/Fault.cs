namespace Traffic.Platform;

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
