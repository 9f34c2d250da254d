using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Intake;

/// <summary>Sent again in other digits a record is still the same: its numbers are kept as <see cref="PlainNumber"/> has them.</summary>
static class PlainNumbers
{
    /// <returns>The same instance where nothing has to change.</returns>
    public static ReportedViolation Of(ReportedViolation record) =>
        PlainNumber.Is(record.RoadKm) && PlainNumber.Is(record.Latitude) && PlainNumber.Is(record.Longitude) && ArePlain(record.Measurements) ? record : record with
        {
            RoadKm = Of(record.RoadKm), Latitude = Of(record.Latitude), Longitude = Of(record.Longitude),
            Measurements = record.Measurements is { } measured ? [.. measured.Select(one => one with { Value = PlainNumber.Of(one.Value) })] : null,
        };

    /// <inheritdoc cref="Of(ReportedViolation)"/>
    public static ReportedActivity Of(ReportedActivity report) => report switch
    {
        { Crash: { } crash } when !(PlainNumber.Is(crash.RoadKm) && PlainNumber.Is(crash.Latitude) && PlainNumber.Is(crash.Longitude)) => report with
        {
            Crash = crash with { RoadKm = Of(crash.RoadKm), Latitude = Of(crash.Latitude), Longitude = Of(crash.Longitude) },
        },
        { Point: { } point } when !(PlainNumber.Is(point.Latitude) && PlainNumber.Is(point.Longitude)) => report with
        {
            Point = point with { Latitude = Of(point.Latitude), Longitude = Of(point.Longitude) },
        },
        { Visit: { } visit } when !(PlainNumber.Is(visit.Latitude) && PlainNumber.Is(visit.Longitude)) => report with
        {
            Visit = visit with { Latitude = Of(visit.Latitude), Longitude = Of(visit.Longitude) },
        },
        _ => report,
    };

    static decimal? Of(decimal? value) => value is { } number ? PlainNumber.Of(number) : null;

    static bool ArePlain(IReadOnlyList<Measurement>? measured)
    {
        for (var i = 0; i < measured?.Count; i++)
            if (!PlainNumber.Is(measured[i].Value))
                return false;
        return true;
    }
}
