using Traffic.Contracts;

namespace Traffic.Catalogue;

/// <summary>What is certain about a vehicle, and what is at least possible: one bit a trait.</summary>
/// <param name="Is">Traits it has.</param>
/// <param name="May">Traits it has or may have: no input excludes them.</param>
/// <param name="Class">See <see cref="Decision.VehicleClass"/>.</param>
readonly record struct Vehicle(ulong Is, ulong May, string Class);

/// <summary>The code tables that tell a vehicle's traits: type, use nature, plate type, seats. Data of the catalogue.</summary>
sealed class Vehicles
{
    sealed record Row(string? Class, ulong Traits, ulong May, ulong Not);

    readonly Dictionary<string, ulong> bits = new(StringComparer.Ordinal);
    readonly Dictionary<string, Row> types = new(StringComparer.Ordinal);
    readonly Dictionary<string, Row> natures = new(StringComparer.Ordinal);
    readonly Dictionary<string, Row> plates = new(StringComparer.Ordinal);
    readonly List<(ulong Trait, int From, ulong Below)> seats = [];
    readonly Dictionary<string, Row>.AlternateLookup<ReadOnlySpan<char>> typeByPrefix;
    readonly int longestPrefix;
    readonly ulong ofType, ofNature, ofSeats;
    readonly ulong excluder, excluded;

    public Vehicles(Located table)
    {
        _ = table.Text("source");
        foreach (var trait in table.List("traits"))
        {
            var bit = 1UL << bits.Count;
            if (!bits.TryAdd(trait.Text("id"), bit))
                throw trait.Fault("this trait stands there twice");
            switch (trait.Text("from"))
            {
                case "type": ofType |= bit; break;
                case "nature": ofNature |= bit; break;
                case "seats": ofSeats |= bit; break;
                default: throw trait.Fault("a trait comes from type, nature or seats");
            }
            trait.RefuseOthers();
        }
        foreach (var row in table.List("types"))
            Add(types, row.Text("prefix"), row, RowOf(row));
        foreach (var (rows, name) in new[] { (natures, "natures"), (plates, "plateTypes") })
            foreach (var row in table.List(name))
                foreach (var code in row.Texts("codes"))
                    Add(rows, code, row, RowOf(row));
        foreach (var row in table.List("seats"))
        {
            seats.Add((Bit(row.Get("trait")), row.Whole("from") ?? throw row.Fault("\"from\" is missing"), Mask(row, "below")));
            row.RefuseOthers();
        }
        var excludes = table.Get("motorExcludes");
        (excluder, excluded) = (Bit(excludes.Get("trait")), Mask(excludes, "not"));
        typeByPrefix = types.GetAlternateLookup<ReadOnlySpan<char>>();
        longestPrefix = types.Keys.Max(prefix => prefix.Length);
        table.RefuseOthers();
    }

    public ulong Bit(Located name) =>
        bits.TryGetValue(name.AsText(), out var bit) ? bit : throw name.Fault($"there is no trait \"{name.AsText()}\"");

    public ulong Mask(Located row, string name) => row.List(name).Aggregate(0UL, (mask, one) => mask | Bit(one));

    /// <summary>What the record says about its vehicle. What it does not say stays possible.</summary>
    public Vehicle Of(ReportedViolation reported)
    {
        var type = TypeOf(reported.VehicleType);
        var nature = reported.UseNature is { } code ? natures.GetValueOrDefault(code) : null;
        ulong has, may;
        string? kind;
        if (type is not null)
        {
            has = type.Traits | ((nature?.Traits ?? 0) & ofNature);
            may = has | (type.May & ~(nature is null ? 0 : ofNature));
            kind = type.Class == "bus" && nature?.Class is { } service ? service : type.Class;
        }
        else
        {
            var plate = reported.PlateType is { } plateType ? plates.GetValueOrDefault(plateType) : null;
            has = (nature?.Traits ?? 0) | (plate?.Traits ?? 0);
            may = has | ((nature is null ? ofType | ofNature : ofType) & ~(nature?.Not ?? 0) & ~(plate?.Not ?? 0));
            if ((has & excluder) != 0)
                may &= ~excluded;
            kind = nature?.Class ?? plate?.Class;
        }
        foreach (var (trait, from, below) in seats)
            if (reported.RatedPersons is not { } rated)
                may |= trait;
            else if (rated >= from)
                has |= trait;
            else
                (has, may) = (has & ~trait, may & ~(trait | below));
        return new(has, may | has, kind ?? "unknown");
    }

    /// <summary>Which input would tell the traits that are possible but not certain.</summary>
    public string InputFor(ulong open, ReportedViolation reported)
    {
        if ((open & ofSeats) != 0 && (open & ~ofSeats) == 0)
            return "ratedPersons";
        if (TypeOf(reported.VehicleType) is null)
            return "vehicleType";
        return (open & ofNature) != 0 ? "useNature" : "vehicleType";
    }

    Row? TypeOf(string? code)
    {
        for (var length = Math.Min(code?.Length ?? 0, longestPrefix); length > 0; length--)
            if (typeByPrefix.TryGetValue(code.AsSpan(0, length), out var row))
                return row;
        return null;
    }

    Row RowOf(Located row)
    {
        _ = (row.Find("prefix"), row.Find("codes"));
        var read = new Row(row.Find("class")?.AsText(), Mask(row, "traits"), Mask(row, "may"), Mask(row, "not"));
        row.RefuseOthers();
        return read;
    }

    static void Add(Dictionary<string, Row> rows, string code, Located at, Row row)
    {
        if (!rows.TryAdd(code, row))
            throw at.Fault($"\"{code}\" stands there twice");
    }
}

/// <summary>A group of vehicles by which a table of the law is divided.</summary>
sealed record VehicleGroup(string Id, ulong Any, ulong All, bool Presume)
{
    /// <summary>True or false where the inputs tell; null where they leave it open.</summary>
    public bool? Holds(in Vehicle vehicle)
    {
        if ((Any != 0 && (vehicle.May & Any) == 0) || (vehicle.May & All) != All)
            return false;
        if ((Any == 0 || (vehicle.Is & Any) != 0) && (vehicle.Is & All) == All)
            return true;
        return Presume ? true : null;
    }

    /// <summary>The traits that leave it open.</summary>
    public ulong Open(in Vehicle vehicle) => (Any | All) & vehicle.May & ~vehicle.Is;
}
