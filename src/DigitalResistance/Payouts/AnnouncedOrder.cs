using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Treasury;

namespace DigitalResistance.Payouts;

/// <summary>What admins approved of a round or a move, for transactions that were built before the tables were restored.</summary>
internal static class AnnouncedOrder
{
    /// <summary>Its batches by number; null where the tables do not hold what the log says was approved.</summary>
    public static Task<IReadOnlyList<PlannedBatch>?> ReadAsync(MoneyDb db, PaymentOrder order, TreasuryWallet wallet, CancellationToken cancellation) => order.MoveNumber is { } move
        ? AnnouncedMove.ReadAsync(db, move, wallet, cancellation) : AnnouncedRound.ReadAsync(db, order.Number, wallet.Network, cancellation);

    /// <summary>Hash of the manifest that the log says was approved last; null where it says none.</summary>
    public static Task<string?> ApprovedManifestAsync(MoneyDb db, PaymentOrder order, CancellationToken cancellation) => order.MoveNumber is { } move
        ? AnnouncedMove.ApprovedManifestAsync(db, move, cancellation) : AnnouncedRound.ApprovedManifestAsync(db, order.Number, cancellation);
}
