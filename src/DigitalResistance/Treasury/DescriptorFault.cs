namespace DigitalResistance.Treasury;

/// <summary>
/// Why a text is not a treasury descriptor and where. It never repeats any of the text: what was pasted may have been a private key.
/// </summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Position">Index of the character where it is wrong, from 0; −1 where no single place is.</param>
public sealed record DescriptorFault(DescriptorFaultKind Kind, int Position);

/// <summary>What can be wrong with a descriptor.</summary>
public enum DescriptorFaultKind
{
    /// <summary>There is nothing.</summary>
    Empty,

    /// <summary>Longer than any treasury of fifteen keys.</summary>
    TooLong,

    /// <summary>A character that descriptors cannot hold.</summary>
    ForeignCharacter,

    /// <summary>The eight characters after <c>#</c> do not fit the text.</summary>
    Checksum,

    /// <summary>It holds a private key. The server must never see one.</summary>
    PrivateKey,

    /// <summary>Not <c>wpkh</c>, <c>wsh(sortedmulti)</c>, <c>wsh(multi)</c> or <c>tr</c> with one key.</summary>
    Script,

    /// <summary>The number of signatures is missing, zero, or larger than the number of keys.</summary>
    Threshold,

    /// <summary>More than fifteen keys.</summary>
    TooManyKeys,

    /// <summary>The same key twice.</summary>
    DuplicateKey,

    /// <summary>No <c>[fingerprint/path]</c> before a key that is not a master key: signing devices would not recognise it.</summary>
    OriginMissing,

    /// <summary>A <c>[fingerprint/path]</c> that cannot be read.</summary>
    Origin,

    /// <summary>Not an extended public key, or one with a wrong checksum.</summary>
    Key,

    /// <summary>An extended public key of another network.</summary>
    Network,

    /// <summary>A step that needs the private key.</summary>
    HardenedStep,

    /// <summary>Receive and change are swapped, as <c>&lt;1;0&gt;</c>.</summary>
    BranchesSwapped,

    /// <summary>The key does not end in <c>/&lt;0;1&gt;/*</c>.</summary>
    Branches,

    /// <summary>A wallet's file with a line that is not understood, without what is needed, or with another number of keys than it says.</summary>
    WalletFile,

    /// <summary>Where one key is asked for there are several.</summary>
    SeveralKeys,

    /// <summary>The key's letters say that it is for wallets of one key, where several sign, or the other way round.</summary>
    OtherUse,

    /// <summary>Something stands where a comma, a bracket or the end should.</summary>
    Syntax,
}

/// <summary>A text that is not a treasury descriptor. Its message names the kind and the place, never the text.</summary>
public sealed class DescriptorException(DescriptorFault fault) : FormatException($"Not a treasury descriptor: {fault.Kind} at {fault.Position}.")
{
    /// <summary>What and where.</summary>
    public DescriptorFault Fault { get; } = fault;
}
