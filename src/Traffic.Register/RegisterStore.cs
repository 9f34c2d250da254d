using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Register;

/// <summary>Every SQL statement on violations and their standings. All run in the caller's transaction.</summary>
sealed class RegisterStore(Cubes cubes)
{
    const string CopyViolations = """
        copy register.violation (
            record_id, received_at, position, item, began_position, revision, status, entry, family, division, day, shift_date, shift,
            source, vehicle_class, origin, items, overlays, reason, points, fine_min, fine_max, criminal_referral, law_edition,
            catalogue_version, trace, occurred_at, road_kind, offence_code, stop_id, officer_id, unit_code, device_id, feed_id,
            plate, plate_type, driver_key, driver_id_number, driver_name, driver_phone, act)
        from stdin (format binary)
        """;

    /// <summary>As many as <see cref="CopyViolations"/> names.</summary>
    const short ColumnsOfViolation = 41;

    /// <summary>Stores new records, already decided. A record that is there already breaks the key, loudly: deliveries are exactly once.</summary>
    public static async Task Insert(LogBatch batch, IReadOnlyList<NewRow> rows, CancellationToken cancel)
    {
        using var copy = new CopyRows(ColumnsOfViolation);
        foreach (var row in rows)
            Write(copy, row, batch.NextPosition);
        await copy.Send(batch.Connection, CopyViolations, cancel);
    }

    static void Write(CopyRows copy, NewRow row, long beganPosition)
    {
        var (record, standing) = (row.Record, row.Standing);
        copy.Row();
        copy.Uuid(record.RecordId);
        copy.Instant(row.ReceivedAt);
        copy.BigNumber(row.Position);
        copy.Number(row.Item);
        copy.BigNumber(beganPosition);
        copy.Number(standing.Revision);
        copy.Text(standing.Status.Word());
        copy.Text(standing.Entry);
        copy.Text(standing.Family);
        copy.Text(standing.Division);
        copy.Day(standing.Day);
        copy.Day(standing.ShiftDate);
        copy.Text(standing.Shift.Word());
        copy.Text(standing.Source.Word());
        copy.Text(standing.VehicleClass);
        copy.Text(standing.Origin);
        copy.Text(standing.Items);
        copy.Text(standing.Overlays);
        copy.Text(standing.Reason);
        copy.Number(standing.Points);
        copy.Number(standing.FineMin);
        copy.Number(standing.FineMax);
        copy.Bool(standing.CriminalReferral);
        copy.Text(standing.LawEdition);
        copy.Text(standing.CatalogueVersion);
        copy.Text(standing.Trace);
        copy.Instant(record.OccurredAt.UtcDateTime);
        copy.Text(record.RoadKind?.Word());
        copy.Text(record.OffenceCode);
        copy.Uuid(record.StopId);
        copy.Text(record.OfficerId);
        copy.Text(record.UnitCode);
        copy.Text(record.DeviceId);
        copy.Text(record.FeedId);
        copy.Text(record.Plate);
        copy.Text(record.PlateType);
        copy.Uuid(row.DriverKey);
        copy.Text(record.DriverIdNumber);
        copy.Text(record.DriverName);
        copy.Text(record.DriverPhone);
        copy.BigNumber(row.Act);
    }

    // Ten days: so long a camera's record may wait for its review, so far back may lie what it repeats.
    const string StandingForActs = """
        select f.act, f.record_id, f.occurred_at, f.entry, f.family
        from unnest($1::bigint[], $2::text[], $3::timestamptz[], $4::timestamptz[]) as a (act, family, since, until)
        cross join lateral (
            select v.act, v.record_id, v.occurred_at, v.entry, v.family from register.violation v
            where v.act = a.act and v.family = a.family and v.occurred_at between a.since and a.until
              and v.status in ('captured', 'confirmed') and v.received_at >= $5 - interval '10 days'
            order by v.occurred_at, v.record_id limit 8) f
        """;

    /// <summary>Asks, for each of these acts, for the records of the family that stand for it already.</summary>
    public static void FindActs(
        RoundTrip trip, IReadOnlyList<(long Act, string Family, DateTime Since, DateTime Until)> acts, DateTime receivedAt, Action<ActRecord> found) =>
        trip.Add(StandingForActs, row => found(OfAct(row)),
            new() { Value = acts.Select(one => one.Act).ToArray() }, new() { Value = acts.Select(one => one.Family).ToArray() },
            new() { Value = acts.Select(one => one.Since).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz },
            new() { Value = acts.Select(one => one.Until).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz },
            new() { Value = receivedAt });

    const string ConfirmedOfActs = """
        select v.act, v.record_id, v.occurred_at, v.entry, v.family from register.violation v where v.act = any($1) and v.status = 'confirmed'
        """;

    /// <summary>Holds acts until the transaction ends, and asks what is confirmed of each.</summary>
    public static async Task HoldActs(NpgsqlConnection connection, long[] acts, Action<ActRecord> confirmed, CancellationToken cancel)
    {
        if (acts.Length == 0)
            return;
        var trip = new RoundTrip(connection);
        LockActs(trip, acts);
        trip.Add(ConfirmedOfActs, row => confirmed(OfAct(row)), new NpgsqlParameter { Value = acts });
        await trip.Send(cancel);
    }

    static ActRecord OfAct(NpgsqlDataReader row) => new(row.GetInt64(0), row.GetGuid(1), row.GetDateTime(2), row.GetString(3), row.GetString(4));

    // One statement for all. It sees the table as it was when it began: what it keeps is what stood before.
    const string ChangeStandings = """
        with changed as (
            update register.violation v
            set revision = c.revision, began_position = $1, status = c.status, entry = c.entry, family = c.family, vehicle_class = c.vehicle_class,
                items = c.items, reason = c.reason, changed_by = c.changed_by, points = c.points, fine_min = c.fine_min, fine_max = c.fine_max,
                criminal_referral = c.criminal_referral, law_edition = c.law_edition, catalogue_version = c.catalogue_version, trace = c.trace,
                overlays = c.overlays
            from unnest($2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) as c (
                record_id, received_at, revision, status, entry, family, vehicle_class, items, reason, changed_by, points, fine_min, fine_max,
                criminal_referral, law_edition, catalogue_version, trace, overlays)
            where v.record_id = c.record_id and v.received_at = c.received_at and v.revision = c.revision - 1
            returning v.record_id, v.received_at)
        insert into register.former_standing (
            record_id, revision, began_position, ended_position, status, entry, family, division, day, shift_date, shift, source,
            vehicle_class, origin, items, overlays, reason, changed_by, points, fine_min, fine_max, criminal_referral, law_edition,
            catalogue_version, trace, unit_code, occurred_at)
        select v.record_id, v.revision, v.began_position, $1, v.status, v.entry, v.family, v.division, v.day, v.shift_date, v.shift, v.source,
            v.vehicle_class, v.origin, v.items, v.overlays, v.reason, v.changed_by, v.points, v.fine_min, v.fine_max, v.criminal_referral,
            v.law_edition, v.catalogue_version, v.trace, v.unit_code, v.occurred_at
        from changed join register.violation v using (record_id, received_at)
        """;

    /// <summary>
    /// Begins a new revision of each record and keeps the one before. Where one of them no longer stands as it was read, sending the
    /// trip throws <see cref="ChangedMeanwhileException"/>, and nothing of the transaction may stay.
    /// </summary>
    /// <param name="trip">Takes the statement.</param>
    /// <param name="position">The register's log row that tells of them.</param>
    /// <param name="rows">In the order of their ids.</param>
    public static void Change(RoundTrip trip, long position, IReadOnlyList<ChangedRow> rows)
    {
        if (rows.Count == 0)
            return;
        trip.AddWrite(ChangeStandings, rows.Count, () => new ChangedMeanwhileException(),
            new() { Value = position }, Of(row => row.RecordId), Of(row => row.ReceivedAt, NpgsqlDbType.TimestampTz),
            Of(row => row.Standing.Revision), Of(row => row.Standing.Status.Word()), Of(row => row.Standing.Entry),
            Of(row => row.Standing.Family), Of(row => row.Standing.VehicleClass), Of(row => row.Standing.Items), Of(row => row.Standing.Reason),
            Of(row => row.Standing.ChangedBy), Of(row => row.Standing.Points), Of(row => row.Standing.FineMin), Of(row => row.Standing.FineMax),
            Of(row => row.Standing.CriminalReferral), Of(row => row.Standing.LawEdition), Of(row => row.Standing.CatalogueVersion),
            Of(row => row.Standing.Trace), Of(row => row.Standing.Overlays));

        NpgsqlParameter Of<T>(Func<ChangedRow, T> value, NpgsqlDbType? type = null)
        {
            var parameter = new NpgsqlParameter { Value = rows.Select(value).ToArray() };
            if (type is { } element)
                parameter.NpgsqlDbType = NpgsqlDbType.Array | element;
            return parameter;
        }
    }

    internal const string Columns = """
        v.record_id, v.received_at, v.revision, v.status, v.entry, v.family, v.division, v.day, v.shift_date, v.shift, v.source,
        v.vehicle_class, v.origin, v.items, v.reason, v.changed_by, v.points, v.fine_min, v.fine_max, v.criminal_referral,
        v.law_edition, v.catalogue_version, v.trace, v.occurred_at, v.driver_key, v.driver_id_number, v.plate,
        v.overlays, v.began_position, v.unit_code, v.road_kind, v.act
        """;

    const string DriversOfRecords = """
        select distinct v.driver_key from register.violation v where v.record_id = any($1) and v.driver_key is not null
        """;

    /// <summary>The drivers of these records. A record's driver never changes.</summary>
    public static async Task<List<Guid>> Drivers(NpgsqlConnection connection, Guid[] recordIds, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(DriversOfRecords, connection) { Parameters = { new() { Value = recordIds } } };
        await using var row = await command.ExecuteReaderAsync(cancel);
        var drivers = new List<Guid>();
        while (await row.ReadAsync(cancel))
            drivers.Add(row.GetGuid(0));
        return drivers;
    }

    // One statement, so that all of them are locked in the order of their ids.
    const string LockById = $"""
        select {Columns} from register.violation v
        where v.record_id = any($1) or (v.driver_key = any($2) and (v.points > 0 or v.family in ('drink-driving', 'fatigue')))
        order by v.record_id for update
        """;

    /// <summary>These records, and all that may weigh of what these drivers did, held until the transaction ends.</summary>
    public static Task<List<StoredRow>> Lock(
        NpgsqlConnection connection, Guid[] recordIds, IReadOnlyCollection<Guid> driverKeys, CancellationToken cancel) =>
        Read(connection, LockById, [new() { Value = recordIds }, new() { Value = driverKeys.ToArray() }], cancel);

    const string DrinkOfDrivers = $"""
        select {Columns} from register.violation v
        where v.driver_key = any($1) and v.family = 'drink-driving'
        order by v.record_id for update
        """;

    /// <summary>Asks for what the drivers already have for drink-driving, whatever became of it, held until the transaction ends.</summary>
    public static void DrinkDriving(RoundTrip trip, Guid[] driverKeys, List<StoredRow> found) =>
        trip.Add(DrinkOfDrivers, row => found.Add(Stored(row)), new NpgsqlParameter { Value = driverKeys });

    /// <summary>So few locks are shared by all drivers (acts, activities): a large batch must not fill the server's table of locks.</summary>
    const int LockBuckets = 512;

    const int DriverLocks = 0x6472_6976;

    internal const int ActLocks = 0x6163_7473;

    const int ActivityLocks = 0x6163_7469;

    const string LockKeys = "select pg_advisory_xact_lock($1, k) from (select unnest($2::int[]) as k order by 1) keys";

    /// <summary>One transaction at a time decides about a driver. Taken once in a transaction, in key order.</summary>
    public static void LockDrivers(RoundTrip trip, IEnumerable<Guid> driverKeys) =>
        Lock(trip, DriverLocks, driverKeys.Select(key => BitConverter.ToInt64(key.ToByteArray())));

    /// <summary>One transaction at a time stores what tells of an act, or confirms it. Taken after the drivers.</summary>
    public static void LockActs(RoundTrip trip, IEnumerable<long> acts) => Lock(trip, ActLocks, acts);

    /// <summary>One transaction at a time registers revisions of an activity.</summary>
    public static Task LockActivities(NpgsqlConnection connection, IEnumerable<Guid> ids, CancellationToken cancel)
    {
        var trip = new RoundTrip(connection);
        Lock(trip, ActivityLocks, ids.Select(id => (long)BitConverter.ToInt32(id.ToByteArray(), 12)));
        return trip.Send(cancel);
    }

    /// <inheritdoc cref="LockDrivers(RoundTrip, IEnumerable{Guid})"/>
    public static Task LockDrivers(NpgsqlConnection connection, IEnumerable<Guid> driverKeys, CancellationToken cancel)
    {
        var trip = new RoundTrip(connection);
        LockDrivers(trip, driverKeys);
        return trip.Send(cancel);
    }

    static void Lock(RoundTrip trip, int locks, IEnumerable<long> keys) =>
        trip.Add(LockKeys, _ => { }, new() { Value = locks }, new() { Value = keys.Select(key => (int)(key & (LockBuckets - 1))).Distinct().Order().ToArray() });

    static readonly string WeighingAround = $"""
        select distinct on (v.record_id) v.*
        from unnest($1::uuid[], $2::timestamptz[]) as moment (driver, at)
        cross join lateral (
            (select {Columns} from register.violation v
             where v.driver_key = moment.driver and (v.points > 0 or v.family in ('drink-driving', 'fatigue'))
               and v.status = 'confirmed' and v.entry not in ('undecided', 'no-law')
               and v.occurred_at < moment.at and v.occurred_at >= moment.at - make_interval(months => $3)
             order by v.occurred_at desc, v.record_id desc limit {DriverPast.Enough})
            union all
            (select {Columns} from register.violation v
             where v.driver_key = moment.driver and (v.points > 0 or v.family in ('drink-driving', 'fatigue'))
               and v.occurred_at >= moment.at and v.occurred_at <= moment.at + make_interval(months => $3)
             order by v.occurred_at, v.record_id limit {DriverPast.Enough})) v
        """;

    /// <summary>Asks for what drivers did around these moments that may weigh. The caller holds the drivers.</summary>
    public static void Weighing(
        RoundTrip trip, IReadOnlyList<(Guid Driver, DateTimeOffset At)> moments, int months, List<StoredRow> found) =>
        trip.Add(WeighingAround, row => found.Add(Stored(row)),
            new() { Value = moments.Select(one => one.Driver).ToArray() },
            new() { Value = moments.Select(one => one.At.UtcDateTime).ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.TimestampTz },
            new() { Value = months });

    /// <param name="sql">Selects <see cref="Columns"/>.</param>
    internal static async Task<List<StoredRow>> Read(
        NpgsqlConnection connection, string sql, NpgsqlParameter[] parameters, CancellationToken cancel)
    {
#pragma warning disable CA2100 // constants
        await using var command = new NpgsqlCommand(sql, connection);
#pragma warning restore CA2100
        command.Parameters.AddRange(parameters);
        await using var row = await command.ExecuteReaderAsync(cancel);
        var rows = new List<StoredRow>();
        while (await row.ReadAsync(cancel))
            rows.Add(Stored(row));
        return rows;
    }

    /// <summary>A row of <see cref="Columns"/>.</summary>
    static StoredRow Stored(NpgsqlDataReader row) =>
        new StoredRow(row.GetGuid(0), row.GetDateTime(1), new Standing
        {
            Revision = row.GetInt32(2), Status = EnumWord.Parse<StandingStatus>(row.GetString(3))!.Value, Entry = row.GetString(4),
            Family = row.GetString(5), Division = row.GetString(6), Day = row.GetFieldValue<DateOnly>(7),
            ShiftDate = row.GetFieldValue<DateOnly>(8), Shift = EnumWord.Parse<Shift>(row.GetString(9))!.Value,
            Source = EnumWord.Parse<RecordSource>(row.GetString(10))!.Value, VehicleClass = row.GetString(11), Origin = Text(row, 12),
            Items = row.GetString(13), Reason = Text(row, 14), ChangedBy = Text(row, 15), Points = Number(row, 16),
            FineMin = Number(row, 17), FineMax = Number(row, 18), CriminalReferral = row.GetBoolean(19), LawEdition = Text(row, 20),
            CatalogueVersion = row.GetString(21), Trace = row.GetString(22), Overlays = row.GetString(27), UnitCode = Text(row, 29),
        }, row.GetDateTime(23), row.IsDBNull(24) ? null : row.GetGuid(24), Text(row, 25), Text(row, 26), row.GetInt64(28),
            Text(row, 30) is { } road ? EnumWord.Parse<RoadKind>(road) : null, row.IsDBNull(31) ? null : row.GetInt64(31));

    /// <summary>A row of <c>former_standing</c>, from its status in column 1 on.</summary>
    internal static Standing Former(NpgsqlDataReader row) => new()
    {
        Status = EnumWord.Parse<StandingStatus>(row.GetString(1))!.Value, Entry = row.GetString(2), Family = row.GetString(3),
        Division = row.GetString(4), Day = row.GetFieldValue<DateOnly>(5), ShiftDate = row.GetFieldValue<DateOnly>(6),
        Shift = EnumWord.Parse<Shift>(row.GetString(7))!.Value, Source = EnumWord.Parse<RecordSource>(row.GetString(8))!.Value,
        VehicleClass = row.GetString(9), Origin = Text(row, 10), Items = row.GetString(11), Reason = Text(row, 12), Points = Number(row, 13),
        FineMin = Number(row, 14), FineMax = Number(row, 15), CriminalReferral = row.GetBoolean(16), LawEdition = Text(row, 17),
        CatalogueVersion = row.GetString(18), Trace = row.GetString(19), Revision = row.GetInt32(20), Overlays = row.GetString(21), UnitCode = Text(row, 22),
    };

    internal static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    static int? Number(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt32(column);

    static readonly JsonWriterOptions WriterOptions = new() { SkipValidation = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Moves the counts and tells: the last statements of a batch, since they take what others wait for.</summary>
    /// <param name="batch">Whose log row tells.</param>
    /// <param name="trip">Sent here, with the statements it has already before these; where nothing changed, it must be empty.</param>
    /// <param name="changes">Each record with what stood before (null: it is new) and what stands now.</param>
    /// <param name="cancel">Cancels.</param>
    public async Task CountAndTell(
        LogBatch batch, RoundTrip trip, IEnumerable<(Guid RecordId, Standing? Former, Standing Now, DateTime? ReceivedAt)> changes, CancellationToken cancel)
    {
        var moves = new CellMoves(cubes);
        var told = new List<StandingChanged>();
        using var body = new PooledBuffer();
        using var json = new Utf8JsonWriter(body, WriterOptions);
        foreach (var (recordId, former, now, receivedAt) in changes)
        {
            if (former is not null)
                moves.Add(former, -1);
            moves.Add(now, +1);
            var change = now.Told(recordId, former, receivedAt);
            told.Add(change);
            JsonSerializer.Serialize(json, change, TrafficJson.Default.StandingChanged);
            json.Flush();
            body.Write("\n"u8);
            json.Reset();
        }
        if (told.Count == 0)
            return;
        moves.Move(trip);
        await batch.Append("register", told.Count, body.WrittenMemory, told.ToArray(), cancel, trip);
    }
}

/// <summary>Somebody decided about a record after it was read: a fault of the moment.</summary>
sealed class ChangedMeanwhileException() : IOException("A record was decided about after it was read.");

/// <summary>A record as it stands in the register.</summary>
sealed record StoredRow(
    Guid RecordId, DateTime ReceivedAt, Standing Standing, DateTime OccurredAt, Guid? DriverKey, string? DriverIdNumber, string? Plate,
    long BeganPosition, RoadKind? RoadKind, long? Act);
