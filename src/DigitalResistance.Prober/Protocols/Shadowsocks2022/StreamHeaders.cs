using System.Buffers.Binary;
using System.Security.Cryptography;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Protocols.Shadowsocks2022;

/// <summary>The heads of a stream, before they are sealed (SIP022 §3.1.3). The time in them, and a memory of salts, keep old streams from being sent again.</summary>
internal static class StreamHeaders
{
    public const byte FromClient = 0;
    public const byte FromServer = 1;

    /// <summary>How far the clocks of both ends may be apart.</summary>
    public static readonly TimeSpan MostSkew = TimeSpan.FromSeconds(30);

    private const int MostPadding = 900;

    /// <summary>Type, time and the length of the second head.</summary>
    public static byte[] RequestFixed(DateTimeOffset now, int length) => [FromClient, .. Time(now), (byte)(length >> 8), (byte)length];

    /// <summary>The target, and behind it random padding and the first bytes for it: padding as clients in use add it, so that short requests do not have a length of their own.</summary>
    public static byte[] RequestVariable(HostPort target, ReadOnlySpan<byte> first)
    {
        var padding = first.Length < MostPadding ? RandomNumberGenerator.GetInt32(1, MostPadding - first.Length + 1) : 0;
        return [.. Socks5Probe.Address(target), (byte)(padding >> 8), (byte)padding, .. RandomNumberGenerator.GetBytes(padding), .. first];
    }

    /// <summary>How long the head of a response is.</summary>
    public static int ResponseLength(int saltLength) => 1 + 8 + saltLength + 2;

    /// <summary>Time and length of a response; null when it does not answer the request with this salt.</summary>
    public static (DateTimeOffset Time, int Length)? ReadResponse(ReadOnlySpan<byte> head, ReadOnlySpan<byte> requestSalt) =>
        head.Length == ResponseLength(requestSalt.Length) && head[0] == FromServer && head[9..^2].SequenceEqual(requestSalt) && ReadTime(head[1..9]) is { } time
            ? (time, BinaryPrimitives.ReadUInt16BigEndian(head[^2..]))
            : null;

    /// <summary>Unix seconds in eight bytes.</summary>
    public static byte[] Time(DateTimeOffset now)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, now.ToUnixTimeSeconds());
        return bytes;
    }

    /// <summary>Null for what is no time that anybody lives in.</summary>
    public static DateTimeOffset? ReadTime(ReadOnlySpan<byte> bytes) =>
        BinaryPrimitives.ReadInt64BigEndian(bytes) is >= 0 and <= uint.MaxValue * 2L and var seconds ? DateTimeOffset.FromUnixTimeSeconds(seconds) : null;
}
