using System.Buffers.Binary;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Tls;

/// <summary>The certificate of a web site: what is right about it, and what was signed with its key.</summary>
internal sealed class WebCertificate
{
    private const byte Plain = 11;
    private const byte Compressed = 25; // RFC 8879 §4
    private const ushort Brotli = 2;
    private const int MostCertificates = 10;
    private const int MostUncompressed = 64 * 1024;

    private readonly X509Certificate2 _certificate;

    private WebCertificate(X509Certificate2 certificate) => _certificate = certificate;

    /// <summary>The certificate in a message (RFC 8446 §4.4.2, RFC 8879 §4), if an authority that counts has signed it for this host; else what is wrong.</summary>
    public static (WebCertificate? Certificate, Failure? Failure) Find(ReadOnlyMemory<byte> message, HostName host, TrustRoots roots, TimeProvider time)
    {
        if (Chain(Body(message)) is not { Count: > 0 } chain || roots.Verify(chain, time) is not ({ } leaf, var faults)) return (null, Failure.TlsFailed);

        // Expired is said only when nothing worse is wrong: a forger's certificate may well be expired too.
        if (faults is not (X509ChainStatusFlags.NoError or X509ChainStatusFlags.NotTimeValid)) return (null, Failure.CertificateUntrusted);
        if (!leaf.MatchesHostname(host.Text, allowWildcards: true, allowCommonName: false)) return (null, Failure.CertificateWrongName); // RFC 9525
        return faults == X509ChainStatusFlags.NoError ? (new(leaf), null) : (null, Failure.CertificateExpired);
    }

    /// <summary>Whether who sent a CertificateVerify message has the key, and signed in this very conversation (RFC 8446 §4.4.3).</summary>
    public bool HasSigned(ReadOnlySpan<byte> message, ReadOnlySpan<byte> transcript)
    {
        if (message.Length < 8 || BinaryPrimitives.ReadUInt16BigEndian(message[6..]) != message.Length - 8) return false;
        byte[] text = [.. Enumerable.Repeat((byte)' ', 64), .. "TLS 1.3, server CertificateVerify"u8, 0, .. transcript];
        var signature = message[8..];
        return BinaryPrimitives.ReadUInt16BigEndian(message[4..]) switch
        {
            0x0403 => IsSignedByCurve(256, text, signature, HashAlgorithmName.SHA256),
            0x0503 => IsSignedByCurve(384, text, signature, HashAlgorithmName.SHA384),
            0x0804 => IsSignedByRsa(text, signature, HashAlgorithmName.SHA256),
            0x0805 => IsSignedByRsa(text, signature, HashAlgorithmName.SHA384),
            0x0806 => IsSignedByRsa(text, signature, HashAlgorithmName.SHA512),
            _ => false, // §4.2.3: what is older may stand in certificates, not here
        };
    }

    private bool IsSignedByCurve(int bits, byte[] text, ReadOnlySpan<byte> signature, HashAlgorithmName hash)
    {
        using var key = _certificate.GetECDsaPublicKey();
        return key?.KeySize == bits && key.VerifyData(text, signature, hash, DSASignatureFormat.Rfc3279DerSequence);
    }

    private bool IsSignedByRsa(byte[] text, ReadOnlySpan<byte> signature, HashAlgorithmName hash)
    {
        using var key = _certificate.GetRSAPublicKey();
        return key is not null && key.VerifyData(text, signature, hash, RSASignaturePadding.Pss);
    }

    /// <summary>What follows type and length of a Certificate message, however it came; null when it is none.</summary>
    private static ReadOnlyMemory<byte>? Body(ReadOnlyMemory<byte> message)
    {
        if (message.Span is [Plain, ..]) return message[4..];
        if (message.Span is not [Compressed, _, _, _, ..] || message.Length < 12 || BinaryPrimitives.ReadUInt16BigEndian(message.Span[4..]) != Brotli) return null;
        var length = Number(message.Span[6..]);
        var packed = message.Span[12..];
        if (length > MostUncompressed || Number(message.Span[9..]) != packed.Length) return null;
        var body = new byte[length];
        return BrotliDecoder.TryDecompress(packed, body, out var written) && written == length ? body : null;
    }

    /// <summary>The certificates, without what is said about each; null where they are not what their lengths say.</summary>
    private static List<ReadOnlyMemory<byte>>? Chain(ReadOnlyMemory<byte>? body)
    {
        // No context comes without our having asked for one (RFC 8446 §4.4.2).
        if (body is not { Length: > 4 } bytes || bytes.Span[0] != 0 || Number(bytes.Span[1..]) != bytes.Length - 4) return null;
        var chain = new List<ReadOnlyMemory<byte>>();
        for (bytes = bytes[4..]; !bytes.IsEmpty;)
        {
            if (chain.Count == MostCertificates || bytes.Length < 3 || Number(bytes.Span) is var length && bytes.Length < 3 + length + 2) return null;
            chain.Add(bytes.Slice(3, length));
            bytes = bytes[(3 + length)..];
            var extensions = 2 + BinaryPrimitives.ReadUInt16BigEndian(bytes.Span);
            if (bytes.Length < extensions) return null;
            bytes = bytes[extensions..];
        }

        return chain;
    }

    private static int Number(ReadOnlySpan<byte> three) => (three[0] << 16) | (three[1] << 8) | three[2];
}
