using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CsvHelper;
using Traffic.Platform;

namespace Traffic.Reporting.Units;

/// <summary>What is wrong with a line of a file.</summary>
/// <param name="Line">From 1; 0 where it is the file as a whole.</param>
/// <param name="Code">A word, e.g. <c>reporting.units.cycle</c>.</param>
sealed record LineFault(string File, int Line, string Code, params object[] Values)
{
    /// <summary>E.g. <c>units.csv:12</c>.</summary>
    public string At => Line == 0 ? File : $"{File}:{Line}";
}

/// <summary>A row and where it stands.</summary>
sealed record Stated<T>(T Row, string File, int Line)
{
    public LineFault Fault(string code, params object[] values) => new(File, Line, code, values);
}

/// <summary>What files say of units and officers, row by row; each row by itself is as it must be.</summary>
sealed class UnitFile
{
    /// <summary>More rows than these are no detachment's.</summary>
    const int MostRows = 20_000;

    static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, AllowDuplicateProperties = false, PropertyNameCaseInsensitive = false,
        NumberHandling = JsonNumberHandling.Strict,
    };

    static readonly string[] UnitColumns = ["code", "parent", "division", "zh", "en", "validFrom", "validTo"], RosterColumns = ["officerId", "unit", "validFrom", "validTo"];

    readonly Func<string, bool> isDivision;

    /// <param name="isDivision">Whether our tree of divisions has a code.</param>
    public UnitFile(Func<string, bool> isDivision) => this.isDivision = isDivision;

    public List<Stated<UnitSpell>> Units { get; } = [];

    public List<Stated<Posting>> Roster { get; } = [];

    public List<LineFault> Faults { get; } = [];

    /// <summary>Where it comes from, as JSON files say.</summary>
    public List<string> Sources { get; } = [];

    /// <summary>Reads one more: JSON, or CSV of units or of officers by the names in its first line.</summary>
    public void Read(string name, string text)
    {
        if (text.StartsWith('\uFEFF'))
            text = text[1..];
        // Stands where bytes were no UTF-8: the names of a file in another encoding would be kept so for good.
        if (text.IndexOf('\uFFFD') is >= 0 and var unread)
        {
            Faults.Add(new LineFault(name, 1 + text.AsSpan(0, unread).Count('\n'), "reporting.units.encoding"));
            return;
        }
        try
        {
            if (text.AsSpan().TrimStart().StartsWith("{"))
                ReadJson(name, Encoding.UTF8.GetBytes(text));
            else
                ReadCsv(name, text);
        }
        catch (JsonException unreadable)
        {
            Faults.Add(new LineFault(name, (int)(unreadable.LineNumber ?? 0) + 1, "reporting.units.json"));
        }
        catch (CsvFormatException unreadable)
        {
            Faults.Add(new LineFault(name, (int)unreadable.LineNumber, "reporting.units.quote"));
        }
        if (Units.Count + Roster.Count > MostRows)
            Faults.Add(new LineFault(name, 0, "reporting.units.many", MostRows));
    }

    sealed record UnitRow(string? Code, string? Parent, string? Division, string? Zh, string? En, string? ValidFrom, string? ValidTo);

    sealed record RosterRow(string? OfficerId, string? Unit, string? ValidFrom, string? ValidTo);

    void ReadJson(string name, byte[] json)
    {
        var reader = new Utf8JsonReader(json);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (member, line) = (Text(ref reader, json), LineAt(json, reader.TokenStartIndex));
            reader.Read();
            if (member is "units" or "roster" && reader.TokenType == JsonTokenType.StartArray)
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                    ReadRow(name, json, member, ref reader);
            else if (member is "source" && reader.TokenType == JsonTokenType.String && Text(ref reader, json).Trim() is { Length: > 0 } source)
                Sources.Add(source);
            else if (member is "id" or "$schema" && reader.TokenType == JsonTokenType.String)
                continue;
            else
            {
                Faults.Add(new LineFault(name, line, "reporting.units.member", member));
                reader.Skip();
            }
        }
        // Throws where something follows.
        reader.Read();
        if (Sources.Count == 0)
            Faults.Add(new LineFault(name, 0, "reporting.units.source"));
    }

    static string Text(ref Utf8JsonReader reader, byte[] json)
    {
        try { return reader.GetString()!; }
        catch (InvalidOperationException half)
        {
            throw new JsonException("Half of a character.", null, LineAt(json, reader.TokenStartIndex) - 1, null, half);
        }
    }

    void ReadRow(string name, byte[] json, string member, ref Utf8JsonReader reader)
    {
        var line = LineAt(json, reader.TokenStartIndex);
        try
        {
            if (member == "units")
                Add(name, line, JsonSerializer.Deserialize<UnitRow>(ref reader, Strict)!);
            else
                Add(name, line, JsonSerializer.Deserialize<RosterRow>(ref reader, Strict)!);
        }
        catch (JsonException unreadable)
        {
            throw new JsonException(unreadable.Message, null, line - 1, null, unreadable);
        }
    }

    static int LineAt(byte[] json, long at) => 1 + json.AsSpan(0, (int)at).Count((byte)'\n');

    void ReadCsv(string name, string text)
    {
        using var reader = new StringReader(text);
        using var csv = CsvReader.Create(reader, new CsvReaderOptions
        {
            TrackLineNumbers = true, OnMalformedRecord = record => Faults.Add(new LineFault(name, (int)record.LineNumber, "reporting.units.quote")),
        });
        csv.ReadHeader();
        string[] header = [.. csv.Headers.Select(one => one.Trim())];
        var units = UnitColumns.Order().SequenceEqual(header.Order());
        if (!units && !RosterColumns.Order().SequenceEqual(header.Order()))
        {
            Faults.Add(new LineFault(name, 1, "reporting.units.columns", string.Join(',', UnitColumns), string.Join(',', RosterColumns)));
            return;
        }
        while (csv.Read())
        {
            var line = (int)csv.LineNumber;
            if (csv.FieldCount != header.Length)
                Faults.Add(new LineFault(name, line, "reporting.units.width", csv.FieldCount, header.Length));
            else if (units)
                Add(name, line, new UnitRow(Value("code"), Value("parent"), Value("division"), Value("zh"), Value("en"), Value("validFrom"), Value("validTo")));
            else
                Add(name, line, new RosterRow(Value("officerId"), Value("unit"), Value("validFrom"), Value("validTo")));
        }

        string? Value(string column) => csv.GetString(Array.IndexOf(header, column)).Trim() is { Length: > 0 } value ? value : null;
    }

    void Add(string name, int line, UnitRow? row)
    {
        var before = Faults.Count;
        Must(IsCode(row?.Code), "code");
        Must(row?.Parent is null || IsCode(row.Parent), "parent");
        if (row?.Parent is not null && row.Parent == row.Code)
            Faults.Add(new LineFault(name, line, "reporting.units.cycle", $"{row.Code} → {row.Code}"));
        Must(row?.Division is { } division && isDivision(division), "division");
        Must(PlainText.IsWords(row?.Zh, 100), "zh");
        Must(PlainText.IsWords(row?.En, 100), "en");
        var (from, to) = Days(name, line, row?.ValidFrom, row?.ValidTo);
        if (Faults.Count == before)
            Units.Add(new(new UnitSpell(row!.Code!, from, to, row.Parent, row.Division!, row.Zh!, row.En!), name, line));

        void Must(bool holds, string member) => this.Must(holds, name, line, member);
    }

    void Add(string name, int line, RosterRow? row)
    {
        var before = Faults.Count;
        Must(IsBadge(row?.OfficerId), name, line, "officerId");
        Must(IsCode(row?.Unit), name, line, "unit");
        var (from, to) = Days(name, line, row?.ValidFrom, row?.ValidTo);
        if (Faults.Count == before)
            Roster.Add(new(new Posting(row!.OfficerId!, from, to, row.Unit!), name, line));
    }

    void Must(bool holds, string name, int line, string member)
    {
        if (!holds)
            Faults.Add(new LineFault(name, line, $"reporting.units.{member}", member));
    }

    (DateOnly From, DateOnly? To) Days(string name, int line, string? first, string? last)
    {
        var from = Day(first);
        var to = last is null ? null : Day(last);
        Must(from is not null, name, line, "validFrom");
        Must(last is null || to is not null, name, line, "validTo");
        if (to < from)
            Faults.Add(new LineFault(name, line, "reporting.units.order"));
        return (from ?? default, to);
    }

    static DateOnly? Day(string? text) =>
        DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) && day.Year is >= 1949 and < 2200 ? day : null;

    static bool IsCode(string? code) => code is { Length: 12 } && code.All(char.IsAsciiDigit);

    /// <summary>A number as on a badge; an identity number (15 or 18 characters, all but the last digits) names a person and is none.</summary>
    static bool IsBadge(string? id) => id is { Length: >= 1 and <= 20 } && id.All(one => char.IsAsciiLetterOrDigit(one) || one is '-' or '_')
        && !(id.Length is 15 or 18 && id[..^1].All(char.IsAsciiDigit));
}
