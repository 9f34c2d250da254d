using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json;
using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Columns;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using Traffic.Catalogue;
using Traffic.Contracts;

namespace Traffic.Bench;

/// <summary>What one decision costs: time and bytes, on one thread, no database near.</summary>
public class Decide
{
    Catalogue.Catalogue catalogue = null!;
    ReportedViolation record = null!;

    [ParamsSource(nameof(Whats))]
    public string What { get; set; } = "";

    public static IEnumerable<string> Whats => Records().Select(one => one.What);

    [GlobalSetup]
    public void Prepare() => (catalogue, record) = (Load(), Records().Single(one => one.What == What).Record);

    [Benchmark]
    public Decision Once() => Classifier.Decide(record, DecisionContext.None, catalogue);

    static Catalogue.Catalogue Load() => Catalogue.Catalogue.Load(Path.Combine(Machine.Root, "schemas", "catalogue"));

    public static void Measure()
    {
        var summary = BenchmarkRunner.Run<Decide>(ManualConfig.CreateEmpty()
            .AddJob(Job.Default.WithToolchain(InProcessEmitToolchain.Instance).WithWarmupCount(3).WithIterationCount(8).WithIterationTime(Perfolizer.Horology.TimeInterval.FromMilliseconds(250)))
            .AddDiagnoser(MemoryDiagnoser.Default).AddColumnProvider(DefaultColumnProviders.Instance)
            .AddLogger(new StreamLogger(new StreamWriter(Console.OpenStandardError()) { AutoFlush = true }))
            .WithArtifactsPath(Path.Combine(Path.GetTempPath(), "traffic-bench-decide")));
        var (law, rows) = (Load(), new List<object>());
        foreach (var report in summary.Reports)
        {
            var what = (string)report.BenchmarkCase.Parameters[nameof(What)];
            var decision = Classifier.Decide(Records().Single(one => one.What == what).Record, DecisionContext.None, law);
            var (mean, bytes) = (report.ResultStatistics!.Mean, report.GcStats.GetBytesAllocatedPerOperation(report.BenchmarkCase) ?? 0);
            // A string is 22 bytes and two a character, rounded up to 8.
            var result = BytesOf<Decision>() + ((22 + (2 * decision.Trace.Length) + 7) / 8 * 8);
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-34}{mean,8:n0} ns{bytes,7:n0} bytes, of them the decision and its trace {result,5:n0}   {decision.Entry}"));
            rows.Add(new { what, nanoseconds = Math.Round(mean), bytes, ofThemDecisionAndTrace = result, entry = decision.Entry });
        }
        Console.WriteLine(JsonSerializer.Serialize(new { decide = rows, hardware = Machine.Hardware() }, Report.Json));
    }

    /// <summary>What one object takes on the heap, without what it points to.</summary>
    static long BytesOf<T>() where T : class
    {
        const int Many = 1_000;
        GC.KeepAlive(RuntimeHelpers.GetUninitializedObject(typeof(T)));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Many; i++)
            GC.KeepAlive(RuntimeHelpers.GetUninitializedObject(typeof(T)));
        return (GC.GetAllocatedBytesForCurrentThread() - before) / Many;
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
