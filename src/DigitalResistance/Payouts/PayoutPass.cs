using DigitalResistance.Platform;

namespace DigitalResistance.Payouts;

/// <summary>
/// Everything that happens to payments without anybody pressing a button: what a restored database forgot comes back first, what the chain shows is taken over, then what is complete
/// goes out, then rounds and moves go on. A backend that is away stops the second step only.
/// </summary>
public sealed class PayoutPass(
    PaymentImport import, LostOrders lost, ToldPayments told, ForeignSpendReverting foreign, BatchConfirmation confirmation, BatchBroadcast broadcast, RoundProgress rounds, MoveProgress moves, TimeProvider time) : IPass
{
    /// <inheritdoc/>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        var moved = await import.RunAsync(cancellation) + await lost.RunAsync(now, cancellation) + await told.SettleAsync(cancellation);
        moved += await foreign.RunAsync(now, cancellation) + await confirmation.RunAsync(now, cancellation);
        try
        {
            moved += await broadcast.RunAsync(now, cancellation);
        }
        finally
        {
            moved += await rounds.RunAsync(now, cancellation) + await moves.RunAsync(now, cancellation);
        }

        return moved;
    }
}
