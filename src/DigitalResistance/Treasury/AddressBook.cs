using DigitalResistance.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Treasury;

/// <summary>Hands out the treasury's addresses, each once, and keeps more watched than anybody was given.</summary>
public sealed class AddressBook(MoneyDb db, TreasuryWallet wallet, IOptions<BitcoinOptions> options)
{
    private const int RestoredLookAheads = 10;

    /// <summary>Takes the next address of a branch for good; null where there is no treasury. Nobody else gets the same one, from whatever process.</summary>
    public async Task<TreasuryAddress?> TakeAsync(Branch branch, CancellationToken cancellation)
    {
        if (await wallet.FindAsync(cancellation) is not { } treasury) return null;
        while (true)
        {
            var next = await Unused(treasury.Id, branch).AsNoTracking().OrderBy(a => a.Index).FirstOrDefaultAsync(cancellation);
            if (next is null)
            {
                await FillAsync(treasury, branch, cancellation);
            }
            else if (await db.Set<TreasuryAddress>().Where(a => a.Id == next.Id && !a.IsUsed)
                .ExecuteUpdateAsync(set => set.SetProperty(a => a.IsUsed, true), cancellation) == 1)
            {
                // That one statement decides between two who saw the same row.
                return next;
            }
        }
    }

    /// <summary>
    /// After a restore nobody knows which addresses were given out since the backup: as many as are watched beyond the last one that is known, from the
    /// tables or from the log, count as given, and ten times as many are watched, since there may have been more, and a restore before this one.
    /// </summary>
    public async Task LeaveBehindAsync(int toldReceive, int toldChange, CancellationToken cancellation)
    {
        if (await wallet.FindAsync(cancellation) is not { } treasury) return;
        foreach (var (branch, told) in new[] { (Branch.Receive, toldReceive), (Branch.Change, toldChange) })
        {
            var rows = db.Set<TreasuryAddress>().Where(a => a.DescriptorId == treasury.Id && a.Branch == branch);
            var given = Math.Max(told, await rows.Where(a => a.IsUsed).MaxAsync(a => (int?)a.Index, cancellation) ?? -1) + options.Value.LookAhead;
            await FillAsync(treasury, branch, given + (RestoredLookAheads * options.Value.LookAhead), cancellation);
            await rows.Where(a => a.Index <= given && !a.IsUsed).ExecuteUpdateAsync(set => set.SetProperty(a => a.IsUsed, true), cancellation);
        }
    }

    /// <summary>Adds rows until every branch of every treasury has its look-ahead: an old one is watched for ever.</summary>
    public async Task FillAsync(CancellationToken cancellation)
    {
        foreach (var row in await db.Set<TreasuryDescriptor>().AsNoTracking().OrderBy(d => d.Id).ToListAsync(cancellation))
        {
            await FillAsync(wallet.Open(row), Branch.Receive, cancellation);
            await FillAsync(wallet.Open(row), Branch.Change, cancellation);
        }
    }

    private async Task FillAsync(AdoptedTreasury treasury, Branch branch, CancellationToken cancellation)
    {
        var rows = db.Set<TreasuryAddress>().Where(a => a.DescriptorId == treasury.Id && a.Branch == branch);
        var used = await rows.Where(a => a.IsUsed).MaxAsync(a => (int?)a.Index, cancellation) ?? -1;
        await FillAsync(treasury, branch, used + options.Value.LookAhead, cancellation);
    }

    private async Task FillAsync(AdoptedTreasury treasury, Branch branch, int last, CancellationToken cancellation)
    {
        var known = await db.Set<TreasuryAddress>().Where(a => a.DescriptorId == treasury.Id && a.Branch == branch).MaxAsync(a => (int?)a.Index, cancellation) ?? -1;
        if (known >= last) return;

        var word = branch.ToString();
        await using var transaction = await db.JoinTransactionAsync(cancellation);
        foreach (var script in treasury.Descriptor.DeriveRange(branch, (uint)(known + 1), last - known))
        {
            // Two replicas may fill at once; both SQLite and PostgreSQL know this clause.
            await db.Database.ExecuteSqlAsync(
                $"insert into treasury_addresses (descriptor_id, branch, \"index\", script, is_used) values ({treasury.Id}, {word}, {(int)script.Index}, {script.ScriptPubKey.ToBytes()}, {false}) on conflict do nothing",
                cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }

    private IQueryable<TreasuryAddress> Unused(int descriptorId, Branch branch) =>
        db.Set<TreasuryAddress>().Where(a => a.DescriptorId == descriptorId && a.Branch == branch && !a.IsUsed);
}
