using System.Buffers.Binary;
using System.Net.Sockets;
using DigitalResistance.Prober.Protocols.MtProto;
using DigitalResistance.Tests.Prober;

namespace DigitalResistance.IntegrationTests.Prober;

/// <summary>What a proxy takes for a data centre of Telegram's: the obfuscated transport without a secret, in front of a <see cref="FakeTelegram"/>.</summary>
internal sealed class FakeDataCentre(FakeTelegram telegram)
{
    public async Task ServeAsync(NetworkStream stream, CancellationToken stop)
    {
        var header = await ScriptedServer.ReadAsync(stream, 64, stop);
        var reversed = header[8..56].Reverse().ToArray();
        using var up = new AesCtr(header.AsSpan(8, 32), header.AsSpan(40, 16));
        using var down = new AesCtr(reversed.AsSpan(0, 32), reversed.AsSpan(32, 16));
        up.Apply(header);
        Assert.Equal(ObfuscatedTransport.Intermediate, BinaryPrimitives.ReadUInt32LittleEndian(header.AsSpan(56)));
        while (true)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(await ReadAsync(stream, up, 4, stop));
            if (telegram.Answer(await ReadAsync(stream, up, length, stop)) is not { } answer) continue;
            var packet = Packet.Write(answer, padded: false);
            down.Apply(packet);
            await stream.WriteAsync(packet, stop);
        }
    }

    private static async Task<byte[]> ReadAsync(NetworkStream stream, AesCtr up, int count, CancellationToken stop)
    {
        var bytes = await ScriptedServer.ReadAsync(stream, count, stop);
        up.Apply(bytes);
        return bytes;
    }
}
