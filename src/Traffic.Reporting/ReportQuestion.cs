using System.Globalization;
using Microsoft.AspNetCore.Http;
using Traffic.Platform;
using Traffic.Reporting.Units;

namespace Traffic.Reporting;

/// <summary>Reads the parameters of a report; notes every fault, not only the first.</summary>
sealed class ReportQuestion(IQueryCollection query, Divisions divisions, Words words, string language)
{
    /// <summary>Reports over more days than these are refused: ten years.</summary>
    const int MaxDays = 3_660;

    /// <summary>More values of one parameter than these are refused.</summary>
    const int MaxValues = 200;

    internal static readonly string[] Statuses = ["captured", "toReview", "held", "confirmed", "rejected", "voided"];

    /// <summary>By which units are asked for.</summary>
    internal static readonly string[] UnitNames = ["unit", "under", "within", "partOf", "unitLevel", "tree"];

    /// <summary>What the campaign's lines leave to whoever asks.</summary>
    public static readonly string[] OfTargets = ["from", "to", "division", "status", "origin", .. UnitNames, "asOf", "campaign", "perDivision", "lang"];

    static readonly string[] Filters =
    [
        "from", "to", "division", "status", "origin", "entry", "family", "shift", "source", "vehicleClass", "overlay", "criminal", "item", "points",
        "days", "each", "below", .. UnitNames, "asOf", "lang",
    ];

    public static readonly string[] OfOffences = [.. Filters, "groupBy"], OfRecords = [.. Filters, "after", "limit"];

    /// <summary>A file has every row there is.</summary>
    public static readonly string[] OfRecordFile = Filters;

    readonly Dictionary<string, string[]> faults = [];

    /// <summary>Faults by parameter, in words; empty if there are none.</summary>
    public IDictionary<string, string[]> Faults => faults;

    /// <summary>The figure asked for; valid only without faults.</summary>
    /// <param name="known">The parameters that are not ignored.</param>
    /// <param name="from">Used where no day is given.</param>
    public Figure Figure(IReadOnlyCollection<string> known, DateOnly? from = null, DateOnly? to = null)
    {
        OnlyKnows(known);
        var first = Day("from") ?? from;
        var last = Day("to") ?? to;
        if (first is null && !faults.ContainsKey("from"))
            Fault("from", "reporting.day.missing");
        if (last is null && !faults.ContainsKey("to"))
            Fault("to", "reporting.day.missing");
        if (first > last)
            Fault("from", "reporting.day.order");
        if (last?.DayNumber - first?.DayNumber >= MaxDays)
            Fault("to", "reporting.day.many", MaxDays);

        var origins = List("origin") ?? ["-"];
        var division = One("division");
        if (division is not null && !origins.Any(origin => divisions.Find(Name(origin), division) is not null))
            Fault("division", "reporting.division");
        var below = Below();
        var statuses = Values("status", Statuses) ?? ["confirmed"];
        var days = One("days");
        if (days is not (null or "calendar" or "shift"))
            Fault("days", "reporting.value", "calendar, shift");
        var each = One("each");
        if (each is not (null or "item" or "overlay"))
            Fault("each", "reporting.value", "item, overlay");
        return new Figure
        {
            From = first ?? default, To = last ?? default, Division = division,
            Divisions = division is null ? null : !below ? [division] : [.. origins.SelectMany(origin => divisions.WithDescendants(division, Name(origin))).Distinct()],
            Below = below, Statuses = statuses, Origins = origins, Entries = List("entry"), Families = List("family"),
            Shifts = List("shift", ["day", "night"]), Sources = List("source", ["roadsideCheck", "nightInspection", "camera"]),
            VehicleClasses = List("vehicleClass"), Overlays = List("overlay"), Items = List("item"), Points = Numbers("points"),
            Criminal = List("criminal", ["true", "false"]) is [var criminal] ? criminal == "true" : null,
            Scope = Units((One("groupBy") ?? "").Split(',').Contains("unit")), Each = each, ByShiftDate = days == "shift" || (days is null && (One("groupBy") ?? "").Split(',').Contains("shift")),
        };
    }

    /// <summary>Notes every parameter that is none of these, or stands twice.</summary>
    public void OnlyKnows(IReadOnlyCollection<string> names)
    {
        foreach (var name in query.Keys.Where(name => !names.Contains(name)))
            Fault(name, "reporting.parameter.unknown", string.Join(", ", names.Order(StringComparer.Ordinal)));
        foreach (var name in query.Keys.Where(name => query[name].Count > 1))
            Fault(name, "reporting.parameter.twice");
    }

    /// <summary>First and last day.</summary>
    /// <param name="from">Used where no first day is given; null requires one.</param>
    public (DateOnly From, DateOnly To) Window(DateOnly? from)
    {
        var (first, last) = (Day("from") ?? from, Day("to"));
        if (first is null && !faults.ContainsKey("from"))
            Fault("from", "reporting.day.missing");
        if (last is null && !faults.ContainsKey("to"))
            Fault("to", "reporting.day.missing");
        if (first > last)
            Fault("from", "reporting.day.order");
        if (first > DateOnly.MinValue && last?.DayNumber - first?.DayNumber >= MaxDays)
            Fault("to", "reporting.day.many", MaxDays);
        return (first ?? default, last ?? default);
    }

    static string? Name(string origin) => origin == "-" ? null : origin;

    /// <summary>One or two dimensions; the families if none is named.</summary>
    public IReadOnlyList<string> GroupBy()
    {
        var asked = (One("groupBy") ?? "family").Split(',');
        if (asked.Length > 2 || asked.Distinct().Count() != asked.Length || asked.Any(dimension => !Snapshot.Dimensions.ContainsKey(dimension)))
            Fault("groupBy", "reporting.groupBy", string.Join(", ", Snapshot.Dimensions.Keys));
        return asked;
    }

    /// <summary>Register sequence asked for; null is now.</summary>
    public long? AsOf()
    {
        if (One("asOf") is not { } text)
            return null;
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var asOf))
            Fault("asOf", "reporting.asOf");
        return asOf;
    }

    /// <summary>Units asked for; null where none are.</summary>
    /// <param name="grouped">True where they are needed though none is named.</param>
    public UnitScope? Units(bool grouped)
    {
        var scope = new UnitScope { Units = List("unit"), Under = List("under"), Within = List("within"), PartOf = List("partOf"), Level = Level(), Tree = Tree() };
        // The whole of what is grouped by units opens by a link that names a version and a level, and no unit.
        if (grouped || scope.NamesUnits || scope.Tree is not null)
            return scope;
        if (scope.Level is not null)
            Fault("unitLevel", "reporting.units.alone");
        return null;
    }

    int? Level()
    {
        if (One("unitLevel") is not { } text)
            return null;
        if (text is [>= '1' and <= '9'])
            return text[0] - '0';
        Fault("unitLevel", "reporting.value", "1, 2, 3, 4, 5, 6, 7, 8, 9");
        return null;
    }

    /// <summary>Version of the units asked for; null is the newest there was.</summary>
    public int? Tree()
    {
        if (One("tree") is not { } text)
            return null;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version))
            Fault("tree", "reporting.units.version");
        return version;
    }

    /// <summary>False where a division is asked for without those below it.</summary>
    public bool Below()
    {
        if (One("below") is not (null or "true" or "false"))
            Fault("below", "reporting.value", "true, false");
        return One("below") != "false";
    }

    /// <summary>True where each part of the division is asked for beside the whole.</summary>
    public bool PerDivision()
    {
        if (One("perDivision") is not (null or "true" or "false"))
            Fault("perDivision", "reporting.value", "true, false");
        return One("perDivision") == "true";
    }

    /// <summary>A day of an earlier year, or of this one, is refused: it can be compared with no other.</summary>
    const int FirstYear = 1990, YearAfter = 2200;

    /// <summary>Likewise as microseconds of 1970; the ends of a calendar are no instants for the database.</summary>
    static readonly long Earliest = Microseconds(FirstYear), Latest = Microseconds(YearAfter);

    static long Microseconds(int year) => (new DateTime(year, 1, 1) - DateTime.UnixEpoch).Ticks / TimeSpan.TicksPerMicrosecond;

    /// <summary>Where a page of records begins: after the record that ended the one before.</summary>
    public (DateTimeOffset? At, Guid? Id) After()
    {
        if (One("after") is not { } text)
            return default;
        var parts = text.Split('_');
        if (parts.Length == 2 && long.TryParse(parts[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var microseconds)
            && microseconds >= Earliest && microseconds < Latest && Guid.TryParseExact(parts[1], "N", out var id))
            return (DateTimeOffset.UnixEpoch.AddMicroseconds(microseconds), id);
        Fault("after", "reporting.after");
        return default;
    }

    public static string After(StoredRecord record) =>
        string.Create(CultureInfo.InvariantCulture, $"{(record.OccurredAt - DateTime.UnixEpoch).Ticks / 10}_{record.RecordId:N}");

    public int Limit()
    {
        var limit = 100;
        if (One("limit") is { } text && (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit is < 1 or > 500))
            Fault("limit", "reporting.limit");
        return limit;
    }

    public string? One(string name) => query[name].FirstOrDefault() is { Length: > 0 } value ? value : null;

    public void Fault(string name, string word, params object[] values) => faults[name] = [words.Get(word, language, values)];

    public string[]? List(string name, string[]? known = null)
    {
        if (One(name)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is not { } values)
            return null;
        if (values.Length > MaxValues)
            Fault(name, "reporting.value.many", MaxValues);
        else if (values.Length == 0 && known is null)
            Fault(name, "reporting.value.none");
        else if (values.Length == 0 || (known is not null && values.Any(value => !known.Contains(value))))
            Fault(name, "reporting.value", string.Join(", ", known ?? []));
        return values;
    }

    /// <summary>Likewise; of statuses <c>all</c> stands for each of them.</summary>
    public string[]? Values(string name, string[]? known) => name == "status" && One(name) == "all" ? known : List(name, known);

    int[]? Numbers(string name)
    {
        var numbers = List(name)?.Select(text => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : -1).ToArray();
        if (numbers?.Contains(-1) == true)
            Fault(name, "reporting.value", "0, 1, 3, 6, 9, 12");
        return numbers;
    }

    /// <summary>False of a day no report can be asked for.</summary>
    public static bool IsAsked(DateOnly day) => day.Year is >= FirstYear and < YearAfter;

    internal DateOnly? Day(string name)
    {
        if (One(name) is not { } text)
            return null;
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, default, out var day) && IsAsked(day))
            return day;
        Fault(name, "reporting.day");
        return null;
    }
}
