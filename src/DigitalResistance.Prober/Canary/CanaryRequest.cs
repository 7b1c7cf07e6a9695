using System.Buffers.Text;
using DigitalResistance.Prober.Dialing;

namespace DigitalResistance.Prober.Canary;

/// <summary>
/// The question: an ordinary small GET whose path is a random-looking token of 43 characters, namely base64url of a 24-byte nonce and the
/// first 8 bytes of the key's HMAC over it. Without the key nobody can tell it from noise, or two of them from each other.
/// </summary>
internal sealed record CanaryRequest(byte[] Nonce, byte[] Tag, int Length) : IWireMessage<CanaryRequest>
{
    public const int NonceLength = 24;
    public const int TagLength = 8;
    private const int TokenLength = 43;

    private static ReadOnlySpan<byte> Start => "GET /"u8;

    private static ReadOnlySpan<byte> AfterToken => " HTTP/1.1\r\n"u8;

    public static int MaxLength => 1024;

    public static byte[] TagOf(CanaryKey key, ReadOnlySpan<byte> nonce) => key.Sign([.. "dr-canary-v1 request\0"u8, .. nonce])[..TagLength];

    /// <summary>The request as a common browser would send it.</summary>
    public static byte[] Write(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> tag, HostPort canary) =>
    [
        .. Start, .. Base64Url.EncodeToUtf8([.. nonce, .. tag]), .. AfterToken,
        .. "Host: "u8, .. System.Text.Encoding.ASCII.GetBytes(canary.Port == 80 ? canary.Authority[..^3] : canary.Authority),
        .. "\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0\r\nAccept: */*\r\nConnection: close\r\n\r\n"u8,
    ];

    public static Parsed<CanaryRequest> Parse(ReadOnlySpan<byte> bytes)
    {
        var start = bytes[..Math.Min(bytes.Length, Start.Length)];
        if (!Start.StartsWith(start)) return Parsed<CanaryRequest>.Refused();
        var end = bytes.IndexOf("\r\n\r\n"u8);
        if (end < 0) return Parsed<CanaryRequest>.Partial;
        var line = bytes[Start.Length..];
        Span<byte> token = stackalloc byte[NonceLength + TagLength];
        return line.Length > TokenLength && line[TokenLength..].StartsWith(AfterToken)
            && Base64Url.DecodeFromUtf8(line[..TokenLength], token, out _, out var written) == System.Buffers.OperationStatus.Done && written == token.Length
                ? Parsed<CanaryRequest>.Whole(new(token[..NonceLength].ToArray(), token[NonceLength..].ToArray(), end + 4), end + 4)
                : Parsed<CanaryRequest>.Whole(new([], [], end + 4), end + 4); // a stranger's request: answered like any wrong one
    }
}
