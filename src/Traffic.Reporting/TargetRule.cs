namespace Traffic.Reporting;

/// <summary>A sum of cells, or nothing where nothing was ever counted in that scope.</summary>
/// <param name="Value">Null where the cube has no row at all for the scope: that is not 0.</param>
/// <param name="Lacks">Why it is null: a stable word.</param>
readonly record struct Sum(decimal? Value, string? Lacks)
{
    public static implicit operator Sum(decimal value) => new(value, null);
}

/// <summary>A zero target as it must be told: what was there, what came, what went, what is left.</summary>
/// <param name="Start">There when the window began.</param>
/// <param name="Remaining">Start + found + reopened − cleared: there when the window ended.</param>
sealed record Stock(long Start, long Found, long Cleared, long Reopened, long Remaining)
{
    /// <summary>Addresses of what is behind each.</summary>
    public string? StartRecords { get; init; }
    public string? FoundRecords { get; init; }
    public string? ClearedRecords { get; init; }
    public string? ReopenedRecords { get; init; }
    public string? RemainingRecords { get; init; }
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
        // Below the minimum a rate is no figure: its counts are shown, the percentage is not.
        if (denominator?.Value < line.Minimum)
            return new Verdict(null, null, null, TargetStatus.TooFewToSay, "few");
        if (goal.ValueMax is not null || goal.ValueMin is not null)
            return new Verdict(shown, null, null, Reached(now, goal.ValueMax, goal.ValueMin, goal.Margin), null);

        var then = line.Comparison == ComparisonKind.FixedBaseline && line.FixedBaseline is not null
            ? (line.FixedBaseline, null) : Value(numeratorThen ?? new Sum(null, "baseline"), denominatorThen);
        if (then is not (decimal before, null))
            return new Verdict(shown, null, null, TargetStatus.NoData, then.Item2 is "notFrozen" or "ownConfirmed" ? then.Item2 : "baseline");
        if (denominatorThen?.Value < line.Minimum)
            return new Verdict(shown, null, null, TargetStatus.TooFewToSay, "few");
        if (denominator is null && before < line.Minimum)
            return new Verdict(shown, before, null, TargetStatus.TooFewToSay, "few");

        var change = before == 0 ? (decimal?)null : (now - before) * 100 / before;
        // Nothing then, and a definition that asks for no minimum: more is a rise without a number, and nothing again is no change.
        var status = change is { } percent
            ? Reached(percent, goal.ChangePercentMax, goal.ChangePercentMin, goal.Margin)
            : (now > 0 ? goal.ChangePercentMin is not null : goal.ChangePercentMin is not > 0) ? TargetStatus.Met : TargetStatus.Missed;
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

    /// <summary>So many for each of what it took to find them, to 0.01; null where nothing is known of that, or it is 0.</summary>
    public static decimal? Per(decimal? count, decimal? exposure, decimal each) =>
        count is { } many && exposure is { } of and > 0 ? Math.Round(many * each / of, 2, MidpointRounding.AwayFromZero) : null;

    /// <summary>First and last day of the window a line is compared with; null where there is none.</summary>
    /// <remarks>
    /// 29 February becomes the 28th, and the end of a February the end of the one before: the 29th of a leap year is compared
    /// with in the window that ends on the 28th, and windows that follow each other still do a year before.
    /// </remarks>
    public static (DateOnly From, DateOnly To)? Before(ComparisonKind kind, DateOnly from, DateOnly to) => kind switch
    {
        ComparisonKind.YearOnYear => (from.AddYears(-1), to is { Month: 2, Day: >= 28 } && to.AddDays(1).Month == 3
            ? new DateOnly(to.Year - 1, 3, 1).AddDays(-1) : to.AddYears(-1)),
        ComparisonKind.PeriodOnPeriod => (from.AddDays(from.DayNumber - to.DayNumber - 1), from.AddDays(-1)),
        _ => null,
    };
}
