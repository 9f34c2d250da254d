using Traffic.Contracts;

namespace Traffic.Catalogue;

/// <summary>What hangs on bounds of its own: the fine, a referral to a criminal unit, and what is only suspected.</summary>
ref partial struct Question
{
    /// <summary>What is only suspected: a person, a laboratory or the other plate's owner must speak first.</summary>
    readonly string? HoldOf(OffenceCase one)
    {
        if (Saw(Signal.PlateSuspectedCloned))
            return "plate-suspected-cloned";
        if (one.BloodFrom is not { } from || readings.HasBlood)
            return null;
        var breath = readings[Input.Alcohol];
        return breath is null && context.IsHistory ? null
            : breath >= from || Saw(Signal.BloodSampleTaken) ? "awaiting-blood"
            : breath is null ? Decision.Unmeasured : null;
    }

    /// <summary>The fine is judged by its own ratio, with its own bounds: at exactly 50 % over it is still the lower one.</summary>
    readonly Fine? FineOf(Rule rule, out List<string>? open)
    {
        open = null;
        foreach (var fine in rule.Fines)
        {
            if (fine.Of is not { } measure)
                return fine;
            if (readings.Of(measure) is not { } reading)
            {
                open = [Readings.NameOf(readings[measure.Of] is null ? measure.Of : measure.Over!.Value)];
                return null;
            }
            if (reading.CompareTo(fine.UpTo) <= 0)
                return fine;
        }
        return null;
    }

    readonly bool IsReferred(Rule rule, ref List<string>? open)
    {
        if (rule.Case.Referrals.Length == 0 || rule.Case.Measure is not { } measure || readings.Of(measure) is not { } reading)
            return false;
        foreach (var referral in rule.Case.Referrals)
        {
            if (!referral.Holds(reading) || (roadKind is { } road && (referral.Roads >> (int)road & 1) == 0))
                continue;
            var holds = referral.Group.Holds(vehicle);
            if (holds == true && (roadKind is not null || referral.Roads == EveryRoad))
                return true;
            if (holds == false)
                continue;
            var input = holds is null ? edition.Vehicles.InputFor(referral.Group.Open(vehicle), reported) : "roadKind";
            if (open?.Contains(input) != true)
                (open ??= []).Add(input);
        }
        return false;
    }

    const uint EveryRoad = (1u << 6) - 1;
}
