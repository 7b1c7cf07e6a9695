using DigitalResistance.Data;
using DigitalResistance.Platform;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Payouts;

/// <summary>What one batch pays by what admins approved, whether it is of a round or of a move: read anew whenever a version of it is built.</summary>
/// <param name="Payments">Its payments; none where everything stays the treasury's.</param>
/// <param name="Fees">What all batches of the round or move may cost, and what the others do.</param>
/// <param name="MaxFeeRate">Highest fee rate that was approved, in sat/vB.</param>
/// <param name="Treasury">Where its change goes.</param>
internal sealed record ApprovedPayments(IReadOnlyList<PlannedPayment> Payments, RoundFees Fees, int MaxFeeRate, AdoptedTreasury Treasury)
{
    /// <summary>Of a batch, or why it may not be paid any more.</summary>
    public static async Task<(ApprovedPayments? Payments, OrderFault? Fault)> ReadAsync(MoneyDb db, TreasuryWallet wallet, AdoptedTreasury treasury, Batch batch, CancellationToken cancellation)
    {
        var others = await db.FeesOfOthersAsync(batch.Order, batch.Id, cancellation);
        if (batch.MoveNumber is { } number)
        {
            var (move, fault) = await MovePayments.ReadAsync(db, wallet, number, cancellation);
            return move is null ? (null, fault) : (new ApprovedPayments(move.Payments, move.Fees(others), move.Move.MaxFeeRate, move.Target), null);
        }

        var (round, refusal) = await RoundPayments.ReadAsync(db, batch.RoundNumber!.Value, treasury, cancellation);
        if (round is null) return (null, refusal);
        var mine = (await db.Set<BatchPayment>().Where(p => p.BatchId == batch.Id).Select(p => p.PayoutId).ToListAsync(cancellation)).ToHashSet();
        return (new ApprovedPayments([.. round.Payments.Where(p => mine.Contains(p.PayoutId))], round.Fees(others), round.Round.MaxFeeRate, treasury), null);
    }

    /// <summary>What a fee is compared with: the payments, or what is moved where nobody is paid.</summary>
    public static Sats Worth(Sats paid, Sats inputs, Sats fee) => paid > Sats.Zero ? paid : inputs - fee;
}
