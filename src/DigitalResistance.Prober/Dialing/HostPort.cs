using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Sockets;

namespace DigitalResistance.Prober.Dialing;

/// <summary>Why a text is not accepted as a port.</summary>
public enum PortRefusal
{
    /// <summary>It was accepted.</summary>
    None,

    /// <summary>Not a whole number in plain digits.</summary>
    NotANumber,

    /// <summary>Not between 1 and 65535.</summary>
    OutOfRange,

    /// <summary>A port of a service that must not be probed, see <see cref="PortRules"/>.</summary>
    Forbidden,
}

/// <summary>A host and a port: where a server listens, or where a target is. Does not print itself.</summary>
public sealed record HostPort(HostName Host, int Port)
{
    /// <summary>As a person or a CONNECT request writes it: <c>example.net:1080</c>, <c>[2001:db8::1]:1080</c>.</summary>
    public string Authority => Host.Address?.AddressFamily == AddressFamily.InterNetworkV6
        ? string.Create(CultureInfo.InvariantCulture, $"[{Host.Text}]:{Port}")
        : string.Create(CultureInfo.InvariantCulture, $"{Host.Text}:{Port}");

    /// <summary>Reads a port: plain ASCII digits without sign, space or leading zero.</summary>
    public static bool TryParsePort(string? text, out int port, out PortRefusal refusal)
    {
        port = 0;
        refusal = PortRefusal.NotANumber;
        if (string.IsNullOrEmpty(text) || text.Any(c => !char.IsAsciiDigit(c)) || text[0] == '0') return false;
        refusal = PortRefusal.OutOfRange;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) || port > ushort.MaxValue) return false;
        refusal = PortRules.IsForbidden(port) ? PortRefusal.Forbidden : PortRefusal.None;
        return refusal == PortRefusal.None;
    }

    /// <summary>Reads what <see cref="Authority"/> writes.</summary>
    public static bool TryParse(string? text, [NotNullWhen(true)] out HostPort? endpoint)
    {
        endpoint = null;
        var colon = text?.LastIndexOf(':') ?? -1;
        if (colon < 1) return false;
        var (host, bracketed) = text![0] == '[' && text[colon - 1] == ']' ? (text[1..(colon - 1)], true) : (text[..colon], false);
        if (!HostName.TryParse(host, out var name, out _) || bracketed != (name.Address?.AddressFamily == AddressFamily.InterNetworkV6)) return false;
        if (!TryParsePort(text[(colon + 1)..], out var port, out _)) return false;
        endpoint = new HostPort(name, port);
        return true;
    }

    /// <summary>Reads an endpoint that is known to be good, such as one from our own configuration.</summary>
    public static HostPort Parse(string text) => TryParse(text, out var endpoint) ? endpoint : throw new FormatException("Not a host and a port that may be dialled.");

    /// <summary>Nothing that would tell one server from another.</summary>
    public override string ToString() => "(endpoint)";
}
