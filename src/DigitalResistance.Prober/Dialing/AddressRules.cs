using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace DigitalResistance.Prober.Dialing;

/// <summary>Why an address is never dialled.</summary>
public enum AddressRefusal
{
    /// <summary>It may be dialled.</summary>
    None,

    /// <summary>It stands in an IANA special-purpose registry, or outside the space that is assigned to hosts.</summary>
    SpecialPurpose,

    /// <summary>A multicast group.</summary>
    Multicast,

    /// <summary>A cloud provider's metadata or platform service.</summary>
    Metadata,

    /// <summary>An IPv6 address that carries an IPv4 address, whose check could be bypassed that way.</summary>
    EmbeddedIPv4,

    /// <summary>Our own infrastructure.</summary>
    Own,
}

/// <summary>
/// Which addresses strangers may not make us dial. The IANA registries
/// (https://www.iana.org/assignments/iana-ipv4-special-registry, https://www.iana.org/assignments/iana-ipv6-special-registry)
/// are refused whole, with the rows that are globally reachable: nobody runs a proxy there.
/// </summary>
public static class AddressRules
{
    private static readonly (uint Network, uint Mask, AddressRefusal Refusal)[] IPv4 =
    [
        V4("168.63.129.16", 32, AddressRefusal.Metadata), // Azure's platform address, in no registry
        V4("169.254.169.254", 32, AddressRefusal.Metadata),
        V4("100.100.100.200", 32, AddressRefusal.Metadata),
        V4("192.0.0.192", 32, AddressRefusal.Metadata),
        V4("0.0.0.0", 8, AddressRefusal.SpecialPurpose),
        V4("10.0.0.0", 8, AddressRefusal.SpecialPurpose),
        V4("100.64.0.0", 10, AddressRefusal.SpecialPurpose),
        V4("127.0.0.0", 8, AddressRefusal.SpecialPurpose),
        V4("169.254.0.0", 16, AddressRefusal.SpecialPurpose),
        V4("172.16.0.0", 12, AddressRefusal.SpecialPurpose),
        V4("192.0.0.0", 24, AddressRefusal.SpecialPurpose),
        V4("192.0.2.0", 24, AddressRefusal.SpecialPurpose),
        V4("192.31.196.0", 24, AddressRefusal.SpecialPurpose),
        V4("192.52.193.0", 24, AddressRefusal.SpecialPurpose),
        V4("192.88.99.0", 24, AddressRefusal.SpecialPurpose),
        V4("192.168.0.0", 16, AddressRefusal.SpecialPurpose),
        V4("192.175.48.0", 24, AddressRefusal.SpecialPurpose),
        V4("198.18.0.0", 15, AddressRefusal.SpecialPurpose),
        V4("198.51.100.0", 24, AddressRefusal.SpecialPurpose),
        V4("203.0.113.0", 24, AddressRefusal.SpecialPurpose),
        V4("224.0.0.0", 4, AddressRefusal.Multicast), // in no special-purpose registry either
        V4("240.0.0.0", 4, AddressRefusal.SpecialPurpose),
    ];

    private static readonly (UInt128 Network, UInt128 Mask, AddressRefusal Refusal)[] IPv6 =
    [
        V6("fd00:ec2::254", 128, AddressRefusal.Metadata),
        V6("fd20:ce::254", 128, AddressRefusal.Metadata),
        V6("::1", 128, AddressRefusal.SpecialPurpose),
        V6("::", 128, AddressRefusal.SpecialPurpose),
        V6("::", 96, AddressRefusal.EmbeddedIPv4), // RFC 4291 §2.5.5.1, deprecated, still parsed by libraries
        V6("::ffff:0:0", 96, AddressRefusal.EmbeddedIPv4),
        V6("64:ff9b::", 96, AddressRefusal.EmbeddedIPv4), // RFC 6052
        V6("64:ff9b:1::", 48, AddressRefusal.EmbeddedIPv4), // RFC 8215
        V6("2002::", 16, AddressRefusal.EmbeddedIPv4), // RFC 3056, 6to4
        V6("2001::", 32, AddressRefusal.EmbeddedIPv4), // RFC 4380, Teredo
        V6("2001::", 23, AddressRefusal.SpecialPurpose), // with every later assignment inside it
        V6("2001:db8::", 32, AddressRefusal.SpecialPurpose),
        V6("2620:4f:8000::", 48, AddressRefusal.SpecialPurpose),
        V6("3fff::", 20, AddressRefusal.SpecialPurpose),
        V6("ff00::", 8, AddressRefusal.Multicast),
    ];

    // RFC 4291 §2.4: hosts live in 2000::/3. Unique-local, link-local, discard, segment routing and all that is unassigned lie outside.
    private static readonly (UInt128 Network, UInt128 Mask, AddressRefusal Refusal) GlobalUnicast = V6("2000::", 3, AddressRefusal.None);

    /// <summary>Judges an address by the public rules alone; the dialer adds our own addresses and the loopback switch.</summary>
    public static AddressRefusal Judge(IPAddress address) => address.AddressFamily switch
    {
        AddressFamily.InterNetwork => JudgeIPv4(address),
        AddressFamily.InterNetworkV6 => JudgeIPv6(address),
        _ => AddressRefusal.SpecialPurpose,
    };

    private static AddressRefusal JudgeIPv4(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[4];
        address.TryWriteBytes(bytes, out _);
        var value = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        foreach (var (network, mask, refusal) in IPv4)
        {
            if ((value & mask) == network) return refusal;
        }

        return AddressRefusal.None;
    }

    private static AddressRefusal JudgeIPv6(IPAddress address)
    {
        if (address.ScopeId != 0) return AddressRefusal.SpecialPurpose;
        Span<byte> bytes = stackalloc byte[16];
        address.TryWriteBytes(bytes, out _);
        var value = BinaryPrimitives.ReadUInt128BigEndian(bytes);
        foreach (var (network, mask, refusal) in IPv6)
        {
            if ((value & mask) == network) return refusal;
        }

        return (value & GlobalUnicast.Mask) == GlobalUnicast.Network ? AddressRefusal.None : AddressRefusal.SpecialPurpose;
    }

    private static (uint, uint, AddressRefusal) V4(string network, int prefix, AddressRefusal refusal) =>
        (BinaryPrimitives.ReadUInt32BigEndian(IPAddress.Parse(network).GetAddressBytes()), uint.MaxValue << (32 - prefix), refusal);

    private static (UInt128, UInt128, AddressRefusal) V6(string network, int prefix, AddressRefusal refusal) =>
        (BinaryPrimitives.ReadUInt128BigEndian(IPAddress.Parse(network).GetAddressBytes()), UInt128.MaxValue << (128 - prefix), refusal);
}
