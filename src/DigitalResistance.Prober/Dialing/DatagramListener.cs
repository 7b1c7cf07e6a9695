using System.Net;
using System.Net.Sockets;

namespace DigitalResistance.Prober.Dialing;

/// <summary>
/// Receives strangers' datagrams on one address and answers each by itself, from what it holds and whence it came. It keeps no state about
/// anybody, and its answers are never longer than what was asked, so that a forged source address gains nothing.
/// </summary>
public sealed class DatagramListener(IPEndPoint address, Func<ReadOnlyMemory<byte>, IPAddress, ReadOnlyMemory<byte>> answer) : IAsyncDisposable
{
    private const int Longest = 1500;

    private readonly CancellationTokenSource _stop = new();
    private Socket? _socket;
    private Task _answering = Task.CompletedTask;

    /// <summary>Opens the port. Throws when it is taken: a listener that is not there must be noticed at start.</summary>
    public void Start()
    {
        var socket = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(address);
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }

        _socket = socket;
        _answering = AnswerAsync(socket);
    }

    /// <summary>Closes the port.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _answering;
        _socket?.Dispose();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _stop.Dispose();
    }

    private async Task AnswerAsync(Socket socket)
    {
        var (buffer, anybody) = (new byte[Longest], new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0));
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var received = await socket.ReceiveFromAsync(buffer, SocketFlags.None, anybody, _stop.Token);
                var from = (IPEndPoint)received.RemoteEndPoint;
                var reply = answer(buffer.AsMemory(0, received.ReceivedBytes), from.Address.IsIPv4MappedToIPv6 ? from.Address.MapToIPv4() : from.Address);
                if (reply.Length > 0 && reply.Length <= received.ReceivedBytes) await socket.SendToAsync(reply, SocketFlags.None, from, _stop.Token);
            }
            catch (SocketException)
            {
                // Whoever asked has gone, or sent more than anybody asks with.
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }
}
