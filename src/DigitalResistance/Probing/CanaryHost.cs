using System.Net;
using DigitalResistance.Prober.Canary;
using DigitalResistance.Prober.Dialing;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Probing;

/// <summary>The canary that this process answers as, where one is configured.</summary>
public sealed class CanaryHost(IOptions<CanaryOptions> options, CanaryKeyRing keys, Targets targets, TimeProvider time) : IHostedService, IAsyncDisposable
{
    private CanaryListener? _listener;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Value.ListensAt is not { } listen) return Task.CompletedTask;
        _listener = new CanaryListener(IPEndPoint.Parse(listen), keys, time, downloadsPerDay: options.Value.DownloadsPerDay);
        _listener.Start();
        var at = _listener.LocalEndPoint;
        // Where it listens on every address of the machine, this machine reaches it by loopback.
        var address = at.Address.Equals(IPAddress.Any) ? IPAddress.Loopback : at.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : at.Address;
        targets.AddLocalCanary(new HostPort(HostName.Parse(address.ToString()), at.Port));
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken) => _listener?.StopAsync() ?? Task.CompletedTask;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Interlocked.Exchange(ref _listener, null)?.DisposeAsync() ?? ValueTask.CompletedTask;
}
