using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Protocols.MtProto;

/// <summary>After a FakeTLS handshake: everything in records of TLS application data (RFC 8446 §5.1), of which only the frame is real.</summary>
internal sealed class FakeTlsTransport(Wire wire) : ITransport
{
    private const int LongestRecord = 16_384;

    private byte[] _record = [];
    private int _read;
    private bool _started;

    /// <inheritdoc />
    public async ValueTask<Received> ReceiveAsync(Memory<byte> buffer)
    {
        while (_read == _record.Length)
        {
            if (await wire.ReceiveAsync<Record>() is not { } record) return Received.Nothing(wire.Failure!.Value);
            if (record.Type == Record.ApplicationData) (_record, _read) = (record.Body, 0);
            else if (record.Type == Record.Alert) return Received.Nothing(Failure.ConnectionClosed); // how TLS says goodbye
            else if (record.Type != Record.ChangeCipherSpec) return Received.Nothing(Failure.ReplyMalformed);
        }

        var count = Math.Min(buffer.Length, _record.Length - _read);
        _record.AsMemory(_read, count).CopyTo(buffer);
        _read += count;
        return Received.Bytes(count);
    }

    /// <inheritdoc />
    public ValueTask<Failure?> SendAsync(ReadOnlyMemory<byte> bytes)
    {
        // RFC 8446 D.4: a client that looks like TLS 1.2 sends one empty change of cipher before its first data.
        byte[] message = _started ? [] : Record.Write(Record.ChangeCipherSpec, [1]);
        _started = true;
        for (; bytes.Length > 0; bytes = bytes[Math.Min(bytes.Length, LongestRecord)..])
        {
            message = [.. message, .. Record.Write(Record.ApplicationData, bytes.Span[..Math.Min(bytes.Length, LongestRecord)])];
        }

        return wire.SendAsync(message);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => wire.DisposeAsync();

    /// <summary>A TLS record: type, version 1.2, length, body (RFC 8446 §5.1).</summary>
    internal sealed record Record(byte Type, byte[] Body) : IWireMessage<Record>
    {
        public const byte ChangeCipherSpec = 20;
        public const byte Alert = 21;
        public const byte Handshake = 22;
        public const byte ApplicationData = 23;
        private const int HeadLength = 5;

        public static int MaxLength => HeadLength + LongestRecord + 256;

        public static byte[] Write(byte type, ReadOnlySpan<byte> body) => [type, 3, 3, (byte)(body.Length >> 8), (byte)body.Length, .. body];

        public static Parsed<Record> Parse(ReadOnlySpan<byte> bytes)
        {
            if (bytes is [not (ChangeCipherSpec or Alert or Handshake or ApplicationData), ..] or [_, not 3, ..] or [_, _, not 3, ..]) return Parsed<Record>.Refused(Failure.WrongProtocol);
            if (bytes.Length < HeadLength) return Parsed<Record>.Partial;
            var length = (bytes[3] << 8) | bytes[4];
            if (length > MaxLength - HeadLength) return Parsed<Record>.Refused();
            return bytes.Length < HeadLength + length ? Parsed<Record>.Partial : Parsed<Record>.Whole(new(bytes[0], bytes.Slice(HeadLength, length).ToArray()), HeadLength + length);
        }
    }
}
