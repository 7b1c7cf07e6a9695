using System.Buffers.Binary;
using System.Security.Cryptography;
using DigitalResistance.Prober.Protocols.Vmess;

namespace DigitalResistance.Tests.Prober;

/// <summary>A small honest VMess server over any stream, that behaves as v2ray does: silent to strangers and wrong clocks, polite even when the target is closed.</summary>
internal static class VmessServer
{
    private static readonly TimeSpan MostSkew = TimeSpan.FromSeconds(120);

    public static async Task ServeAsync(Stream stream, Guid id, CancellationToken stop)
    {
        var user = VmessKeys.OfUser(id.ToByteArray(bigEndian: true));
        var authId = await ScriptedServer.ReadAsync(stream, 16, stop);
        var sealedLength = await ScriptedServer.ReadAsync(stream, 18, stop);
        var nonce = await ScriptedServer.ReadAsync(stream, 8, stop);
        if (!Knows(user, authId) || VmessAead.Open(VmessKeys.Key(user, "VMess Header AEAD Key_Length", authId, nonce), VmessKeys.Nonce(user, "VMess Header AEAD Nonce_Length", authId, nonce), sealedLength, authId) is not { } length)
        {
            await Task.Delay(Timeout.Infinite, stop);
            return;
        }

        var sealedHead = await ScriptedServer.ReadAsync(stream, BinaryPrimitives.ReadUInt16BigEndian(length) + 16, stop);
        var head = VmessAead.Open(VmessKeys.Key(user, "VMess Header AEAD Key", authId, nonce), VmessKeys.Nonce(user, "VMess Header AEAD Nonce", authId, nonce), sealedHead, authId)!;
        if (!head.AsSpan(head.Length - 4).SequenceEqual(VmessRequest.Fnv1a(head.AsSpan(0, head.Length - 4)))) return;
        var (iv, key) = (head[1..17], head[17..33]);
        var (backKey, backIv) = VmessChunks.Back(key, iv);
        var (up, down) = (new VmessChunks(key, iv), new VmessChunks(backKey, backIv));
        byte[] greeting = [head[33], 0, 0, 0];
        byte[] hello =
        [
            .. VmessAead.Seal(VmessKeys.Key(backKey, "AEAD Resp Header Len Key"), VmessKeys.Nonce(backIv, "AEAD Resp Header Len IV"), [0, 4]),
            .. VmessAead.Seal(VmessKeys.Key(backKey, "AEAD Resp Header Key"), VmessKeys.Nonce(backIv, "AEAD Resp Header IV"), greeting),
        ];
        using var target = await Relay.DialAsync(BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(38)), stop);
        await stream.WriteAsync(hello, stop);
        if (target is null) return;
        await Task.WhenAny(UpAsync(stream, up, target.GetStream(), stop), DownAsync(target.GetStream(), down, stream, stop));
    }

    private static bool Knows(byte[] user, byte[] authId)
    {
        using var aes = Aes.Create();
        aes.SetKey(VmessKeys.Key(user, "AES Auth ID Encryption"));
        var block = aes.DecryptEcb(authId, PaddingMode.None);
        return BinaryPrimitives.ReadUInt32BigEndian(block.AsSpan(12)) == VmessRequest.Crc32(block.AsSpan(0, 12))
            && (DateTimeOffset.UtcNow - DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64BigEndian(block))).Duration() <= MostSkew;
    }

    private static async Task UpAsync(Stream visitor, VmessChunks chunks, Stream target, CancellationToken stop)
    {
        while (true)
        {
            var (length, padding) = chunks.ReadLength(await ScriptedServer.ReadAsync(visitor, 2, stop));
            var bytes = chunks.Open((await ScriptedServer.ReadAsync(visitor, length, stop)).AsSpan(0, length - padding))!;
            if (bytes.Length == 0) return;
            await target.WriteAsync(bytes, stop);
        }
    }

    private static async Task DownAsync(Stream target, VmessChunks chunks, Stream visitor, CancellationToken stop)
    {
        var buffer = new byte[2048];
        while (await target.ReadAsync(buffer, stop) is var count and > 0) await visitor.WriteAsync(chunks.Write(buffer.AsSpan(0, count)), stop);
    }
}
