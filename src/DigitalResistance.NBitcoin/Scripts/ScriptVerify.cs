using System.Diagnostics.CodeAnalysis;

namespace NBitcoin;

/// <summary>Which rules a script must keep: consensus ones, and ones that nodes ask for before they relay.</summary>
[Flags]
[SuppressMessage("Design", "CA1028", Justification = "NBitcoin's type.")]
public enum ScriptVerify : uint
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Look inside P2SH (BIP-16).</summary>
    P2SH = 1u << 0,

    /// <summary>Known hash types and key forms only.</summary>
    StrictEnc = 1u << 1,

    /// <summary>Strict DER (BIP-66).</summary>
    DerSig = 1u << 2,

    /// <summary>S in the lower half (BIP-146).</summary>
    LowS = 1u << 3,

    /// <summary>The extra item of multisig is empty (BIP-147).</summary>
    NullDummy = 1u << 4,

    /// <summary>Input scripts only push.</summary>
    SigPushOnly = 1u << 5,

    /// <summary>Data are pushed in the shortest way.</summary>
    MinimalData = 1u << 6,

    /// <summary>No words that may get a meaning later.</summary>
    DiscourageUpgradableNops = 1u << 7,

    /// <summary>Nothing is left over.</summary>
    CleanStack = 1u << 8,

    /// <summary>Absolute locks (BIP-65).</summary>
    CheckLockTimeVerify = 1u << 9,

    /// <summary>Relative locks (BIP-112).</summary>
    CheckSequenceVerify = 1u << 10,

    /// <summary>Look inside witness programs (BIP-141).</summary>
    Witness = 1u << 11,

    /// <summary>No witness programs that may get a meaning later.</summary>
    DiscourageUpgradableWitnessProgram = 1u << 12,

    /// <summary>Conditions are empty or one.</summary>
    MinimalIf = 1u << 13,

    /// <summary>A signature that fails is empty (BIP-146).</summary>
    NullFail = 1u << 14,

    /// <summary>Compressed keys in witnesses.</summary>
    WitnessPubkeyType = 1u << 15,

    /// <summary>No code separators in old scripts.</summary>
    ConstScriptCode = 1u << 16,

    /// <summary>Look inside taproot (BIP-341).</summary>
    Taproot = 1u << 17,

    /// <summary>No leaf versions that may get a meaning later.</summary>
    DiscourageUpgradableTaprootVersion = 1u << 18,

    /// <summary>No words that always succeed.</summary>
    DiscourageOpSuccess = 1u << 19,

    /// <summary>No key forms that may get a meaning later.</summary>
    DiscourageUpgradablePubKeyType = 1u << 20,

    /// <summary>What every block must keep for long.</summary>
    Mandatory = P2SH,

    /// <summary>What nodes ask for before they relay.</summary>
    Standard = Mandatory | DerSig | StrictEnc | MinimalData | NullDummy | DiscourageUpgradableNops | CleanStack | CheckLockTimeVerify
        | CheckSequenceVerify | LowS | Witness | DiscourageUpgradableWitnessProgram | NullFail | MinimalIf | Taproot
        | DiscourageUpgradableTaprootVersion | DiscourageOpSuccess | DiscourageUpgradablePubKeyType,

    /// <summary>What every block must keep, taproot aside.</summary>
    Consensus = DerSig | P2SH | NullDummy | CheckLockTimeVerify | CheckSequenceVerify | Witness,
}
