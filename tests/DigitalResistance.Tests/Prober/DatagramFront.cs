using System.Net;
using System.Net.Sockets;

namespace DigitalResistance.Tests.Prober;

/// <summary>The datagram half of a server, on the port of its streams: it hands each datagram to a test, which says what goes back.</summary>
internal sealed class DatagramFront : IAsyncDisposable
{
    private readonly UdpClient _front;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;
    private int _asked;

    public DatagramFront(int port, Func<byte[], int, Task<IEnumerable<byte[]>>> answer)
    {
        _front = new UdpClient(new IPEndPoint(IPAddress.Loopback, port));
        _serving = ServeAsync(answer);
    }

    public int Asked => Volatile.Read(ref _asked);

    /// <summary>What the canary on a port answers to a payload.</summary>
    public static async Task<byte[]> AskAsync(int port, ReadOnlyMemory<byte> payload)
    {
        using var back = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        await back.SendAsync(payload, new IPEndPoint(IPAddress.Loopback, port));
        return (await back.ReceiveAsync()).Buffer;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _serving;
        _front.Dispose();
        _stop.Dispose();
    }

    private async Task ServeAsync(Func<byte[], int, Task<IEnumerable<byte[]>>> answer)
    {
        try
        {
            while (true)
            {
                var question = await _front.ReceiveAsync(_stop.Token);
                foreach (var datagram in await answer(question.Buffer, Interlocked.Increment(ref _asked) - 1)) await _front.SendAsync(datagram, question.RemoteEndPoint, _stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }
}
