using Traffic.Reporting.Units;

namespace Traffic.Reporting;

sealed partial class Snapshot
{
    /// <summary>The units by which this moment is read.</summary>
    /// <param name="version">Null takes the newest there was; null is the answer where there is no such version.</param>
    public Task<UnitTree?> Units(UnitStore units, int? version) => units.Tree(connection, transaction, version, asOf, cancel);
}
