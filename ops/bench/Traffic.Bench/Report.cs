using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Traffic.Bench;

/// <summary>The table for people; the JSON for programs.</summary>
static class Report
{
    public static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    public static string Line(Row row) => string.Create(CultureInfo.InvariantCulture,
        $"| {row.Name} | {row.VisiblePerSecond:n0} | {row.AcceptedPerSecond:n0} | {Pair(row.AcceptMs)} | {(row.VisibleMs is { } seen ? Pair(seen) : "-")} | {Cpu(row)} | {string.Join(" + ", row.Megabytes.Select(one => one.ToString("n0", CultureInfo.InvariantCulture)))} | {row.Failed} |");

    static string Pair(double[] values) => string.Create(CultureInfo.InvariantCulture, $"{values[0]:0.0} / {values[1]:0.0}");

    static string Cpu(Row row) => row.MicrosecondsEach is { } each
        ? string.Create(CultureInfo.InvariantCulture, $"{each.Postgres:0} + {each.Broker:0} + {each.App:0} + {each.Loader:0}")
        : "-";

    public static void Print(List<Row> rows, double limit, double httpSingle, double httpBatch, double? startMs, Pauses pauses)
    {
        Console.WriteLine("| what | visible/s | accepted/s | accept p50 / p99 ms | answer to visible p50 / p99 ms | pg + broker + app + loader, µs a record | memory MB | failed |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        foreach (var row in rows)
            Console.WriteLine(Line(row));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| L: COPY and insert into the register's table | {limit:n0} | | | | | | |"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| H: HTTP and parsing alone, batches / single | | {httpBatch:n0} / {httpSingle:n0} | | | | | |"));
        if (startMs is { } ms)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| start to first answer, own PostgreSQL | {ms / 1000:0.0} s | | | | | | |"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| the machine's own pauses: longest, share of the time | | | {pauses.LongestMs:0.0} ms, {pauses.Share * 100:0.0} % | | | | |"));
    }
}
