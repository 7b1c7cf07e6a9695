namespace DigitalResistance.Payouts;

/// <summary>How an admin's approval of a foreign spend can end.</summary>
public abstract record ForeignSpendResult
{
    private ForeignSpendResult()
    {
    }

    /// <summary>It was the last one needed: the ledger says it, and payments go on.</summary>
    public sealed record Booked : ForeignSpendResult;

    /// <summary>It counts, and others are missing.</summary>
    /// <param name="Have">Admins who say the same.</param>
    /// <param name="Needed">How many must.</param>
    public sealed record Counted(int Have, int Needed) : ForeignSpendResult;

    /// <summary>It was given before.</summary>
    /// <param name="Have">Admins who say the same.</param>
    /// <param name="Needed">How many must.</param>
    public sealed record AlreadyCounted(int Have, int Needed) : ForeignSpendResult;

    /// <summary>The ledger says it already.</summary>
    public sealed record AlreadyBooked : ForeignSpendResult;

    /// <summary>The best chain shows no such transaction, or it is one of ours.</summary>
    public sealed record NotFound : ForeignSpendResult;

    /// <summary>The transaction is in another block than the one that was looked at.</summary>
    public sealed record BlockChanged : ForeignSpendResult;

    /// <summary>A reorganisation could still take it back.</summary>
    /// <param name="Depth">How deep it is.</param>
    /// <param name="Needed">How deep it must be.</param>
    public sealed record NotDeepEnough(int Depth, int Needed) : ForeignSpendResult;

    /// <summary>The public log knows it as a payment that was built here: the database was restored from an older copy.</summary>
    public sealed record PublishedPayment : ForeignSpendResult;

    /// <summary>Whoever approved is not an admin (any more).</summary>
    public sealed record NotAnAdmin : ForeignSpendResult;
}
