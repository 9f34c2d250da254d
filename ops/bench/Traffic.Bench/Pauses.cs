using System.Diagnostics;

namespace Traffic.Bench;

/// <summary>How long the machine itself stands still while nothing but this runs: no latency measured on it can be more even than that.</summary>
/// <param name="LongestMs">The longest time in which a processor did nothing for us, ms.</param>
/// <param name="Share">Of the time, in such pauses of more than a millisecond.</param>
sealed record Pauses(double LongestMs, double Share)
{
    /// <summary>Keeps every processor busy for so long, and looks at the clock.</summary>
    public static Pauses Measure(TimeSpan length)
    {
        var pauses = new List<double>[Environment.ProcessorCount];
        var threads = Enumerable.Range(0, pauses.Length).Select(n => new Thread(() =>
        {
            pauses[n] = [];
            var begin = Stopwatch.GetTimestamp();
            for (long last = begin, now; Stopwatch.GetElapsedTime(begin, last) < length; last = now)
            {
                now = Stopwatch.GetTimestamp();
                if (Stopwatch.GetElapsedTime(last, now).TotalMilliseconds is > 1 and var pause)
                    pauses[n].Add(pause);
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        var all = pauses.SelectMany(one => one).ToList();
        return new Pauses(all.DefaultIfEmpty().Max(), all.Sum() / length.TotalMilliseconds / pauses.Length);
    }
}
