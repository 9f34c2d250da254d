namespace Traffic.Catalogue;

/// <summary>What the table of an offence says: group before road before tier; and what speaks against the entry a reporter named.</summary>
ref partial struct Question
{
    /// <summary>Group, road, tier. Null if undecided; then <see cref="missing"/> says why.</summary>
    Rule? Decide(OffenceCase one)
    {
        var reading = one.Measure is { } measure ? readings.Of(measure) : null;
        if (reading is { } known && !one.Starts.Holds(known))
            return Lacks("below-limit");

        var index = GroupOf(one);
        if (index == one.Groups.Length)
            return Lacks("no-rule");
        group = index < 0 ? null : one.Groups[index];
        if (roadKind is null && (index < 0 ? one.NeedsRoad.Any(needs => needs) : one.NeedsRoad[index])
            && (index < 0 || reading is null || !SameOnEveryRoad(one.Table[index], reading.Value)))
            Lacks("roadKind");
        if (one.Measure is { } wanted && reading is null)
        {
            if (readings[wanted.Of] is null)
                Lacks(Readings.NameOf(wanted.Of));
            if (wanted.Over is { } over && readings[over] is null)
                Lacks(Readings.NameOf(over));
        }
        var exception = one.Exception is { IsOn: true } on && reading is { } measured ? ExceptionOf(on, measured) : null;
        if (missing is not null)
            return null;
        if (exception is not null)
            return exception;

        if (TierOf(one.Table[index][(int)(roadKind ?? 0)], reading) is not { } tier)
            return Lacks("no-rule");
        if (tier.Again is not { } again)
            return tier.Rule;
        return context.PriorDrinkDecisions is not { } priors
            ? Lacks(reported.DriverIdNumber is null ? "driverIdNumber" : "priors")
            : priors >= again.PriorsFrom ? again : tier.Rule;
    }

    /// <summary>The rule of an exception that is switched on, where it holds here; an unknown road is named where it could.</summary>
    Rule? ExceptionOf(OffenceCase exception, in Reading reading)
    {
        exceptionRefused = exception.Id;
        if (exception.Groups[0].Holds(vehicle) == false)
            return null;
        for (var road = 0; road < RoadNames.Length; road++)
            if ((roadKind is null || (int)roadKind == road) && TierOf(exception.Table[0][road], reading)?.Rule is { } rule
                && (rule.BaseUnder is not { } under || reading.Base < under))
            {
                exceptionRefused = null;
                return roadKind is null ? Lacks("roadKind") : rule;
            }
        return null;
    }

    /// <summary>
    /// The first group that holds; −1 (and the input named) if that cannot be told; the number of groups if none does.
    /// </summary>
    int GroupOf(OffenceCase one)
    {
        for (var i = 0; i < one.Groups.Length; i++)
            switch (one.Groups[i].Holds(vehicle))
            {
                case true:
                    groupsRefused = i;
                    return i;
                case false: break;
                case null:
                    Lacks(edition.Vehicles.InputFor(one.Groups[i].Open(vehicle), reported));
                    return -1;
            }
        return one.Groups.Length;
    }

    static bool SameOnEveryRoad(Tier[][] byRoad, in Reading reading)
    {
        var first = TierOf(byRoad[0], reading);
        foreach (var tiers in byRoad)
            if (TierOf(tiers, reading) != first)
                return false;
        return true;
    }

    static Tier? TierOf(Tier[] tiers, in Reading? reading)
    {
        if (reading is not { } known)
            return tiers.Length > 0 ? tiers[0] : null;
        for (var i = tiers.Length - 1; i >= 0; i--)
            if (tiers[i].From.Holds(known))
                return tiers[i].Rule.Under is { } end && known.CompareTo(end) >= 0 ? null : tiers[i];
        return null;
    }

    Rule? Lacks(string name)
    {
        missing ??= [];
        if (!missing.Contains(name))
            missing.Add(name);
        return null;
    }

    /// <summary>What speaks against the entry the reporter named; null if nothing does.</summary>
    readonly string? Contradiction(Rule named, Rule? decided)
    {
        var one = named.Case;
        for (var i = 0; i < one.Groups.Length; i++)
        {
            var holds = one.Groups[i].Holds(vehicle);
            var own = (named.Groups >> i & 1) == 1;
            if (holds != false && own)
                break;
            if (holds == true || i == one.Groups.Length - 1)
                return "code-against-vehicle";
        }
        if (roadKind is { } road && (named.Roads >> (int)road & 1) == 0)
            return "code-against-road";
        if (one.Measure is { } measure && readings.Of(measure) is { } reading
            && (!named.From.Holds(reading) || (named.Under is { } end && reading.CompareTo(end) >= 0)
                || (named.BaseUnder is { } under && reading.Base >= under)))
            return "code-against-measure";
        if (named.PriorsFrom is { } priors && context.PriorDrinkDecisions < priors)
            return "code-against-priors";
        return decided is not null && decided != named && !IsSameBut(decided, named) ? "code-against-measure" : null;
    }

    /// <summary>What holds instead of a rule for a driver punished before; null if that changes nothing.</summary>
    static Rule? AgainOf(Rule rule)
    {
        foreach (var byRoad in rule.Case.Table)
            foreach (var tier in byRoad[0])
                if (tier.Rule == rule)
                    return tier.Again;
        return null;
    }

    /// <summary>The same tier, of which one rule is for drivers punished before.</summary>
    static bool IsSameBut(Rule decided, Rule named) =>
        decided.Case == named.Case && decided.Groups == named.Groups && decided.From == named.From
        && decided.PriorsFrom is not null && named.PriorsFrom is null;
}
