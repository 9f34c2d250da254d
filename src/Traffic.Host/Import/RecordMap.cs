using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Traffic.Contracts;
using Traffic.Platform;

namespace Traffic.Host.Import;

/// <summary>How the file is written.</summary>
/// <param name="RowsPath">JSON: where the rows lie, e.g. <c>result.lists[]</c>; null for CSV.</param>
/// <param name="Characters">What stands for what, where the source mistook its own encoding.</param>
sealed record TableForm(string? RowsPath, char Delimiter, Encoding Encoding, IReadOnlyDictionary<string, string> Characters);

/// <summary>A row as a record of ours, or why it is none.</summary>
/// <param name="Key">Identity by the map's columns, without the occurrence.</param>
/// <param name="Record">The members as JSON, without <c>eventId</c>; null if there are faults.</param>
sealed record MappedRow(string Key, byte[]? Record, IReadOnlyList<RowFault> Faults)
{
    /// <summary>The point a visit is of: reported before it, once for all its visits.</summary>
    public (string EventId, byte[] Record)? Point { get; init; }

    /// <summary>What a session did: reported after it, as its closing. Null where the row says nothing of it.</summary>
    public byte[]? Closing { get; init; }
}

/// <summary>An import map (<c>schemas/imports</c>): how each member of a record is read from the columns of a foreign table.</summary>
sealed class RecordMap
{
    static readonly string[] TextMembers =
    [
        "source", "divisionCode", "roadKind", "road", "placeKind", "plate", "plateType", "vehicleType", "useNature", "licenceClass",
        "offenceCode", "offenceEdition", "offenceKind", "offenceText", "officerId", "unitCode", "sessionId", "deviceId", "note",
    ];

    static readonly string[] NumberMembers =
        ["roadKm", "latitude", "longitude", "ratedPersons", "ratedLoadKg", "permittedGrossMassKg"];

    static readonly JsonWriterOptions AsItself = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    readonly List<string> columns = [];
    readonly List<(string Member, ValueRule Rule)> texts = [];
    readonly List<(string Member, NumberRule Rule)> numbers = [];
    readonly List<(Quantity Quantity, string Unit, NumberRule Number, ValueRule? Instrument)> measurements = [];
    readonly List<ValueRule> signals = [];
    readonly int[] identity, stop;
    readonly LocalTime time;
    readonly TimeZoneInfo zone;
    int? year;
    ActivityMembers? activity;

    RecordMap(string name, MapNode map)
    {
        Name = map.Text("name") == name ? name : throw map.Get("name").Refused($"the map must be named as its file, {name}");
        _ = map.TextOrNull("$schema");
        Title = Both(map.Get("title"));
        map.NamesItsSource();
        About = ActivityMembers.KindOf(map);
        Law = map.Word("law", "cn", "none");
        _ = map.Word("plateRule", "cn", "masked", "none");
        IsBaseline = map.Flag("baseline");
        Form = FormOf(map.Get("format"));
        zone = Zone(map.Get("divisionTree"));
        time = new LocalTime(map.Get("occurredAt"), zone, Column);
        var id = map.Get("identity");
        (identity, Unique) = (ColumnsOf(id), id.Flag("unique"));
        stop = map.Find("stop") is { } stopped ? ColumnsOf(stopped) : [];
        ReadKinds(map);
        ReadRecord(map.Get("record"));
        ReadLeftOut(map);
        map.RefuseOthers();
    }

    public string Name { get; }

    public (string Zh, string En) Title { get; }

    /// <summary>What its rows are; null: violations.</summary>
    public ActivityKind? About { get; }

    /// <summary>Its tables are what year on year is compared with: each says of which year it is.</summary>
    public bool IsBaseline { get; }

    /// <summary>Holds every row to one year, in local time.</summary>
    /// <exception cref="StartRefusedException">The tables of this map are a baseline, and no year is said.</exception>
    public RecordMap Of(int? year)
    {
        if (IsBaseline && year is null)
            throw new StartRefusedException($"imports/{Name}.json: its tables are a baseline of year on year: say of which year, e.g. --baseline-year 2021.");
        this.year = year;
        return this;
    }

    /// <summary>The door of the feed its rows go to.</summary>
    public string Door => About is null ? "events" : "activity";

    public string Law { get; }

    public TableForm Form { get; }

    /// <summary>The identity columns are the source's own number: a second row with the same number is no second record.</summary>
    public bool Unique { get; }

    /// <summary>The columns the map reads, by name, in the order in which a row's values are expected.</summary>
    public IReadOnlyList<string> Columns => columns;

    /// <summary>Kinds of offence it gives, by word.</summary>
    public Dictionary<string, (string Zh, string En)> Kinds { get; } = new(StringComparer.Ordinal);

    /// <summary>Reads a map and holds it to its promises.</summary>
    /// <exception cref="StartRefusedException">Names file and line.</exception>
    public static RecordMap Load(string file)
    {
        try
        {
            return Parse(Path.GetFileNameWithoutExtension(file), file, File.ReadAllBytes(file));
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            throw new StartRefusedException($"{file}: {fault.Message}", fault);
        }
    }

    public static RecordMap Parse(string name, string file, byte[] json) => new(name, MapNode.Parse(file, json));

    int Column(string name)
    {
        if (columns.IndexOf(name) is >= 0 and var known)
            return known;
        columns.Add(name);
        return columns.Count - 1;
    }

    int[] ColumnsOf(MapNode node)
    {
        node.NamesItsSource();
        var places = node.Texts("columns").Select(Column).ToArray();
        _ = node.Flag("unique");
        node.RefuseOthers();
        return places;
    }

    static (string, string) Both(MapNode title)
    {
        var both = (title.Text("zh"), title.Text("en"));
        title.RefuseOthers();
        return both;
    }

    static TableForm FormOf(MapNode format)
    {
        var json = format.Word("kind", "csv", "json") == "json";
        var delimiter = json ? "," : format.TextOrNull("delimiter") ?? ",";
        if (delimiter.Length != 1)
            throw format.Get("delimiter").Refused("a delimiter is one character");
        var rows = json ? format.Text("rows") : null;
        if (rows?.EndsWith("[]", StringComparison.Ordinal) == false)
            throw format.Get("rows").Refused("'rows' ends in the list of rows, e.g. result.lists[]");
        var encoding = EncodingOf(format);
        var characters = format.Find("characters")?.Members.ToDictionary(one => one.Name, one => one.Value.AsText()) ?? [];
        if (characters.Count > 0)
            format.NamesItsSource();
        format.RefuseOthers();
        return new TableForm(rows, delimiter[0], encoding, characters);
    }

    /// <summary>What the encoding cannot read becomes U+FFFD, by which the row is known and refused.</summary>
    static Encoding EncodingOf(MapNode format)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);
        try
        {
            return Encoding.GetEncoding(format.TextOrNull("encoding") ?? "utf-8");
        }
        catch (ArgumentException unknown)
        {
            throw format.Get("encoding").Refused("there is no such encoding", unknown);
        }
    }

    /// <summary>The tree is read and checked by <see cref="Divisions"/>; here its zone and its codes are needed.</summary>
    TimeZoneInfo Zone(MapNode tree)
    {
        tree.NamesItsSource();
        foreach (var division in tree.List("divisions"))
            divisionCodes.Add(division.Text("code"));
        return TimeZoneInfo.TryFindSystemTimeZoneById(tree.Text("zone"), out var zone)
            ? zone : throw tree.Get("zone").Refused("there is no such zone");
    }

    readonly HashSet<string> divisionCodes = new(StringComparer.Ordinal);

    void ReadKinds(MapNode map)
    {
        if (map.Find("kinds") is not { } kinds)
            return;
        foreach (var (word, title) in kinds.Members)
            Kinds.Add(word, Both(title));
    }

    void ReadLeftOut(MapNode map)
    {
        if (map.Find("leftOut") is not { } left)
            return;
        foreach (var (column, why) in left.Members)
        {
            _ = why.AsText();
            if (columns.Contains(column))
                throw why.Refused($"'{column}' is read, so it is not left out");
        }
    }

    void ReadRecord(MapNode record)
    {
        if (About is { } kind)
        {
            activity = new ActivityMembers(kind, record, zone, Column, Checked);
            return;
        }
        foreach (var needed in new[] { "source", "divisionCode" })
            _ = record.Get(needed);
        if (Law == "none")
            _ = record.Get("offenceKind");
        foreach (var (member, rule) in record.Members)
            if (TextMembers.Contains(member))
                texts.Add((member, Checked(member, ValueRule.Of(rule, Column))));
            else if (NumberMembers.Contains(member))
                numbers.Add((member, new NumberRule(rule, Column)));
            else if (member == "measurements")
                measurements.AddRange(record.List(member).Select(Measured));
            else if (member == "signals")
                signals.AddRange(record.List(member).Select(signal => Checked("signals", ValueRule.Of(signal, Column))));
            else
                throw rule.Refused($"'{member}' is no member of a record, or none that an import may set");
        foreach (var (at, quantity) in texts.SelectMany(one => one.Rule.Bands))
            if (!measurements.Exists(one => one.Quantity.Word() == quantity))
                throw at.Refused($"'{quantity}' is not measured by this map");
    }

    /// <summary>What a rule may give must be a word that exists.</summary>
    ValueRule Checked(string member, ValueRule rule)
    {
        foreach (var (at, text) in rule.Constants)
            if (!IsWord(member, text))
                throw at.Refused($"'{text}' is no {member}");
        return rule;
    }

    bool IsWord(string member, string text) => member switch
    {
        "source" => EnumWord.Parse<RecordSource>(text) is not null,
        "roadKind" => EnumWord.Parse<RoadKind>(text) is not null,
        "placeKind" => EnumWord.Parse<PlaceKind>(text) is not null,
        "signals" => EnumWord.Parse<Signal>(text) is not null,
        "divisionCode" => divisionCodes.Contains(text),
        "offenceKind" => Kinds.ContainsKey(text),
        "dangerKind" => EnumWord.Parse<DangerKind>(text) is not null,
        "causes" => EnumWord.Parse<CrashCause>(text) is not null,
        "sessionKind" => text is "roadsideCheck" or "nightInspection",
        "mode" => EnumWord.Parse<PatrolMode>(text) is not null,
        "pointKind" => EnumWord.Parse<PointKind>(text) is not null,
        "occasion" => EnumWord.Parse<CrashOccasion>(text) is not null,
        _ => true,
    };

    (Quantity, string, NumberRule, ValueRule?) Measured(MapNode one)
    {
        var quantity = EnumWord.Parse<Quantity>(one.Text("quantity")) ?? throw one.Get("quantity").Refused("there is no such quantity");
        var unit = one.Text("unit");
        var number = new NumberRule(one.Get("number"), Column);
        var instrument = one.Find("instrument") is { } by ? ValueRule.Of(by, Column) : null;
        one.RefuseOthers();
        return (quantity, unit, number, instrument);
    }

    /// <summary>Reads one row; names every fault at once.</summary>
    public MappedRow Read(SourceRow row)
    {
        Replace(row.Values);
        var key = Key(row.Values);
        if (row.Fault is { } broken)
            return new MappedRow(key, null, [broken]);
        var reading = new Reading(row.Values);
        var occurredAt = time.Read(reading);
        if (occurredAt is not null && year is { } only && reading.Local.Year != only)
            reading.Fault("import.baseline.year", only.ToString(CultureInfo.InvariantCulture));
        if (Array.TrueForAll(identity, column => row.Values[column] is null))
            reading.Faults.Add(new RowFault("eventId", "import.noIdentity"));

        using var body = new MemoryStream(512);
        using (var json = new Utf8JsonWriter(body, AsItself))
        {
            json.WriteStartObject();
            var at = occurredAt?.ToString("yyyy-MM-ddTHH:mm:ss.fffzzz", CultureInfo.InvariantCulture);
            activity?.Write(json, reading, at);
            WriteMeasurements(json, reading);
            if (activity is null && at is not null)
                json.WriteString("occurredAt", at);
            foreach (var (member, rule) in texts)
            {
                reading.Member = member;
                if (rule.Read(reading) is { } text)
                    json.WriteString(member, text);
            }
            foreach (var (member, rule) in numbers)
            {
                reading.Member = member;
                if (rule.Read(reading) is { } number)
                    json.WriteNumber(member, number);
            }
            WriteSignals(json, reading);
            if (stop.Length > 0)
                json.WriteString("stopId", StopId(row.Values));
            json.WriteEndObject();
        }
        var (point, closing) = (activity?.Point(reading), activity?.Closing(reading));
        return new MappedRow(key, reading.Faults.Count == 0 ? body.ToArray() : null, reading.Faults) { Point = point, Closing = closing };
    }

    void Replace(string?[] values)
    {
        foreach (var (wrong, right) in Form.Characters)
            for (var i = 0; i < values.Length; i++)
                if (values[i]?.Contains(wrong, StringComparison.Ordinal) == true)
                    values[i] = values[i]!.Replace(wrong, right, StringComparison.Ordinal);
    }

    void WriteMeasurements(Utf8JsonWriter json, Reading reading)
    {
        var open = false;
        foreach (var (quantity, unit, rule, instrument) in measurements)
        {
            reading.Member = $"measurements.{quantity.Word()}";
            if (rule.Read(reading) is not { } number)
                continue;
            reading.Measured[quantity.Word()] = number;
            if (!open)
                json.WriteStartArray("measurements");
            open = true;
            json.WriteStartObject();
            json.WriteString("quantity", quantity.Word());
            json.WriteNumber("value", number);
            json.WriteString("unit", unit);
            if (instrument?.Read(reading) is { } by)
                json.WriteString("instrument", by);
            json.WriteEndObject();
        }
        if (open)
            json.WriteEndArray();
    }

    void WriteSignals(Utf8JsonWriter json, Reading reading)
    {
        reading.Member = "signals";
        var seen = signals.ConvertAll(rule => rule.Read(reading)).Where(signal => signal is not null).Distinct().ToList();
        if (seen.Count == 0)
            return;
        json.WriteStartArray("signals");
        foreach (var signal in seen)
            json.WriteStringValue(signal);
        json.WriteEndArray();
    }

    /// <summary>The source's own number as it is; else 128 bits of a hash over the identity columns, so that no value shows.</summary>
    string Key(string?[] values) => Unique && identity.Length == 1
        ? values[identity[0]] ?? ""
        : Convert.ToHexStringLower(Hash("event", values, identity).AsSpan(0, 16));

    Guid StopId(string?[] values)
    {
        var hash = Hash("stop", values, stop);
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash.AsSpan(0, 16), bigEndian: true);
    }

    /// <summary>Lengths are part of it: "a","bc" is not "ab","c".</summary>
    static byte[] Hash(string what, string?[] values, int[] columns) => Hash(what, columns, column => values[column]);

    internal static byte[] Hash(string what, int[] columns, Func<int, string?> value)
    {
        var text = new StringBuilder(what);
        foreach (var column in columns)
            text.Append('\n').Append(value(column)?.Length ?? -1).Append(' ').Append(value(column));
        return SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()));
    }
}
