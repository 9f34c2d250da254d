namespace Traffic.Platform;

/// <summary>Of an endpoint that reads its query by itself: the parameters it knows, for the description of the interface.</summary>
public sealed record AskedByQuery(IReadOnlyList<string> Names);
