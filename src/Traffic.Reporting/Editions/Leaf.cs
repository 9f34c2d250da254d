using System.Buffers.Binary;
using System.Buffers.Text;
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

    /// <summary>Columns of a counted violation in the two earlier formats, whose late ones had <see cref="EarlierColumns"/>.</summary>
    const int EarlierCounted = 16;

    const int EarlierColumns = 20;

    /// <summary>Bytes of a leaf in an edition's index: the record's id, then the beginning of the leaf's hash.</summary>
    public const int IndexBytes = 24;

    /// <summary>Columns of an export of the format.</summary>
    public static IReadOnlyList<string> ColumnsOf(string format) => format == EditionModel.FormatName ? Columns : [.. Columns.Take(EarlierColumns)];

    /// <summary>How many of them a leaf has.</summary>
    public static int ColumnsOf(string format, bool late) => format == EditionModel.FormatName ? Columns.Count : late ? EarlierColumns : EarlierCounted;

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

/// <summary>Takes leaves one by one, in any order; keeps of each its id and hash, and how many are alike.</summary>
/// <param name="windows">At most eight.</param>
sealed class LeafCollector(IReadOnlyList<DayWindow> windows)
{
    readonly Dictionary<byte[], long[]> counts = new(BytesComparer.Instance);
    readonly List<ActivityLeaf> activities = [];
    UInt128[] ids = new UInt128[1024];
    byte[] late = new byte[1024];
    byte[] hashes = new byte[1024 * MerkleTree.HashBytes];

    public int Count { get; private set; }

    /// <param name="line">The leaf.</param>
    /// <param name="id">The record's id, as its 32 digits are read.</param>
    /// <param name="day">The calendar day it counts for.</param>
    /// <param name="tailAt">Where in the line the columns from <c>status</c> on begin.</param>
    public void Add(ReadOnlySpan<byte> line, UInt128 id, bool isLate, DateOnly day, int tailAt)
    {
        if (Count == ids.Length)
            Grow();
        ids[Count] = id;
        late[Count] = isLate ? (byte)1 : (byte)0;
        MerkleTree.Leaf(line, hashes.AsSpan(Count * MerkleTree.HashBytes, MerkleTree.HashBytes));
        Count++;
        if (!line.StartsWith("violation|"u8) && !line.StartsWith("late|"u8))
        {
            activities.Add(ActivityLeaf.Parse(line));
            return;
        }

        var tail = line[tailAt..];
        Span<byte> key = stackalloc byte[tail.Length + 2];
        key[0] = isLate ? (byte)1 : (byte)0;
        key[1] = (byte)Mask(day);
        tail.CopyTo(key[2..]);
        var lookup = counts.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (!lookup.TryGetValue(key, out var count))
            lookup[key] = count = new long[1];
        count[0]++;
    }

    int Mask(DateOnly day)
    {
        var mask = 0;
        for (var i = 0; i < windows.Count; i++)
            if (windows[i].Contains(day))
                mask |= 1 << i;
        return mask;
    }

    void Grow()
    {
        Array.Resize(ref ids, ids.Length * 2);
        Array.Resize(ref late, late.Length * 2);
        Array.Resize(ref hashes, hashes.Length * 2);
    }

    public IReadOnlyList<ActivityLeaf> Activities => activities;

    public IReadOnlyList<Bucket> Buckets() =>
        [.. counts.Select(one => Bucket.Parse(one.Key[0] == 1, one.Key[1], one.Key.AsSpan(2), one.Value[0]))];

    /// <summary>The root over all leaves by id, then kind, and the index in that order.</summary>
    public (byte[] Root, byte[] Index) Seal()
    {
        var order = new int[Count];
        var keys = new ulong[Count];
        for (var i = 0; i < Count; i++)
            (order[i], keys[i]) = (i, (ulong)(ids[i] >> 64));
        // By the first half of the id, which is fast; where that is alike, by all of it, a counted record before the same one as late.
        Array.Sort(keys, order);
        for (var i = 0; i + 1 < Count; i++)
            if (keys[i] == keys[i + 1])
            {
                var end = i + 2;
                while (end < Count && keys[end] == keys[i])
                    end++;
                order.AsSpan(i, end - i).Sort((one, other) => (ids[one], late[one]).CompareTo((ids[other], late[other])));
                i = end - 1;
            }
        var sorted = new byte[Count * MerkleTree.HashBytes];
        var index = new byte[Count * Leaf.IndexBytes];
        for (var i = 0; i < Count; i++)
        {
            var hash = hashes.AsSpan(order[i] * MerkleTree.HashBytes, MerkleTree.HashBytes);
            hash.CopyTo(sorted.AsSpan(i * MerkleTree.HashBytes));
            BinaryPrimitives.WriteUInt128BigEndian(index.AsSpan(i * Leaf.IndexBytes), ids[order[i]]);
            hash[..8].CopyTo(index.AsSpan(i * Leaf.IndexBytes + 16));
        }
        return (MerkleTree.Root(sorted), index);
    }
}

/// <summary>Leaves out of PostgreSQL's binary COPY format, without a string for each value.</summary>
static class LeafStream
{
    public delegate void Taker(ReadOnlySpan<byte> line, UInt128 id, bool late, DateOnly day, int tailAt);

    /// <summary>Hands each row over as a line. Columns come as <see cref="Leaf.Columns"/>, the days as dates, numbers as integers.</summary>
    public static Task Read(Stream copy, string format, Taker take, Func<Task>? between, CancellationToken cancel)
    {
        var line = new byte[4_096];
        var (counted, late) = (Leaf.ColumnsOf(format, late: false), Leaf.ColumnsOf(format, late: true));
        return CopyStream.Read(copy, row =>
        {
            // No value takes more than so many signs beyond its bytes.
            if (row.Length + 20 * Leaf.Columns.Count is var longest && longest > line.Length)
                line = new byte[2 * longest];
            Take(row, counted, late, line, take);
        }, between, cancel);
    }

    static void Take(CopyRow row, int counted, int lateColumns, Span<byte> line, Taker take)
    {
        var (written, tailAt, days, late) = (0, 0, 0, false);
        UInt128 id = 0;
        for (var i = 0; row.Length > 0; i++)
        {
            var value = row.Next();
            if (i >= (late ? lateColumns : counted))
                continue;
            if (i > 0)
                line[written++] = (byte)'|';
            if (i == 5)
                tailAt = written;
            if (value.IsEmpty)
                continue;
            switch (i)
            {
                case 0:
                    late = Leaf.IsLate(value);
                    Copy(value, line, ref written);
                    break;
                case 1:
                    id = BinaryPrimitives.ReadUInt128BigEndian(value);
                    Utf8Formatter.TryFormat(new Guid(value, bigEndian: true), line[written..], out var digits);
                    written += digits;
                    break;
                case 3 or 4:
                    var day = BinaryPrimitives.ReadInt32BigEndian(value);
                    if (i == 3)
                        days = day;
                    written += Leaf.WriteDay(day, line[written..]);
                    break;
                case 2 or 14 or 16:
                    Utf8Formatter.TryFormat(BinaryPrimitives.ReadInt32BigEndian(value), line[written..], out var number);
                    written += number;
                    break;
                case 15:
                    Copy(value[0] == 1 ? "true"u8 : "false"u8, line, ref written);
                    break;
                default:
                    Copy(value, line, ref written);
                    break;
            }
        }
        take(line[..written], id, late, DateOnly.FromDayNumber(CopyRow.DaysOf2000 + days), tailAt);
    }

    static void Copy(ReadOnlySpan<byte> value, Span<byte> line, ref int written)
    {
        value.CopyTo(line[written..]);
        written += value.Length;
    }
}
