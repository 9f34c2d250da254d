using Traffic.Contracts;

namespace Traffic.Catalogue;

/// <summary>Which offence a record is about: by its code, its word, what was seen, or what was measured.</summary>
ref partial struct Question
{
    enum Seeing { Nothing, Open, Below, Over }

    /// <summary>A code means what the list of its date says; a fifth character is a local refinement.</summary>
    void ReadCode()
    {
        if (reported.OffenceCode is { } code)
        {
            var list = reported.OffenceEdition is { } day && catalogue.InForceOn(day) is var dated && dated?.Id != edition.Id ? dated : edition;
            var rule = list is null ? null
                : list.RuleByCode.GetValueOrDefault(code)
                    ?? (code.Length == 5 ? list.RuleByCode.GetValueOrDefault(code[..4]) : null);
            if (rule is null)
                return;
            if (list == edition)
                named = rule;
            else if (edition.CaseById.TryGetValue(rule.Case.Id, out var same))
                fromOtherEdition = same;
            else
                codeFault = "code-of-other-edition";
        }
        else if (reported.OffenceKind is { } kind && !edition.CasesByWord.ContainsKey(kind))
            named = edition.RuleById.GetValueOrDefault(kind);
    }

    /// <summary>Which offence it is about, or why that cannot be told.</summary>
    string? Select()
    {
        var kinds = reported.OffenceKind is { } kind ? edition.CasesByWord.GetValueOrDefault(kind) : null;
        var seen = Seen();
        if ((named?.Case ?? fromOtherEdition) is { } coded)
        {
            (at, by) = (coded, "code");
            if (kinds is not null && !HasFamily(kinds, coded.Family))
                return "code-against-kind";
            return seen.Length > 0 && !seen.Contains(coded) && HasFamily(seen, coded.Family) ? "code-against-signal" : null;
        }
        if (reported.OffenceKind is not null && kinds is null)
            return "offenceKind";
        if (kinds is not null)
            return SelectOf(kinds, seen);
        if (seen.Length > 0)
        {
            by = "signal";
            at = seen[0];
            if (seen.Length == 1 && !IsOverElsewhere(seen[0]))
                return null;
            var family = IsOneFamily(seen);
            at = family ? seen[0] : null;
            return family && seen.Length > 1 ? "offenceCode" : "one-offence";
        }
        return SelectMeasured();
    }

    /// <summary>By the reporter's word; what was seen or measured may narrow it within the word's own family.</summary>
    string? SelectOf(OffenceCase[] kinds, OffenceCase[] seen)
    {
        by = "kind";
        if (seen.Length == 0 && kinds.Length == 1)
        {
            at = kinds[0];
            return null;
        }
        List<OffenceCase> narrowed = [];
        foreach (var one in seen)
            if (HasFamily(kinds, one.Family))
                narrowed.Add(one);
        if (narrowed.Count == 0 && kinds.Length == 1)
            narrowed.Add(kinds[0]);
        else if (narrowed.Count == 0)
            foreach (var one in kinds)
                if (StateOf(one) != Seeing.Nothing)
                    narrowed.Add(one);
        at = narrowed.Count > 0 ? narrowed[0] : IsOneFamily(kinds) ? kinds[0] : null;
        return narrowed.Count switch
        {
            1 => null,
            0 => kinds.Any(one => one.SeenBy.Length > 0) ? "measurements" : "signals",
            _ => IsOneFamily([.. narrowed]) ? "offenceCode" : "one-offence",
        };
    }

    /// <summary>By the measurements alone: the one offence whose bound is passed.</summary>
    string? SelectMeasured()
    {
        by = "measure";
        int over = 0, open = 0, below = 0;
        foreach (var one in edition.MeasuredCases)
            switch (StateOf(one))
            {
                case Seeing.Over when ++over == 1: at = one; break;
                case Seeing.Open when ++open == 1 && over == 0: at = one; break;
                case Seeing.Below:
                    if (++below == 1 && over + open == 0)
                        at = one;
                    caseRefused = one.Id;
                    break;
                default: break;
            }
        if (at?.Id == caseRefused)
            caseRefused = null;
        return (over, open, below) switch
        {
            (0, 0, 0) => "offence",
            (0, 0, _) => "below-limit",
            (1, _, _) or (0, 1, _) => null,
            _ => "one-offence",
        };
    }

    readonly OffenceCase[] Seen() => reported.Signals switch
    {
        null or { Count: 0 } => [],
        [var signal] => CasesOf(signal),
        var signals => Seen(signals),
    };

    /// <summary>What several signals point to; of a case and the one that stands instead of it, only the latter.</summary>
    readonly OffenceCase[] Seen(IReadOnlyList<Signal> signals)
    {
        List<OffenceCase> seen = [];
        foreach (var signal in signals)
            foreach (var one in CasesOf(signal))
                if (!seen.Contains(one))
                    seen.Add(one);
        for (var i = seen.Count - 1; i >= 0 && seen.Count > 1; i--)
            if (seen.Exists(other => other.InsteadOf.Contains(seen[i].Id)))
                seen.RemoveAt(i);
        return [.. seen];
    }

    readonly OffenceCase[] CasesOf(Signal signal) =>
        (int)signal is var number && number >= 0 && number < edition.CasesBySignal.Length ? edition.CasesBySignal[number] : [];

    /// <summary>What the measurements say about a case: nothing, too little to tell, within the limit, or over it.</summary>
    readonly Seeing StateOf(OffenceCase one)
    {
        foreach (var input in one.SeenBy)
            if (readings[input] is not null)
                return readings.Of(one.Measure!) is not { } reading ? Seeing.Open
                    : one.Starts.Holds(reading) ? Seeing.Over : Seeing.Below;
        return Seeing.Nothing;
    }

    readonly bool IsOverElsewhere(OffenceCase seen)
    {
        foreach (var one in edition.MeasuredCases)
            if (one != seen && StateOf(one) == Seeing.Over)
                return true;
        return false;
    }

    readonly string FamilyOfWord()
    {
        if (named is not null)
            return named.Family;
        if (reported.OffenceKind is { } kind)
            return edition.CasesByWord.TryGetValue(kind, out var cases)
                ? IsOneFamily(cases) ? cases[0].Family : "other"
                : "other";
        return reported.OffenceText is not null || reported.OffenceCode is not null ? "other" : "unknown";
    }

    readonly bool Saw(Signal signal)
    {
        if (reported.Signals is { } signals)
            for (var i = 0; i < signals.Count; i++)
                if (signals[i] == signal)
                    return true;
        return false;
    }

    // Loops where a lambda would cost a closure in each decision.
    static bool HasFamily(OffenceCase[] cases, string family)
    {
        foreach (var one in cases)
            if (one.Family == family)
                return true;
        return false;
    }

    static bool IsOneFamily(OffenceCase[] cases)
    {
        foreach (var one in cases)
            if (one.Family != cases[0].Family)
                return false;
        return true;
    }
}
