using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.Json.Nodes;
using NUnit.Framework;
using Traffic.Reporting.Editions;
using Traffic.Tests.Activities;
using Traffic.Tests.Register;
using Sent = Traffic.Tests.Activities.Sent;
using static Traffic.Tests.Editions.EditionFiles;

namespace Traffic.Tests.Editions;

/// <summary>What came by an import is a leaf of an edition where a target line counts it: such lines, too, are recomputed from the export.</summary>
[Category("Postgres")]
public sealed class OriginLeafTests
{
    TrafficApp app = null!;
    string schemas = null!;

    /// <summary>The last week that is over, local.</summary>
    EditionPeriod week = null!;

    [SetUp]
    public async Task Start()
    {
        var today = DateOnly.FromDateTime(DateTime.UtcNow.AddHours(8));
        week = EditionPeriod.Of("weekly", EditionPeriod.Of("weekly", today).Before.From);
        schemas = CatalogueFolders.CopyOfSchemas();
        var (crashes, violations) = (Path.Combine(schemas, "imports", "synthetic-crashes.json"), Path.Combine(schemas, "imports", "cn-gd-violation-query.json"));
        var map = JsonNode.Parse(await File.ReadAllTextAsync(violations))!;
        map["divisionTree"] = JsonNode.Parse(await File.ReadAllTextAsync(crashes))!["divisionTree"]!.DeepClone();
        await File.WriteAllTextAsync(violations, map.ToJsonString());
        await File.WriteAllTextAsync(Path.Combine(schemas, "targets", "lines.json"), new JsonObject
        {
            ["campaign"] = "lines", ["order"] = 0, ["title"] = Title("导入口径"), ["note"] = Title("试"), ["source"] = "a test", ["division"] = "152500",
            ["from"] = $"{today.AddDays(-70):yyyy-MM-dd}", ["to"] = $"{today.AddDays(30):yyyy-MM-dd}", ["lines"] = new JsonArray(
                Line("raise", "both", "violations", ["-", "cn-gd-violation-query"]), Line("zero", "theirs", "violations", ["cn-gd-violation-query"]),
                Line("zero", "ours", "violations", null), Line("drop", "theirs", "deaths", ["synthetic-crashes"]), Line("drop", "both", "crashes", ["-", "synthetic-crashes"]),
                Line("drop", "ours", "crashes", null)),
        }.ToJsonString());
        app = await TrafficApp.Start(new Dictionary<string, string?> { ["Traffic:Schemas"] = schemas });

        JsonObject Line(string direction, string id, string cube, string[]? origins)
        {
            var where = origins is null ? new JsonObject() : new JsonObject { ["origin"] = new JsonArray([.. origins]) };
            if (cube == "violations")
                where["status"] = new JsonArray("captured", "confirmed", "toReview", "held");
            return new JsonObject
            {
                ["id"] = $"{direction}.{id}", ["slogan"] = direction switch { "raise" => "一提升", "zero" => "两清零", _ => "三下降" }, ["zh"] = id, ["en"] = id, ["direction"] = direction,
                ["numerator"] = new JsonObject { ["cube"] = cube, ["where"] = where }, ["denominator"] = null, ["unit"] = "records",
                ["comparison"] = new JsonObject { ["kind"] = direction == "zero" ? "none" : "periodOnPeriod" },
                ["goal"] = direction switch { "raise" => new JsonObject { ["changePercentMin"] = 0 }, "zero" => new JsonObject { ["valueMax"] = 0 }, _ => new JsonObject { ["changePercentMax"] = 0 } },
                ["minimum"] = 1, ["source"] = "a test", ["validFrom"] = $"{today.AddDays(-70):yyyy-MM-dd}", ["validTo"] = null,
            };
        }

        static JsonObject Title(string zh) => new() { ["zh"] = zh, ["en"] = "test" };
    }

    [TearDown]
    public async Task Stop()
    {
        await Sent.CountsAgree(app);
        await app.DisposeAsync();
        Directory.Delete(schemas, recursive: true);
    }

    string At(int day) => $"{week.Days.From.AddDays(day):yyyy-MM-dd}T10:00:00+08:00";

    /// <returns>Of the imported violation and the imported crash.</returns>
    async Task<(Guid Violation, Guid Crash)> Fill()
    {
        JsonObject Violation(string id, int day) => new()
        {
            ["eventId"] = id, ["source"] = "roadsideCheck", ["occurredAt"] = At(day), ["divisionCode"] = "152502", ["plate"] = "蒙H0***", ["offenceCode"] = "1345",
        };
        var sent = await Taken("import.cn-gd-violation-query/events", Violation("a", 1), Violation("b", -3));
        var crash = await Taken("import.synthetic-crashes/activity", app.Crash(dead: 2).Without("recordId").Without("unitCode").With("occurredAt", At(2)).With("eventId", "c").With("kind", "crash"));
        await app.Officer(app.RedLight() with { OccurredAt = DateTimeOffset.Parse(At(1), CultureInfo.InvariantCulture) });
        await app.Taken("crashes", app.Crash(dead: 1).With("occurredAt", At(3)));
        await app.NothingInFlight();
        return ((Guid)sent[0]!["recordId"]!, (Guid)crash[0]!["activityId"]!);

        async Task<JsonArray> Taken(string feed, params JsonObject[] items)
        {
            using var answer = await app.Http.PostAsJsonAsync($"/api/v1/feeds/{feed}", items);
            var said = (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
            Assert.That((long?)said["accepted"], Is.EqualTo(items.Length), said.ToJsonString());
            return said["results"]!.AsArray();
        }
    }

    async Task<string> Draft()
    {
        var (status, body) = await app.Post("reports/editions", new JsonObject { ["kind"] = "weekly", ["period"] = week.Name });
        Assert.That(status, Is.EqualTo(HttpStatusCode.Created), body.ToJsonString());
        return (string)body["edition"]!;
    }

    [Test]
    public async Task Lines_that_name_an_import_follow_from_the_leaves_and_no_other_figure_counts_it()
    {
        var (violation, crash) = await Fill();

        var id = await Draft();

        var (edition, lines) = (await app.Http.GetByteArrayAsync(Address(id)), await app.Exported(id));
        var model = JsonNode.Parse(edition)!;
        Assert.That(model["targets"]![0]!["lines"]!.AsArray().Select(line => ((string)line!["id"]!, (decimal?)line["value"], (decimal?)line["baseline"])), Is.EqualTo(new (string, decimal?, decimal?)[]
        {
            ("raise.both", 2, 1), ("zero.theirs", 1, null), ("zero.ours", 1, null), ("drop.theirs", 2, null), ("drop.both", 2, null), ("drop.ours", 1, null),
        }));
        Assert.That((int)model["figures"]!["divisions"]![0]!["statuses"]!.AsArray().Sum(row => (int)row!["count"]!["now"]!), Is.EqualTo(1), "ours alone");
        Assert.That((decimal)model["activity"]![0]!["rows"]!.AsArray().Single(row => (string)row!["key"]! == "deaths")!["now"]!, Is.EqualTo(1), "ours alone");
        Assert.That(lines.Count(line => line.Contains(",cn-gd-violation-query,", StringComparison.Ordinal)), Is.EqualTo(2));
        Assert.That(lines.Count(line => line.Contains(",synthetic-crashes,", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(Verify(edition, lines), Has.Property("Ok").True);
        foreach (var (path, line) in new[] { ($"violations/{violation}", "zero.theirs"), ($"crashes/{crash}", "drop.theirs") })
        {
            var counted = (await app.Get($"{path}/figures"))["editions"]!.AsArray().Single()!;
            Assert.That((bool)counted["leaf"]!, path);
            Assert.That(counted["figures"]!.AsArray().Select(figure => (string?)figure!["key"]), Has.Some.EqualTo(line).And.None.Contains("ours"));
        }
    }

    [TestCase("raise.both", 3), TestCase("zero.theirs", 0), TestCase("drop.theirs", 1)]
    public async Task A_false_value_of_such_a_line_is_named(string line, int value)
    {
        await Fill();
        var id = await Draft();
        var model = JsonNode.Parse(await app.Http.GetStringAsync($"{Address(id)}?index=false"))!;
        var said = model["targets"]![0]!["lines"]!.AsArray();
        var at = said.ToList().FindIndex(one => (string)one!["id"]! == line);
        said[at]!["value"] = value;

        var verdict = Forged(await app.Http.GetByteArrayAsync(Address(id)), await app.Exported(id), model.ToJsonString(EditionModel.Json));

        Assert.That((verdict.Ok, verdict.Why, verdict.Section), Is.EqualTo((false, "figure", $"targets[0].lines[{at}].value")), JsonSerializer.Serialize(verdict));
    }

    [Test]
    public async Task An_imported_record_that_is_not_in_the_export_is_named()
    {
        var (violation, _) = await Fill();
        var id = await Draft();

        var verdict = Verify(await app.Http.GetByteArrayAsync(Address(id)), (await app.Exported(id)).FindAll(line => !line.Contains($"{violation}", StringComparison.Ordinal)));

        Assert.That((verdict.Ok, verdict.Why, verdict.Record), Is.EqualTo((false, "missing", $"{violation}")));
    }

    [Test]
    public async Task An_edition_of_before_holds_such_lines_by_its_digest_alone()
    {
        await Fill();
        var id = await Draft();
        var model = JsonNode.Parse(await app.Http.GetStringAsync($"{Address(id)}?index=false"))!;
        model["definitions"]!.AsObject().Remove("origins");
        model["targets"]![0]!["lines"]![1]!["value"] = 7;

        Assert.That(Forged(await app.Http.GetByteArrayAsync(Address(id)), await app.Exported(id), model.ToJsonString(EditionModel.Json)), Has.Property("Ok").True);
    }
}
