using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Protocols.Streams;

/// <summary>Bytes in the frames of a WebSocket (RFC 6455), as its client. Where messages begin and end means nothing here.</summary>
internal sealed class WebSocketTransport(Wire server) : ITransport
{
    /// <summary>More than any honest server asks for while a probe lasts; each costs it two bytes, and us a packet.</summary>
    private const int MostPings = 16;

    private int _left;
    private int _pings;

    /// <summary>The opening handshake (RFC 6455 §4.1), under the path and the host of the settings; null when the session has failed.</summary>
    public static async ValueTask<Wire?> OpenAsync(ProbeSession session, Wire wire)
    {
        var key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(16));
        await wire.SendAsync(UpgradeRequest(HostHeader(session), session.Settings["path"], key));
        if (await wire.ReceiveAsync<UpgradeReply>() is not { } reply) return session.Fail(wire);
        if (reply.Date is { } clock) session.Saw(clock);
        if (reply.Status != 101) return session.Fail(Failure.WebSocketRefused, reply.Status);
        return reply.Accept == AcceptOf(key) ? session.LayBeneath(new WebSocketTransport(wire)) : session.Fail(Failure.ReplyMalformed);
    }

    /// <inheritdoc />
    public async ValueTask<Failure?> SendAsync(ReadOnlyMemory<byte> bytes) => await server.SendAsync(Frame(Opcode.Binary, bytes.Span));

    /// <inheritdoc />
    public async ValueTask<Received> ReceiveAsync(Memory<byte> buffer)
    {
        while (_left == 0)
        {
            if (await server.ReceiveAsync<FrameHead>() is not { } head) return Received.Nothing(server.Failure!.Value);
            if (!head.IsControl) _left = head.Length;
            else if (await AnswerAsync(head) is { } end) return Received.Nothing(end);
        }

        var received = await server.ReceiveAsync(buffer[..Math.Min(buffer.Length, _left)]);
        _left -= received.Count;
        return received;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => server.DisposeAsync();

    /// <summary>RFC 6455 §5.5: a ping is answered with what it held, a close ends the stream, a pong means nothing.</summary>
    private async ValueTask<Failure?> AnswerAsync(FrameHead head)
    {
        if (await server.ReceiveExactlyAsync(head.Length) is not { } body) return server.Failure;
        return head.Opcode switch
        {
            Opcode.Close => Failure.ConnectionClosed,
            Opcode.Ping when ++_pings > MostPings => Failure.ReplyTooLarge,
            Opcode.Ping => await server.SendAsync(Frame(Opcode.Pong, body)),
            _ => null,
        };
    }

    /// <summary>One whole frame, masked as a client's must be (RFC 6455 §5.3).</summary>
    internal static byte[] Frame(Opcode opcode, ReadOnlySpan<byte> bytes)
    {
        Span<byte> mask = stackalloc byte[4];
        RandomNumberGenerator.Fill(mask);
        byte[] length = bytes.Length switch
        {
            < 126 => [(byte)(0x80 | bytes.Length)],
            <= ushort.MaxValue => [0x80 | 126, (byte)(bytes.Length >> 8), (byte)bytes.Length],
            _ => [0x80 | 127, 0, 0, 0, 0, (byte)(bytes.Length >> 24), (byte)(bytes.Length >> 16), (byte)(bytes.Length >> 8), (byte)bytes.Length],
        };
        byte[] frame = [(byte)(0x80 | (byte)opcode), .. length, .. mask, .. bytes];
        var body = frame.AsSpan(1 + length.Length + 4);
        for (var i = 0; i < body.Length; i++) body[i] ^= mask[i % 4];
        return frame;
    }

    /// <summary>The request as the common library of these clients writes it, byte for byte.</summary>
    internal static byte[] UpgradeRequest(string host, string path, string key) => Encoding.ASCII.GetBytes(
        $"GET {(path.Length > 0 ? path : "/")} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: Go-http-client/1.1\r\nConnection: Upgrade\r\n"
        + $"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nUpgrade: websocket\r\n\r\n");

    /// <summary>What only a server that read the key as a WebSocket server does would answer (RFC 6455 §4.2.2).</summary>
    internal static string AcceptOf(string key) =>
#pragma warning disable CA5350 // SHA-1 is what the specification says; nothing rests on its strength.
        Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350

    // RFC 9110 §7.2: the port is left out where it is the scheme's own.
    private static string HostHeader(ProbeSession session)
    {
        if (session.Settings["ws_host"] is { Length: > 0 } given) return given;
        return session.Server.Port == (session.Settings["security"] == "tls" ? 443 : 80) ? session.Server.Host.Text : session.Server.Authority;
    }

    /// <summary>RFC 6455 §11.8.</summary>
    internal enum Opcode : byte
    {
        Continuation = 0,
        Text = 1,
        Binary = 2,
        Close = 8,
        Ping = 9,
        Pong = 10,
    }

    /// <summary>Status line and headers of the answer (RFC 6455 §4.2.2), of which the status, one header and the clock matter.</summary>
    internal sealed record UpgradeReply(int Status, string Accept, DateTimeOffset? Date = null) : IWireMessage<UpgradeReply>
    {
        public static int MaxLength => HttpConnectProbe.ResponseHead.MaxLength;

        public static Parsed<UpgradeReply> Parse(ReadOnlySpan<byte> bytes)
        {
            var head = HttpConnectProbe.ResponseHead.Parse(bytes);
            if (head.Refusal is { } refusal) return Parsed<UpgradeReply>.Refused(refusal);
            return head.Message is { } message ? Parsed<UpgradeReply>.Whole(new(message.Status, Header(bytes[..head.Length]), message.Date), head.Length) : Parsed<UpgradeReply>.Partial;
        }

        private static string Header(ReadOnlySpan<byte> head)
        {
            foreach (var line in head.Split((byte)'\n'))
            {
                var text = Encoding.ASCII.GetString(head[line]);
                if (text.StartsWith("Sec-WebSocket-Accept:", StringComparison.OrdinalIgnoreCase)) return text[21..].Trim();
            }

            return "";
        }
    }

    /// <summary>FIN RSV opcode MASK length (RFC 6455 §5.2).</summary>
    internal sealed record FrameHead(Opcode Opcode, int Length) : IWireMessage<FrameHead>
    {
        private const int LongestControl = 125;

        public static int MaxLength => 10;

        public bool IsControl => Opcode >= Opcode.Close;

        public static Parsed<FrameHead> Parse(ReadOnlySpan<byte> bytes)
        {
            if (bytes.Length > 0 && ((bytes[0] & 0x70) != 0 || (bytes[0] & 0x0f) is not (<= 2 or (>= 8 and <= 10)))) return Parsed<FrameHead>.Refused();
            if (bytes.Length < 2) return Parsed<FrameHead>.Partial;
            var (opcode, final, size) = ((Opcode)(bytes[0] & 0x0f), bytes[0] >= 0x80, bytes[1]);

            // §5.1: a server must not mask; §5.5: a control frame is short and whole.
            if (size >= 0x80 || (opcode >= Opcode.Close && (size > LongestControl || !final))) return Parsed<FrameHead>.Refused();
            if (size < 126) return Parsed<FrameHead>.Whole(new(opcode, size), 2);
            var length = size == 126 ? 4 : 10;
            if (bytes.Length < length) return Parsed<FrameHead>.Partial;
            var count = size == 126 ? BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]) : BinaryPrimitives.ReadUInt64BigEndian(bytes[2..]);
            return count <= int.MaxValue ? Parsed<FrameHead>.Whole(new(opcode, (int)count), length) : Parsed<FrameHead>.Refused(Failure.ReplyTooLarge);
        }
    }
}
