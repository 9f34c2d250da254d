using System.Buffers.Binary;

namespace Traffic.Reporting;

/// <summary>One row of PostgreSQL's binary COPY format, read field by field.</summary>
ref struct CopyRow(ReadOnlySpan<byte> row)
{
    ReadOnlySpan<byte> rest = row;

    /// <summary>Bytes that are left of it.</summary>
    public readonly int Length => rest.Length;

    /// <summary>The next field's bytes; none where it is null.</summary>
    public ReadOnlySpan<byte> Next()
    {
        var length = Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(rest));
        var value = rest.Slice(4, length);
        rest = rest[(4 + length)..];
        return value;
    }

    public int Int() => BinaryPrimitives.ReadInt32BigEndian(Next());

    public long Long() => BinaryPrimitives.ReadInt64BigEndian(Next());

    public DateOnly Day() => DateOnly.FromDayNumber(DaysOf2000 + Int());

    /// <summary>PostgreSQL counts days from 2000-01-01.</summary>
    internal const int DaysOf2000 = 730_119;
}

/// <summary>Reads PostgreSQL's binary COPY format row by row, without an object for each value.</summary>
static class CopyStream
{
    /// <summary>Signature, flags and length of the header's extension.</summary>
    const int HeaderBytes = 19;

    public delegate void Taker(CopyRow row);

    /// <param name="between">Awaited from time to time, where what was taken has to go on.</param>
    /// <exception cref="EndOfStreamException">The rows end before their end is said.</exception>
    public static async Task Read(Stream copy, Taker take, Func<Task>? between, CancellationToken cancel)
    {
        var buffer = new byte[1 << 20];
        var (start, end, header) = (0, 0, true);
        while (true)
        {
            buffer.AsSpan(start, end - start).CopyTo(buffer);
            (start, end) = (0, end - start);
            // One row may be longer than all of it.
            if (end == buffer.Length)
                Array.Resize(ref buffer, 2 * end);
            var read = await copy.ReadAsync(buffer.AsMemory(end), cancel);
            end += read;
            if (header && end >= HeaderBytes)
                (start, header) = (HeaderBytes, false);
            if (!header && Rows(buffer, ref start, end, take))
                return;
            if (between is not null)
                await between();
            if (read == 0)
                throw new EndOfStreamException("The rows end before their end is said.");
        }
    }

    /// <summary>Takes all whole rows; true at the end of them.</summary>
    static bool Rows(byte[] buffer, ref int start, int end, Taker take)
    {
        while (end - start >= 2)
        {
            var rows = buffer.AsSpan(start, end - start);
            var fields = BinaryPrimitives.ReadInt16BigEndian(rows);
            if (fields == -1)
                return true;
            if (Whole(rows, fields) is not (> 0 and var length))
                return false;
            take(new CopyRow(rows[2..length]));
            start += length;
        }
        return false;
    }

    /// <summary>Bytes of the first row; 0 where it is not whole yet.</summary>
    static int Whole(ReadOnlySpan<byte> rows, int fields)
    {
        var at = 2;
        for (var i = 0; i < fields; i++)
        {
            if (at + 4 > rows.Length)
                return 0;
            at += 4 + Math.Max(0, BinaryPrimitives.ReadInt32BigEndian(rows[at..]));
        }
        return at <= rows.Length ? at : 0;
    }
}
