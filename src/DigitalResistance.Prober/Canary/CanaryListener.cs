using System.Net;
using System.Net.Sockets;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Canary;

/// <summary>
/// A canary on a port of its own, for connections and for datagrams. Several of them, on different neutral addresses, may run anywhere with the same key ring; none may stand
/// on an address of the registry, or each probe would tell whose it is.
/// </summary>
public sealed class CanaryListener : IAsyncDisposable
{
    private const int Tries = 8;

    private readonly IPEndPoint _address;
    private readonly CanaryResponder _responder;
    private readonly ListenerLimits _limits;
    private readonly TimeProvider _time;
    private Listener? _connections;
    private DatagramListener? _datagrams;

    /// <summary>Prepares a canary; the port opens with <see cref="Start"/>.</summary>
    public CanaryListener(IPEndPoint address, CanaryKeyRing keys, TimeProvider time, ListenerLimits? limits = null, int downloadsPerDay = CanaryResponder.DefaultDownloads) =>
        (_address, _responder, _limits, _time) = (address, new CanaryResponder(keys, downloadsPerDay), limits ?? new ListenerLimits(), time);

    /// <summary>Where it listens, with the port that the system chose if 0 was asked for.</summary>
    public IPEndPoint LocalEndPoint => (_connections ?? throw new InvalidOperationException("The canary has not been started.")).LocalEndPoint;

    /// <summary>Opens the port in TCP and the same one in UDP; throws when either is taken.</summary>
    public void Start()
    {
        for (var left = Tries; ; left--)
        {
            var connections = new Listener(_address, _limits, _responder.ServeAsync, _time);
            connections.Start();
            var datagrams = new DatagramListener(connections.LocalEndPoint, _responder.AnswerDatagram);
            try
            {
                datagrams.Start();
                (_connections, _datagrams) = (connections, datagrams);
                return;
            }
            catch (SocketException)
            {
                _ = connections.DisposeAsync().AsTask();
                if (_address.Port != 0 || left == 1) throw; // what the system chose for TCP may be somebody else's in UDP
            }
        }
    }

    /// <summary>Closes it and ends every exchange under way.</summary>
    public async Task StopAsync()
    {
        if (_connections is not null) await _connections.StopAsync();
        if (_datagrams is not null) await _datagrams.StopAsync();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (_connections is not null) await _connections.DisposeAsync();
        if (_datagrams is not null) await _datagrams.DisposeAsync();
    }
}
