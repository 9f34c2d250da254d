using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Traffic.Host.Import;

/// <summary>
/// How one member is read from a row. One of: <c>value</c> (the same for all), <c>column</c> (with <c>match</c> and
/// <c>table</c>), <c>text</c> (a sentence with <c>{columns}</c>), <c>localDay</c>, <c>bands</c> (by what was measured), <c>first</c> (the
/// first that gives something).
/// </summary>
sealed class ValueRule
{
    /// <summary>Any pattern takes time in proportion to the text: none can hold up an import.</summary>
    const RegexOptions Linear = RegexOptions.NonBacktracking | RegexOptions.CultureInvariant;

    readonly string? constant;
    readonly int column = -1;
    readonly string columnName = "";
    readonly Regex? match;
    readonly Dictionary<string, string?>? table;
    readonly MapNode? otherwise;
    readonly string? otherwiseText;
    readonly bool required, localDay, breaksAreBlanks;
    readonly List<(string Text, int Column)>? sentence;
    readonly List<ValueRule> first = [];
    readonly List<(int Column, string[]? Is, Regex? Match)> conditions = [];
    readonly string? banded;
    readonly List<(decimal From, string Text)> bands = [];

    /// <param name="column">Gives the place of a column by its name.</param>
    public ValueRule(MapNode rule, Func<string, int> column)
    {
        if (rule.Kind != JsonTokenType.StartObject)
            throw rule.Refused("a rule was expected here, e.g. { \"column\": … }");
        foreach (var condition in rule.List("when"))
            conditions.Add(Condition(condition, column));
        required = rule.Flag("required");
        var ways = new[] { "value", "column", "text", "localDay", "bands", "first" }.Where(rule.Has).ToList();
        if (ways.Count != 1)
            throw rule.Refused("a rule has exactly one of value, column, text, localDay, bands, first");
        switch (ways[0])
        {
            case "value":
                constant = rule.Text("value");
                Constants.Add((rule.Get("value"), constant));
                rule.NamesItsSource();
                break;
            case "column":
                columnName = rule.Text("column");
                this.column = column(columnName);
                match = Pattern(rule);
                table = Table(rule);
                otherwise = rule.Find("otherwise");
                if (otherwise is not null)
                {
                    if (table is null)
                        throw otherwise.Refused("'otherwise' belongs to a table");
                    otherwiseText = otherwise.Kind == JsonTokenType.Null ? null : otherwise.AsText();
                    if (otherwiseText is not null)
                        Constants.Add((otherwise, otherwiseText));
                }
                breaksAreBlanks = rule.Word("lineBreaks", "refused", ["refused", "blank"]) == "blank";
                _ = rule.TextOrNull("source");
                break;
            case "text":
                sentence = Sentence(rule.Text("text"), column);
                break;
            case "localDay":
                localDay = rule.Flag("localDay") ? true : throw rule.Refused("'localDay' can only be true");
                rule.NamesItsSource();
                break;
            case "bands":
                banded = rule.Text("of");
                Bands.Add((rule.Get("of"), banded));
                ReadBands(rule);
                rule.NamesItsSource();
                break;
            default:
                first.AddRange(rule.List("first").Select(one => Of(one, column)));
                Constants.AddRange(first.SelectMany(one => one.Constants));
                Bands.AddRange(first.SelectMany(one => one.Bands));
                _ = rule.TextOrNull("source");
                break;
        }
    }

    /// <summary>A rule that stands alone.</summary>
    public static ValueRule Of(MapNode rule, Func<string, int> column)
    {
        var read = new ValueRule(rule, column);
        rule.RefuseOthers();
        return read;
    }

    /// <summary>Every text the rule itself may give, with its place in the map.</summary>
    public List<(MapNode At, string Text)> Constants { get; } = [];

    /// <summary>The quantities whose bands it asks for.</summary>
    public List<(MapNode At, string Quantity)> Bands { get; } = [];

    /// <summary>The text; null where the row has none. What cannot be read is noted as a fault.</summary>
    public string? Read(Reading row)
    {
        var text = conditions.TrueForAll(one => Holds(one, row)) ? Given(row) : null;
        return text is null && required && row.Faults.TrueForAll(fault => fault.Member != row.Member)
            ? row.Fault("import.missing", columnName) : text;
    }

    string? Given(Reading row)
    {
        if (constant is not null)
            return constant;
        if (localDay)
            return row.Local.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        if (sentence is not null)
            return Filled(row);
        if (banded is not null)
            return row.Measured.TryGetValue(banded, out var number) ? Band(row, number) : null;
        if (column < 0)
        {
            foreach (var one in first)
                if (one.Read(row) is { } found)
                    return found;
            return null;
        }
        var text = row[column];
        if (text is not null && match is not null)
            text = match.Match(text) is { Success: true } found ? found.Groups[^1].Value : null;
        if (text is null)
            return null;
        if (table is not null)
            return table.TryGetValue(text, out var word) ? word : otherwise is not null ? otherwiseText : row.Fault("import.unknownValue", columnName);
        return breaksAreBlanks && text.AsSpan().IndexOfAny('\r', '\n') >= 0 ? Joined(text) : text;
    }

    /// <summary>Half-open: a number belongs to the last band that begins at or below it.</summary>
    string? Band(Reading row, decimal number)
    {
        for (var i = bands.Count - 1; i >= 0; i--)
            if (number >= bands[i].From)
                return bands[i].Text;
        return row.Fault("import.number", row.Member);
    }

    void ReadBands(MapNode rule)
    {
        foreach (var band in rule.List("bands"))
        {
            var (from, value) = (band.Get("from").AsNumber(), band.Text("value"));
            if (bands.Count > 0 && from <= bands[^1].From)
                throw band.Refused("a band begins above the one before it");
            bands.Add((from, value));
            Constants.Add((band, value));
            band.RefuseOthers();
        }
        if (bands.Count == 0)
            throw rule.Refused("there is no band");
    }

    static string Joined(string text) =>
        string.Join(' ', text.Split(['\r', '\n'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    string Filled(Reading row)
    {
        var text = new StringBuilder();
        foreach (var (piece, place) in sentence!)
            text.Append(place < 0 ? piece : row[place] ?? "–");
        return text.ToString();
    }

    static bool Holds((int Column, string[]? Is, Regex? Match) condition, Reading row) =>
        row[condition.Column] is { } text && (condition.Is?.Contains(text) ?? condition.Match!.IsMatch(text));

    static (int, string[]?, Regex?) Condition(MapNode condition, Func<string, int> column)
    {
        var at = column(condition.Text("column"));
        if (condition.Has("is") == condition.Has("match"))
            throw condition.Refused("a condition has exactly one of is, match");
        var (words, match) = (condition.Has("is") ? condition.Texts("is").ToArray() : null, Pattern(condition));
        condition.RefuseOthers();
        return (at, words, match);
    }

    static Regex? Pattern(MapNode rule)
    {
        if (rule.Find("match") is not { } pattern)
            return null;
        try
        {
            var match = new Regex(pattern.AsText(), Linear);
            return match.GetGroupNumbers().Length <= 2 ? match : throw pattern.Refused("a pattern has at most one group: what is read");
        }
        catch (Exception fault) when (fault is ArgumentException or NotSupportedException)
        {
            throw pattern.Refused($"the pattern cannot be used: {fault.Message}", fault);
        }
    }

    Dictionary<string, string?>? Table(MapNode rule)
    {
        if (rule.Find("table") is not { } rows)
            return null;
        rule.NamesItsSource();
        var table = new Dictionary<string, string?>(StringComparer.Ordinal);
        foreach (var (from, to) in rows.Members)
        {
            table.Add(from, to.Kind == JsonTokenType.Null ? null : to.AsText());
            if (table[from] is { } word)
                Constants.Add((to, word));
        }
        return table.Count > 0 ? table : throw rows.Refused("the table has no row");
    }

    static List<(string, int)> Sentence(string text, Func<string, int> column)
    {
        var pieces = new List<(string, int)>();
        for (var at = 0; at < text.Length;)
        {
            var open = text.IndexOf('{', at);
            var close = open < 0 ? -1 : text.IndexOf('}', open);
            pieces.Add((text[at..(close < 0 ? text.Length : open)], -1));
            if (close < 0)
                break;
            pieces.Add(("", column(text[(open + 1)..close])));
            at = close + 1;
        }
        return pieces;
    }
}
