using System.Globalization;
using Traffic.Platform;

namespace Traffic.WebConsole;

/// <summary>Who reads the page: language, and how numbers, days and instants are written.</summary>
/// <param name="OtherLanguage">Address of the same page in the other language.</param>
public sealed record Reader(Words Words, string Language, string OtherLanguage)
{
    public bool English => Language == "en";

    public string T(string key, params object?[] values) => Words.Get(key, Language, values);

    /// <summary>A text that begins with or follows a count: of one, its own text where there is one.</summary>
    public string Count(string key, long count, params object?[] values) => T(count == 1 && T($"{key}.one") != $"{key}.one" ? $"{key}.one" : key, values);

    /// <summary>A word for a value, or the value itself where there is none.</summary>
    public string Word(string prefix, string value) => T($"{prefix}.{value}") is var word && word == $"{prefix}.{value}" ? value : word;

    public static string Number(decimal value) => value.ToString("#,##0.##########", CultureInfo.InvariantCulture);

    /// <summary>A ratio to 0.01: what is less than that is not 0.</summary>
    public string Ratio(decimal value, decimal of) => value == 0 && of != 0 ? T("console.below", "0.01") : Number(value);

    public static string Day(DateOnly day) => day.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>Local to the second, with the zone's offset.</summary>
    public static string Instant(DateTimeOffset instant, TimeZoneInfo zone) =>
        TimeZoneInfo.ConvertTime(instant, zone).ToString("yyyy-MM-dd HH:mm:ss zzz", CultureInfo.InvariantCulture);

    /// <summary>Period from day to day.</summary>
    public static string Days(DateOnly from, DateOnly to) => from == to ? Day(from) : $"{Day(from)} – {Day(to)}";

    /// <summary>The page behind an address of the API.</summary>
    public static string Page(string link)
    {
        foreach (var (address, page) in Pages)
            if (link.StartsWith(address, StringComparison.Ordinal))
                return page + link[address.Length..];
        // Crashes, dangers, …: one of them.
        return link.Replace("/api/v1/", "/activities/", StringComparison.Ordinal);
    }

    static readonly (string Address, string Page)[] Pages =
    [
        ("/api/v1/reports/records", "/records"), ("/api/v1/reports/activity", "/activity"), ("/api/v1/reports/ledger", "/ledger"),
        ("/api/v1/reports/editions", "/bulletins"), ("/api/v1/reports/targets", "/targets"), ("/api/v1/violations", "/records"),
    ];
}
