using System.Buffers.Binary;
using System.Buffers.Text;

namespace Traffic.Reporting.Editions;

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
