using Traffic.Catalogue;
using Traffic.Contracts;

namespace Traffic.Register;

/// <summary>What one driver did until a moment, as it stands: added in the order in which it happened.</summary>
/// <remarks>
/// A repeated drink-driving offence weighs more (Road Traffic Safety Law, art. 91); what weighs otherwise (points in the cycle,
/// key offences, serious ones) makes the driver of the next record a key driver.
/// </remarks>
sealed class DriverPast(Decider decider)
{
    /// <summary>So many of a driver's offences before a moment are enough to know him: who has more is a key driver by their number alone.</summary>
    public const int Enough = 16;

    /// <summary>What he did since was not yet punished: a penalty takes its time.</summary>
    static readonly TimeSpan UntilPunished = TimeSpan.FromDays(1);

    readonly List<DateTime> drink = [];
    readonly List<DriverOffence> weighing = [];

    /// <summary>It is of the family, of a motor vehicle, decided, and stands.</summary>
    public static bool IsDrink(Standing standing) =>
        ConcernsDrink(standing) && standing.Entry != Decision.Undecided && standing.VehicleClass != "non-motor" && Stands(standing);

    /// <summary>What the driver drank before may matter, or this may matter for what he did later.</summary>
    public static bool ConcernsDrink(Standing standing) => standing.Family == "drink-driving" && standing.Entry != Decision.NoLaw;

    /// <summary>It stands: neither rejected nor voided.</summary>
    public static bool Stands(Standing standing) => standing.Status is not StandingStatus.Rejected and not StandingStatus.Voided;

    public void Add(DateTime at, Standing standing)
    {
        // What waits for a person or a blood value, or is held beside another of the same act, was punished by nobody.
        if (standing.Status != StandingStatus.Confirmed)
            return;
        if (IsDrink(standing))
            drink.Add(at);
        if (decider.Weighs(at, standing))
            weighing.Add(new DriverOffence(at, standing.Points, standing.Family, standing.Entry, standing.Items.Length > 0));
    }

    /// <summary>How often he was punished for drink-driving before an instant, as far as records tell: confirmed ones of a day and more before it.</summary>
    public int Drink(DateTime at)
    {
        var count = drink.Count;
        while (count > 0 && drink[count - 1] > at - UntilPunished)
            count--;
        return count;
    }

    /// <summary>What he did in the months before an instant that weighs, the newest <see cref="Enough"/> of it; null where no rule asks for it.</summary>
    public IReadOnlyList<DriverOffence>? Before(DateTimeOffset at)
    {
        if (decider.Catalogue.OverlaysAt(at) is not { } overlays)
            return null;
        var since = at.AddMonths(-overlays.DriverMonths);
        var before = new List<DriverOffence>();
        for (var i = weighing.Count - 1; i >= 0 && before.Count < Enough && weighing[i].OccurredAt >= since; i--)
            if (weighing[i].OccurredAt < at)
                before.Add(weighing[i]);
        return before;
    }
}
