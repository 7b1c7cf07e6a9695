using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace DigitalResistance.Prober.Protocols.MtProto;

/// <summary>Which of the two ClientHellos that Telegram's apps have used.</summary>
internal enum HelloSize
{
    /// <summary>Today's, as a browser's with a post-quantum key share: about 1,750 bytes.</summary>
    Large,

    /// <summary>The one of 2019: always 517 bytes.</summary>
    Classic,
}

/// <summary>
/// A TLS 1.3 ClientHello (RFC 8446 §4.1.2) like a common browser's, in whose random field a server that knows the secret finds a proof that we
/// know it too: HMAC-SHA256 over the hello with that field zero, its last four bytes mixed with the time. To everybody else it is random.
/// </summary>
internal static class ClientHello
{
    public const int RandomOffset = 11;
    public const int RandomLength = 32;
    private const int ClassicLength = 517;
    private const ushort X25519 = 0x001d;
    private const ushort X25519MlKem768 = 0x11ec;

    public static byte[] Write(HelloSize size, string domain, ReadOnlySpan<byte> secret, DateTimeOffset now)
    {
        var hello = Assemble(size, domain);
        var proof = HMACSHA256.HashData(secret, hello);
        var time = BinaryPrimitives.ReadUInt32LittleEndian(proof.AsSpan(28)) ^ (uint)now.ToUnixTimeSeconds();
        BinaryPrimitives.WriteUInt32LittleEndian(proof.AsSpan(28), time);
        proof.CopyTo(hello, RandomOffset);
        return hello;
    }

    private static byte[] Assemble(HelloSize size, string domain)
    {
        var grease = Grease();
        byte[] start =
        [
            3, 3, .. new byte[RandomLength], 32, .. RandomNumberGenerator.GetBytes(32),
            .. Sized16([.. grease[0], 0x13, 1, 0x13, 2, 0x13, 3, 0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x2c, 0xc0, 0x30, 0xcc, 0xa9, 0xcc, 0xa8, 0xc0, 0x13, 0xc0, 0x14, 0, 0x9c, 0, 0x9d, 0, 0x2f, 0, 0x35]),
            1, 0,
        ];
        byte[] extensions = [.. Extension(grease[1], []), .. Middle(size, domain, grease).SelectMany(e => e), .. Extension(grease[2], [0])];
        if (size == HelloSize.Classic)
        {
            // RFC 7685: filled up to 517 bytes with the record's and the handshake's head.
            var missing = ClassicLength - (9 + start.Length + 2 + extensions.Length) - 4;
            extensions = [.. extensions, .. Extension([0, 21], new byte[Math.Max(0, missing)])];
        }

        byte[] body = [.. start, .. Sized16(extensions)];
        byte[] handshake = [1, (byte)(body.Length >> 16), (byte)(body.Length >> 8), (byte)body.Length, .. body];
        return [22, 3, 1, .. Sized16(handshake)];
    }

    private static byte[][] Middle(HelloSize size, string domain, byte[][] grease)
    {
        var postQuantum = size == HelloSize.Large;
        byte[] groups = postQuantum ? [.. grease[3], .. U16(X25519MlKem768), .. U16(X25519), 0, 23, 0, 24] : [.. grease[3], .. U16(X25519), 0, 23, 0, 24];
        byte[] classicShare = [.. U16(X25519), .. Sized16(CurvePoint.Random())];
        byte[] hybridShare = postQuantum ? [.. U16(X25519MlKem768), .. Sized16([.. MlKemKey(), .. CurvePoint.Random()])] : [];
        List<byte[]> middle =
        [
            Extension([0, 0], Sized16([0, .. Sized16(Encoding.ASCII.GetBytes(domain))])), // server_name, RFC 6066 §3
            Extension([0, 23], []), // extended_master_secret, RFC 7627
            Extension([0xff, 1], [0]), // renegotiation_info, RFC 5746
            Extension([0, 10], Sized16(groups)), // supported_groups
            Extension([0, 11], [1, 0]), // ec_point_formats
            Extension([0, 35], []), // session_ticket
            Extension([0, 16], Sized16([2, .. "h2"u8, 8, .. "http/1.1"u8])), // ALPN, RFC 7301
            Extension([0, 5], [1, 0, 0, 0, 0]), // status_request
            Extension([0, 13], Sized16([4, 3, 8, 4, 4, 1, 5, 3, 8, 5, 5, 1, 8, 6, 6, 1])), // signature_algorithms
            Extension([0, 18], []), // signed_certificate_timestamp
            Extension([0, 51], Sized16([.. grease[3], .. Sized16([0]), .. hybridShare, .. classicShare])), // key_share
            Extension([0, 45], [1, 1]), // psk_key_exchange_modes
            Extension([0, 43], postQuantum ? [6, .. grease[4], 3, 4, 3, 3] : [10, .. grease[4], 3, 4, 3, 3, 3, 2, 3, 1]), // supported_versions
            Extension([0, 27], [2, 0, 2]), // compress_certificate, RFC 8879
        ];
        if (!postQuantum) return [.. middle];
        middle.Add(Extension([0x44, 0xcd], [0, 3, 2, .. "h2"u8])); // application_settings
        middle.Add(Extension([0xfe, 0x0d], EncryptedHello()));
        var shuffled = middle.ToArray();
        RandomNumberGenerator.Shuffle<byte[]>(shuffled); // as browsers do since 2023, so that nobody relies on an order
        return shuffled;
    }

    /// <summary>An encrypted_client_hello that has nothing in it, as browsers send where there is no key for it.</summary>
    private static byte[] EncryptedHello() =>
    [
        0, 0, 1, 0, 1, .. RandomNumberGenerator.GetBytes(1), .. Sized16(RandomNumberGenerator.GetBytes(32)),
        .. Sized16(RandomNumberGenerator.GetBytes(144 + (32 * RandomNumberGenerator.GetInt32(4)))),
    ];

    /// <summary>RFC 8701: values that mean nothing, of the form xAxA; those of the two extensions differ, as in a browser.</summary>
    private static byte[][] Grease()
    {
        var values = Enumerable.Range(0, 5).Select(_ => (byte)((RandomNumberGenerator.GetInt32(16) << 4) | 0xa)).ToArray();
        if (values[1] == values[2]) values[2] ^= 0x10;
        return [.. values.Select(value => (byte[])[value, value])];
    }

    /// <summary>Looks like an ML-KEM-768 encapsulation key (FIPS 203 §7.2): 768 coefficients below 3,329 in 12 bits each, and a seed.</summary>
    private static byte[] MlKemKey()
    {
        var key = new byte[1184];
        for (var at = 0; at < 1152; at += 3)
        {
            var (a, b) = (RandomNumberGenerator.GetInt32(3329), RandomNumberGenerator.GetInt32(3329));
            (key[at], key[at + 1], key[at + 2]) = ((byte)a, (byte)((a >> 8) | (b << 4)), (byte)(b >> 4));
        }

        RandomNumberGenerator.Fill(key.AsSpan(1152));
        return key;
    }

    private static byte[] Extension(byte[] type, byte[] body) => [.. type, .. Sized16(body)];

    private static byte[] Sized16(byte[] bytes) => [.. U16((ushort)bytes.Length), .. bytes];

    private static byte[] U16(ushort value) => [(byte)(value >> 8), (byte)value];
}
