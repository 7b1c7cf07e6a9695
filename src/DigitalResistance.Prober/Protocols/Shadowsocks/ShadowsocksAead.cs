using System.Security.Cryptography;
using Managed = Org.BouncyCastle.Crypto.Modes.ChaCha20Poly1305;

namespace DigitalResistance.Prober.Protocols.Shadowsocks;

/// <summary>AES-GCM or ChaCha20-Poly1305 under one key, the tag behind the text. Platforms whose own library lacks the latter get a managed one.</summary>
internal sealed class ShadowsocksAead : IDisposable
{
    public const int TagLength = 16;
    public const int NonceLength = 12;

    private readonly AesGcm? _aes;
    private readonly ChaCha20Poly1305? _chaCha;
    private readonly byte[] _key;

    /// <param name="method">Says which of the two.</param>
    /// <param name="key">As long as the method wants it.</param>
    /// <param name="onPlatform">Whether the platform's own is there.</param>
    public ShadowsocksAead(ShadowsocksMethod method, byte[] key, bool? onPlatform = null)
    {
        _key = key;
        if (!method.IsChaCha) _aes = new AesGcm(key, TagLength);
        else if (onPlatform ?? ChaCha20Poly1305.IsSupported) _chaCha = new ChaCha20Poly1305(key);
    }

    public byte[] Seal(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> text)
    {
        if (_aes is null && _chaCha is null) return ManagedAead.Seal(new Managed(), _key, nonce, text);
        var sealedText = new byte[text.Length + TagLength];
        var body = sealedText.AsSpan(0, text.Length);
        var tag = sealedText.AsSpan(text.Length);
        if (_aes is not null) _aes.Encrypt(nonce, text, body, tag);
        else _chaCha!.Encrypt(nonce, text, body, tag);
        return sealedText;
    }

    /// <summary>The text; null when it was not sealed with this key and nonce.</summary>
    public byte[]? Open(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> sealedText)
    {
        if (sealedText.Length < TagLength) return null;
        if (_aes is null && _chaCha is null) return ManagedAead.Open(new Managed(), _key, nonce, sealedText);
        var text = new byte[sealedText.Length - TagLength];
        try
        {
            if (_aes is not null) _aes.Decrypt(nonce, sealedText[..text.Length], sealedText[text.Length..], text);
            else _chaCha!.Decrypt(nonce, sealedText[..text.Length], sealedText[text.Length..], text);
            return text;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _aes?.Dispose();
        _chaCha?.Dispose();
    }
}
