using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Npgsql;
using Traffic.Contracts;
using Traffic.Intake;
using Traffic.Platform;
using Traffic.Register;

namespace Traffic.Host.Reconcile;

/// <summary>A row that is not what the log says of it.</summary>
/// <param name="Table">Where it stands.</param>
/// <param name="Id">The record; of the table of activities, the report.</param>
/// <param name="What">The columns that differ; <c>digest</c>: the line is not what its receipt was given for; <c>key</c>: its key was
/// changed; <c>line</c>: nothing in the log tells of it; <c>row</c>: the log tells of it, and it is not there.</param>
sealed record RowDifference(string Table, Guid Id, int? Revision, string What);

/// <summary>
/// Holds every line of intake's logs against the receipt that was given for it, every row of the register against the line that
/// reported it, and every standing and every count of an activity against the line that told of it: all in one pass, in the order of the log.
/// </summary>
/// <param name="seal">Null where the master key is not here: then receipts and personal members are not compared.</param>
/// <param name="most">So many differences are named.</param>
sealed class RowsAndLogs(NpgsqlConnection connection, Seal? seal, int most, CancellationToken cancel)
{
    readonly List<RowDifference> named = [];
    // The first whose key did not open.
    readonly List<Guid> locked = [];

    public IReadOnlyList<RowDifference> Named => named;

    /// <summary>Rows compared with their lines.</summary>
    public long Compared { get; private set; }

    /// <summary>Lines compared with their receipts.</summary>
    public long Receipts { get; private set; }

    /// <summary>All that differ, named or not.</summary>
    public long Differences { get; private set; }

    /// <summary>The master key that is here is another than that of these records: no receipt could be compared.</summary>
    public bool IsOtherKey => Receipts == 0 && locked.Count > 0;

    sealed record LogRow(string Stream, DateTime CreatedAt, byte[] Body);

    sealed record KeyRow(Guid RecordId, int Item, DateTime ReceivedAt, byte[] Digest, byte[]? DataKey);

    /// <param name="Personal">In the order of <see cref="SealedMembers"/>, without the note.</param>
    sealed record ReportedRow(Guid RecordId, int Item, (string Column, object? Value)[] Columns, string?[] Personal);

    sealed record StandingRow(string Table, Guid RecordId, int Revision, (string Column, object? Value)[] Columns);

    sealed record ActivityRow(Guid RecordId, int Item, int Revision, string Detail, (string Column, object? Value)[] Columns);

    sealed record CountedRow(Guid ActivityId, int Revision, Guid RecordId, (string Column, object? Value)[] Columns, string[] Counts);

    public async Task Run()
    {
        var log = new ByPosition<LogRow>(connection, "log_rows", """
            select position, stream, created_at, body from platform.log where stream in ('intake', 'activity', 'register') order by position
            """, row => new(row.GetString(1), row.GetDateTime(2), row.GetFieldValue<byte[]>(3)), atOnce: 20);
        var keys = new ByPosition<KeyRow>(connection, "key_rows", """
            select position, record_id, item, received_at, digest, data_key from intake.key order by position, item
            """, row => new(row.GetGuid(1), row.GetInt32(2), row.GetDateTime(3), row.GetFieldValue<byte[]>(4), row.IsDBNull(5) ? null : row.GetFieldValue<byte[]>(5)));
        var reported = new ByPosition<ReportedRow>(connection, "reported_rows", """
            select position, record_id, item, received_at, division, source, occurred_at, road_kind, offence_code, stop_id, officer_id, unit_code, device_id, feed_id,
                   plate_type, plate, driver_id_number, driver_name, driver_phone
            from register.violation order by position, item
            """, row => new(row.GetGuid(1), row.GetInt32(2), Columns(row, 3, 15), [.. Enumerable.Range(15, 4).Select(column => RegisterStore.Text(row, column))]));
        var standings = new ByPosition<StandingRow>(connection, "standing_rows", """
            select began_position, 'violation', record_id, revision, status, entry, family, division, day, shift_date, shift, source, vehicle_class, origin,
                   case when changed_by is null then reason else 'person' end as reason, items, overlays, points, criminal_referral, unit_code
            from register.violation
            union all
            select began_position, 'former_standing', record_id, revision, status, entry, family, division, day, shift_date, shift, source, vehicle_class, origin,
                   case when changed_by is null then reason else 'person' end, items, overlays, points, coalesce(criminal_referral, false), unit_code
            from register.former_standing
            order by 1
            """, row => new(row.GetString(1), row.GetGuid(2), row.GetInt32(3), Columns(row, 4, 20)));
        var activities = new ByPosition<ActivityRow>(connection, "activity_rows", """
            select position, record_id, item, revision, detail::text, activity_id, received_at, kind, status, division, occurred_at, unit_code, officer_id, session_id
            from register.activity order by position, item
            """, row => new(row.GetGuid(1), row.GetInt32(2), row.GetInt32(3), row.GetString(4), Columns(row, 5, 14)));
        var counted = new ByPosition<CountedRow>(connection, "counted_rows", """
            select a.began_position, a.activity_id, a.revision, a.record_id, a.kind, a.status, a.division, a.day, a.origin,
                   array(select concat_ws(' ', c.cube, c.day, c.division, c.keys, c.value) from register.activity_count c
                         where (c.activity_id, c.revision) = (a.activity_id, a.revision))
            from register.activity a order by 1
            """, row => new(row.GetGuid(1), row.GetInt32(2), row.GetGuid(3), Columns(row, 4, 9), row.GetFieldValue<string[]>(9)));

        while (await log.Next(cancel) is var (position, row))
            await Compare(position, row);
        await Compare(long.MaxValue, null);
        if (!IsOtherKey)
            locked.ForEach(id => Name("intake.key", id, null, "key"));

        async Task Compare(long position, LogRow? row)
        {
            var lines = row is null ? [] : Log.Lines(row.Body).ToList();
            var (theirKeys, lostKeys) = await keys.At(position, cancel);
            var (theirReported, lostReported) = await reported.At(position, cancel);
            var (theirActivities, lostActivities) = await activities.At(position, cancel);
            var (theirStandings, lostStandings) = await standings.At(position, cancel);
            var (theirCounted, lostCounted) = await counted.At(position, cancel);
            lostKeys.ForEach(one => Name("intake.key", one.RecordId, null, "line"));
            lostReported.ForEach(one => Name("register.violation", one.RecordId, null, "line"));
            lostActivities.ForEach(one => Name("register.activity", one.RecordId, one.Revision, "line"));
            lostStandings.ForEach(one => Name($"register.{one.Table}", one.RecordId, one.Revision, "line"));
            lostCounted.ForEach(one => Name("register.activity", one.RecordId, one.Revision, "line"));
            if (row?.Stream == "register")
                Told(lines, theirStandings, theirCounted);
            else if (row is not null)
                Received(row, lines, theirKeys, theirReported, theirActivities);
        }
    }

    void Received(LogRow row, List<ReadOnlyMemory<byte>> lines, List<KeyRow> keys, List<ReportedRow> reported, List<ActivityRow> activities)
    {
        var personal = new Dictionary<Guid, string?[]>();
        foreach (var key in keys)
            if (key.Item >= lines.Count || key.ReceivedAt != row.CreatedAt)
                Name("intake.key", key.RecordId, null, "line");
            else if (Key(key) is { } unwrapped)
            {
                Receipts++;
                if (Opened(lines[key.Item].Span, unwrapped, key.Digest) is { } members)
                    personal[key.RecordId] = members;
                else
                    Name("intake.key", key.RecordId, null, "digest");
            }
        foreach (var one in reported)
            if (one.Item >= lines.Count || Read<ReportedViolation>(lines[one.Item], TrafficJson.Plain.ReportedViolation) is not { } record || record.RecordId != one.RecordId)
                Name("register.violation", one.RecordId, null, "line");
            else
                Hold("register.violation", one.RecordId, null, one.Columns,
                    [row.CreatedAt, record.DivisionCode, record.Source.Word(), Instant(record.OccurredAt), record.RoadKind?.Word(), record.OffenceCode, record.StopId, record.OfficerId,
                        record.UnitCode, record.DeviceId, record.FeedId, record.PlateType],
                    personal.GetValueOrDefault(one.RecordId) is { } members && !members.SequenceEqual(one.Personal) ? "personal" : null);
        foreach (var one in activities)
            if (one.Item >= lines.Count || Read<ReportedActivity>(lines[one.Item], TrafficJson.Plain.ReportedActivity) is not { } report || report.RecordId != one.RecordId)
                Name("register.activity", one.RecordId, one.Revision, "line");
            else
                Hold("register.activity", one.RecordId, one.Revision, one.Columns,
                    [report.ActivityId, row.CreatedAt, report.Kind.Word(), report.Voided is null ? "confirmed" : "voided", report.DivisionCode, Instant(report.OccurredAt),
                        report.UnitCode, report.OfficerId, report.SessionId],
                    report.Revision != one.Revision ? "revision" : IsDetail(lines[one.Item], one.Detail) ? null : "detail");
    }

    void Told(List<ReadOnlyMemory<byte>> lines, List<StandingRow> standings, List<CountedRow> counted)
    {
        var told = new Dictionary<(Guid, int), StandingChanged>();
        var activities = new Dictionary<(Guid, int), ActivityChanged>();
        foreach (var line in lines)
            if (Read(line, TrafficJson.Plain.StandingChanged) is { } standing)
                told[(standing.RecordId, standing.Revision)] = standing;
            else if (Read(line, TrafficJson.Plain.ActivityChanged) is { } activity)
                activities[(activity.ActivityId, activity.Revision)] = activity;
        foreach (var one in standings)
            if (!told.Remove((one.RecordId, one.Revision), out var said))
                Name($"register.{one.Table}", one.RecordId, one.Revision, "line");
            else
                Hold($"register.{one.Table}", one.RecordId, one.Revision, one.Columns,
                    [said.Status.Word(), said.Entry, said.Family, said.DivisionCode, said.Day, said.ShiftDate ?? said.Day, said.Shift.Word(), said.Source.Word(),
                        said.VehicleClass, said.Origin, said.Reason,
                        .. said.Items is null ? one.Columns[11..].Select(column => column.Value) : [said.Items, said.Overlays ?? "", said.Points, said.Criminal ?? false, said.UnitCode]]);
        foreach (var one in counted)
            if (!activities.Remove((one.ActivityId, one.Revision), out var said))
                Name("register.activity", one.RecordId, one.Revision, "line");
            else
                Hold("register.activity", one.RecordId, one.Revision, one.Columns,
                    [said.Kind.Word(), said.Status.Word(), said.DivisionCode, said.Day, said.Origin],
                    one.Counts.Order(StringComparer.Ordinal).SequenceEqual(said.Counts
                        .Select(count => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{count.Cube} {count.Day:yyyy-MM-dd} {said.DivisionCode} {count.Keys} {count.Value}"))
                        .Order(StringComparer.Ordinal)) ? null : "counts");
        foreach (var (recordId, revision) in told.Keys)
            Name("register.violation", recordId, revision, "row");
        foreach (var said in activities.Values)
            Name("register.activity", said.RecordId, said.Revision, "row");
    }

    void Hold(string table, Guid id, int? revision, (string Column, object? Value)[] columns, object?[] said, string? more = null)
    {
        Compared++;
        var differ = columns.Where((column, i) => !Equals(column.Value, said[i])).Select(column => column.Column);
        if (string.Join(", ", more is null ? differ : differ.Append(more)) is { Length: > 0 } what)
            Name(table, id, revision, what);
    }

    void Name(string table, Guid id, int? revision, string what)
    {
        if (Differences++ < most)
            named.Add(new RowDifference(table, id, revision, what));
    }

    /// <summary>Null where the person is erased, and where it cannot be opened with the master key that is here.</summary>
    byte[]? Key(KeyRow row)
    {
        if (seal is null || row.DataKey is null)
            return null;
        try { return seal.Unwrap(row.DataKey); }
        catch (CryptographicException)
        {
            if (locked.Count < most)
                locked.Add(row.RecordId);
            return null;
        }
    }

    /// <summary>What is personal in a line; null where the line is not what was received.</summary>
    static string?[]? Opened(ReadOnlySpan<byte> line, byte[] key, byte[] digest)
    {
        try
        {
            if (!Canonical.IsWhatWasReceived(line, key, digest, out var json))
                return null;
            var members = JsonSerializer.Deserialize(json, TrafficJson.Plain.SealedMembers)!;
            return [members.Plate, members.DriverIdNumber, members.DriverName, members.DriverPhone];
        }
        catch (Exception fault) when (fault is CryptographicException or FormatException or JsonException)
        {
            return null;
        }
    }

    static T? Read<T>(ReadOnlyMemory<byte> line, JsonTypeInfo<T> type) where T : class
    {
        try { return JsonSerializer.Deserialize(line.Span, type); }
        catch (JsonException) { return null; }
    }

    static bool IsDetail(ReadOnlyMemory<byte> line, string detail)
    {
        var said = JsonNode.Parse(line.Span)!.AsObject();
        said.Remove("sealed");
        return JsonNode.DeepEquals(said, JsonNode.Parse(detail));
    }

    /// <summary>As the database keeps it: whole microseconds.</summary>
    static DateTime Instant(DateTimeOffset at) => new(at.UtcTicks / TimeSpan.TicksPerMicrosecond * TimeSpan.TicksPerMicrosecond, DateTimeKind.Utc);

    static (string, object?)[] Columns(NpgsqlDataReader row, int from, int until) =>
    [
        .. Enumerable.Range(from, until - from).Select(i => (row.GetName(i), row.IsDBNull(i) ? null
            : row.GetDataTypeName(i) == "date" ? row.GetFieldValue<DateOnly>(i) : row.GetValue(i))),
    ];
}
