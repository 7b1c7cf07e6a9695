using System.ComponentModel.DataAnnotations;
using System.Net;

namespace DigitalResistance.Prober.Dialing;

/// <summary>What the dialer may do. The defaults are those of production; read the loopback switch twice before turning it.</summary>
public sealed class DialingOptions : IValidatableObject
{
    /// <summary>
    /// Opens 127.0.0.0/8 and ::1, and nothing else. For development, the demo and tests only: in production it would let any operator
    /// have the registry's own machine probed from inside. Default: false.
    /// </summary>
    public bool AllowLoopback { get; set; }

    /// <summary>
    /// Addresses and networks (CIDR) of our own infrastructure, which nobody may have probed: the web site, the canaries, the vantages,
    /// a NAT64 prefix. Those of the local network cards are always included. Default: none.
    /// </summary>
    public IList<string> OwnAddresses { get; set; } = [];

    /// <summary>Time for one whole probe, from the name lookup to the proof. Unit: time span; 0.1 s to 60 s; default 10 s, as Telegram's own clients.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Deadline { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>Bytes that one probe reads at most before it gives up with <c>reply_too_large</c>. 1 KiB to 16 MiB; default 64 KiB.</summary>
    [Range(1024, 16 * 1024 * 1024)]
    public int ReadLimit { get; set; } = 64 * 1024;

    /// <summary>
    /// Name servers to ask, as <c>address</c> or <c>address:port</c>. Empty means the system's: its resolver for addresses, and the servers
    /// it is configured with for TXT records. Default: empty.
    /// </summary>
    public IList<string> NameServers { get; set; } = [];

    /// <inheritdoc />
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        foreach (var own in OwnAddresses.Where(own => !TryParseNetwork(own, out _)))
        {
            yield return new ValidationResult($"OwnAddresses: '{own}' is neither an address nor a network such as 192.0.2.0/24.", [nameof(OwnAddresses)]);
        }

        foreach (var server in NameServers.Where(server => !IPEndPoint.TryParse(server, out _)))
        {
            yield return new ValidationResult($"NameServers: '{server}' is neither an address nor an address:port.", [nameof(NameServers)]);
        }
    }

    internal static bool TryParseNetwork(string text, out IPNetwork network)
    {
        if (text.Contains('/')) return IPNetwork.TryParse(text, out network);
        var isAddress = IPAddress.TryParse(text, out var address);
        network = isAddress ? new IPNetwork(address!, address!.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? 32 : 128) : default;
        return isAddress;
    }
}
