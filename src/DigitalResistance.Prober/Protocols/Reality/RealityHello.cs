using System.Buffers.Binary;
using System.Security.Cryptography;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Tls;

namespace DigitalResistance.Prober.Protocols.Reality;

/// <summary>
/// A browser's hello whose session id is sealed: only the server whose key we know can open it, and finds in it a short id that it gave out and the time.
/// To everybody else the session id is random, as in any browser's.
/// </summary>
internal sealed class RealityHello
{
    private const int ShortIdLength = 8;

    /// <summary>A version of the software that all these clients are; servers may ask for a least one.</summary>
    private static readonly byte[] ClientVersion = [25, 8, 3, 0];

    public RealityHello(HostName server, byte[] publicKey, byte[] shortId, DateTimeOffset now)
    {
        Hello = new BrowserHello(server);
        AuthKey = KeyFor(publicKey);
        byte[] identity = [.. ClientVersion, 0, 0, 0, 0, .. shortId, .. new byte[ShortIdLength - shortId.Length]];
        BinaryPrimitives.WriteUInt32BigEndian(identity.AsSpan(4), (uint)now.ToUnixTimeSeconds());
        Seal(identity);
    }

    public BrowserHello Hello { get; }

    /// <summary>What we and the server that we mean share in this conversation, and nobody else.</summary>
    public byte[] AuthKey { get; }

    /// <summary>HKDF over the agreement with the server's long-term key, salted by the first 20 bytes of the random; nobody agrees with a key that is none.</summary>
    private byte[] KeyFor(byte[] publicKey) => HKDF.DeriveKey(HashAlgorithmName.SHA256, Hello.Agree(publicKey) ?? RandomNumberGenerator.GetBytes(32), 32, Hello.Random[..20].ToArray(), "REALITY"u8.ToArray());

    /// <summary>AES-256-GCM under the last 12 bytes of the random, bound to the whole hello with an empty session id.</summary>
    private void Seal(ReadOnlySpan<byte> identity)
    {
        Hello.SessionId.Clear();
        using var aes = new AesGcm(AuthKey, Tls13Cipher.TagLength);
        var sealedId = new byte[Hello.SessionId.Length];
        aes.Encrypt(Hello.Random[^12..], identity, sealedId.AsSpan(0, identity.Length), sealedId.AsSpan(identity.Length), Hello.Message);
        sealedId.CopyTo(Hello.SessionId);
    }
}
