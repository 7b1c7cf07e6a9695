namespace DigitalResistance.Payouts;

/// <summary>How a step of a rehearsal can end.</summary>
public abstract record RehearsalResult
{
    private RehearsalResult()
    {
    }

    /// <summary>There is an address for the deposit, this one or the one that was given before.</summary>
    public sealed record Given(string Address) : RehearsalResult;

    /// <summary>This move is the rehearsal that goes on; its transaction can be built when the ledger has it.</summary>
    public sealed record Prepared(int Move) : RehearsalResult;

    /// <summary>No treasury was adopted.</summary>
    public sealed record NoTreasury : RehearsalResult;

    /// <summary>The treasury has no confirmed coin yet that could be sent back to it.</summary>
    public sealed record NoCoin : RehearsalResult;

    /// <summary>Every key has signed: there is nothing left to rehearse.</summary>
    public sealed record AllProven : RehearsalResult;
}
