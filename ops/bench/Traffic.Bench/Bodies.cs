using System.Text;
using System.Text.Json;
using Traffic.Contracts;
using Traffic.Intake;

namespace Traffic.Bench;

/// <summary>A whole HTTP request as bytes, with the places where each sending writes new ids.</summary>
/// <param name="Bytes">Head and body.</param>
/// <param name="Ids">Where an id's 32 hexadecimal digits begin; a hyphen is left where it stands.</param>
sealed record Request(byte[] Bytes, int[] Ids);

/// <summary>Records of a campaign's usual mix, the same in every run: only their ids differ. Plates and numbers cannot exist.</summary>
static class Bodies
{
    const string Id = "00000000-0000-4000-8000-000000000000";
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
        var ids = new List<int>();
        for (var at = 0; all.AsSpan(at).IndexOf(Encoding.ASCII.GetBytes(Id)) is >= 0 and var found; at += found + 1)
            ids.Add(at + found);
        return new Request(all, [.. ids]);
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
            DriverIdNumber = officer ? "152502190001010011" : null, DriverName = officer ? "示例" : null, LicenceClass = officer ? "C1" : null,
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
