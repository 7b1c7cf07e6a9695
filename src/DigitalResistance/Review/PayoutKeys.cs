using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using NBitcoin;

namespace DigitalResistance.Review;

/// <summary>
/// What an address pays. No two accounts can have one address, but one key has several: legacy, segwit, and segwit behind a script hash. Those three
/// are one here.
/// </summary>
internal static class PayoutKeys
{
    /// <summary>A tag that is equal for addresses of one key. It lives in memory only.</summary>
    public static UInt128 Of(string address, Network network) => BinaryPrimitives.ReadUInt128BigEndian(SHA256.HashData(Paid(address, network)));

    private static byte[] Paid(string address, Network network)
    {
        try
        {
            return BitcoinAddress.Create(address, network) switch
            {
                BitcoinPubKeyAddress legacy => Nested(new WitKeyId(legacy.Hash.ToBytes())),
                BitcoinWitPubKeyAddress segwit => Nested(segwit.Hash),
                var other => other.ScriptPubKey.ToBytes(),
            };
        }
        catch (FormatException)
        {
            // An address of a network that is configured no longer is equal to itself alone.
            return Encoding.ASCII.GetBytes(address);
        }
    }

    private static byte[] Nested(WitKeyId key) => key.ScriptPubKey.Hash.ScriptPubKey.ToBytes();
}
