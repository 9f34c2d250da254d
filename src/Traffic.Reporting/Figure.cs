using System.Globalization;
using System.Text;
using Traffic.Reporting.Units;

namespace Traffic.Reporting;

/// <summary>Which records a figure counts: the same question, asked for the sum or for the list behind it.</summary>
sealed record Figure
{
    /// <summary>First local day, included.</summary>
    public required DateOnly From { get; init; }

    /// <summary>Last local day, included.</summary>
    public required DateOnly To { get; init; }

    /// <summary>As asked; null means every division.</summary>
    public string? Division { get; init; }

    /// <summary>The division and all below it; null means every division.</summary>
    public string[]? Divisions { get; init; }

    /// <summary>False where records of the division itself are meant, and of none below it.</summary>
    public bool Below { get; init; } = true;

    public string[] Statuses { get; init; } = ["confirmed"];

    /// <summary>Import maps by name; <c>-</c> stands for the detachment's own records.</summary>
    public string[] Origins { get; init; } = ["-"];

    public string[]? Entries { get; init; }

    public string[]? Families { get; init; }

    public string[]? Shifts { get; init; }

    public string[]? Sources { get; init; }

    public string[]? VehicleClasses { get; init; }

    /// <summary>Tags of the campaign's overlays; any of them will do.</summary>
    public string[]? Overlays { get; init; }

    /// <summary>Items of the campaign; any of them will do.</summary>
    public string[]? Items { get; init; }

    public int[]? Points { get; init; }

    /// <summary>True: only what goes to a criminal unit; false: only the summary flow; null: both.</summary>
    public bool? Criminal { get; init; }

    /// <summary>True where a night counts for the date it began; false for calendar days.</summary>
    public bool ByShiftDate { get; init; }

    /// <summary><c>item</c> or <c>overlay</c> where a record counts once for each of its own that is asked for, as their cubes count it; null: once.</summary>
    public string? Each { get; init; }

    /// <summary>Units it is of; null: no matter which.</summary>
    public UnitScope? Scope { get; init; }

    /// <summary>Address of the list behind the figure, read at <paramref name="asOf"/>.</summary>
    public string Link(long asOf)
    {
        var link = new StringBuilder("/api/v1/reports/records?", 256);
        link.Append(CultureInfo.InvariantCulture, $"from={From:yyyy-MM-dd}&to={To:yyyy-MM-dd}");
        Add("division", Division is null ? null : [Division]);
        Add("below", Below ? null : ["false"]);
        Add("status", Statuses);
        Add("origin", Origins is ["-"] ? null : Origins);
        Add("entry", Entries);
        Add("family", Families);
        Add("shift", Shifts);
        Add("source", Sources);
        Add("vehicleClass", VehicleClasses);
        Add("overlay", Overlays);
        Add("item", Items);
        Add("points", Points is null ? null : [.. Points.Select(points => points.ToString(CultureInfo.InvariantCulture))]);
        Add("criminal", Criminal is { } criminal ? [criminal ? "true" : "false"] : null);
        if (ByShiftDate)
            link.Append("&days=shift");
        Add("each", Each is null ? null : [Each]);
        Scope?.Write(link);
        return link.Append(CultureInfo.InvariantCulture, $"&asOf={asOf}").ToString();

        void Add(string name, string[]? values)
        {
            if (values is not null)
                link.Append('&').Append(name).Append('=').AppendJoin(',', values.Select(Uri.EscapeDataString));
        }
    }

    /// <summary>What stands for any value of a dimension, and how a link writes it: no value has it.</summary>
    const string Any = "\u0001", AnyInLink = "%01";

    /// <summary>Dimensions of which a value is a word in the link and moves neither days nor divisions.</summary>
    static readonly string[] Plain = ["entry", "family", "shift", "source", "vehicleClass", "status", "overlay"];

    /// <summary>The address of the rows that differ in one dimension only, all else written once; null where more hangs on the value.</summary>
    public RowLink? Links(string dimension, long asOf)
    {
        if (!Plain.Contains(dimension))
            return null;
        var link = Narrow(dimension, Any).Link(asOf);
        var at = link.IndexOf(AnyInLink, StringComparison.Ordinal);
        return new RowLink(link[..at], link[(at + AnyInLink.Length)..]);
    }

    /// <summary>The part of the figure that one row of a grouped report stands for.</summary>
    public Figure Narrow(string dimension, string key) => dimension switch
    {
        "entry" => this with { Entries = [key] },
        "family" => this with { Families = [key] },
        "division" => this with { Division = key, Divisions = [key] },
        "shift" => this with { Shifts = [key] },
        "source" => this with { Sources = [key] },
        "vehicleClass" => this with { VehicleClasses = [key] },
        "status" => this with { Statuses = [key] },
        "item" => this with { Items = [key] },
        "overlay" => this with { Overlays = [key] },
        "criminal" => this with { Criminal = key == "true" },
        "unit" => this with { Scope = Scope! with { Units = [key] } },
        _ => Within(Period.Parse(dimension, key)),
    };

    Figure Within((DateOnly First, DateOnly Last) period) => this with
    {
        From = period.First > From ? period.First : From,
        To = period.Last < To ? period.Last : To,
    };
}

/// <summary>Days, ISO weeks and months by name.</summary>
static class Period
{
    /// <summary>First and last day of <c>2022-07-08</c>, <c>2022-W27</c> or <c>2022-07</c>.</summary>
    public static (DateOnly First, DateOnly Last) Parse(string dimension, string key) => dimension switch
    {
        "day" => (Day(key), Day(key)),
        "week" => Week(int.Parse(key.AsSpan(0, 4), CultureInfo.InvariantCulture), int.Parse(key.AsSpan(6), CultureInfo.InvariantCulture)),
        "month" => Day(key + "-01") is var first ? (first, first.AddMonths(1).AddDays(-1)) : default,
        _ => throw new ArgumentOutOfRangeException(nameof(dimension), dimension, "no such period"),
    };

    /// <summary>Name of the period a day belongs to. A week belongs to the year of its Thursday (ISO 8601).</summary>
    public static string Of(string dimension, DateOnly day) => dimension switch
    {
        "day" => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
        "week" => day.ToDateTime(TimeOnly.MinValue) is var midnight
            ? string.Create(CultureInfo.InvariantCulture, $"{ISOWeek.GetYear(midnight):0000}-W{ISOWeek.GetWeekOfYear(midnight):00}") : "",
        "month" => day.ToString("yyyy-MM", CultureInfo.InvariantCulture),
        _ => throw new ArgumentOutOfRangeException(nameof(dimension), dimension, "no such period"),
    };

    static (DateOnly, DateOnly) Week(int year, int week)
    {
        var monday = DateOnly.FromDateTime(ISOWeek.ToDateTime(year, week, DayOfWeek.Monday));
        return (monday, monday.AddDays(6));
    }

    static DateOnly Day(string text) => DateOnly.ParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture);
}
