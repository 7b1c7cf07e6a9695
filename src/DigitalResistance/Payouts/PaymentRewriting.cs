using System.Collections.Concurrent;
using System.Text;
using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Transparency;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using NBitcoin;

namespace DigitalResistance.Payouts;

/// <summary>
/// Writes an announced transaction a second time, byte for byte: its payments follow from the approved amounts, its coins stand in the log, its
/// commitment follows from the log's own tree, and what alone is not known, the address of its change, is tried one after the other.
/// </summary>
public sealed class PaymentRewriting(MoneyDb db, TreasuryWallet wallet, LedgerFolders folders)
{
    // What was tried in vain, and with what: the same is not tried again at every turn.
    private static readonly ConcurrentDictionary<string, string> InVain = new(StringComparer.Ordinal);

    private readonly SpendableCoins _coins = new(db, wallet);

    internal async Task<Transaction?> TryAsync(AnnouncedPayment announced, CancellationToken cancellation)
    {
        if (await AnnouncedOrder.ReadAsync(db, announced.Name.Order, wallet, cancellation) is not { } batches) return null;
        var found = await _coins.FindAsync([.. announced.Inputs], cancellation);
        if (found.Count < announced.Inputs.Count || batches.FirstOrDefault(b => b.Number == announced.Name.Batch) is not { } planned) return null;
        var with = $"{await db.Set<TreasuryAddress>().CountAsync(cancellation)} {await AnnouncedOrder.ApprovedManifestAsync(db, announced.Name.Order, cancellation)}";
        if (InVain.GetValueOrDefault(announced.Name.Txid) == with) return null;
        if (await CommitmentAsync(announced.CheckpointSize, cancellation) is not { } commitment) return null;

        var (spent, txid) = (await _coins.TakeAsync(found, cancellation), uint256.Parse(announced.Name.Txid));
        await foreach (var change in ChangesAsync(announced, cancellation))
        {
            var transaction = PayoutTransaction.Create(spent, planned.Payments, change, commitment, wallet.Network);
            if (transaction.GetHash() == txid) return transaction;
        }

        InVain[announced.Name.Txid] = with;
        return null;
    }

    private async IAsyncEnumerable<(Sats, DerivedScript)?> ChangesAsync(AnnouncedPayment announced, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        if (announced.Change == Sats.Zero)
        {
            yield return null;
            yield break;
        }

        foreach (var row in await db.Set<TreasuryDescriptor>().AsNoTracking().OrderByDescending(d => d.Id).ToListAsync(cancellation))
        {
            var descriptor = wallet.Open(row).Descriptor;
            var places = await db.Set<TreasuryAddress>().Where(a => a.DescriptorId == row.Id && a.Branch == Branch.Change).OrderByDescending(a => a.Index).Select(a => a.Index).ToListAsync(cancellation);
            foreach (var place in places) yield return (announced.Change, descriptor.Derive(Branch.Change, (uint)place));
        }
    }

    // The checkpoint itself may be forgotten too; its root follows from the published tree.
    private async Task<byte[]?> CommitmentAsync(long size, CancellationToken cancellation)
    {
        if (await db.Set<LedgerCheckpoint>().AsNoTracking().SingleOrDefaultAsync(c => c.Size == size, cancellation) is { } row)
            return OpReturnCommitment.Of(Checkpoint.Parse(SignedNote.Parse(Encoding.UTF8.GetBytes(row.Note)).Text));
        var head = await db.Set<LedgerHead>().AsNoTracking().SingleAsync(cancellation);
        try
        {
            return OpReturnCommitment.Of(head.Origin, size, await new TiledTree(new FolderLogSource(folders.Log.Path), head.Published).RootAsync(size, cancellation));
        }
        catch (Exception missing) when (missing is LogFaultException or IOException)
        {
            // Whoever has the log's files does it, or they come back first.
            return null;
        }
    }
}
