using Traffic.Contracts;

namespace Traffic.Catalogue;

/// <summary>
/// Decides what a record amounts to. Pure: same arguments, same answer, whenever it is asked. Vehicle group comes before road,
/// road before tier; what an input leaves open is named, never guessed. The numbers of the law stand in the catalogue alone.
/// </summary>
public static class Classifier
{
    /// <summary>Decides a record under the law in force at the instant it happened. Never throws.</summary>
    public static Decision Decide(ReportedViolation reported, DecisionContext context, Catalogue catalogue)
    {
        if (!context.LawApplies)
            return NotOurs(reported, catalogue);
        if (catalogue.InForceAt(reported.OccurredAt, reported.DivisionCode) is not { } edition)
            return new Question(reported, context, catalogue, catalogue.Newest).NoEdition();
        return new Question(reported, context, catalogue, edition).Answer();
    }

    /// <summary>The record can only be decided with <see cref="DecisionContext.PriorDrinkDecisions"/> of its known driver.</summary>
    public static bool NeedsPriors(ReportedViolation reported, Catalogue catalogue) =>
        reported.DriverIdNumber is not null
        && catalogue.InForceAt(reported.OccurredAt, reported.DivisionCode) is { } edition
        && new Question(reported, DecisionContext.None, catalogue, edition).MayNeedPriors()
        && Decide(reported, DecisionContext.None, catalogue).NeedsPriors;

    static Decision NotOurs(ReportedViolation reported, Catalogue catalogue)
    {
        var trace = new Trace(stackalloc char[Trace.MaxBytes + 64], Decision.NoLaw, null);
        trace.In("kind", reported.OffenceKind);
        trace.In("code", reported.OffenceCode);
        return new Decision
        {
            Entry = Decision.NoLaw,
            Family = reported.OffenceKind ?? "unknown",
            VehicleClass = catalogue.Newest.Vehicles.Of(reported).Class,
            CatalogueVersion = catalogue.Version,
            Rule = Decision.NoLaw,
            Trace = trace.End(),
        };
    }
}
