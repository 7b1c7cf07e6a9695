using System.Diagnostics.CodeAnalysis;

namespace NBitcoin;

/// <summary>What an ECDSA signature covers.</summary>
[Flags]
[SuppressMessage("Design", "CA1028", Justification = "NBitcoin's type: it is hashed as four bytes.")]
[SuppressMessage("Design", "CA1008", Justification = "NBitcoin's values.")]
public enum SigHash : uint
{
    /// <summary>All outputs.</summary>
    All = 1,

    /// <summary>No output.</summary>
    None = 2,

    /// <summary>The output at the input's place.</summary>
    Single = 3,

    /// <summary>Besides, only the one input.</summary>
    AnyoneCanPay = 0x80,
}

/// <summary>What a taproot signature covers.</summary>
[Flags]
[SuppressMessage("Design", "CA1028", Justification = "NBitcoin's type.")]
[SuppressMessage("Design", "CA1008", Justification = "NBitcoin's names.")]
public enum TaprootSigHash : uint
{
    /// <summary>All outputs, in a signature one byte shorter.</summary>
    Default = 0,

    /// <summary>All outputs.</summary>
    All = 1,

    /// <summary>No output.</summary>
    None = 2,

    /// <summary>The output at the input's place.</summary>
    Single = 3,

    /// <summary>Besides, only the one input.</summary>
    AnyoneCanPay = 0x80,
}

/// <summary>Which rules make the hash that is signed.</summary>
public enum HashVersion
{
    /// <summary>The first ones.</summary>
    Original = 0,

    /// <summary>BIP-143.</summary>
    WitnessV0 = 1,

    /// <summary>BIP-341, spending with the key.</summary>
    Taproot = 2,

    /// <summary>BIP-342, spending with a script.</summary>
    Tapscript = 3,
}

/// <summary>Which taproot signature is meant.</summary>
public class TaprootExecutionData(int inputIndex)
{
    /// <summary>The input, from 0.</summary>
    public int InputIndex { get; set; } = inputIndex;

    /// <summary>The hash of the annex, when there is one.</summary>
    public uint256? AnnexHash { get; set; }

    /// <summary>What is covered.</summary>
    public TaprootSigHash SigHash { get; set; }

    /// <summary>True for a byte that BIP-341 allows.</summary>
    public static bool IsValidSigHash(byte value) => value <= 3 || value is >= 0x81 and <= 0x83;
}
