using System.Text;
using System.Text.Json;
using Traffic.Contracts;
using Traffic.Intake;

namespace Traffic.Bench;

/// <summary>A whole HTTP request as bytes, with the places where each sending writes new ids, vehicles and drivers.</summary>
/// <param name="Bytes">Head and body.</param>
/// <param name="Ids">Where an id's 32 hexadecimal digits begin; a hyphen is left where it stands.</param>
/// <param name="Plates">Where a plate's five digits begin.</param>
/// <param name="Drivers">Where a driver's id number of 18 characters begins.</param>
sealed record Request(byte[] Bytes, int[] Ids, int[] Plates, int[] Drivers)
{
    static int sent;

    /// <summary>Another vehicle and another driver in each record: a hundred thousand of each, as in a league.</summary>
    public void Renew()
    {
        foreach (var at in Plates)
            Digits(Interlocked.Increment(ref sent) % 100_000, Bytes.AsSpan(at, 5));
        foreach (var at in Drivers)
            Driver(Interlocked.Increment(ref sent) % 100_000, Bytes.AsSpan(at, 18));
    }

    /// <summary>A day of the year 1900, a running number and the check character of GB 11643.</summary>
    static void Driver(int n, Span<byte> number)
    {
        Digits((n / 28 % 12) + 1, number[10..12]);
        Digits((n % 28) + 1, number[12..14]);
        Digits(n / 336, number[14..17]);
        ReadOnlySpan<int> weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
        var sum = 0;
        for (var i = 0; i < weights.Length; i++)
            sum += weights[i] * (number[i] - '0');
        number[17] = "10X98765432"u8[sum % 11];
    }

    static void Digits(int n, Span<byte> digits)
    {
        for (var i = digits.Length - 1; i >= 0; i--, n /= 10)
            digits[i] = (byte)('0' + (n % 10));
    }
}

/// <summary>Records of a campaign's usual mix, the same in every run: only their ids differ. Plates and numbers cannot exist.</summary>
static class Bodies
{
    const string Id = "00000000-0000-4000-8000-000000000000";
    const string Driver = "152502190001010011";

    /// <summary>As it stands in JSON, where it is escaped.</summary>
    static readonly string PlateBegins = JsonEncodedText.Encode("蒙H").Value;
    static readonly string[] Divisions = ["152501", "152502", "152522", "152523", "152524", "152525", "152526", "152527", "152528", "152529", "152530"];

    /// <summary>An officer's posts, one record each.</summary>
    public static Request[] Singles(int many) =>
        [.. Enumerable.Range(0, many).Select(n => Post("/api/v1/violations", "application/json", Json(Record(n, officer: true))))];

    /// <summary>A feed's posts, <paramref name="size"/> events each, one a line.</summary>
    public static Request[] Batches(int many, int size) =>
        [.. Enumerable.Range(0, many).Select(b => Post("/api/v1/feeds/bench/events", "application/x-ndjson",
            string.Concat(Enumerable.Range(b * size, size).Select(n => Json(Record(n, officer: false)) + "\n"))))];

    static string Json(NewViolation record) => JsonSerializer.Serialize(record, IntakeJson.Strict.NewViolation);

    static Request Post(string path, string type, string body)
    {
        var content = Encoding.UTF8.GetBytes(body);
        var head = Encoding.ASCII.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {type}\r\nContent-Length: {content.Length}\r\n\r\n");
        byte[] all = [.. head, .. content];
        return new Request(all, Places(all, Id), [.. Places(all, PlateBegins).Select(at => at + PlateBegins.Length)], Places(all, Driver));
    }

    static int[] Places(byte[] all, string text)
    {
        var places = new List<int>();
        for (var at = 0; all.AsSpan(at).IndexOf(Encoding.UTF8.GetBytes(text)) is >= 0 and var found; at += found + 1)
            places.Add(at + found);
        return [.. places];
    }

    /// <summary>Some 700 bytes: 45 % speeding, the rest helmets, belts, persons, masses, lights, plates, alcohol.</summary>
    public static NewViolation Record(int n, bool officer)
    {
        var record = new NewViolation
        {
            RecordId = officer ? Guid.Parse(Id) : null,
            EventId = officer ? null : Id,
            Source = !officer ? RecordSource.Camera : n % 3 == 0 ? RecordSource.NightInspection : RecordSource.RoadsideCheck,
            OccurredAt = DateTimeOffset.UtcNow.Date.AddDays(-1 - (n % 14)).AddMinutes(n * 37 % 1440),
            DivisionCode = Divisions[n % Divisions.Length], RoadKind = (RoadKind)(n % 6), Road = "G207", RoadKm = 812.5m,
            Latitude = 43.93m, Longitude = 116.09m, Plate = $"蒙H0000{n % 10}", PlateType = "02", VehicleType = "K33", UseNature = "A",
            RatedPersons = 5, DeviceId = "bench-1", UnitCode = "152502000000", SessionId = "bench",
            OfficerId = officer ? "000001" : null, StopId = officer ? Guid.Parse("0a000000-0000-4000-8000-000000000002") : null,
            DriverIdNumber = officer ? Driver : null, DriverName = officer ? "示例" : null, LicenceClass = officer ? "C1" : null,
            EvidenceSha256 = ["e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"],
        };
        return (n % 20) switch
        {
            < 9 => record with { OffenceKind = "speeding", Measurements = [Of(Quantity.Speed, 90 + (n % 60), "km/h"), Of(Quantity.SpeedLimit, 80, "km/h")] },
            < 13 => record with { VehicleType = "M21", Signals = [Signal.DriverNoHelmet] },
            < 15 => record with { Signals = [Signal.DriverNoBelt] },
            15 => record with { VehicleType = "K31", RatedPersons = 7, OffenceKind = "overload-persons", Measurements = [Of(Quantity.Persons, 9, "persons")] },
            16 => record with { VehicleType = "H11", RatedLoadKg = 10_000, PermittedGrossMassKg = 18_000, Measurements = [Of(Quantity.GrossMass, 21_000, "kg")] },
            17 => record with { Signals = [Signal.RedLight] },
            18 => record with { Signals = [Signal.PlateCovered] },
            _ => record with { DriverIdNumber = null, OffenceKind = "drink-driving", Measurements = [Of(Quantity.AlcoholBreath, 35, "mg/100mL")] },
        };
    }

    static NewMeasurement Of(Quantity quantity, decimal value, string unit) => new() { Quantity = quantity, Value = value, Unit = unit };
}
