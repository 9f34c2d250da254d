using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Traffic.Platform;
using Traffic.WebConsole.Pages;

namespace Traffic.WebConsole;

/// <summary>A row of a table of what units or divisions planned and did.</summary>
/// <param name="Level">How far in it stands; 0 at the left.</param>
/// <param name="Whole">It adds up the others.</param>
public sealed record DutyLine(string Title, string? Link, int Level, JsonNode Figures, bool Whole = false);

/// <summary>A unit that a record names, as the tree had it on the record's day, and its page.</summary>
public sealed record NamedUnit(string Code, string Name, string Link)
{
    /// <summary>Null where none is named, or the tree has none of that code on that day.</summary>
    internal static async Task<NamedUnit?> Of(ApiClient api, string? code, string day, Reader reader, CancellationToken cancel)
    {
        if (code is null)
            return null;
        try
        {
            var unit = await api.Get<JsonNode>($"/api/v1/units/{Uri.EscapeDataString(code)}?on={day}", reader.Language, cancel);
            return unit["path"]!.AsArray().Count == 0 ? null
                : new NamedUnit(code, (string)unit["title"]![reader.Language]!, $"/units/{Uri.EscapeDataString(code)}?from={day}&to={day}");
        }
        catch (ApiRefusedException refused) when (refused.Status is 400 or 404)
        {
            return null;
        }
    }
}

/// <summary>The pages of units: the tree with its figures, one unit with its parts and its roster.</summary>
sealed class UnitPages(ApiClient api, ConsolePages pages, Divisions divisions, TimeProvider clock)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").ExcludeFromDescription();
        group.MapGet("/units", (HttpContext http, CancellationToken cancel) => pages.Show(http, reader => Tree(http, reader, cancel)));
        group.MapGet("/units/{unit}", (string unit, HttpContext http, CancellationToken cancel) => pages.Show(http, reader => Unit(unit, http, reader, cancel)));
    }

    async Task<IResult> Tree(HttpContext http, Reader reader, CancellationToken cancel)
    {
        var report = await api.Get<JsonNode>("/api/v1/reports/units" + Days(http), reader.Language, cancel);
        return ConsolePages.Page<UnitsPage>(new() { ["Reader"] = reader, ["Report"] = report });
    }

    async Task<IResult> Unit(string unit, HttpContext http, Reader reader, CancellationToken cancel)
    {
        var report = await api.Get<JsonNode>($"/api/v1/reports/units{Days(http)}&under={Uri.EscapeDataString(unit)}", reader.Language, cancel);
        var page = await api.Get<JsonNode>($"/api/v1/units/{Uri.EscapeDataString(unit)}?on={report["to"]}&tree={report["tree"]}", reader.Language, cancel);
        return ConsolePages.Page<UnitPage>(new() { ["Reader"] = reader, ["Report"] = report, ["Unit"] = page });
    }

    /// <summary>What is asked for; of the last hundred days, where none are.</summary>
    string Days(HttpContext http)
    {
        if (http.Request.Query.ContainsKey("from") || http.Request.Query.ContainsKey("to"))
            return ConsolePages.Kept(http, "from", "to", "tree", "asOf");
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(clock.GetUtcNow(), divisions.Zone(null, "")).DateTime);
        return $"?from={Reader.Day(today.AddDays(-99))}&to={Reader.Day(today)}";
    }
}
