using System.Buffers.Binary;
using System.Security.Cryptography;

namespace DigitalResistance.Prober.Protocols.MtProto;

/// <summary>An unencrypted message (https://core.telegram.org/mtproto/description#unencrypted-message): key 0, time, length, body.</summary>
internal static class PlainMessage
{
    private const int HeadLength = 20;

    /// <summary>
    /// Message ids are the time in 2⁻³² seconds, a multiple of four from clients. Below a tick of our clock the rest is random: an operator reads
    /// these bytes, and ids on whole ticks would be ours alone.
    /// </summary>
    public static byte[] Write(ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        var ticks = now.UtcTicks - DateTimeOffset.UnixEpoch.UtcTicks;
        var fraction = ((ticks % TimeSpan.TicksPerSecond << 32) / TimeSpan.TicksPerSecond) + RandomNumberGenerator.GetInt32((int)((1L << 32) / TimeSpan.TicksPerSecond));
        var id = ((ticks / TimeSpan.TicksPerSecond << 32) + fraction) & ~3L;
        return [.. Tl.Long(0), .. Tl.Long(id), .. Tl.Int((uint)body.Length), .. body];
    }

    /// <summary>The body of a server's message; empty when it is none.</summary>
    public static ReadOnlySpan<byte> Body(ReadOnlySpan<byte> message)
    {
        if (message.Length < HeadLength || BinaryPrimitives.ReadInt64LittleEndian(message) != 0) return default;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(message[16..]);
        return length <= message.Length - HeadLength ? message.Slice(HeadLength, (int)length) : default;
    }
}

/// <summary><c>resPQ#05162463 nonce:int128 server_nonce:int128 pq:string server_public_key_fingerprints:Vector&lt;long&gt;</c>.</summary>
internal sealed record ResPq(byte[] Nonce, byte[] ServerNonce, ulong Pq, long[] Fingerprints)
{
    private const uint Constructor = 0x05162463;
    private const uint Vector = 0x1cb5c415;
    private const int MostFingerprints = 64;

    /// <summary><c>req_pq_multi#be7e8ef1 nonce:int128</c>.</summary>
    public static byte[] Request(ReadOnlySpan<byte> nonce) => [.. Tl.Int(0xbe7e8ef1), .. nonce];

    public static ResPq? Parse(ReadOnlySpan<byte> body)
    {
        var reader = new TlReader(body);
        if (reader.Int() != Constructor) return null;
        var (nonce, serverNonce) = (reader.Take(16).ToArray(), reader.Take(16).ToArray());
        var pq = reader.Bytes();
        if (pq.Length is 0 or > 8 || reader.Int() != Vector || reader.Int() is not (var count and <= MostFingerprints)) return null;
        var fingerprints = new long[count];
        for (var i = 0; i < fingerprints.Length; i++) fingerprints[i] = reader.Long();
        Span<byte> number = stackalloc byte[8];
        pq.CopyTo(number[(8 - pq.Length)..]);
        return reader.Failed ? null : new ResPq(nonce, serverNonce, BinaryPrimitives.ReadUInt64BigEndian(number), fingerprints);
    }
}

/// <summary>
/// The strong question and its answer: only who has the private key learns our new nonce, and only who knows that nonce can encrypt an answer
/// that repeats both nonces (https://core.telegram.org/mtproto/auth_key, steps 4 and 5). Nothing is created at Telegram by it.
/// </summary>
internal sealed class DhChallenge
{
    private const uint ParamsOk = 0xd0e8075c;
    private const uint InnerDataConstructor = 0xb5890dba;
    private const int HashLength = 20;

    private readonly ResPq _question;
    private readonly byte[] _newNonce = RandomNumberGenerator.GetBytes(32);

    private DhChallenge(ResPq question, TelegramKey key, ulong p, ulong q, short dataCentre)
    {
        _question = question;
        byte[] inner =
        [
            .. Tl.Int(0xa9f55f95), .. Tl.Number(question.Pq), .. Tl.Number(p), .. Tl.Number(q), .. question.Nonce, .. question.ServerNonce, .. _newNonce, .. Tl.Int((uint)(int)dataCentre),
        ];
        Request = [.. Tl.Int(0xd712e4be), .. question.Nonce, .. question.ServerNonce, .. Tl.Number(p), .. Tl.Number(q), .. Tl.Long(key.Fingerprint), .. Tl.Bytes(key.Encrypt(inner))];
    }

    /// <summary><c>req_DH_params#d712e4be</c> with <c>p_q_inner_data_dc#a9f55f95</c> inside.</summary>
    public byte[] Request { get; }

    /// <summary>Prepares the question; null when the number cannot be split.</summary>
    public static DhChallenge? Create(ResPq question, TelegramKey key, short dataCentre) =>
        PqFactors.Find(question.Pq) is var (p, q) ? new DhChallenge(question, key, p, q, dataCentre) : null;

    /// <summary>Telegram's time, if the answer is <c>server_DH_params_ok#d0e8075c</c> and comes from who holds the key; else null.</summary>
    public DateTimeOffset? Verify(ReadOnlySpan<byte> body)
    {
        var reader = new TlReader(body);
        if (reader.Int() != ParamsOk || !reader.Take(16).SequenceEqual(_question.Nonce) || !reader.Take(16).SequenceEqual(_question.ServerNonce)) return null;
        var encrypted = reader.Bytes();
        if (reader.Failed || encrypted.Length is 0 or > 1024 || encrypted.Length % 16 != 0) return null;
        var (key, vector) = TemporaryKey(_newNonce, _question.ServerNonce);
        return InnerData(AesIge.Decrypt(encrypted, key, vector), _question.Nonce, _question.ServerNonce);
    }

    /// <summary>tmp_aes_key and tmp_aes_iv.</summary>
    internal static (byte[] Key, byte[] Vector) TemporaryKey(ReadOnlySpan<byte> newNonce, ReadOnlySpan<byte> serverNonce)
    {
        var (newServer, serverNew, newNew) = (SHA1.HashData([.. newNonce, .. serverNonce]), SHA1.HashData([.. serverNonce, .. newNonce]), SHA1.HashData([.. newNonce, .. newNonce]));
        return ([.. newServer, .. serverNew[..12]], [.. serverNew[12..], .. newNew, .. newNonce[..4]]);
    }

    /// <summary>The time in <c>server_DH_inner_data#b5890dba</c>, which must stand behind the SHA-1 of itself, with at most 15 bytes of padding, and have both nonces in it.</summary>
    internal static DateTimeOffset? InnerData(ReadOnlySpan<byte> withHash, ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> serverNonce)
    {
        if (withHash.Length <= HashLength) return null;
        var answer = withHash[HashLength..];
        var reader = new TlReader(answer);
        var right = reader.Int() == InnerDataConstructor & reader.Take(16).SequenceEqual(nonce) & reader.Take(16).SequenceEqual(serverNonce);
        _ = reader.Int(); // g
        _ = reader.Bytes(); // dh_prime
        _ = reader.Bytes(); // g_a
        var time = reader.Int(); // server_time
        return right && !reader.Failed && reader.Left < 16 && SHA1.HashData(answer[..^reader.Left]).AsSpan().SequenceEqual(withHash[..HashLength])
            ? DateTimeOffset.FromUnixTimeSeconds(time) : null;
    }
}
