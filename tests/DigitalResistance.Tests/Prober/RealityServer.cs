using System.Buffers.Binary;
using System.Buffers.Text;
using System.Formats.Asn1;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Tls;
using DigitalResistance.Tests.Prober.Tls;
using Org.BouncyCastle.Math.EC.Rfc7748;
using Org.BouncyCastle.Math.EC.Rfc8032;

namespace DigitalResistance.Tests.Prober;

/// <summary>
/// A small honest REALITY server with VLESS inside, from the description of the protocol: whoever seals the wrong thing into the session id is carried to a
/// foreign web site, byte for byte, and never learns that there was anything else.
/// </summary>
internal sealed class RealityServer(Guid user, int? webSite = null)
{
    public const string Site = "www.example.net";
    private static readonly byte[] PrivateKey = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
    private static readonly byte[] ShortId = [0xaa, 0xbb, 0xcc, 0xdd, 0, 0, 0, 0];

    /// <summary>What it makes of every visitor's session: cipher suite, and things that a test spoils.</summary>
    public CipherSuite Suite { get; init; } = CipherSuite.Aes128GcmSha256;

    /// <summary>Changes the certificate's proof, its signature or Finished, as somebody would who does not know the keys.</summary>
    public string Spoils { get; init; } = "";

    /// <summary>Sends a ticket and asks for new keys before it says anything else.</summary>
    public bool IsRestless { get; init; }

    public static byte[] PublicKey
    {
        get
        {
            var key = new byte[32];
            X25519.ScalarMultBase(PrivateKey, 0, key, 0);
            return key;
        }
    }

    public static Dictionary<string, string> Settings(Guid user) =>
        Proving.Settings(("id", $"{user}"), ("public_key", Base64Url.EncodeToString(PublicKey)), ("short_id", "aabbccdd"), ("site", Site));

    public async Task ServeAsync(NetworkStream stream, CancellationToken stop)
    {
        var head = await ScriptedServer.ReadAsync(stream, 5, stop);
        var hello = await ScriptedServer.ReadAsync(stream, BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(3)), stop);
        if (KeyFor(hello) is not { } authKey)
        {
            if (webSite is not { } port || await Relay.DialAsync(port, stop) is not { } site) return;
            using (site)
            {
                await site.GetStream().WriteAsync((byte[])[.. head, .. hello], stop);
                await Relay.RunAsync(stream, site.GetStream(), stop);
            }

            return;
        }

        await using var wire = new Wire(new StreamTransport(stream, stop));
        if (await ServerFor(authKey).ShakeHandsAsync(wire, hello) is not { } transport) return;
        await using var inside = new TransportStream(transport);
        try
        {
            await VlessServer.ServeAsync(inside, user, stop);
        }
        finally
        {
            await transport.DisposeAsync();
        }
    }

    private Tls13Server ServerFor(byte[] authKey)
    {
        var (key, publicKey) = (RandomNumberGenerator.GetBytes(32), new byte[32]);
        Ed25519.GeneratePublicKey(key, 0, publicKey, 0);
        return new Tls13Server
        {
            Suite = Suite,
            IsRestless = IsRestless,
            SpoilsFinished = Spoils == "finished",
            Certificate = Certificate(publicKey, HMACSHA512.HashData(Spoils == "proof" ? new byte[32] : authKey, publicKey)),
            Sign = signed =>
            {
                var signature = new byte[64];
                Ed25519.Sign(Spoils == "signature" ? new byte[32] : key, 0, signed, 0, signed.Length, signature, 0);
                return (0x0807, signature);
            },
        };
    }

    /// <summary>What it shares with the visitor, if the session id says that the visitor is known, and not from another time.</summary>
    private static byte[]? KeyFor(byte[] hello)
    {
        if (!Encoding.ASCII.GetString(hello).Contains(Site, StringComparison.Ordinal)) return null;
        var (agreed, identity) = (new byte[32], new byte[16]);
        X25519.ScalarMult(PrivateKey, 0, Tls13Server.Share(hello), 0, agreed, 0);
        var key = HKDF.DeriveKey(HashAlgorithmName.SHA256, agreed, 32, hello[6..26], "REALITY"u8.ToArray());
        byte[] bound = [.. hello.AsSpan(0, 39), .. new byte[32], .. hello.AsSpan(71)];
        using var aes = new AesGcm(key, 16);
        try
        {
            aes.Decrypt(hello.AsSpan(26, 12), hello.AsSpan(39, 16), hello.AsSpan(55, 16), identity, bound);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }

        var skew = DateTimeOffset.UtcNow - DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadUInt32BigEndian(identity.AsSpan(4)));
        return identity.AsSpan(8).SequenceEqual(ShortId) && skew.Duration() < TimeSpan.FromMinutes(1) ? key : null;
    }

    private static byte[] Certificate(byte[] key, byte[] signature)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence())
            {
                using (writer.PushSequence(new Asn1Tag(TagClass.ContextSpecific, 0))) writer.WriteInteger(2);
                writer.WriteInteger(0);
                Algorithm(writer);
                using (writer.PushSequence()) { } // issuer
                using (writer.PushSequence()) { } // validity
                using (writer.PushSequence()) { } // subject
                using (writer.PushSequence())
                {
                    Algorithm(writer);
                    writer.WriteBitString(key);
                }
            }

            Algorithm(writer);
            writer.WriteBitString(signature);
        }

        var der = writer.Encode();
        return [11, .. Sized([0, .. Sized([.. Sized(der), 0, 0])])];
    }

    private static void Algorithm(AsnWriter writer)
    {
        using (writer.PushSequence()) writer.WriteObjectIdentifier("1.3.101.112");
    }

    private static byte[] Sized(byte[] bytes) => [(byte)(bytes.Length >> 16), (byte)(bytes.Length >> 8), (byte)bytes.Length, .. bytes];
}
