namespace Traffic.Platform;

/// <summary>
/// Items of the newest log rows as the objects their appender had in hand, so that a subscriber in the same process needs
/// neither read nor parse them again. Only a short cut: what is not here is read from the log.
/// </summary>
/// <param name="capacity">How many items are kept at most, and a tenth as many rows; the oldest rows go first.</param>
public sealed class RecentItems(int capacity)
{
    readonly Dictionary<long, Array> byPosition = [];
    readonly Queue<long> oldestFirst = [];
    readonly Lock gate = new();
    int kept;

    internal void Keep(long position, Array items)
    {
        lock (gate)
        {
            if (!byPosition.TryAdd(position, items))
                return;
            oldestFirst.Enqueue(position);
            kept += items.Length;
            while ((kept > capacity || byPosition.Count > capacity / 10) && oldestFirst.TryDequeue(out var oldest))
                if (byPosition.Remove(oldest, out var gone))
                    kept -= gone.Length;
        }
    }

    /// <summary>All items of a row, in their order; null where they are not kept. A row that was not committed may be here: ask for those that are in the log.</summary>
    public Array? Find(long position)
    {
        lock (gate)
            return byPosition.GetValueOrDefault(position);
    }

    /// <summary>The rows kept that lie after a position.</summary>
    internal long[] Positions(long after)
    {
        lock (gate)
            return [.. byPosition.Keys.Where(position => position > after)];
    }
}
