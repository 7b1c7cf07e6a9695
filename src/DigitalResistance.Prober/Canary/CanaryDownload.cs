using System.Security.Cryptography;

namespace DigitalResistance.Prober.Canary;

/// <summary>
/// A megabyte through a server, which shows how fast it carries. Every byte follows from the key and the question's nonce, so that nobody can have it beforehand
/// and each end knows what it has to be.
/// </summary>
internal static class CanaryDownload
{
    /// <summary>Bytes behind the head.</summary>
    public const int BodyLength = 1_000_000;

    /// <summary>What layers of a protocol may add on the way: heads, tags, padding of small records.</summary>
    public const int Room = BodyLength + (BodyLength / 4);

    private static ReadOnlySpan<byte> Head => "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: 1000000\r\nConnection: close\r\n\r\n"u8;

    /// <summary>The tag of a question for it: a purpose of its own, so that no short question can be turned into this one.</summary>
    public static byte[] TagOf(CanaryKey key, ReadOnlySpan<byte> nonce) => key.Sign([.. "dr-canary-v1 download request\0"u8, .. nonce])[..CanaryRequest.TagLength];

    /// <summary>The whole answer: head, and SHAKE256 (FIPS 202) over what only the key makes of the nonce.</summary>
    public static byte[] Answer(CanaryKey key, ReadOnlySpan<byte> nonce)
    {
        var answer = new byte[Head.Length + BodyLength];
        Head.CopyTo(answer);
        Shake256.HashData(key.Sign([.. "dr-canary-v1 download\0"u8, .. nonce]), answer.AsSpan(Head.Length));
        return answer;
    }
}
