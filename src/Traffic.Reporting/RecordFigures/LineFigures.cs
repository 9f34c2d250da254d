using Traffic.Platform;

namespace Traffic.Reporting.RecordFigures;

/// <summary>The figures of a line that have a record behind them, and the address of each as the line gives it.</summary>
static class LineFigures
{
    public static IEnumerable<(string Figure, DateOnly? From, DateOnly To, string Records)> Of(
        RecordPast past, Cubes cubes, TargetDefinition line, Figure figure, FrozenBaseline? frozen, long asOf)
    {
        // A line that is not in force says nothing.
        if (figure.To < line.ValidFrom || figure.From > line.ValidTo)
            return [];
        var (then, thenAsOf) = TargetBoard.Compared(line, figure, frozen, asOf);
        var stock = cubes.Find(line.Numerator.Cube) is { Stock: true };
        var asked = new List<(string Name, Measure Measure, Figure Figure, long AsOf)>();
        if (stock)
        {
            asked.Add(("start", line.Numerator, figure with { To = figure.From.AddDays(-1) }, asOf));
            foreach (var change in new[] { "found", "cleared", "reopened" })
                asked.Add((change, TargetBoard.StockOnly(line.Numerator, change), figure, asOf));
            asked.Add(("remaining", line.Numerator, figure, asOf));
        }
        else
        {
            asked.Add((line.Denominator is null ? "value" : "numerator", line.Numerator, figure, asOf));
            if (then is not null)
                asked.Add((line.Denominator is null ? "baseline" : "baselineNumerator", line.Numerator, then, thenAsOf));
        }
        if (line.Denominator is { } of)
        {
            asked.Add(("denominator", of, figure, asOf));
            if (then is not null)
                asked.Add(("baselineDenominator", of, then, thenAsOf));
        }
        else if (!stock)
            foreach (var (name, measure) in new[] { ("VehiclesChecked", TargetBoard.VehiclesChecked), ("OfficerHours", TargetBoard.OfficerMinutes) })
            {
                asked.Add(("exposure" + name, measure, figure, asOf));
                // The work of a window compared with is counted as it stands now, also beside a frozen count.
                if (TargetRule.Before(line.Comparison, figure.From, figure.To) is var (from, to))
                    asked.Add(("baselineExposure" + name, measure, figure with { From = from, To = to }, asOf));
            }
        return asked.Where(one => past.In(cubes, one.Measure, one.Figure, one.AsOf)).Select(one => (
            one.Name, cubes.Find(one.Measure.Cube)!.Stock && !one.Measure.Where.ContainsKey("change") ? (DateOnly?)null : one.Figure.From, one.Figure.To,
            TargetBoard.Behind(cubes, one.Measure, one.Figure, one.AsOf)!));
    }
}
