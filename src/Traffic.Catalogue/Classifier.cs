using System.Globalization;
using Traffic.Contracts;

namespace Traffic.Catalogue;

/// <summary>
/// Decides what a record amounts to. Pure: same arguments, same answer, whenever it is asked. Vehicle group comes before road,
/// road before tier; what an input leaves open is named, never guessed. The numbers of the law stand in the catalogue alone.
/// </summary>
public static class Classifier
{
    static readonly string[] SignalNames = Names<Signal>();
    static readonly string[] RoadNames = Names<RoadKind>();

    enum Seeing { Nothing, Open, Below, Over }

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

    static string[] Names<T>() where T : struct, Enum =>
        [.. Enum.GetNames<T>().Select(name => char.ToLowerInvariant(name[0]) + name[1..])];

    /// <summary>One record before one edition.</summary>
    ref struct Question(ReportedViolation reported, DecisionContext context, Catalogue catalogue, CatalogueEdition edition)
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

        /// <summary>A code means what the list of its date says; a fifth character is a local refinement.</summary>
        void ReadCode()
        {
            if (reported.OffenceCode is { } code)
            {
                var list = reported.OffenceEdition is { } day ? catalogue.InForceOn(day) : edition;
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
                if (kinds is not null && !kinds.Any(one => one.Family == coded.Family))
                    return "code-against-kind";
                return seen.Length > 0 && !seen.Contains(coded) && seen.Any(one => one.Family == coded.Family)
                    ? "code-against-signal" : null;
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
                var family = seen.All(one => one.Family == seen[0].Family);
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
            var narrowed = seen.Where(one => kinds.Any(kind => kind.Family == one.Family)).ToList();
            if (narrowed.Count == 0 && kinds.Length == 1)
                narrowed.Add(kinds[0]);
            else if (narrowed.Count == 0)
                foreach (var one in kinds)
                    if (StateOf(one) != Seeing.Nothing)
                        narrowed.Add(one);
            at = narrowed.Count > 0 ? narrowed[0] : kinds.All(one => one.Family == kinds[0].Family) ? kinds[0] : null;
            return narrowed.Count switch
            {
                1 => null,
                0 => kinds.Any(one => one.SeenBy.Length > 0) ? "measurements" : "signals",
                _ => narrowed.All(one => one.Family == narrowed[0].Family) ? "offenceCode" : "one-offence",
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

        readonly OffenceCase[] Seen()
        {
            if (reported.Signals is not { Count: > 0 } signals)
                return [];
            if (signals.Count == 1)
                return CasesOf(signals[0]);
            List<OffenceCase> seen = [];
            for (var i = 0; i < signals.Count; i++)
                foreach (var one in CasesOf(signals[i]))
                    if (!seen.Contains(one))
                        seen.Add(one);
            for (var i = seen.Count - 1; i >= 0 && seen.Count > 1; i--)
                if (seen.Any(other => other.InsteadOf.Contains(seen[i].Id)))
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

        readonly string Tags() => catalogue.OverlaysAt(reported.OccurredAt)?.TagsOf(reported, context.DriverOffences) ?? "";

        readonly string FamilyOfWord()
        {
            if (named is not null)
                return named.Family;
            if (reported.OffenceKind is { } kind)
                return edition.CasesByWord.TryGetValue(kind, out var cases)
                    ? cases.All(one => one.Family == cases[0].Family) ? cases[0].Family : "other"
                    : "other";
            return reported.OffenceText is not null || reported.OffenceCode is not null ? "other" : "unknown";
        }

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

        /// <summary>What is only suspected: a person, a laboratory or the other plate's owner must speak first.</summary>
        readonly string? HoldOf(OffenceCase one)
        {
            if (Saw(Signal.PlateSuspectedCloned))
                return "plate-suspected-cloned";
            return one.BloodFrom is { } from && readings is { HasBlood: false } && readings[Input.Alcohol] is { } breath
                && (breath >= from || Saw(Signal.BloodSampleTaken)) ? "awaiting-blood" : null;
        }

        readonly bool Saw(Signal signal)
        {
            if (reported.Signals is { } signals)
                for (var i = 0; i < signals.Count; i++)
                    if (signals[i] == signal)
                        return true;
            return false;
        }

        readonly void Refused(ref Trace trace, OffenceCase one, bool referral)
        {
            if (groupsRefused == 0 && exceptionRefused is null && caseRefused is null && !referral)
                return;
            List<string>? no = null;
            for (var i = 0; i < groupsRefused && at == one; i++)
                (no ??= []).Add(one.Groups[i].Id);
            foreach (var other in (ReadOnlySpan<string?>)[exceptionRefused, caseRefused, referral ? "crime" : null])
                if (other is not null)
                    (no ??= []).Add(other);
            if (no is not null)
                trace.Say("not", no);
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

        readonly void Inputs(ref Trace trace, OffenceCase? one)
        {
            trace.In("code", reported.OffenceCode);
            if (reported.OffenceCode is not null && reported.OffenceEdition is { } day)
                trace.In("codeEdition", day.ToString("o", CultureInfo.InvariantCulture));
            trace.In("kind", reported.OffenceKind);
            if (one?.Measure is { } measure)
            {
                trace.In(Readings.NameOf(measure.Of), readings[measure.Of]);
                if (measure.Over is { } over)
                    trace.In(Readings.NameOf(over), readings[over]);
                if (measure.Of == Input.DrivingTime)
                    trace.In(Readings.NameOf(Input.RestTime), readings[Input.RestTime]);
                if (measure.Of is Input.GrossMass or Input.Load && readings[Input.Load] is not null)
                {
                    trace.In(Readings.NameOf(Input.Load), measure.Of == Input.Load ? null : readings[Input.Load]);
                    trace.In(Readings.NameOf(Input.RatedLoad), measure.Of == Input.Load ? null : readings[Input.RatedLoad]);
                }
                if (measure.Of == Input.Alcohol)
                    trace.In("priors", context.PriorDrinkDecisions);
            }
            if (context.DriverOffences is { } before)
            {
                trace.In("driverPoints", before.Sum(offence => offence.Points ?? 0));
                trace.In("driverOffences", before.Count(offence => offence.Key));
            }
            trace.In("group", group?.Id);
            trace.In("road", roadKind is { } road ? RoadNames[(int)road] : null);
            trace.In("vehicleType", reported.VehicleType);
            trace.In("useNature", reported.UseNature);
            if (one?.Measure?.Over != Input.RatedPersons)
                trace.In("ratedPersons", reported.RatedPersons);
            if (reported.Signals is { } signals)
                for (var i = 0; i < signals.Count && i < 4; i++)
                    if ((int)signals[i] is var number && number >= 0 && number < SignalNames.Length)
                        trace.In(i == 0 ? "signal" : $"signal{i + 1}", SignalNames[number]);
        }
    }
}
