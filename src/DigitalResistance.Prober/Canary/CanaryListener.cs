using System.Net;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Canary;

/// <summary>
/// A canary on a port of its own. Several of them, on different neutral addresses, may run anywhere with the same key ring; none may stand
/// on an address of the registry, or each probe would tell whose it is.
/// </summary>
public sealed class CanaryListener : IAsyncDisposable
{
    private readonly Listener _listener;

    /// <summary>Prepares a canary; the port opens with <see cref="Start"/>.</summary>
    public CanaryListener(IPEndPoint address, CanaryKeyRing keys, TimeProvider time, ListenerLimits? limits = null) =>
        _listener = new Listener(address, limits ?? new ListenerLimits(), new CanaryResponder(keys).ServeAsync, time);

    /// <summary>Where it listens, with the port that the system chose if 0 was asked for.</summary>
    public IPEndPoint LocalEndPoint => _listener.LocalEndPoint;

    /// <summary>Opens the port; throws when it is taken.</summary>
    public void Start() => _listener.Start();

    /// <summary>Closes it and ends every exchange under way.</summary>
    public Task StopAsync() => _listener.StopAsync();

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _listener.DisposeAsync();
}
