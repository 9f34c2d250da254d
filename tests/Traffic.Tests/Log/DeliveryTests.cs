using Npgsql;
using NUnit.Framework;
using Traffic.Platform;

namespace Traffic.Tests.Log;

/// <summary>What is owed is done once, whatever fails on the way.</summary>
[Category("Postgres")]
public sealed class DeliveryTests
{
    LogDatabase database = null!;

    [SetUp]
    public async Task Create() => database = await LogDatabase.Create();

    [TearDown]
    public async Task Drop() => await database.DisposeAsync();

    [Test]
    public async Task Every_item_is_handled_once()
    {
        await database.Subscribe("keep-items");
        for (var row = 0; row < 20; row++)
            await database.Append(Items(row * 100, 100));

        await Work(new KeepItems());

        Assert.That(await database.Kept(), Is.EqualTo(Enumerable.Range(0, 2000)));
        Assert.That(await database.InFlight(), Is.Zero);
    }

    [Test]
    public async Task A_poisonous_item_ends_alone_in_quarantine_and_all_others_are_handled()
    {
        await database.Subscribe("keep-items");
        for (var row = 0; row < 10; row++)
            await database.Append(Items(row * 100, 100));

        await Work(new KeepItems { Fault = value => value == 437 ? new FormatException("unreadable") : null });

        Assert.That(await database.Kept(), Is.EqualTo(Enumerable.Range(0, 1000).Where(value => value != 437)));
        Assert.That(await database.Quarantined(), Is.EqualTo(new[] { (Row: 5L, Item: 37) }));
        Assert.That(await database.InFlight(), Is.Zero);
    }

    /// <summary>What waited long comes due all at once: a transaction holds no more of it than of what is fresh.</summary>
    [Test]
    public async Task Of_what_is_due_no_more_is_taken_than_fills_a_batch()
    {
        await database.Subscribe("keep-items");
        for (var row = 0; row < 5; row++)
            await database.Append(Items(row * 100, 100));
        await database.Age();

        Assert.That((await database.Store().MarkDue(250, default)).Select(one => one.Items), Is.EqualTo([100, 100, 100]));
        Assert.That((await database.Store().MarkDue(50, default)).Select(one => one.Items), Is.EqualTo([100]), "one at least");
    }

    [Test]
    public async Task What_was_handed_on_is_kept_until_it_was_handled()
    {
        await database.Subscribe("keep-items");
        await database.Append(Items(0, 10));
        var recent = new RecentItems(100);
        recent.AddTaker("test");
        recent.Keep("test", 1, Items(0, 10));
        var handler = new KeepItems { Fault = _ => new TimeoutException("away") };
        var worker = database.Worker(handler, recent: recent);

        await worker.DoFresh(default);
        Assert.That(recent.Find(1), Is.Not.Null);

        handler.Fault = _ => null;
        await database.MakeDue();
        Assert.That(await worker.Sweep(default), Is.True);
        Assert.That(await database.Kept(), Has.Count.EqualTo(10));
        Assert.That(recent.Find(1), Is.Null);
    }

    [Test]
    public async Task A_fault_of_the_moment_never_counts_as_an_attempt()
    {
        await database.Subscribe("keep-items");
        await database.Append(Items(0, 10));
        var handler = new KeepItems { Fault = _ => new TimeoutException("away") };
        var worker = database.Worker(handler);

        for (var outage = 0; outage < 2 * DeliverLog.MaxAttempts; outage++)
        {
            await worker.DoFresh(default);
            await database.MakeDue();
            await worker.Sweep(default);
            await database.MakeDue();
        }
        Assert.That(await database.Attempts(), Is.EqualTo(new[] { 0 }));

        handler.Fault = _ => null;
        await Work(handler);
        Assert.That(await database.Kept(), Has.Count.EqualTo(10));
        Assert.That(await database.Quarantined(), Is.Empty);
    }

    [Test]
    public async Task An_item_that_ends_the_process_each_time_is_found_and_put_aside()
    {
        await database.Subscribe("keep-items");
        await database.Append(Items(0, 8));
        await database.Age();

        // A process that dies in the middle has committed its attempt and does nothing afterwards: neither does a cancelled worker.
        for (var life = 0; life < 100 && await database.InFlight() > 0; life++)
        {
            using var death = new CancellationTokenSource();
            var handler = new KeepItems
            {
                Fault = value =>
                {
                    if (value != 5)
                        return null;
                    death.Cancel();
                    return new OperationCanceledException(death.Token);
                },
            };
            try { await database.Worker(handler).Sweep(death.Token); }
            catch (OperationCanceledException) { }
            await database.MakeDue();
        }

        Assert.That(await database.Quarantined(), Is.EqualTo(new[] { (Row: 1L, Item: 5) }));
        Assert.That(await database.Kept(), Is.EqualTo(new[] { 0, 1, 2, 3, 4, 6, 7 }));
    }

    [Test]
    public async Task A_subscriber_added_under_load_misses_no_row_and_gets_none_twice()
    {
        using var stop = new CancellationTokenSource();
        var appending = Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            var rows = 0;
            while (!stop.IsCancellationRequested)
                await database.Append(Items((writer * 100_000) + rows++, 1));
            return rows;
        })).ToList();

        for (var added = 0; added < 5; added++)
        {
            await database.RowsReach((added + 1) * 40);
            await database.Subscribe($"late-{added}");
        }
        await database.RowsReach(260);
        await stop.CancelAsync();
        var appended = (await Task.WhenAll(appending)).Sum();

        for (var added = 0; added < 5; added++)
            Assert.That(await database.Owed($"late-{added}"), Is.EqualTo((Rows: appended, Distinct: appended)));
    }

    [Test]
    public async Task Two_workers_share_the_work_and_do_nothing_twice()
    {
        await database.Subscribe("keep-items");
        for (var row = 0; row < 200; row++)
            await database.Append(Items(row * 10, 10));

        await Task.WhenAll(Work(new KeepItems(), maxItems: 50), Work(new KeepItems(), maxItems: 50));

        Assert.That(await database.Kept(), Is.EqualTo(Enumerable.Range(0, 2000)));
    }

    [Test]
    public async Task The_sequence_has_no_gap_even_where_transactions_were_rolled_back()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(async () =>
        {
            for (var row = 0; row < 50; row++)
                await database.Append(Items(writer * 1000, 1 + (row % 3)), commit: row % 7 != 3);
        })));

        var rows = await database.Sequences();
        var next = 1L;
        foreach (var (first, items) in rows)
        {
            Assert.That(first, Is.EqualTo(next));
            next += items;
        }
        Assert.That(await database.StreamRecords(), Is.EqualTo(next - 1));
    }

    [Test]
    public async Task While_one_worker_handles_a_full_batch_another_finds_the_next()
    {
        await database.Subscribe("keep-items");
        for (var row = 0; row < 6; row++)
            await database.Append(Items(row * 100, 100));
        var (holding, other) = (new KeepItems(), database.Worker(new KeepItems(), maxItems: 200));
        var one = database.Worker(holding, maxItems: 200);

        // By its first batch a worker learns how large a delivery is.
        Assert.That(await one.DoFresh(default), Is.EqualTo((200, 2, true)));
        var meanwhile = 0;
        holding.Before = async () => meanwhile = (await other.DoFresh(default)).Items;
        Assert.That(await one.DoFresh(default), Is.EqualTo((200, 2, true)));

        Assert.That(meanwhile, Is.EqualTo(200));
        Assert.That(await database.Kept(), Is.EqualTo(Enumerable.Range(0, 600)));
        holding.Before = () => Task.CompletedTask;
        Assert.That(await one.DoFresh(default), Is.EqualTo((0, 0, false)));
    }

    [Test]
    public async Task A_helper_rests_between_calls_and_leaves_the_others_batches_whole()
    {
        await database.Subscribe("keep-items");
        var batches = 0;
        var helper = database.Worker(new KeepItems { Before = () => Task.FromResult(Interlocked.Increment(ref batches)) }, helps: true);
        await helper.StartAsync(default);
        for (var row = 0; row < 100; row++)
        {
            await database.Append([row]);
            await Task.Delay(20);
        }
        // Each second it looks for what may have been left.
        Assert.That(batches, Is.LessThan(10));

        helper.Wake();
        for (var wait = 0; wait < 100 && await database.InFlight() > 0; wait++)
            await Task.Delay(50);
        await helper.StopAsync(default);
        Assert.That(await database.Kept(), Has.Count.EqualTo(100));
    }

    [TestCase(799, 1, false)]
    [TestCase(800, 1, true)]
    [TestCase(800, 8, true)]
    [TestCase(899, 9, false, Description = "many who wait, not one feed")]
    public void After_a_crowd_of_a_feed_it_rests(int items, int deliveries, bool rests) =>
        Assert.That(new Subscription("s", "t", "m", typeof(KeepItems), PaceFrom: 800, PaceEach: 100).RestsAfter(items, deliveries), Is.EqualTo(rests));

    static int[] Items(int first, int count) => [.. Enumerable.Range(first, count)];

    async Task Work(KeepItems handler, int maxItems = 500)
    {
        var worker = database.Worker(handler, maxItems);
        for (var round = 0; round < 2000 && await database.InFlight() > 0; round++)
        {
            if (await worker.DoFresh(default) is { Items: > 0 })
                continue;
            await database.MakeDue();
            await worker.Sweep(default);
        }
    }
}

/// <summary>Keeps each item in a table, in the batch's transaction; a doubled one breaks its key.</summary>
sealed class KeepItems : ISubscriber
{
    public Func<int, Exception?> Fault { get; set; } = _ => null;

    /// <summary>Done while the batch is held.</summary>
    public Func<Task> Before { get; set; } = () => Task.CompletedTask;

    public async Task Handle(LogBatch batch, CancellationToken cancel)
    {
        await Before();
        var values = batch.Read(line => int.Parse(line.Span, System.Globalization.CultureInfo.InvariantCulture)).Select(one => one.Value).ToArray();
        foreach (var value in values)
            if (Fault(value) is { } fault)
                throw fault;
        await using var command = new NpgsqlCommand("insert into public.kept select unnest($1::int[])", batch.Connection)
        {
            Parameters = { new() { Value = values } },
        };
        await command.ExecuteNonQueryAsync(cancel);
    }
}
