using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using DigitalResistance.IntegrationTests.Peers;
using DigitalResistance.Prober.Protocols.MtProto;
using DigitalResistance.Tests.Prober;

namespace DigitalResistance.IntegrationTests.Prober;

/// <summary>
/// Telegram's middle end, where proxies go that show advertisements: frames with a checksum, AES-CBC with keys that both ends make of nonces, times,
/// addresses and a shared secret, and each message of a client in an envelope. Behind it stands a <see cref="FakeTelegram"/>.
/// </summary>
internal sealed class FakeMiddleEnd(FakeTelegram telegram)
{
    private const uint Nonce = 0x7acb87aa;
    private const uint Handshake = 0x7682eef5;
    private const uint Request = 0x36cef1ee;
    private const uint Answer = 0x4403da0d;

    public async Task ServeAsync(NetworkStream stream, CancellationToken stop)
    {
        var (own, proxys) = ((IPEndPoint)stream.Socket.LocalEndPoint!, (IPEndPoint)stream.Socket.RemoteEndPoint!);
        var frames = new Frames(stream, stop);
        var hello = await frames.ReadAsync();
        await ScriptedServer.ReadAsync(stream, 4, stop); // a filling, though nothing is encrypted yet
        Assert.Equal((Nonce, 1), (Number(hello, 0), (int)Number(hello, 8)));
        byte[] nonce = RandomNumberGenerator.GetBytes(16), time = Tl.Int((uint)DateTimeOffset.UtcNow.ToUnixTimeSeconds());
        await frames.WriteAsync(-2, [.. hello[..12], .. time, .. nonce]);
        byte[] Made(string purpose) =>
        [
            .. nonce, .. hello[16..32], .. hello[12..16], .. Address, .. Port(proxys), .. System.Text.Encoding.ASCII.GetBytes(purpose), .. Address, .. Port(own),
            .. MtProtoPeer.MiddleSecret, .. nonce, .. hello[16..32],
        ];
        frames.Encrypt(Made("CLIENT"), Made("SERVER"));

        var handshake = await frames.ReadAsync();
        Assert.Equal(Handshake, Number(handshake, 0));
        await frames.WriteAsync(-1, handshake); // with both process ids as they came, and no flags
        for (var number = 0; ; number++)
        {
            // type, flags, id of the connection, the client's address and ours, options of a length of their own, then the client's message.
            var request = await frames.ReadAsync();
            Assert.Equal(Request, Number(request, 0));
            var message = request.AsMemory(60 + (int)Number(request, 56));
            if (telegram.Answer(message.Span) is { } answer) await frames.WriteAsync(number, [.. Tl.Int(Answer), .. new byte[4], .. request[8..16], .. answer]);
        }
    }

    private static byte[] Address => [1, 0, 0, 127]; // backwards

    private static byte[] Port(IPEndPoint at) => [(byte)at.Port, (byte)(at.Port >> 8)];

    private static uint Number(byte[] bytes, int at) => BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at));

    /// <summary>Length, number, body and CRC-32; filled up with fours to whole blocks of the cipher.</summary>
    private sealed class Frames(NetworkStream stream, CancellationToken stop)
    {
        private const int Filling = 4;
        private readonly Queue<byte> _opened = new();
        private ICryptoTransform? _up;
        private ICryptoTransform? _down;

        public void Encrypt(byte[] client, byte[] server)
        {
            using var aes = Aes.Create();
            (aes.Mode, aes.Padding) = (CipherMode.CBC, PaddingMode.None);
            _up = aes.CreateDecryptor(Key(client), Vector(client));
            _down = aes.CreateEncryptor(Key(server), Vector(server));
        }

        public async Task<byte[]> ReadAsync()
        {
            byte[] head;
            do head = await ReadAsync(4);
            while (head[0] == Filling && head[1] == 0);
            var rest = await ReadAsync((int)Number(head, 0) - 4);
            Assert.Equal(Number(rest, rest.Length - 4), Crc32([.. head, .. rest[..^4]]));
            return rest[4..^4];
        }

        public async Task WriteAsync(int number, byte[] body)
        {
            byte[] frame = [.. Tl.Int((uint)body.Length + 12), .. Tl.Int((uint)number), .. body];
            frame = [.. frame, .. Tl.Int(Crc32(frame))];
            if (_down is not null)
            {
                while (frame.Length % 16 != 0) frame = [.. frame, .. Tl.Int(Filling)];
                frame = Transform(_down, frame);
            }

            await stream.WriteAsync(frame, stop);
        }

#pragma warning disable CA5351, CA5350 // MD5 and SHA-1 are what this protocol makes its keys with.
        private static byte[] Key(byte[] made) => [.. MD5.HashData(made.AsSpan(1)).AsSpan(0, 12), .. SHA1.HashData(made)];

        private static byte[] Vector(byte[] made) => MD5.HashData(made.AsSpan(2));
#pragma warning restore CA5351, CA5350

        private async Task<byte[]> ReadAsync(int count)
        {
            while (_opened.Count < count)
            {
                var bytes = await ScriptedServer.ReadAsync(stream, _up is null ? count - _opened.Count : 16, stop);
                foreach (var b in _up is null ? bytes : Transform(_up, bytes)) _opened.Enqueue(b);
            }

            return [.. Enumerable.Range(0, count).Select(_ => _opened.Dequeue())];
        }

        private static byte[] Transform(ICryptoTransform cipher, byte[] bytes)
        {
            var result = new byte[bytes.Length];
            cipher.TransformBlock(bytes, 0, bytes.Length, result, 0);
            return result;
        }

        /// <summary>That of IEEE 802.3, as in zip files.</summary>
        private static uint Crc32(byte[] bytes)
        {
            var crc = uint.MaxValue;
            foreach (var b in bytes)
            {
                crc ^= b;
                for (var bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ ((crc & 1) == 0 ? 0 : 0xedb88320);
            }

            return ~crc;
        }
    }
}
