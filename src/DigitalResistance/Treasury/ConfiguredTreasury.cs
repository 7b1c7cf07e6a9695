using DigitalResistance.Data;
using DigitalResistance.Moves;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Treasury;

/// <summary>Adopts the descriptor that stands in the configuration, where one does, and refuses to go on with another one than it, or than what it was rotated to.</summary>
public sealed class ConfiguredTreasury(MoneyDb db, TreasuryAdoption adoption, TreasuryWallet wallet, IOptions<BitcoinOptions> options)
{
    /// <summary>Does nothing without a configured descriptor. Throws <see cref="ChainMismatchException"/> where it cannot be used.</summary>
    public async Task AdoptAsync(CancellationToken cancellation)
    {
        if (options.Value.Descriptor is not { Length: > 0 } text) return;
        if (await wallet.FindAsync(cancellation) is { } adopted)
        {
            // It may name the treasury that the one in force came from by rotations which admins approved.
            if (!WalletExport.TryRead(text, wallet.Network, out var configured, out _) || !await db.IsOrBecameAsync(configured.Sha256, adopted.Descriptor.Sha256, cancellation))
            {
                throw new ChainMismatchException("Bitcoin:Descriptor is not the treasury in use. Payments stay stopped until it is taken out of the configuration or corrected.");
            }

            return;
        }

        switch (await adoption.AdoptAsync(text, options.Value.StartHeight, cancellation))
        {
            case AdoptionResult.Faulty { Fault: var fault }:
                throw new ChainMismatchException($"Bitcoin:Descriptor cannot be used: {fault.Kind} at character {fault.Position + 1}.");
            case AdoptionResult.SingleKey:
                throw new ChainMismatchException("Bitcoin:Descriptor has a single key; set Bitcoin:AllowSingleKey to hold real money with it.");
        }
    }
}
