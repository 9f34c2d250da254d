namespace Traffic.Platform;

/// <summary>What needs two persons needs two: the same name in other letters or with blanks around it is the same person.</summary>
public static class TwoPersons
{
    /// <returns>False where either is missing.</returns>
    public static bool Are(string? one, string? other) =>
        !string.IsNullOrWhiteSpace(one) && !string.IsNullOrWhiteSpace(other) && !string.Equals(one.Trim(), other.Trim(), StringComparison.OrdinalIgnoreCase);
}
