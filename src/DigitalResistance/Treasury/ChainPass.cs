using DigitalResistance.Platform;

namespace DigitalResistance.Treasury;

/// <summary>
/// Follows the best chain: leaves branches that lost, reads new blocks, books what is deep enough and takes back what is not any more.
/// Any number may run at once; the database lets each fact in once.
/// </summary>
public sealed class ChainPass(
    ConfiguredTreasury configured, ChainFollower follower, ToldCoins told, CoinBooks books, LostCoins lost, AddressBook addresses, ChainHealth health, TimeProvider time) : IPass
{
    /// <inheritdoc/>
    public async Task<int> RunAsync(CancellationToken cancellation)
    {
        try
        {
            await configured.AdoptAsync(cancellation);
            await addresses.FillAsync(cancellation);
            var (blocks, tip) = await follower.FollowAsync(cancellation);
            var booked = await books.BookAsync(cancellation);
            booked += await lost.RunAsync(cancellation);
            if (tip is not null) booked += await told.SettleAsync(tip, cancellation);
            if (tip is not null) health.Answered(tip.Height, time.GetUtcNow());
            return blocks + booked;
        }
        catch (ChainMismatchException mismatch)
        {
            health.Refused(mismatch.Message);
            throw;
        }
    }
}
