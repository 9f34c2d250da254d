namespace Traffic.Platform;

/// <summary>
/// Items of the newest log rows as the objects their appender had in hand, so that a taker in the same process needs
/// neither read nor parse them again. Only a short cut: what is not here is read from the log.
/// </summary>
/// <remarks>A row goes when all takers of its stream are done with it: what lives on is copied by each collection of garbage.</remarks>
/// <param name="capacity">How many items are kept at most, and a tenth as many rows; the oldest rows go first.</param>
public sealed class RecentItems(int capacity)
{
    readonly Dictionary<string, int> takers = [];
    readonly Dictionary<long, LinkedListNode<Row>> byPosition = [];
    readonly LinkedList<Row> oldestFirst = [];
    readonly Lock gate = new();
    int kept;

    sealed class Row(long position, Array items, int takers)
    {
        public long Position => position;
        public Array Items => items;
        public int Takers { get; set; } = takers;
    }

    /// <summary>One more takes the rows of a stream, each once, and says when it is done.</summary>
    public void AddTaker(string stream)
    {
        lock (gate)
            takers[stream] = takers.GetValueOrDefault(stream) + 1;
    }

    /// <summary>Keeps a row for those who take its stream; if there are none, not at all.</summary>
    internal void Keep(string stream, long position, Array items)
    {
        lock (gate)
        {
            if (!takers.TryGetValue(stream, out var there) || byPosition.ContainsKey(position))
                return;
            byPosition[position] = oldestFirst.AddLast(new Row(position, items, there));
            kept += items.Length;
            while ((kept > capacity || byPosition.Count > capacity / 10) && oldestFirst.First is { } oldest)
                Drop(oldest);
        }
    }

    /// <summary>One of the takers needs the row no longer.</summary>
    public void Done(long position)
    {
        lock (gate)
            if (byPosition.TryGetValue(position, out var row) && --row.Value.Takers <= 0)
                Drop(row);
    }

    void Drop(LinkedListNode<Row> row)
    {
        oldestFirst.Remove(row);
        byPosition.Remove(row.Value.Position);
        kept -= row.Value.Items.Length;
    }

    /// <summary>All items of a row, in their order; null where they are not kept. A row that was not committed may be here: ask for those that are in the log.</summary>
    public Array? Find(long position)
    {
        lock (gate)
            return byPosition.GetValueOrDefault(position)?.Value.Items;
    }

    /// <summary>The rows kept that lie after a position.</summary>
    internal long[] Positions(long after)
    {
        lock (gate)
            return [.. byPosition.Keys.Where(position => position > after)];
    }
}
