using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Org.BouncyCastle.Math.EC.Rfc7748;

namespace DigitalResistance.Prober.Protocols.Reality;

/// <summary>
/// A TLS 1.3 ClientHello (RFC 8446 §4.1.2) as a browser's before post-quantum shares, whose session id is sealed: only the server whose key we know can open it,
/// and finds in it a short id that it gave out and the time. To everybody else the session id is random, as in any browser's.
/// </summary>
internal sealed class RealityHello
{
    private const int SessionIdOffset = 4 + 2 + 32 + 1; // type, length, version, random, length of the session id
    private const int SessionIdLength = 32;
    private const int ShortIdLength = 8;
    private const int PaddedLength = 512; // RFC 7685, as browsers do with hellos of this kind

    /// <summary>A version of the software that all these clients are; servers may ask for a least one.</summary>
    private static readonly byte[] ClientVersion = [25, 8, 3, 0];

    private readonly byte[] _privateKey = RandomNumberGenerator.GetBytes(X25519.ScalarSize);

    public RealityHello(string serverName, byte[] publicKey, byte[] shortId, DateTimeOffset now)
    {
        var share = new byte[X25519.PointSize];
        X25519.ScalarMultBase(_privateKey, 0, share, 0);
        Message = Assemble(serverName, share);
        AuthKey = KeyFor(publicKey);
        byte[] identity = [.. ClientVersion, 0, 0, 0, 0, .. shortId, .. new byte[ShortIdLength - shortId.Length]];
        BinaryPrimitives.WriteUInt32BigEndian(identity.AsSpan(4), (uint)now.ToUnixTimeSeconds());
        SessionId = Seal(AuthKey, Message, identity);
        SessionId.CopyTo(Message, SessionIdOffset);
    }

    /// <summary>The handshake message, without a record around it.</summary>
    public byte[] Message { get; }

    public byte[] SessionId { get; }

    /// <summary>What we and the server that we mean share in this conversation, and nobody else.</summary>
    public byte[] AuthKey { get; }

    /// <summary>The secret that our key share makes with another; null where the other is no key (RFC 8446 §7.4.2).</summary>
    public byte[]? Agree(byte[] share)
    {
        var secret = new byte[X25519.PointSize];
        return X25519.CalculateAgreement(_privateKey, 0, share, 0, secret, 0) ? secret : null;
    }

    /// <summary>HKDF over the agreement with the server's long-term key, salted by the first 20 bytes of the random; nobody agrees with a key that is none.</summary>
    private byte[] KeyFor(byte[] publicKey) => HKDF.DeriveKey(HashAlgorithmName.SHA256, Agree(publicKey) ?? RandomNumberGenerator.GetBytes(32), 32, Message.AsSpan(6, 20).ToArray(), "REALITY"u8.ToArray());

    /// <summary>AES-256-GCM under the last 12 bytes of the random, bound to the whole hello with an empty session id.</summary>
    private static byte[] Seal(byte[] key, byte[] message, byte[] identity)
    {
        using var aes = new AesGcm(key, 16);
        var sealedId = new byte[SessionIdLength];
        aes.Encrypt(message.AsSpan(26, 12), identity, sealedId.AsSpan(0, 16), sealedId.AsSpan(16), message);
        return sealedId;
    }

    private static byte[] Assemble(string serverName, byte[] share)
    {
        var grease = Grease();
        byte[] start =
        [
            3, 3, .. RandomNumberGenerator.GetBytes(32), SessionIdLength, .. new byte[SessionIdLength],
            .. Sized([.. grease[0], 0x13, 1, 0x13, 2, 0x13, 3, 0xc0, 0x2b, 0xc0, 0x2f, 0xc0, 0x2c, 0xc0, 0x30, 0xcc, 0xa9, 0xcc, 0xa8, 0xc0, 0x13, 0xc0, 0x14, 0, 0x9c, 0, 0x9d, 0, 0x2f, 0, 0x35]),
            1, 0,
        ];
        byte[] extensions =
        [
            .. Extension(Number(grease[1]), []),
            .. Extension(0, Sized([0, .. Sized(Encoding.ASCII.GetBytes(serverName))])), // server_name, RFC 6066 §3
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
