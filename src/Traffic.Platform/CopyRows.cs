using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Npgsql;

namespace Traffic.Platform;

/// <summary>
/// Rows in PostgreSQL's binary COPY form, written into memory and then sent as one. The driver's own importer takes an
/// asynchronous step for each value, which costs more than all else that storing a record needs.
/// </summary>
/// <remarks>Form: PostgreSQL manual, COPY, "Binary Format". A null is a length of −1.</remarks>
/// <param name="columns">Values in each row, in the order of the statement's columns.</param>
public sealed class CopyRows(short columns) : IDisposable
{
    static readonly long InstantsBegin = new DateTime(2000, 1, 1, 0, 0, 0, DateTimeKind.Utc).Ticks;
    static readonly int DaysBegin = new DateOnly(2000, 1, 1).DayNumber;

    readonly PooledBuffer rows = Begun();

    static PooledBuffer Begun()
    {
        var rows = new PooledBuffer();
        rows.Write("PGCOPY\n"u8);
        rows.Write((ReadOnlySpan<byte>)[0xFF, (byte)'\r', (byte)'\n', 0, /* flags */ 0, 0, 0, 0, /* no extension */ 0, 0, 0, 0]);
        return rows;
    }

    /// <summary>Begins a row; each of its columns is written then.</summary>
    public void Row() => BinaryPrimitives.WriteInt16BigEndian(Take(2), columns);

    /// <summary>A text, or null.</summary>
    public void Text(string? value)
    {
        if (value is null)
        {
            Null();
            return;
        }
        var span = rows.GetSpan(4 + Encoding.UTF8.GetMaxByteCount(value.Length));
        var bytes = Encoding.UTF8.GetBytes(value, span[4..]);
        BinaryPrimitives.WriteInt32BigEndian(span, bytes);
        rows.Advance(4 + bytes);
    }

    /// <summary>An <c>integer</c>, or null.</summary>
    public void Number(int? value)
    {
        if (value is { } number)
            BinaryPrimitives.WriteInt32BigEndian(Value(4), number);
        else
            Null();
    }

    /// <summary>A <c>bigint</c>.</summary>
    public void BigNumber(long value) => BinaryPrimitives.WriteInt64BigEndian(Value(8), value);

    /// <summary>A <c>bigint</c>, or null.</summary>
    public void BigNumber(long? value)
    {
        if (value is { } number)
            BigNumber(number);
        else
            Null();
    }

    /// <summary>A <c>boolean</c>.</summary>
    public void Bool(bool value) => Value(1)[0] = value ? (byte)1 : (byte)0;

    /// <summary>A <c>uuid</c>, or null.</summary>
    public void Uuid(Guid? value)
    {
        if (value is { } id)
            id.TryWriteBytes(Value(16), bigEndian: true, out _);
        else
            Null();
    }

    /// <summary>A <c>timestamptz</c>, to the microsecond.</summary>
    /// <param name="value">UTC.</param>
    public void Instant(DateTime value) =>
        BinaryPrimitives.WriteInt64BigEndian(Value(8), (value.Ticks - InstantsBegin) / TimeSpan.TicksPerMicrosecond);

    /// <summary>A <c>date</c>.</summary>
    public void Day(DateOnly value) => BinaryPrimitives.WriteInt32BigEndian(Value(4), value.DayNumber - DaysBegin);

    /// <summary>Sends all rows.</summary>
    /// <param name="copy"><c>copy … from stdin (format binary)</c>, naming as many columns as a row has.</param>
    /// <param name="connection">In the transaction that the rows belong to.</param>
    /// <param name="cancel">Cancels.</param>
    public async Task Send(NpgsqlConnection connection, string copy, CancellationToken cancel)
    {
        rows.Write((ReadOnlySpan<byte>)[0xFF, 0xFF]);
        await using var stream = await connection.BeginRawBinaryCopyAsync(copy, cancel);
        try
        {
            await stream.WriteAsync(rows.WrittenMemory, cancel);
        }
        catch
        {
            await stream.CancelAsync();
            throw;
        }
    }

    /// <summary>Gives its memory back.</summary>
    public void Dispose() => rows.Dispose();

    void Null() => BinaryPrimitives.WriteInt32BigEndian(Take(4), -1);

    Span<byte> Value(int bytes)
    {
        var span = Take(4 + bytes);
        BinaryPrimitives.WriteInt32BigEndian(span, bytes);
        return span[4..];
    }

    Span<byte> Take(int bytes)
    {
        var span = rows.GetSpan(bytes)[..bytes];
        rows.Advance(bytes);
        return span;
    }
}
