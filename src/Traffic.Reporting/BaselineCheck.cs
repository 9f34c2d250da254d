using Npgsql;
using Traffic.Platform;

namespace Traffic.Reporting;

/// <summary>A day of a frozen baseline whose counts are not those that the register had at the baseline's sequence.</summary>
/// <param name="Part">Campaign, line, version, and which side of a rate, e.g. <c>summer-2022 drop.deaths@1 numerator</c>.</param>
/// <param name="Stored">As frozen; 0 where the day was left out.</param>
/// <param name="Recounted">From the standings of then; likewise.</param>
public sealed record WrongBaselineDay(string Part, DateOnly Day, string Division, long Stored, long Recounted);

/// <summary>Holds frozen baselines to the records they were counted from. Reads only.</summary>
public static class BaselineCheck
{
    /// <returns>Every day that differs, and how many were compared.</returns>
    public static async Task<(IReadOnlyList<WrongBaselineDay> Wrong, long Compared)> Run(NpgsqlDataSource database, SchemaFiles schemas, CancellationToken cancel)
    {
        var cubes = Cubes.Load(schemas);
        var store = new BaselineStore(database, new ReportStore(database, cubes, TimeProvider.System), cubes, new Divisions(schemas), TimeProvider.System);
        var (differences, compared) = await store.Recount(CampaignReader.ReadAll(schemas), cancel);
        return ([.. differences.SelectMany(one => Sides(one).Where(side => side.Stored != side.Recounted).Select(side => new WrongBaselineDay(
            $"{one.Campaign} {one.Line} {side.Name}", one.Day, one.Division, side.Stored ?? 0, side.Recounted ?? 0)))], compared);
    }

    static IEnumerable<(string Name, long? Stored, long? Recounted)> Sides(BaselineDifference one) =>
        [("numerator", one.Stored.Numerator, one.Recounted.Numerator), ("denominator", one.Stored.Denominator, one.Recounted.Denominator)];
}
