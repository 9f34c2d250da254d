using NpgsqlTypes;
using Traffic.Platform;

namespace Traffic.Register;

/// <summary>Gathers by how much each cell moves in one transaction, and moves them in one statement, in key order.</summary>
sealed class CellMoves(Cubes cubes)
{
    readonly Dictionary<Bucket, long> byBucket = [];

    /// <summary>A standing begins (+1) or ends (−1).</summary>
    public void Add(Standing standing, int count)
    {
        var bucket = new Bucket(
            standing.Entry, standing.Family, standing.Status.Word(), standing.Shift.Word(), standing.Source.Word(),
            standing.VehicleClass, standing.Origin ?? "-", standing.Items, standing.Overlays, standing.Division, standing.Day);
        byBucket[bucket] = byBucket.GetValueOrDefault(bucket) + count;
    }

    readonly record struct Bucket(
        string Entry, string Family, string Status, string Shift, string Source, string VehicleClass, string Origin, string Items,
        string Overlays, string Division, DateOnly Day)
    {
        // Hashing all of it costs more than comparing the few that these three leave together.
        public override int GetHashCode() => HashCode.Combine(Entry, Division, Day);

        /// <summary>What a cube counts the record under, one bucket each; a cube of single buckets has one.</summary>
        public string[] Listed(Cube cube) =>
            cube.Dimensions.Contains("item") ? Items.Split(',', StringSplitOptions.RemoveEmptyEntries)
            : cube.Dimensions.Contains("overlay") ? Overlays.Split(',', StringSplitOptions.RemoveEmptyEntries)
            : One;

        static readonly string[] One = [""];

        public string Value(string dimension, string listed) => dimension switch
        {
            "entry" => Entry,
            "family" => Family,
            "status" => Status,
            "shift" => Shift,
            "source" => Source,
            "vehicleClass" => VehicleClass,
            "origin" => Origin,
            "item" or "overlay" => listed,
            _ => throw new ArgumentOutOfRangeException(nameof(dimension), dimension, "No record has this dimension."),
        };
    }

    // Locked in key order, so that two transactions never wait for each other in a circle.
    const string MoveCells = """
        insert into register.cell as c (cube, day, division, keys, value)
        select cube, day, division, keys, moved
        from unnest($1, $2, $3, $4, $5) as move (cube, day, division, keys, moved)
        order by cube, day, division, keys
        on conflict (cube, day, division, keys) do update set value = c.value + excluded.value
        """;

    /// <summary>Moves the cells in the caller's transaction.</summary>
    public void Move(RoundTrip trip) => Move(trip, Cells());

    /// <summary>By how much each cell moves; by 0 too, where what came is what went.</summary>
    public Dictionary<(string Cube, DateOnly Day, string Division, string Keys), long> Cells()
    {
        var moved = new Dictionary<(string Cube, DateOnly Day, string Division, string Keys), long>();
        foreach (var (bucket, count) in byBucket)
            foreach (var cube in cubes.All)
                if (cube.CountsViolations)
                    foreach (var listed in bucket.Listed(cube))
                    {
                        var key = (cube.Id, bucket.Day, bucket.Division, string.Join('|', cube.Dimensions.Select(one => bucket.Value(one, listed))));
                        moved[key] = moved.GetValueOrDefault(key) + count;
                    }
        return moved;
    }

    /// <summary>Moves cells in the caller's transaction.</summary>
    public static void Move(RoundTrip trip, Dictionary<(string Cube, DateOnly Day, string Division, string Keys), long> moved)
    {
        var changed = moved.Where(one => one.Value != 0).ToList();
        if (changed.Count > 0)
            trip.Add(MoveCells, row: null,
                new() { Value = changed.Select(one => one.Key.Cube).ToArray() },
                new() { Value = changed.Select(one => one.Key.Day).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Date },
                new() { Value = changed.Select(one => one.Key.Division).ToArray() },
                new() { Value = changed.Select(one => one.Key.Keys).ToArray() },
                new() { Value = changed.Select(one => one.Value).ToArray() });
    }
}
