using System.Buffers.Binary;
using System.Security.Cryptography;
using DigitalResistance.Prober.Protocols.Shadowsocks;
using Org.BouncyCastle.Crypto.Modes;

namespace DigitalResistance.Prober.Protocols.Shadowsocks2022;

/// <summary>
/// How single packets are sealed. With AES, session and number are one block under the key itself, and the rest is sealed under a key of the session
/// (SIP022 §3.2.1). With ChaCha20 all of it is sealed under the key itself and a long random nonce (§4.1, draft-irtf-cfrg-xchacha).
/// </summary>
internal sealed class PacketCipher(ShadowsocksMethod method, byte[] psk) : IDisposable
{
    public const int SessionLength = 8;

    private const int HeadLength = SessionLength + 8;
    private const int LongNonceLength = 24;
    private readonly Aes _blocks = MakeBlocks(psk);

    public byte[] Seal(ReadOnlySpan<byte> session, ulong number, ReadOnlySpan<byte> text)
    {
        var head = new byte[HeadLength];
        session.CopyTo(head);
        BinaryPrimitives.WriteUInt64BigEndian(head.AsSpan(SessionLength), number);
        if (!method.IsChaCha)
        {
            using var aead = new ShadowsocksAead(method, Psk.OfSession(psk, session));
            return [.. _blocks.EncryptEcb(head, PaddingMode.None), .. aead.Seal(head.AsSpan(4), text)];
        }

        var nonce = RandomNumberGenerator.GetBytes(LongNonceLength);
        return [.. nonce, .. ManagedAead.Seal(new XChaCha20Poly1305(), psk, nonce, [.. head, .. text])];
    }

    /// <summary>What a packet holds behind session and number; null when nobody sealed it who knows the key.</summary>
    public byte[]? Open(ReadOnlySpan<byte> packet)
    {
        if (!method.IsChaCha)
        {
            if (packet.Length < HeadLength) return null;
            var head = _blocks.DecryptEcb(packet[..HeadLength], PaddingMode.None);
            using var aead = new ShadowsocksAead(method, Psk.OfSession(psk, head.AsSpan(0, SessionLength)));
            return aead.Open(head.AsSpan(4), packet[HeadLength..]);
        }

        if (packet.Length < LongNonceLength) return null;
        return ManagedAead.Open(new XChaCha20Poly1305(), psk, packet[..LongNonceLength], packet[LongNonceLength..]) is { Length: >= HeadLength } whole ? whole[HeadLength..] : null;
    }

    /// <inheritdoc />
    public void Dispose() => _blocks.Dispose();

    private static Aes MakeBlocks(byte[] key)
    {
        var aes = Aes.Create();
        aes.SetKey(key);
        return aes;
    }
}
