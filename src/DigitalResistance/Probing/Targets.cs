using System.Security.Cryptography;
using System.Text;
using DigitalResistance.Prober.Canary;
using DigitalResistance.Prober.Carriage;
using DigitalResistance.Prober.Dialing;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Probing;

/// <summary>What tunnels have to lead to: strangers' TLS hosts that an operator cannot predict, and our canaries, which also tell the egress address.</summary>
public sealed class Targets
{
    private readonly List<HostPort> _canaries;
    private readonly CanaryKeyRing _ring;

    /// <summary>Reads the configured targets; a mistake in the list stops the start.</summary>
    public Targets(IOptions<ProbingOptions> probing, IOptions<CanaryOptions> canary, CanaryKeyRing ring)
    {
        var text = probing.Value.TlsTargets switch
        {
            "none" => "",
            "public" => Embedded(),
            var file => File.ReadAllText(file),
        };
        TlsHosts = [.. text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Where(line => line[0] != '#').Select(Parse)];
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(TlsHosts.Select(h => h.Authority + "\n")))));
        _canaries = [.. canary.Value.KnownAddresses.Select(HostPort.Parse)];
        _ring = ring;
    }

    /// <summary>The TLS hosts, in the order of the list.</summary>
    public IReadOnlyList<HostPort> TlsHosts { get; }

    /// <summary>SHA-256 of the list (each as <c>host:port</c> and a line feed), which the commitment of a day names.</summary>
    public string Sha256 { get; }

    /// <summary>Where the canaries are, as far as this process knows.</summary>
    public IReadOnlyList<HostPort> Canaries => _canaries;

    /// <summary>Whether a canary is configured or runs here.</summary>
    public bool HasCanary => _canaries.Count > 0;

    /// <summary>Whether there is anything to probe to.</summary>
    public bool Any => HasCanary || TlsHosts.Count > 0;

    /// <summary>A canary that runs in this process answers here; used where no address is configured.</summary>
    public void AddLocalCanary(HostPort address)
    {
        if (_canaries.Count == 0) _canaries.Add(address);
    }

    /// <summary>The target that a draw names; where one kind is not configured the other one serves.</summary>
    public ProbeTarget Of(SlotDraw draw, string vantage) => Pick(draw.AtCanary, draw.Target, vantage);

    /// <summary>The target of its retry: another one of the same kind, where there are two; else one of the other kind, where that exists.</summary>
    public ProbeTarget OfRetry(SlotDraw draw, string vantage)
    {
        var canary = UsesCanary(draw.AtCanary);
        var count = (uint)(canary ? _canaries.Count : TlsHosts.Count);
        if (count > 1) return Pick(canary, (draw.Target % count) + 1 + (draw.RetryStep % (count - 1)), vantage);
        return Pick(!canary, draw.RetryStep, vantage);
    }

    /// <summary>Up to three targets that the vantage asks directly, to see whether it is blind.</summary>
    public IReadOnlyList<ProbeTarget> ForCheck(string vantage)
    {
        var targets = new List<ProbeTarget>();
        if (HasCanary) targets.Add(Pick(atCanary: true, (uint)RandomNumberGenerator.GetInt32(_canaries.Count), vantage));
        var first = TlsHosts.Count == 0 ? 0 : RandomNumberGenerator.GetInt32(TlsHosts.Count);
        for (var i = 0; i < TlsHosts.Count && targets.Count < 3; i++) targets.Add(Pick(atCanary: false, (uint)(first + i), vantage));
        return targets;
    }

    private ProbeTarget Pick(bool atCanary, uint number, string vantage) => UsesCanary(atCanary)
        ? new ProbeTarget.Canary(_canaries[(int)(number % (uint)_canaries.Count)], _ring.Issue(vantage))
        : new ProbeTarget.Tls(TlsHosts[(int)(number % (uint)TlsHosts.Count)], Unpredictable: TlsHosts.Count > 1);

    private bool UsesCanary(bool wanted) => wanted ? HasCanary : TlsHosts.Count == 0;

    private static HostPort Parse(string line) =>
        HostPort.TryParse(line.Contains(':') ? line : line + ":443", out var host) ? host : throw new FormatException($"Probing:TlsTargets: '{line}' is not a host.");

    private static string Embedded()
    {
        using var stream = typeof(Targets).Assembly.GetManifestResourceStream("tls-targets.txt")!;
        return new StreamReader(stream).ReadToEnd();
    }
}
