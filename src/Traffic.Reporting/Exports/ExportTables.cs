using System.Text;
using Traffic.Platform;
using Traffic.Reporting.Editions;

namespace Traffic.Reporting.Exports;

/// <summary>Makes the table of a report: the very answer that the API gives, as rows.</summary>
sealed class ExportTables(Words words)
{
    /// <exception cref="ArgumentOutOfRangeException">No such answer is exported.</exception>
    public ExportTable Of(object report, string language)
    {
        return report switch
        {
            OffenceReport one => Make("offences", $"{Filter(one.Records)}&groupBy={string.Join(',', one.GroupBy)}", one.AsOf, null, [.. one.GroupBy, "title", "count"],
                [.. one.Rows.Select(row => Row([.. one.GroupBy.Select(dimension => row.Keys[dimension]), In(row.Title), row.Count]))]),
            RecordList one => Make("records", one.Filter, one.AsOf, null,
                [
                    "occurredAt", "recordId", "revision", "status", "entry", "title", "division", "divisionTitle", "day", "shiftDate", "shift", "source",
                    "vehicleClass", "origin", "value",
                ],
                [
                    .. one.Records.Select(row => Row(
                    [
                        row.OccurredAt, row.RecordId.ToString(), row.Revision, row.Status, row.Entry, In(row.Title), row.Division, In(row.DivisionTitle), row.Day,
                        row.ShiftDate, row.Shift, row.Source, row.VehicleClass, row.Origin, row.Value,
                    ])),
                ]),
            TargetReport one => Make("targets", one.Filter, one.AsOf, null,
                ["division", "line", "slogan", "title", "direction", "value", "unit", "baseline", "baselineFrom", "baselineTo", "changePercent", "status", "reason", "version"],
                [.. Lines(one.Division, one.Lines), .. (one.Divisions ?? []).SelectMany(part => Lines(part.Division, part.Lines))]),
            EditionModel one => Make("edition", $"edition={one.Edition}&division={one.Division}&from={Day(one.From)}&to={Day(one.To)}", one.AsOf, one.Root,
                ["division", "divisionTitle", "dimension", "key", "title", "now", "before", "yearBefore", "onPeriodPercent", "onYearPercent"],
                [.. one.Figures.Divisions.SelectMany(division => Rows(one, division))]),
            _ => throw new ArgumentOutOfRangeException(nameof(report), report.GetType().Name, "No such answer is exported."),
        };

        ExportTable Make(
            string name, string filter, long asOf, string? root, IReadOnlyList<string> columns, IReadOnlyList<IReadOnlyList<object?>> rows) => new(
            name, words.Get($"reporting.export.{name}", language),
            [("report", name), ("filter", filter), ("asOf", ExportTable.Text(asOf)), ("rows", ExportTable.Text(rows.Count)), (root is null ? "rootOfRows" : "root", root ?? RootOf(rows))],
            columns, rows);

        string In(Title title) => language == "en" ? title.En : title.Zh;

        IEnumerable<IReadOnlyList<object?>> Lines(string division, IEnumerable<TargetLine> lines) => lines.Select(line => Row(
        [
            division, line.Id, line.Slogan, In(line.Title), line.Direction, line.Value, line.Unit, line.Baseline, line.BaselineFrom, line.BaselineTo,
            line.ChangePercent, line.Status.Word(), line.Reason is null ? null : In(line.Reason), line.Version,
        ]));

        IEnumerable<IReadOnlyList<object?>> Rows(EditionModel edition, DivisionFigures division)
        {
            var place = In(edition.Definitions.Names["division"][division.Division]);
            yield return Line("confirmed", "confirmed", division.Confirmed);
            foreach (var (dimension, rows) in new[]
            {
                ("status", division.Statuses), ("family", division.Families), ("item", division.Items), ("vehicleClass", division.VehicleClasses),
                ("shift", division.Shifts), ("source", division.Sources),
            })
                foreach (var row in rows)
                    yield return Line(dimension, row.Key, row.Count);
            yield return Line("points", "12", division.TwelvePoints.Count);
            yield return Line("criminal", "true", division.CriminalReferrals.Count);

            IReadOnlyList<object?> Line(string dimension, string key, Compared count) => Row(
            [
                division.Division, place, dimension, key,
                edition.Definitions.Names.GetValueOrDefault(dimension)?.GetValueOrDefault(key) is { } title ? In(title) : key,
                count.Now, count.Before, count.YearBefore, count.OnPeriodPercent, count.OnYearPercent,
            ]);
        }
    }

    static object?[] Row(object?[] values) => values;

    static string Day(DateOnly day) => ExportTable.Text(day);

    static string Filter(string link) => link[(link.IndexOf('?', StringComparison.Ordinal) + 1)..];

    /// <summary>Root over the rows of this file: a leaf is a row's values, as text, joined by <c>|</c>.</summary>
    static string RootOf(IEnumerable<IReadOnlyList<object?>> rows)
    {
        var (hashes, hash) = (new MemoryStream(), new byte[MerkleTree.HashBytes]);
        foreach (var row in rows)
        {
            MerkleTree.Leaf(Encoding.UTF8.GetBytes(string.Join('|', row.Select(ExportTable.Text))), hash);
            hashes.Write(hash);
        }
        return Convert.ToHexStringLower(MerkleTree.Root(hashes.ToArray()));
    }
}
