using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Traffic.Platform;
using Traffic.WebConsole.Pages;

namespace Traffic.WebConsole;

/// <summary>The pages of what is counted beside violations: forms, lists, one thing with its history.</summary>
sealed class ReportPages(ApiClient api, ConsolePages pages, Divisions divisions, TimeProvider clock)
{
    public void Map(IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("").ExcludeFromDescription();
        group.MapGet("/report", (HttpContext http, CancellationToken _) => pages.Show(http, reader => Task.FromResult<IResult>(ConsolePages.Page<ReportIndexPage>(new() { ["Reader"] = reader }))));
        group.MapGet("/report/{form}", (string form, HttpContext http) => pages.Show(http, reader => Task.FromResult<IResult>(Empty(form, http, reader))));
        group.MapPost("/report/{form}", (string form, HttpContext http, CancellationToken cancel) => pages.Show(http, reader => Send(form, http, reader, cancel)));
        group.MapGet("/activity", (HttpContext http, CancellationToken cancel) => pages.Show(http, reader => Figure(http, reader, cancel)));
        group.MapGet("/duty", (HttpContext http, CancellationToken cancel) => pages.Show(http, reader => Duty(http, reader, cancel)));
        group.MapGet("/activities/{kind}", (string kind, HttpContext http, CancellationToken cancel) => pages.Show(http, reader => List(kind, http, reader, cancel)));
        group.MapGet("/activities/{kind}/{id:guid}", (string kind, Guid id, HttpContext http, CancellationToken cancel) => pages.Show(http, reader => Thing(kind, id, http, reader, cancel)));
    }

    RazorComponentResult<ReportFormPage> Empty(string id, HttpContext http, Reader reader)
    {
        if (ReportForms.Find(id) is not { } form)
            throw new ApiRefusedException(404, reader.T("console.report.noForm"), []);
        var local = TimeZoneInfo.ConvertTime(clock.GetUtcNow(), divisions.Zone(null, ""));
        // The id is made with the page, so that sending twice, by whatever finger, is harmless.
        var typed = new Dictionary<string, string> { ["recordId"] = Guid.NewGuid().ToString() };
        foreach (var field in form.Fields)
            if (field.Kind == FieldKind.Instant && field.Path is not ("plannedTo" or "actualFrom"))
                typed[field.Path] = local.ToString("yyyy-MM-ddTHH:mm", CultureInfo.InvariantCulture);
            else if (field.Kind == FieldKind.Day)
                typed[field.Path] = local.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        foreach (var (name, values) in http.Request.Query)
            typed[name] = values.ToString();
        return Form(form, typed, new Dictionary<string, string[]>(), reader, 200);
    }

    static RazorComponentResult<ReportFormPage> Form(
        ReportForm form, IReadOnlyDictionary<string, string> typed, IReadOnlyDictionary<string, string[]> faults, Reader reader, int status, string? refused = null) =>
        ConsolePages.Page<ReportFormPage>(new() { ["Reader"] = reader, ["Form"] = form, ["Typed"] = typed, ["Faults"] = faults, ["Refused"] = refused }, status);

    /// <summary>Posts to the API as anyone else would; a refusal shows the form again, as typed, the faults beside their fields.</summary>
    async Task<IResult> Send(string id, HttpContext http, Reader reader, CancellationToken cancel)
    {
        if (!ReportForms.IsSameOrigin(http.Request))
            throw new ApiRefusedException(StatusCodes.Status403Forbidden, reader.T("console.report.foreign"), []);
        if (ReportForms.Find(id) is not { } form || !http.Request.HasFormContentType)
            throw new ApiRefusedException(404, reader.T("console.report.noForm"), []);
        var posted = await http.Request.ReadFormAsync(cancel);
        var typed = posted.ToDictionary(field => field.Key, field => field.Value.ToString());
        if (ReportForms.Unreadable(form, typed) is { Count: > 0 } odd)
            return Form(form, typed, odd.ToDictionary(one => one.Key, one => new[] { reader.T(one.Value) }), reader, StatusCodes.Status400BadRequest, reader.T("console.report.refused"));
        var subject = Guid.TryParse(typed.GetValueOrDefault("thing"), out var thing) ? thing : Guid.Empty;
        var sent = ReportForms.Sent(form, typed, divisions.Zone(null, typed.GetValueOrDefault("divisionCode") ?? ""));
        var (status, answer) = await api.Post($"/api/v1/{form.Kind}{(form.OnThing ? $"/{subject}/{form.Verb}" : "")}", sent, reader.Language, cancel);
        if (status is 200 or 201)
            return Results.Redirect($"/activities/{form.Kind}/{(string?)answer?["activityId"]}?sent={(string?)answer?["outcome"]}");
        var faults = answer?["errors"] is JsonObject errors
            ? errors.ToDictionary(fault => fault.Key, fault => fault.Value!.AsArray().Select(text => (string)text!).ToArray()) : [];
        return Form(form, typed, faults, reader, status, (string?)answer?["title"] ?? reader.T("console.away"));
    }

    async Task<IResult> Figure(HttpContext http, Reader reader, CancellationToken cancel)
    {
        var list = await api.Get<JsonNode>("/api/v1/reports/activity" + http.Request.QueryString, reader.Language, cancel);
        return ConsolePages.Page<ActivityFigurePage>(new() { ["Reader"] = reader, ["List"] = list, ["Divisions"] = divisions });
    }

    /// <summary>Of the last hundred days, where none are asked for.</summary>
    async Task<IResult> Duty(HttpContext http, Reader reader, CancellationToken cancel)
    {
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(clock.GetUtcNow(), divisions.Zone(null, "")).DateTime);
        var query = http.Request.QueryString.HasValue ? $"{http.Request.QueryString}" : $"?from={Reader.Day(today.AddDays(-99))}&to={Reader.Day(today)}";
        var duty = await api.Get<JsonNode>("/api/v1/reports/duty" + query, reader.Language, cancel);
        return ConsolePages.Page<DutyPage>(new() { ["Reader"] = reader, ["Duty"] = duty });
    }

    async Task<IResult> List(string kind, HttpContext http, Reader reader, CancellationToken cancel)
    {
        if (ReportForms.All.All(form => form.Kind != kind))
            throw new ApiRefusedException(404, reader.T("console.report.noForm"), []);
        var list = await api.Get<JsonNode>($"/api/v1/{kind}{http.Request.QueryString}", reader.Language, cancel);
        var next = (string?)list["next"] is { } after
            ? $"/activities/{kind}{QueryString.Create(http.Request.Query.Where(one => one.Key != "after")).Add("after", after)}" : null;
        return ConsolePages.Page<ActivitiesPage>(new() { ["Reader"] = reader, ["Kind"] = kind, ["List"] = list, ["Divisions"] = divisions, ["Next"] = next });
    }

    async Task<IResult> Thing(string kind, Guid id, HttpContext http, Reader reader, CancellationToken cancel)
    {
        if (ReportForms.All.All(form => form.Kind != kind))
            throw new ApiRefusedException(404, reader.T("console.report.noForm"), []);
        var found = await api.Get<JsonNode>($"/api/v1/{kind}/{id}", reader.Language, cancel);
        var figures = found["standing"] is null ? null : await api.Get<RecordFiguresAnswer>($"/api/v1/{kind}/{id}/figures", reader.Language, cancel);
        var unit = found["standing"] is not { } standing ? null
            : await NamedUnit.Of(api, (string?)found["reports"]!.AsArray()[^1]!["report"]!["unitCode"], (string)standing["day"]!, reader, cancel);
        return ConsolePages.Page<ActivityPage>(new()
        {
            ["Reader"] = reader, ["Kind"] = kind, ["Thing"] = found, ["Sent"] = http.Request.Query["sent"].FirstOrDefault(), ["Figures"] = figures, ["Divisions"] = divisions, ["Unit"] = unit,
        });
    }
}
