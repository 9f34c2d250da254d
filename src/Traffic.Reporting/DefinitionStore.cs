using System.Security.Cryptography;
using System.Text;
using Dapper;
using Npgsql;
using Traffic.Platform;

namespace Traffic.Reporting;

/// <summary>One version of a definition as it was kept.</summary>
sealed record KeptDefinition(
    string Campaign, string Line, int Version, string Body, byte[] Digest, DateOnly ValidFrom, DateOnly? ValidTo, string RecordedBy, string Why,
    DateTime RecordedAt);

/// <summary>Every statement on <c>reporting.definition</c>.</summary>
sealed class DefinitionStore(NpgsqlDataSource database)
{
    const string ReadKept = """
        select campaign, line, version, body, digest, valid_from, valid_to, recorded_by, why, recorded_at
        from reporting.definition
        where @Campaign::text is null or campaign = @Campaign
        order by campaign, line, version
        """;

    /// <param name="campaign">Null for all.</param>
    public async Task<IReadOnlyList<KeptDefinition>> Kept(string? campaign, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return [.. await connection.QueryAsync<KeptDefinition>(new CommandDefinition(ReadKept, new { Campaign = campaign }, cancellationToken: cancel))];
    }

    // Several processes may start at once: what one has kept the other finds.
    const string Keep = """
        insert into reporting.definition (campaign, line, version, body, digest, valid_from, valid_to, recorded_by, why, recorded_at)
        values (@Campaign, @Line, @Version, @Body, @Digest, @ValidFrom, @ValidTo, @RecordedBy, @Why, @RecordedAt)
        on conflict (campaign, line, version) do update set valid_to = excluded.valid_to
        where definition.valid_to is null and excluded.valid_to is not null
        """;

    public async Task Add(IEnumerable<KeptDefinition> definitions, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        foreach (var one in definitions)
            await connection.ExecuteAsync(new CommandDefinition(Keep, one, transaction, cancellationToken: cancel));
        await transaction.CommitAsync(cancel);
    }
}

/// <summary>Holds the files to what is in use: a definition once kept is superseded by a new version, or the host does not start.</summary>
sealed class KeepDefinitions(DefinitionStore store, Campaigns campaigns, Divisions divisions, TimeProvider clock) : BeforeServing
{
    protected override async Task Prepare(CancellationToken cancel)
    {
        var kept = await store.Kept(null, cancel);
        var now = clock.GetUtcNow();
        var changed = campaigns.All.SelectMany(campaign => Changes(campaign, kept,
            DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(now, divisions.Zone(null, campaign.Division)).DateTime), now)).ToList();
        if (changed.Count > 0)
            await store.Add(changed, cancel);
    }

    /// <summary>What is new in the files: versions, and ends of versions.</summary>
    /// <exception cref="StartRefusedException">A definition in use was edited or taken out, or a new one would judge days already judged.</exception>
    internal static IEnumerable<KeptDefinition> Changes(Campaign campaign, IReadOnlyList<KeptDefinition> all, DateOnly today, DateTimeOffset now)
    {
        var kept = all.Where(one => one.Campaign == campaign.Id).ToDictionary(one => (one.Line, one.Version));
        if (kept.Keys.FirstOrDefault(key => !campaign.Definitions.Any(one => (one.Id, one.Version) == key)) is { Line: not null } gone)
            throw new StartRefusedException(
                $"targets/{campaign.Id}.json: version {gone.Version} of {gone.Line} is in use and no longer there. Put it back; to end it, set its validTo.");
        // New ones first: one dated too early is the cause, the end it gives to the one before only follows.
        foreach (var one in campaign.Definitions.OrderBy(one => kept.ContainsKey((one.Id, one.Version))))
        {
            var found = kept.GetValueOrDefault((one.Id, one.Version));
            if (found is not null && found.Body != one.Canonical)
                throw new StartRefusedException(
                    $"{one.At}: version {one.Version} of {one.Id} is in use since {found.RecordedAt:yyyy-MM-dd} and must stay as it is. Supersede it: "
                    + $"put it back and add below it version {one.Version + 1} with validFrom ({today:yyyy-MM-dd} or later) and supersedes (by, why).");
            if (found is null && kept.Keys.Any(key => key.Line == one.Id) && one.ValidFrom < today)
                throw new StartRefusedException(
                    $"{one.At}: version {one.Version} of {one.Id} would judge days already judged: validFrom must be {today:yyyy-MM-dd} or later.");
            if (found is not null && found.ValidTo != one.ValidTo
                && (found.ValidTo is not null || one.ValidTo < today.AddDays(-1)))
                throw new StartRefusedException(
                    $"{one.At}: version {one.Version} of {one.Id} is in use: its end may be set once, and not before yesterday ({today.AddDays(-1):yyyy-MM-dd}).");
            if (found is null || found.ValidTo != one.ValidTo)
                yield return new KeptDefinition(
                    campaign.Id, one.Id, one.Version, one.Canonical, SHA256.HashData(Encoding.UTF8.GetBytes(one.Canonical)), one.ValidFrom, one.ValidTo,
                    one.Supersedes?.By ?? "file", one.Supersedes?.Why ?? "first version", now.UtcDateTime);
        }
    }
}
