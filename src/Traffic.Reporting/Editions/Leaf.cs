using System.Globalization;
using System.Text;

namespace Traffic.Reporting.Editions;

/// <summary>
/// One counted record as the tree holds it: the columns below joined by <c>|</c>, in UTF-8; see <c>schemas/editions</c>.
/// Nothing personal: no plate, no name, no number of a person, no place finer than the division.
/// </summary>
static class Leaf
{
    /// <summary>A violation that stands in one of the edition's windows.</summary>
    public const string Counted = "violation";

    /// <summary>A record of an earlier day that came, or changed, after the edition before was frozen; of another thing, with its kind: <c>late-crash</c>.</summary>
    public const string Late = "late";

    public static readonly IReadOnlyList<string> Columns =
    [
        "kind", "recordId", "revision", "day", "shiftDate", "status", "entry", "family", "division", "shift", "source", "vehicleClass",
        "origin", "items", "points", "criminalReferral", "formerRevision", "formerStatus", "formerEntry", "formerFamily",
        "overlays", "counts", "formerCounts",
    ];

    /// <summary>Columns of a counted violation in the two first formats, whose late ones had <see cref="EarlierColumns"/>.</summary>
    const int EarlierCounted = 16;

    const int EarlierColumns = 20;

    /// <summary>Bytes of a leaf in an edition's index: the record's id, then the beginning of the leaf's hash.</summary>
    public const int IndexBytes = 24;

    /// <summary>Columns of an export of the format.</summary>
    public static IReadOnlyList<string> ColumnsOf(string format) => EditionModel.HasAll(format) ? Columns : [.. Columns.Take(EarlierColumns)];

    /// <summary>How many of them a leaf has.</summary>
    public static int ColumnsOf(string format, bool late) => EditionModel.HasAll(format) ? Columns.Count : late ? EarlierColumns : EarlierCounted;

    /// <summary>Kinds in the order in which leaves of one id stand: the late ones last, by their bytes.</summary>
    static readonly List<string> Places =
    [
        "crash", "danger", "observation", "point", "session", Counted, "visit",
        Late, "late-crash", "late-danger", "late-observation", "late-point", "late-session", "late-visit",
    ];

    /// <summary>Place of a leaf among those of one id.</summary>
    public static byte Place(string kind) => (byte)Places.IndexOf(kind);

    public static bool IsLate(ReadOnlySpan<byte> kind) => kind.StartsWith("late"u8);

    /// <summary>Writes the day of PostgreSQL's count (from 2000-01-01).</summary>
    internal static int WriteDay(int days, Span<byte> to)
    {
        var (year, month, day) = DateOnly.FromDayNumber(CopyRow.DaysOf2000 + days);
        Digits(year, to[..4]);
        to[4] = (byte)'-';
        Digits(month, to.Slice(5, 2));
        to[7] = (byte)'-';
        Digits(day, to.Slice(8, 2));
        return 10;

        static void Digits(int number, Span<byte> to)
        {
            for (var i = to.Length - 1; i >= 0; i--, number /= 10)
                to[i] = (byte)('0' + number % 10);
        }
    }
}

/// <summary>How many leaves are alike in everything but id, revision and days, and in which windows of the edition they lie.</summary>
/// <param name="Windows">Bit i: the day lies in window i.</param>
sealed record Bucket(
    bool Late, int Windows, string Status, string Entry, string Family, string Division, string Shift, string Source, string VehicleClass,
    string Origin, string Items, int? Points, bool CriminalReferral, int? FormerRevision, string FormerStatus, string FormerEntry,
    string FormerFamily, string Overlays, long Count)
{
    public bool In(int window) => !Late && (Windows >> window & 1) == 1;

    internal static Bucket Parse(bool late, int windows, ReadOnlySpan<byte> tail, long count)
    {
        var fields = Encoding.UTF8.GetString(tail).Split('|');
        return new Bucket(
            late, windows, fields[0], fields[1], fields[2], fields[3], fields[4], fields[5], fields[6], fields[7], fields[8],
            Number(fields[9]), fields[10] == "true", late ? Number(fields[11]) : null, late ? fields[12] : "", late ? fields[13] : "",
            late ? fields[14] : "",
            fields.Length > 15 ? fields[15] : "", count);
    }

    static int? Number(string text) => text.Length == 0 ? null : int.Parse(text, CultureInfo.InvariantCulture);
}

/// <summary>One thing in one cell: of which cube, on which day, how much.</summary>
/// <param name="Keys">As the cells of the cube have them, with <c>,</c> for <c>|</c>.</param>
readonly record struct LeafShare(string Cube, DateOnly Day, string Keys, long Value)
{
    /// <summary>Reads the column <c>counts</c>.</summary>
    public static IEnumerable<LeafShare> Parse(string counts) => counts.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(one =>
        one.Split(':') is [var cube, var day, var keys, var value]
            ? new LeafShare(cube, DateOnly.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture), keys, long.Parse(value, CultureInfo.InvariantCulture))
            : throw new FormatException($"“{one}” is no count."));
}

/// <summary>A crash, danger, observation, session, point or visit as its leaf has it.</summary>
sealed record ActivityLeaf(bool Late, string Kind, string Status, string Division, string Counts, int? FormerRevision, string FormerStatus)
{
    internal static ActivityLeaf Parse(ReadOnlySpan<byte> line)
    {
        var fields = Encoding.UTF8.GetString(line).Split('|');
        var late = Leaf.IsLate(line);
        return new ActivityLeaf(
            late, late ? fields[0][(Leaf.Late.Length + 1)..] : fields[0], fields[5], fields[8], fields[21],
            fields[16].Length == 0 ? null : int.Parse(fields[16], CultureInfo.InvariantCulture), fields[17]);
    }
}
