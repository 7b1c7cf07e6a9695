using System.Security.Cryptography;
using System.Text;
using DigitalResistance.Prober.Canary;
using DigitalResistance.Prober.Carriage;
using DigitalResistance.Prober.Dialing;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Probing;

/// <summary>
/// What tunnels have to lead to: strangers' TLS hosts that an operator cannot predict, our canaries, which also tell the egress address, and
/// for Telegram's own proxies its data centres.
/// </summary>
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
        Telegram = TelegramCentres.Of(probing.Value.Telegram);
        Sha256 = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Concat(TlsHosts.Select(h => h.Authority + "\n").Concat(Telegram.Lines)))));
        _canaries = [.. canary.Value.KnownAddresses.Select(HostPort.Parse)];
        _ring = ring;
    }

    /// <summary>The TLS hosts, in the order of the list.</summary>
    public IReadOnlyList<HostPort> TlsHosts { get; }

    /// <summary>Telegram's data centres.</summary>
    public TelegramCentres Telegram { get; }

    /// <summary>SHA-256 of both lists (docs/specs/schedule.md), which the commitment of a day names.</summary>
    public string Sha256 { get; }

    /// <summary>Where the canaries are, as far as this process knows.</summary>
    public IReadOnlyList<HostPort> Canaries => _canaries;

    /// <summary>Whether a canary is configured or runs here.</summary>
    public bool HasCanary => _canaries.Count > 0;

    /// <summary>Whether there is anything to probe to.</summary>
    public bool Any => Has(TargetKind.Anywhere) || Has(TargetKind.Telegram);

    /// <summary>Whether there is anything that servers of a kind can lead to.</summary>
    public bool Has(TargetKind kind) => kind == TargetKind.Telegram ? Telegram.All.Count > 0 : HasCanary || TlsHosts.Count > 0;

    /// <summary>A canary that runs in this process answers here; used where no address is configured.</summary>
    public void AddLocalCanary(HostPort address)
    {
        if (_canaries.Count == 0) _canaries.Add(address);
    }

    /// <summary>The target that a draw names; of canaries and TLS hosts the one serves where the other is not configured.</summary>
    public ProbeTarget Of(TargetKind kind, SlotDraw draw, string vantage) =>
        kind == TargetKind.Telegram ? Telegram.Target(draw.Target) : Pick(draw.AtCanary, draw.Target, vantage);

    /// <summary>The target of its retry: another one of the same kind, where there are two; else one of the other kind, where that exists.</summary>
    public ProbeTarget OfRetry(TargetKind kind, SlotDraw draw, string vantage)
    {
        if (kind == TargetKind.Telegram) return Telegram.Target(Another(draw, Telegram.All.Count));
        var canary = UsesCanary(draw.AtCanary);
        var count = canary ? _canaries.Count : TlsHosts.Count;
        if (count > 1) return Pick(canary, Another(draw, count), vantage);
        return Pick(!canary, draw.RetryStep, vantage);
    }

    /// <summary>A canary to ask for a megabyte; null where there is none.</summary>
    public ProbeTarget.Download? ForDownload(string vantage) =>
        HasCanary ? new(_canaries[RandomNumberGenerator.GetInt32(_canaries.Count)], _ring.Issue(vantage)) : null;

    /// <summary>Up to three targets of a kind that the vantage asks directly, to see whether it is blind.</summary>
    public IReadOnlyList<ProbeTarget> ForCheck(TargetKind kind, string vantage)
    {
        if (kind == TargetKind.Telegram) return Telegram.ForCheck();
        var targets = new List<ProbeTarget>();
        if (HasCanary) targets.Add(Pick(atCanary: true, (uint)RandomNumberGenerator.GetInt32(_canaries.Count), vantage));
        var first = TlsHosts.Count == 0 ? 0 : RandomNumberGenerator.GetInt32(TlsHosts.Count);
        for (var i = 0; i < TlsHosts.Count && targets.Count < 3; i++) targets.Add(Pick(atCanary: false, (uint)(first + i), vantage));
        return targets;
    }

    private ProbeTarget Pick(bool atCanary, uint number, string vantage) => UsesCanary(atCanary)
        ? new ProbeTarget.Canary(_canaries[(int)(number % (uint)_canaries.Count)], _ring.Issue(vantage))
        : new ProbeTarget.Tls(TlsHosts[(int)(number % (uint)TlsHosts.Count)], Unpredictable: TlsHosts.Count > 1);

    // Of one target there is no other.
    private static uint Another(SlotDraw draw, int count) => (draw.Target % (uint)count) + (count == 1 ? 0 : 1 + (draw.RetryStep % (uint)(count - 1)));

    private bool UsesCanary(bool wanted) => wanted ? HasCanary : TlsHosts.Count == 0;

    private static HostPort Parse(string line) =>
        HostPort.TryParse(line.Contains(':') ? line : line + ":443", out var host) ? host : throw new FormatException($"Probing:TlsTargets: '{line}' is not a host.");

    private static string Embedded()
    {
        using var stream = typeof(Targets).Assembly.GetManifestResourceStream("tls-targets.txt")!;
        return new StreamReader(stream).ReadToEnd();
    }
}
