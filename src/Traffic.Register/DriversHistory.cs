using Npgsql;
using Traffic.Platform;

namespace Traffic.Register;

/// <summary>
/// Decides new records by what their drivers did before (drink-driving again, a key driver), and what they did later by these
/// records, should they come late. Only for offences that hang on it: of most records no driver is looked up.
/// </summary>
sealed class DriversHistory
{
    readonly Decider decider;
    readonly List<NewRow> rows;
    readonly DrinkHistory drinks;
    readonly KeyDrivers keyDrivers;
    readonly Guid[] drinkers;
    readonly List<StoredRow> drunk = [];

    DriversHistory(Decider decider, List<NewRow> rows)
    {
        (this.decider, this.rows, drinks, keyDrivers) = (decider, rows, new DrinkHistory(decider), new KeyDrivers(decider));
        drinkers = [.. rows.Where(row => DrinkHistory.Concerns(row.Standing)).Select(row => row.DriverKey!.Value).Distinct()];
    }

    /// <summary>Locks the drivers of those records that hang on it, and asks for what they did.</summary>
    public static DriversHistory Ask(RoundTrip trip, Decider decider, List<NewRow> rows)
    {
        var history = new DriversHistory(decider, rows.FindAll(row => row.DriverKey is not null
            && (DrinkHistory.Concerns(row.Standing) || decider.Weighs(row.Record.OccurredAt, row.Standing))));
        if (history.rows.Count == 0)
            return history;
        RegisterStore.LockDrivers(trip, history.rows.Select(row => row.DriverKey!.Value));
        if (history.drinkers.Length > 0)
            RegisterStore.DrinkDriving(trip, history.drinkers, history.drunk);
        history.keyDrivers.Ask(trip, [.. history.rows.Select(row => (row.DriverKey!.Value, row.Record.OccurredAt)).Distinct()]);
        return history;
    }

    /// <summary>Decides them by what was answered.</summary>
    /// <returns>Stored records that are now decided or tagged otherwise.</returns>
    public async Task<List<ChangedRow>> Decide(NpgsqlConnection connection, CancellationToken cancel)
    {
        drinks.Take(drinkers, drunk);
        keyDrivers.Take();
        foreach (var row in rows.OrderBy(row => row.Record.OccurredAt))
        {
            var (driver, occurredAt, held) = (row.DriverKey!.Value, row.Record.OccurredAt, row.Standing);
            row.Standing = decider.Decide(row.Record, row.ReceivedAt,
                DrinkHistory.Concerns(held) ? drinks.Before(driver, occurredAt) : null, keyDrivers.Before(driver, occurredAt));
            if (SameActs.IsTold(held))
                row.Standing = row.Standing with { Status = held.Status, Reason = held.Reason };
            if (DrinkHistory.Concerns(row.Standing))
                drinks.Add(driver, occurredAt, row.Standing);
            keyDrivers.Add(driver, row.Record.RecordId, occurredAt, row.Standing);
        }
        return keyDrivers.TagAgain(await drinks.DecideAgain(connection, "earlier-record-came-late", cancel), "earlier-record-came-late");
    }
}
