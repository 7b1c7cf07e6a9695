using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using DigitalResistance.Prober.Dialing;
using Org.BouncyCastle.Math.EC.Rfc7748;

namespace DigitalResistance.Prober.Tls;

/// <summary>A TLS 1.3 ClientHello (RFC 8446 §4.1.2) as a browser's before post-quantum shares, and the key behind its share.</summary>
internal sealed class BrowserHello
{
    private const int RandomOffset = 4 + 2; // type, length, version
    private const int RandomLength = 32;
    private const int SessionIdOffset = RandomOffset + RandomLength + 1; // length of the session id
    private const int SessionIdLength = 32;
    private const int PaddedLength = 512; // RFC 7685, as browsers do with hellos of this kind

    private readonly byte[] _privateKey = RandomNumberGenerator.GetBytes(X25519.ScalarSize);

    public BrowserHello(HostName server)
    {
        var share = new byte[X25519.PointSize];
        X25519.ScalarMultBase(_privateKey, 0, share, 0);
        Message = Assemble(server, share);
    }

    /// <summary>The handshake message, without a record around it.</summary>
    public byte[] Message { get; }

    public Span<byte> Random => Message.AsSpan(RandomOffset, RandomLength);

    /// <summary>Random bytes that mean nothing in TLS 1.3 (RFC 8446 §D.4), until somebody puts something else in their place.</summary>
    public Span<byte> SessionId => Message.AsSpan(SessionIdOffset, SessionIdLength);

    /// <summary>The secret that our key share makes with another; null where the other is no key (RFC 8446 §7.4.2).</summary>
    public byte[]? Agree(byte[] share)
    {
        var secret = new byte[X25519.PointSize];
        return X25519.CalculateAgreement(_privateKey, 0, share, 0, secret, 0) ? secret : null;
    }

    private static byte[] Assemble(HostName server, byte[] share)
    {
        var grease = Grease();
        byte[] start =
        [
            3, 3, .. RandomNumberGenerator.GetBytes(32), SessionIdLength, .. RandomNumberGenerator.GetBytes(SessionIdLength),
            .. Sized([.. grease[0], 0x13, 1, 0x13, 2, 0x13, 3, 0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x2c, 0xc0, 0x30, 0xcc, 0xa9, 0xcc, 0xa8, 0xc0, 0x13, 0xc0, 0x14, 0, 0x9c, 0, 0x9d, 0, 0x2f, 0, 0x35]),
            1, 0,
        ];
        byte[] extensions =
        [
            .. Extension(Number(grease[1]), []),
            .. ServerName(server),
            .. Extension(23, []), // extended_master_secret, RFC 7627
            .. Extension(0xff01, [0]), // renegotiation_info, RFC 5746
            .. Extension(10, Sized([.. grease[2], 0, 29, 0, 23, 0, 24])), // supported_groups: X25519 first
            .. Extension(11, [1, 0]), // ec_point_formats
            .. Extension(35, []), // session_ticket
            .. Extension(16, Sized([2, .. "h2"u8, 8, .. "http/1.1"u8])), // ALPN, RFC 7301
            .. Extension(5, [1, 0, 0, 0, 0]), // status_request
            .. Extension(13, Sized([4, 3, 8, 4, 4, 1, 5, 3, 8, 5, 5, 1, 8, 6, 6, 1])), // signature_algorithms
            .. Extension(18, []), // signed_certificate_timestamp
            .. Extension(51, Sized([.. grease[2], .. Sized([0]), 0, 29, .. Sized(share)])), // key_share
            .. Extension(45, [1, 1]), // psk_key_exchange_modes
            .. Extension(43, [6, .. grease[3], 3, 4, 3, 3]), // supported_versions
            .. Extension(27, [2, 0, 2]), // compress_certificate, RFC 8879
            .. Extension(0x4469, Sized([2, .. "h2"u8])), // application_settings, draft-vvv-tls-alps-01
            .. Extension(Number(grease[4]), [0]),
        ];
        var missing = PaddedLength - (4 + start.Length + 2 + extensions.Length) - 4;
        if (missing >= 0) extensions = [.. extensions, .. Extension(21, new byte[missing])];
        byte[] body = [.. start, .. Sized(extensions)];
        return [1, (byte)(body.Length >> 16), (byte)(body.Length >> 8), (byte)body.Length, .. body];
    }

    /// <summary>RFC 6066 §3: a name is told, an address is not.</summary>
    private static byte[] ServerName(HostName server) =>
        server.Address is null ? Extension(0, Sized([0, .. Sized(Encoding.ASCII.GetBytes(server.Text))])) : [];

    /// <summary>RFC 8701: values of the form xAxA that mean nothing. The two extensions differ, since none may stand twice.</summary>
    private static byte[][] Grease()
    {
        var values = Enumerable.Range(0, 5).Select(_ => (byte)((RandomNumberGenerator.GetInt32(16) << 4) | 0xa)).ToArray();
        if (values[1] == values[4]) values[4] ^= 0x10;
        return [.. values.Select(value => (byte[])[value, value])];
    }

    private static int Number(byte[] two) => BinaryPrimitives.ReadUInt16BigEndian(two);

    private static byte[] Extension(int type, byte[] body) => [(byte)(type >> 8), (byte)type, .. Sized(body)];

    private static byte[] Sized(byte[] bytes) => [(byte)(bytes.Length >> 8), (byte)bytes.Length, .. bytes];
}
