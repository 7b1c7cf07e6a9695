using DigitalResistance.Payouts;
using DigitalResistance.Platform;
using DigitalResistance.Treasury;

namespace DigitalResistance.Tests.Payouts;

/// <summary>Each limit of a fee holds to the satoshi, and the first that is broken is told with both numbers.</summary>
public sealed class FeeRulesTests
{
    // 1,000 vbytes at 10 sat/vB for a million satoshi of payments: one per cent.
    private const long Weight = 4_000;
    private const long Fee = 10_000;
    private const long Paid = 1_000_000;

    [Fact]
    public void A_fee_within_every_limit_breaks_none() => Assert.Null(Check(_ => { }));

    [Theory]
    [InlineData(FeeRule.RateTooLow, 10, 11, 10_000, 11_000)]
    [InlineData(FeeRule.RateTooHigh, 10, 9, 10_000, 9_000)]
    [InlineData(FeeRule.TooMuch, 10_000, 9_999, 10_000, 9_999)]
    [InlineData(FeeRule.ShareTooHigh, 10_000, 9_999, 10_000, 9_999)]
    public void A_limit_allows_what_it_says_and_not_one_more(FeeRule rule, int allows, int refuses, long found, long limit)
    {
        Assert.Null(Check(o => Set(o, rule, allows)));
        Assert.Equal(new FeeProblem(rule, found, limit), Check(o => Set(o, rule, refuses)));
    }

    [Theory] // What the admins approved binds as the configuration does.
    [InlineData(10, 10_000, 0, null)]
    [InlineData(9, 10_000, 0, FeeRule.RateTooHigh)]
    [InlineData(10, 9_999, 0, FeeRule.RoundLimit)]
    [InlineData(10, 30_000, 20_000, null)]
    [InlineData(10, 30_000, 20_001, FeeRule.RoundLimit)]
    public void A_rounds_limits_are_for_all_its_transactions_together(int rate, long fee, long spent, FeeRule? rule) =>
        Assert.Equal(rule, FeeRules.Check(new Sats(Fee), Weight, new Sats(Paid), new RoundFees(new Sats(fee), VByteRate.PerVByte(rate), new Sats(spent)), new PayoutOptions())?.Rule);

    private static FeeProblem? Check(Action<PayoutOptions> change)
    {
        var options = new PayoutOptions();
        change(options);
        return FeeRules.Check(new Sats(Fee), Weight, new Sats(Paid), new RoundFees(new Sats(1_000_000), VByteRate.PerVByte(500), Sats.Zero), options);
    }

    private static void Set(PayoutOptions options, FeeRule rule, int value)
    {
        switch (rule)
        {
            case FeeRule.RateTooLow:
                options.MinFeeRateSatPerVByte = value;
                break;
            case FeeRule.RateTooHigh:
                options.MaxFeeRateSatPerVByte = value;
                break;
            case FeeRule.TooMuch:
                options.MaxFeeSat = value;
                break;
            default:
                options.MaxFeeSharePpm = value;
                break;
        }
    }
}
