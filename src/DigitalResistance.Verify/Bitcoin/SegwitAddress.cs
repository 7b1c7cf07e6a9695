using System.Text;

namespace DigitalResistance.Verify.Bitcoin;

/// <summary>How a witness program is written for people (<see href="https://github.com/bitcoin/bips/blob/master/bip-0173.mediawiki">BIP-173</see>, <see href="https://github.com/bitcoin/bips/blob/master/bip-0350.mediawiki">BIP-350</see>).</summary>
internal static class SegwitAddress
{
    private const string Letters = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    private static readonly uint[] Generator = [0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3];

    /// <summary>The address of an output script of version 0 or 1.</summary>
    public static string Of(ReadOnlySpan<byte> script, string network)
    {
        var prefix = network switch { "bitcoin" => "bc", "regtest" => "bcrt", _ => "tb" };
        var version = script[0] == 0 ? 0 : script[0] - 0x50;
        var words = new List<byte> { (byte)version };
        var (held, bits) = (0, 0);
        foreach (var one in script[2..])
        {
            held = ((held << 8) | one) & 0xffff;
            for (bits += 8; bits >= 5; bits -= 5) words.Add((byte)((held >> (bits - 5)) & 31));
        }

        if (bits > 0) words.Add((byte)((held << (5 - bits)) & 31));
        var check = Polymod([.. prefix.Select(c => (byte)(c >> 5)), 0, .. prefix.Select(c => (byte)(c & 31)), .. words, 0, 0, 0, 0, 0, 0]) ^ (version == 0 ? 1u : 0x2bc830a3u);
        for (var i = 0; i < 6; i++) words.Add((byte)((check >> (5 * (5 - i))) & 31));
        return words.Aggregate(new StringBuilder(prefix).Append('1'), (text, word) => text.Append(Letters[word])).ToString();
    }

    private static uint Polymod(byte[] values)
    {
        var check = 1u;
        foreach (var value in values)
        {
            var top = check >> 25;
            check = ((check & 0x1ffffff) << 5) ^ value;
            for (var i = 0; i < 5; i++) check ^= ((top >> i) & 1) == 1 ? Generator[i] : 0;
        }

        return check;
    }
}
