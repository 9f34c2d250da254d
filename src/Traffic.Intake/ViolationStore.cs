using System.Buffers;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Traffic.Platform;

namespace Traffic.Intake;

/// <summary>A key as it is stored, with its receipt.</summary>
sealed record StoredKey(byte[] Digest, byte[]? DataKey, long Sequence, DateTime ReceivedAt);

/// <summary>What a group adds to one sender's counts.</summary>
sealed record Tally(string Sender, long Received, long Accepted, long Duplicate, long Conflict, long Rejected);

/// <summary>Every SQL statement of intake: keys, log rows, refusals, the ledger.</summary>
sealed class ViolationStore(NpgsqlDataSource database)
{
    /// <summary>Raised by <c>intake.append</c>, which then did nothing.</summary>
    public const string SomeKeysAreKnown = "TR001";

    /// <summary>The stream of violations.</summary>
    public const string Violations = "intake";

    /// <summary>The stream of all else that is counted.</summary>
    public const string Activities = "activity";

    const string AppendGroup = """
        select position, first_sequence, created_at
        from intake.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        """;

    const string AppendActivityGroup = """
        select position, first_sequence, created_at
        from intake.append_activity($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        """;

    /// <summary>
    /// Seconds. A group that is being committed cannot be withdrawn: whoever waits for it is told after this, and one more for the
    /// statement to leave, that it is unknown; well within the ten that were promised.
    /// </summary>
    const int CommitTimeout = 5;

    /// <summary>One group in one commit and one round trip.</summary>
    /// <exception cref="PostgresException"><see cref="SomeKeysAreKnown"/>: nothing was done.</exception>
    public async Task<(long Position, long FirstSequence, DateTime ReceivedAt)> Append(
        IReadOnlyList<Prepared> records, IReadOnlyList<Tally> tallies, IReadOnlyList<(string Sender, Refusal Refusal)> refusals,
        string stream, CancellationToken cancel)
    {
        var bytes = records.Sum(record => record.Line.Length);
        var body = ArrayPool<byte>.Shared.Rent(bytes);
        var digests = ArrayPool<byte>.Shared.Rent(records.Count * 32);
        var keys = ArrayPool<byte>.Shared.Rent(records.Count * Seal.WrappedBytes);
        var ids = new Guid[records.Count];
        var written = 0;
        for (var i = 0; i < records.Count; i++)
        {
            ids[i] = records[i].RecordId;
            records[i].Digest.CopyTo(digests, i * 32);
            records[i].WrappedKey.CopyTo(keys, i * Seal.WrappedBytes);
            records[i].Line.CopyTo(body, written);
            written += records[i].Line.Length;
        }
        try
        {
            await using var command = database.CreateCommand(stream == Violations ? AppendGroup : AppendActivityGroup);
            command.CommandTimeout = CommitTimeout;
            Add(command, ids);
            Add(command, new ReadOnlyMemory<byte>(digests, 0, records.Count * 32));
            Add(command, new ReadOnlyMemory<byte>(keys, 0, records.Count * Seal.WrappedBytes));
            Add(command, new ReadOnlyMemory<byte>(body, 0, bytes));
            Add(command, tallies.Select(one => one.Sender).ToArray());
            Add(command, tallies.Select(one => one.Received).ToArray());
            Add(command, tallies.Select(one => one.Accepted).ToArray());
            Add(command, tallies.Select(one => one.Duplicate).ToArray());
            Add(command, tallies.Select(one => one.Conflict).ToArray());
            Add(command, tallies.Select(one => one.Rejected).ToArray());
            Add(command, refusals.Select(one => one.Sender).ToArray());
            Add(command, refusals.Select(one => one.Refusal.SentAs!).ToArray());
            Add(command, refusals.Select(one => JsonSerializer.Serialize(
                one.Refusal.Faults.Select(fault => new { fault.Member, fault.Code }), JsonSerializerOptions.Web)).ToArray());
            if (stream == Activities)
            {
                var reports = records.Cast<PreparedActivity>().Select(one => one.Report).ToList();
                Add(command, reports.Select(one => one.ActivityId).ToArray());
                Add(command, reports.Select(one => one.Revision).ToArray());
                Add(command, reports.Select(one => one.Kind.Word()).ToArray());
            }

            await using var row = await command.ExecuteReaderAsync(cancel);
            await row.ReadAsync(cancel);
            return records.Count == 0 ? (0, 0, row.GetDateTime(2)) : (row.GetInt64(0), row.GetInt64(1), row.GetDateTime(2));
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(body);
            ArrayPool<byte>.Shared.Return(digests);
            ArrayPool<byte>.Shared.Return(keys);
        }
    }

    static void Add<T>(NpgsqlCommand command, T value) => command.Parameters.Add(new NpgsqlParameter<T>
    {
        TypedValue = value,
        NpgsqlDbType = value switch
        {
            Guid[] => NpgsqlDbType.Array | NpgsqlDbType.Uuid,
            string[] => NpgsqlDbType.Array | NpgsqlDbType.Text,
            long[] => NpgsqlDbType.Array | NpgsqlDbType.Bigint,
            int[] => NpgsqlDbType.Array | NpgsqlDbType.Integer,
            _ => NpgsqlDbType.Bytea,
        },
    });

    const string KeysByIds = """
        select k.record_id, k.digest, k.data_key, l.first_sequence + k.item, k.received_at
        from unnest($1) as asked (record_id)
        cross join lateral (select * from intake.key k where k.record_id = asked.record_id limit 1) k
        cross join lateral (
            select l.first_sequence from platform.log l where l.position = k.position and l.created_at = k.received_at limit 1) l
        """;

    /// <summary>The keys among the ids that are known, with their receipts.</summary>
    public async Task<Dictionary<Guid, StoredKey>> FindKeys(Guid[] ids, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(KeysByIds);
        Add(command, ids);
        var found = new Dictionary<Guid, StoredKey>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            found[row.GetGuid(0)] = new StoredKey(
                row.GetFieldValue<byte[]>(1), await row.IsDBNullAsync(2, cancel) ? null : row.GetFieldValue<byte[]>(2),
                row.GetInt64(3), row.GetDateTime(4));
        return found;
    }

    const string RevisionsGiven = """
        select r.activity_id, r.revision
        from unnest($1, $2) as asked (activity_id, revision) join intake.revision r using (activity_id, revision)
        """;

    /// <summary>Those of the revisions that some report has.</summary>
    public async Task<HashSet<(Guid, int)>> GivenRevisions(IReadOnlyList<(Guid ActivityId, int Revision)> asked, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(RevisionsGiven);
        Add(command, asked.Select(one => one.ActivityId).ToArray());
        Add(command, asked.Select(one => one.Revision).ToArray());
        var given = new HashSet<(Guid, int)>();
        await using var row = await command.ExecuteReaderAsync(cancel);
        while (await row.ReadAsync(cancel))
            given.Add((row.GetGuid(0), row.GetInt32(1)));
        return given;
    }

    const string LineOfRecord = """
        select k.item, l.body
        from intake.key k join platform.log l on l.position = k.position and l.created_at = k.received_at
        where k.record_id = $1 and l.stream = 'intake'
        """;

    /// <summary>The violation's line in the log, as it came in; null if there is no such record.</summary>
    public async Task<ReadOnlyMemory<byte>?> FindLine(Guid recordId, CancellationToken cancel)
    {
        await using var command = database.CreateCommand(LineOfRecord);
        command.Parameters.Add(new() { Value = recordId });
        await using var row = await command.ExecuteReaderAsync(cancel);
        return await row.ReadAsync(cancel)
            ? (ReadOnlyMemory<byte>?)Log.Lines(row.GetFieldValue<byte[]>(1)).ElementAt(row.GetInt32(0))
            : null;
    }

    const string StandingOfRecord = """
        select to_jsonb(s) - 'record_id' - 'began_sequence' - 'ended_sequence' from register.published_standing s where s.record_id = $1
        """;

    const string HistoryOfRecord = """
        select coalesce(jsonb_agg(to_jsonb(h) - 'record_id' order by h.revision), '[]') from register.published_history h where h.record_id = $1
        """;

    /// <summary>What the Register published about a record: its standing (null before it is registered) and its history.</summary>
    public async Task<(string? Standing, string History)> FindStanding(Guid recordId, CancellationToken cancel)
    {
        await using var batch = database.CreateBatch();
        foreach (var sql in new[] { StandingOfRecord, HistoryOfRecord })
        {
            var command = batch.CreateBatchCommand();
            command.CommandText = sql;
            command.Parameters.Add(new NpgsqlParameter { Value = recordId });
            batch.BatchCommands.Add(command);
        }
        await using var row = await batch.ExecuteReaderAsync(cancel);
        var standing = await row.ReadAsync(cancel) ? row.GetString(0) : null;
        await row.NextResultAsync(cancel);
        return (standing, await row.ReadAsync(cancel) ? row.GetString(0) : "[]");
    }

    const string WorkOfRegister = """
        select coalesce(sum(items), 0)::bigint, (select sum(records)::bigint from platform.stream where stream in ('intake', 'activity'))
        from platform.delivery where subscriber in ('register-violations', 'register-activity')
        """;

    /// <summary>How many records were ever accepted, and how many of them are not registered yet.</summary>
    public async Task<(long Accepted, long InFlight)> Work(CancellationToken cancel)
    {
        await using var command = database.CreateCommand(WorkOfRegister);
        await using var row = await command.ExecuteReaderAsync(cancel);
        await row.ReadAsync(cancel);
        return (row.GetInt64(1), row.GetInt64(0));
    }

    const string LedgerBySender = """
        select split_part(sender, '/', 1), sum(received)::bigint, sum(accepted)::bigint, sum(duplicate)::bigint, sum(conflict)::bigint,
               sum(rejected)::bigint, sum(ignored)::bigint
        from intake.tally group by 1 order by 1
        """;

    /// <summary>What was answered to each sender.</summary>
    public async Task<List<LedgerLine>> Ledger(CancellationToken cancel)
    {
        await using var command = database.CreateCommand(LedgerBySender);
        await using var row = await command.ExecuteReaderAsync(cancel);
        var lines = new List<LedgerLine>();
        while (await row.ReadAsync(cancel))
            lines.Add(new LedgerLine(row.GetString(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.GetInt64(4),
                row.GetInt64(5), row.GetInt64(6)));
        return lines;
    }
}

/// <summary>received = accepted + duplicate + conflict + rejected + ignored.</summary>
sealed record LedgerLine(
    string Sender, long Received, long Accepted, long Duplicate, long Conflict, long Rejected, long Ignored);
