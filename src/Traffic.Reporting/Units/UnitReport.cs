using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Traffic.Platform;

namespace Traffic.Reporting.Units;

/// <summary>What units did: confirmed offences, sessions, and what was planned beside what was done.</summary>
sealed record UnitFigures(
    long Offences, string OffencesRecords, long Sessions, string SessionsRecords, long VehiclesChecked, string VehiclesCheckedRecords,
    long PersonsChecked, string PersonsCheckedRecords, PlanRow OfficerHours, PlanRow Visits);

/// <summary>One unit.</summary>
/// <param name="Level">1 for a root.</param>
/// <param name="Own">Of records that name the unit itself.</param>
/// <param name="Below">With all units below it, each record by whom its unit was part of on its day.</param>
/// <param name="Part">Likewise of the days on which it was a direct part of the unit asked for: these and that unit's own add up to the whole. Null where it was not, or none was asked for.</param>
sealed record UnitFiguresRow(string Unit, string? Parent, int Level, Title Title, UnitFigures Own, UnitFigures Below, UnitFigures? Part);

/// <summary>An officer in a session who was on another roster than its unit's on that day, or on none.</summary>
/// <param name="RosterUnit">Where he was; null for nowhere.</param>
sealed record RosterFinding(string Session, string Name, DateOnly Day, string Unit, Title Title, string OfficerId, string? RosterUnit, Title? RosterTitle);

/// <summary>Units beside each other in the order of the tree, not ranked. Own figures of all rows and those outside add up to the whole.</summary>
/// <param name="Under">Null for the whole tree.</param>
/// <param name="Whole">Likewise without regard to units; of a unit, of it and all below it.</param>
/// <param name="Outside">Records whose unit is not in the tree on their day, or that name none; null where a unit was asked for.</param>
/// <param name="Findings">The first of them; nothing was refused for it.</param>
/// <param name="FindingsTotal">How many there are.</param>
/// <param name="SessionsWithoutRoster">Sessions of units of which no roster is known on that day: nothing can be said.</param>
sealed record UnitFiguresReport(
    DateOnly From, DateOnly To, long AsOf, int Tree, string? Under, UnitFigures Whole, IReadOnlyList<UnitFiguresRow> Rows, UnitFigures? Outside,
    IReadOnlyList<RosterFinding> Findings, int FindingsTotal, int SessionsWithoutRoster);

/// <summary>The figures of units, rolled up in the tree as it was on each record's day.</summary>
sealed class UnitReportApi(ReportStore store, UnitStore units, Cubes cubes, Divisions divisions, Words words)
{
    const int MostFindings = 200;

    static readonly string[] Dimensions = ["unit", "status", "origin"];

    static readonly string[] Counted = ["sessions", "vehiclesChecked", "personsChecked", "officerMinutes", "officerMinutesPlanned", "visitsPlanned", "visitsProven"];

    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/v1/reports/units", Report).WithTags("Reports").Produces<UnitFiguresReport>().ProducesProblem(400).ProducesProblem(409)
            .WithMetadata(new AskedByQuery(Asked));

    static readonly string[] Asked = ["from", "to", "under", "tree", "asOf", "lang"];

    async Task<IResult> Report(HttpContext http, CancellationToken cancel)
    {
        var language = Words.Language(http);
        var question = new ReportQuestion(http.Request.Query, divisions, words, language);
        question.OnlyKnows(Asked);
        var ((from, to), asOf, under, version) = (question.Window(null), question.AsOf(), question.One("under"), question.Tree());
        if (question.Faults.Count > 0)
            return Bodies.Refused(new(question.Faults), words, language);
        try
        {
            return Results.Ok(await store.InSnapshot(asOf, snapshot => Of(snapshot, from, to, under, version), cancel));
        }
        catch (ValueRefusedException refused)
        {
            question.Fault(refused.Parameter, refused.Word);
            return Bodies.Refused(new(question.Faults), words, language);
        }
        catch (AsOfAheadException ahead)
        {
            return Results.Problem(statusCode: StatusCodes.Status409Conflict, type: "urn:traffic:as-of-ahead", title: words.Get("reporting.asOf.ahead", language, ahead.Present));
        }
    }

    async Task<UnitFiguresReport> Of(Snapshot snapshot, DateOnly from, DateOnly to, string? under, int? version)
    {
        var tree = await snapshot.Units(units, version) ?? throw new ValueRefusedException("tree", "reporting.units.version");
        if (under is not null && !tree.Knows(under))
            throw new ValueRefusedException("under", "reporting.unit");
        var sums = new Sums(tree, under);
        foreach (var one in await snapshot.ByUnit(new Figure { From = from, To = to }))
            sums.Add("offences", one.Unit, one.Day, one.Value);
        string[] everywhere = [.. divisions.All().Select(one => one.Code)];
        foreach (var cube in Counted)
            foreach (var cell in await snapshot.SumByDay(cubes.Find(cube)!, Dimensions, from, to, everywhere))
                if (cell.Keys.Split('|') is [var unit, "confirmed", "-"])
                    sums.Add(cube, unit, cell.Day!.Value, cell.Value);
        var (findings, without) = Findings(tree, under, await snapshot.Sessions(from, to));
        var parts = tree.Spells.Where(one => one.Parent == under && one.From <= to && (one.To is null || one.To >= from)).Select(one => one.Code).ToHashSet();
        var rows = Rows(tree, under, from, to).Select(one => new UnitFiguresRow(
            one.Spell.Code, one.Spell.Parent, one.Level, new Title(one.Spell.Zh, one.Spell.En),
            Figures(sums.Own, one.Spell.Code, new UnitScope { Units = [one.Spell.Code], Under = under is null ? null : [under], Tree = tree.Version }),
            Figures(sums.Below, one.Spell.Code, new UnitScope
            {
                Under = [one.Spell.Code], Within = under is null || under == one.Spell.Code ? null : [under], Tree = tree.Version,
            }),
            under is null || !parts.Contains(one.Spell.Code) ? null
                : Figures(sums.Parts, one.Spell.Code, new UnitScope { Under = [one.Spell.Code], PartOf = [under], Tree = tree.Version }))).ToList();
        return new UnitFiguresReport(
            from, to, snapshot.AsOf, tree.Version, under,
            Figures(sums.Below, Sums.Whole, under is null ? null : new UnitScope { Under = [under], Tree = tree.Version }), rows,
            under is null ? Figures(sums.Own, UnitScope.Outside, new UnitScope { Units = [UnitScope.Outside], Tree = tree.Version }) : null,
            [.. findings.Take(MostFindings)], findings.Count, without);

        UnitFigures Figures(Dictionary<(string, string), long> of, string unit, UnitScope? scope)
        {
            return new(
                Sum("offences"), new Figure { From = from, To = to, Scope = scope }.Link(snapshot.AsOf), Sum("sessions"), Link("sessions"),
                Sum("vehiclesChecked"), Link("vehiclesChecked"), Sum("personsChecked"), Link("personsChecked"),
                PlanRow.Of(Sum("officerMinutesPlanned"), Sum("officerMinutes"), 60, Link("officerMinutesPlanned"), Link("officerMinutes")),
                PlanRow.Of(Sum("visitsPlanned"), Sum("visitsProven"), 1, Link("visitsPlanned"), Link("visitsProven")));

            long Sum(string what) => of.GetValueOrDefault((what, unit));

            string Link(string cube) => new ActivityFigure(
                cubes.Find(cube)!, from, to, null, null, new Dictionary<string, string[]> { ["status"] = ["confirmed"] }) { Scope = scope }.Link(snapshot.AsOf);
        }
    }

    /// <summary>Units that were in the tree on some day of the window, depth first, as they were on the last of those days.</summary>
    static IEnumerable<(UnitSpell Spell, int Level)> Rows(UnitTree tree, string? under, DateOnly from, DateOnly to)
    {
        var there = tree.Paths.Where(path => path.From <= to && path.To >= from && (under is null || path.Units.Contains(under)))
            .GroupBy(path => path.Unit).Select(one => one.MaxBy(path => path.From)!).ToList();
        return there.Select(path => (Path: path, Key: string.Join('/', path.Units))).OrderBy(one => one.Key, StringComparer.Ordinal)
            .Select(one => (tree.On(one.Path.Unit, one.Path.From)!, one.Path.Units.Count));
    }

    static (List<RosterFinding> Findings, int Without) Findings(UnitTree tree, string? under, IReadOnlyList<UnitSession> sessions)
    {
        var (findings, without) = (new List<RosterFinding>(), 0);
        var known = new Dictionary<DateOnly, HashSet<string>>();
        foreach (var session in sessions)
        {
            if (session.UnitCode is not { } unit || tree.PathOn(unit, session.Day) is not { Count: > 0 } path || (under is not null && !path.Contains(under)))
                continue;
            if (!known.TryGetValue(session.Day, out var haveRosters))
                known[session.Day] = haveRosters = [.. tree.Postings.Where(one => one.HoldsOn(session.Day)).SelectMany(one => tree.PathOn(one.Unit, session.Day))];
            if (!haveRosters.Contains(unit))
                without++;
            else
                findings.AddRange(session.Officers.Split('|', StringSplitOptions.RemoveEmptyEntries).Distinct()
                    .Select(officer => (Officer: officer, Posting: tree.PostingOn(officer, session.Day)))
                    .Where(one => one.Posting is null || !tree.PathOn(one.Posting.Unit, session.Day).Contains(unit))
                    .Select(one => new RosterFinding(
                        $"/api/v1/sessions/{session.ActivityId}", session.Name, session.Day, unit, Titles.Unit(tree, unit, session.Day), one.Officer,
                        one.Posting?.Unit, one.Posting is { } elsewhere ? Titles.Unit(tree, elsewhere.Unit, session.Day) : null)));
        }
        return (findings, without);
    }

    /// <summary>Adds each count to its unit and to every one above it on that day.</summary>
    sealed class Sums(UnitTree tree, string? under)
    {
        public const string Whole = "";

        readonly Dictionary<(string, DateOnly), IReadOnlyList<string>> paths = [];

        public Dictionary<(string What, string Unit), long> Own { get; } = [];

        public Dictionary<(string What, string Unit), long> Below { get; } = [];

        /// <summary>By the direct part of the unit asked for in which a record's unit was.</summary>
        public Dictionary<(string What, string Unit), long> Parts { get; } = [];

        public void Add(string what, string unit, DateOnly day, long value)
        {
            if (!paths.TryGetValue((unit, day), out var path))
                paths[(unit, day)] = path = tree.PathOn(unit, day);
            if (under is not null && !path.Contains(under))
                return;
            Plus(Own, path.Count == 0 ? UnitScope.Outside : unit);
            foreach (var above in path.Prepend(Whole))
                Plus(Below, above);
            if (path.SkipWhile(one => one != under).ElementAtOrDefault(1) is { } part)
                Plus(Parts, part);

            void Plus(Dictionary<(string, string), long> sums, string of) => sums[(what, of)] = sums.GetValueOrDefault((what, of)) + value;
        }
    }
}
