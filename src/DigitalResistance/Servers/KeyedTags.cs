using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;

namespace DigitalResistance.Servers;

/// <summary>
/// Names for addresses that tell whether two are the same and nothing else: HMAC-SHA-256, cut to 128 bits, under a key that lies outside
/// the database. A plain hash would not do: all of IPv4 can be hashed in seconds.
/// </summary>
public sealed class KeyedTags(ServerKeys keys)
{
    private readonly Lazy<byte[]> _key = new(() => keys.RegistryKey);

    /// <summary>One address and port: what a proof of control reserves, and what attempts are counted by.</summary>
    public byte[] Endpoint(IPAddress address, int port) => Tag("endpoint", [.. address.GetAddressBytes(), (byte)(port >> 8), (byte)port]);

    /// <summary>One machine address, for the cap on servers that share it.</summary>
    public byte[] Machine(IPAddress address) => Tag("machine", address.GetAddressBytes());

    /// <summary>The network around an address, /24 or /48, for the cap on machines that share it.</summary>
    public byte[] Network(IPAddress address) =>
        Tag("network", address.GetAddressBytes().AsSpan(0, address.AddressFamily == AddressFamily.InterNetwork ? 3 : 6));

    /// <summary>An autonomous system, which reviewers see a letter for.</summary>
    public byte[] Asn(int number)
    {
        Span<byte> data = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32BigEndian(data, number);
        return Tag("asn", data);
    }

    /// <summary>A tag of anything else, in a name space of its own.</summary>
    public byte[] Tag(string kind, ReadOnlySpan<byte> data)
    {
        var name = Encoding.ASCII.GetBytes(kind);
        byte[] message = [(byte)name.Length, .. name, .. data];
        return HMACSHA256.HashData(_key.Value, message)[..16];
    }

    /// <summary>A number below <paramref name="bound"/> that the same data always gives and nobody without the key can tell.</summary>
    public int Number(string kind, ReadOnlySpan<byte> data, int bound) => (int)(BinaryPrimitives.ReadUInt64BigEndian(Tag(kind, data)) % (ulong)bound);
}
