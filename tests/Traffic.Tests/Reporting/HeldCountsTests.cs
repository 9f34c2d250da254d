using System.Globalization;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using NUnit.Framework;
using Traffic.Contracts;
using Traffic.Platform;
using Traffic.Reporting;
using Traffic.Reporting.Counts;
using Traffic.Reporting.Units;
using Traffic.Simulator;
using Traffic.Tests.Opening;
using Traffic.Tests.Register;
using Campaign = Traffic.Simulator.Campaign;
using Figure = Traffic.Reporting.Figure;

namespace Traffic.Tests.Reporting;

/// <summary>What is held in memory says at every sequence what the database adds up in the same snapshot, whatever is asked.</summary>
[Category("Postgres")]
public sealed class HeldCountsTests
{
    static readonly string[] Origins = ["-", "elsewhere"];

    [Test]
    public async Task Any_question_at_any_sequence_has_one_answer()
    {
        await using var populated = await Populated.Start();
        var app = populated.App;
        // As if half of the records had been received in another month.
        await TestCluster.Execute(app.Database.ConnectionString, """
            select platform.make_months('register.violation', current_date - 60, current_date);
            update register.violation set received_at = received_at - interval '35 days' where record_id < '80000000-0000-0000-0000-000000000000'
            """);
        app.Services.GetRequiredService<CountMemory>().Forget("a test");
        await Ready(app);
        Assert.That((await Held(app))!.Received(DateTime.UnixEpoch, DateTime.UnixEpoch.AddYears(100)), Is.EquivalentTo(await Received(app)));
        var random = new Random(5);
        var told = 0L;
        for (var round = 0; round < 25; round++)
            await app.Services.GetRequiredService<ReportStore>().InSnapshot(null, async snapshot =>
            {
                var present = snapshot.AsOf;
                Assert.That(await snapshot.Ledger(), Is.EqualTo(await snapshot.FromTables().Ledger()).Using<Ledger>((one, other) => one with { Open = null } == other with { Open = null }));
                // Violations came first, then all else.
                foreach (var asOf in new[] { present, random.NextInt64(present + 1), random.NextInt64(700), present - random.NextInt64(20) })
                    told += await Compare(app, asOf, random);
                return true;
            }, default);

        // All there is, at moments while it came: what is added up by month has to leave out what came later.
        foreach (var asOf in Enumerable.Range(1, 20).Select(i => 35L * i))
            await app.Services.GetRequiredService<ReportStore>().InSnapshot(asOf, async snapshot =>
            {
                var all = new Figure { From = populated.End.AddDays(-900), To = populated.End.AddDays(60), Statuses = ReportQuestion.Statuses };
                Assert.That(await snapshot.Count(all, ["family", "month"]), Is.EqualTo(await snapshot.FromTables().Count(all, ["family", "month"])).And.Not.Empty, $"asOf {asOf}");
                return true;
            }, default);

        // Of nothing but empty answers nothing is shown.
        Assert.That(told, Is.GreaterThan(5_000));
    }

    [TestCase(false, TestName = "While_records_come_and_change_every_snapshot_has_one_answer")]
    [TestCase(true, TestName = "Where_another_process_registers_every_snapshot_has_one_answer")]
    public async Task While_records_come_and_change_every_snapshot_has_one_answer(bool elsewhere)
    {
        await using var app = await TrafficApp.Start();
        await using var other = elsewhere ? await TrafficApp.Start(on: app.Database) : null;
        var asked = other ?? app;
        await Ready(asked);
        var end = DateOnly.FromDateTime(DateTime.UtcNow).AddDays(-1);
        var (random, told) = (new Random(7), 0L);
        var sending = Task.WhenAll(
            new Sender(app.Http).Send(new Campaign(11, end).Records(3_000), 50, null, null, default),
            Task.Run(async () =>
            {
                for (var i = 0; i < 12; i++)
                    await app.Decided(await app.Officer(app.RedLight()), i % 2 == 0 ? "void" : "reject");
            }));
        // On a slow machine the sending may be over before enough was asked.
        for (var rounds = 0; !sending.IsCompleted || rounds < 20 || (told <= 1_000 && rounds < 200); rounds++)
            told += await Compare(asked, null, random);
        await sending;
        await app.NothingInFlight();
        told += await Compare(asked, null, random);

        Assert.That(told, Is.GreaterThan(1_000));
        Assert.That((await Held(asked))!.Received(DateTime.UnixEpoch, DateTime.UnixEpoch.AddYears(100)), Is.EquivalentTo(await Received(app)));
    }

    [Test]
    public async Task A_log_that_is_not_the_one_that_was_read_is_read_anew()
    {
        await using var app = await TrafficApp.Start();
        await Ready(app);
        await app.Officer(app.RedLight());
        await app.Officer(app.RedLight());
        var before = await Held(app);
        await using (var owner = new NpgsqlConnection(app.Database.ConnectionString))
            await owner.ExecuteAsync("update platform.log set created_at = created_at + interval '1 microsecond' where stream = 'register' and first_sequence = (select max(first_sequence) from platform.log where stream = 'register')");
        var then = await Held(app);
        await Ready(app);
        var after = await Held(app);

        Assert.That((before?.Row.Stored, then, after?.Row.Stored), Is.EqualTo(((long?)2, (HeldCounts?)null, (long?)2)));
    }

    [Test]
    public void A_question_for_more_sums_than_are_kept_is_left_to_the_database()
    {
        var changes = new CountChanges();
        for (var i = 0; i < 300; i++)
            changes.Add(Registered with { Entry = $"entry-{i}", DivisionCode = $"{100_000 + (i % 20)}" }, i + 1);
        var state = changes.View(300);
        List<KeyedCount>? By(int days, params string[] by) => CountScan.Of(state, new CountQuestion(Registered.Day, Registered.Day.AddDays(days - 1), null, by), 300);

        Assert.Multiple(() =>
        {
            Assert.That(By(2_000, "entry", "division", "day")!.Sum(one => one.Value), Is.EqualTo(300));
            Assert.That(By(3_660, "entry", "division", "day"), Is.Null);
            Assert.That(By(3_660, "entry", "division", "day", "calendarDay"), Is.Null);
        });
    }

    /// <summary>Single changes are what the other tests hold against the tables.</summary>
    [Test]
    public void Added_up_by_month_and_day_or_one_by_one_the_sums_are_the_same()
    {
        var random = new Random(9);
        string Any(params string[] of) => of[random.Next(of.Length)];
        T Of<T>(params T[] of) => of[random.Next(of.Length)];
        var (changes, months, sequence, asked) = (new CountChanges(), (IReadOnlyDictionary<int, MonthOfCounts>)new Dictionary<int, MonthOfCounts>(), 0L, 0);
        var byGrain = new int[1 + Grain.All.Length];
        foreach (var many in new[] { 9_000, 500, 40 })
        {
            for (var i = 0; i < many; i++)
            {
                var day = new DateOnly(2022, 6, 1).AddDays(random.Next(5) * 9);
                var (entry, family) = Any("a", "b", "c") is var one ? (one, one == "a" ? "x" : "y") : default;
                var now = Registered with
                {
                    Entry = entry, Family = family, Day = day, ShiftDate = day.AddDays(-random.Next(2)), Shift = Of(Shift.Day, Shift.Night), Source = Of(RecordSource.Camera, RecordSource.RoadsideCheck), VehicleClass = Any("car", "bus"),
                    Status = Of(StandingStatus.Captured, StandingStatus.Confirmed), DivisionCode = Any("152501", "152502"), Items = Any("", "i", "i,j"), Overlays = Any("", "", "k", "k,l"), Points = random.Next(3) * 3,
                    Criminal = random.Next(9) == 0, UnitCode = Any("", "", "u", "v"), Origin = random.Next(9) == 0 ? "elsewhere" : null,
                };
                Assert.That(changes.Add(now, ++sequence));
                if (random.Next(3) == 0)
                    changes.Add(now with
                    {
                        Revision = 2, FormerStatus = now.Status, Status = Of(StandingStatus.Confirmed, StandingStatus.Rejected), ReceivedAt = null,
                        Before = new() { Entry = now.Entry, Family = now.Family, VehicleClass = now.VehicleClass, Items = now.Items!, Overlays = now.Overlays, Points = now.Points, Criminal = now.Criminal },
                    }, ++sequence);
            }
            // The last few come after all was added up.
            var state = changes.View(sequence) with { Months = months };
            state = state with { Months = months = MonthOfCounts.Of(state, months) };
            for (var i = 0; i < 800; i++)
            {
                var question = Question(random);
                foreach (var asOf in new[] { sequence, random.NextInt64(sequence + 1), sequence - random.Next(600) })
                {
                    var sums = CountScan.Of(state, question, asOf)!;
                    Assert.That(Told(sums), Is.EqualTo(Told(CountScan.Of(state with { Months = new Dictionary<int, MonthOfCounts>() }, question, asOf)!)), $"{question}, by {string.Join(", ", question.By)}, asOf {asOf}");
                    asked += sums.Count;
                    byGrain[1 + Grain.Of(question)] += sums.Count > 0 ? 1 : 0;
                }
            }
            Assert.That(state.Months.Values.SelectMany(month => month.Days).Count(day => day is not null), Is.EqualTo(5));
        }
        Assert.That(asked, Is.GreaterThan(4_000));
        Assert.That(byGrain, Is.All.GreaterThan(40), "every grain answers, and single changes do");

        static IEnumerable<(string, long)> Told(List<KeyedCount> sums) => sums.Select(one => (string.Join('|', one.Keys), one.Value)).Order();
    }

    [Test]
    public void Where_a_page_lies_says_between_which_hours_its_records_were_received()
    {
        var changes = new CountChanges();
        DateTime At(string time) => DateTime.Parse(time, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal);
        void Add(int day, string receivedAt, int sequence) => changes.Add(Registered with { Day = Registered.Day.AddDays(day), ReceivedAt = At(receivedAt) }, sequence);
        Add(0, "2022-07-08T10:30:00Z", 1);
        Add(0, "2022-08-02T03:59:59.9999999Z", 2);
        Add(0, "2022-07-10T00:00:00Z", 3);
        Add(1, "2022-09-01T00:00:00Z", 4);
        var figure = new Figure { From = Registered.Day, To = Registered.Day.AddDays(1), Statuses = ["captured"] };
        NearRecords Near(int limit) => new HeldCounts(changes.View(4), 4, default).Near(figure, null, limit, TimeZoneInfo.Utc)!;

        Assert.Multiple(() =>
        {
            Assert.That((Near(3).From, Near(3).To), Is.EqualTo((At("2022-07-08T10:00:00Z"), At("2022-08-02T04:00:00Z"))));
            Assert.That((Near(4).From, Near(4).To), Is.EqualTo((At("2022-07-08T10:00:00Z"), At("2022-09-01T01:00:00Z"))));
        });
    }

    [Test]
    public void What_was_read_in_any_order_is_told_as_of_every_sequence()
    {
        var (random, changes) = (new Random(3), new CountChanges());
        int[] sequences = [.. Enumerable.Range(1, 200)];
        random.Shuffle(sequences);
        foreach (var sequence in sequences)
            changes.Add(Registered with { Entry = sequence % 2 == 0 ? "even" : "odd", Day = Registered.Day.AddDays(sequence % 3) }, sequence);

        changes.Settle();

        var state = changes.View(200);
        foreach (var asOf in Enumerable.Range(1, 200))
            Assert.That(CountScan.Of(state, new CountQuestion(Registered.Day, Registered.Day.AddDays(2), null, ["entry"]), asOf)!.Select(one => (one.Keys[0], one.Value)),
                Is.EquivalentTo(asOf == 1 ? [("odd", 1L)] : new[] { ("odd", (asOf + 1) / 2L), ("even", asOf / 2L) }));
    }

    static CountQuestion Question(Random random)
    {
        var accepted = new Dictionary<string, string[]>();
        foreach (var (name, values) in new (string, string[])[]
        {
            ("status", ["captured", "confirmed"]), ("origin", ["-"]), ("shift", ["night"]), ("source", ["camera"]), ("entry", ["a", "b"]), ("family", ["y"]), ("vehicleClass", ["bus"]),
        })
            if (random.Next(name is "status" or "origin" ? 2 : 8) == 0)
                accepted[name] = values;
        string[] all = [.. CountChanges.WhatPlaces, "division", "day", "week", "month", "calendarDay", "criminal", "unitCode", "overlay", "item"];
        string[] by = [.. all.OrderBy(_ => random.Next()).Take(1 + random.Next(2))];
        var from = new DateOnly(2022, 5, 25).AddDays(random.Next(30));
        return new CountQuestion(from, from.AddDays(random.Next(60)), random.Next(3) == 0 ? ["152501"] : null, by.Contains("overlay") && by.Contains("item") ? ["overlay"] : by)
        {
            Accepted = accepted, Items = random.Next(8) == 0 ? ["j"] : null, Overlays = random.Next(6) == 0 ? ["l"] : null, Points = random.Next(8) == 0 ? [0, 6] : null,
            Criminal = random.Next(6) == 0 ? true : null, ByShiftDate = random.Next(3) == 0, Each = random.Next(6) switch { 0 => "overlay", 1 => "item", _ => null },
            Weighted = random.Next(2) == 0, CalendarDays = random.Next(6) == 0 ? Enumerable.Range(0, 9).Select(i => from.AddDays(i * 2)).ToHashSet() : null,
            Units = random.Next(4) == 0 ? new UnitMap(["u", "v"], [DateOnly.MinValue, from.AddDays(9)], [DateOnly.MaxValue, from.AddDays(30)], ["above", "v"], [true, true], random.Next(2) == 0) : null,
        };
    }

    static readonly StandingChanged Registered = new()
    {
        RecordId = Guid.NewGuid(), Revision = 1, Entry = "red-light.motor", Family = "red-light", DivisionCode = "152502", Day = new(2022, 7, 8),
        Shift = Shift.Day, Source = RecordSource.Camera, VehicleClass = "car", Status = StandingStatus.Captured, Items = "", ReceivedAt = DateTimeOffset.UnixEpoch,
    };

    [Test]
    public void A_line_that_does_not_tell_all_that_counts_is_not_guessed()
    {
        var changes = new CountChanges();
        var whole = Registered;

        Assert.Multiple(() =>
        {
            Assert.That(changes.Add(whole, 1), Is.True);
            Assert.That(changes.Add(whole with { Items = null }, 2), Is.False);
            Assert.That(changes.Add(whole with { ReceivedAt = null }, 2), Is.False);
            Assert.That(changes.Add(whole with { Revision = 2, FormerStatus = StandingStatus.Captured }, 3), Is.False);
            Assert.That(changes.Stored, Is.EqualTo(1));
        });
    }

    /// <summary>How many records came in each hour, as the tables have it.</summary>
    static async Task<IEnumerable<(DateTime, long)>> Received(TrafficApp app)
    {
        await using var connection = new NpgsqlConnection(app.Database.ConnectionString);
        return [.. await connection.QueryAsync<(DateTime, long)>("select date_trunc('hour', received_at, 'UTC'), count(*) from register.violation group by 1")];
    }

    static Task<HeldCounts?> Held(TrafficApp app) => app.Services.GetRequiredService<ReportStore>().InSnapshot(null, snapshot => Task.FromResult(snapshot.Held), default);

    static async Task Ready(TrafficApp app)
    {
        var memory = app.Services.GetRequiredService<CountMemory>();
        Assert.That(memory.IsReady || await memory.Read(default));
    }

    /// <summary>Asks one made-up question of each sort both ways.</summary>
    /// <returns>How much was counted.</returns>
    static Task<long> Compare(TrafficApp app, long? asOf, Random random) => app.Services.GetRequiredService<ReportStore>().InSnapshot(asOf, async snapshot =>
    {
        Assert.That(snapshot.Held, Is.Not.Null);
        var tables = snapshot.FromTables();
        var tree = (await snapshot.Units(app.Services.GetRequiredService<UnitStore>(), null))!;
        var cubes = app.Services.GetRequiredService<Cubes>();
        var words = await Words(app);
        var figure = Figure(random, words, tree);
        string[] groupBy = [.. Snapshot.Dimensions.Keys.Where(one => one != "unit" || figure.Scope is not null).OrderBy(_ => random.Next()).Take(1 + random.Next(2))];
        figure = figure with { Each = random.Next(3) switch { 0 => "item", 1 => "overlay", _ => null } };
        var counted = groupBy.Contains(figure.Each) ? figure with { Each = null } : figure;
        var counts = await snapshot.Count(counted, groupBy);
        Assert.That(counts, Is.EqualTo(await tables.Count(counted, groupBy)), Said(counted, groupBy));

        var zone = random.Next(2) == 0 ? null : app.Services.GetRequiredService<Divisions>().Zone(null, "");
        var (total, count, page) = await snapshot.Records(figure, null, null, 8, zone);
        Assert.That((total, count), Is.EqualTo(await tables.Records(figure, null, null, 8) is var (stored, many, same) ? (stored, many) : default), Said(figure, ["records"]));
        Assert.That(page, Is.EqualTo(same), Said(figure, ["page"]));
        if (count > 8)
        {
            var last = page[random.Next(8)];
            Assert.That((await snapshot.Records(figure, last.OccurredAt, last.RecordId, 30, zone)).Page,
                Is.EqualTo((await tables.Records(figure, last.OccurredAt, last.RecordId, 30)).Page), Said(figure, ["next page"]));
        }

        var byUnit = await snapshot.ByUnit(figure);
        Assert.That(byUnit, Is.EquivalentTo(await tables.ByUnit(figure)), Said(figure, ["unit, day"]));

        var cube = cubes.All.Where(one => one.CountsViolations).OrderBy(_ => random.Next()).First();
        string[] dimensions = [.. cube.Dimensions.Where(_ => random.Next(2) == 0)];
        var (apart, map) = (random.Next(2) == 0, random.Next(3) == 0 ? figure.Scope?.Map : null);
        string[] divisions = figure.Divisions ?? words["division"];
        Assert.That(await snapshot.Within(map).Sum(cube, dimensions, figure.From, figure.To, divisions, apart),
            Is.EquivalentTo((await tables.Within(map).Sum(cube, dimensions, figure.From, figure.To, divisions, apart))!), Said(figure, [cube.Id, .. dimensions]));
        var where = dimensions.Where(one => words.ContainsKey(one) && random.Next(2) == 0).ToDictionary(one => one, one => words[one].OrderBy(_ => random.Next()).Take(2).ToArray());
        Assert.That(await snapshot.Within(map).Sum(cube, dimensions, figure.From, figure.To, divisions, apart, where),
            Is.EquivalentTo((await tables.Within(map).Sum(cube, dimensions, figure.From, figure.To, divisions, apart))!
                .Where(sum => where.All(one => one.Key is "item" or "overlay" || one.Value.Contains(sum.Part(Array.IndexOf(dimensions, one.Key)))))),
            Said(figure, [cube.Id, .. where.SelectMany(one => one.Value)]));
        Assert.That(await snapshot.SumByDay(cube, dimensions, figure.From, figure.To, divisions),
            Is.EquivalentTo(await tables.SumByDay(cube, dimensions, figure.From, figure.To, divisions)), Said(figure, [cube.Id, "by day", .. dimensions]));
        return counts.Sum(one => one.Value);
    }, default);

    static string Said(Figure figure, string[] groupBy) => $"{figure.Link(0)}, by {string.Join(", ", groupBy)}";

    static Figure Figure(Random random, IReadOnlyDictionary<string, string[]> words, UnitTree tree)
    {
        var last = DateOnly.FromDateTime(DateTime.UtcNow).AddDays(2 - random.Next(30));
        return new Figure
        {
            From = last.AddDays(random.Next(3) switch { 0 => -6, 1 => -120, _ => -800 }), To = last,
            Divisions = Some("division", 2), Statuses = Some("status", 2) ?? ReportQuestion.Statuses, Origins = random.Next(4) == 0 ? Origins : ["-"],
            Entries = Some("entry", 6), Families = Some("family", 6), Shifts = Some("shift", 6), Sources = Some("source", 4), VehicleClasses = Some("vehicleClass", 6),
            Overlays = Some("overlay", 6), Items = Some("item", 6), Points = random.Next(6) == 0 ? [0, 3, 6] : null, Criminal = random.Next(6) switch { 0 => true, 1 => false, _ => null },
            ByShiftDate = random.Next(3) == 0, Scope = random.Next(4) switch
            {
                0 => new UnitScope().By(tree),
                1 => new UnitScope { Level = 2 }.By(tree),
                2 => new UnitScope { Units = [UnitScope.Outside, tree.Paths.ElementAt(random.Next(tree.Paths.Count())).Unit] }.By(tree),
                _ => null,
            },
        };

        string[]? Some(string dimension, int rarely) =>
            random.Next(rarely) > 0 || words[dimension].Where(_ => random.Next(2) == 0).ToArray() is not { Length: > 0 } some ? null : some;
    }

    /// <summary>Values that occur.</summary>
    static async Task<IReadOnlyDictionary<string, string[]>> Words(TrafficApp app)
    {
        await using var connection = new NpgsqlConnection(app.Database.ConnectionString);
        var words = new Dictionary<string, string[]>();
        foreach (var (name, column) in new[]
        {
            ("division", "division"), ("status", "status"), ("entry", "entry"), ("family", "family"), ("shift", "shift"), ("source", "source"), ("vehicleClass", "vehicle_class"),
            ("overlay", "unnest(string_to_array(nullif(overlays, ''), ','))"), ("item", "unnest(string_to_array(nullif(items, ''), ','))"),
        })
            words[name] = [.. await connection.QueryAsync<string>(string.Create(CultureInfo.InvariantCulture, $"select distinct {column} from register.violation order by 1"))];
        return words;
    }
}
