using System.Text.Json.Nodes;
using NUnit.Framework;
using Traffic.Simulator;

namespace Traffic.Tests.Reporting;

/// <summary>
/// A whole campaign as it would come: out of order, from two feeds by four senders at once, one record in ten again. Every figure by
/// entry, division and day is what the records were made to become, which nobody asked the classifier. A camera's record that another
/// of the same plate stands for is held: which of the two, and whether, depends on the order they come in.
/// </summary>
[Category("Postgres")]
public sealed class WholeCampaignTests
{
    /// <summary>Yesterday: what lies more than two years back is held.</summary>
    static readonly DateOnly End = DateOnly.FromDateTime(DateTime.UtcNow).AddDays(-1);

    [TestCase(1, 100_000)]
    [TestCase(2, 100_000, Category = "Long")]
    [TestCase(3, 100_000, Category = "Long")]
    [TestCase(4, 100_000, Category = "Long")]
    [TestCase(5, 100_000, Category = "Long")]
    [TestCase(6, 1_000_000, Category = "Long")]
    public async Task Every_figure_is_what_the_records_were_made_to_become(int seed, int count)
    {
        await using var app = await TrafficApp.Start();
        var records = Known(new Campaign(seed, End).Records(count));
        var again = records.Where((_, i) => i % 10 == 0);

        var sent = await new Sender(app.Http).Send(records.Concat(again), 500, null, null, default);
        await app.NothingInFlight(10);
        var figures = new Dictionary<(string, string, DateOnly, string), long>();
        foreach (var division in records.Select(record => record.Division).Distinct())
            foreach (var status in new[] { "captured", "toReview", "held", "confirmed", "rejected", "voided" })
                foreach (var (entry, day, value) in await Figures(app, division, status))
                    figures.Add((entry, division, day, status), value);
        var held = figures.Where(figure => figure.Key.Item4 == "held").Sum(figure => figure.Value);
        var found = await app.Reconcile();

        Assert.Multiple(() =>
        {
            // Who was told 503 does not know, sends the same again and is told that it is there: what counts is that each stands once.
            Assert.That((sent.Accepted + sent.Duplicate, sent.Conflict, sent.Rejected), Is.EqualTo((count + (count / 10), 0, 0)));
            Assert.That(figures.Values.Sum(), Is.EqualTo(count));
            Assert.That(Lines(figures.GroupBy(figure => figure.Key with { Item4 = figure.Key.Item4 == "held" ? "captured" : figure.Key.Item4 })
                    .Select(group => (group.Key, group.Sum(figure => figure.Value)))),
                Is.EquivalentTo(Lines(records.GroupBy(record => (record.Entry, record.Division, record.Day, record.Status))
                    .Select(group => (group.Key, group.LongCount())))));
            Assert.That(held, Is.AtMost(SeenTwice(records)));
            Assert.That(found.Ok, Is.True, string.Join('\n', found.Identities.Where(identity => !identity.Holds)));
        });
    }

    static List<string> Lines(IEnumerable<((string Entry, string Division, DateOnly Day, string Status) Of, long Count)> counts) =>
        [.. counts.Select(one => $"{one.Of.Entry} {one.Of.Division} {one.Of.Day:yyyy-MM-dd} {one.Of.Status}: {one.Count}").Order(StringComparer.Ordinal)];

    /// <summary>A driver found drinking again, or drinking after he was found drunk, is judged as such: of made-up drivers some come up twice.</summary>
    static List<SimulatedRecord> Known(IEnumerable<SimulatedRecord> made)
    {
        var records = made.ToList();
        var byDriver = records.Select((record, i) => (record, i)).Where(one => one.record.Entry is "drink.motor.first" or "drunk.motor")
            .Select(one => (one.i, one.record.Entry, Said: JsonNode.Parse(one.record.Json)!))
            .Select(one => (one.i, one.Entry, Driver: (string)one.Said["driverIdNumber"]!, At: DateTimeOffset.Parse((string)one.Said["occurredAt"]!, null)))
            .GroupBy(one => one.Driver).ToList();
        foreach (var driver in byDriver)
            foreach (var one in driver.Where(one => one.Entry == "drink.motor.first" && driver.Any(before => before.At < one.At)))
                records[one.i] = records[one.i] with { Entry = "drink.motor.again" };
        return records;
    }

    /// <summary>Cameras' records of a plate that has another of the same offence at most two hours before.</summary>
    static int SeenTwice(List<SimulatedRecord> records) =>
        records.Where(record => record.Status == "captured")
            .Select(record => (record.Entry, Said: JsonNode.Parse(record.Json)!))
            .GroupBy(record => (record.Entry, (string)record.Said["plate"]!), record => DateTimeOffset.Parse((string)record.Said["occurredAt"]!, null))
            .Select(plate => plate.Order().ToList())
            .Sum(times => times.Zip(times.Skip(1), (one, next) => next - one).Count(apart => apart <= TimeSpan.FromHours(2)));

    static async Task<List<(string Entry, DateOnly Day, long Count)>> Figures(TrafficApp app, string division, string status)
    {
        var report = JsonNode.Parse(await app.Http.GetStringAsync(
            $"/api/v1/reports/offences?from={End.AddDays(-500):yyyy-MM-dd}&to={End:yyyy-MM-dd}&division={division}&groupBy=entry,day&status={status}"))!;
        return [.. report["rows"]!.AsArray().Select(row => (
            (string)row!["keys"]!["entry"]!, DateOnly.Parse((string)row["keys"]!["day"]!, null), (long)row["count"]!))];
    }
}
