using Npgsql;
using Traffic.Platform;

namespace Traffic.Reporting;

/// <summary>A day of a frozen baseline whose counts are not those that the register had at the baseline's sequence.</summary>
/// <param name="Line">Campaign, line and version, e.g. <c>summer-2022 drop.deaths@1</c>.</param>
/// <param name="Numerator">As frozen, likewise the denominator; null where there is none.</param>
/// <param name="NumeratorThen">From the standings of then, likewise the denominator.</param>
public sealed record WrongBaselineDay(
    string Line, DateOnly Day, string Division, long? Numerator, long? Denominator, long? NumeratorThen, long? DenominatorThen);

/// <summary>Holds frozen baselines to the records they were counted from. Reads only.</summary>
public static class BaselineCheck
{
    /// <returns>Every day that differs, and how many were compared.</returns>
    public static Task<(IReadOnlyList<WrongBaselineDay> Wrong, long Compared)> Run(NpgsqlDataSource database, SchemaFiles schemas, CancellationToken cancel)
    {
        var cubes = Cubes.Load(schemas);
        var store = new BaselineStore(database, new ReportStore(database, cubes, TimeProvider.System), cubes, new Divisions(schemas), TimeProvider.System);
        return store.Recount(CampaignReader.ReadAll(schemas), cancel);
    }
}
