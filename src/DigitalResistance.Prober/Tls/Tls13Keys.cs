using System.Security.Cryptography;
using System.Text;

namespace DigitalResistance.Prober.Tls;

/// <summary>The key schedule of TLS 1.3 (RFC 8446 §7.1) as far as a handshake without resumption needs it.</summary>
internal sealed class Tls13Keys
{
    private readonly HashAlgorithmName _hash;
    private readonly byte[] _handshakeSecret;

    /// <summary>From the secret that the two key shares make.</summary>
    public Tls13Keys(CipherSuite suite, byte[] shared)
    {
        (Suite, _hash, HashLength) = (suite, suite == CipherSuite.Aes256GcmSha384 ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256, suite == CipherSuite.Aes256GcmSha384 ? 48 : 32);
        var early = HKDF.Extract(_hash, new byte[HashLength], new byte[HashLength]);
        _handshakeSecret = HKDF.Extract(_hash, shared, Derive(early, "derived", Hash([])));
    }

    /// <summary>The cipher suite that the server chose.</summary>
    public CipherSuite Suite { get; }

    public int HashLength { get; }

    /// <summary>The secrets of both directions while hands are shaken, from the hash of both hellos.</summary>
    public (byte[] Client, byte[] Server) Handshake(byte[] transcript) =>
        (Derive(_handshakeSecret, "c hs traffic", transcript), Derive(_handshakeSecret, "s hs traffic", transcript));

    /// <summary>The secrets of both directions afterwards, from the hash of everything up to the server's Finished.</summary>
    public (byte[] Client, byte[] Server) Application(byte[] transcript)
    {
        var master = HKDF.Extract(_hash, new byte[HashLength], Derive(_handshakeSecret, "derived", Hash([])));
        return (Derive(master, "c ap traffic", transcript), Derive(master, "s ap traffic", transcript));
    }

    /// <summary>What Finished has to say (RFC 8446 §4.4.4).</summary>
    public byte[] Finished(byte[] secret, byte[] transcript) => CryptographicOperations.HmacData(_hash, ExpandLabel(secret, "finished", [], HashLength), transcript);

    /// <summary>The secret that follows another after a KeyUpdate (RFC 8446 §7.2).</summary>
    public byte[] Next(byte[] secret) => ExpandLabel(secret, "traffic upd", [], HashLength);

    public byte[] Hash(ReadOnlySpan<byte> messages) => CryptographicOperations.HashData(_hash, messages);

    public byte[] ExpandLabel(byte[] secret, string label, ReadOnlySpan<byte> context, int length)
    {
        var name = Encoding.ASCII.GetBytes("tls13 " + label);
        return HKDF.Expand(_hash, secret, length, [(byte)(length >> 8), (byte)length, (byte)name.Length, .. name, (byte)context.Length, .. context]);
    }

    private byte[] Derive(byte[] secret, string label, byte[] transcript) => ExpandLabel(secret, label, transcript, HashLength);
}

/// <summary>RFC 8446 §B.4.</summary>
internal enum CipherSuite : ushort
{
    Aes128GcmSha256 = 0x1301,
    Aes256GcmSha384 = 0x1302,
    ChaCha20Poly1305Sha256 = 0x1303,
}
