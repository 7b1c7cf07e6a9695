using System.Buffers.Binary;
using NBitcoin.DataEncoders;

namespace DigitalResistance.Treasury;

/// <summary>
/// Extended public keys whose first letters say what script they are for, as Electrum and hardware wallets write them
/// (<see href="https://github.com/satoshilabs/slips/blob/master/slip-0132.md">SLIP-132</see>). A descriptor says that by itself and has plain keys.
/// </summary>
internal static class Slip132
{
    /// <summary>What a key's first letters say about scripts.</summary>
    public enum Use
    {
        /// <summary><c>xpub</c>, <c>tpub</c>: nothing.</summary>
        Any,

        /// <summary><c>zpub</c>, <c>vpub</c>: one key, native segwit.</summary>
        WitnessKey,

        /// <summary><c>Zpub</c>, <c>Vpub</c>: one of several keys, native segwit.</summary>
        WitnessScript,

        /// <summary><c>ypub</c>, <c>Ypub</c>, <c>upub</c>, <c>Upub</c>: segwit inside P2SH, which no treasury has.</summary>
        Nested,
    }

    private const uint MainVersion = 0x0488b21e;
    private const uint TestVersion = 0x043587cf;

    /// <summary>The key with the letters of a descriptor, and what its own letters said; the text itself where it is no such key.</summary>
    public static (string Plain, Use Use) Read(string text)
    {
        byte[] data;
        try
        {
            data = Encoders.Base58Check.DecodeData(text);
        }
        catch (FormatException)
        {
            // Whoever reads the descriptor says what is wrong with it, and where.
            return (text, Use.Any);
        }

        if (data.Length != 78) return (text, Use.Any);
        var (use, version) = BinaryPrimitives.ReadUInt32BigEndian(data) switch
        {
            0x04b24746 => (Use.WitnessKey, MainVersion),
            0x045f1cf6 => (Use.WitnessKey, TestVersion),
            0x02aa7ed3 => (Use.WitnessScript, MainVersion),
            0x02575483 => (Use.WitnessScript, TestVersion),
            0x049d7cb2 or 0x0295b43f => (Use.Nested, MainVersion),
            0x044a5262 or 0x024289ef => (Use.Nested, TestVersion),
            _ => (Use.Any, 0u),
        };
        if (version == 0) return (text, Use.Any);
        BinaryPrimitives.WriteUInt32BigEndian(data, version);
        return (Encoders.Base58Check.EncodeData(data), use);
    }
}
