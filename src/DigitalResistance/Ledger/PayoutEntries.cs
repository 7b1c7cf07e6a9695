using DigitalResistance.Platform;

namespace DigitalResistance.Ledger;

// What the log says about one transaction of the treasury. A batch keeps its number; every transaction built for it has a version: 1, and one
// more for each replacement.

/// <summary>Names one transaction: the round or move that it pays, the batch in it, the version of the batch and its txid, final since all inputs are segwit.</summary>
/// <param name="Order">The round, or the move.</param>
/// <param name="Batch">1, 2, 3 … in it.</param>
/// <param name="Version">1, and one more for each replacement.</param>
/// <param name="Txid">As explorers print it.</param>
public sealed record BatchTransactionName(PaymentOrder Order, int Batch, int Version, string Txid);

/// <summary>An entry about one payout transaction.</summary>
/// <param name="Transaction">Which.</param>
public abstract record BatchEntry(BatchTransactionName Transaction) : Entry
{
    /// <inheritdoc/>
    public sealed override int? RoundNumber => Transaction.Order.RoundNumber;

    /// <inheritdoc/>
    public sealed override int? MoveNumber => Transaction.Order.MoveNumber;

    /// <summary>Members besides the transaction's name.</summary>
    protected abstract IEnumerable<(string Name, object Value)> Facts { get; }

    /// <inheritdoc/>
    protected sealed override IEnumerable<(string Name, object Value)> Members =>
        [(Transaction.Order.Member, Transaction.Order.Number), ("batch", Transaction.Batch), ("version", Transaction.Version), ("txid", Transaction.Txid), .. Facts];
}

/// <summary>A transaction exists and may be signed. Sealed and published before anybody can download it, so that no restored backup forgets it.</summary>
/// <param name="Transaction">Which.</param>
/// <param name="CheckpointSize">Size of the checkpoint that its OP_RETURN commits to; its approvals lie below it.</param>
/// <param name="PsbtSha256">SHA-256 of the PSBT as it is downloaded.</param>
/// <param name="Inputs">Every outpoint it spends.</param>
/// <param name="InputSum">Their sum.</param>
/// <param name="Paid">Sum of the payments.</param>
/// <param name="Fee">The fee; what is left is change.</param>
/// <param name="Recipients">Number of payments.</param>
public sealed record PsbtCreated(
    BatchTransactionName Transaction, long CheckpointSize, string PsbtSha256, IReadOnlyList<string> Inputs, Sats InputSum, Sats Paid, Sats Fee, int Recipients) : BatchEntry(Transaction)
{
    /// <inheritdoc/>
    public override string Type => "psbt.created";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Facts =>
    [
        ("checkpoint_size", CheckpointSize), ("psbt", Hash(PsbtSha256)), ("inputs", Inputs), ("inputs_sat", InputSum.Value),
        ("paid_sat", Paid.Value), ("fee_sat", Fee.Value), ("recipients", Recipients),
    ];
}

/// <summary>A completely signed transaction is handed to the network.</summary>
/// <param name="Transaction">Which.</param>
public sealed record TxBroadcast(BatchTransactionName Transaction) : BatchEntry(Transaction)
{
    /// <inheritdoc/>
    public override string Type => "tx.broadcast";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Facts => [];
}

/// <summary>A newer version of the batch took the place of an older one; both stay in force until one confirms.</summary>
/// <param name="Transaction">The newer.</param>
/// <param name="Replaced">Txid of the older.</param>
public sealed record TxReplaced(BatchTransactionName Transaction, string Replaced) : BatchEntry(Transaction)
{
    /// <inheritdoc/>
    public override string Type => "tx.replaced";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Facts => [("replaced", Replaced)];
}

/// <summary>A transaction is in the best chain, deep enough; from here on its money has left the treasury.</summary>
/// <param name="Transaction">Which.</param>
/// <param name="Height">Height of its block.</param>
/// <param name="BlockHash">Hash of its block.</param>
/// <param name="Paid">Sum of the payments.</param>
/// <param name="Fee">The fee.</param>
public sealed record TxConfirmed(BatchTransactionName Transaction, int Height, string BlockHash, Sats Paid, Sats Fee) : BatchEntry(Transaction)
{
    /// <inheritdoc/>
    public override string Type => "tx.confirmed";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Facts => [("height", Height), ("block", BlockHash), ("paid_sat", Paid.Value), ("fee_sat", Fee.Value)];
}

/// <summary>A confirmed transaction is no longer in the best chain; it, or another version, will confirm again.</summary>
/// <param name="Transaction">Which.</param>
/// <param name="Paid">What the confirmation had said.</param>
/// <param name="Fee">What the confirmation had said.</param>
public sealed record TxUnconfirmed(BatchTransactionName Transaction, Sats Paid, Sats Fee) : BatchEntry(Transaction)
{
    /// <inheritdoc/>
    public override string Type => "tx.unconfirmed";

    /// <inheritdoc/>
    protected override IEnumerable<(string Name, object Value)> Facts => [("paid_sat", Paid.Value), ("fee_sat", Fee.Value)];
}
