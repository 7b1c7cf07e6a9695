using System.ComponentModel.DataAnnotations;
using System.Net;
using DigitalResistance.Prober.Canary;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Probing;

/// <summary>How the local vantage probes, and how long results are kept (section <c>Probing</c>).</summary>
public sealed class ProbingOptions : IValidatableObject
{
    /// <summary>
    /// Where the TLS hosts that probes go to come from: <c>public</c> (default) for the list shipped with the program, <c>none</c> where
    /// only the canary is used, or the path of a file with one <c>host</c> or <c>host:port</c> on each line.
    /// </summary>
    [Required(ErrorMessage = "Probing:TlsTargets must be 'public', 'none' or a path.")]
    public string TlsTargets { get; set; } = "public";

    /// <summary>
    /// Telegram's data centres, to which its own proxies lead: <c>public</c> (default) for the list shipped with the program, <c>none</c> where
    /// such proxies are not probed, or the path of a file with <c>number host:port</c> on each line, and the data centres' RSA keys in PEM.
    /// </summary>
    [Required(ErrorMessage = "Probing:Telegram must be 'public', 'none' or a path.")]
    public string Telegram { get; set; } = "public";

    /// <summary>PEM file of the authorities whose certificates count at TLS targets. Default: those that the machine trusts.</summary>
    public string? TrustRootsFile { get; set; }

    /// <summary>Probes under way at once. 1 to 20,000; default 128.</summary>
    [Range(1, 20_000, ErrorMessage = "Probing:Concurrency must be between 1 and 20,000.")]
    public int Concurrency { get; set; } = 128;

    /// <summary>
    /// Probes that are claimed and not recorded yet, at most: what memory holds while the database is away. Beyond it slots are missed and
    /// count neither way. 100 to 10,000,000; default 50,000.
    /// </summary>
    [Range(100, 10_000_000, ErrorMessage = "Probing:MostPending must be between 100 and 10,000,000.")]
    public int MostPending { get; set; } = 50_000;

    /// <summary>Results written in one transaction at most. 1 to 100,000; default 2,000.</summary>
    [Range(1, 100_000, ErrorMessage = "Probing:BatchSize must be between 1 and 100,000.")]
    public int BatchSize { get; set; } = 2_000;

    /// <summary>How often due probes are claimed and results recorded. 50 ms to 10 s; default 0.5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.050", "00:00:10", ErrorMessage = "Probing:Every must be between 50 ms and 10 s.")]
    public TimeSpan Every { get; set; } = TimeSpan.FromSeconds(0.5);

    /// <summary>How long raw results are kept after their day was packed. 1 to 365 days; default 14.</summary>
    [Range(1, 365, ErrorMessage = "Probing:KeepRawDays must be between 1 and 365.")]
    public int KeepRawDays { get; set; } = 14;

    /// <summary>How long packed days are kept. 31 to 3,650 days; default 400.</summary>
    [Range(31, 3_650, ErrorMessage = "Probing:KeepPackedDays must be between 31 and 3,650.")]
    public int KeepPackedDays { get; set; } = 400;

    /// <summary>How many days after a day its seed is revealed at the earliest; while a round over that day is open it waits longer. 1 to 90; default 1.</summary>
    [Range(1, 90, ErrorMessage = "Probing:RevealAfterDays must be between 1 and 90.")]
    public int RevealAfterDays { get; set; } = 1;

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (TlsTargets is not ("public" or "none") && !File.Exists(TlsTargets)) yield return new("Probing:TlsTargets names a file that does not exist.");
        if (Telegram is not ("public" or "none") && !File.Exists(Telegram)) yield return new("Probing:Telegram names a file that does not exist.");
        if (TrustRootsFile is not null && !File.Exists(TrustRootsFile)) yield return new("Probing:TrustRootsFile names a file that does not exist.");
    }
}

/// <summary>Our own canary (section <c>Canary</c>, docs/specs/canary.md).</summary>
public sealed class CanaryOptions : IValidatableObject
{
    /// <summary>
    /// Address and port on which this process answers as a canary, as <c>0.0.0.0:7531</c>; port 0 lets the system choose. Default: none.
    /// It must be reached by a neutral address, never one of the registry's own, or each probe tells whose it is.
    /// </summary>
    public string? Listen { get; set; }

    /// <summary>
    /// Where probed servers find the canaries, as <c>host:port</c>. Default: where this process listens, which serves on one machine only.
    /// </summary>
    public IList<string> Addresses { get; set; } = [];

    /// <summary>
    /// How many megabytes this canary gives away in a day (UTC) to our own vantages, which show operators how fast their servers are. 0 to
    /// 100,000; default 500.
    /// </summary>
    [Range(0, 100_000, ErrorMessage = "Canary:DownloadsPerDay must be between 0 and 100,000.")]
    public int DownloadsPerDay { get; set; } = CanaryResponder.DefaultDownloads;

    /// <summary><see cref="Listen"/>; an empty setting, as an unset variable of a container makes it, is none.</summary>
    public string? ListensAt => Listen is { Length: > 0 } ? Listen : null;

    /// <summary><see cref="Addresses"/> without empty ones.</summary>
    public IReadOnlyList<string> KnownAddresses => [.. Addresses.Where(a => a.Length > 0)];

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (ListensAt is { } listen && !IPEndPoint.TryParse(listen, out _)) yield return new($"Canary:Listen: '{listen}' is not an address and a port.");
        foreach (var address in KnownAddresses.Where(a => !HostPort.TryParse(a, out _))) yield return new($"Canary:Addresses: '{address}' is not a host and a port that may be dialled.");
    }
}
