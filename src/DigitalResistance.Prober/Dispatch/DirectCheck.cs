using DigitalResistance.Prober.Carriage;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Protocols;

namespace DigitalResistance.Prober.Dispatch;

/// <summary>
/// Asks a target directly, with no server between: the vantage's check of itself, made before and after its probes. While it fails, the
/// vantage is blind, and its probes say nothing about anybody's server.
/// </summary>
public sealed class DirectCheck(Dialer dialer, TrustRoots trustRoots, TimeProvider time)
{
    /// <summary>Whether the target proves itself to this vantage, the canary by datagrams too. Never throws.</summary>
    public async Task<ProbeReport> CheckAsync(ProbeTarget target, CancellationToken cancellation)
    {
        var runner = new ProbeRunner(new ProbeCatalog([Direct.Instance]), dialer, trustRoots, new ProbeRunnerOptions(), time);
        return await runner.ProbeAsync(new ProbeAssignment(Guid.Empty, 0, Direct.Instance.Id, target.Address, new Dictionary<string, string>(StringComparer.Ordinal), target), cancellation);
    }

    /// <summary>The protocol that is none: what answers at the port is the target itself.</summary>
    private sealed class Direct : IDatagramProbe
    {
        public static Direct Instance { get; } = new();

        public string Id => "direct";

        public string DisplayName => "Direct";

        public int Version => 1;

        public Uri Specification { get; } = new("https://www.rfc-editor.org/rfc/rfc9293");

        public int DefaultPort => 443;

        public TimeSpan Timeout { get; } = TimeSpan.FromSeconds(10);

        public IReadOnlyList<Setting> Settings => [];

        public async ValueTask<Wire?> OpenTunnelAsync(ProbeSession session, HostPort target)
        {
            var wire = await session.DialAsync();
            if (wire is not null) session.Enter(Stage.Tunnel); // there is no server between, and no handshake with it
            return wire;
        }

        public bool CarriesDatagrams(ProbeSettings settings) => true;

        public ValueTask<IDatagrams?> OpenDatagramsAsync(ProbeSession session, HostPort target) => new(session.OpenDatagrams(target.Port));
    }
}
