using Dapper;
using Npgsql;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Reporting.Alarms;

/// <summary>An alarm's row: its place in the order of events, and what it says.</summary>
sealed record AlarmEvent(long Event, AlarmChanged Alarm);

/// <summary>Every SQL statement on <c>reporting.alarm</c> and <c>reporting.alarm_sent</c>.</summary>
sealed class AlarmStore(NpgsqlDataSource database)
{
    const string LockOthers = "select pg_advisory_xact_lock(hashtext('reporting.alarm'))";

    const string Columns = """
        event as number, alarm_id, change, campaign, line, version, division, kind, record_id, revision, day, value, at, records
        """;

    const string OpenRows = $"""
        select {Columns} from reporting.alarm a
        where change = 'rang' and not exists (select from reporting.alarm u where u.alarm_id = a.alarm_id and u.change = 'undone')
        order by event
        """;

    const string InsertRow = """
        insert into reporting.alarm (alarm_id, change, campaign, line, version, division, kind, record_id, revision, day, value, at, records)
        values (@AlarmId, @change, @Campaign, @Line, @Version, @DivisionCode, @Kind, @RecordId, @Revision, @Day, @Value, @at, @Records)
        on conflict do nothing
        """;

    const string RowsAfter = $"select {Columns} from reporting.alarm where event > @after order by event limit @limit";

    const string NewestRows = $"""
        select {Columns} from reporting.alarm
        where (@campaign::text is null or campaign = @campaign) and (@division::text is null or division = @division)
        order by event desc limit @limit
        """;

    const string LastEvent = "select coalesce(max(event), 0) from reporting.alarm";

    const string SentTo = "select alarm_id, change, receiver from reporting.alarm_sent where alarm_id = any(@ids)";

    const string InsertSent = "insert into reporting.alarm_sent (alarm_id, change, receiver) values (@AlarmId, @change, @receiver) on conflict do nothing";

    /// <summary>The alarms that stand. Until the transaction ends nobody else rings or undoes one.</summary>
    public static async Task<List<AlarmEvent>> LockOpen(LogBatch batch)
    {
        await batch.Connection.ExecuteAsync(LockOthers, transaction: batch.Transaction);
        return [.. (await batch.Connection.QueryAsync<Row>(OpenRows, transaction: batch.Transaction)).Select(row => row.Event())];
    }

    /// <summary>False where the same revision of the same record rang, or was what undid it, before.</summary>
    public static async Task<bool> Add(LogBatch batch, AlarmChanged alarm) =>
        await batch.Connection.ExecuteAsync(InsertRow, new
        {
            alarm.AlarmId, change = alarm.Change.Word(), alarm.Campaign, alarm.Line, alarm.Version, alarm.DivisionCode, alarm.Kind, alarm.RecordId,
            alarm.Revision, alarm.Day, alarm.Value, at = alarm.At.UtcDateTime, alarm.Records,
        }, batch.Transaction) == 1;

    /// <summary>What was stored after an event, in order.</summary>
    public async Task<List<AlarmEvent>> After(long after, int limit, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return [.. (await connection.QueryAsync<Row>(new CommandDefinition(RowsAfter, new { after, limit }, cancellationToken: cancel))).Select(row => row.Event())];
    }

    /// <summary>The newest first.</summary>
    public async Task<List<AlarmEvent>> Newest(string? campaign, string? division, int limit, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return
        [
            .. (await connection.QueryAsync<Row>(new CommandDefinition(NewestRows, new { campaign, division, limit }, cancellationToken: cancel)))
                .Select(row => row.Event()),
        ];
    }

    public async Task<List<AlarmEvent>> Open(CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return [.. (await connection.QueryAsync<Row>(new CommandDefinition(OpenRows, cancellationToken: cancel))).Select(row => row.Event())];
    }

    public async Task<long> Last(CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return await connection.QuerySingleAsync<long>(new CommandDefinition(LastEvent, cancellationToken: cancel));
    }

    /// <summary>Which receivers have taken which of these.</summary>
    public async Task<HashSet<(Guid, string, string)>> Sent(Guid[] ids, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        return [.. await connection.QueryAsync<(Guid, string, string)>(new CommandDefinition(SentTo, new { ids }, cancellationToken: cancel))];
    }

    /// <summary>Kept at once, whatever becomes of the other receivers.</summary>
    public async Task AddSent(AlarmChanged alarm, string receiver, CancellationToken cancel)
    {
        await using var connection = await database.OpenConnectionAsync(cancel);
        await connection.ExecuteAsync(new CommandDefinition(
            InsertSent, new { alarm.AlarmId, change = alarm.Change.Word(), receiver }, cancellationToken: cancel));
    }

    sealed record Row(
        long Number, Guid AlarmId, string Change, string Campaign, string Line, int Version, string Division, string Kind, Guid RecordId, int Revision,
        DateOnly Day, long Value, DateTime At, string? Records)
    {
        public AlarmEvent Event() => new(Number, new AlarmChanged
        {
            AlarmId = AlarmId, Change = EnumWord.Parse<AlarmChange>(Change)!.Value, Campaign = Campaign, Line = Line, Version = Version, DivisionCode = Division,
            Kind = Kind, RecordId = RecordId, Revision = Revision, Day = Day, Value = Value, At = new DateTimeOffset(At, TimeSpan.Zero), Records = Records,
        });
    }
}
