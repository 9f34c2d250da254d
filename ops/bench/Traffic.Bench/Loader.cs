using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Traffic.Bench;

/// <summary>What was answered in the measured time.</summary>
/// <param name="Accepted">Records answered with a receipt.</param>
/// <param name="Failed">Requests not answered 200 or 201.</param>
/// <param name="Seconds">How long was measured.</param>
/// <param name="Latencies">Of each request, microseconds, sorted.</param>
/// <param name="Sequences">Receipts: intake's sequence and when it was answered (Stopwatch ticks). Open loop only.</param>
sealed record Load(long Accepted, long Failed, double Seconds, int[] Latencies, List<(long Sequence, long At)> Sequences)
{
    /// <summary>Milliseconds below which this share lies.</summary>
    public double Percentile(double share) => Of(Latencies, share);

    public static double Of(int[] sortedMicroseconds, double share) => sortedMicroseconds.Length == 0
        ? double.NaN
        : sortedMicroseconds[Math.Min(sortedMicroseconds.Length - 1, (int)(sortedMicroseconds.Length * share))] / 1000.0;
}

/// <summary>Sends prepared requests over plain sockets, as cheaply as it can: it shares the processors with what it measures.</summary>
static class Loader
{
    /// <summary>Each connection sends the next as soon as the last is answered.</summary>
    /// <param name="port">On 127.0.0.1.</param>
    /// <param name="connections">How many at once.</param>
    /// <param name="templates">Taken in turn.</param>
    /// <param name="warm">Sent before anything is measured.</param>
    /// <param name="measured">Then measured; at its begin and end <paramref name="mark"/> is called.</param>
    /// <param name="mark">Reads counters; true at the end.</param>
    public static async Task<Load> Closed(
        int port, int connections, Request[] templates, TimeSpan warm, TimeSpan measured, Func<bool, Task> mark)
    {
        var phase = 0;
        using var end = new CancellationTokenSource();
        var runs = Enumerable.Range(0, connections).Select(async n =>
        {
            await Task.Yield();
            using var connection = new Connection(port, templates, n);
            var latencies = new List<int>(100_000);
            long accepted = 0, failed = 0;
            while (!end.IsCancellationRequested)
            {
                var begin = Stopwatch.GetTimestamp();
                var (status, taken, _) = await connection.Send();
                if (Volatile.Read(ref phase) != 1)
                    continue;
                if (status is 200 or 201)
                    accepted += taken;
                else
                    failed++;
                latencies.Add((int)Stopwatch.GetElapsedTime(begin).TotalMicroseconds);
            }
            return (latencies, accepted, failed);
        }).ToArray();

        await Task.WhenAny(Task.Delay(warm), Task.WhenAll(runs));
        await mark(false);
        Volatile.Write(ref phase, 1);
        var from = Stopwatch.GetTimestamp();
        await Task.WhenAny(Task.Delay(measured), Task.WhenAll(runs));
        Volatile.Write(ref phase, 2);
        var seconds = Stopwatch.GetElapsedTime(from).TotalSeconds;
        await mark(true);
        await end.CancelAsync();
        var all = await Task.WhenAll(runs);
        return new Load(all.Sum(one => one.accepted), all.Sum(one => one.failed), seconds, [.. all.SelectMany(one => one.latencies).Order()], []);
    }

    /// <summary>
    /// Sends at a fixed rate, whether or not the last is answered; latency counts from when it should have been sent. One thread does
    /// all: at such rates waking others would cost more than the requests themselves.
    /// </summary>
    public static Task<Load> Open(int port, int connections, Request[] templates, int rate, TimeSpan measured) => Task.Factory.StartNew(() =>
    {
        var idle = new Stack<Connection>();
        for (var n = 0; n < connections; n++)
            idle.Push(new Connection(port, templates, n));
        var busy = new Dictionary<Socket, (Connection Connection, long At)>();
        var due = new Queue<long>();
        var (latencies, sequences) = (new List<int>(100_000), new List<(long, long)>(100_000));
        long sent = 0, accepted = 0, failed = 0;
        var begin = Stopwatch.GetTimestamp();
        for (var elapsed = TimeSpan.Zero; elapsed < measured || due.Count > 0 || busy.Count > 0; elapsed = Stopwatch.GetElapsedTime(begin))
        {
            // A millisecond's requests are due together at its begin.
            var tick = (long)Math.Min(elapsed.TotalMilliseconds, measured.TotalMilliseconds);
            for (var owed = tick * rate / 1000; sent < owed; sent++)
                due.Enqueue(begin + (tick * Stopwatch.Frequency / 1000));
            while (due.Count > 0 && idle.TryPop(out var free))
            {
                free.SendNext();
                busy.Add(free.Socket, (free, due.Dequeue()));
            }
            // Answers come many at once: to wake for each of them would cost more than they do.
            Thread.Sleep(1);
            if (busy.Count == 0)
                continue;
            var ready = busy.Keys.ToList();
            Socket.Select(ready, null, null, 0);
            foreach (var socket in ready)
            {
                var (connection, at) = busy[socket];
                if (connection.ReceiveSome() is not var (status, taken, sequence))
                    continue;
                var now = Stopwatch.GetTimestamp();
                if (status is 200 or 201)
                    accepted += taken;
                else
                    failed++;
                latencies.Add((int)Stopwatch.GetElapsedTime(at, now).TotalMicroseconds);
                if (sequence > 0)
                    sequences.Add((sequence, now));
                busy.Remove(socket);
                idle.Push(connection);
            }
        }
        foreach (var connection in idle)
            connection.Dispose();
        return new Load(accepted, failed, Stopwatch.GetElapsedTime(begin).TotalSeconds, [.. latencies.Order()], sequences);
    }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    /// <summary>One connection: a request out, its answer in. HTTP/1.1, kept open.</summary>
    sealed class Connection : IDisposable
    {
        readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        readonly Request[] templates;
        readonly byte[] answer = new byte[256 * 1024];
        int next;
        int length;
        int records;

        public Connection(int port, Request[] shared, int first)
        {
            // The bytes are patched in place, so each connection has its own.
            templates = [.. Enumerable.Range(0, Math.Min(shared.Length, 16))
                .Select(n => shared[(first + n) % shared.Length]).Select(one => one with { Bytes = [.. one.Bytes] })];
            socket.Connect(IPAddress.Loopback, port);
        }

        public Socket Socket => socket;

        public async ValueTask<(int Status, int Accepted, long Sequence)> Send()
        {
            await socket.SendAsync(Next().Bytes);
            while (true)
                if (Received(await socket.ReceiveAsync(answer.AsMemory(length))) is { } read)
                    return read;
        }

        public void SendNext() => socket.Send(Next().Bytes);

        /// <summary>Takes what is there; null where the answer is not yet whole.</summary>
        public (int Status, int Accepted, long Sequence)? ReceiveSome() => Received(socket.Receive(answer.AsSpan(length)));

        Request Next()
        {
            var request = templates[next++ % templates.Length];
            foreach (var id in request.Ids)
                NewId(request.Bytes.AsSpan(id, 36));
            request.Renew();
            (length, records) = (0, request.Ids.Length);
            return request;
        }

        (int Status, int Accepted, long Sequence)? Received(int read)
        {
            if (read == 0)
                throw new IOException("The server closed the connection.");
            length += read;
            return IsWhole(answer.AsSpan(0, length)) ? Read(answer.AsSpan(0, length), records) : null;
        }

        static void NewId(Span<byte> id)
        {
            var random = (UInt128)Random.Shared.NextInt64(long.MaxValue) << 64 | (ulong)Random.Shared.NextInt64(long.MaxValue);
            for (var i = 0; i < 36; i++)
            {
                if (id[i] == '-' || i is 14 or 19)
                    continue;
                id[i] = "0123456789abcdef"u8[(int)(random & 15)];
                random >>= 4;
            }
        }

        static bool IsWhole(ReadOnlySpan<byte> answer)
        {
            var head = answer.IndexOf("\r\n\r\n"u8);
            if (head < 0)
                return false;
            var length = answer[..head].IndexOf("Content-Length: "u8);
            return length < 0
                ? answer.EndsWith("\r\n0\r\n\r\n"u8)
                : answer.Length >= head + 4 + (int)Number(answer[(length + 16)..]);
        }

        static (int Status, int Accepted, long Sequence) Read(ReadOnlySpan<byte> answer, int sent)
        {
            var status = (int)Number(answer[9..]);
            var batch = answer.IndexOf("\"accepted\":"u8);
            var sequence = answer.IndexOf("\"sequence\":"u8);
            return (status, batch >= 0 && sent > 1 ? (int)Number(answer[(batch + 11)..]) : sent,
                sequence >= 0 ? Number(answer[(sequence + 11)..]) : 0);
        }

        static long Number(ReadOnlySpan<byte> text)
        {
            var digits = text.IndexOfAnyExceptInRange((byte)'0', (byte)'9');
            return long.Parse(digits < 0 ? text : text[..digits], NumberStyles.None, CultureInfo.InvariantCulture);
        }

        public void Dispose() => socket.Dispose();
    }
}
