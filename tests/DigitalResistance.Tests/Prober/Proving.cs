using System.Net;
using DigitalResistance.Prober.Canary;
using DigitalResistance.Prober.Carriage;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Dispatch;
using DigitalResistance.Prober.Protocols;

namespace DigitalResistance.Tests.Prober;

/// <summary>A prober on loopback with a real canary: what every test of a protocol starts from.</summary>
internal sealed class Proving : IAsyncDisposable
{
    public static readonly byte[] Master = [.. Enumerable.Range(0, 32).Select(i => (byte)i)];

    private readonly CanaryListener _canary;

    public Proving(TimeSpan? deadline = null, TrustRoots? roots = null, int readLimit = 64 * 1024)
    {
        Options = new DialingOptions { AllowLoopback = true, Deadline = deadline ?? TimeSpan.FromSeconds(10), ReadLimit = readLimit };
        Dialer = new Dialer(Options, TimeProvider.System);
        Keys = new CanaryKeyRing(Master, ["local", "v-2"], TimeProvider.System);
        Runner = new ProbeRunner(Catalog, Dialer, roots ?? TrustRoots.System, new ProbeRunnerOptions(), TimeProvider.System);
        _canary = new CanaryListener(new IPEndPoint(IPAddress.Loopback, 0), Keys, TimeProvider.System);
        _canary.Start();
    }

    public static ProbeCatalog Catalog { get; } = new();

    public DialingOptions Options { get; }

    public Dialer Dialer { get; }

    public CanaryKeyRing Keys { get; }

    public ProbeRunner Runner { get; }

    public int CanaryPort => _canary.LocalEndPoint.Port;

    public ProbeTarget.Canary CanaryTarget => new(HostPort.Parse($"127.0.0.1:{CanaryPort}"), Keys.Issue("local"));

    public static Dictionary<string, string> Settings(params (string Name, string Value)[] settings) => settings.ToDictionary(s => s.Name, s => s.Value);

    public ProbeTarget TargetFor(string protocol) => Catalog.Find(protocol)?.LeadsTo == TargetKind.Telegram ? HonestServers.Telegram.Target() : CanaryTarget;

    public ProbeAssignment Assign(string protocol, HostPort server, IReadOnlyDictionary<string, string>? settings = null, ProbeTarget? target = null) =>
        new(Guid.NewGuid(), 7, protocol, server, settings ?? Settings(), target ?? TargetFor(protocol));

    public Task<ProbeReport> ProbeAsync(
        string protocol, HostPort server, IReadOnlyDictionary<string, string>? settings = null, ProbeTarget? target = null, CancellationToken cancellation = default) =>
        Runner.ProbeAsync(Assign(protocol, server, settings, target), cancellation);

    public ValueTask DisposeAsync() => _canary.DisposeAsync();
}

/// <summary>Small changes to a target.</summary>
internal static class Targets
{
    public static ProbeTarget.Canary At(this ProbeTarget.Canary canary, HostPort address) => new(address, canary.Ticket);
}
