using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using DigitalResistance.Transparency;

namespace DigitalResistance.Ledger;

/// <summary>The 32 bytes by which a payout transaction commits to the checkpoint that justified it.</summary>
public static class OpReturnCommitment
{
    /// <summary>SHA-256(origin ‖ "\n" ‖ size ‖ "\n" ‖ root ‖ "\n"), root in base64: the signed text of the checkpoint, and nothing else.</summary>
    public static byte[] Of(string origin, long size, TreeHash root) =>
        SHA256.HashData(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{origin}\n{size}\n{root.ToBase64()}\n")));

    /// <summary>The same of a checkpoint.</summary>
    public static byte[] Of(Checkpoint checkpoint) => Of(checkpoint.Origin, checkpoint.Size, checkpoint.Root);
}
