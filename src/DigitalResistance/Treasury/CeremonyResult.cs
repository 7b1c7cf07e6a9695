namespace DigitalResistance.Treasury;

/// <summary>How a step of a ceremony can end.</summary>
public abstract record CeremonyResult
{
    private CeremonyResult()
    {
    }

    /// <summary>It is done, or was done already by the same person in the same way.</summary>
    public sealed record Done : CeremonyResult;

    /// <summary>The confirmation counts.</summary>
    /// <param name="Have">So many holders have confirmed.</param>
    /// <param name="Needed">So many there are.</param>
    public sealed record Counted(int Have, int Needed) : CeremonyResult;

    /// <summary>It was the last confirmation: the descriptor is the treasury now.</summary>
    public sealed record Adopted(Descriptor Descriptor) : CeremonyResult;

    /// <summary>No ceremony goes on, or another one than the page showed.</summary>
    public sealed record NotLive : CeremonyResult;

    /// <summary>One goes on already, with other terms.</summary>
    public sealed record AlreadyBegun(Ceremony Ceremony) : CeremonyResult;

    /// <summary>There is a treasury; new keys are a rotation.</summary>
    public sealed record AlreadyAdopted : CeremonyResult;

    /// <summary>So many signatures of so many keys are no treasury.</summary>
    public sealed record Terms : CeremonyResult;

    /// <summary>A treasury of one key may not hold real money unless <see cref="BitcoinOptions.AllowSingleKey"/> says so.</summary>
    public sealed record SingleKey : CeremonyResult;

    /// <summary>What was pasted is not one public key, or no descriptor.</summary>
    public sealed record Faulty(DescriptorFault Fault) : CeremonyResult;

    /// <summary>This very key was given before, however it is written.</summary>
    public sealed record SameKey(string Fingerprint) : CeremonyResult;

    /// <summary>Another key of the same device was given before: whoever has it would have two of the signatures.</summary>
    public sealed record SameDevice(string Fingerprint) : CeremonyResult;

    /// <summary>The same person gave another key already.</summary>
    /// <param name="Key">That one.</param>
    /// <param name="Second">The one that was brought now, as a descriptor has it.</param>
    public sealed record AlreadyGave(CeremonyKey Key, string Second) : CeremonyResult;

    /// <summary>All keys are there.</summary>
    public sealed record Full : CeremonyResult;

    /// <summary>Keys are missing: there is nothing to confirm.</summary>
    public sealed record Incomplete : CeremonyResult;

    /// <summary>Whoever confirms has no key in it, or says that somebody else's is theirs.</summary>
    public sealed record NotTheHolder : CeremonyResult;

    /// <summary>The keys make another descriptor now than the page showed.</summary>
    public sealed record OtherDescriptor(Descriptor Now) : CeremonyResult;

    /// <summary>The bitcoin backend did not answer, so that the height to start from is not known; the confirmation does not count yet.</summary>
    public sealed record ChainAway : CeremonyResult;
}
