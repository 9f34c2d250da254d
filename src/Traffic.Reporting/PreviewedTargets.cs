using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Traffic.Platform;

namespace Traffic.Reporting;

/// <summary>What a line says.</summary>
sealed record LineState(decimal? Value, decimal? Baseline, decimal? ChangePercent, TargetStatus Status);

/// <summary>A line of a campaign that a changed catalogue would move.</summary>
sealed record ChangedLine(
    string Campaign, string Division, string Line, Title Title, DateOnly From, DateOnly To, string Unit, LineState Before, LineState After);

/// <summary>Sets each campaign's board beside itself with the cells of a preview added: the lines that would say otherwise.</summary>
sealed class PreviewedTargets(ReportStore store, Campaigns campaigns, Cubes cubes, Divisions divisions, Titles titles, TimeProvider clock)
{
    public void Map(IEndpointRouteBuilder routes) => routes.MapGet("/api/v1/reports/targets/changes", async (Guid preview, CancellationToken cancel) =>
        Results.Ok(new { preview, lines = await Changes(preview, cancel) })).WithTags("Reports").ProducesProblem(400);

    /// <summary>Of every campaign, for its division and each part of it, in the window it is shown for by default.</summary>
    public async Task<IReadOnlyList<ChangedLine>> Changes(Guid preview, CancellationToken cancel)
    {
        var changed = new List<ChangedLine>();
        foreach (var campaign in campaigns.All)
        {
            var window = campaign.Window(DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(clock.GetUtcNow(), divisions.Zone(null, campaign.Division)).DateTime));
            var figure = new Figure
            {
                From = window.From, To = window.To, Division = campaign.Division, Divisions = [.. divisions.WithDescendants(campaign.Division)],
            };
            var (before, after) = await store.InSnapshot(null, async snapshot => (await Board(snapshot), await Board(snapshot.With(preview))), cancel);
            changed.AddRange(before.Zip(after)
                .Where(pair => pair.First.State != pair.Second.State)
                .Select(pair => new ChangedLine(
                    campaign.Id, pair.First.Division, pair.First.Line.Id, pair.First.Line.Title, window.From, window.To, pair.First.Line.Unit,
                    pair.First.State, pair.Second.State)));

            async Task<List<(string Division, TargetLine Line, LineState State)>> Board(Snapshot snapshot)
            {
                var parts = divisions.All().Where(one => one.Parent == campaign.Division).Select(one => (one.Code, divisions.WithDescendants(one.Code).ToArray())).ToList();
                var board = await new TargetBoard(snapshot, cubes, titles).Of(campaign, figure, parts);
                return
                [
                    .. board.Lines.Select(line => (campaign.Division, line, State(line))),
                    .. board.Divisions!.SelectMany(part => part.Lines.Select(line => (part.Division, line, State(line)))),
                ];
            }
        }
        return changed;
    }

    static LineState State(TargetLine line) => new(line.Value, line.Baseline, line.ChangePercent, line.Status);
}
