using System.Text.Json;
using Dapper;
using Npgsql;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Casework;

/// <summary>A record that waits for a person.</summary>
sealed record WaitingCase(
    Guid RecordId, int Revision, string Status, string Entry, string Family, string Division, DateOnly Day, string? Reason);

/// <summary>Every SQL statement of casework.</summary>
sealed class CaseStore(NpgsqlDataSource database)
{
    const string WaitingPage = """
        select record_id, revision, status, entry, family, division, day, reason
        from register.published_case
        where status in ('captured', 'toReview', 'held')
          and (@status::text is null or status = @status)
          and (@divisions::text[] is null or division = any(@divisions))
          and (@after::uuid is null
               or (position, item) > (select a.position, a.item from register.published_case a where a.record_id = @after))
        order by position, item
        limit @limit
        """;

    /// <summary>A page of what waits in the register, what was reported first first.</summary>
    /// <param name="after">The last id of the page before; null for the first page.</param>
    /// <param name="divisions">Codes; null for all.</param>
    public async Task<List<WaitingCase>> Waiting(
        string? status, string[]? divisions, Guid? after, int limit, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return (await connection.QueryAsync<WaitingCase>(new CommandDefinition(
            WaitingPage, new { status, divisions, after, limit }, cancellationToken: cancel))).AsList();
    }

    /// <summary>Whether there is such a case, waiting or not.</summary>
    public async Task<bool> Knows(Guid recordId, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return await connection.QuerySingleAsync<bool>(new CommandDefinition(
            "select exists (select from register.published_case where record_id = @recordId)", new { recordId }, cancellationToken: cancel));
    }

    const string SeenOfRecord = """
        select h.entry as seen_entry, h.status as seen_status, s.status, s.family,
               exists (select from register.published_entry e where e.entry = @entry and e.edition = s.law_edition) as entry_in_force
        from register.published_history h
        join register.published_standing s on s.record_id = h.record_id
        where h.record_id = @recordId and h.revision = @revision
        """;

    const string FindDecision = "select * from casework.decision where decision_id = @decisionId";

    /// <summary>What the person saw; null if the Register has not published that revision (yet).</summary>
    /// <param name="entry">The entry the record is to be resolved with; null for another action.</param>
    public async Task<SeenRecord?> Seen(Guid recordId, int revision, string? entry, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return await connection.QuerySingleOrDefaultAsync<SeenRecord>(new CommandDefinition(
            SeenOfRecord, new { recordId, revision, entry }, cancellationToken: cancel));
    }

    const string PutDecision = """
        insert into casework.decision (
            decision_id, record_id, revision, action, entry, seen_entry, decided_by, second_person, reason, decided_at, measurement)
        values (@DecisionId, @RecordId, @Revision, @Action, @Entry, @SeenEntry, @DecidedBy, @SecondPerson, @Reason, @DecidedAt, @Measurement)
        on conflict do nothing
        """;

    /// <summary>Keeps the decision and tells of it, in one transaction.</summary>
    /// <returns>The log's position; null if the decision was kept before, by this or another request.</returns>
    public async Task<long?> Put(PersonDecided decided, string? secondPerson, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var put = await connection.ExecuteAsync(new CommandDefinition(PutDecision, new
        {
            decided.DecisionId, decided.RecordId, decided.Revision, Action = decided.Action.Word(), decided.Entry, decided.SeenEntry,
            decided.DecidedBy, SecondPerson = secondPerson, decided.Reason, DecidedAt = decided.DecidedAt.UtcDateTime,
            Measurement = decided.Measurement is { } measured ? JsonSerializer.Serialize(measured, TrafficJson.Plain.Measurement) : null,
        }, transaction, cancellationToken: cancel));
        if (put == 0)
            return null;
        var position = await connection.QuerySingleAsync<long>(new CommandDefinition(
            "select nextval('platform.position')", transaction: transaction, cancellationToken: cancel));
        byte[] line = [.. JsonSerializer.SerializeToUtf8Bytes(decided, TrafficJson.Plain.PersonDecided), (byte)'\n'];
        await Log.Append(connection, "casework", position, 1, line, cancel);
        await transaction.CommitAsync(cancel);
        return position;
    }

    /// <summary>All that people decided about a record, the first first: also what changed nothing, or was overruled.</summary>
    public async Task<IReadOnlyList<KeptDecision>> Of(Guid recordId, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return (await connection.QueryAsync<KeptDecision>(new CommandDefinition(
            "select * from casework.decision where record_id = @recordId order by decided_at, decision_id", new { recordId }, cancellationToken: cancel))).AsList();
    }

    /// <summary>The decision kept under this id; null if there is none.</summary>
    public async Task<KeptDecision?> Find(Guid decisionId, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return await connection.QuerySingleOrDefaultAsync<KeptDecision>(new CommandDefinition(
            FindDecision, new { decisionId }, cancellationToken: cancel));
    }
}

/// <summary>A record at the revision a person saw.</summary>
sealed class SeenRecord
{
    public string SeenEntry { get; set; } = "";
    public string SeenStatus { get; set; } = "";

    /// <summary>As it stands now.</summary>
    public string Status { get; set; } = "";
    public string Family { get; set; } = "";

    /// <summary>The entry to resolve with is one of the law that was in force when it happened.</summary>
    public bool EntryInForce { get; set; }
}

/// <summary>A row of <c>casework.decision</c>.</summary>
sealed class KeptDecision
{
    public Guid DecisionId { get; set; }
    public Guid RecordId { get; set; }
    public int Revision { get; set; }
    public string Action { get; set; } = "";
    public string? Entry { get; set; }
    public string? Measurement { get; set; }
    public string DecidedBy { get; set; } = "";
    public string? SecondPerson { get; set; }
    public string Reason { get; set; } = "";
    public DateTime DecidedAt { get; set; }
}
