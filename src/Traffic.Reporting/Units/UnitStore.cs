using System.Data;
using Dapper;
using Npgsql;

namespace Traffic.Reporting.Units;

/// <summary>One import that said something new.</summary>
sealed record UnitVersion(int Version, long AsOf, DateTime ImportedAt, string ImportedBy, string Why, string Source);

/// <summary>Every statement on units and rosters. What is said is added to, never changed.</summary>
sealed class UnitStore(NpgsqlDataSource database, TimeProvider clock)
{
    const string LockUnits = "select pg_advisory_xact_lock(hashtext('traffic units'))";

    const string ReadVersions = """
        select version, as_of, imported_at, imported_by, why, source from reporting.unit_import
        order by version
        """;

    const string ReadUnits = """
        select distinct on (unit, valid_from) unit, valid_from, valid_to, parent, division, zh, en from reporting.unit
        where version <= @version
        order by unit, valid_from, version desc
        """;

    const string ReadRoster = """
        select distinct on (officer_id, valid_from) officer_id, valid_from, valid_to, unit from reporting.roster
        where version <= @version
        order by officer_id, valid_from, version desc
        """;

    const string AddVersion = """
        insert into reporting.unit_import (version, as_of, imported_at, imported_by, why, source)
        select @version, (select records from platform.stream where stream = 'register'), @at, @by, @why, @source
        """;

    const string AddUnits = """
        insert into reporting.unit (version, unit, valid_from, valid_to, parent, division, zh, en)
        select @version, * from unnest(@codes, @froms, @tos, @parents, @divisions, @zhs, @ens)
        """;

    const string AddRoster = """
        insert into reporting.roster (version, officer_id, valid_from, valid_to, unit)
        select @version, * from unnest(@officers, @froms, @tos, @units)
        """;

    public async Task<IReadOnlyList<UnitVersion>> Versions(CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return [.. await connection.QueryAsync<UnitVersion>(new CommandDefinition(ReadVersions, cancellationToken: cancel))];
    }

    /// <summary>Adds what the files say that is not said yet, all or nothing.</summary>
    /// <param name="source">What the files come from, beside what they say themselves.</param>
    /// <param name="only">True to look only: nothing is kept.</param>
    /// <param name="first">True to add only where there is nothing yet.</param>
    /// <returns>What is new, the version it became or would have been added to, and whether it was kept.</returns>
    public async Task<(UnitChanges Changes, int Version, bool Kept)> Add(
        UnitFile file, string by, string why, string? source, bool only, bool first, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        // One import after the other: each is held against what the one before left.
        await connection.ExecuteAsync(Command(LockUnits, null));
        var version = (await connection.QueryAsync<UnitVersion>(Command(ReadVersions, null))).LastOrDefault()?.Version ?? 0;
        var (spells, postings) = await Read(connection, transaction, version, cancel);
        var changes = UnitChanges.Of(file, spells, postings);
        if (changes.Faults.Count > 0 || changes.Units.Count + changes.Roster.Count == 0 || only || (first && version > 0))
            return (changes, version, false);
        version++;
        await connection.ExecuteAsync(Command(AddVersion, new
        {
            version, at = clock.GetUtcNow().UtcDateTime, by, why, source = string.Join("; ", file.Sources.Append(source).Where(one => one is not null).Distinct()),
        }));
        await connection.ExecuteAsync(Command(AddUnits, new
        {
            version, codes = Each(changes.Units, one => one.Code), froms = Each(changes.Units, one => one.From), tos = Each(changes.Units, one => one.To),
            parents = Each(changes.Units, one => one.Parent), divisions = Each(changes.Units, one => one.Division), zhs = Each(changes.Units, one => one.Zh),
            ens = Each(changes.Units, one => one.En),
        }));
        await connection.ExecuteAsync(Command(AddRoster, new
        {
            version, officers = Each(changes.Roster, one => one.OfficerId), froms = Each(changes.Roster, one => one.From),
            tos = Each(changes.Roster, one => one.To), units = Each(changes.Roster, one => one.Unit),
        }));
        await transaction.CommitAsync(cancel);
        return (changes, version, true);

        CommandDefinition Command(string sql, object? values) => new(sql, values, transaction, cancellationToken: cancel);
    }

    static TValue[] Each<T, TValue>(IReadOnlyList<T> rows, Func<T, TValue> value) => [.. rows.Select(value)];

    static async Task<(IReadOnlyList<UnitSpell> Spells, IReadOnlyList<Posting> Postings)> Read(
        NpgsqlConnection connection, NpgsqlTransaction transaction, int version, CancellationToken cancel)
    {
        var spells = await connection.QueryAsync<(string Code, DateOnly From, DateOnly? To, string? Parent, string Division, string Zh, string En)>(
            new CommandDefinition(ReadUnits, new { version }, transaction, cancellationToken: cancel));
        var postings = await connection.QueryAsync<(string OfficerId, DateOnly From, DateOnly? To, string Unit)>(
            new CommandDefinition(ReadRoster, new { version }, transaction, cancellationToken: cancel));
        return (
            [.. spells.Select(one => new UnitSpell(one.Code, one.From, one.To, one.Parent, one.Division, one.Zh, one.En))],
            [.. postings.Select(one => new Posting(one.OfficerId, one.From, one.To, one.Unit))]);
    }

    const string ReadVersionAt = """
        select coalesce(
            (select max(version) from reporting.unit_import where version = @asked),
            (select max(version) from reporting.unit_import where @asked is null and as_of < @before),
            (select min(version) from reporting.unit_import where @asked is null), 0)
        """;

    readonly System.Collections.Concurrent.ConcurrentDictionary<int, UnitTree> trees = new();

    /// <summary>The tree by which a question is answered.</summary>
    /// <param name="asked">A version; null takes the newest that was there before <paramref name="before"/>.</param>
    /// <param name="before">A sequence of the register.</param>
    /// <returns>Null where there is no such version.</returns>
    public async Task<UnitTree?> Tree(NpgsqlConnection connection, NpgsqlTransaction transaction, int? asked, long before, CancellationToken cancel)
    {
        var version = await connection.QuerySingleAsync<int>(new CommandDefinition(ReadVersionAt, new { asked, before }, transaction, cancellationToken: cancel));
        if (version == 0)
            return asked is null or 0 ? UnitTree.Empty : null;
        if (trees.TryGetValue(version, out var known))
            return known;
        // What a version says never changes; few are asked for.
        if (trees.Count > 20)
            trees.Clear();
        var (spells, postings) = await Read(connection, transaction, version, cancel);
        return trees[version] = new UnitTree(version, spells, postings);
    }
}
