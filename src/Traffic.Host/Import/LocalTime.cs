using System.Globalization;

namespace Traffic.Host.Import;

/// <summary>
/// When a row happened: columns joined by a blank, read by one of the forms, local in the map's zone. A local time that the
/// clocks skipped is refused; one that they showed twice is the one the map says.
/// </summary>
sealed class LocalTime
{
    readonly int[] columns;
    readonly string[] names, forms;
    readonly string overlap, member;
    readonly TimeZoneInfo zone;

    /// <param name="member">The member it gives; by default when the row happened.</param>
    public LocalTime(MapNode rule, TimeZoneInfo zone, Func<string, int> column, string member = Happened)
    {
        rule.NamesItsSource();
        (this.zone, this.member) = (zone, member);
        names = [.. rule.Texts("columns")];
        columns = [.. names.Select(column)];
        forms = [.. rule.Texts("forms")];
        foreach (var form in forms)
            if (!form.Contains('y', StringComparison.Ordinal) || !form.Contains('d', StringComparison.Ordinal))
                throw rule.Get("forms").Refused($"the form '{form}' names no day");
        overlap = rule.Word("overlap", "first", "second", "refused");
        rule.RefuseOthers();
    }

    const string Happened = "occurredAt";

    /// <summary>True where the row has nothing in any of its columns.</summary>
    public bool IsAbsent(Reading row) => Array.TrueForAll(columns, column => row[column] is null);

    /// <summary>The instant with its offset; null where there is a fault.</summary>
    public DateTimeOffset? Read(Reading row)
    {
        row.Member = member;
        var parts = columns.Select(column => row[column]).ToList();
        if (parts.Contains(null))
            row.Fault("import.missing", names[parts.IndexOf(null)]);
        else if (!DateTime.TryParseExact(string.Join(' ', parts), forms, CultureInfo.InvariantCulture, DateTimeStyles.None, out var local))
            row.Fault("import.time", string.Join(" + ", names), forms[0]);
        else
        {
            if (member == Happened)
                row.Local = local;
            return At(row, local);
        }
        return null;
    }

    DateTimeOffset? At(Reading row, DateTime local)
    {
        if (zone.IsInvalidTime(local))
        {
            row.Fault("import.time.skipped", zone.Id);
            return null;
        }
        if (!zone.IsAmbiguousTime(local))
            return new DateTimeOffset(local, zone.GetUtcOffset(local));
        if (overlap == "refused")
        {
            row.Fault("import.time.twice", zone.Id);
            return null;
        }
        // The clocks go back: the first showing has the greater offset.
        var offsets = zone.GetAmbiguousTimeOffsets(local);
        return new DateTimeOffset(local, overlap == "first" ? offsets.Max() : offsets.Min());
    }
}
