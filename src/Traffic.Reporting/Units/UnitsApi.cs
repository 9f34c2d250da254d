using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Traffic.Platform;

namespace Traffic.Reporting.Units;

/// <summary>Units and rosters as sent: who imports them, why, and the files.</summary>
sealed record NewUnits
{
    public string? ImportedBy { get; init; }
    public string? Why { get; init; }

    /// <summary>What the files come from; required for CSV, which cannot say it.</summary>
    public string? Source { get; init; }

    /// <summary>True to be told what is wrong or would be new: nothing is kept.</summary>
    public bool Check { get; init; }

    public IReadOnlyList<NewUnitFile>? Files { get; init; }
}

/// <summary>One file.</summary>
/// <param name="Name">By which faults are told, e.g. <c>roster.csv</c>.</param>
/// <param name="Text">JSON, or CSV of units or of officers.</param>
sealed record NewUnitFile(string? Name, string? Text);

/// <summary>What an import added.</summary>
/// <param name="Tree">The version in use after it.</param>
sealed record UnitReceipt(int Tree, int Units, int Postings);

/// <summary>Every import of units there was, the first one first.</summary>
sealed record UnitImports(IReadOnlyList<UnitVersion> Imports);

/// <summary>A unit on a day.</summary>
/// <param name="Level">1 for a root.</param>
/// <param name="Officers">On its own roster, without those below it.</param>
sealed record UnitRow(
    string Unit, string? Parent, int Level, Title Title, string Division, Title DivisionTitle, DateOnly ValidFrom, DateOnly? ValidTo, int Officers, string Open);

/// <summary>The tree on a day, each unit followed by those below it.</summary>
/// <param name="Tree">Its version; 0 where nothing was ever imported.</param>
sealed record UnitList(int Tree, DateOnly On, IReadOnlyList<UnitRow> Units);

/// <summary>An officer on a roster.</summary>
sealed record PostingRow(string OfficerId, string Unit, Title Title, DateOnly ValidFrom, DateOnly? ValidTo);

/// <summary>What was said of a unit for a time.</summary>
sealed record UnitSpellRow(DateOnly ValidFrom, DateOnly? ValidTo, string? Parent, string Division, Title Title);

/// <summary>A unit: its way from the root, all that was said of it, and who belongs to it and to those below it on a day.</summary>
/// <param name="Path">From the root; empty where it is not in the tree on that day.</param>
sealed record UnitPage(
    string Unit, int Tree, DateOnly On, Title Title, IReadOnlyList<UnitRow> Path, IReadOnlyList<UnitRow> Below, IReadOnlyList<UnitSpellRow> Spells,
    IReadOnlyList<PostingRow> Roster);

/// <summary>Units in a tree, with rosters: as they were on any day, and by which import it is known.</summary>
sealed class UnitsApi(UnitStore store, ReportStore reports, Divisions divisions, Titles titles, Words words, TimeProvider clock)
{
    const int MostFiles = 20;

    static readonly string[] Asked = ["on", "tree", "lang"];

    public void Map(IEndpointRouteBuilder routes)
    {
        var units = routes.MapGroup("/api/v1/units").WithTags("Units").ProducesProblem(400);
        units.MapGet("/", List).Produces<UnitList>().WithMetadata(new AskedByQuery(Asked));
        units.MapGet("/{unit}", One).Produces<UnitPage>().ProducesProblem(404).WithMetadata(new AskedByQuery(Asked));
        units.MapGet("/imports", async (CancellationToken cancel) => TypedResults.Ok(new UnitImports(await store.Versions(cancel))));
        units.MapPost("/imports", Import).Accepts<NewUnits>("application/json").Produces<UnitReceipt>(201).Produces<UnitReceipt>();
    }

    async Task<IResult> Import(HttpRequest request, CancellationToken cancel)
    {
        var language = Words.Language(request.HttpContext);
        var (sent, refused) = await JsonBody.Read<NewUnits>(request, words, "reporting.units.refused", null, cancel);
        if (sent is null)
            return refused!;
        var faults = new Dictionary<string, string[]>();
        if (!PlainText.IsWords(sent.ImportedBy, 100))
            faults["importedBy"] = [words.Get("reporting.by", language)];
        if (!PlainText.IsWords(sent.Why, 1_000))
            faults["why"] = [words.Get("reporting.why", language)];
        if (sent.Files is not { Count: >= 1 and <= MostFiles } files || files.Any(one => one?.Text is null || !PlainText.IsWords(one.Name, 100)))
            faults["files"] = [words.Get("reporting.units.files", language, MostFiles)];
        if (sent.Source is null ? sent.Files?.Any(one => one?.Text?.TrimStart('\uFEFF', ' ', '\r', '\n').StartsWith('{') == false) == true : !PlainText.IsWords(sent.Source, 300))
            faults["source"] = [words.Get("reporting.units.source", language)];
        if (faults.Count > 0)
            return Bodies.Refused(faults, words, language);
        var file = new UnitFile(code => divisions.Find(null, code) is not null);
        foreach (var one in sent.Files!)
            file.Read(one.Name!, one.Text!);
        var (changes, version, kept) = await store.Add(file, sent.ImportedBy!, sent.Why!, sent.Source, sent.Check, first: false, cancel);
        if (changes.Faults.Count > 0)
            return Bodies.Refused(changes.Faults.GroupBy(fault => fault.At).ToDictionary(
                line => line.Key, line => line.Select(fault => words.Get(fault.Code, language, fault.Values)).ToArray()), words, language, "reporting.units.refused");
        var receipt = new UnitReceipt(version, changes.Units.Count, changes.Roster.Count);
        return kept ? Results.Created("/api/v1/units", receipt) : Results.Ok(receipt);
    }

    async Task<IResult> List(HttpContext http, CancellationToken cancel)
    {
        var (question, on, version) = Ask(http);
        if (question.Faults.Count > 0)
            return Bodies.Refused(new(question.Faults), words, Words.Language(http));
        return await reports.InSnapshot(null, snapshot => snapshot.Units(store, version), cancel) is { } tree
            ? Results.Ok(new UnitList(tree.Version, on, [.. InOrder(tree, on).Select(one => Row(tree, one, on))])) : NoVersion(http, question);
    }

    async Task<IResult> One(string unit, HttpContext http, CancellationToken cancel)
    {
        var (question, on, version) = Ask(http);
        if (question.Faults.Count > 0)
            return Bodies.Refused(new(question.Faults), words, Words.Language(http));
        if (await reports.InSnapshot(null, snapshot => snapshot.Units(store, version), cancel) is not { } tree)
            return NoVersion(http, question);
        if (!tree.Knows(unit))
            return Bodies.Problem(StatusCodes.Status404NotFound, "urn:traffic:not-found", words.Get("reporting.unit", Words.Language(http)));
        return Results.Ok(new UnitPage(
            unit, tree.Version, on, Titles.Unit(tree, unit, on), [.. tree.PathOn(unit, on).Select(Shown)],
            [.. InOrder(tree, on).Where(one => tree.On(one.Code, on)?.Parent == unit).Select(one => Row(tree, one, on))],
            [.. tree.Of(unit).Select(one => new UnitSpellRow(one.From, one.To, one.Parent, one.Division, new Title(one.Zh, one.En)))],
            [.. tree.RosterOn(unit, on).Select(one => new PostingRow(one.OfficerId, one.Unit, Titles.Unit(tree, one.Unit, on), one.From, one.To))]));

        UnitRow Shown(string code) => Row(tree, tree.On(code, on)!, on);
    }

    (ReportQuestion Question, DateOnly On, int? Version) Ask(HttpContext http)
    {
        var question = new ReportQuestion(http.Request.Query, divisions, words, Words.Language(http));
        question.OnlyKnows(Asked);
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(clock.GetUtcNow(), divisions.Zone(null, divisions.Roots[0].Code)).DateTime);
        return (question, question.Day("on") ?? today, question.Tree());
    }

    IResult NoVersion(HttpContext http, ReportQuestion question)
    {
        question.Fault("tree", "reporting.units.version");
        return Bodies.Refused(new(question.Faults), words, Words.Language(http));
    }

    /// <summary>Depth first, by code.</summary>
    internal static IEnumerable<UnitSpell> InOrder(UnitTree tree, DateOnly on)
    {
        var there = tree.Spells.Where(one => one.HoldsOn(on)).ToLookup(one => one.Parent ?? "");
        return Below("");

        IEnumerable<UnitSpell> Below(string parent) => there[parent].SelectMany(one => Below(one.Code).Prepend(one));
    }

    UnitRow Row(UnitTree tree, UnitSpell one, DateOnly on) => new(
        one.Code, one.Parent, tree.PathOn(one.Code, on).Count, new Title(one.Zh, one.En), one.Division, titles.Division(one.Division, null), one.From, one.To,
        tree.Postings.Count(posting => posting.Unit == one.Code && posting.HoldsOn(on)),
        string.Create(CultureInfo.InvariantCulture, $"/api/v1/units/{one.Code}?on={on:yyyy-MM-dd}&tree={tree.Version}"));
}
