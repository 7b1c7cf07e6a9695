using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace DigitalResistance.Treasury;

/// <summary>What a key of the treasury signs with.</summary>
public enum SigningDevice
{
    /// <summary>Coldcard Mk1 to Mk3.</summary>
    ColdcardMk3,

    /// <summary>Coldcard Mk4 and Q.</summary>
    ColdcardMk4,

    /// <summary>Ledger with its app of 2022 or newer.</summary>
    Ledger,

    /// <summary>Trezor.</summary>
    Trezor,

    /// <summary>A program on a computer, as Sparrow or Electrum.</summary>
    Software,

    /// <summary>Something else, of which the least must be expected.</summary>
    Other,
}

/// <summary>What a device can hold of one transaction.</summary>
/// <param name="Inputs">Most coins.</param>
/// <param name="Outputs">Most outputs, change and commitment included.</param>
/// <param name="PsbtBytes">Largest PSBT.</param>
public sealed record DeviceLimits(int Inputs, int Outputs, int PsbtBytes)
{
    private const int Unlimited = int.MaxValue;

    private static readonly Dictionary<SigningDevice, DeviceLimits> ByDevice = new()
    {
        // https://github.com/Coldcard/firmware/blob/master/docs/limitations.md#max-transaction-size
        [SigningDevice.ColdcardMk3] = new(20, 250, 384 * 1024),
        // The same page: "any number", tested with 250 inputs and 2,000 outputs.
        [SigningDevice.ColdcardMk4] = new(250, 2_000, 2 * 1024 * 1024),
        // https://github.com/LedgerHQ/app-bitcoin-new: MAX_N_INPUTS_CAN_SIGN and MAX_N_OUTPUTS_CAN_SIGN; the PSBT is streamed.
        [SigningDevice.Ledger] = new(512, 512, Unlimited),
        // It is sent one input and one output at a time and keeps none: https://docs.trezor.io/trezor-firmware/common/communication/bitcoin-signing.html
        [SigningDevice.Trezor] = new(Unlimited, Unlimited, Unlimited),
        [SigningDevice.Software] = new(Unlimited, Unlimited, Unlimited),
        // The weakest that is known.
        [SigningDevice.Other] = new(20, 250, 384 * 1024),
    };

    /// <summary>What no device limits.</summary>
    public static DeviceLimits None { get; } = new(Unlimited, Unlimited, Unlimited);

    /// <summary>The limits of a device.</summary>
    public static DeviceLimits Of(SigningDevice device) => ByDevice[device];

    /// <summary>What all of these devices can hold: each number is that of the weakest.</summary>
    public static DeviceLimits Weakest(IEnumerable<SigningDevice> devices) => devices.Select(Of).Aggregate(
        None, (weakest, next) => new DeviceLimits(Math.Min(weakest.Inputs, next.Inputs), Math.Min(weakest.Outputs, next.Outputs), Math.Min(weakest.PsbtBytes, next.PsbtBytes)));
}

/// <summary>The device of one key of a treasury, as a treasurer said.</summary>
public sealed class TreasuryKeyDevice
{
    /// <summary>The descriptor.</summary>
    public required int DescriptorId { get; init; }

    /// <summary>The key's place in the descriptor, from 0.</summary>
    public required int Position { get; init; }

    /// <summary>What it signs with.</summary>
    public required SigningDevice Device { get; set; }

    internal sealed class Mapping : IMoneyMapping<TreasuryKeyDevice>
    {
        public void Configure(EntityTypeBuilder<TreasuryKeyDevice> builder)
        {
            builder.ToTable("treasury_key_devices");
            builder.HasKey(d => new { d.DescriptorId, d.Position });
            builder.HasOne<TreasuryDescriptor>().WithMany().HasForeignKey(d => d.DescriptorId).OnDelete(DeleteBehavior.Restrict);
        }
    }
}
