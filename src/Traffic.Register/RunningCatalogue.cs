using System.Collections.Concurrent;
using Npgsql;
using Traffic.Catalogue;
using Traffic.Platform;

namespace Traffic.Register;

/// <summary>A released version with what decides by it.</summary>
/// <param name="DecidesAgain">What was decided by older versions is not all decided by it yet.</param>
sealed record RunningVersion(int Id, Decider Decider, bool DecidesAgain = false)
{
    public Catalogue.Catalogue Catalogue => Decider.Catalogue;
}

/// <summary>The program is older than the files of the version in force: a fault of the moment, until it is a newer program.</summary>
sealed class CatalogueTooNewException(int id, Exception inner)
    : IOException($"This program cannot read version {id} of the catalogue, which is in force.", inner);

/// <summary>
/// The catalogue that decides at this moment, the same in every process: the greatest id in <c>register.catalogue</c>. Files on
/// disk only seed it.
/// </summary>
sealed class RunningCatalogue(IDatabases databases, Func<Catalogue.Catalogue, Decider> decider)
{
    /// <summary>Held shared by whoever decides, exclusively by a release for the moment of its switch.</summary>
    internal const int LockClass = 0x7472_6166, LockKey = 1;

    static readonly string HoldShared = $"select pg_advisory_xact_lock_shared({LockClass}, {LockKey})";

    const string Newest = "select max(id) from register.catalogue";
    const string NewestWithState = "select id, state <> 'done' from register.catalogue order by id desc limit 1";

    readonly ConcurrentDictionary<string, Catalogue.Catalogue> byVersion = new();
    volatile RunningVersion? cached;

    /// <summary>Read from the disk at the start: mostly these are the files of the version in force, and need not be read again.</summary>
    public CatalogueOnDisk? Known { get; set; }

    /// <summary>
    /// The version in force, and in force until the transaction ends: called first in every transaction that decides. One round
    /// trip; the files are read only after a release.
    /// </summary>
    public async Task<RunningVersion> Hold(NpgsqlConnection connection, CancellationToken cancel)
    {
        var trip = new RoundTrip(connection);
        var held = Hold(trip);
        await trip.Send(cancel);
        var version = cached is { } known && known.Id == held.Id ? known : await Take(connection, held.Id ?? throw NoneYet(), cancel);
        return version with { DecidesAgain = held.DecidesAgain };
    }

    /// <summary>
    /// Decides by the version that was in force a moment ago, asks what else has to be known, and holds the version, in one round
    /// trip. Was it another meanwhile, then all of it is done again by the one now held.
    /// </summary>
    /// <param name="connection">In its transaction.</param>
    /// <param name="decide">Decides, and adds what it asks for.</param>
    /// <param name="cancel">Cancels.</param>
    public async Task<(RunningVersion Version, T Decided)> Hold<T>(NpgsqlConnection connection, Func<Decider, RoundTrip, T> decide, CancellationToken cancel)
    {
        for (var version = cached ?? await Hold(connection, cancel); ;)
        {
            var trip = new RoundTrip(connection);
            var held = Hold(trip);
            var decided = decide(version.Decider, trip);
            await trip.Send(cancel);
            if (held.Id == version.Id)
                return (version with { DecidesAgain = held.DecidesAgain }, decided);
            version = await Take(connection, held.Id ?? throw NoneYet(), cancel);
        }
    }

    // Two statements, two snapshots: the second sees what was committed while the first waited.
    static HeldVersion Hold(RoundTrip trip)
    {
        var held = new HeldVersion();
        trip.Add(HoldShared, _ => { });
        trip.Add(NewestWithState, row => (held.Id, held.DecidesAgain) = (row.GetInt32(0), row.GetBoolean(1)));
        return held;
    }

    sealed class HeldVersion
    {
        public int? Id { get; set; }
        public bool DecidesAgain { get; set; }
    }

    static IOException NoneYet() => new("No catalogue has been released yet: a process of the register seeds it at its start.");

    /// <summary>Id of the version that this process decided by last; 0 before the first.</summary>
    public int LastSeen => cached?.Id ?? 0;

    /// <summary>The version in force a moment ago, for those who only read.</summary>
    public async Task<RunningVersion> Now(CancellationToken cancel)
    {
        await using var connection = await databases.Of("register").OpenConnectionAsync(cancel);
        await using var command = new NpgsqlCommand(Newest, connection);
        return await command.ExecuteScalarAsync(cancel) is int id
            ? cached is { } known && known.Id == id ? known : await Take(connection, id, cancel)
            : throw new IOException("No catalogue has been released yet.");
    }

    const string IdOfVersion = "select max(id) from register.catalogue where version = $1";

    /// <summary>A version that decides or once decided; the one in force where it is not kept (data from before versions were).</summary>
    public async Task<Catalogue.Catalogue> Of(string version, CancellationToken cancel)
    {
        if (cached is { } now && now.Catalogue.Version == version)
            return now.Catalogue;
        if (byVersion.TryGetValue(version, out var known))
            return known;
        await using var connection = await databases.Of("register").OpenConnectionAsync(cancel);
        await using var command = new NpgsqlCommand(IdOfVersion, connection) { Parameters = { new() { Value = version } } };
        if (await command.ExecuteScalarAsync(cancel) is not int id)
            return (await Now(cancel)).Catalogue;
        return byVersion[version] = Catalogue.Catalogue.Read(await Files(connection, id, cancel));
    }

    /// <summary>What decides by a catalogue that is not (yet) in force.</summary>
    public Decider By(Catalogue.Catalogue catalogue) => decider(catalogue);

    async Task<RunningVersion> Take(NpgsqlConnection connection, int id, CancellationToken cancel)
    {
        var files = await Files(connection, id, cancel);
        try
        {
            return cached = new RunningVersion(id, decider(Known is { Catalogue: { } known } && Known.AreThose(files) ? known : Catalogue.Catalogue.Read(files)));
        }
        catch (CatalogueException unreadable) { throw new CatalogueTooNewException(id, unreadable); }
    }

    const string FilesOfVersion = "select name, bytes from register.catalogue_file where catalogue = $1 order by name";

    /// <summary>The files of a version, as they were released.</summary>
    public static async Task<List<CatalogueFile>> Files(NpgsqlConnection connection, int id, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(FilesOfVersion, connection) { Parameters = { new() { Value = id } } };
        await using var row = await command.ExecuteReaderAsync(cancel);
        var files = new List<CatalogueFile>();
        while (await row.ReadAsync(cancel))
            files.Add(new CatalogueFile(row.GetString(0), row.GetFieldValue<byte[]>(1)));
        return files;
    }
}
