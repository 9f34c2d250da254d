using Traffic.Contracts;

namespace Traffic.Catalogue;

/// <summary>One record before one edition.</summary>
ref partial struct Question(ReportedViolation reported, DecisionContext context, Catalogue catalogue, CatalogueEdition edition)
{
    readonly Vehicle vehicle = edition.Vehicles.Of(reported);
    readonly Readings readings = Readings.Of(reported);
    readonly RoadKind? roadKind = reported.RoadKind is { } on && (uint)on < RoadNames.Length ? on : null;

    /// <summary>The entry that the reported code (or entry id) names, if the law in force knows it.</summary>
    Rule? named;

    /// <summary>What the code pointed to in an edition that is not the one in force.</summary>
    OffenceCase? fromOtherEdition;

    string? codeFault;
    OffenceCase? at;
    VehicleGroup? group;
    List<string>? missing;
    string by = "none";

    /// <summary>What was tried and refused: groups before the one that holds, an exception, another offence within its limit.</summary>
    int groupsRefused;
    string? exceptionRefused;
    string? caseRefused;

    public Decision NoEdition() => Undecided(FamilyOfWord(), "law");

    public Decision Answer()
    {
        ReadCode();
        if (codeFault is not null)
            return Undecided(FamilyOfWord(), codeFault);
        if (Select() is { } fault)
            return Undecided(at?.Family ?? FamilyOfWord(), fault);

        var rule = Decide(at!);
        if (named is null)
            return rule is null ? Undecided(at!.Family) : Decided(rule);

        // The reporter named an entry: what is known must not speak against it, and what is not known it tells.
        if (Contradiction(named, rule) is { } contradiction)
            return Undecided(named.Family, contradiction, rule);
        if (AgainOf(named) is not null && reported.DriverIdNumber is not null && context.PriorDrinkDecisions is null)
            return Undecided(named.Family, "priors");
        var punished = AgainOf(named);
        return Decided(punished is not null && context.PriorDrinkDecisions >= punished.PriorsFrom ? punished : named);
    }

    public bool MayNeedPriors()
    {
        if (readings[Input.Alcohol] is not null)
            return true;
        ReadCode();
        return (named?.Case ?? fromOtherEdition) is { } known
            ? known.Table.Any(byRoad => byRoad[0].Any(tier => tier.Again is not null))
            : reported.OffenceKind is { } kind && edition.CasesByWord.TryGetValue(kind, out var cases)
                && cases.Any(one => one.Measure?.Of == Input.Alcohol);
    }

    readonly string Tags() => catalogue.OverlaysAt(reported.OccurredAt)?.TagsOf(reported, context.DriverOffences) ?? "";

    readonly Decision Undecided(string family, string? reason = null, Rule? measured = null)
    {
        List<string> why = reason is null ? missing! : [reason];
        var inForce = edition.Start <= reported.OccurredAt ? edition.Id : null;
        var trace = new Trace(stackalloc char[Trace.MaxBytes + 64], Decision.Undecided, inForce);
        trace.Say("by", by);
        trace.Say("why", why);
        if (named is not null)
            trace.Say("named", named.Id);
        if (measured is not null)
            trace.Say("measured", measured.Id);
        Inputs(ref trace, at);
        return new Decision
        {
            Entry = Decision.Undecided,
            Family = family,
            VehicleClass = vehicle.Class,
            Overlays = Tags(),
            VehicleGroup = group?.Id,
            CatalogueVersion = catalogue.Version,
            LawEdition = inForce,
            Missing = why,
            Rule = at?.Id ?? Decision.Undecided,
            Trace = trace.End(),
            NeedsPriors = why.Contains("priors"),
        };
    }

    readonly Decision Decided(Rule rule)
    {
        var fine = FineOf(rule, out var open);
        var criminal = rule.Entry.CriminalReferral || IsReferred(rule, ref open);
        // Points are a driver's: a camera knows a vehicle, and its owner has none to lose (Road Traffic Safety Law, art. 114).
        var ownerOnly = rule.Entry.Points > 0 && reported is { Source: RecordSource.Camera, DriverIdNumber: null };
        var hold = HoldOf(rule.Case);
        var trace = new Trace(stackalloc char[Trace.MaxBytes + 64], rule.Id, edition.Id);
        trace.Say("by", by);
        if (edition.LayerId is { } layer)
            trace.Say("layer", layer);
        if (criminal)
            trace.Say("to", "criminal");
        else if (ownerOnly)
            trace.Say("to", "owner");
        if (hold is not null)
            trace.Say("hold", hold);
        if (open is not null)
            trace.Say("open", open);
        Refused(ref trace, rule.Case, referral: !criminal && rule.Case.Referrals.Length > 0 && open is null);
        Inputs(ref trace, rule.Case);
        return new Decision
        {
            Entry = rule.Id,
            Family = rule.Family,
            Items = rule.ItemsByRoad[roadKind is { } road ? (int)road : ^1],
            VehicleClass = vehicle.Class,
            Overlays = Tags(),
            VehicleGroup = group?.Id,
            // What goes to a criminal unit is neither scored nor fined here.
            Points = criminal || ownerOnly ? null : rule.Entry.Points,
            FineMin = criminal ? null : fine?.Min,
            FineMax = criminal ? null : fine?.Max,
            CriminalReferral = criminal,
            OwnerOnly = ownerOnly,
            Hold = hold,
            CatalogueVersion = catalogue.Version,
            LawEdition = edition.Id,
            Open = open ?? (IReadOnlyList<string>)[],
            Rule = rule.Id,
            Trace = trace.End(),
        };
    }
}
