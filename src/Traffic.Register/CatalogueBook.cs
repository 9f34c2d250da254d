using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Traffic.Catalogue;
using Traffic.Platform;

namespace Traffic.Register;

/// <summary>The files of one version as a book for people: to search, and to open an entry with everything that is said about it.</summary>
sealed class CatalogueBook
{
    readonly List<Edition> editions;

    readonly List<JsonObject> layers;

    readonly byte[] days, tags;

    CatalogueBook(string version, List<Edition> editions, List<JsonObject> layers, List<JsonObject> rules)
    {
        (Version, this.editions, this.layers, days) = (version, editions, layers, Written(editions.Select(edition => edition.From)));
        tags = Written(rules.Select(rule => new { id = rule["id"], zh = rule["zh"], en = rule["en"] }));
    }

    public string Version { get; }

    /// <param name="files">Of a catalogue that has been read: what is in it is known to be as it must be.</param>
    public static CatalogueBook Of(string version, IReadOnlyList<CatalogueFile> files, Pinyin pinyin) => new(
        version,
        [
            .. files.Where(file => !file.Name.Contains('/', StringComparison.Ordinal))
                .Select(file => new Edition(Parsed(file), pinyin)).OrderBy(edition => edition.From),
        ],
        [.. files.Where(file => file.Name.StartsWith("local/", StringComparison.Ordinal)).Select(Parsed)],
        // As the newest file names them.
        [
            .. files.Where(file => file.Name.StartsWith("overlays/", StringComparison.Ordinal)).OrderByDescending(file => file.Name, StringComparer.Ordinal).Select(Parsed)
                .SelectMany(file => Edition.Array(file, "kinds").Concat(Edition.Array(file, "rules"))).DistinctBy(rule => (string)rule["id"]!),
        ]);

    static JsonObject Parsed(CatalogueFile file)
    {
        var parsed = JsonNode.Parse(file.Bytes)!.AsObject();
        Touch(parsed);
        return parsed;
    }

    /// <summary>Reads all of it once: what is read for the first time must not be read by two at a time.</summary>
    static void Touch(JsonNode? node)
    {
        foreach (var child in node is JsonObject members ? members.Select(member => member.Value) : node is JsonArray items ? items : [])
            Touch(child);
    }

    /// <summary>What a province's own rules of a day say about an entry, and whether its amounts are known.</summary>
    public IEnumerable<object> Local(DateOnly day, Entry entry) => layers
        .Where(layer => Day(layer["inForceFrom"]) <= day && (Day(layer["inForceUntil"]) is not { } until || day <= until))
        .Select(layer => new
        {
            division = layer["division"], zh = layer["zh"], en = layer["en"], law = layer["law"], obtained = layer["amounts"]?["obtained"],
            note = layer["amounts"] is JsonObject amounts ? new { zh = amounts["zh"], en = amounts["en"] } : null,
            amounts = Edition.Array(layer["amounts"] as JsonObject ?? [], "entries").Where(row => (string?)(row["entry"] ?? row["id"]) == entry.Id),
            switches = Edition.Array(layer, "switches").Where(row => (string?)row["case"] == (string)entry.Case["id"]!),
        });

    /// <summary>What a search answers, as JSON: all that does not hang on the question was written once.</summary>
    public ReadOnlyMemory<byte> Answer(DateOnly day, string? asked, string? family, string? item, int skip, int take)
    {
        var (edition, body) = (On(day), new ArrayBufferWriter<byte>(64 * 1024));
        List<Entry> found = edition is null ? [] : [.. edition.Search(asked, family, item)];
        using var json = new Utf8JsonWriter(body);
        json.WriteStartObject();
        json.WriteString("on", day.ToString("o", CultureInfo.InvariantCulture));
        json.WriteString("version", Version);
        Raw("edition", edition?.Head ?? "null"u8);
        Raw("editions", days);
        Raw("items", edition?.Items ?? "[]"u8);
        Raw("families", edition?.Families ?? "[]"u8);
        Raw("tags", tags);
        json.WriteNumber("total", found.Count);
        json.WriteStartArray("entries");
        foreach (var entry in found.Skip(skip).Take(take))
            json.WriteRawValue(entry.Row, skipInputValidation: true);
        json.WriteEndArray();
        json.WriteEndObject();
        json.Flush();
        return body.WrittenMemory;

        void Raw(string name, ReadOnlySpan<byte> value)
        {
            json.WritePropertyName(name);
            json.WriteRawValue(value, skipInputValidation: true);
        }
    }

    static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    static byte[] Written(object value) => JsonSerializer.SerializeToUtf8Bytes(value, Json);

    static DateOnly? Day(JsonNode? day) => day is null ? null : DateOnly.ParseExact((string)day!, "yyyy-MM-dd", CultureInfo.InvariantCulture);

    /// <summary>The edition of a day; null before the first.</summary>
    public Edition? On(DateOnly day) => editions.LastOrDefault(edition => edition.From <= day);

    /// <summary>The editions that have an entry, with its points in each.</summary>
    public IEnumerable<object> Through(string entry) => editions.Where(edition => edition.Find(entry) is not null)
        .Select(edition => new { edition = edition.From, points = edition.Find(entry)!.Json["points"], fines = Edition.FinesOf(edition.Find(entry)!.Json) });

    /// <summary>One entry with the case it stands in.</summary>
    /// <param name="Items">Items of the campaign it counts for.</param>
    /// <param name="Names">Its own title, then those of its family and of the items.</param>
    /// <param name="Row">As a list shows it, JSON.</param>
    internal sealed record Entry(
        string Id, JsonObject Json, JsonObject Case, string Zh, string En, string[] Codes, string[] Items, IReadOnlyList<Name> Names, byte[] Row)
    {
        public string Family { get; } = (string)Case["family"]!;
    }

    internal sealed record Name(string Zh, string En, string[] Initials)
    {
        public bool Has(string asked) => Zh.Contains(asked, StringComparison.Ordinal) || En.Contains(asked, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>One edition.</summary>
    internal sealed class Edition
    {
        readonly JsonObject file;
        readonly List<Entry> entries = [];
        readonly Dictionary<string, Entry> byId;

        public Edition(JsonObject file, Pinyin pinyin)
        {
            this.file = file;
            From = Day(file["inForceFrom"])!.Value;
            foreach (var one in Array(file, "cases"))
                foreach (var json in Array(one, "entries"))
                {
                    var (id, family, items, codes) = ((string)json["id"]!, (string)one["family"]!, ItemsOf(json, one), Texts(json, "codes"));
                    entries.Add(new Entry(id, json, one, (string)json["zh"]!, (string)json["en"]!, codes, items,
                        [.. Named("families", [family]).Concat(Named("items", items)).Prepend(json).Select(Of)],
                        Written(new
                        {
                            id, zh = json["zh"], en = json["en"], family, codes, codesStatus = json["codesStatus"], points = json["points"],
                            fines = FinesOf(json), items,
                        })));
                }
            byId = entries.ToDictionary(entry => entry.Id);
            (Head, Items, Families) = (Written(HeadOf()), Written(ItemsOf()), Written(Array(file, "families").Select(one => new { id = one["id"], zh = one["zh"], en = one["en"] })));

            Name Of(JsonObject named) => new((string)named["zh"]!, (string)named["en"]!, pinyin.Initials((string)named["zh"]!));
        }

        public DateOnly From { get; }

        /// <summary>Days, law and list of codes; the campaign's own items, each with the entries that lead to it; the families: JSON.</summary>
        public byte[] Head { get; }
        public byte[] Items { get; }
        public byte[] Families { get; }

        public object HeadOf() => new { id = From, from = From, until = Day(file["inForceUntil"]), law = file["law"], codeList = file["codeList"] };

        object ItemsOf() => Array(file, "items").Select(item => new
        {
            id = (string)item["id"]!, zh = item["zh"], en = item["en"], entries = entries.Where(entry => entry.Items.Contains((string)item["id"]!)).Select(entry => entry.Id),
        });

        public Entry? Find(string id) => byId.GetValueOrDefault(id);

        /// <summary>Entries that a code, a piece of a title or the first letters of its pinyin point to, in the order of the file; exact codes first.</summary>
        public IEnumerable<Entry> Search(string? text, string? family, string? item)
        {
            var asked = text?.Trim() ?? "";
            return entries
                .Where(entry => (family is null || entry.Family == family) && (item is null || entry.Items.Contains(item)))
                .Select(entry => (entry, rank: asked.Length == 0 ? 1 : Rank(entry, asked)))
                .Where(one => one.rank > 0)
                .OrderByDescending(one => one.rank)
                .Select(one => one.entry);
        }

        /// <summary>0 where nothing points to it.</summary>
        static int Rank(Entry entry, string asked)
        {
            if (entry.Codes.Contains(asked))
                return 4;
            if (asked.Length == 5 && char.IsAsciiDigit(asked[0]) && entry.Codes.Contains(asked[..4]))
                return 3;    // a fifth character is a local refinement
            if (entry.Id.Equals(asked, StringComparison.OrdinalIgnoreCase) || entry.Names[0].Has(asked))
                return 2;
            return entry.Names.Any(name => name.Has(asked) || Pinyin.Contains(name.Initials, asked)) || entry.Codes.Any(code => asked.Length >= 2 && code.StartsWith(asked, StringComparison.Ordinal)) ? 1 : 0;
        }

        /// <summary>All that is said about one entry, its references followed.</summary>
        public object Whole(Entry entry)
        {
            var (json, one) = (entry.Json, entry.Case);
            return new
            {
                id = entry.Id, zh = entry.Zh, en = entry.En,
                family = Named("families", [(string)one["family"]!]).Single(), caseId = (string)one["id"]!,
                codes = entry.Codes, codesStatus = json["codesStatus"],
                measure = one["measure"] is { } measure ? Array(file, "measures").Single(row => (string)row["id"]! == (string)measure!) : null,
                starts = one["starts"], tier = json["tier"], priorsFrom = json["priorsFrom"], baseUnder = json["baseUnder"],
                groups = Named("groups", Texts(json, "groups") is { Length: > 0 } own ? own : Texts(one, "groups")),
                roads = json["roads"], roadKinds = json["roads"] is { } roads ? Texts(file["roads"]!.AsObject(), (string)roads!) : null,
                points = json["points"], fines = FinesOf(json), criminal = json["criminal"], noOffence = json["noOffence"],
                consequences = json["consequences"] ?? new JsonArray(), statutes = Texts(json, "statutes"),
                sources = Texts(json, "sources").Select(id => new { id, text = file["sources"]![id] }),
                referrals = Array(file, "referrals").Where(row => (string)row["case"]! == (string)one["id"]!),
                items = Named("items", entry.Items), uncertain = json["uncertain"],
                signals = Texts(one, "signals"),
            };
        }

        IEnumerable<JsonObject> Named(string list, IReadOnlyCollection<string> ids) => Array(file, list).Where(one => ids.Contains((string)one["id"]!))
            .Select(one => new JsonObject { ["id"] = (string)one["id"]!, ["zh"] = (string?)one["zh"], ["en"] = (string?)one["en"] });

        static string[] ItemsOf(JsonObject entry, JsonObject one) =>
            [.. Texts(one, "items").Concat(Texts(entry, "items")).Concat(Array(one, "scopes").Select(scope => (string)scope["item"]!)).Distinct()];

        public static JsonNode? FinesOf(JsonObject entry) =>
            entry["fines"]?.DeepClone() ?? (entry["fine"] is JsonObject fine ? new JsonArray(fine.DeepClone()) : new JsonArray());

        internal static IEnumerable<JsonObject> Array(JsonObject at, string name) => at[name] is JsonArray list ? list.OfType<JsonObject>() : [];

        static string[] Texts(JsonObject at, string name) => at[name] is JsonArray list ? [.. list.Select(one => (string)one!)] : [];
    }
}

/// <summary>First letters of the pinyin of Chinese characters, from <c>schemas/pinyin/initials.json</c>.</summary>
sealed class Pinyin(IReadOnlyDictionary<char, string> letters)
{
    public static Pinyin Load(SchemaFiles schemas)
    {
        var file = JsonNode.Parse(File.ReadAllText(schemas.PathOf("pinyin", "initials.json")))!;
        return new Pinyin(file["initials"]!.AsObject().SelectMany(group => ((string)group.Value!).Select(character => (character, group.Key)))
            .ToDictionary(one => one.character, one => one.Key));
    }

    public bool Knows(char character) => letters.ContainsKey(character);

    /// <summary>Of each character the letters it may begin with; what is no Chinese character is left out, a Latin letter is itself.</summary>
    public string[] Initials(string text) =>
        [.. text.Select(one => char.IsAsciiLetter(one) ? char.ToLowerInvariant(one).ToString() : letters.GetValueOrDefault(one, "")).Where(one => one.Length > 0)];

    /// <summary>The letters asked for stand there one after the other.</summary>
    public static bool Contains(string[] initials, string asked)
    {
        if (!asked.All(char.IsAsciiLetter))
            return false;
        for (var start = 0; start + asked.Length <= initials.Length; start++)
        {
            var n = 0;
            while (n < asked.Length && initials[start + n].Contains(char.ToLowerInvariant(asked[n])))
                n++;
            if (n == asked.Length)
                return true;
        }
        return false;
    }
}
