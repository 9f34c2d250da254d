using Npgsql;
using NUnit.Framework;
using Traffic.Intake;
using Traffic.Platform;

namespace Traffic.Tests.Intake;

/// <summary>Whatever meets whatever: each record is taken once, its receipt says where, and the sequence has no gap.</summary>
[Category("Postgres")]
public sealed class CommitQueueTests
{
    IntakeDatabase database = null!;

    [SetUp]
    public async Task Create() => database = await IntakeDatabase.Create();

    [TearDown]
    public async Task Drop() => await database.DisposeAsync();

    static Submission Of(params Prepared[] records) => new("officer", records, [], allOrNone: false);

    static Submission Stop(params Prepared[] records) => new("officer", records, [], allOrNone: true);

    static PreparedViolation New() => Sent.Prepare(Sent.ByOfficer());

    [Test]
    public async Task A_record_is_accepted_once_and_then_the_same_receipt_comes_again()
    {
        var queue = await database.Started();
        var sent = Sent.ByOfficer();

        var first = (await queue.Commit(Of(Sent.Prepare(sent)), default)).Single();
        var again = (await queue.Commit(Of(Sent.Prepare(sent)), default)).Single();
        var other = (await queue.Commit(Of(Sent.Prepare(sent with { Plate = "蒙H00002" })), default)).Single();

        Assert.That((first.Outcome, first.Sequence), Is.EqualTo((Outcome.Accepted, 1)));
        Assert.That(again, Is.EqualTo(first with { Outcome = Outcome.Duplicate }));
        Assert.That(other, Is.EqualTo(new Receipt { RecordId = sent.RecordId, Outcome = Outcome.Conflict }));
        Assert.That(await database.Accepted(), Is.EqualTo(1));
    }

    /// <remarks>With <c>raise exception … TR001</c> taken out of <c>intake.append</c> several of them are accepted.</remarks>
    [Test]
    public async Task One_key_sent_by_16_clients_at_once_with_two_contents_is_taken_once()
    {
        var queues = new List<CommitQueue>();
        for (var i = 0; i < 4; i++)
            queues.Add(await database.Started());
        for (var round = 1; round <= 20; round++)
        {
            var sent = Sent.ByOfficer();
            using var gate = new Barrier(16);
            var receipts = await Task.WhenAll(Enumerable.Range(0, 16).Select(client => Task.Factory.StartNew(() =>
            {
                var mine = Of(Sent.Prepare(sent with { Note = client % 2 == 0 ? "甲" : "乙" }));
                gate.SignalAndWait();
                return queues[client / 4].Commit(mine, default);
            }, TaskCreationOptions.LongRunning).Unwrap()));

            var flat = receipts.Select(one => one.Single()).ToList();
            var accepted = flat.Single(one => one.Outcome == Outcome.Accepted);
            Assert.That(flat.Count(one => one.Outcome == Outcome.Duplicate), Is.EqualTo(7));
            Assert.That(flat.Count(one => one.Outcome == Outcome.Conflict), Is.EqualTo(8));
            Assert.That(flat.Where(one => one.Outcome == Outcome.Duplicate), Is.All.EqualTo(accepted with { Outcome = Outcome.Duplicate }));
            Assert.That(await database.Accepted(), Is.EqualTo(round));
        }
    }

    /// <remarks>With <c>order by</c> taken out of the insert of keys the server reports deadlocks, SQLSTATE 40P01.</remarks>
    [Test]
    public async Task Groups_in_opposite_key_order_never_wait_for_each_other_in_a_circle()
    {
        var (one, other) = (await database.Started(), await database.Started());
        for (var round = 0; round < 8; round++)
        {
            var sent = Enumerable.Range(0, 1_000).Select(_ => Sent.ByOfficer()).OrderBy(record => record.RecordId).ToList();
            var up = Of([.. sent.Select(Sent.Prepare)]);
            var down = Of([.. sent.AsEnumerable().Reverse().Select(Sent.Prepare)]);

            var receipts = await Task.WhenAll(one.Commit(up, default), other.Commit(down, default));

            var outcomes = receipts.SelectMany(all => all).GroupBy(receipt => receipt.RecordId)
                .Select(both => both.Select(receipt => receipt.Outcome).Order().ToArray());
            Assert.That(outcomes, Is.All.EqualTo(new[] { Outcome.Accepted, Outcome.Duplicate }));
        }
        Assert.That(await database.Accepted(), Is.EqualTo(8_000));
        Assert.That(database.Log.Lines, Is.Empty, "no group had to be repeated");
    }

    /// <remarks>Compared by digests of two keys instead of by the stored one, the resend is called a conflict.</remarks>
    [Test]
    public async Task A_commit_whose_answer_was_lost_is_a_duplicate_when_sent_again()
    {
        var there = new NpgsqlConnectionStringBuilder(database.ConnectionString);
        await using var line = new LossyLine(there.Host!, there.Port);
        var queue = await database.Started(new NpgsqlConnectionStringBuilder(database.ConnectionString) { Host = "127.0.0.1", Port = line.Port }.ConnectionString);
        await queue.Commit(Of(New()), default);
        var (sent, beside) = (Sent.ByOfficer(), Sent.ByOfficer());

        line.LoseNextAnswer();
        var lost = Assert.CatchAsync(() => queue.Commit(Of(Sent.Prepare(sent), Sent.Prepare(beside)), default))!;
        var again = await queue.Commit(Of(Sent.Prepare(sent), Sent.Prepare(beside)), default);

        Assert.That(Faults.IsOfTheMoment(lost), $"the sender is told 503: {lost}");
        Assert.That(again.Select(one => (one.Outcome, one.Sequence)), Is.EqualTo(new[] { (Outcome.Duplicate, (long?)2), (Outcome.Duplicate, 3L) }));
        Assert.That(await database.Accepted(), Is.EqualTo(3));
    }

    [Test]
    public async Task A_key_twice_in_one_group_gets_the_first_ones_receipt()
    {
        var queue = database.Queue();
        var sent = Sent.ByOfficer();
        var answers = new[] { sent, sent, sent with { Note = "另" }, Sent.ByOfficer() }.Select(one => queue.Commit(Of(Sent.Prepare(one)), default)).ToList();
        await queue.StartAsync(default);

        var receipts = (await Task.WhenAll(answers)).Select(one => one.Single()).ToList();

        Assert.That(receipts.Select(one => one.Outcome), Is.EqualTo(new[] { Outcome.Accepted, Outcome.Duplicate, Outcome.Conflict, Outcome.Accepted }));
        Assert.That(receipts[1], Is.EqualTo(receipts[0] with { Outcome = Outcome.Duplicate }));
        Assert.That(await database.Accepted(), Is.EqualTo(2));
        Assert.That(await database.Ask<long>("select count(*) from platform.log"), Is.EqualTo(1), "one group took both");
    }

    [Test]
    public async Task A_stop_with_one_conflict_is_refused_whole()
    {
        var queue = await database.Started();
        var taken = Sent.ByOfficer();
        await queue.Commit(Of(Sent.Prepare(taken)), default);

        var receipts = await queue.Commit(Stop(New(), Sent.Prepare(taken with { Note = "另" }), New()), default);

        Assert.That(receipts.Select(one => one.Outcome), Is.All.EqualTo(Outcome.Conflict));
        Assert.That(await database.Accepted(), Is.EqualTo(1));
        Assert.That(await database.Ask<long>("select sum(conflict)::bigint from intake.tally"), Is.EqualTo(3));
    }

    [Test]
    public async Task What_the_database_cannot_keep_is_found_and_only_that_is_refused()
    {
        var queue = database.Queue();
        var good = Enumerable.Range(0, 9).Select(_ => queue.Commit(Of(New()), default)).ToList();
        var bad = queue.Commit(new Submission("feed-1", [New(), New(), New()], [new Refusal("a\0b", [new Fault("plate", "intake.plate")])], allOrNone: false), default);
        await queue.StartAsync(default);

        Assert.That((await Task.WhenAll(good)).Select(one => one.Single().Outcome), Is.All.EqualTo(Outcome.Accepted));
        Assert.That((await bad).Select(one => one.Outcome), Is.All.EqualTo(Outcome.Accepted), "the three records beside the refusal");
        Assert.That(await database.Accepted(), Is.EqualTo(12));
        Assert.That(await database.Ask<string>("select faults ->> 0 from intake.refusal"), Does.Contain("intake.unstorable"));
        Assert.That(await database.Ask<long>("select rejected from intake.tally where sender = 'feed-1'"), Is.EqualTo(1));
    }

    [Test]
    public async Task A_submission_whose_time_runs_out_before_its_group_began_is_withdrawn()
    {
        var queue = database.Queue();
        using var patience = new CancellationTokenSource();
        var waiting = queue.Commit(Of(New()), patience.Token);
        await patience.CancelAsync();
        Assert.ThrowsAsync<DoorClosedException>(() => waiting);

        await queue.StartAsync(default);
        await queue.Commit(Of(New()), default);
        Assert.That(await database.Accepted(), Is.EqualTo(1));
    }

    [Test]
    public async Task A_full_queue_closes_the_door_and_takes_nothing()
    {
        var queue = database.Queue();
        var waiting = Enumerable.Range(0, 20)
            .Select(_ => queue.Commit(Of([.. Enumerable.Range(0, 1_000).Select(_ => New())]), default)).ToList();

        Assert.ThrowsAsync<DoorClosedException>(() => queue.Commit(Of(New()), default));
        await queue.StartAsync(default);

        Assert.That((await Task.WhenAll(waiting)).SelectMany(one => one).Select(one => one.Outcome), Is.All.EqualTo(Outcome.Accepted));
        Assert.That((await queue.Commit(Of(New()), default)).Single().Outcome, Is.EqualTo(Outcome.Accepted), "open again");
        Assert.That(await database.Accepted(), Is.EqualTo(20_001));
    }

    [Test]
    public async Task An_erased_persons_record_sent_again_is_a_duplicate()
    {
        var queue = await database.Started();
        var sent = Sent.ByOfficer();
        await queue.Commit(Of(Sent.Prepare(sent)), default);
        await database.Ask<object>("update intake.key set data_key = null returning 1");

        var again = (await queue.Commit(Of(Sent.Prepare(sent)), default)).Single();

        Assert.That((again.Outcome, again.Sequence), Is.EqualTo((Outcome.Duplicate, 1)));
    }

    [Test]
    public async Task What_was_told_cannot_be_changed_by_who_told_it()
    {
        await using var source = new ModuleDatabases(database.ConnectionString);
        foreach (var change in new[] { "update platform.log set body = ''", "delete from platform.log", "delete from intake.key", "update intake.key set position = 0", "delete from intake.refusal" })
        {
            await using var command = source.Of("intake").CreateCommand(change);
            var refused = Assert.ThrowsAsync<PostgresException>(() => command.ExecuteNonQueryAsync());
            Assert.That(refused!.SqlState, Is.EqualTo(PostgresErrorCodes.InsufficientPrivilege), change);
        }
    }
}
