using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using NUnit.Framework;
using Traffic.Reporting.Editions;
using Traffic.Tests.Register;

namespace Traffic.Tests.Editions;

/// <summary>A bulletin is frozen; what comes after it shows in the next one as late, and in a restatement, record by record.</summary>
[Category("Postgres")]
public sealed class EditionTests : EditionFixture
{
    [Test]
    public async Task A_frozen_edition_is_the_same_bytes_after_48_hours_of_late_voided_and_reclassified_records()
    {
        var kept = await Speeding("152502", week.Days.From, 6);
        var voided = await Speeding("152502", week.Days.From.AddDays(1), 1);
        var unclear = await Unclear("152531", week.Days.From.AddDays(2));
        var edition = await Draft(week.Name);
        var id = (string)edition["edition"]!;
        var frozen = await Bytes(id);
        var records = await Text($"/api/v1/reports/editions/{id}/records");
        await Fits(id);

        clock.Ahead = TimeSpan.FromHours(48);
        var late = await Speeding("152525", week.Days.From.AddDays(3), 2);
        await Decide(voided[0], 1, "void");
        await Decide(unclear, 1, "resolve", "red-light.motor");
        await app.NothingInFlight();
        var restated = await Post($"/api/v1/reports/editions/{id}/restate", new { requestedBy = "某甲", reason = "late records" }, HttpStatusCode.Created);

        Assert.That(await Bytes(id), Is.EqualTo(frozen), "the frozen edition");
        Assert.That(await Text($"/api/v1/reports/editions/{id}/records"), Is.EqualTo(records), "the records it counted, as they stood then");
        var model = await Get($"/api/v1/reports/editions/{restated["edition"]}?index=false");
        var differing = model["restates"]!["records"]!.AsArray().ToDictionary(one => (Guid)one!["recordId"]!, one => (string)one!["change"]!);
        Assert.That(differing, Is.EquivalentTo(late.Select(one => KeyValuePair.Create(one, "added"))
            .Append(KeyValuePair.Create(voided[0], "changed")).Append(KeyValuePair.Create(unclear, "changed"))), "exactly the records that differ");
        Assert.That((int)model["number"]!, Is.EqualTo(2));
        Assert.That(Confirmed(model), Is.EqualTo(kept.Count + late.Count + 1));
        Assert.That(Confirmed(JsonNode.Parse(frozen)!), Is.EqualTo(kept.Count + 1));
        await Fits((string)restated["edition"]!);
        Assert.That((await Post($"/api/v1/reports/editions/{id}/restate", new { requestedBy = "某甲", reason = "again" }, HttpStatusCode.Conflict))["type"]!.ToString(),
            Is.EqualTo("urn:traffic:nothing-to-restate"));
        Assert.That((await app.Reconcile()).Ok);
    }

    [Test]
    public async Task What_comes_late_is_in_the_next_edition_in_a_line_of_its_own()
    {
        var voided = await Speeding("152502", week.Days.From, 7);
        var unclear = await Unclear("152531", week.Days.From);
        await Draft(week.Name);
        await Speeding("152502", week.Days.From.AddDays(1), 2);
        await Speeding("152525", week.Days.From.AddDays(-30), 1);
        await Decide(voided[0], 1, "void");
        await Decide(unclear, 1, "resolve", "red-light.motor");
        await app.NothingInFlight();

        clock.Ahead = TimeSpan.FromDays(7);
        var next = (string)(await Draft(week.Next.Name))["edition"]!;
        var model = await Get($"/api/v1/reports/editions/{next}?index=false");

        var lines = model["figures"]!["late"]!.AsArray().ToDictionary(one => (string)one!["division"]!, one => one!);
        Assert.That(lines.Keys, Is.EqualTo(["152500", "152502", "152525", "152531"]));
        Assert.That(Late(lines["152500"]), Is.EqualTo((3, 1, 1, 0, 3)));
        Assert.That(Late(lines["152502"]), Is.EqualTo((2, 1, 0, 0, 1)));
        Assert.That(Late(lines["152525"]), Is.EqualTo((1, 0, 0, 0, 1)));
        Assert.That(Late(lines["152531"]), Is.EqualTo((0, 0, 1, 0, 1)));
        Assert.That(Confirmed(model), Is.Zero, "late records are in no figure of the new week");
        Assert.That((long)model["figures"]!["divisions"]![0]!["confirmed"]!["before"]!, Is.EqualTo(6 + 2 + 1), "but the week before is compared with as it stands now");
        await Fits(next);
    }

    [Test]
    public async Task A_late_change_is_told_by_the_next_edition_though_an_earlier_period_was_restated_after_it()
    {
        var earlier = EditionPeriod.Of("weekly", week.Days.From.AddDays(-1));
        var old = await Speeding("152502", earlier.Days.From, 1);
        var records = await Speeding("152502", week.Days.From, 2);
        var early = (string)(await Draft(earlier.Name))["edition"]!;
        var last = (string)(await Draft(week.Name))["edition"]!;
        await Decide(records[0], 1, "void");
        await Decide(old[0], 1, "void");
        await app.NothingInFlight();
        await Post($"/api/v1/reports/editions/{early}/restate", new { requestedBy = "某甲", reason = "late" }, HttpStatusCode.Created);

        clock.Ahead = TimeSpan.FromDays(7);
        var next = (string)(await Draft(week.Next.Name))["edition"]!;
        var model = await Get($"/api/v1/reports/editions/{next}?index=false");

        Assert.That(model["previous"]!["edition"]!.ToString(), Is.EqualTo(last));
        Assert.That(Late(model["figures"]!["late"]!.AsArray().Single(one => (string)one!["division"]! == "152502")!), Is.EqualTo((0, 2, 0, 0, -2)));
        await Fits(next);
    }

    [Test]
    public async Task A_restatement_lists_no_record_that_stands_as_it_stood_though_it_is_no_longer_told_as_late()
    {
        var earlier = EditionPeriod.Of("weekly", week.Days.From.AddDays(-1));
        await Speeding("152502", earlier.Days.From, 1);
        await Speeding("152502", week.Days.From, 1);
        var first = (string)(await Draft(earlier.Name))["edition"]!;
        await Speeding("152502", earlier.Days.From, 1);
        var second = (string)(await Draft(week.Name))["edition"]!;
        var late = new { requestedBy = "某甲", reason = "late" };
        await Post($"/api/v1/reports/editions/{first}/restate", late, HttpStatusCode.Created);

        await Post($"/api/v1/reports/editions/{second}/restate", late, HttpStatusCode.Conflict);
        var other = await Speeding("152502", week.Days.From, 1);
        var third = (string)(await Post($"/api/v1/reports/editions/{second}/restate", late, HttpStatusCode.Created))["edition"]!;

        var records = (await Get($"/api/v1/reports/editions/{third}?index=false"))["restates"]!["records"]!.AsArray();
        Assert.That(records.Select(one => ((Guid)one!["recordId"]!, (string)one["change"]!)), Is.EqualTo([(other[0], "added")]));
        await Fits(third);
    }

    [Test]
    public async Task What_comes_late_to_the_first_edition_of_all_is_told_by_its_restatements_though_an_earlier_period_is_drafted_meanwhile()
    {
        await Speeding("152502", week.Days.From, 1);
        var first = (string)(await Draft(week.Name))["edition"]!;
        async Task<JsonNode> Restated()
        {
            await Speeding("152525", week.Days.From.AddDays(-30), 1);
            await Speeding("152502", week.Days.From, 1);
            return await Model((string)(await Post($"/api/v1/reports/editions/{first}/restate", new { requestedBy = "某甲", reason = "late" }, HttpStatusCode.Created))["edition"]!);
        }
        async Task<JsonNode> Model(string id)
        {
            await Fits(id);
            return await Get($"/api/v1/reports/editions/{id}?index=false");
        }
        static (string, int) Told(JsonNode model) => ((string)model["previous"]!["edition"]!,
            (int)model["figures"]!["late"]!.AsArray().Single(one => (string)one!["division"]! == "152500")!["registered"]!);

        var second = await Restated();
        await Draft(EditionPeriod.Of("weekly", week.Days.From.AddDays(-1)).Name);
        var third = await Restated();
        await Speeding("152525", week.Days.From.AddDays(-30), 1);
        clock.Ahead = TimeSpan.FromDays(7);
        var next = await Model((string)(await Draft(week.Next.Name))["edition"]!);

        Assert.That((Told(second), Told(third), Told(next)), Is.EqualTo(((first, 1), (first, 2), ((string)third["edition"]!, 1))));
        var address = $"/api/v1/reports/editions/{third["edition"]}/late?division=152500&figure=total";
        Assert.That((int)(await Get(address))["total"]!, Is.EqualTo(2), "and it opens to them");
    }

    static (int, int, int, int, int) Late(JsonNode line) => (
        (int)line["registered"]!, (int)line["withdrawn"]!, (int)line["reclassified"]!, (int)line["reviewed"]!, (int)line["netConfirmed"]!);

    [Test]
    public async Task Verify_names_the_record_that_was_changed_removed_or_added()
    {
        await Speeding("152502", week.Days.From, 5);
        var id = (string)(await Draft(week.Name))["edition"]!;
        var edition = Encoding.UTF8.GetString(await Bytes(id, index: true));
        var lines = (await Text($"/api/v1/reports/editions/{id}/records")).Split("\r\n")[..^1].ToList();
        var first = lines.FindIndex(line => line.StartsWith("violation,", StringComparison.Ordinal));
        string Id(int i) => lines[i].Split(',')[1];

        Assert.Multiple(() =>
        {
            Assert.That(Verify(edition, lines), Is.EqualTo((true, (string?)null, (string?)null)));
            for (var i = 0; i < lines[first + 2].Length; i++)
                if (Changed(lines, first + 2, i) is var changed && Verify(edition, changed) is var (ok, why, record))
                    Assert.That((ok, record == Id(first + 2) || why == "added" && !lines.Contains(record!)), Is.EqualTo((false, true)), changed[first + 2]);
            Assert.That(Verify(edition, [.. lines.Where((_, i) => i != first + 3)]), Is.EqualTo((false, "missing", Id(first + 3))));
            Assert.That(Verify(edition, lines[..^1]), Is.EqualTo((false, "missing", Id(lines.Count - 1))), "the last one");
            var other = Guid.NewGuid().ToString();
            var added = lines.Append(lines[^1].Replace(Id(lines.Count - 1), "ffffffff" + other[8..], StringComparison.Ordinal)).ToList();
            Assert.That(Verify(edition, added), Is.EqualTo((false, "added", "ffffffff" + other[8..])));
            Assert.That(Verify(edition, [.. lines[..(first + 1)], .. lines[first..]]), Is.EqualTo((false, "added", Id(first))), "the same one twice");
            Assert.That(Verify(edition, [.. lines[..first].Select(line => line.Replace("asOf,", "asOf,1", StringComparison.Ordinal)), .. lines[first..]]).Why, Is.EqualTo("head"));
            Assert.That(Verify(edition.Replace("\"now\":5", "\"now\":6", StringComparison.Ordinal), lines).Why, Is.EqualTo("figure"), "a figure that the records do not give");
            Assert.That(Verify(edition.Replace("\"root\":\"", "\"root\":\"0", StringComparison.Ordinal), lines).Why, Is.EqualTo("section"));
        });
    }

    static List<string> Changed(List<string> lines, int line, int at)
    {
        var one = lines[line].ToCharArray();
        one[at] = one[at] == '0' ? '1' : '0';
        return [.. lines[..line], new string(one), .. lines[(line + 1)..]];
    }

    static (bool Ok, string? Why, string? Record) Verify(string edition, IReadOnlyList<string> lines)
    {
        var verdict = EditionCheck.Verify(
            new MemoryStream(Encoding.UTF8.GetBytes(edition)), new MemoryStream(Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\r\n")))));
        return (verdict.Ok, verdict.Why, verdict.Record);
    }

    [Test]
    public async Task A_period_that_is_not_over_is_refused_by_name()
    {
        var current = EditionPeriod.Of("weekly", Today);
        var refused = await Post("/api/v1/reports/editions", new { kind = "weekly", period = current.Name }, HttpStatusCode.Conflict);
        Assert.That(refused["type"]!.ToString(), Is.EqualTo("urn:traffic:period-not-over"));
        Assert.That(refused["title"]!.ToString(), Does.Contain(current.Name));

        clock.Ahead = current.Ends(TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai")) - app.Now + TimeSpan.FromSeconds(1);
        await Post("/api/v1/reports/editions", new { kind = "weekly", period = current.Name }, HttpStatusCode.Created);
    }

    [TestCase("{}", "kind")]
    [TestCase("""{"kind":"yearly","period":"2022"}""", "kind")]
    [TestCase("""{"kind":"weekly","period":"2022-07"}""", "period")]
    [TestCase("""{"kind":"weekly","period":"2022-W53"}""", "period")]
    [TestCase("""{"kind":"monthly","period":"2022-13","division":"110000"}""", "period", "division")]
    public async Task A_draft_of_nothing_is_refused_by_name(string body, params string[] named)
    {
        var answer = await app.Http.PostAsync("/api/v1/reports/editions", new StringContent(body, Encoding.UTF8, "application/json"));
        var problem = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!;
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(problem["errors"]!.AsObject().Select(one => one.Key), Is.EquivalentTo(named));
    }

    [Test]
    public async Task A_missed_run_is_made_at_the_next_start_once_though_two_processes_start()
    {
        await Speeding("152502", week.Days.From, 5);
        var runs = app.Services.GetRequiredService<EditionRuns>();
        Assert.That(await runs.MakeDue(default), Is.Empty, "nothing was missed before the first record came");
        await Post("/api/v1/reports/editions", new { kind = "monthly", period = "2022-06" }, HttpStatusCode.Created);
        Assert.That(await runs.MakeDue(default), Is.Empty, "nor is all that lies between a draft of long ago and today");

        var zone = TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai");
        var coming = week.Due(zone) > app.Now ? week : week.Next;
        clock.Ahead = coming.Due(zone) - app.Now - TimeSpan.FromMinutes(2);
        Assert.That((await runs.MakeDue(default)).Where(one => one.StartsWith("weekly", StringComparison.Ordinal)), Is.Empty, "two minutes to six on Monday");
        clock.Ahead += TimeSpan.FromMinutes(3);
        // The other process: the same program over the same database, started when the run was missed.
        await using var other = await TrafficApp.Start(on: app.Database, services: services => services.AddSingleton<TimeProvider>(clock));
        var made = await Task.WhenAll(
            [runs.MakeDue(default), other.Services.GetRequiredService<EditionRuns>().MakeDue(default), runs.MakeDue(default)]);

        var editions = (await Get("/api/v1/reports/editions"))["editions"]!.AsArray().Select(one => (string)one!["edition"]!).ToList();
        Assert.That(editions.Where(one => one.StartsWith("weekly", StringComparison.Ordinal)), Is.EqualTo([$"weekly-152500-{coming.Name}-1"]));
        Assert.That(made.SelectMany(one => one).Distinct().Count(), Is.EqualTo(made.Sum(one => one.Count)), "none was made twice");
        Assert.That(await runs.MakeDue(default), Is.Empty);
    }

    [Test]
    public async Task A_person_signs_the_newest_number_once()
    {
        await Speeding("152502", week.Days.From, 1);
        var id = (string)(await Draft(week.Name))["edition"]!;
        var sign = $"/api/v1/reports/editions/{id}/sign";
        await Post(sign, new { signedBy = " " }, HttpStatusCode.BadRequest);
        var signed = await Post(sign, new { signedBy = "某甲", note = "同意编发" }, HttpStatusCode.OK);
        await Post(sign, new { signedBy = "某甲" }, HttpStatusCode.OK);
        await Post(sign, new { signedBy = "某甲", note = "同意编发" }, HttpStatusCode.OK);
        Assert.That((await Post(sign, new { signedBy = "某甲", note = "保留意见" }, HttpStatusCode.Conflict))["title"]!.ToString(), Does.Contain("批注不同"), "no note is dropped");
        Assert.That((await Post(sign, new { signedBy = "某乙" }, HttpStatusCode.Conflict))["type"]!.ToString(), Is.EqualTo("urn:traffic:edition-signed"));
        Assert.That(signed["signedBy"]!.ToString(), Is.EqualTo("某甲"));

        await Speeding("152502", week.Days.From, 1);
        await Post($"/api/v1/reports/editions/{id}/restate", new { requestedBy = "某甲", reason = "late" }, HttpStatusCode.Created);
        Assert.That((await Post(sign, new { signedBy = "某甲" }, HttpStatusCode.Conflict))["type"]!.ToString(), Is.EqualTo("urn:traffic:edition-restated"));
    }

    [Test]
    public async Task A_finding_becomes_a_task_and_the_next_edition_says_what_became_of_it()
    {
        await Unclear("152531", week.Days.From);
        var id = (string)(await Draft(week.Name))["edition"]!;
        var model = await Get($"/api/v1/reports/editions/{id}?index=false");
        var findings = model["findings"]!.AsArray().Select(one => (string)one!["id"]!).ToList();
        Assert.That(findings, Has.Member("waiting/152531").And.Member("silent/152502"));
        var due = week.Next.Days.To.ToString("yyyy-MM-dd", null);
        var tasks = $"/api/v1/reports/editions/{id}/tasks";
        var open = await Post(tasks, Task("waiting/152531"), HttpStatusCode.Created);
        var closed = await Post(tasks, Task("silent/152502"), HttpStatusCode.Created);
        var refused = await Post(tasks, new { finding = "missed/none", owner = "", due = "2022-02-30", text = "", givenBy = "" }, HttpStatusCode.BadRequest);
        Assert.That(refused["errors"]!.AsObject().Select(one => one.Key), Is.EquivalentTo(["finding", "owner", "due", "text", "givenBy"]));
        await Post($"/api/v1/reports/editions/tasks/{closed["taskId"]}/close", new { closedBy = "某乙", note = "two patrols a day" }, HttpStatusCode.OK);

        clock.Ahead = TimeSpan.FromDays(8);
        var next = await Get($"/api/v1/reports/editions/{(await Draft(week.Next.Name))["edition"]}?index=false");

        Assert.That(next["tasks"]!.AsArray().ToDictionary(one => (string)one!["task"]!, one => (string)one!["state"]!), Is.EquivalentTo(new Dictionary<string, string>
        {
            [(string)open["taskId"]!] = "overdue", [(string)closed["taskId"]!] = "closed",
        }));
        object Task(string finding) => new { finding, owner = "多伦县大队", due, text = "review what waits", givenBy = "某甲" };
    }

    [Test]
    public async Task Counts_that_differ_from_their_records_are_not_frozen()
    {
        await Speeding("152502", week.Days.From, 5);
        await TestCluster.Execute(app.Database.ConnectionString, "update register.cell set value = value + 1 where cube = 'violations'");

        var answer = await app.Http.PostAsJsonAsync("/api/v1/reports/editions", new { kind = "weekly", period = week.Name });

        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.InternalServerError));
        Assert.That((await Get("/api/v1/reports/editions"))["editions"]!.AsArray(), Is.Empty);
    }

    [Test]
    public async Task The_index_of_an_edition_cannot_be_deleted_and_of_one_that_is_not_made_none_stays()
    {
        await Speeding("152502", week.Days.From, 1);
        var id = (string)(await Draft(week.Name))["edition"]!;
        await Post($"/api/v1/reports/editions/{id}/restate", new { requestedBy = "某甲", reason = "nothing differs" }, HttpStatusCode.Conflict);
        var database = app.Database.ConnectionString;

        Assert.That(async () => await TestCluster.Execute(database + ";Options=-c role=traffic_reporting", "delete from reporting.leaf_index"),
            Throws.InstanceOf<PostgresException>().With.Property("SqlState").EqualTo("23503"));
        await using var source = NpgsqlDataSource.Create(database);
        await using var command = source.CreateCommand("select count(*) from reporting.leaf_index");
        Assert.That(await command.ExecuteScalarAsync(), Is.EqualTo(1), "the restatement began to store one");
    }

    [Test]
    public async Task An_index_that_was_stored_ahead_and_that_nothing_names_is_gone_after_a_day()
    {
        await Speeding("152502", week.Days.From, 1);
        await Draft(week.Name);
        await TestCluster.Execute(app.Database.ConnectionString, """
            insert into reporting.leaf_index (index_id, leaf_index) values
                ('00000000-0000-4000-8000-00000000000a', ''), ('00000000-0000-4000-8000-00000000000b', ''), ('00000000-0000-4000-8000-00000000000c', '');
            update reporting.leaf_index set base = '00000000-0000-4000-8000-00000000000a', without = '' where index_id in (select index_id from reporting.edition);
            update reporting.leaf_index set made_at = made_at - interval '25 hours' where index_id <> '00000000-0000-4000-8000-00000000000c'
            """);

        await app.Services.GetRequiredService<EditionStore>().Indexes(default).DropUnnamed();

        Assert.That(await app.Rows("select index_id from reporting.leaf_index except select index_id from reporting.edition order by 1", row => row.GetGuid(0)), Is.EqualTo(
            new[] { Guid.Parse("00000000-0000-4000-8000-00000000000a"), Guid.Parse("00000000-0000-4000-8000-00000000000c") }), "what the edition's names as its base, and what is of today");
    }

    [TestCase("update reporting.leaf_index set leaf_index = ''")]
    [TestCase("update reporting.edition set model = ''")]
    [TestCase("delete from reporting.edition")]
    [TestCase("update reporting.edition_signature set signed_by = 'x'")]
    [TestCase("delete from reporting.task")]
    [TestCase("update reporting.task_closing set note = 'x'")]
    public void What_is_frozen_cannot_be_touched_by_the_service_itself(string sql) =>
        Assert.That(async () => await TestCluster.Execute(app.Database.ConnectionString + ";Options=-c role=traffic_reporting", sql),
            Throws.InstanceOf<PostgresException>().With.Property("SqlState").EqualTo("42501"));

    [Test]
    public async Task Every_figure_of_an_edition_opens_to_as_many_records()
    {
        await Speeding("152502", week.Days.From, 6);
        await Speeding("152531", week.Days.From.AddDays(2), 3);
        await Unclear("152531", week.Days.From);
        var model = await Get($"/api/v1/reports/editions/{(await Draft(week.Name))["edition"]}?index=false");
        await Speeding("152531", week.Days.From, 1);

        var opened = 0;
        foreach (var one in model["figures"]!["divisions"]!.AsArray())
            foreach (var rows in one!.AsObject().Select(member => member.Value).OfType<JsonArray>().Append(new JsonArray(
                one["criminalReferrals"]!.DeepClone(), one["twelvePoints"]!.DeepClone(), new JsonObject { ["count"] = one["confirmed"]!.DeepClone(), ["records"] = one["records"]!.DeepClone() })))
                foreach (var row in rows.Where(row => (long)row!["count"]!["now"]! > 0 || opened % 7 == 0))
                {
                    Assert.That((long)(await Get(row!["records"]!.ToString()))["total"]!, Is.EqualTo((long)row["count"]!["now"]!), row.ToJsonString());
                    opened++;
                }
        Assert.That(opened, Is.GreaterThan(20));
    }

    static long Confirmed(JsonNode model) => (long)model["figures"]!["divisions"]![0]!["confirmed"]!["now"]!;
}
