using System.Diagnostics.Metrics;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using NUnit.Framework;
using Traffic.Reporting.Editions;
using Traffic.Tests.Activities;
using Traffic.Tests.Register;

namespace Traffic.Tests.Editions;

/// <summary>What was read ahead of an edition and carried on is what would have been read at the moment itself.</summary>
[Category("Postgres")]
public sealed class LeavesAheadTests : EditionFixture
{
    EditionPeriod Coming => week.Next;

    [Test]
    public async Task An_edition_of_what_was_read_ahead_is_the_one_of_all_that_is_read_at_the_moment()
    {
        using var made = new Made(app);
        var voidedLate = await Speeding("152502", week.Days.From, 2);
        await Draft(week.Name);
        var runs = await BeforeDue();
        var voided = await Speeding("152502", Coming.Days.From, 4);
        var unclear = await Unclear("152531", Coming.Days.From);
        await runs.ReadAhead(default);

        await Speeding("152525", Coming.Days.From.AddDays(2), 2);
        await Speeding("152525", week.Days.From.AddDays(2), 1);
        await Decide(voided[0], 1, "void");
        await Decide(voidedLate[0], 1, "void");
        await app.NothingInFlight();
        await runs.ReadAhead(default);
        await Decide(voided[1], 1, "void");
        await Decide(unclear, 1, "resolve", "red-light.motor");
        await Speeding("152531", week.Days.From, 1);
        await app.Taken("crashes", app.Crash(dead: 0, injured: 0).With("occurredAt", $"{Coming.Days.From:yyyy-MM-dd}T10:00:00+08:00"));
        await app.NothingInFlight();
        clock.Ahead += TimeSpan.FromMinutes(11);
        var id = $"weekly-152500-{Coming.Name}-1";
        Assert.That(await runs.MakeDue(default), Has.Member(id));
        Assert.That(made.Ahead, Has.Member(true), "what was read ahead was taken");

        await Fits(id);
        var ahead = await Told(id);
        Assert.That((long)ahead["figures"]!["late"]![0]!["total"]!, Is.EqualTo(3), "two came late, one was voided late");
        await TestCluster.Execute(app.Database.ConnectionString, $"delete from reporting.edition where edition = '{id}'");
        made.Ahead.Clear();
        await Draft(Coming.Name);
        Assert.That(made.Ahead, Is.EqualTo([false]));
        Assert.That(ahead.ToJsonString(), Is.EqualTo((await Told(id)).ToJsonString()));
    }

    [Test]
    public async Task Where_the_log_does_not_tell_all_that_changed_everything_is_read()
    {
        using var made = new Made(app);
        var runs = await BeforeDue();
        await Speeding("152502", Coming.Days.From, 2);
        await runs.ReadAhead(default);
        await Speeding("152502", Coming.Days.From.AddDays(1), 3);
        await TestCluster.Execute(app.Database.ConnectionString, """
            update platform.log set body = '{"recordId":' where stream = 'register' and first_sequence = (select max(first_sequence) from platform.log where stream = 'register')
            """);

        var id = (string)(await Draft(Coming.Name))["edition"]!;

        Assert.That(made.Ahead, Is.EqualTo([false]));
        // On a Monday morning the database's own clock holds some of them to be of the future, which a person has to look at.
        Assert.That((await Told(id))["figures"]!["divisions"]![0]!["statuses"]!.AsArray().Sum(status => (int)status!["count"]!["now"]!), Is.EqualTo(5));
    }

    [Test]
    public async Task Of_what_was_read_ahead_and_is_not_needed_no_index_stays()
    {
        var runs = await BeforeDue();
        await Speeding("152502", Coming.Days.From, 2);
        await runs.ReadAhead(default);
        Assert.That(await Unnamed(), Is.EqualTo(1));
        await Speeding("152502", Coming.Days.From.AddDays(1), 3);
        await TestCluster.Execute(app.Database.ConnectionString, """
            update platform.log set body = '{"recordId":' where stream = 'register' and first_sequence = (select max(first_sequence) from platform.log where stream = 'register')
            """);
        await runs.ReadAhead(default);
        Assert.That(await Unnamed(), Is.EqualTo(1), "all was read anew");

        clock.Ahead += TimeSpan.FromMinutes(11);
        await runs.ReadAhead(default);

        Assert.That(await Unnamed(), Is.Zero, "it is due: nothing is read ahead of it any more");

        async Task<long> Unnamed() => (await app.Rows(
            "select count(*) from reporting.leaf_index where index_id not in (select index_id from reporting.edition)", row => row.GetInt64(0)))[0];
    }

    [Test]
    public async Task After_a_restatement_of_the_edition_before_what_was_read_ahead_of_it_is_not_taken()
    {
        using var made = new Made(app);
        await Speeding("152502", week.Days.From, 2);
        var before = (string)(await Draft(week.Name))["edition"]!;
        var runs = await BeforeDue();
        await runs.ReadAhead(default);
        await Speeding("152502", week.Days.From, 1);
        await Post($"/api/v1/reports/editions/{before}/restate", new { requestedBy = "某甲", reason = "late" }, System.Net.HttpStatusCode.Created);
        made.Ahead.Clear();

        var id = (string)(await Draft(Coming.Name))["edition"]!;

        Assert.That(made.Ahead, Is.EqualTo([false]));
        Assert.That((long)(await Told(id))["figures"]!["late"]![0]!["total"]!, Is.Zero, "what came late stands in the restatement");
        await Fits(id);
    }

    /// <summary>Ten minutes before the coming week's edition is due.</summary>
    async Task<EditionRuns> BeforeDue()
    {
        clock.Ahead = Coming.Due(TimeZoneInfo.FindSystemTimeZoneById("Asia/Shanghai")) - app.Now - TimeSpan.FromMinutes(10);
        var runs = app.Services.GetRequiredService<EditionRuns>();
        // Its own rounds would take what is read ahead, or make what is due, in between.
        await runs.StopAsync(default);
        await runs.MakeDue(default);
        return runs;
    }

    /// <summary>All that an edition and the index of its leaves say, but for when it was made.</summary>
    async Task<JsonNode> Told(string id)
    {
        var file = JsonNode.Parse(await Bytes(id, index: true))!;
        foreach (var moment in new[] { "frozenAt", "seal" })
            file.AsObject().Remove(moment);
        return file;
    }

    /// <summary>Of each edition that is made: whether its leaves were read ahead.</summary>
    sealed class Made : IDisposable
    {
        readonly MeterListener listener = new();

        public List<bool> Ahead { get; } = [];

        public Made(TrafficApp app)
        {
            var factory = app.Services.GetRequiredService<IMeterFactory>();
            listener.InstrumentPublished = (instrument, on) =>
            {
                if (instrument.Name == EditionMaker.Seconds && instrument.Meter.Scope == factory)
                    on.EnableMeasurementEvents(instrument);
            };
            listener.SetMeasurementEventCallback<double>((_, _, tags, _) => Ahead.Add((bool)tags[0].Value!));
            listener.Start();
        }

        public void Dispose() => listener.Dispose();
    }
}
