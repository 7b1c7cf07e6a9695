using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Transparency;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Treasury;

/// <summary>
/// Coins of which the public log knows more than a restored database. The chain is read again from where the backup ended, and decides: a coin it
/// shows is booked without telling the log a second time, one that it no longer has is taken back in the log.
/// </summary>
public sealed class ToldCoins(MoneyDb db, AddressBook addresses, TimeProvider time) : IReadmissionHearer
{
    private static readonly string[] Booking = ["donation.confirmed", "treasury.received"];
    private const string Lost = "treasury.coin_lost";
    private static readonly string[] TakingBack = ["donation.reverted", "treasury.reverted"];

    /// <inheritdoc/>
    public async Task HearAsync(IReadOnlyList<CanonicalObject> entries, CancellationToken cancellation)
    {
        var last = new Dictionary<(string Txid, int Vout), CanonicalObject>();
        foreach (var entry in entries.Where(e => Booking.Contains(e.Text("type")) || TakingBack.Contains(e.Text("type")))) last[(entry.Text("txid"), (int)entry.Integer("vout"))] = entry;
        foreach (var ((txid, vout), entry) in last)
        {
            // Whatever the row says is older than the log: the chain books it anew.
            await db.Set<TreasuryCoin>().Where(c => c.Txid == txid && c.Vout == vout && c.IsBooked)
                .ExecuteUpdateAsync(set => set.SetProperty(c => c.IsBooked, false).SetProperty(c => c.Version, c => c.Version + 1), cancellation);
            await db.Set<ToldFact>().Where(f => f.Txid == txid && f.Vout == vout).ExecuteDeleteAsync(cancellation);
            if (Booking.Contains(entry.Text("type"))) db.Add(ToldFact.Of(entry));
        }

        // Only the last that was said of a coin: it may have come back after all, and be lost once more.
        foreach (var entry in entries.Where(e => e.Text("type") == Lost || Booking.Contains(e.Text("type"))).GroupBy(e => (e.Text("txid"), (int)e.Integer("vout"))).Select(g => g.Last()))
        {
            var (txid, vout, isLost) = (entry.Text("txid"), (int)entry.Integer("vout"), entry.Text("type") == Lost);
            await db.Set<TreasuryCoin>().Where(c => c.Txid == txid && c.Vout == vout)
                .ExecuteUpdateAsync(set => set.SetProperty(c => c.IsLost, isLost).SetProperty(c => c.Version, c => c.Version + 1), cancellation);
        }

        await db.SaveChangesAsync(cancellation);
        int Told(int branch) => entries.Where(e => Booking.Contains(e.Text("type")) && (e.Has("branch") ? e.Integer("branch") : 0) == branch)
            .Select(e => (int)e.Integer("address_index")).DefaultIfEmpty(-1).Max();
        await addresses.LeaveBehindAsync(Told(0), Told(1), cancellation);
    }

    /// <summary>Settles what the whole chain up to its tip does not show. Gives the number of facts that are settled.</summary>
    public async Task<int> SettleAsync(ChainTip tip, CancellationToken cancellation)
    {
        var facts = await db.Set<ToldFact>().Where(f => f.Type == ToldFact.ChainUnread || Booking.Contains(f.Type)).ToListAsync(cancellation);
        if (facts.Count == 0 || !await db.Set<ChainBlock>().AnyAsync(b => b.Height >= tip.Height, cancellation)) return 0;
        foreach (var fact in facts)
        {
            // One that the chain shows waits until it is deep enough.
            if (await db.Set<TreasuryCoin>().AnyAsync(c => c.Txid == fact.Txid && c.Vout == fact.Vout && c.Height != null, cancellation)) continue;
            if (fact.Type != ToldFact.ChainUnread) db.Append(Reverted(fact), time.GetUtcNow());
            db.Remove(fact);
        }

        // Lost to another process: it did the same.
        var settled = db.ChangeTracker.Entries<ToldFact>().Count(e => e.State == EntityState.Deleted);
        if (settled > 0 && await db.TrySaveAsync(cancellation) != SaveOutcome.Saved) settled = 0;
        db.ChangeTracker.Clear();
        return settled;
    }

    /// <summary>What takes back the booking that a fact tells.</summary>
    internal static Entry Reverted(ToldFact fact)
    {
        var amount = new Sats(fact.Read().Integer("amount_sat"));
        return fact.Type == "donation.confirmed" ? new DonationReverted(amount, fact.Txid, fact.Vout) : new TreasuryReverted(amount, fact.Txid, fact.Vout);
    }

    /// <summary>Why a coin came, as the log last booked it; null where it never did.</summary>
    internal static async Task<CoinOrigin?> LastOriginAsync(MoneyDb db, string txid, int vout, CancellationToken cancellation)
    {
        var told = await (
            from line in db.Set<LedgerLine>()
            where line.Txid == txid && Booking.Contains(line.Type)
            join entry in db.Set<LedgerEntry>() on (long?)line.Index equals entry.Index
            orderby line.Index descending
            select entry.Bytes).ToListAsync(cancellation);
        return told.Select(bytes => CanonicalObject.Parse(bytes)).Where(e => e.Integer("vout") == vout)
            .Select(e => (CoinOrigin?)(e.Text("type") == "donation.confirmed" ? CoinOrigin.Donation : CoinOrigin.Deposit)).FirstOrDefault();
    }

    /// <summary>Why a coin came, as the log told it; null where it tells nothing of it that the tables do not know.</summary>
    internal static async Task<CoinOrigin?> OriginAsync(MoneyDb db, string txid, int vout, CancellationToken cancellation) =>
        await db.Set<ToldFact>().Where(f => f.Txid == txid && f.Vout == vout).Select(f => f.Type).SingleOrDefaultAsync(cancellation) switch
        {
            "donation.confirmed" => CoinOrigin.Donation,
            "treasury.received" => CoinOrigin.Deposit,
            _ => null,
        };
}
