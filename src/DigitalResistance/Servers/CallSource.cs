using System.Net;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Servers;

/// <summary>The address that a call to us comes from, where it proves something.</summary>
internal static class CallSource
{
    /// <summary>
    /// The address in its one form; null where it says nothing: through an onion service, or a proxy that hides it, every call comes from
    /// this machine or its network.
    /// </summary>
    public static IPAddress? Of(IPAddress? source, Dialer dialer)
    {
        if (source is { IsIPv4MappedToIPv6: true }) source = source.MapToIPv4();
        return source is not null && dialer.Judge(source) == AddressRefusal.None ? source : null;
    }
}
