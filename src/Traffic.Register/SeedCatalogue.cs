using Microsoft.Extensions.Logging;
using Traffic.Platform;

namespace Traffic.Register;

/// <summary>
/// Before anything decides: the first start takes the files of <c>schemas/catalogue</c> as version 1. Later ones decide by the
/// version in force, whatever the files say, and tell where they differ: the law changes by a release.
/// </summary>
sealed partial class SeedCatalogue(
    IDatabases databases, RunningCatalogue running, Task<CatalogueOnDisk> reading, TimeProvider clock, ILogger<SeedCatalogue> log) : BeforeServing
{
    /// <exception cref="StartRefusedException">There is no version yet, and the files are not valid.</exception>
    protected override async Task Prepare(CancellationToken cancel)
    {
        var (folder, files, onDisk, wrong) = running.Known = await reading;
        await using (var connection = await databases.Of("register").OpenConnectionAsync(cancel))
        {
            await using var transaction = await connection.BeginTransactionAsync(cancel);
            await CatalogueStore.LockForSwitch(connection, cancel);
            if (await CatalogueStore.Newest(connection, cancel) is null)
            {
                if (onDisk is null)
                    throw new StartRefusedException(wrong!.Message, wrong);
                await CatalogueStore.Put(connection, new NewVersion(1, onDisk.Version, "seed", null, null, null, false, clock.GetUtcNow(), "files", null, "first start", "done"), files, cancel);
                await CatalogueStore.PutNames(connection, onDisk, cancel);
                LogSeeded(onDisk.Version);
            }
            await transaction.CommitAsync(cancel);
        }

        var now = await running.Now(cancel);
        if (wrong is not null)
            LogWrong(folder, now.Id, now.Catalogue.Version, wrong);
        else if (onDisk!.Version != now.Catalogue.Version)
            LogDiffers(folder, onDisk.Version, now.Id, now.Catalogue.Version);
    }

    [LoggerMessage(LogLevel.Information, "The catalogue {Version} is now version 1: it decides.")]
    partial void LogSeeded(string version);

    [LoggerMessage(LogLevel.Warning,
        "The files in {Folder} are {OnDisk}; version {Id} ({Running}) decides. Another one decides only once it is released: `traffic catalogue release`.")]
    partial void LogDiffers(string folder, string onDisk, int id, string running);

    [LoggerMessage(LogLevel.Warning, "The files in {Folder} are not valid and are left aside; version {Id} ({Running}) decides.")]
    partial void LogWrong(string folder, int id, string running, Exception fault);
}
