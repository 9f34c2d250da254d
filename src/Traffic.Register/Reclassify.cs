using System.Text.Json;
using Traffic.Catalogue;
using Traffic.Contracts;

namespace Traffic.Register;

/// <summary>What another version of the catalogue makes of a record that already stands. People set the status, law sets the entry.</summary>
static class Reclassify
{
    /// <summary>Why a revision began: a version was released, or undone.</summary>
    public const string Released = "law-released", Undone = "law-undone";

    /// <summary>
    /// The next standing; null where nothing of the decision changes. What is voided or rejected stays. A decided record keeps
    /// its status, whatever its entry becomes; one that could not be decided leaves review when it can be, and the other way
    /// round. A person's entry stays while the law says what it said before him and still has it; else the record returns to review.
    /// </summary>
    /// <param name="stored">As it stands.</param>
    /// <param name="decided">By the other version, as if it had just come in.</param>
    /// <param name="ofPerson">The entry a person resolved it with, as the other version has it; null if it has none such.</param>
    /// <param name="driverKnown">Points are a driver's.</param>
    /// <param name="reason">Why the new revision begins, where no person must look.</param>
    public static Standing? Of(Standing stored, Standing decided, CatalogueEntry? ofPerson, bool driverKnown, string reason)
    {
        if (stored.Status is StandingStatus.Voided or StandingStatus.Rejected)
            return null;
        // Divisions and hours are not the catalogue's: what they gave stays.
        var next = decided with
        {
            Revision = stored.Revision + 1, Status = stored.Status, Reason = Waits(stored.Status) ? stored.Reason : reason, ChangedBy = null,
            Division = stored.Division, Day = stored.Day, ShiftDate = stored.ShiftDate, Shift = stored.Shift, Origin = stored.Origin,
        };
        if (IsByPerson(stored) && decided.Entry != stored.Entry)
            next = decided.Entry != LawSaid(stored) || ofPerson is null
                ? next with { Status = StandingStatus.ToReview, Reason = $"law-against-person: {stored.Entry}" }
                : next.By(ofPerson, driverKnown) with { Trace = stored.Trace };
        else if (decided.Entry == Decision.Undecided)
            next = next with
            {
                Status = StandingStatus.ToReview,
                // A note for the reviewer says more than what is missing.
                Reason = stored.Entry == Decision.Undecided && stored.Reason?.Contains(": ", StringComparison.Ordinal) == true ? stored.Reason : decided.Reason,
            };
        else if (stored.Entry == Decision.Undecided && stored.Status == StandingStatus.ToReview)
            next = next with { Status = decided.Status, Reason = decided.Reason ?? reason };
        return IsSame(next, stored) ? null : next;
    }

    /// <summary>
    /// What undoing a version makes of a record: where that version began the present revision, what stood before it, decided
    /// again by the version that is back; else as for any other version.
    /// </summary>
    /// <param name="former">What stood before the undone version; null if it did not begin the present revision.</param>
    public static Standing? Undo(Standing stored, Standing? former, Standing decided, CatalogueEntry? ofPerson, bool driverKnown)
    {
        if (former is null)
            return Of(stored, decided, ofPerson, driverKnown, Undone);
        var back = Of(former with { Revision = stored.Revision }, decided, ofPerson, driverKnown, Undone) ?? former with
        {
            Revision = stored.Revision + 1, Reason = Waits(former.Status) ? former.Reason : Undone, ChangedBy = null,
            CatalogueVersion = decided.CatalogueVersion, LawEdition = former.LawEdition ?? decided.LawEdition,
        };
        return IsSame(back, stored) ? null : back;
    }

    /// <summary>The trace of an entry that a person named instead of what the law said.</summary>
    public static string ByPerson(Standing former, CatalogueEntry entry)
    {
        var said = LawSaid(former);
        var instead = said == Decision.Undecided || said == entry.Id ? "" : $"""
            ,"instead":"{said}"
            """;
        return $$"""{"rule":"{{entry.Id}}","v":"{{former.LawEdition}}"{{instead}},"by":"person"}""";
    }

    /// <summary>The entry that the law alone gave it, whatever a person named since.</summary>
    public static string LawSaid(Standing standing)
    {
        if (!IsByPerson(standing))
            return standing.Entry;
        using var trace = JsonDocument.Parse(standing.Trace);
        return trace.RootElement.TryGetProperty("instead", out var said) ? said.GetString()! : Decision.Undecided;
    }

    public static bool IsByPerson(Standing standing) => standing.Trace.EndsWith("""
        ,"by":"person"}
        """, StringComparison.Ordinal);

    internal static bool Waits(StandingStatus status) => status is StandingStatus.ToReview or StandingStatus.Held;

    /// <summary>The same decision with the same status, whatever led to it.</summary>
    static bool IsSame(Standing one, Standing other) =>
        Bare(one) == Bare(other) && (one.Status != StandingStatus.ToReview || one.Reason == other.Reason);

    static Standing Bare(Standing one) => one with { Revision = 0, Reason = null, ChangedBy = null, CatalogueVersion = "", Trace = "" };
}
