using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using Traffic.Reporting.Editions;
using Traffic.Tests.Activities;
using Traffic.Tests.Register;
using static Traffic.Tests.Editions.EditionFiles;
using Sent = Traffic.Tests.Activities.Sent;

namespace Traffic.Tests.Editions;

/// <summary>Crashes, dangers, observations, sessions, points and visits are leaves: what they count for in an edition is recomputed from its export.</summary>
[Category("Postgres")]
public sealed class ActivityLeafTests
{
    readonly ShiftedClock clock = new();
    TrafficApp app = null!;
    string schemas = null!;

    /// <summary>The last week that is over, local.</summary>
    EditionPeriod week = null!;

    [SetUp]
    public async Task Start()
    {
        clock.Ahead = TimeSpan.Zero;
        week = EditionPeriod.Of("weekly", EditionPeriod.Of("weekly", Today).Before.From);
        schemas = CatalogueFolders.CopyOfSchemas();
        await File.WriteAllTextAsync(Path.Combine(schemas, "targets", "lines.json"), Campaign
            .Replace("FROM", $"{Today.AddDays(-70):yyyy-MM-dd}", StringComparison.Ordinal).Replace("TO", $"{Today.AddDays(30):yyyy-MM-dd}", StringComparison.Ordinal));
        app = await Serve();
    }

    Task<TrafficApp> Serve() => TrafficApp.Start(new Dictionary<string, string?> { ["Traffic:Schemas"] = schemas }, services: services => services.AddSingleton<TimeProvider>(clock));

    [TearDown]
    public async Task Stop()
    {
        await app.DisposeAsync();
        Directory.Delete(schemas, recursive: true);
    }

    DateOnly Today => DateOnly.FromDateTime(clock.GetUtcNow().UtcDateTime.AddHours(8));

    /// <summary>Lines over a stock, a rate, a sum and two comparisons of what is no violation.</summary>
    const string Campaign = """
        {
          "campaign": "lines", "order": 0, "title": { "zh": "活动口径", "en": "Of activities" }, "note": { "zh": "试", "en": "test" },
          "source": "a test", "division": "152500", "from": "FROM", "to": "TO",
          "lines": [
            { "id": "raise.observed", "slogan": "一提升", "zh": "甲", "en": "A", "direction": "raise",
              "numerator": { "cube": "observations", "where": { "result": ["compliant"] } }, "denominator": { "cube": "observations" },
              "unit": "percent", "comparison": { "kind": "none" }, "goal": { "valueMin": 90 }, "minimum": 1, "source": "a test", "validFrom": "FROM", "validTo": null },
            { "id": "zero.dangers", "slogan": "两清零", "zh": "乙", "en": "B", "direction": "zero", "numerator": { "cube": "dangers" }, "denominator": null,
              "unit": "dangers", "comparison": { "kind": "none" }, "goal": { "valueMax": 0 }, "source": "a test", "validFrom": "FROM", "validTo": null },
            { "id": "zero.great", "slogan": "两清零", "zh": "戊", "en": "E", "direction": "zero", "numerator": { "cube": "crashes", "where": { "deathsFrom5": ["yes"] } }, "denominator": null,
              "unit": "crashes", "comparison": { "kind": "none" }, "goal": { "valueMax": 0 }, "source": "a test", "validFrom": "FROM", "validTo": null },
            { "id": "drop.deaths", "slogan": "三下降", "zh": "丙", "en": "C", "direction": "drop", "numerator": { "cube": "deaths" }, "denominator": null,
              "unit": "persons", "comparison": { "kind": "periodOnPeriod" }, "goal": { "changePercentMax": 0 }, "minimum": 1, "source": "a test", "validFrom": "FROM", "validTo": null },
            { "id": "drop.injured", "slogan": "三下降", "zh": "己", "en": "F", "direction": "drop", "numerator": { "cube": "injured" }, "denominator": null,
              "unit": "persons", "comparison": { "kind": "yearOnYear" }, "goal": { "changePercentMax": 0 }, "minimum": 1, "source": "a test", "validFrom": "FROM", "validTo": null },
            { "id": "drop.crashes", "slogan": "三下降", "zh": "丁", "en": "D", "direction": "drop", "numerator": { "cube": "crashes" }, "denominator": null,
              "unit": "crashes", "comparison": { "kind": "yearOnYear" }, "goal": { "changePercentMax": 0 }, "minimum": 1, "source": "a test", "validFrom": "FROM", "validTo": null }
          ]
        }
        """;

    /// <summary>So many days ago the week's day is.</summary>
    int Ago(int day) => Today.DayNumber - week.Days.From.DayNumber - day;

    string At(int day, int hour) => $"{week.Days.From.AddDays(day):yyyy-MM-dd}T{hour:00}:00:00+08:00";

    [Test]
    public async Task A_changed_a_removed_and_an_added_activity_in_the_export_is_named()
    {
        await Fill();
        var id = await Draft(week);
        var (edition, lines) = (await app.Http.GetByteArrayAsync(Address(id)), await Lines(id));
        var first = lines.FindIndex(line => line.StartsWith("kind,", StringComparison.Ordinal)) + 1;
        string Id(int i) => lines[i].Split(',')[1];
        string Kind(int i) => lines[i].Split(',')[0];

        Assert.That(Verify(edition, lines), Has.Property("Ok").True);
        Assert.That(Enumerable.Range(first, lines.Count - first).Select(Kind).Distinct(), Is.EquivalentTo(["crash", "danger", "observation", "session", "point", "visit"]));
        Assert.That(string.Concat(lines), Does.Not.Contain("蒙H").And.Not.Contain("G207").And.Not.Contain("000001").And.Not.Contain("备注"), "nothing personal, no finer place");
        Assert.Multiple(() =>
        {
            for (var i = first; i < lines.Count; i++)
            {
                for (var at = 0; at < lines[i].Length; at++)
                {
                    var changed = Verify(edition, [.. lines[..i], Other(lines[i], at), .. lines[(i + 1)..]]);
                    Assert.That((changed.Ok, changed.Record == Id(i) || changed.Why == "added" && !lines.Contains(changed.Record!)), Is.EqualTo((false, true)), $"{Kind(i)}, sign {at}");
                }
                var removed = Verify(edition, [.. lines[..i], .. lines[(i + 1)..]]);
                Assert.That((removed.Ok, removed.Why, removed.Record), Is.EqualTo((false, "missing", Id(i))), Kind(i));
                var added = Verify(edition, [.. lines[..i], lines[i].Replace(Id(i), Before(Id(i)), StringComparison.Ordinal), .. lines[i..]]);
                Assert.That((added.Ok, added.Why, added.Record), Is.EqualTo((false, "added", Before(Id(i)))), Kind(i));
            }
        });
    }

    static string Other(string line, int at) => line[..at] + (line[at] == '0' ? '1' : '0') + line[(at + 1)..];

    /// <summary>The id just before it, in the order of the tree.</summary>
    static string Before(string id) => LeafIndex.GuidOf(UInt128.Parse(id.Replace("-", "", StringComparison.Ordinal), System.Globalization.NumberStyles.HexNumber, null) - 1).ToString();

    /// <summary>Whoever changes a figure and seals the file anew is found out: the leaves say otherwise.</summary>
    [TestCase("activity", "\"key\":\"deaths\",\"now\":1", "\"key\":\"deaths\",\"now\":0", "activity[0].rows[7].now")]
    [TestCase("activity", "\"key\":\"dangersRemaining\",\"now\":1", "\"key\":\"dangersRemaining\",\"now\":0", "activity[0].rows[9].now")]
    [TestCase("targets", "\"remaining\":1", "\"remaining\":0", "targets[")]
    [TestCase("targets", "\"status\":\"missed\"", "\"status\":\"met\"", "targets[")]
    [TestCase("targets", "\"baseline\":2", "\"baseline\":9", "targets[0].lines[3].baseline")]
    [TestCase("targets", "\"perOfficerHour\":0.02", "\"perOfficerHour\":0.01", "targets[")]
    [TestCase("findings", "\"id\":\"dangers/152502\"", "\"id\":\"dangers/152531\"", "findings[")]
    public async Task A_false_figure_under_a_true_seal_is_named(string section, string was, string now, string path)
    {
        await Fill();
        var id = await Draft(week);
        var text = await app.Http.GetStringAsync($"{Address(id)}?index=false");
        var at = text.IndexOf(was, text.IndexOf($"\"{section}\":", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.That(at, Is.Positive, was);

        var verdict = Forged(await app.Http.GetByteArrayAsync(Address(id)), await Lines(id), text[..at] + now + text[(at + was.Length)..]);

        Assert.That((verdict.Ok, verdict.Why), Is.EqualTo((false, "figure")), JsonSerializer.Serialize(verdict));
        Assert.That(verdict.Section, Does.StartWith(path));
    }

    [Test]
    public async Task A_false_comparison_of_banners_under_a_true_seal_is_named()
    {
        await Fill();
        var id = await Draft(EditionPeriod.Of("monthly", new DateOnly(Today.Year, Today.Month, 1).AddDays(-1)));
        var model = JsonNode.Parse(await app.Http.GetStringAsync($"{Address(id)}?index=false"))!;
        Assert.That(Forged(await app.Http.GetByteArrayAsync(Address(id)), await Lines(id), model.ToJsonString(EditionModel.Json)), Has.Property("Ok").True, "as it is");
        model["comparison"]![3]!["targetsMet"] = (int)model["comparison"]![3]!["targetsMet"]! + 1;

        var verdict = Forged(await app.Http.GetByteArrayAsync(Address(id)), await Lines(id), model.ToJsonString(EditionModel.Json));

        Assert.That((verdict.Ok, verdict.Section), Is.EqualTo((false, "comparison[3].targetsMet")));
    }

    [Test]
    public async Task What_a_line_is_compared_with_in_a_frozen_baseline_is_added_up_from_its_sums()
    {
        await Fill();
        var (status, body) = await app.Post("reports/campaigns/lines/baseline", new JsonObject { ["frozenBy"] = "某甲", ["why"] = "it begins" });
        Assert.That(status, Is.EqualTo(HttpStatusCode.Created), body.ToJsonString());
        // One more of that year, later: a frozen baseline does not move.
        await app.Taken("crashes", app.Crash(dead: 1).With("occurredAt", $"{week.YearBefore.From:yyyy-MM-dd}T11:00:00+08:00"));
        var id = await Draft(week);
        var (file, lines, text) = (await app.Http.GetByteArrayAsync(Address(id)), await Lines(id), await app.Http.GetStringAsync($"{Address(id)}?index=false"));
        static JsonNode Crashes(JsonNode model) => model["targets"]![0]!["lines"]!.AsArray().Single(line => (string)line!["id"]! == "drop.crashes")!;
        static JsonNode Sum(JsonNode model) => model["definitions"]!["baseline"]!["sums"]!.AsArray().Single(sum => (string)sum!["line"]! == "drop.crashes@1")!;
        EditionVerdict Changed(Action<JsonNode> change)
        {
            var model = JsonNode.Parse(text)!;
            change(model);
            return Forged(file, lines, model.ToJsonString(EditionModel.Json));
        }

        Assert.That(((int)Crashes(JsonNode.Parse(text)!)["baseline"]!, (int)Sum(JsonNode.Parse(text)!)["numerator"]!), Is.EqualTo((1, 1)));
        Assert.That(Changed(_ => { }), Has.Property("Ok").True, "as it is");
        foreach (var change in new Action<JsonNode>[] { model => Crashes(model)["baseline"] = 2, model => Sum(model)["numerator"] = 2, model => Sum(model)["division"] = "152531" })
            Assert.That(Changed(change) is var verdict ? (verdict.Ok, verdict.Why, verdict.Section?.Contains(".lines[5].", StringComparison.Ordinal)) : default, Is.EqualTo((false, "figure", (bool?)true)));
        Assert.That(Changed(model => model["definitions"]!["baseline"]!.AsObject().Remove("sums")), Has.Property("Ok").True, "frozen before the sums stood in editions");
    }

    [TestCase(EditionModel.FormatName)]
    [TestCase(EditionModel.ThirdFormat, Description = "of which the tree was another")]
    [TestCase(EditionModel.SecondFormat, Description = "of which violations alone were leaves")]
    public async Task After_48_hours_of_late_voided_and_changed_activities_the_bytes_are_the_same_and_the_restatement_names_exactly_those(string format)
    {
        var before = await Fill();
        var id = await Draft(week);
        Assert.That(await app.Rows($"""
            {(EditionModel.HasAll(format) ? "" : "with emptied as (update reporting.leaf_index set leaf_index = '')")}
            update reporting.edition set model = said, digest = sha256(said)
            from (select convert_to(replace(convert_from(model, 'UTF8'), '{EditionModel.FormatName}', '{format}'), 'UTF8') as said from reporting.edition) written
            returning edition
            """, row => row.GetString(0)), Is.EqualTo([id]));
        var (frozen, records) = (await app.Http.GetByteArrayAsync(Address(id)), await Lines(id));

        clock.Ahead = TimeSpan.FromHours(48);
        var late = await Late(before);
        await app.Taken("crashes", app.Crash().With("occurredAt", At(7, 10)));
        var restated = (string)(await app.Post($"reports/editions/{id}/restate", new JsonObject { ["requestedBy"] = "某甲", ["reason"] = "late" })).Body["edition"]!;

        Assert.That(await app.Http.GetByteArrayAsync(Address(id)), Is.EqualTo(frozen));
        Assert.That(await Lines(id), Is.EqualTo(records));
        var model = await app.Get($"reports/editions/{restated}?index=false");
        Assert.That(model["restates"]!["records"]!.AsArray().Select(one => ((Guid)one!["recordId"]!, (string)one["change"]!, (string?)one["kind"])), Is.EquivalentTo(new (Guid, string, string?)[]
        {
            (late, "added", "crash"), (before.Crash, "changed", "crash"), (before.Session, "changed", "session"), (before.Danger, "changed", "danger"),
        }));
        Assert.That(Now(model, "deaths"), Is.EqualTo(3 + 2), "the changed crash and the late one");
        Assert.That(Now(model, "sessions"), Is.Zero, "voided");
        Assert.That(Now(model, "dangersRemaining"), Is.Zero, "cleared within the week");
        Assert.That(Verify(await app.Http.GetByteArrayAsync(Address(restated)), await Lines(restated)), Has.Property("Ok").True);
        Assert.That(await app.Http.GetStringAsync($"/bulletins/{restated}"), Does.Contain($"/activities/crashes/{late}"));
    }

    [Test]
    public async Task What_came_or_changed_late_stands_in_the_next_edition_by_kind_and_opens()
    {
        var before = await Fill();
        await Draft(week);
        var late = await Late(before);

        clock.Ahead = TimeSpan.FromDays(7);
        var id = await Draft(week.Next);
        var model = await app.Get($"reports/editions/{id}?index=false");

        var rows = model["figures"]!["lateActivities"]!.AsArray().Where(row => (string)row!["division"]! == "152500").ToDictionary(
            row => (string)row!["kind"]!, row => ((int)row!["registered"]!, (int)row["withdrawn"]!, (int)row["changed"]!));
        Assert.That(rows, Is.EquivalentTo(new Dictionary<string, (int, int, int)> { ["crash"] = (1, 0, 1), ["session"] = (0, 1, 0), ["danger"] = (0, 0, 1) }));
        foreach (var (kind, figure, expected) in new[] { ("crash", "registered", late), ("crash", "changed", before.Crash), ("session", "withdrawn", before.Session) })
        {
            var row = model["figures"]!["lateActivities"]!.AsArray().Single(row => (string)row!["division"]! == "152502" && (string)row["kind"]! == kind)!;
            var list = await app.Get(((string)row["open"]![figure]!)["/api/v1/".Length..]);
            Assert.That(((int)list["total"]!, (Guid)list["items"]!.AsArray().Single()!["recordId"]!), Is.EqualTo((1, expected)));
            Assert.That((await app.Http.GetAsync(((string)row["open"]![figure]!).Replace("/api/v1/reports/editions", "/bulletins", StringComparison.Ordinal))).StatusCode, Is.EqualTo(HttpStatusCode.OK));
        }
        Assert.That(Verify(await app.Http.GetByteArrayAsync(Address(id)), await Lines(id)), Has.Property("Ok").True);
    }

    [TestCase(true)]
    [TestCase(false, Description = "by the cubes of editions frozen before this was said: they still verify")]
    public async Task A_bulletin_says_that_0_dangers_remain_where_all_were_cleared_before(bool said)
    {
        if (!said)
        {
            var cubes = Path.Combine(schemas, "targets", "cubes.json");
            await File.WriteAllTextAsync(cubes, (await File.ReadAllTextAsync(cubes)).Replace(",\n    \"moves\": \"change\"", "", StringComparison.Ordinal));
            await app.DisposeAsync();
            app = await Serve();
        }
        var danger = await app.Taken("dangers", app.Danger(daysAgo: 40));
        await app.Taken($"dangers/{danger}/clearings", app.Change(daysAgo: 35, supersedes: 1));
        var id = await Draft(week);
        var model = await app.Get($"reports/editions/{id}?index=false");

        var row = model["activity"]![0]!["rows"]!.AsArray().Single(one => (string)one!["key"]! == "dangersRemaining")!;
        var line = model["targets"]![0]!["lines"]!.AsArray().Single(one => (string)one!["id"]! == "zero.dangers")!;
        Assert.That(((decimal?)row["now"], (string)line["status"]!, (decimal?)line["value"]), Is.EqualTo(said ? ((decimal?)0, "met", (decimal?)0) : (null, "noData", null)));
        Assert.That(Verify(await app.Http.GetByteArrayAsync(Address(id)), await Lines(id)), Has.Property("Ok").True);
    }

    [Test]
    public async Task A_late_crash_of_long_ago_names_the_edition_that_has_it()
    {
        await Fill();
        await Draft(week);
        var late = await app.Taken("crashes", app.Crash().With("occurredAt", $"{week.Days.From.AddDays(-420):yyyy-MM-dd}T10:00:00+08:00"));

        clock.Ahead = TimeSpan.FromDays(7);
        var id = await Draft(week.Next);
        var named = (await app.Get($"crashes/{late}/figures"))["editions"]!.AsArray().Single()!;

        Assert.That((string)named["edition"]!, Is.EqualTo(id));
        var lists = await Task.WhenAll(named["figures"]!.AsArray().Select(one => app.Get(((string)one!["records"]!)["/api/v1/".Length..])));
        Assert.That(lists, Is.Not.Empty.And.All.Matches<JsonNode>(list => list["items"]!.AsArray().Any(one => (Guid)one!["recordId"]! == late)));
    }

    [Test]
    public async Task Cells_of_activities_that_differ_from_their_records_are_not_frozen()
    {
        await Fill();
        await TestCluster.Execute(app.Database.ConnectionString, "update register.cell set value = value + 1 where cube = 'deaths'");

        using var answer = await app.Http.PostAsJsonAsync("/api/v1/reports/editions", new { kind = "weekly", period = week.Name });

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.InternalServerError));
    }

    sealed record Filled(Guid Crash, Guid Session, Guid Danger);

    /// <summary>One of each kind in the week.</summary>
    async Task<Filled> Fill()
    {
        await app.Taken("crashes", app.Crash(dead: 2).With("occurredAt", At(-3, 10)));
        await app.Taken("crashes", app.Crash(dead: 1).With("occurredAt", $"{week.YearBefore.From:yyyy-MM-dd}T10:00:00+08:00"));
        var crash = await app.Taken("crashes", app.Crash().With("occurredAt", At(1, 10)));
        var danger = await app.Taken("dangers", app.Danger().With("foundAt", At(2, 10)));
        await app.Taken("observations", app.Observation().With("observedAt", At(3, 10)));
        var session = await app.Taken("sessions", app.Session(Ago(1)));
        await app.Taken($"sessions/{session}/closing", app.Closing(Ago(1)));
        var point = await app.Taken("points", app.Point().With("from", $"{week.Days.From:yyyy-MM-dd}").With("to", $"{week.Days.To:yyyy-MM-dd}"));
        await app.Taken("visits", app.Visit(point, daysAgo: Ago(4)));
        return new Filled(crash, session, danger);
    }

    /// <summary>A crash more, two more dead in another, a session voided, a danger cleared: all of days in the week.</summary>
    /// <returns>The crash that is new.</returns>
    async Task<Guid> Late(Filled before)
    {
        var late = await app.Taken("crashes", app.Crash(dead: 2).With("occurredAt", At(4, 10)));
        await app.Taken($"crashes/{before.Crash}/revisions", app.Crash(dead: 3).With("occurredAt", At(1, 10)).Again(1));
        await app.Taken($"sessions/{before.Session}/void", Sent.Void(2));
        await app.Taken($"dangers/{before.Danger}/clearings", app.Change(Ago(5), 1));
        return late;
    }

    static int Now(JsonNode model, string key) =>
        (int?)(decimal?)model["activity"]![0]!["rows"]!.AsArray().Single(row => (string)row!["key"]! == key)!["now"] ?? 0;

    async Task<string> Draft(EditionPeriod period)
    {
        var (status, body) = await app.Post("reports/editions", new JsonObject { ["kind"] = period.Kind, ["period"] = period.Name });
        // Where the clock was put on, the run of that minute may have made it first.
        Assert.That(status, Is.EqualTo(HttpStatusCode.Created).Or.EqualTo(HttpStatusCode.OK), body.ToJsonString());
        return (string)body["edition"]!;
    }

    Task<List<string>> Lines(string id) => app.Exported(id);
}
