namespace Traffic.Catalogue;

/// <summary>What had to be looked up before a record could be decided.</summary>
public sealed record DecisionContext
{
    /// <summary>Nothing was looked up; the law applies.</summary>
    public static DecisionContext None { get; } = new();

    /// <summary>How often the driver was punished for drink-driving before this instant; null if nobody looked.</summary>
    public int? PriorDrinkDecisions { get; init; }

    /// <summary>What the driver did in the months before that the overlays name; null if nobody looked.</summary>
    public IReadOnlyList<DriverOffence>? DriverOffences { get; init; }

    /// <summary>False for an import from where another law holds: the record keeps its kind and gets no entry.</summary>
    public bool LawApplies { get; init; } = true;

    /// <summary>True for an imported table: nobody can ask for a reading any more that is not there.</summary>
    public bool IsHistory { get; init; }
}

/// <summary>What a record amounts to under the law of its instant, and why.</summary>
public sealed record Decision
{
    /// <summary>The record cannot be decided from what was reported: <see cref="Missing"/> says what is lacking.</summary>
    public const string Undecided = "undecided";

    /// <summary>No law of ours applies.</summary>
    public const string NoLaw = "no-law";

    /// <summary>Why a named alcohol offence is held that came without a reading.</summary>
    public const string Unmeasured = "unmeasured";

    /// <summary>Entry of the catalogue, <see cref="Undecided"/> or <see cref="NoLaw"/>.</summary>
    public required string Entry { get; init; }

    /// <summary>Family of offences; <c>other</c> if the catalogue has none for it, <c>unknown</c> if nothing was said.</summary>
    public required string Family { get; init; }

    /// <summary>Campaign items the record counts for; none if undecided.</summary>
    public IReadOnlyList<string> Items { get; init; } = [];

    /// <summary>Tags of the campaign's overlays, joined by commas, e.g. <c>keyVehicle,keyVehicle.tour</c>; empty for none.</summary>
    public string Overlays { get; init; } = "";

    /// <summary><c>car</c>, <c>minivan</c>, <c>coach</c>, <c>bus</c>, <c>truck</c>, <c>motorcycle</c>, <c>non-motor</c>, <c>other</c> or <c>unknown</c>.</summary>
    public required string VehicleClass { get; init; }

    /// <summary>Group of vehicles by which the points were found, e.g. <c>A</c>; null if the offence knows none or it is unknown.</summary>
    public string? VehicleGroup { get; init; }

    /// <summary>Points of the driver; null where points do not apply, 0 where the law names the offence and gives none.</summary>
    public int? Points { get; init; }

    /// <summary>Least fine, CNY; null if there is no fine or its amount is open.</summary>
    public int? FineMin { get; init; }

    /// <summary>Greatest fine, CNY; 0 where a warning is all.</summary>
    public int? FineMax { get; init; }

    /// <summary>The case goes to a criminal unit.</summary>
    public bool CriminalReferral { get; init; }

    /// <summary>Only the owner is known, from a camera: no points until the driver is.</summary>
    public bool OwnerOnly { get; init; }

    /// <summary>Why it is only suspected, as a stable word (<c>awaiting-blood</c>, <c>unmeasured</c>, <c>plate-suspected-cloned</c>); null if it is not.</summary>
    public string? Hold { get; init; }

    /// <summary>Our data that decided: newest edition and digest of all files, e.g. <c>2022-04-01+3fa9c21b</c>.</summary>
    public required string CatalogueVersion { get; init; }

    /// <summary>The edition in force when it happened, e.g. <c>2022-04-01</c>; null if none is on file.</summary>
    public string? LawEdition { get; init; }

    /// <summary>Why it is undecided: named inputs (<c>vehicleType</c>, <c>speedLimit</c>, …) or reasons (<c>below-limit</c>, …).</summary>
    public IReadOnlyList<string> Missing { get; init; } = [];

    /// <summary>Named inputs that would settle the fine or the referral; the entry stands without them.</summary>
    public IReadOnlyList<string> Open { get; init; } = [];

    /// <summary>The rule that led to the entry: the entry's id, or the case that stayed undecided.</summary>
    public required string Rule { get; init; }

    /// <summary>Rule, edition and inputs as compact JSON of at most 300 bytes (ASCII), the same bytes for the same record.</summary>
    public required string Trace { get; init; }

    /// <summary>It would be decided if the driver's prior decisions were known.</summary>
    public bool NeedsPriors { get; init; }
}
