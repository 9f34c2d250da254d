using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Traffic.Bench;

/// <summary>How long a person waits who looks something up in the catalogue: over HTTP, one after the other.</summary>
static class Lookup
{
    const int Warm = 500, Each = 2_000;

    public static async Task Measure(Machine machine)
    {
        await using var host = await Served.Product(("ConnectionStrings:Traffic", await machine.NewDatabase("bench_lookup")), ("ConnectionStrings:RabbitMq", null));
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{host.Port}") };
        var rows = new List<object>();
        foreach (var (what, address) in new[]
        {
            ("all of it", "catalogue?on=2022-07-08"), ("by code", "catalogue?on=2022-07-08&q=1625"), ("by Chinese", "catalogue?on=2022-07-08&q=" + Uri.EscapeDataString("信号灯")),
            ("by English", "catalogue?on=2022-07-08&q=red%20light"), ("by initials", "catalogue?on=2022-07-08&q=chd"), ("one entry", "catalogue/speeding.b.other.20?on=2022-07-08"),
        })
        {
            var took = new double[Each];
            for (var i = -Warm; i < Each; i++)
            {
                var begin = Stopwatch.GetTimestamp();
                _ = await http.GetByteArrayAsync($"/api/v1/{address}");
                if (i >= 0)
                    took[i] = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
            }
            Array.Sort(took);
            var (p50, p99) = (took[Each / 2], took[Each * 99 / 100]);
            Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{what,-14} p50 {p50:0.00} ms, p99 {p99:0.00} ms, most {took[^1]:0.00} ms"));
            rows.Add(new { what, p50Ms = Math.Round(p50, 2), p99Ms = Math.Round(p99, 2), mostMs = Math.Round(took[^1], 2) });
        }
        Console.WriteLine(JsonSerializer.Serialize(new { lookup = rows, hardware = Machine.Hardware() }, Report.Json));
    }
}
