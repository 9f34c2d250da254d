using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace Traffic.WebConsole;

/// <summary>How a field is filled in.</summary>
public enum FieldKind { Text, Lines, Number, Instant, Day, Choice, Tick, Hidden }

/// <summary>One field of a form.</summary>
/// <param name="Path">Where its value goes in what is sent, e.g. <c>posts[0].place</c>.</param>
/// <param name="Options">Of a choice, the words of the API; of a hidden one, its value.</param>
/// <param name="Words">Prefix under which the options have their words; null where they are divisions.</param>
public sealed record FormField(string Path, FieldKind Kind, bool Required = false, string[]? Options = null, string? Words = null)
{
    /// <summary>The word of its label: the last name in the path.</summary>
    public string Name => Path.Split('.')[^1].Split('[')[0];

    /// <summary>The place in a list it belongs to, e.g. <c>posts[0]</c>; null outside of one.</summary>
    public string? Item => Path.Contains('.', StringComparison.Ordinal) ? Path.Split('.')[0] : null;
}

/// <summary>One form: what it sends where.</summary>
/// <param name="Kind">The API's name of the kind, e.g. <c>crashes</c>.</param>
/// <param name="Verb">What follows the thing's id in the address; empty for a first report.</param>
public sealed record ReportForm(string Id, string Kind, string Verb, IReadOnlyList<FormField> Fields)
{
    public bool OnThing => Verb.Length > 0;
}

/// <summary>The forms, and how what was typed becomes what the API takes. The API owns every rule; here is only checked that a number or an id is one.</summary>
public static partial class ReportForms
{
    static readonly string[] Roads = ["nationalOrProvincial", "urban", "ruralPastoral", "suburban", "motorway", "urbanExpressway"];

    static readonly FormField Division = new("divisionCode", FieldKind.Choice, true), Unit = new("unitCode", FieldKind.Text),
        Officer = new("officerId", FieldKind.Text), Session = new("sessionId", FieldKind.Text), Note = new("note", FieldKind.Lines),
        Proof = new("proofSha256", FieldKind.Text, true), Road = new("roadKind", FieldKind.Choice, false, Roads, "console.value");

    static readonly FormField[] Crash =
    [
        new("occurredAt", FieldKind.Instant, true), Division, Road, new("road", FieldKind.Text), new("roadKm", FieldKind.Number),
        new("dead", FieldKind.Number, true), new("injured", FieldKind.Number, true), new("lossCny", FieldKind.Number, true),
        new("causes[0]", FieldKind.Choice, false,
            ["speeding", "drink-driving", "fatigue", "overload", "no-yield", "wrong-way", "red-light", "unlicensed", "distracted", "non-motor", "vehicle-defect", "road-or-weather", "animal", "other"],
            "reporting.activity.cause"),
        .. Enumerable.Range(0, 3).SelectMany(i => new FormField[]
        {
            new($"vehicles[{i}].vehicleClass", FieldKind.Choice, false, ["car", "minivan", "coach", "bus", "truck", "motorcycle", "non-motor", "other", "unknown"], "reporting.vehicleClass"),
            new($"vehicles[{i}].keyVehicle", FieldKind.Tick),
        }),
        new("occasion", FieldKind.Choice, false, ["key-holiday", "key-event"], "reporting.activity.occasion"), Session, Unit, Officer, Note,
    ];

    static readonly FormField[] Observation =
    [
        new("observedAt", FieldKind.Instant, true), Division, Road, new("place", FieldKind.Text),
        .. new[] { "overall", "helmet-motorcycle", "helmet-ebike", "belt-driver", "belt-passenger" }.SelectMany((thing, i) => new FormField[]
        {
            new($"counts[{i}].thing", FieldKind.Hidden, false, [thing], "reporting.activity.thing"), new($"counts[{i}].checked", FieldKind.Number),
            new($"counts[{i}].complying", FieldKind.Number),
        }),
        Session, Unit, Officer, Note,
    ];

    static readonly FormField[] Danger =
    [
        new("foundAt", FieldKind.Instant, true), Division,
        new("dangerKind", FieldKind.Choice, true, ["inspection-overdue", "scrapping-overdue", "review-overdue", "renewal-overdue", "full-points-not-studied", "source"], "reporting.activity.kind"),
        new("plate", FieldKind.Text), new("plateType", FieldKind.Text), new("driverIdNumber", FieldKind.Text), new("driverName", FieldKind.Text),
        Session, Unit, Officer, Note,
    ];

    static readonly FormField[] Planned =
    [
        new("name", FieldKind.Text, true), Division, new("sessionKind", FieldKind.Choice, true, ["nightInspection", "roadsideCheck"], "reporting.source"),
        new("mode", FieldKind.Choice, true, ["car", "motorcycle", "foot"], "reporting.activity.mode"), new("place", FieldKind.Text, true),
        new("plannedFrom", FieldKind.Instant, true), new("plannedTo", FieldKind.Instant, true), new("officersPlanned", FieldKind.Number, true), Unit, Officer, Note,
    ];

    static readonly FormField[] Point =
    [
        new("pointKind", FieldKind.Choice, true, ["point", "route"], "reporting.activity.pointKind"), new("name", FieldKind.Text, true), Division, Unit,
        new("visitsPerDay", FieldKind.Number, true), new("from", FieldKind.Day, true), new("to", FieldKind.Day, true), Officer,
    ];

    static readonly FormField[] Change = [new("changedAt", FieldKind.Instant, true), new("text", FieldKind.Lines, true)];

    static readonly FormField[] Void = [new("decidedBy", FieldKind.Text, true), new("secondPerson", FieldKind.Text, true), new("reason", FieldKind.Lines, true)];

    /// <summary>All of them; those without a verb are on the first page.</summary>
    public static IReadOnlyList<ReportForm> All { get; } =
    [
        new("crash", "crashes", "", Crash),
        new("danger", "dangers", "", Danger),
        new("observation", "observations", "", Observation),
        new("session", "sessions", "", Planned),
        new("point", "points", "", Point),
        new("visit", "visits", "",
        [
            new("pointId", FieldKind.Text, true), new("day", FieldKind.Day, true), new("nth", FieldKind.Number, true), new("visitedAt", FieldKind.Instant, true), Proof,
            Session, Officer,
        ]),
        new("crash-revision", "crashes", "revisions", Crash),
        new("observation-revision", "observations", "revisions", Observation),
        new("danger-revision", "dangers", "revisions", Danger),
        new("session-revision", "sessions", "revisions", Planned),
        new("point-revision", "points", "revisions", Point),
        new("clearing", "dangers", "clearings", [.. Change, Proof, Officer]),
        new("reopening", "dangers", "reopenings", [.. Change, Officer]),
        new("closing", "sessions", "closing",
        [
            new("actualFrom", FieldKind.Instant, true), new("actualTo", FieldKind.Instant, true), new("officers", FieldKind.Number, true),
            new("vehiclesChecked", FieldKind.Number, true), new("personsChecked", FieldKind.Number, true), new("violations", FieldKind.Number, true),
            .. Enumerable.Range(0, 4).SelectMany(i => new FormField[]
            {
                new($"posts[{i}].place", FieldKind.Text), new($"posts[{i}].vehiclesChecked", FieldKind.Number), new($"posts[{i}].personsChecked", FieldKind.Number),
                new($"posts[{i}].violations", FieldKind.Number),
            }),
            Officer,
        ]),
        .. new[] { "crashes", "dangers", "observations", "sessions", "points", "visits" }.Select(kind => new ReportForm($"void-{kind}", kind, "void", Void)),
    ];

    public static ReportForm? Find(string id) => All.FirstOrDefault(form => form.Id == id);

    /// <summary>What was typed, as the API takes it: what is empty is left out, and so is a place in a list where nothing was typed.</summary>
    /// <param name="typed">By path.</param>
    /// <param name="zone">In which the times were typed.</param>
    public static JsonObject Sent(ReportForm form, IReadOnlyDictionary<string, string> typed, TimeZoneInfo zone)
    {
        var used = form.Fields.Where(field => field.Item is not null && field.Kind is not (FieldKind.Hidden or FieldKind.Tick) && typed.GetValueOrDefault(field.Path) is { Length: > 0 })
            .Select(field => field.Item!).ToHashSet();
        var sent = new JsonObject { ["recordId"] = typed.GetValueOrDefault("recordId") };
        if (form.OnThing && int.TryParse(typed.GetValueOrDefault("supersedes"), NumberStyles.None, CultureInfo.InvariantCulture, out var revision))
            sent["supersedes"] = revision;
        foreach (var field in form.Fields)
        {
            if (field.Item is { } item && !used.Contains(item))
                continue;
            if (Value(field, typed.GetValueOrDefault(field.Path), zone) is { } value)
                Put(sent, field.Path, value);
        }
        return sent;
    }

    /// <summary>
    /// Fields in which something else than their number or id was typed, each with the key of its fault: the API could not read the
    /// whole report, and could not say why.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Unreadable(ReportForm form, IReadOnlyDictionary<string, string> typed) => form.Fields
        .Select(field => (field.Path, Fault: typed.GetValueOrDefault(field.Path) is not { } text || string.IsNullOrWhiteSpace(text) ? null
            : field.Kind == FieldKind.Number && !IsNumber(field.Name, text) ? "console.report.number"
            : field.Name == "pointId" && !Guid.TryParse(text, out _) ? "console.report.pointId" : null))
        .Where(one => one.Fault is not null).ToDictionary(one => one.Path, one => one.Fault!);

    static bool IsNumber(string name, string text) => name switch
    {
        "roadKm" => decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out _),
        "lossCny" => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
        _ => int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _),
    };

    static JsonNode? Value(FormField field, string? text, TimeZoneInfo zone) => field.Kind switch
    {
        FieldKind.Hidden => field.Options![0],
        FieldKind.Tick => text is "on",
        _ when string.IsNullOrWhiteSpace(text) => null,
        FieldKind.Number when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => whole,
        FieldKind.Number when decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) => number,
        FieldKind.Instant when DateTime.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local) =>
            new DateTimeOffset(DateTime.SpecifyKind(local, DateTimeKind.Unspecified), zone.GetUtcOffset(local)).ToString("yyyy-MM-ddTHH:mm:sszzz", CultureInfo.InvariantCulture),
        _ => text.Trim(),
    };

    static void Put(JsonObject root, string path, JsonNode value)
    {
        var place = Place().Match(path);
        var name = place.Groups["name"].Value;
        if (!place.Groups["index"].Success)
        {
            root[name] = value;
            return;
        }
        var list = root[name] as JsonArray ?? [];
        root[name] = list.Parent is null ? list : root[name];
        if (!place.Groups["member"].Success)
        {
            list.Add(value);
            return;
        }
        // Members of one place come one after the other: another one begins where its first member does.
        var member = place.Groups["member"].Value;
        if (list.Count == 0 || list[^1]!.AsObject().ContainsKey(member))
            list.Add(new JsonObject());
        list[^1]![member] = value;
    }

    [GeneratedRegex(@"^(?<name>\w+)(\[(?<index>\d+)\](\.(?<member>\w+))?)?\z")]
    private static partial Regex Place();

    /// <summary>A form is taken from a page of ours only: another site's is refused, whatever its cookies.</summary>
    public static bool IsSameOrigin(HttpRequest request) =>
        request.Headers["Sec-Fetch-Site"].FirstOrDefault() is { } site ? site == "same-origin"
        : request.Headers.Origin.FirstOrDefault() is { } origin && origin == $"{request.Scheme}://{request.Host}";
}
