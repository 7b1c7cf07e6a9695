using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Tls;
using Org.BouncyCastle.Math.EC.Rfc7748;

namespace DigitalResistance.Tests.Prober.Tls;

/// <summary>The server's side of a TLS 1.3 handshake (RFC 8446 §2), whose every message a test can spoil.</summary>
internal sealed class Tls13Server
{
    public CipherSuite Suite { get; init; } = CipherSuite.Aes128GcmSha256;

    /// <summary>The whole Certificate message.</summary>
    public required byte[] Certificate { get; init; }

    /// <summary>Scheme and signature for what CertificateVerify signs.</summary>
    public required Func<byte[], (ushort Scheme, byte[] Signature)> Sign { get; init; }

    /// <summary>Says Finished as somebody would who does not know the keys.</summary>
    public bool SpoilsFinished { get; init; }

    /// <summary>Leaves CertificateVerify out, as somebody would like to who has no key.</summary>
    public bool SignsNothing { get; init; }

    /// <summary>Sends a ticket and asks for new keys before it says anything else.</summary>
    public bool IsRestless { get; init; }

    /// <summary>The X25519 share of a hello, found by what stands before it: group and length.</summary>
    public static byte[] Share(byte[] hello) => hello.AsSpan(hello.AsSpan().IndexOf((ReadOnlySpan<byte>)[0, 29, 0, 32]) + 4, 32).ToArray();

    /// <summary>Answers a hello; null where the client did not go on.</summary>
    public async Task<Tls13Transport?> ShakeHandsAsync(Wire wire, byte[] hello)
    {
        var (secret, share, shared) = (RandomNumberGenerator.GetBytes(32), new byte[32], new byte[32]);
        X25519.ScalarMultBase(secret, 0, share, 0);
        X25519.ScalarMult(secret, 0, Share(hello), 0, shared, 0);
        byte[] answer =
        [
            2, 0, 0, 118, 3, 3, .. RandomNumberGenerator.GetBytes(32), 32, .. hello.AsSpan(39, 32), (byte)((int)Suite >> 8), (byte)Suite, 0,
            0, 46, 0, 43, 0, 2, 3, 4, 0, 51, 0, 36, 0, 29, 0, 32, .. share,
        ];
        var keys = new Tls13Keys(Suite, shared);
        List<byte> transcript = [.. hello, .. answer];
        var handshake = keys.Handshake(keys.Hash([.. transcript]));
        using var sealer = new Tls13Cipher(keys, handshake.Server);
        using var opener = new Tls13Cipher(keys, handshake.Client);

        byte[] extensions = [8, 0, 0, 2, 0, 0];
        transcript.AddRange([.. extensions, .. Certificate]);
        var verify = SignsNothing ? [] : Verify(keys.Hash([.. transcript]));
        transcript.AddRange(verify);
        byte[] finished = [20, 0, 0, (byte)keys.HashLength, .. keys.Finished(SpoilsFinished ? new byte[32] : handshake.Server, keys.Hash([.. transcript]))];
        transcript.AddRange(finished);

        // In two records or more, cut in the middle of a message.
        byte[] flight = [.. extensions, .. Certificate, .. verify, .. finished];
        await wire.SendAsync((byte[])[
            .. Tls13Record.Write(ContentType.Handshake, answer), .. Tls13Record.Write(ContentType.ChangeCipherSpec, [1]),
            .. sealer.Seal(ContentType.Handshake, flight.AsSpan(0, 50)), .. flight[50..].Chunk(16_000).SelectMany(part => sealer.Seal(ContentType.Handshake, part))]);
        var application = keys.Application(keys.Hash([.. transcript]));
        if (await wire.ReceiveAsync<Tls13Record>() is not { Type: ContentType.ChangeCipherSpec }) return null;
        var expected = keys.Finished(handshake.Client, keys.Hash([.. transcript]));
        if (await wire.ReceiveAsync<Tls13Record>() is not { } last || opener.Open(last) is not { } theirs || !theirs.Content.Span[4..].SequenceEqual(expected)) return null;
        if (!IsRestless) return new Tls13Transport(wire, keys, application.Server, application.Client);

        using var restless = new Tls13Cipher(keys, application.Server);
        await wire.SendAsync((byte[])[.. restless.Seal(ContentType.Handshake, [4, 0, 0, 1, 0]), .. restless.Seal(ContentType.Handshake, [24, 0, 0, 1, 1])]);
        return new Tls13Transport(wire, keys, keys.Next(application.Server), application.Client);
    }

    private byte[] Verify(byte[] transcript)
    {
        var (scheme, signature) = Sign([.. Encoding.ASCII.GetBytes(new string(' ', 64) + "TLS 1.3, server CertificateVerify"), 0, .. transcript]);
        var verify = new byte[8 + signature.Length];
        BinaryPrimitives.WriteUInt32BigEndian(verify, (15u << 24) | (uint)(4 + signature.Length));
        BinaryPrimitives.WriteUInt16BigEndian(verify.AsSpan(4), scheme);
        BinaryPrimitives.WriteUInt16BigEndian(verify.AsSpan(6), (ushort)signature.Length);
        signature.CopyTo(verify, 8);
        return verify;
    }
}
