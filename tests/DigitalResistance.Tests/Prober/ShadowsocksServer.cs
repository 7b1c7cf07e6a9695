using System.Security.Cryptography;
using DigitalResistance.Prober.Protocols.Shadowsocks;

namespace DigitalResistance.Tests.Prober;

/// <summary>A small honest Shadowsocks server with AEAD ciphers, that behaves as shadowsocks-libev does: silent to whoever has another password. It leads to loopback only.</summary>
internal static class ShadowsocksServer
{
    public static async Task ServeAsync(Stream stream, string methodName, string password, CancellationToken stop)
    {
        var method = ShadowsocksMethod.Aead.Single(m => m.Name == methodName);
        var key = ShadowsocksKeys.OfPassword(password, method.KeyLength);
        using var up = new ShadowsocksChunks(method, ShadowsocksKeys.OfSession(key, await ScriptedServer.ReadAsync(stream, method.KeyLength, stop)));
        if (await ReadAsync(stream, up, stop) is not { } first)
        {
            await Task.Delay(Timeout.Infinite, stop);
            return;
        }

        var address = AddressLength(first);
        using var target = await Relay.DialAsync((first[address - 2] << 8) | first[address - 1], stop);
        if (target is null) return;
        await target.GetStream().WriteAsync(first.AsMemory(address), stop);
        await Task.WhenAny(UpAsync(stream, up, target.GetStream(), stop), DownAsync(target.GetStream(), method, key, stream, stop));
    }

    /// <summary>ATYP ADDR PORT.</summary>
    public static int AddressLength(ReadOnlySpan<byte> bytes) => bytes[0] switch { 1 => 7, 4 => 19, _ => 4 + bytes[1] };

    private static async Task<byte[]?> ReadAsync(Stream stream, ShadowsocksChunks chunks, CancellationToken stop) =>
        chunks.ReadLength(await ScriptedServer.ReadAsync(stream, ShadowsocksChunks.SealedLength, stop)) is { } length
            ? chunks.Open(await ScriptedServer.ReadAsync(stream, length + ShadowsocksAead.TagLength, stop))
            : null;

    private static async Task UpAsync(Stream visitor, ShadowsocksChunks chunks, Stream target, CancellationToken stop)
    {
        while (await ReadAsync(visitor, chunks, stop) is { } bytes) await target.WriteAsync(bytes, stop);
    }

    private static async Task DownAsync(Stream target, ShadowsocksMethod method, byte[] key, Stream visitor, CancellationToken stop)
    {
        var salt = RandomNumberGenerator.GetBytes(method.KeyLength);
        using var down = new ShadowsocksChunks(method, ShadowsocksKeys.OfSession(key, salt));
        var buffer = new byte[2048];
        while (await target.ReadAsync(buffer, stop) is var count and > 0)
        {
            await visitor.WriteAsync((byte[])[.. salt, .. down.Write(buffer.AsSpan(0, count))], stop);
            salt = [];
        }
    }
}
