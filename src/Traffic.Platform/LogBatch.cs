using Npgsql;

namespace Traffic.Platform;

/// <summary>A run of items of one log row that a subscriber owes.</summary>
/// <param name="Position">Name of the log row.</param>
/// <param name="FirstSequence">Sequence of the row's item 0.</param>
/// <param name="FirstItem">First item owed, from 0.</param>
/// <param name="Items">How many items are owed from there.</param>
/// <param name="CreatedAt">When the row was appended, UTC.</param>
/// <param name="Lines">The owed items as JSON, one a line; empty where <paramref name="Recent"/> is given.</param>
/// <param name="Recent">The whole row's items as the appender handed them over, when it did so in this process; index with FirstItem.</param>
public sealed record LogSlice(
    long Position, long FirstSequence, int FirstItem, int Items, DateTime CreatedAt, ReadOnlyMemory<byte> Lines, Array? Recent);

/// <summary>What one transaction of a subscriber is about: the claimed deliveries, gone when it commits.</summary>
public sealed class LogBatch(
    NpgsqlConnection connection, NpgsqlTransaction transaction, IReadOnlyList<LogSlice> slices, long nextPosition)
{
    /// <summary>Claimed slices in position order.</summary>
    public IReadOnlyList<LogSlice> Slices { get; } = slices;

    /// <summary>The connection of <see cref="Transaction"/>, of the module's own role.</summary>
    public NpgsqlConnection Connection { get; } = connection;

    /// <summary>The transaction in which the deliveries are gone. The platform commits it.</summary>
    public NpgsqlTransaction Transaction { get; } = transaction;

    /// <summary>A fresh position for this batch's own log row, so that rows stored before <see cref="Append"/> can name it.</summary>
    public long NextPosition { get; } = nextPosition;

    /// <summary>All owed items of type <typeparamref name="T"/>, in position order, handed over or read from JSON.</summary>
    /// <param name="parse">Gives null for an item of another type, which is then passed over.</param>
    public IEnumerable<(LogSlice Slice, int Item, T Value)> Read<T>(Func<ReadOnlyMemory<byte>, T?> parse)
    {
        foreach (var slice in Slices)
        {
            if (slice.Recent is T[] recent)
            {
                for (var i = slice.FirstItem; i < slice.FirstItem + slice.Items; i++)
                    yield return (slice, i, recent[i]);
                continue;
            }

            var item = slice.FirstItem;
            foreach (var line in Log.Lines(slice.Lines))
            {
                if (parse(line) is { } value)
                    yield return (slice, item, value);
                item++;
            }
        }
    }

    internal List<(string Stream, long Position)> Appended { get; } = [];

    /// <summary>
    /// Tells: appends a row at <see cref="NextPosition"/> to a stream, in this transaction, as its last statement (it takes
    /// the stream's lock). At most once a batch.
    /// </summary>
    /// <param name="stream">The service's own stream.</param>
    /// <param name="items">How many lines the body has.</param>
    /// <param name="body">The items as JSON, one a line, each line ended by a line feed.</param>
    /// <param name="recent">The same items as objects, for subscribers in this process; null if not worth keeping.</param>
    /// <param name="cancel">Cancels.</param>
    /// <param name="first">Statements to be done before it in the same round trip; null for none.</param>
    /// <returns>Sequence of the first item.</returns>
    public async Task<long> Append(
        string stream, int items, ReadOnlyMemory<byte> body, Array? recent, CancellationToken cancel, RoundTrip? first = null)
    {
        var (sequence, _) = await Log.Append(first ?? new RoundTrip(Connection), stream, NextPosition, items, body, cancel);
        Appended.Add((stream, NextPosition));
        if (recent is not null)
            Handover = (NextPosition, recent);
        return sequence;
    }

    /// <summary>What was appended, for whoever tells the subscribers of this process after the commit; null if nothing was.</summary>
    public (long Position, Array Items)? Handover { get; private set; }
}
