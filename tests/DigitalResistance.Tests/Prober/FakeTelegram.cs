using System.Buffers.Binary;
using System.Numerics;
using System.Security.Cryptography;
using DigitalResistance.Prober.Carriage;
using DigitalResistance.Prober.Dialing;
using DigitalResistance.Prober.Protocols.MtProto;

namespace DigitalResistance.Tests.Prober;

/// <summary>A data centre of Telegram's with a key of a test's own: it answers the two questions of the handshake as the real one does, or as a liar would.</summary>
internal sealed class FakeTelegram
{
    // The number of the worked example in Telegram's documentation, and its factors.
    public const ulong Pq = 0x17ED48941A08F981;

    private static readonly RSA Shared = RSA.Create(2048);

    private readonly RSA _rsa;
    private int _questions;

    /// <summary>Starts it with the key of the whole test run, since making one takes long, or with one of its own.</summary>
    public FakeTelegram(bool ownKey = false) => (_rsa, Key) = Open(ownKey ? RSA.Create(2048) : Shared);

    private static (RSA, TelegramKey) Open(RSA rsa) => (rsa, TelegramKey.FromPem(rsa.ExportRSAPublicKeyPem()));

    public TelegramKey Key { get; }

    /// <summary>Its public key in PEM.</summary>
    public string KeyPem => _rsa.ExportRSAPublicKeyPem();

    /// <summary>This data centre as a target. A proxy of Telegram's own does not care for the address.</summary>
    public ProbeTarget.Telegram Target(int port = 443) => new(HostPort.Parse($"127.0.0.1:{port}"), 2, [Key]);

    /// <summary>What time it has.</summary>
    public DateTimeOffset Now { get; init; } = DateTimeOffset.FromUnixTimeSeconds(1_500_000_000);

    /// <summary>Whether to repeat the client's nonce.</summary>
    public bool RepeatsNonce { get; init; } = true;

    /// <summary>Whether it has the private key, or only claims to.</summary>
    public bool HasKey { get; init; } = true;

    /// <summary>An error of the transport instead of any answer.</summary>
    public int? TransportError { get; init; }

    /// <summary>Whether it listens only.</summary>
    public bool IsSilent { get; init; }

    /// <summary>How many messages came so far.</summary>
    public int Questions => Volatile.Read(ref _questions);

    /// <summary>The answer to a message, or null to say nothing.</summary>
    public byte[]? Answer(ReadOnlySpan<byte> message)
    {
        Interlocked.Increment(ref _questions);
        if (IsSilent) return null;
        if (TransportError is { } code) return Tl.Int((uint)-code);
        var body = PlainMessage.Body(message);
        var reader = new TlReader(body);
        return reader.Int() switch
        {
            0xbe7e8ef1 => Message(ResPqBody(reader.Take(16))),
            0xd712e4be => DhParams(body) is { } answer ? Message(answer) : null,
            _ => null,
        };
    }

    private byte[] ResPqBody(ReadOnlySpan<byte> nonce) =>
    [
        .. Tl.Int(0x05162463), .. RepeatsNonce ? nonce : new byte[16], .. RandomNumberGenerator.GetBytes(16), .. Tl.Number(Pq), .. Tl.Int(0x1cb5c415), .. Tl.Int(2), .. Tl.Long(1234), .. Tl.Long(Key.Fingerprint),
    ];

    private byte[]? DhParams(ReadOnlySpan<byte> body)
    {
        var reader = new TlReader(body[4..]);
        var (nonce, serverNonce) = (reader.Take(16).ToArray(), reader.Take(16).ToArray());
        var (p, q) = (reader.Bytes().ToArray(), reader.Bytes().ToArray());
        if (reader.Long() != Key.Fingerprint || Big(p) != 0x494c553b || Big(q) != 0x53911073) return null;
        var newNonce = HasKey ? NewNonce(reader.Bytes(), nonce, serverNonce) : RandomNumberGenerator.GetBytes(32);
        if (newNonce is null) return null;
        byte[] inner = [.. Tl.Int(0xb5890dba), .. nonce, .. serverNonce, .. Tl.Int(3), .. Tl.Bytes(new byte[256]), .. Tl.Bytes(new byte[256]), .. Tl.Int((uint)Now.ToUnixTimeSeconds())];
        byte[] withHash = [.. SHA1.HashData(inner), .. inner];
        withHash = [.. withHash, .. RandomNumberGenerator.GetBytes((16 - (withHash.Length % 16)) % 16)];
        var (key, vector) = DhChallenge.TemporaryKey(newNonce, serverNonce);
        return [.. Tl.Int(0xd0e8075c), .. nonce, .. serverNonce, .. Tl.Bytes(AesIge.Encrypt(withHash, key, vector))];
    }

    /// <summary>RSA_PAD undone, step by step as https://core.telegram.org/mtproto/auth_key tells a server to; null when anything in it is wrong.</summary>
    private byte[]? NewNonce(ReadOnlySpan<byte> encrypted, byte[] nonce, byte[] serverNonce)
    {
        var key = _rsa.ExportParameters(includePrivateParameters: true);
        var number = BigInteger.ModPow(Big(encrypted), Big(key.D), Big(key.Modulus));
        var bytes = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        bytes = [.. new byte[256 - bytes.Length], .. bytes];
        var (temporaryKey, aes) = (bytes[..32], bytes[32..]);
        var hash = SHA256.HashData(aes);
        for (var i = 0; i < 32; i++) temporaryKey[i] ^= hash[i];
        var withHash = AesIge.Decrypt(aes, temporaryKey, new byte[32]);
        var padded = withHash[..192];
        Array.Reverse(padded);
        if (!SHA256.HashData([.. temporaryKey, .. padded]).AsSpan().SequenceEqual(withHash.AsSpan(192))) return null;

        var reader = new TlReader(padded);
        if (reader.Int() != 0xa9f55f95) return null;
        var pq = reader.Bytes().ToArray();
        _ = reader.Bytes();
        _ = reader.Bytes();
        var same = reader.Take(16).SequenceEqual(nonce) & reader.Take(16).SequenceEqual(serverNonce);
        var newNonce = reader.Take(32).ToArray();
        return same && Big(pq) == Pq && reader.Int() == 2 && !reader.Failed ? newNonce : null;
    }

    private static BigInteger Big(ReadOnlySpan<byte> bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    private byte[] Message(byte[] body)
    {
        var id = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(id, (Now.ToUnixTimeSeconds() << 32) | 1);
        return [.. new byte[8], .. id, .. Tl.Int((uint)body.Length), .. body];
    }
}
