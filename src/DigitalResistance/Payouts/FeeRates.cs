using DigitalResistance.Treasury;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Payouts;

/// <summary>Which fee rate a transaction should pay: the backend's estimate, kept within what the configuration and the round allow.</summary>
public sealed class FeeRates(IChain chain, IOptions<PayoutOptions> options)
{
    /// <summary>The rate that should confirm within so many blocks. Throws <see cref="ChainUnavailableException"/> where the backend is away: an old guess could be far off.</summary>
    public async Task<VByteRate> ChooseAsync(int targetBlocks, int roundMaxRate, CancellationToken cancellation)
    {
        var limits = options.Value;
        var estimate = await chain.EstimateRateAsync(targetBlocks, cancellation) ?? VByteRate.PerVByte(limits.FallbackFeeRateSatPerVByte);
        var max = VByteRate.PerVByte(Math.Min(roundMaxRate, limits.MaxFeeRateSatPerVByte));
        var min = VByteRate.PerVByte(limits.MinFeeRateSatPerVByte);
        return estimate.Clamp(min < max ? min : max, max);
    }
}
