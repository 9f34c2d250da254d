using System.Net;
using System.Net.Sockets;

namespace Traffic.Tests.Intake;

/// <summary>A line to a server that can be told to lose the next answer: the server has done what was asked, the asker never hears.</summary>
sealed class LossyLine : IAsyncDisposable
{
    readonly TcpListener listener = new(IPAddress.Loopback, 0);
    readonly CancellationTokenSource stop = new();
    readonly Task accepting;
    readonly string host;
    readonly int port;
    volatile bool loseNext;

    public LossyLine(string host, int port)
    {
        (this.host, this.port) = (host, port);
        listener.Start();
        accepting = Accept();
    }

    public int Port => ((IPEndPoint)listener.LocalEndpoint).Port;

    public void LoseNextAnswer() => loseNext = true;

    async Task Accept()
    {
        try
        {
            while (true)
                _ = Carry(await listener.AcceptTcpClientAsync(stop.Token));
        }
        catch (OperationCanceledException) { }
    }

    async Task Carry(TcpClient asker)
    {
        using (asker)
        using (var server = new TcpClient(host, port))
        {
            var (near, far) = (asker.GetStream(), server.GetStream());
            await Task.WhenAny(Copy(near, far, mayLose: false), Copy(far, near, mayLose: true));
        }
    }

    async Task Copy(NetworkStream from, NetworkStream to, bool mayLose)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReadAsync(buffer, stop.Token) is var read and > 0)
            {
                if (mayLose && loseNext)
                {
                    loseNext = false;
                    return;
                }
                await to.WriteAsync(buffer.AsMemory(0, read), stop.Token);
            }
        }
        catch (Exception fault) when (fault is IOException or OperationCanceledException or ObjectDisposedException) { }
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        listener.Stop();
        await accepting;
        stop.Dispose();
    }
}
