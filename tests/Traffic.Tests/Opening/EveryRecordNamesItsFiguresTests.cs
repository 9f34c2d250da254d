using System.Text.Json.Nodes;
using NUnit.Framework;
using Traffic.Tests.Activities;
using Traffic.Tests.Register;

namespace Traffic.Tests.Opening;

/// <summary>The way back: a record names every figure and edition it counts in, none that has not got it, and leaves none out.</summary>
public sealed partial class EveryFigureOpensTests
{
    /// <summary>
    /// Some of every status, source and place, voided, re-decided and late ones among them; by the address of its figures. Of crashes,
    /// dangers, … the newest of each sort: what happened before the campaigns' days counts in nothing.
    /// </summary>
    async Task<List<(string Address, string Id)>> Samples() =>
    [
        .. await App.Rows("""
            select distinct on (status, source, division = '152500', overlays <> '', criminal_referral, revision, shift) 'violations/' || record_id, record_id::text
            from register.published_standing order by status, source, division = '152500', overlays <> '', criminal_referral, revision, shift, record_id
            """, row => (row.GetString(0), row.GetString(1))),
        .. await App.Rows("""
            select distinct on (kind, division = '152502', jsonb_array_length(coalesce(detail -> 'danger' -> 'changes', '[]')))
                   case kind when 'crash' then 'crashes' else kind || 's' end || '/' || activity_id, activity_id::text
            from register.published_activity order by kind, division = '152502', jsonb_array_length(coalesce(detail -> 'danger' -> 'changes', '[]')), day desc, activity_id
            """, row => (row.GetString(0), row.GetString(1))),
    ];

    static List<string> Listed(JsonNode answer) =>
    [
        .. answer["targets"]!.AsArray().Concat(answer["reports"]!.AsArray()).Concat(answer["editions"]!.AsArray().SelectMany(one => one!["figures"]!.AsArray()))
            .Select(one => (string)one!["records"]!),
    ];

    [Test]
    public async Task Every_figure_that_a_record_names_opens_to_a_list_with_that_record()
    {
        var samples = await Samples();
        var listed = new Dictionary<string, List<string>>();
        foreach (var (address, _) in samples)
            listed[address] = Listed(await App.Get($"{address}/figures"));
        await Walk.OpenAll(App.Http, listed.Values.SelectMany(one => one), opened);

        Assert.That(samples, Has.Count.GreaterThan(25));
        // An observation counts in targets alone: one of another time than theirs in nothing.
        Assert.That(listed.Where(one => one.Value.Count == 0 && !one.Key.StartsWith("observations", StringComparison.Ordinal)).Select(one => one.Key), Is.Empty);
        Assert.That(samples.SelectMany(sample => listed[sample.Address].Where(figure => !opened[figure].Ids.Contains(sample.Id)).Select(figure => $"{sample.Address} is not in {figure}")), Is.Empty);
        TestContext.Out.WriteLine($"{samples.Count} records, {listed.Values.Sum(one => one.Count)} figures");
    }

    [Test]
    public async Task Every_figure_that_has_a_record_is_named_by_it()
    {
        var samples = await Samples();
        var walked = new List<Figure>();
        foreach (var question in await Asked(samples))
            walked.AddRange(Walk.Figures(question, await App.Get($"reports/{question}")));
        // An edition's ledger counts all there ever were: every record registered before.
        walked.AddRange(figures.Where(figure => figure.Answer is "edition" && !figure.Path.StartsWith("ledger.", StringComparison.Ordinal)));
        // Totals of days that somebody chose: an hour's are among those asked for.
        var addresses = walked.Select(figure => figure.Address).OfType<string>().Where(address => !address.Contains("..", StringComparison.Ordinal)).ToHashSet();
        await Walk.OpenAll(App.Http, addresses, opened);
        var having = addresses.SelectMany(address => opened[address].Ids.Distinct().Select(id => (id, address))).ToLookup(one => one.id, one => one.address);

        var missing = new List<string>();
        var found = 0;
        foreach (var (address, id) in samples)
        {
            var listed = Listed(await App.Get($"{address}/figures")).ToHashSet();
            // The ledger counts reports, of which a thing may have several.
            var figures = having[id].Where(figure => address.StartsWith("violations", StringComparison.Ordinal) || !figure.StartsWith("/api/v1/reports/ledger", StringComparison.Ordinal)).ToList();
            missing.AddRange(figures.Where(figure => !listed.Contains(figure)).Select(figure => $"{address} does not name {figure}"));
            found += figures.Count;
        }
        Assert.That(missing, Is.Empty, string.Join('\n', missing.Take(40)));
        Assert.That(found, Is.GreaterThan(500));
        TestContext.Out.WriteLine($"{samples.Count} records, {addresses.Count} lists walked, {found} times a record was behind a figure");
    }

    /// <summary>Every campaign in its own window, and the days, weeks and months of a few records in every way of grouping, in every division above them.</summary>
    async Task<List<string>> Asked(IReadOnlyList<(string Address, string Id)> samples)
    {
        var asked = new List<string>();
        foreach (var campaign in (await App.Get("reports/campaigns"))["campaigns"]!.AsArray().Select(one => (string)one!["campaign"]!))
            asked.Add($"targets?campaign={campaign}&perDivision=true");
        string[] ways = ["entry", "family", "division", "shift", "source", "vehicleClass", "overlay", "criminal"];
        var few = samples.Where(sample => sample.Address.StartsWith("violations", StringComparison.Ordinal)).Where((_, i) => i % 4 == 0).Select(sample => $"'{sample.Id}'");
        foreach (var (division, day, shiftDate) in await App.Rows($"select division, day, shift_date from register.published_standing where record_id in ({string.Join(',', few)})",
            row => (row.GetString(0), row.GetFieldValue<DateOnly>(1), row.GetFieldValue<DateOnly>(2))))
            foreach (var place in new[] { division, "152500" })
            {
                foreach (var way in ways)
                    foreach (var period in new[] { "day", "week", "month" })
                        asked.Add($"offences?{Days(period, way == "shift" ? shiftDate : day)}&division={place}&groupBy={way}");
                asked.Add($"offences?{Days("week", day)}&division={place}&groupBy=status&status=all");
            }
        foreach (var day in await App.Rows(
            "select distinct day from register.published_activity where kind in ('session', 'point', 'visit') order by day desc limit 5", row => row.GetFieldValue<DateOnly>(0)))
            foreach (var period in new[] { "day", "week", "month" })
                asked.Add($"duty?{Days(period, day)}");
        asked.Add($"ledger?from={App.Now.AddDays(-8):yyyy-MM-dd}&to={App.Now.AddDays(1):yyyy-MM-dd}");
        return [.. asked.Distinct()];

        static string Days(string period, DateOnly day) =>
            Traffic.Reporting.Period.Parse(period, Traffic.Reporting.Period.Of(period, day)) is var (from, to) ? $"from={from:yyyy-MM-dd}&to={to:yyyy-MM-dd}" : "";
    }
}
