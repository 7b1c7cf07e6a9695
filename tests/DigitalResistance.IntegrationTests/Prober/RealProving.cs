using System.Net;
using System.Net.Sockets;
using DigitalResistance.Prober;
using DigitalResistance.Prober.Canary;
using DigitalResistance.Prober.Carriage;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Dispatch;
using DigitalResistance.Prober.Protocols;

namespace DigitalResistance.IntegrationTests.Prober;

/// <summary>A prober as in production but for the loopback switch, with a canary of its own, for the proxies of strangers.</summary>
internal sealed class RealProving : IAsyncDisposable
{
    private readonly CanaryKeyRing _keys = new(new byte[32], ["local"], TimeProvider.System);
    private readonly CanaryListener _canary;
    private readonly TimeSpan _deadline;
    private readonly Socket _closed = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public RealProving(TimeSpan? deadline = null, string canaryAt = "127.0.0.1")
    {
        _deadline = deadline ?? TimeSpan.FromSeconds(10);
        _canary = new CanaryListener(new IPEndPoint(IPAddress.Parse(canaryAt), 0), _keys, TimeProvider.System);
        _canary.Start();
        _closed.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // taken, so that nobody else can listen there, and no listener
    }

    public HostPort Canary => At(_canary.LocalEndPoint.Address.ToString(), _canary.LocalEndPoint.Port);

    /// <summary>Where nothing listens.</summary>
    public HostPort ClosedTarget => At("127.0.0.1", ((IPEndPoint)_closed.LocalEndPoint!).Port);

    public static HostPort At(string address, int port) => HostPort.Parse(address.Contains(':', StringComparison.Ordinal) ? $"[{address}]:{port}" : $"{address}:{port}");

    public static void Carries(ProbeReport report, string egress = "127.0.0.1")
    {
        Assert.Equal((Outcome.Ok, Level.L2, null), (report.Outcome, report.Level, report.Failure));
        Assert.Equal(IPAddress.Parse(egress), report.Egress?.Value);
    }

    public static void Fails(ProbeReport report, Ending ending)
    {
        Assert.Equal((Outcome.Fail, ending.Stage), (report.Outcome, report.Stage));
        Assert.Contains(report.Failure!.Value, ending.OneOf);
        Assert.Null(report.Egress);
        Assert.False(report.IsLie);
        Assert.True(report.Level < Level.L2);
    }

    public static void Fails(ProbeReport report, Stage stage, params Failure[] one) => Fails(report, new Ending(stage, one));

    public Task<ProbeReport> ProbeAsync(ProxyCase proxy, Dictionary<string, string> settings, HostPort? target = null, TimeProvider? clock = null) =>
        ProbeAsync(proxy.Protocol, At(proxy.At, proxy.Peer.Port), settings, target, clock);

    public Task<ProbeReport> ProbeAsync(string protocol, HostPort server, Dictionary<string, string> settings, HostPort? target = null, TimeProvider? clock = null)
    {
        var dialer = new Dialer(new DialingOptions { AllowLoopback = true, Deadline = _deadline }, TimeProvider.System);
        var runner = new ProbeRunner(new ProbeCatalog(), dialer, TrustRoots.System, new ProbeRunnerOptions(), clock ?? TimeProvider.System);
        return runner.ProbeAsync(new(Guid.NewGuid(), 1, protocol, server, settings, new ProbeTarget.Canary(target ?? Canary, _keys.Issue("local"))), CancellationToken.None);
    }

    public ValueTask DisposeAsync()
    {
        _closed.Dispose();
        return _canary.DisposeAsync();
    }
}
