using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Traffic.Simulator;

/// <summary>
/// A synthetic campaign: the hundred days up to an end and the same window a year before, from one seed. Same arguments, same
/// records. Offences by the split that the neighbouring league published for its campaign of 2022, with the speeding,
/// overload and fatigue cases added that its urban figures leave out. No person, vehicle or plate of it exists.
/// </summary>
/// <param name="seed">Decides everything.</param>
/// <param name="end">The last day, in Asia/Shanghai.</param>
public sealed class Campaign(int seed, DateOnly end)
{
    /// <summary>Days of each window.</summary>
    public const int Days = 100;

    /// <summary>Feed of the synthetic cameras.</summary>
    public const string CameraFeed = "simulated.cameras";

    /// <summary>Feed that brings in officers' filings in bulk, as a terminal's server would.</summary>
    public const string OfficerFeed = "simulated.terminals";

    static readonly (string Code, int Weight)[] Divisions =
    [
        ("152502", 34), ("152501", 12), ("152531", 10), ("152527", 9), ("152525", 7), ("152526", 6), ("152524", 6), ("152530", 5),
        ("152529", 4), ("152528", 3), ("152522", 2), ("152523", 2),
    ];

    /// <summary>Number of an officer of a division's brigade, as in the synthetic rosters: fourteen each, in the order of the codes.</summary>
    /// <param name="strange">True for one of the next brigade.</param>
    internal static string Officer(string division, int nth, bool strange)
    {
        var at = (Array.FindIndex(ByCode, code => code == division) + (strange ? 1 : 0)) % ByCode.Length;
        return $"P{(at * 14) + nth + 1:000}";
    }

    static readonly string[] ByCode = [.. Divisions.Select(one => one.Code).Order(StringComparer.Ordinal)];

    static readonly (int Weight, Func<Random, (JsonObject Record, string Entry)> Make)[] Offences =
    [
        (7618, random => (Car(random, "urban", signal: "driverNoBelt"), "seat-belt.driver")),
        (4421, random => (Car(random, "urban", signal: "wrongLane"), "wrong-lane.other")),
        (1723, random => (Car(random, "urban", signal: "redLight"), "red-light.motor")),
        (704, random => (Motorcycle(random, "driverNoHelmet"), "helmet.motorcycle.driver")),
        (420, random => (Car(random, "urban", signal: "illegallyParked"), "parking.other")),
        (98, random => (Drink(random, 20, 79), "drink.motor.first")),
        (28, random => (Drink(random, 80, 220), "drunk.motor")),
        (63, random => (Car(random, "suburban", signal: "noLicence"), "unlicensed.never")),
        (520, random => (Speeding(random, 120, 149), "speeding.b.other.20")),
        (90, random => (Speeding(random, 150, 190), "speeding.b.other.50")),
        (60, random => (Coach(random, 20, 49), "passenger-overload.service.20")),
        (110, random => (Truck(random, 130, 149), "cargo-overload.truck.30")),
        (40, Fatigue),
        (25, random => (Car(random, "nationalOrProvincial", signal: "plateCovered"), "plate.covered")),
        (30, random => (Car(random, "nationalOrProvincial", signal: "wrongWay"), "wrong-way.other")),
    ];

    /// <summary>The records, in no particular order of time. A year before there are a little more of most and fewer found on site.</summary>
    /// <param name="count">How many.</param>
    public IEnumerable<SimulatedRecord> Records(int count)
    {
        for (var i = 0; i < count; i++)
            yield return Record(i);
    }

    SimulatedRecord Record(int i)
    {
        var random = new Random(HashCode(seed, i));
        var lastYear = random.Next(100) < 46;
        var (record, entry) = Pick(Offences, random)(random);
        var day = (lastYear ? end.AddYears(-1) : end).AddDays(-random.Next(Days));
        var camera = entry is "red-light.motor" or "wrong-lane.other" or "speeding.b.other.20" or "parking.other" && random.Next(100) < 62;
        var night = !camera && (entry.StartsWith("dr", StringComparison.Ordinal) || random.Next(100) < 36);
        var division = Pick(Divisions, random);

        // Nights are filed as of the evening hours, so that day and shift date agree in the truth.
        var minute = night ? random.Next(20 * 60, 24 * 60) : random.Next(6 * 60, 20 * 60);
        var at = day.ToDateTime(default).AddMinutes(minute).AddSeconds(random.Next(60));
        record["eventId"] = $"{seed}-{end:yyyyMMdd}-{i}";
        record["source"] = camera ? "camera" : night ? "nightInspection" : "roadsideCheck";
        record["occurredAt"] = at.ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture) + "+08:00";
        record["divisionCode"] = division;
        // Cameras are the brigade's, what is done on a road one of its squadrons'; one record in a hundred names nobody.
        if (i % 100 != 99)
            record["unitCode"] = division + (camera ? "000000" : (string?)record["roadKind"] == "urban" ? "010000" : "020000");
        if (camera)
            record["deviceId"] = $"CAM-{division}-{random.Next(1, 20):00}";
        else
        {
            record["officerId"] = $"P{random.Next(1, 61):000}";
            record["sessionId"] = $"{division}-{day:yyyyMMdd}-{(night ? "N" : "D")}";
        }
        return new SimulatedRecord(
            Encoding.UTF8.GetBytes(record.ToJsonString(Json)), camera ? CameraFeed : OfficerFeed, entry, division, day,
            camera ? "captured" : "confirmed");
    }

    static readonly JsonSerializerOptions Json = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    static JsonObject Vehicle(Random random, string type, string plateType, string use, string road) => new()
    {
        ["roadKind"] = road,
        ["road"] = road == "urban" ? "锡林大街" : random.Next(2) == 0 ? "G207" : "S101",
        ["latitude"] = decimal.Round(43.9m + (random.Next(2000) / 10_000m), 4),
        ["longitude"] = decimal.Round(116.0m + (random.Next(2000) / 10_000m), 4),
        // Three zeros at the head of the serial: well-formed, and no such plate is given out.
        ["plate"] = $"蒙H000{random.Next(100):00}",
        ["plateType"] = plateType,
        ["vehicleType"] = type,
        ["useNature"] = use,
    };

    static JsonObject Car(Random random, string road, string? signal = null)
    {
        var record = Vehicle(random, "K33", "02", "A", road);
        record["ratedPersons"] = 5;
        if (signal is not null)
            record["signals"] = new JsonArray(signal);
        return record;
    }

    static JsonObject Motorcycle(Random random, string signal)
    {
        var record = Vehicle(random, "M21", "07", "A", "urban");
        record["signals"] = new JsonArray(signal);
        return record;
    }

    static JsonObject Drink(Random random, int from, int to)
    {
        var record = Car(random, "urban");
        record["driverIdNumber"] = IdNumber(random);
        record["licenceClass"] = "C1";
        record["measurements"] = new JsonArray(Measured(to < 80 ? "alcoholBreath" : "alcoholBlood", random.Next(from, to + 1), "mg/100mL", "BAT-07"));
        return record;
    }

    /// <summary>An id number of no place on earth: area 000000, with a right check character. Each drawn once in a lifetime of campaigns.</summary>
    static string IdNumber(Random random)
    {
        var digits = $"000000{random.Next(1960, 2003)}{random.Next(1, 13):00}{random.Next(1, 29):00}{random.Next(1000):000}";
        int[] weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        return digits + "10X98765432"[digits.Select((c, i) => (c - '0') * weights[i]).Sum() % 11];
    }

    static JsonObject Speeding(Random random, int fromPercent, int toPercent)
    {
        var record = Car(random, "nationalOrProvincial");
        record["measurements"] = new JsonArray(
            Measured("speed", 80 * random.Next(fromPercent, toPercent + 1) / 100m, "km/h", "RADAR-11"),
            Measured("speedLimit", 80, "km/h", null));
        return record;
    }

    static JsonObject Coach(Random random, int fromPercent, int toPercent)
    {
        var record = Vehicle(random, "K11", "01", "B", "nationalOrProvincial");
        record["ratedPersons"] = 50;
        record["measurements"] = new JsonArray(Measured("persons", 50 + (50 * random.Next(fromPercent, toPercent + 1) / 100), "persons", null));
        return record;
    }

    static JsonObject Truck(Random random, int fromPercent, int toPercent)
    {
        var record = Vehicle(random, "H11", "01", "F", "nationalOrProvincial");
        record["permittedGrossMassKg"] = 40_000;
        record["ratedLoadKg"] = 25_000;
        record["measurements"] = new JsonArray(Measured("grossMass", 400m * random.Next(fromPercent, toPercent + 1), "kg", "SCALE-02"));
        return record;
    }

    static (JsonObject, string) Fatigue(Random random)
    {
        var record = Vehicle(random, "H11", "01", "F", "nationalOrProvincial");
        record["measurements"] = new JsonArray(
            Measured("drivingTime", 4 + (random.Next(5, 60) / 10m), "h", "GPS"), Measured("restTime", random.Next(0, 20), "min", "GPS"));
        return (record, "fatigue.truck");
    }

    static JsonObject Measured(string quantity, decimal value, string unit, string? instrument)
    {
        var measurement = new JsonObject { ["quantity"] = quantity, ["value"] = value, ["unit"] = unit };
        if (instrument is not null)
            measurement["instrument"] = instrument;
        return measurement;
    }

    static T Pick<T>((T Value, int Weight)[] from, Random random) => Pick(from.Select(one => (one.Weight, one.Value)).ToArray(), random);

    static T Pick<T>((int Weight, T Value)[] from, Random random)
    {
        var left = random.Next(from.Sum(one => one.Weight));
        foreach (var (weight, value) in from)
            if ((left -= weight) < 0)
                return value;
        throw new InvalidOperationException("The weights do not add up.");
    }

    /// <summary>Mixes seed and number, the same on every machine (SplitMix64).</summary>
    static int HashCode(int seed, int i)
    {
        var z = ((ulong)(uint)seed << 32 | (uint)i) + 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return (int)(z ^ (z >> 31));
    }
}
