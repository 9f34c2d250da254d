using Traffic.Contracts;

namespace Traffic.Intake;

/// <summary>96, 96.0 and 96.00 are one value: sent again in other digits a record is still the same. Numbers without noughts at their end.</summary>
static class PlainNumbers
{
    /// <summary>Divided by this a number keeps its value and loses the noughts.</summary>
    const decimal One = 1.0000000000000000000000000000m;

    /// <returns>The same instance where nothing has to change.</returns>
    public static ReportedViolation Of(ReportedViolation record) =>
        IsPlain(record.RoadKm) && IsPlain(record.Latitude) && IsPlain(record.Longitude) && ArePlain(record.Measurements) ? record : record with
        {
            RoadKm = Of(record.RoadKm), Latitude = Of(record.Latitude), Longitude = Of(record.Longitude),
            Measurements = record.Measurements is { } measured ? [.. measured.Select(one => one with { Value = one.Value / One })] : null,
        };

    /// <inheritdoc cref="Of(ReportedViolation)"/>
    public static ReportedActivity Of(ReportedActivity report) => report switch
    {
        { Crash: { } crash } when !(IsPlain(crash.RoadKm) && IsPlain(crash.Latitude) && IsPlain(crash.Longitude)) => report with
        {
            Crash = crash with { RoadKm = Of(crash.RoadKm), Latitude = Of(crash.Latitude), Longitude = Of(crash.Longitude) },
        },
        { Point: { } point } when !(IsPlain(point.Latitude) && IsPlain(point.Longitude)) => report with
        {
            Point = point with { Latitude = Of(point.Latitude), Longitude = Of(point.Longitude) },
        },
        { Visit: { } visit } when !(IsPlain(visit.Latitude) && IsPlain(visit.Longitude)) => report with
        {
            Visit = visit with { Latitude = Of(visit.Latitude), Longitude = Of(visit.Longitude) },
        },
        _ => report,
    };

    static decimal? Of(decimal? value) => value / One;

    static bool IsPlain(decimal? value) => value is not { Scale: > 0 } number || (number / One).Scale == number.Scale;

    static bool ArePlain(IReadOnlyList<Measurement>? measured)
    {
        for (var i = 0; i < measured?.Count; i++)
            if (!IsPlain(measured[i].Value))
                return false;
        return true;
    }
}
