namespace Traffic.Reporting.Editions;

/// <summary>The violations that a coming edition counts, read before it is due and carried on by what the register told since.</summary>
/// <param name="AsOf">The register's sequence up to which they are brought.</param>
/// <param name="Leaves">Of violations alone; the tree over them is known.</param>
/// <param name="Index">Where the index of what was read first is stored; <see cref="SortedLeaves.Differing"/> tells which records differ from it.</param>
sealed record LeavesAhead(LeafQuestion Asked, long AsOf, SortedLeaves Leaves, Guid Index)
{
    /// <summary>Where more records changed, reading all of them anew takes no longer.</summary>
    const int MostChanged = 50_000;

    public static async Task<LeavesAhead> Read(LeafQuestion asked, EditionSnapshot snapshot, LeafIndexStore index)
    {
        var all = new LeafCollector(asked.Windows);
        await snapshot.ViolationLeaves(asked, only: null, all.Add);
        var leaves = all.Sort();
        leaves.Root();
        return new LeavesAhead(asked, snapshot.AsOf, leaves, await index.Put(new LeafIndex(leaves.Index())));
    }

    /// <summary>The same as of a snapshot; null where so much changed that all is better read.</summary>
    public async Task<LeavesAhead?> UpTo(EditionSnapshot snapshot)
    {
        if (await snapshot.ChangedSince(AsOf, MostChanged) is not { } changed)
            return null;
        var now = new LeafCollector(Asked.Windows, Leaves.Alike);
        await snapshot.ViolationLeaves(Asked, changed, now.Add);
        return this with { AsOf = snapshot.AsOf, Leaves = Leaves.With(changed.Select(LeafIndex.IdOf), now.Sort()) };
    }
}
