using System.Buffers.Binary;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using DigitalResistance.Prober.Protocols.MtProto;

namespace DigitalResistance.Tests.Prober;

/// <summary>An honest MTProto proxy in front of a <see cref="FakeTelegram"/>: plain, padded or inside fake TLS, as its secret says.</summary>
internal sealed class MtProtoServer(ProxySecret secret, FakeTelegram telegram)
{
    /// <summary>Which ClientHellos it knows.</summary>
    public HelloSize[] Hellos { get; init; } = [HelloSize.Large, HelloSize.Classic];

    /// <summary>How far a client's clock may be off.</summary>
    public TimeSpan Tolerance { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>What happens to visitors who do not know the secret: by default they are let go.</summary>
    public Func<NetworkStream, byte[], CancellationToken, Task> Otherwise { get; init; } = (_, _, _) => Task.CompletedTask;

    public async Task ServeAsync(NetworkStream stream, CancellationToken stop)
    {
        Stream inner = stream;
        if (secret.Kind == SecretKind.FakeTls)
        {
            var hello = await ReadHelloAsync(stream, stop);
            if (!Knows(hello))
            {
                await Otherwise(stream, hello, stop);
                return;
            }

            await stream.WriteAsync(ServerHelloFor(hello), stop);
            inner = new RecordStream(stream);
        }

        var header = await ScriptedServer.ReadAsync(inner, 64, stop);
        var reversed = header[8..56].Reverse().ToArray();
        using var up = new AesCtr(ObfuscatedTransport.Key(header.AsSpan(8, 32), secret.Key), header.AsSpan(40, 16));
        using var down = new AesCtr(ObfuscatedTransport.Key(reversed.AsSpan(0, 32), secret.Key), reversed.AsSpan(32, 16));
        var opened = (byte[])header.Clone();
        up.Apply(opened);
        var tag = BinaryPrimitives.ReadUInt32LittleEndian(opened.AsSpan(56));
        if (tag != (secret.Kind == SecretKind.Plain ? 0xeeeeeeee : 0xdddddddd) || BinaryPrimitives.ReadInt16LittleEndian(opened.AsSpan(60)) != 2) return;
        while (true)
        {
            var length = await ReadAsync(inner, up, 4, stop);
            var message = await ReadAsync(inner, up, (int)BinaryPrimitives.ReadUInt32LittleEndian(length), stop);
            if (telegram.Answer(message) is not { } answer) return;
            var packet = Packet.Write(answer, padded: secret.Kind != SecretKind.Plain && answer.Length > 4);
            down.Apply(packet);
            await inner.WriteAsync(packet, stop);
        }
    }

    /// <summary>The answer of a proxy that knows the secret, in the shape of TLS 1.3.</summary>
    public byte[] ServerHelloFor(byte[] clientHello)
    {
        byte[] body = [3, 3, .. new byte[32], 32, .. clientHello[44..76], 0x13, 1, 0, 0, 46, 0, 43, 0, 2, 3, 4, 0, 51, 0, 36, 0, 29, 0, 32, .. RandomNumberGenerator.GetBytes(32)];
        byte[] handshake = [2, 0, 0, (byte)body.Length, .. body];
        byte[] answer = [22, 3, 3, 0, (byte)handshake.Length, .. handshake, 20, 3, 3, 0, 1, 1, .. FakeTlsTransport.Record.Write(23, RandomNumberGenerator.GetBytes(1500))];
        HMACSHA256.HashData(secret.Key, (byte[])[.. clientHello[11..43], .. answer]).CopyTo(answer, 11);
        return answer;
    }

    private static async Task<byte[]> ReadHelloAsync(NetworkStream stream, CancellationToken stop)
    {
        var head = await ScriptedServer.ReadAsync(stream, 5, stop);
        return [.. head, .. await ScriptedServer.ReadAsync(stream, (head[3] << 8) | head[4], stop)];
    }

    private bool Knows(byte[] hello)
    {
        var zeroed = (byte[])hello.Clone();
        zeroed.AsSpan(11, 32).Clear();
        var proof = HMACSHA256.HashData(secret.Key, zeroed);
        var time = BinaryPrimitives.ReadUInt32LittleEndian(proof.AsSpan(28)) ^ BinaryPrimitives.ReadUInt32LittleEndian(hello.AsSpan(39));
        var offset = DateTimeOffset.UtcNow - DateTimeOffset.FromUnixTimeSeconds(time);
        return Hellos.Contains(hello.Length == 517 ? HelloSize.Classic : HelloSize.Large)
            && proof.AsSpan(0, 28).SequenceEqual(hello.AsSpan(11, 28)) && offset.Duration() < Tolerance
            && Encoding.ASCII.GetString(hello).Contains(secret.Domain, StringComparison.Ordinal);
    }

    private static async Task<byte[]> ReadAsync(Stream stream, AesCtr up, int count, CancellationToken stop)
    {
        var bytes = await ScriptedServer.ReadAsync(stream, count, stop);
        up.Apply(bytes);
        return bytes;
    }

    /// <summary>Records of application data as a stream.</summary>
    private sealed class RecordStream(NetworkStream stream) : Stream
    {
        private byte[] _record = [];

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            while (_record.Length == 0)
            {
                var head = await ScriptedServer.ReadAsync(stream, 5, cancellationToken);
                var body = await ScriptedServer.ReadAsync(stream, (head[3] << 8) | head[4], cancellationToken);
                if (head[0] == 23) _record = body;
            }

            var count = Math.Min(buffer.Length, _record.Length);
            _record.AsMemory(0, count).CopyTo(buffer);
            _record = _record[count..];
            return count;
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) =>
            await stream.WriteAsync(FakeTlsTransport.Record.Write(23, buffer.Span), cancellationToken);

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
