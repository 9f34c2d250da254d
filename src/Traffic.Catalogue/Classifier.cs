using Traffic.Contracts;

namespace Traffic.Catalogue;

/// <summary>Decides what a record amounts to. Pure: same arguments, same answer, whenever it is asked.</summary>
public static class Classifier
{
    /// <summary>Decides a record under the law in force when it happened. Never throws, never guesses.</summary>
    public static Decision Decide(ReportedViolation reported, DecisionContext context, Catalogue catalogue) => new()
    {
        Entry = context.LawApplies ? Decision.Undecided : Decision.NoLaw,
        Family = reported.OffenceKind ?? "unknown",
        VehicleClass = "unknown",
        CatalogueVersion = catalogue.Version,
        Missing = ["law"],
        Rule = "undecided",
        Trace = "{}",
    };

    /// <summary>The record can only be decided with <see cref="DecisionContext.PriorDrinkDecisions"/> of its known driver.</summary>
    public static bool NeedsPriors(ReportedViolation reported, Catalogue catalogue) =>
        reported.DriverIdNumber is not null && Decide(reported, DecisionContext.None, catalogue).NeedsPriors;
}
