using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;

namespace DigitalResistance.BrowserTests.Journey;

/// <summary>
/// Somebody's authenticator app, written from RFC 6238 and not from the product: base32 secret in, six digits out. The product takes each code
/// once, so it hands out a new one each time, of the next step where the present one is spent, and waits where that is spent too.
/// </summary>
internal sealed class Authenticator(string secret)
{
    private const int StepSeconds = 30;
    private readonly byte[] _secret = FromBase32(secret);
    private long _last = long.MinValue;

    public async Task<string> NextCodeAsync()
    {
        while (true)
        {
            var now = DateTimeOffset.UtcNow.ToUnixTimeSeconds() / StepSeconds;
            var step = Math.Max(_last + 1, now);
            if (step <= now + 1)
            {
                _last = step;
                return Code(step);
            }

            await Task.Delay(500);
        }
    }

    private string Code(long step)
    {
        var counter = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(counter, step);
        var mac = HMACSHA1.HashData(_secret, counter);
        var number = BinaryPrimitives.ReadUInt32BigEndian(mac.AsSpan(mac[^1] & 15)) & 0x7fffffff;
        return (number % 1_000_000).ToString("D6", CultureInfo.InvariantCulture);
    }

    private static byte[] FromBase32(string text)
    {
        var bits = string.Concat(text.Where(char.IsLetterOrDigit).Select(c => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(c, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        return [.. Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.Substring(8 * i, 8), 2))];
    }
}
