using System.Buffers;

namespace Traffic.Platform;

/// <summary>
/// Bytes that grow as they are written, in memory that is lent and given back. A buffer of a whole batch is large: made anew each time,
/// such buffers keep the garbage collector busy with the whole heap.
/// </summary>
public sealed class PooledBuffer : IBufferWriter<byte>, IDisposable
{
    byte[] bytes = ArrayPool<byte>.Shared.Rent(64 * 1024);
    int written;

    /// <summary>What was written; valid until the buffer is disposed of.</summary>
    public ReadOnlyMemory<byte> WrittenMemory => bytes.AsMemory(0, written);

    /// <inheritdoc/>
    public void Advance(int count) => written = checked(written + count) <= bytes.Length ? written + count : throw new ArgumentOutOfRangeException(nameof(count));

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return bytes.AsMemory(written);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return bytes.AsSpan(written);
    }

    /// <summary>Gives the memory back.</summary>
    public void Dispose()
    {
        if (bytes.Length > 0)
            ArrayPool<byte>.Shared.Return(bytes);
        (bytes, written) = ([], 0);
    }

    void Reserve(int more)
    {
        more = Math.Max(more, 1);
        if (bytes.Length - written >= more)
            return;
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(checked(written + more), bytes.Length * 2));
        bytes.AsSpan(0, written).CopyTo(larger);
        (bytes, var smaller) = (larger, bytes);
        ArrayPool<byte>.Shared.Return(smaller);
    }
}
