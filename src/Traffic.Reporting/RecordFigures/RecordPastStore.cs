using Dapper;
using Traffic.Reporting.RecordFigures;

namespace Traffic.Reporting;

sealed partial class Snapshot
{
    const string StoodViolations = """
        select revision, status, entry, family, division, day, shift_date, shift, source, vehicle_class, origin, items, points, criminal_referral, overlays,
               began_sequence, ended_sequence
        from register.published_counted_at where record_id = @id
        order by revision
        """;

    const string StoodActivities = """
        select revision, kind, status, division, origin, began_sequence, ended_sequence
        from register.published_activity_at where activity_id = @id
        order by revision
        """;

    const string StoodShares = """
        select revision, cube, day, division, keys, value from register.published_activity_count where activity_id = @id
        """;

    /// <summary>A violation with all its standings; null where the register has none of this id.</summary>
    public async Task<RecordPast?> PastOfViolation(Guid id)
    {
        var stood = (await connection.QueryAsync<StoodViolation>(Command(StoodViolations, new { id }))).ToList();
        return stood.Count == 0 ? null : new RecordPast(id, await connection.QuerySingleAsync<DateTime>(
            Command("select received_at from register.published_standing where record_id = @id", new { id })), stood, []);
    }

    /// <summary>A crash, danger, … with all its revisions; null where the register has none of this id and kind.</summary>
    public async Task<RecordPast?> PastOfActivity(Guid id, string kind)
    {
        var shares = (await connection.QueryAsync<StoodShare>(Command(StoodShares, new { id }))).ToLookup(share => share.Revision);
        var stood = (await connection.QueryAsync<StoodActivity>(Command(StoodActivities, new { id }))).Where(one => one.Kind == kind)
            .Select(one => one with { Shares = [.. shares[one.Revision]] }).ToList();
        return stood.Count == 0 ? null : new RecordPast(id, default, [], stood);
    }
}
