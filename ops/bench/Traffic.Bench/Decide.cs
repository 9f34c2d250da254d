using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Traffic.Catalogue;
using Traffic.Contracts;

namespace Traffic.Bench;

/// <summary>What one decision costs: time and bytes, the best of five runs on one thread, no database near.</summary>
static class Decide
{
    const int Each = 400_000;

    public static void Measure(string folder)
    {
        var catalogue = Catalogue.Catalogue.Load(folder);
        var rows = new List<object>();
        foreach (var (what, record) in Records())
        {
            Run(record, catalogue);
            var (best, bytes) = (double.MaxValue, 0L);
            for (var run = 0; run < 5; run++)
            {
                var (allocated, began) = (GC.GetAllocatedBytesForCurrentThread(), Stopwatch.GetTimestamp());
                Run(record, catalogue);
                best = Math.Min(best, Stopwatch.GetElapsedTime(began).TotalNanoseconds / Each);
                bytes = (GC.GetAllocatedBytesForCurrentThread() - allocated) / Each;
            }
            var decision = Classifier.Decide(record, DecisionContext.None, catalogue);
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-34}{best,8:n0} ns{bytes,7:n0} bytes   {decision.Entry}"));
            rows.Add(new { what, nanoseconds = Math.Round(best), bytes, ofThemTrace = 22 + (2 * decision.Trace.Length), entry = decision.Entry });
        }
        Console.WriteLine(JsonSerializer.Serialize(new { decide = rows, hardware = Machine.Hardware() }, Report.Json));
    }

    static void Run(ReportedViolation record, Catalogue.Catalogue catalogue)
    {
        for (var i = 0; i < Each; i++)
            Classifier.Decide(record, DecisionContext.None, catalogue);
    }

    static IEnumerable<(string What, ReportedViolation Record)> Records()
    {
        static Measurement Of(Quantity quantity, decimal value, string unit) => new() { Quantity = quantity, Value = value, Unit = unit };
        var car = new ReportedViolation
        {
            RecordId = Guid.Empty, Source = RecordSource.RoadsideCheck, OccurredAt = new DateTimeOffset(2022, 7, 8, 10, 0, 0, TimeSpan.FromHours(8)),
            DivisionCode = "152502", VehicleType = "K33", UseNature = "A", RatedPersons = 5, RoadKind = RoadKind.Urban,
        };
        yield return ("speeding, by kind and measure", car with { OffenceKind = "speeding", Measurements = [Of(Quantity.Speed, 96, "km/h"), Of(Quantity.SpeedLimit, 80, "km/h")] });
        yield return ("speeding, by measure alone", car with { Measurements = [Of(Quantity.Speed, 96, "km/h"), Of(Quantity.SpeedLimit, 80, "km/h")] });
        yield return ("a code beside a measure", car with
        {
            OffenceCode = "1636", RoadKind = RoadKind.Motorway, Measurements = [Of(Quantity.Speed, 130, "km/h"), Of(Quantity.SpeedLimit, 100, "km/h")],
        });
        yield return ("a code alone", car with { OffenceCode = "1625" });
        yield return ("helmet, by what was seen", car with { VehicleType = "M21", Signals = [Signal.DriverNoHelmet] });
        yield return ("red light, by what was seen", car with { Signals = [Signal.RedLight] });
        yield return ("cargo overload", car with
        {
            VehicleType = "H11", UseNature = "F", RatedLoadKg = 10_000, PermittedGrossMassKg = 18_000, Measurements = [Of(Quantity.GrossMass, 21_000, "kg")],
        });
        yield return ("a coach's persons", car with { VehicleType = "K11", UseNature = "B", RatedPersons = 50, Measurements = [Of(Quantity.Persons, 55, "persons")] });
        yield return ("alcohol", car with { Measurements = [Of(Quantity.AlcoholBlood, 95, "mg/100mL")] });
        yield return ("undecidable", car with { OffenceKind = "littering" });
    }
}
