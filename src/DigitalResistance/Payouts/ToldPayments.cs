using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Platform;
using DigitalResistance.Transparency;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Payouts;

/// <summary>
/// Payments and foreign spends of which the public log knows more than a restored database: what was sent is not told to be sent again, and what
/// was booked is booked again when the chain shows it in the same block, or taken back in the log where it shows otherwise.
/// </summary>
public sealed class ToldPayments(MoneyDb db, TimeProvider time) : IReadmissionHearer
{
    private static readonly string[] OfPayments = ["tx.confirmed", "tx.unconfirmed"];
    private static readonly string[] OfForeigners = ["treasury.spent_external", "treasury.spent_reverted"];

    /// <inheritdoc/>
    public async Task HearAsync(IReadOnlyList<CanonicalObject> entries, CancellationToken cancellation)
    {
        foreach (var entry in entries.Where(e => e.Text("type") == "tx.broadcast")) await HearSentAsync(entry, cancellation);
        foreach (var entry in LastOf(entries, OfPayments)) await HearBookedAsync(entry, cancellation);
        foreach (var entry in LastOf(entries, OfForeigners)) await HearForeignAsync(entry, cancellation);
    }

    /// <summary>Settles what the chain decides without a payment's rows. Gives the number of facts that are settled.</summary>
    public async Task<int> SettleAsync(CancellationToken cancellation)
    {
        var facts = await db.Set<ToldFact>().Where(f => f.Vout < 0).ToListAsync(cancellation);
        var (unread, settled) = (facts.Exists(f => f.Type == ToldFact.ChainUnread), 0);
        foreach (var fact in facts.Where(f => f.Type != ToldFact.ChainUnread))
        {
            var height = await db.Set<TreasuryTransaction>().Where(t => t.Txid == fact.Txid).Select(t => t.Height).SingleOrDefaultAsync(cancellation);
            if (!await SettleAsync(fact, height, unread, cancellation)) continue;
            db.Remove(fact);
            // Lost to another process: it did the same.
            if (await db.TrySaveAsync(cancellation) == SaveOutcome.Saved) settled++;
        }

        db.ChangeTracker.Clear();
        return settled;
    }

    /// <summary>
    /// A version of a batch is about to be booked: whether the log told so before, in this block. What it told otherwise of this batch is taken back
    /// within the same save.
    /// </summary>
    internal static async Task<bool> TakeOverAsync(MoneyDb db, Batch batch, string txid, string block, DateTimeOffset now, CancellationToken cancellation)
    {
        var told = false;
        foreach (var fact in await db.Set<ToldFact>().Where(f => f.Type == "tx.confirmed").ToListAsync(cancellation))
        {
            var entry = fact.Read();
            if (NameOf(entry) is var name && (name.Order, name.Batch) != (batch.Order, batch.Number)) continue;
            db.Remove(fact);
            if (fact.Txid == txid && entry.Text("block") == block) told = true;
            else db.Append(Unconfirmed(entry), now);
        }

        return told;
    }

    private async Task<bool> SettleAsync(ToldFact fact, int? height, bool unread, CancellationToken cancellation)
    {
        var entry = fact.Read();
        if (fact.Type == "tx.confirmed")
        {
            // While the chain shows it, its batch takes it over as soon as it is imported.
            if (height is not null || unread) return false;
            db.Append(Unconfirmed(entry), time.GetUtcNow());
            return true;
        }

        if (height == entry.Integer("height"))
        {
            var spend = await db.Set<ForeignSpend>().SingleOrDefaultAsync(s => s.Txid == fact.Txid, cancellation) ?? db.Add(new ForeignSpend { Txid = fact.Txid }).Entity;
            (spend.IsBooked, spend.Reason, spend.Height) = (true, ReasonOf(entry), height.Value);
            (spend.Spent, spend.Returned, spend.Version) = (new Sats(entry.Integer("spent_sat")), new Sats(entry.Integer("returned_sat")), spend.Version + 1);
            return true;
        }

        // In another block, or in none: admins approve it anew.
        if (height is null && unread) return false;
        db.Append(new TreasurySpentReverted(new Sats(entry.Integer("spent_sat")), new Sats(entry.Integer("returned_sat")), fact.Txid), time.GetUtcNow());
        return true;
    }

    private async Task HearSentAsync(CanonicalObject entry, CancellationToken cancellation)
    {
        var txid = entry.Text("txid");
        if (await db.Set<BatchTransaction>().SingleOrDefaultAsync(t => t.Txid == txid, cancellation) is not { BroadcastAt: null } version) return;
        version.BroadcastAt = TimeOf(entry);
        var batch = await db.Set<Batch>().SingleAsync(b => b.Id == version.BatchId, cancellation);
        if (batch.State == BatchState.Signed) batch.State = BatchState.Broadcast;
        batch.Version++;
        await db.SaveChangesAsync(cancellation);
    }

    private async Task HearBookedAsync(CanonicalObject entry, CancellationToken cancellation)
    {
        var txid = entry.Text("txid");
        var batch = await db.Set<Batch>().SingleOrDefaultAsync(b => b.State == BatchState.Confirmed && b.BookedTxid == txid, cancellation);
        if (batch is not null)
        {
            // Whatever the rows say is older than the log: the chain books it anew.
            await BatchConfirmation.UnbookAsync(db, batch, cancellation);
            batch.Version++;
        }

        await KeepAsync(entry, entry.Text("type") == "tx.confirmed", cancellation);
    }

    private async Task HearForeignAsync(CanonicalObject entry, CancellationToken cancellation)
    {
        var txid = entry.Text("txid");
        if (await db.Set<ForeignSpend>().SingleOrDefaultAsync(s => s.Txid == txid && s.IsBooked, cancellation) is { } spend) (spend.IsBooked, spend.Version) = (false, spend.Version + 1);
        await KeepAsync(entry, entry.Text("type") == "treasury.spent_external", cancellation);
    }

    private async Task KeepAsync(CanonicalObject entry, bool isTold, CancellationToken cancellation)
    {
        var txid = entry.Text("txid");
        await db.Set<ToldFact>().Where(f => f.Txid == txid && f.Vout < 0).ExecuteDeleteAsync(cancellation);
        if (isTold) db.Add(ToldFact.Of(entry));
        await db.SaveChangesAsync(cancellation);
    }

    private static IEnumerable<CanonicalObject> LastOf(IEnumerable<CanonicalObject> entries, string[] types) =>
        entries.Where(e => types.Contains(e.Text("type"))).GroupBy(e => e.Text("txid"), StringComparer.Ordinal).Select(g => g.Last());

    private static TxUnconfirmed Unconfirmed(CanonicalObject entry) => new(NameOf(entry), new Sats(entry.Integer("paid_sat")), new Sats(entry.Integer("fee_sat")));

    private static ForeignSpendReason ReasonOf(CanonicalObject entry) => Enum.GetValues<ForeignSpendReason>().Single(reason => Words.Snake(reason) == entry.Text("reason"));

    internal static BatchTransactionName NameOf(CanonicalObject entry) =>
        new(entry.Has("move") ? PaymentOrder.Move((int)entry.Integer("move")) : PaymentOrder.Round((int)entry.Integer("round")), (int)entry.Integer("batch"), (int)entry.Integer("version"), entry.Text("txid"));

    internal static DateTimeOffset TimeOf(CanonicalObject entry) => entry.Instant("time");
}
