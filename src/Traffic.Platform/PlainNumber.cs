namespace Traffic.Platform;

/// <summary>96, 96.0 and 96.00 are one value, in one form: without noughts at its end.</summary>
public static class PlainNumber
{
    /// <summary>Divided by this a number keeps its value and loses the noughts.</summary>
    const decimal One = 1.0000000000000000000000000000m;

    /// <summary>The value in that form.</summary>
    public static decimal Of(decimal value) => value / One;

    /// <summary>True of what is in that form, and where there is nothing.</summary>
    public static bool Is(decimal? value) => value is not { Scale: > 0 } number || Of(number).Scale == number.Scale;
}
