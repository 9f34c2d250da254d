namespace Traffic.Reporting;

/// <summary>A sum of cells, or nothing where nothing was ever counted in that scope.</summary>
/// <param name="Value">Null where the cube has no row at all for the scope: that is not 0.</param>
/// <param name="Lacks">Why it is null: a stable word.</param>
readonly record struct Sum(decimal? Value, string? Lacks)
{
    public static implicit operator Sum(decimal value) => new(value, null);
}

/// <summary>What a line amounts to.</summary>
sealed record Verdict(decimal? Value, decimal? Baseline, decimal? ChangePercent, TargetStatus Status, string? Reason);

/// <summary>Judges one line. Same figures, same answer; the clock has no say.</summary>
static class TargetRule
{
    /// <param name="numerator">In the window.</param>
    /// <param name="denominator">In the window; null for a count.</param>
    /// <param name="numeratorThen">In the window compared with; null where nothing is compared.</param>
    /// <param name="denominatorThen">Likewise, of a rate.</param>
    public static Verdict Judge(
        TargetDefinition line, Sum numerator, Sum? denominator = null, Sum? numeratorThen = null, Sum? denominatorThen = null)
    {
        if (Value(numerator, denominator) is not (decimal now, null))
            return new Verdict(null, null, null, TargetStatus.NoData, Value(numerator, denominator).Lacks);

        var (goal, shown) = (line.Goal, Shown(now, denominator));
        if (goal.ValueMax is not null || goal.ValueMin is not null)
            return denominator?.Value < line.Minimum
                ? new Verdict(shown, null, null, TargetStatus.TooFewToSay, "few")
                : new Verdict(shown, null, null, Reached(now, goal.ValueMax, goal.ValueMin, goal.Margin), null);

        var then = line.Comparison == ComparisonKind.FixedBaseline
            ? (line.FixedBaseline, null) : Value(numeratorThen ?? new Sum(null, "baseline"), denominatorThen);
        if (then is not (decimal before, null))
            return new Verdict(shown, null, null, TargetStatus.NoData, "baseline");

        var change = before == 0 ? (decimal?)null : (now - before) * 100 / before;
        var few = denominator is { } of ? of.Value < line.Minimum || denominatorThen?.Value < line.Minimum : before < line.Minimum;
        if (few)
            return new Verdict(shown, Shown(before, denominator), Rounded(change), TargetStatus.TooFewToSay, "few");
        // Nothing then, and a definition that asks for no minimum: more is a rise without a number.
        var status = change is { } percent
            ? Reached(percent, goal.ChangePercentMax, goal.ChangePercentMin, goal.Margin)
            : (now > 0) == (goal.ChangePercentMin is not null) ? TargetStatus.Met : TargetStatus.Missed;
        return new Verdict(shown, Shown(before, denominator), Rounded(change), status, null);
    }

    /// <summary>A bound itself is reached: a change of exactly 0 meets "at most 0".</summary>
    static TargetStatus Reached(decimal value, decimal? max, decimal? min, decimal margin)
    {
        var spare = max is { } most ? most - value : value - min!.Value;
        return spare < 0 ? TargetStatus.Missed : spare < margin ? TargetStatus.AtRisk : TargetStatus.Met;
    }

    static (decimal? Value, string? Lacks) Value(Sum numerator, Sum? denominator) => (numerator, denominator) switch
    {
        ({ Value: null }, _) => (null, numerator.Lacks),
        (_, { Value: null }) => (null, denominator.Value.Lacks),
        (_, { Value: 0 }) => (null, "denominator"),
        (_, { Value: { } divisor }) => (numerator.Value * 100 / divisor, null),
        _ => (numerator.Value, null),
    };

    /// <summary>Counts as they are; rates to 0.1 %.</summary>
    static decimal Shown(decimal value, Sum? denominator) => denominator is null ? value : Rounded(value)!.Value;

    static decimal? Rounded(decimal? value) => value is { } exact ? Math.Round(exact, 1, MidpointRounding.AwayFromZero) : null;

    /// <summary>First and last day of the window a line is compared with; null where there is none.</summary>
    public static (DateOnly From, DateOnly To)? Before(ComparisonKind kind, DateOnly from, DateOnly to) => kind switch
    {
        ComparisonKind.YearOnYear => (from.AddYears(-1), to.AddYears(-1)),
        ComparisonKind.PeriodOnPeriod => (from.AddDays(from.DayNumber - to.DayNumber - 1), from.AddDays(-1)),
        _ => null,
    };
}
