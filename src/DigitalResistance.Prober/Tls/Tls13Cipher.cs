using System.Buffers.Binary;
using System.Security.Cryptography;

namespace DigitalResistance.Prober.Tls;

/// <summary>One direction of protected TLS 1.3 records (RFC 8446 §5.2), under one traffic secret.</summary>
internal sealed class Tls13Cipher : IDisposable
{
    public const int TagLength = 16;

    private readonly byte[] _iv;
    private readonly AesGcm? _aes;
    private readonly ChaCha20Poly1305? _chaCha;
    private ulong _number;

    public Tls13Cipher(Tls13Keys keys, byte[] secret)
    {
        // RFC 8446 §7.3.
        var key = keys.ExpandLabel(secret, "key", [], keys.Suite == CipherSuite.Aes128GcmSha256 ? 16 : 32);
        _iv = keys.ExpandLabel(secret, "iv", [], 12);
        if (keys.Suite == CipherSuite.ChaCha20Poly1305Sha256) _chaCha = new ChaCha20Poly1305(key);
        else _aes = new AesGcm(key, TagLength);
    }

    /// <summary>A whole record that looks like application data, whatever it holds.</summary>
    public byte[] Seal(ContentType type, ReadOnlySpan<byte> content)
    {
        byte[] text = [.. content, (byte)type];
        var record = new byte[Tls13Record.HeadLength + text.Length + TagLength];
        Tls13Record.WriteHead(record, ContentType.ApplicationData, text.Length + TagLength);
        var head = record.AsSpan(0, Tls13Record.HeadLength);
        var body = record.AsSpan(Tls13Record.HeadLength, text.Length);
        var tag = record.AsSpan(Tls13Record.HeadLength + text.Length);
        if (_aes is not null) _aes.Encrypt(Nonce(), text, body, tag, head);
        else _chaCha!.Encrypt(Nonce(), text, body, tag, head);
        return record;
    }

    /// <summary>What a record really holds, without its padding (RFC 8446 §5.4); null when nobody sealed it who knows the secret.</summary>
    public (ContentType Type, ReadOnlyMemory<byte> Content)? Open(Tls13Record record)
    {
        if (record.Type != ContentType.ApplicationData || record.Body.Length <= TagLength) return null;
        var head = new byte[Tls13Record.HeadLength];
        Tls13Record.WriteHead(head, record.Type, record.Body.Length);
        var text = new byte[record.Body.Length - TagLength];
        try
        {
            if (_aes is not null) _aes.Decrypt(Nonce(), record.Body.AsSpan(0, text.Length), record.Body.AsSpan(text.Length), text, head);
            else _chaCha!.Decrypt(Nonce(), record.Body.AsSpan(0, text.Length), record.Body.AsSpan(text.Length), text, head);
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }

        var end = text.AsSpan().LastIndexOfAnyExcept((byte)0);
        return end < 0 ? null : ((ContentType)text[end], text.AsMemory(0, end));
    }

    /// <inheritdoc />
    public void Dispose()
    {
        _aes?.Dispose();
        _chaCha?.Dispose();
    }

    /// <summary>RFC 8446 §5.3.</summary>
    private byte[] Nonce()
    {
        var nonce = (byte[])_iv.Clone();
        BinaryPrimitives.WriteUInt64BigEndian(nonce.AsSpan(4), BinaryPrimitives.ReadUInt64BigEndian(nonce.AsSpan(4)) ^ _number++);
        return nonce;
    }
}
