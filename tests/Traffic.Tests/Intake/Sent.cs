using System.Buffers;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Time.Testing;
using Traffic.Contracts;
using Traffic.Intake;
using Traffic.Platform;

namespace Traffic.Tests.Intake;

/// <summary>Records as senders send them, and the door they come to.</summary>
static class Sent
{
    public static readonly DateTimeOffset Now = new(2022, 7, 8, 13, 0, 0, TimeSpan.Zero);

    public static NewViolation ByOfficer() => new()
    {
        RecordId = Guid.NewGuid(), Source = RecordSource.RoadsideCheck, OccurredAt = Now.AddMinutes(-10), DivisionCode = "152502",
        Plate = "蒙H00001", PlateType = "02", VehicleType = "K33", DriverName = "甲", OffenceKind = "no-belt",
    };

    public static NewViolation ByFeed(string eventId) => new()
    {
        EventId = eventId, Source = RecordSource.Camera, OccurredAt = Now.AddMinutes(-10), DivisionCode = "152502",
        Plate = "蒙H00001", PlateType = "02", OffenceKind = "speeding",
        Measurements = [Speed(96)],
    };

    public static NewMeasurement Speed(decimal kmh) => new() { Quantity = Quantity.Speed, Value = kmh, Unit = "km/h" };

    public static readonly Seal Seal = new(new byte[32]);

    public static readonly Canonical Canonical = new(Seal);

    public static PreparedViolation Prepare(NewViolation sent) => Canonical.Prepare(sent.AsReported(sent.RecordId!.Value, null));

    public static string Json(NewViolation sent) => JsonSerializer.Serialize(sent, IntakeJson.Strict.NewViolation);

    public static readonly SchemaFiles Schemas = new(Path.Combine(Repository.Root, "schemas"));

    public static Door Door() => new(Canonical, new Divisions(Schemas), new ImportMaps(Schemas), new FakeTimeProvider(Now));

    public static IReadOnlyList<Fault> Faults(string json, Sender? sender = null) =>
        Door().Check(new ReadOnlySequence<byte>(Encoding.UTF8.GetBytes(json)), sender ?? Sender.Officer).Refusal?.Faults ?? [];
}
