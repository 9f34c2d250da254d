using System.Globalization;

namespace Traffic.WebConsole;

/// <summary>What the catalogue's values say to a person.</summary>
static class CatalogueText
{
    /// <summary>Each step of a fine, with the bound up to which (included) it holds.</summary>
    public static string Fines(Reader reader, IReadOnlyList<FineAnswer> fines) => fines.Count == 0
        ? reader.T("console.catalogue.noFine")
        : string.Join(reader.English ? "; " : "；", fines.Select(fine => (fine.UpTo is { } upTo ? reader.T("console.catalogue.upTo", Reader.Number(upTo)) + " " : "") + Amount(reader, fine)));

    static string Amount(Reader reader, FineAnswer fine)
    {
        var money = RecordWords.Fine(reader, fine.Min, fine.Max);
        return fine.Warning && fine.Max is > 0 ? reader.T("console.catalogue.orWarning", money) : money;
    }

    /// <summary>A half-open range of what is measured.</summary>
    public static string Tier(Reader reader, TierAnswer tier, MeasureAnswer? measure)
    {
        var unit = measure is null ? "" : measure.Unit == "%" ? " %" : $" {reader.Word("console.unit", measure.Unit)}";
        var from = tier.From is { } included ? reader.T("console.catalogue.from", Reader.Number(included) + unit)
            : tier.Above is { } above ? reader.T("console.catalogue.above", Reader.Number(above) + unit) : "";
        var under = tier.Under is { } end ? reader.T("console.catalogue.under", Reader.Number(end) + unit) : "";
        return string.Join(reader.English ? ", " : "，", new[] { from, under }.Where(one => one.Length > 0));
    }

    public static string Measure(Reader reader, MeasureAnswer measure) => measure.Over is null
        ? reader.Word("console.quantity", measure.Of)
        : reader.T("console.catalogue.over", reader.Word("console.measured", measure.Of), reader.Word("console.measured", measure.Over));

    /// <summary>Before and after; one number where they are the same.</summary>
    public static string Change(long before, long after) => before == after
        ? Reader.Number(before) : string.Create(CultureInfo.InvariantCulture, $"{Reader.Number(before)} → {Reader.Number(after)}");

    public static string State(Reader reader, VersionRowAnswer version) => version.State == "done"
        ? reader.T("console.version.done") : reader.T("console.version.reDeciding", Reader.Number(version.Looked), Reader.Number(version.Records));

    public static string Day(Reader reader, DateOnly? day) => day is not { } first ? reader.T("console.version.noDay")
        : first == DateOnly.MinValue ? reader.T("console.version.always") : Reader.Day(first);
}
