using DigitalResistance.Platform;
using DigitalResistance.Treasury;

namespace DigitalResistance.Payouts;

/// <summary>
/// What a transaction may cost. Asked when it is built and again when it comes back signed, with amounts from our own coins only: a
/// PSBT can lie about amounts, and a mistake here is money given to miners.
/// </summary>
public static class FeeRules
{
    /// <summary>The first rule that a transaction breaks; null where it breaks none.</summary>
    /// <param name="fee">Its fee.</param>
    /// <param name="weight">Its weight.</param>
    /// <param name="paid">Sum of its payments.</param>
    /// <param name="round">What the admins approved, and what other batches of the round cost already.</param>
    /// <param name="limits">What the configuration allows.</param>
    public static FeeProblem? Check(Sats fee, long weight, Sats paid, RoundFees round, PayoutOptions limits)
    {
        var rate = VByteRate.Of(fee, weight);
        if (rate < VByteRate.PerVByte(limits.MinFeeRateSatPerVByte)) return new FeeProblem(FeeRule.RateTooLow, rate.SatsPerKvb, limits.MinFeeRateSatPerVByte * 1000L);

        var highest = Math.Min(round.MaxRate.SatsPerKvb, limits.MaxFeeRateSatPerVByte * 1000L);
        if (fee > new VByteRate(highest).FeeFor(weight)) return new FeeProblem(FeeRule.RateTooHigh, rate.SatsPerKvb, highest);
        if (fee > new Sats(limits.MaxFeeSat)) return new FeeProblem(FeeRule.TooMuch, fee.Value, limits.MaxFeeSat);

        var share = new Sats((long)((Int128)paid.Value * limits.MaxFeeSharePpm / 1_000_000));
        if (fee > share) return new FeeProblem(FeeRule.ShareTooHigh, fee.Value, share.Value);
        return round.Spent + fee > round.MaxFee ? new FeeProblem(FeeRule.RoundLimit, (round.Spent + fee).Value, round.MaxFee.Value) : null;
    }
}

/// <summary>A round's fee limits and what counts against them.</summary>
/// <param name="MaxFee">Most that all transactions of the round may cost together.</param>
/// <param name="MaxRate">Highest rate of any of them.</param>
/// <param name="Spent">What its other live batches cost.</param>
public sealed record RoundFees(Sats MaxFee, VByteRate MaxRate, Sats Spent);

/// <summary>A broken rule with both numbers.</summary>
/// <param name="Rule">Which.</param>
/// <param name="Found">What the transaction has: satoshi, or sat/kvB for a rate.</param>
/// <param name="Limit">What is allowed, in the same unit.</param>
public sealed record FeeProblem(FeeRule Rule, long Found, long Limit);

/// <summary>The fee rules.</summary>
public enum FeeRule
{
    /// <summary>The rate is below what nodes relay.</summary>
    RateTooLow,

    /// <summary>The rate is above what the round or the configuration allows.</summary>
    RateTooHigh,

    /// <summary>The fee is above the configured limit of one transaction.</summary>
    TooMuch,

    /// <summary>The fee is too large a share of what is paid.</summary>
    ShareTooHigh,

    /// <summary>All batches together would cost more than the admins approved.</summary>
    RoundLimit,
}
