using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net.Sockets;
using System.Security.Cryptography;
using DigitalResistance.Prober.Protocols.Shadowsocks;
using DigitalResistance.Prober.Protocols.Shadowsocks2022;

namespace DigitalResistance.Tests.Prober;

/// <summary>
/// A server of Shadowsocks 2022, written from the specification and strict where that says MUST: keys, times, salts that came before, requests without
/// payload and padding are all met with a reset, which does not tell how much was read (SIP022 §3.1.3). It leads to loopback only.
/// </summary>
internal sealed class Shadowsocks2022Server(string methodName, byte[] psk)
{
    private readonly ConcurrentDictionary<string, bool> _salts = new();

    public ShadowsocksMethod Method { get; } = ShadowsocksMethod.Edition2022.Single(method => method.Name == methodName);

    /// <summary>How far its clock is ahead.</summary>
    public TimeSpan Ahead { get; init; }

    /// <summary>Whether it looks at the time of requests; all must, and some forget it.</summary>
    public bool ChecksTime { get; init; } = true;

    /// <summary>What it makes of the salt that it has to repeat.</summary>
    public Func<byte[], byte[]> Repeat { get; init; } = salt => salt;

    /// <summary>The type of its streams.</summary>
    public byte Type { get; init; } = 1;

    private DateTimeOffset Now => DateTimeOffset.UtcNow + Ahead;

    public async Task ServeAsync(NetworkStream stream, CancellationToken stop)
    {
        stream.Socket.LingerState = new LingerOption(enable: true, seconds: 0);
        var salt = await ScriptedServer.ReadAsync(stream, Method.KeyLength, stop);
        using var up = Chunks(salt);
        var sealedFixed = await ScriptedServer.ReadAsync(stream, 11 + 16, stop);
        if (up.Open(sealedFixed) is not [0, ..] head || !IsTimely(head.AsSpan(1, 8)) || !_salts.TryAdd(Convert.ToHexString(salt), true)) return;
        if (up.Open(await ScriptedServer.ReadAsync(stream, BinaryPrimitives.ReadUInt16BigEndian(head.AsSpan(9)) + 16, stop)) is not { } request) return;
        var address = ShadowsocksServer.AddressLength(request);
        var padding = BinaryPrimitives.ReadUInt16BigEndian(request.AsSpan(address));
        var payload = request[(address + 2 + padding)..];
        if (payload.Length == 0 && padding == 0) return;
        using var target = await Relay.DialAsync(BinaryPrimitives.ReadUInt16BigEndian(request.AsSpan(address - 2)), stop);
        stream.Socket.LingerState = new LingerOption(enable: false, seconds: 0);
        if (target is null) return;
        await target.GetStream().WriteAsync(payload, stop);
        await Task.WhenAny(UpAsync(stream, up, target.GetStream(), stop), DownAsync(target.GetStream(), salt, stream, stop));
    }

    /// <summary>What it would put into its answer to a packet: address and payload; nothing for what is no packet of a client.</summary>
    public async Task<byte[]?> AskAsync(byte[] packet, int canary)
    {
        using var cipher = new PacketCipher(Method, psk);
        if (cipher.Open(packet) is not [0, ..] text || !IsTimely(text.AsSpan(1, 8))) return null;
        var address = text.AsMemory(11 + BinaryPrimitives.ReadUInt16BigEndian(text.AsSpan(9)));
        var length = ShadowsocksServer.AddressLength(address.Span);
        Assert.Equal(canary, BinaryPrimitives.ReadUInt16BigEndian(address.Span[(length - 2)..]));
        var answer = await DatagramFront.AskAsync(canary, address[length..]);
        return [.. address[..length].Span, .. answer];
    }

    /// <summary>A packet from a session of its own to a client's, with padding that nobody asked for.</summary>
    public byte[] Packet(byte[] session, byte[] addressAndPayload, TimeSpan late = default)
    {
        using var cipher = new PacketCipher(Method, psk);
        return cipher.Seal(RandomNumberGenerator.GetBytes(8), 0, [Type, .. Time(Now - late), .. session, 0, 3, 7, 7, 7, .. addressAndPayload]);
    }

    /// <summary>The session of a client's packet, read by the specification and not by the prober.</summary>
    public byte[] SessionOf(byte[] packet)
    {
        if (Method.IsChaCha) return ManagedAead.Open(new Org.BouncyCastle.Crypto.Modes.XChaCha20Poly1305(), psk, packet.AsSpan(0, 24), packet.AsSpan(24))![..8];
        using var aes = Aes.Create();
        aes.SetKey(psk);
        return aes.DecryptEcb(packet.AsSpan(0, 16), PaddingMode.None)[..8];
    }

    private bool IsTimely(ReadOnlySpan<byte> time) => !ChecksTime || (Now - DateTimeOffset.FromUnixTimeSeconds(BinaryPrimitives.ReadInt64BigEndian(time))).Duration() <= TimeSpan.FromSeconds(30);

    private static byte[] Time(DateTimeOffset at)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, at.ToUnixTimeSeconds());
        return bytes;
    }

    private static async Task UpAsync(Stream visitor, ShadowsocksChunks up, Stream target, CancellationToken stop)
    {
        while (up.ReadLength(await ScriptedServer.ReadAsync(visitor, 18, stop)) is { } length && up.Open(await ScriptedServer.ReadAsync(visitor, length + 16, stop)) is { } bytes) await target.WriteAsync(bytes, stop);
    }

    private async Task DownAsync(Stream target, byte[] requestSalt, Stream visitor, CancellationToken stop)
    {
        var salt = RandomNumberGenerator.GetBytes(Method.KeyLength);
        using var down = Chunks(salt);
        var buffer = new byte[2048];
        for (var isFirst = true; await target.ReadAsync(buffer, stop) is var count and > 0; isFirst = false)
        {
            byte[] length = [(byte)(count >> 8), (byte)count];
            byte[] chunk = isFirst
                ? [.. salt, .. down.Seal([Type, .. Time(Now), .. Repeat(requestSalt), .. length]), .. down.Seal(buffer.AsSpan(0, count))]
                : down.Write(buffer.AsSpan(0, count));
            await visitor.WriteAsync(chunk, stop);
        }
    }

    private ShadowsocksChunks Chunks(byte[] salt) => new(Method, Psk.OfSession(psk, salt), ushort.MaxValue);
}
