using System.Formats.Asn1;
using System.Security.Cryptography;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace DigitalResistance.Prober.Protocols.Reality;

/// <summary>
/// The certificate by which a server says that it opened our session id: an Ed25519 key that was made for the moment, and in the place of a signature
/// HMAC-SHA512 over that key under what only we two share. A web site's own certificate, however well signed, is none.
/// </summary>
internal sealed class RealityCertificate
{
    private const string Ed25519Id = "1.3.101.112"; // RFC 8410 §3
    private const ushort Ed25519Scheme = 0x0807; // RFC 8446 §4.2.3

    private readonly byte[] _key;

    private RealityCertificate(byte[] key) => _key = key;

    /// <summary>The certificate in a Certificate message (RFC 8446 §4.4.2), if it was made with our shared key.</summary>
    public static RealityCertificate? Find(ReadOnlyMemory<byte> message, byte[] authKey)
    {
        // type, length, length of the context, context, length of the list, length of the first certificate
        var bytes = message.Span;
        if (bytes.Length < 5 || bytes.Length < 5 + bytes[4] + 6) return null;
        var first = 5 + bytes[4] + 3;
        var length = (bytes[first] << 16) | (bytes[first + 1] << 8) | bytes[first + 2];
        if (bytes.Length < first + 3 + length) return null;
        try
        {
            var (key, signature) = Read(message.Slice(first + 3, length));
            return key is not null && CryptographicOperations.FixedTimeEquals(HMACSHA512.HashData(authKey, key), signature) ? new(key) : null;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    /// <summary>Whether who sent the certificate has its key, and sent it in this very conversation (RFC 8446 §4.4.3).</summary>
    public bool Verifies(ReadOnlySpan<byte> message, byte[] transcript)
    {
        if (message.Length != 4 + 4 + Ed25519.SignatureSize || ((message[4] << 8) | message[5]) != Ed25519Scheme) return false;
        byte[] signed = [.. Enumerable.Repeat((byte)' ', 64), .. "TLS 1.3, server CertificateVerify"u8, 0, .. transcript];
        return Ed25519.Verify(message[8..].ToArray(), 0, _key, 0, signed, 0, signed.Length);
    }

    /// <summary>Key and signature of a certificate (RFC 5280 §4.1); no key where it is of another kind.</summary>
    private static (byte[]? Key, byte[] Signature) Read(ReadOnlyMemory<byte> der)
    {
        var certificate = new AsnReader(der, AsnEncodingRules.DER).ReadSequence();
        var signed = certificate.ReadSequence();
        certificate.ReadSequence(); // algorithm
        var signature = certificate.ReadBitString(out _);
        if (signed.PeekTag() is { TagClass: TagClass.ContextSpecific, TagValue: 0 }) signed.ReadEncodedValue(); // version
        for (var i = 0; i < 5; i++) signed.ReadEncodedValue(); // serial number, algorithm, issuer, validity, subject
        var subjectKey = signed.ReadSequence();
        var isEd25519 = subjectKey.ReadSequence().ReadObjectIdentifier() == Ed25519Id;
        var key = subjectKey.ReadBitString(out _);
        return (isEd25519 && key.Length == Ed25519.PublicKeySize ? key : null, signature);
    }
}
