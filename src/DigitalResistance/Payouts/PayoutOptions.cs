using System.ComponentModel.DataAnnotations;
using DigitalResistance.Platform;
using DigitalResistance.Treasury;

namespace DigitalResistance.Payouts;

/// <summary>
/// Limits of what may be built (section <c>Payouts</c>). They stand in the configuration and not in the database, so that whoever can
/// write to the database alone cannot raise them. Outside them nothing is built, and nothing signed is accepted.
/// </summary>
public sealed class PayoutOptions
{
    /// <summary>Most payments in one transaction. Default 100: a signing device must be able to show them all; where the devices of the keys are known, theirs is the limit.</summary>
    [Range(1, 1000, ErrorMessage = "Payouts:OutputsPerBatch must be between 1 and 1000.")]
    public int OutputsPerBatch { get; set; } = 100;

    /// <summary>Most coins that one transaction spends. Default 20, what a Coldcard Mk3 holds.</summary>
    [Range(1, 400, ErrorMessage = "Payouts:InputsPerBatch must be between 1 and 400.")]
    public int InputsPerBatch { get; set; } = 20;

    /// <summary>Most virtual bytes of one transaction. Default 100,000, what nodes relay.</summary>
    [Range(1_000, 100_000, ErrorMessage = "Payouts:MaxVBytes must be between 1000 and 100000.")]
    public int MaxVBytes { get; set; } = 100_000;

    /// <summary>Largest single payment in satoshi. Default 1 BTC.</summary>
    [Range(1, 2_100_000_000_000_000, ErrorMessage = "Payouts:MaxPayoutSat must be between 1 and 2100000000000000.")]
    public long MaxPayoutSat { get; set; } = 100_000_000;

    /// <summary>Largest sum of one batch in satoshi. Default 10 BTC.</summary>
    [Range(1, 2_100_000_000_000_000, ErrorMessage = "Payouts:MaxBatchSat must be between 1 and 2100000000000000.")]
    public long MaxBatchSat { get; set; } = 1_000_000_000;

    /// <summary>Largest sum of all batches built within 24 hours, in satoshi. Default 20 BTC.</summary>
    [Range(1, 2_100_000_000_000_000, ErrorMessage = "Payouts:MaxDaySat must be between 1 and 2100000000000000.")]
    public long MaxDaySat { get; set; } = 2_000_000_000;

    /// <summary>Lowest fee rate in sat/vB, whatever the backend estimates. Default 1.</summary>
    [Range(1, 10_000, ErrorMessage = "Payouts:MinFeeRateSatPerVByte must be between 1 and 10000.")]
    public int MinFeeRateSatPerVByte { get; set; } = 1;

    /// <summary>Highest fee rate in sat/vB, whatever the backend estimates and a round allows. Default 300.</summary>
    [Range(1, 10_000, ErrorMessage = "Payouts:MaxFeeRateSatPerVByte must be between 1 and 10000.")]
    public int MaxFeeRateSatPerVByte { get; set; } = 300;

    /// <summary>Fee rate in sat/vB where the backend has no estimate. Default 5.</summary>
    [Range(1, 10_000, ErrorMessage = "Payouts:FallbackFeeRateSatPerVByte must be between 1 and 10000.")]
    public int FallbackFeeRateSatPerVByte { get; set; } = 5;

    /// <summary>Fee rate in sat/vB of an ordinary day: above it few coins are spent at once, below it many. Default 10.</summary>
    [Range(1, 10_000, ErrorMessage = "Payouts:LongTermFeeRateSatPerVByte must be between 1 and 10000.")]
    public int LongTermFeeRateSatPerVByte { get; set; } = 10;

    /// <summary>Largest fee of one transaction as a share of its payments, in ppm. Default 50,000, five per cent.</summary>
    [Range(1, 1_000_000, ErrorMessage = "Payouts:MaxFeeSharePpm must be between 1 and 1000000.")]
    public int MaxFeeSharePpm { get; set; } = 50_000;

    /// <summary>Largest fee of one transaction in satoshi. Default 1,000,000.</summary>
    [Range(1, 100_000_000, ErrorMessage = "Payouts:MaxFeeSat must be between 1 and 100000000.")]
    public long MaxFeeSat { get; set; } = 1_000_000;

    /// <summary>How often complete transactions are broadcast and confirmations taken over, in seconds. Default 5.</summary>
    [Range(1, 3600, ErrorMessage = "Payouts:PassSeconds must be between 1 and 3600.")]
    public int PassSeconds { get; set; } = 5;

    /// <summary>Largest PSBT that every signing device can hold; not a setting, but what <see cref="Within"/> found.</summary>
    public int MaxPsbtBytes { get; private set; } = int.MaxValue;

    /// <summary>These limits, or those of the devices where they hold less. Change and commitment are outputs too.</summary>
    public PayoutOptions Within(DeviceLimits devices)
    {
        var limits = (PayoutOptions)MemberwiseClone();
        limits.OutputsPerBatch = Math.Min(OutputsPerBatch, devices.Outputs - 2);
        limits.InputsPerBatch = Math.Min(InputsPerBatch, devices.Inputs);
        limits.MaxPsbtBytes = Math.Min(MaxPsbtBytes, devices.PsbtBytes);
        return limits;
    }

    /// <summary><see cref="MaxVBytes"/> in weight units.</summary>
    internal int MaxWeight => MaxVBytes * VByteRate.WeightPerVByte;

    internal Sats MaxPayout => new(MaxPayoutSat);

    internal Sats MaxBatch => new(MaxBatchSat);

    internal Sats MaxDay => new(MaxDaySat);
}
