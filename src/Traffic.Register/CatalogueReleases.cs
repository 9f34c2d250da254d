using Npgsql;
using Traffic.Catalogue;
using Traffic.Platform;

namespace Traffic.Register;

/// <summary>Who changes the law's data, and why: two persons, until accounts exist.</summary>
sealed record ReleaseOrder(string By, string SecondPerson, string Reason, DateOnly? Effective, bool Retroactive);

/// <summary>
/// Makes versions of the catalogue. A release switches in one short transaction that nobody who decides overlaps; what was
/// decided before is decided again afterwards (<see cref="DecideAgain"/>).
/// </summary>
sealed class CatalogueReleases(IDatabases databases, RunningCatalogue running, Divisions divisions, TimeProvider clock)
{
    /// <summary>Who decides meanwhile waits too: rather give up, well within the time that a request has, and be asked again.</summary>
    internal const string Patience = "set local lock_timeout = '2500ms'";

    /// <summary>Reads changed files and sets them beside the version in force.</summary>
    /// <param name="whole">They are all the files there are to be; else those not named stay.</param>
    /// <exception cref="CatalogueException">They are not valid.</exception>
    /// <exception cref="CatalogueRefusedException">They are the version in force.</exception>
    public async Task<ChangedCatalogue> Read(IReadOnlyList<CatalogueFile> changed, bool whole, CancellationToken cancel)
    {
        await using var connection = await databases.Of("register").OpenConnectionAsync(cancel);
        var newest = (await CatalogueStore.Newest(connection, cancel))!;
        var inForce = await RunningCatalogue.Files(connection, newest.Id, cancel);
        var files = ChangedCatalogue.Over(inForce, changed, whole);
        var catalogue = Catalogue.Catalogue.Read(files);
        return catalogue.Version == newest.Version
            ? throw new CatalogueRefusedException(400, "unchanged", newest.Id, newest.Version)
            : new ChangedCatalogue(catalogue, files, newest, ChangedCatalogue.FirstDifference(inForce, files));
    }

    /// <summary>The files in force.</summary>
    public async Task<IReadOnlyList<CatalogueFile>> InForce(CancellationToken cancel)
    {
        await using var connection = await databases.Of("register").OpenConnectionAsync(cancel);
        return await RunningCatalogue.Files(connection, (await CatalogueStore.Newest(connection, cancel))!.Id, cancel);
    }

    /// <summary>Puts a changed catalogue in force.</summary>
    /// <returns>Its id.</returns>
    public async Task<int> Release(ChangedCatalogue changed, ReleaseOrder order, CancellationToken cancel)
    {
        Named(order);
        if (order.Effective is { } said && said != changed.ChangesFrom)
            throw new CatalogueRefusedException(400, "effective", changed.ChangesFrom, said);
        var today = DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(clock.GetUtcNow(), divisions.Zone(null, "")).DateTime);
        if (changed.ChangesFrom <= today && !order.Retroactive)
            throw new CatalogueRefusedException(400, "notFuture", changed.ChangesFrom);
        return await Switch(changed.InForce, order, "release", null, changed.ChangesFrom, changed.Catalogue, changed.Files, cancel);
    }

    /// <summary>Puts the version before the one in force back.</summary>
    /// <param name="version">Id or name of the version to be undone: the one in force.</param>
    /// <returns>The id of the new version.</returns>
    public async Task<int> Undo(string version, ReleaseOrder order, CancellationToken cancel)
    {
        Named(order);
        await using var connection = await databases.Of("register").OpenConnectionAsync(cancel);
        var newest = (await CatalogueStore.Newest(connection, cancel))!;
        if (version != newest.Version && version != newest.Id.ToString(System.Globalization.CultureInfo.InvariantCulture))
            throw await CatalogueStore.IdOf(connection, version, cancel) is null
                ? new CatalogueRefusedException(404, "unknownVersion", version)
                : new CatalogueRefusedException(409, "notInForce", version, newest.Id);
        var back = newest.Supersedes ?? throw new CatalogueRefusedException(409, "first", newest.Id);
        var (files, inForce) = (await RunningCatalogue.Files(connection, back, cancel), await RunningCatalogue.Files(connection, newest.Id, cancel));
        return await Switch(newest, order, "undo", back, ChangedCatalogue.FirstDifference(inForce, files), Catalogue.Catalogue.Read(files), files, cancel);
    }

    static void Named(ReleaseOrder order)
    {
        if (string.IsNullOrWhiteSpace(order.By) || string.IsNullOrWhiteSpace(order.Reason))
            throw new CatalogueRefusedException(400, "needed");
        if (!TwoPersons.Are(order.By, order.SecondPerson))
            throw new CatalogueRefusedException(403, "secondPerson");
    }

    async Task<int> Switch(
        NewestVersion expected, ReleaseOrder order, string kind, int? restores, DateOnly? changesFrom, Catalogue.Catalogue catalogue,
        IReadOnlyList<CatalogueFile> files, CancellationToken cancel)
    {
        await using var connection = await databases.Of("register").OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        await using (var patience = new NpgsqlCommand(Patience, connection))
            await patience.ExecuteNonQueryAsync(cancel);
        try { await CatalogueStore.LockForSwitch(connection, cancel); }
        catch (PostgresException late) when (late.SqlState == PostgresErrorCodes.LockNotAvailable)
        {
            throw new CatalogueRefusedException(503, "waiting");
        }
        var newest = (await CatalogueStore.Newest(connection, cancel))!;
        if (newest.Id != expected.Id)
            throw new CatalogueRefusedException(409, "other", newest.Id);
        if (newest.State != "done")
        {
            var (done, of) = await CatalogueStore.Progress(connection, newest.Id, cancel);
            throw new CatalogueRefusedException(409, "reDeciding", newest.Id, done, of);
        }
        var id = newest.Id + 1;
        await CatalogueStore.Put(connection, new NewVersion(
            id, catalogue.Version, kind, newest.Id, restores, changesFrom, changesFrom is not null && order.Retroactive, clock.GetUtcNow(),
            order.By.Trim(), order.SecondPerson.Trim(), order.Reason.Trim(), "planned"), files, cancel);
        await CatalogueStore.PutNames(connection, catalogue, cancel);
        await transaction.CommitAsync(cancel);
        _ = await running.Now(cancel);
        return id;
    }
}
