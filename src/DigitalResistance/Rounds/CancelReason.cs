namespace DigitalResistance.Rounds;

/// <summary>Why a round was cancelled; the ledger knows no free text.</summary>
public enum CancelReason
{
    /// <summary>The round was a mistake, or is replaced by another.</summary>
    Mistake,

    /// <summary>The treasury cannot pay it.</summary>
    Funding,

    /// <summary>The measurements of its period cannot be trusted.</summary>
    Measurement,

    /// <summary>An objection against it was accepted.</summary>
    Objection,

    /// <summary>It is not safe to pay now.</summary>
    Safety,
}
