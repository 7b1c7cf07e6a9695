using System.Text;
using NBitcoin;

namespace DigitalResistance.Web.Demo;

/// <summary>A key holder's wallet by hand: takes the PSBT that the treasurer downloaded and gives it back signed.</summary>
internal static class DemoWallet
{
    /// <summary>Largest PSBT it reads, in bytes.</summary>
    public const int MaxLength = 4 * 1024 * 1024;

    /// <summary>Signs what a file holds, binary or base64; null where it is no PSBT or there is nothing for this key to sign.</summary>
    public static byte[]? Sign(ToySigner signer, byte[] file)
    {
        var text = file.AsSpan().StartsWith("psbt"u8) ? Convert.ToBase64String(file) : Encoding.ASCII.GetString(file).Trim();
        if (!PSBT.TryParse(text, Network.RegTest, out var psbt)) return null;
        try
        {
            return signer.Sign(psbt) > 0 ? psbt.ToBytes() : null;
        }
        catch (InvalidOperationException)
        {
            // It lacks what it spends, or names a key that does not follow from its path.
            return null;
        }
    }
}
