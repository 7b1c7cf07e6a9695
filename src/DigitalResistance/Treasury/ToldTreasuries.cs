using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Treasury;

/// <summary>
/// The treasury that the public log says is in force, in a database restored from before its adoption: donors must not get addresses of keys that
/// were given up, perhaps because they were stolen. A log that keeps descriptors private says their hashes only: then the configuration must have the text.
/// </summary>
public sealed class ToldTreasuries(MoneyDb db, TreasuryWallet wallet, AddressBook addresses, IOptions<BitcoinOptions> options, TimeProvider time) : IReadmissionHearer
{
    /// <inheritdoc/>
    public async Task HearAsync(IReadOnlyList<CanonicalObject> entries, CancellationToken cancellation)
    {
        foreach (var entry in entries.Where(e => e.Text("type") == "treasury.rotated")) await AdoptAsync(entry, cancellation);
    }

    private async Task AdoptAsync(CanonicalObject entry, CancellationToken cancellation)
    {
        var text = entry.Has("descriptor") ? entry.Text("descriptor") : options.Value.Descriptor;
        if (!WalletExport.TryRead(text, wallet.Network, out var descriptor, out _) || $"sha256:{descriptor.Sha256}" != entry.Text("descriptor_hash"))
        {
            throw new LedgerRefusedException(
                "The log says that the treasury has other keys than this database knows, and does not publish them.",
                "Put the new descriptor into Bitcoin:Descriptor, or restore a backup that was made after the keys were changed.");
        }

        // What was being gathered when the backup was made came to its end, or was overtaken.
        if (await db.Set<Ceremony>().SingleOrDefaultAsync(c => c.IsLive, cancellation) is { } ceremony) ceremony.Finish(CeremonyEnd.Overtaken, time.GetUtcNow());
        var read = await db.Set<ChainBlock>().MaxAsync(b => (int?)b.Height, cancellation) ?? 1;
        if (await db.Set<TreasuryDescriptor>().SingleOrDefaultAsync(d => d.IsCurrent, cancellation) is { } old)
        {
            // Some of its addresses were given out after the backup, and donors may still pay to them.
            await addresses.LeaveBehindAsync(toldReceive: -1, toldChange: -1, cancellation);
            (old.IsCurrent, old.Version) = (false, old.Version + 1);
            await db.SaveChangesAsync(cancellation);
        }

        db.Add(new TreasuryDescriptor { Text = descriptor.Text, Sha256 = descriptor.Sha256, Network = descriptor.Network.Name, StartHeight = read, AdoptedAt = time.GetUtcNow(), IsCurrent = true });
        await db.SaveChangesAsync(cancellation);
        await addresses.FillAsync(cancellation);
    }
}
