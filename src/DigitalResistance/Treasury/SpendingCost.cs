using DigitalResistance.Platform;

namespace DigitalResistance.Treasury;

/// <summary>What spending one donation costs at today's fees, remembered for some minutes: a page that anybody may open must not ask the node each time.</summary>
public sealed class SpendingCost(IChain chain, TimeProvider time)
{
    private const int TargetBlocks = 144;
    private static readonly TimeSpan Remembered = TimeSpan.FromMinutes(10);
    private volatile Estimate? _last;

    /// <summary>The cost of one coin of this treasury as an input; null where the chain does not say.</summary>
    public async Task<Sats?> OfAsync(Descriptor treasury, CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        if (_last is not { } last || now - last.At > Remembered || now < last.At)
        {
            VByteRate? rate = null;
            try
            {
                rate = await chain.EstimateRateAsync(TargetBlocks, cancellation);
            }
            catch (Exception away) when (away is ChainUnavailableException or ChainMismatchException)
            {
                // Nobody need know it to donate.
            }

            _last = last = new Estimate(now, rate);
        }

        return last.Rate?.FeeFor(treasury.InputWeight());
    }

    private sealed record Estimate(DateTimeOffset At, VByteRate? Rate);
}
