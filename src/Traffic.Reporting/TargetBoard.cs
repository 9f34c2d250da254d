using Traffic.Platform;

namespace Traffic.Reporting;

/// <summary>Gathers what each line of a campaign needs and has it judged.</summary>
sealed class TargetBoard(Snapshot snapshot, Cubes cubes, Titles titles)
{
    readonly Dictionary<(string Cube, DateOnly From, DateOnly To), IReadOnlyList<CubeSum>?> read = [];

    public async Task<TargetReport> Of(Campaign campaign, Figure figure)
    {
        var lines = new List<TargetLine>();
        foreach (var line in campaign.Lines)
            lines.Add(await Line(line, figure));
        return new TargetReport(
            campaign.Id, campaign.Title, campaign.Note, campaign.Source, figure.Division!, figure.From, figure.To, snapshot.AsOf, lines,
            await snapshot.Ledger());
    }

    async Task<TargetLine> Line(TargetDefinition line, Figure figure)
    {
        var before = TargetRule.Before(line.Comparison, figure.From, figure.To);
        var then = before is { } window ? figure with { From = window.From, To = window.To } : null;
        var verdict = figure.To < line.ValidFrom || figure.From > line.ValidTo
            ? new Verdict(null, null, null, TargetStatus.NoData, "validity")
            : TargetRule.Judge(
                line, await Sum(line.Numerator, figure),
                line.Denominator is { } of ? await Sum(of, figure) : null,
                then is null ? null : await Sum(line.Numerator, then),
                then is null || line.Denominator is not { } ofThen ? null : await Sum(ofThen, then));
        return new TargetLine(
            line.Id, line.Slogan, line.Title, line.Direction, verdict.Value, verdict.Baseline, verdict.ChangePercent, verdict.Status, line.Unit,
            Camel(line.Comparison.ToString()), before?.From, before?.To,
            verdict.Reason, verdict.Reason is { } reason ? titles.Word($"reporting.reason.{reason}", reason) : null,
            verdict.Value is null ? null : Behind(line.Numerator, figure), verdict.Baseline is null || then is null ? null : Behind(line.Numerator, then),
            line.Source);
    }

    /// <summary>Adds up the cells a measure accepts. A cube without any row in the scope has nothing to say, not even 0.</summary>
    async Task<Sum> Sum(Measure measure, Figure figure)
    {
        if (cubes.Find(measure.Cube) is not { } cube)
            return new Sum(null, "cube");
        var key = (cube.Id, figure.From, figure.To);
        if (!read.TryGetValue(key, out var cells))
            read[key] = cells = await snapshot.Sum(cube, figure.From, figure.To, figure.Divisions!);
        return cells is null ? new Sum(null, "former") : Add(cube, measure, cells, figure);
    }

    /// <summary>Statuses and origins are the figure's unless the measure names them.</summary>
    internal static Sum Add(Cube cube, Measure measure, IReadOnlyList<CubeSum> cells, Figure figure)
    {
        var (sum, any) = (0L, false);
        foreach (var cell in cells)
        {
            var keys = cell.Keys.Split('|');
            if (!Accepts("origin"))
                continue;
            any = true;
            if (cube.Dimensions.All(Accepts))
                sum += cell.Value;

            bool Accepts(string dimension)
            {
                var place = cube.Dimensions.ToList().IndexOf(dimension);
                var accepted = measure.Where.TryGetValue(dimension, out var named) ? named
                    : dimension == "status" ? figure.Statuses : dimension == "origin" ? figure.Origins : null;
                return place < 0 || accepted is null || accepted.Contains(keys[place]);
            }
        }
        return any ? sum : new Sum(null, "rows");
    }

    /// <summary>The records behind a sum, where it counts records of the one cube that holds each once.</summary>
    string? Behind(Measure measure, Figure figure) => measure.Cube != "violations" ? null : (figure with
    {
        Entries = measure.Where.GetValueOrDefault("entry"), Families = measure.Where.GetValueOrDefault("family"),
        Sources = measure.Where.GetValueOrDefault("source"), Shifts = measure.Where.GetValueOrDefault("shift"),
        VehicleClasses = measure.Where.GetValueOrDefault("vehicleClass"),
        Statuses = measure.Where.GetValueOrDefault("status") ?? figure.Statuses,
        Origins = measure.Where.GetValueOrDefault("origin") ?? figure.Origins,
    }).Link(snapshot.AsOf);

    static string Camel(string word) => char.ToLowerInvariant(word[0]) + word[1..];
}
