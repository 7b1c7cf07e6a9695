using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Rounds;
using DigitalResistance.Scoring;
using DigitalResistance.Staff;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Payouts;

/// <summary>
/// Books a transaction that was not built here once enough admins gave the same reason for it. Until then nothing is built: somebody who
/// moves the treasury's coins past this product is a mishap or a thief, and people must say which. The last approval, the booking and the
/// ledger's entry are one save.
/// </summary>
public sealed partial class ForeignSpendBooking(MoneyDb db, Policy policy, IOptions<BitcoinOptions> options, TimeProvider time, ILogger<ForeignSpendBooking> log)
{
    private const int Attempts = 20;

    /// <summary>So many admins must give the same reason; whoever gives it first is never enough.</summary>
    public int ApprovalsNeeded => StaffQuorum.Full(policy);

    /// <summary>So deep must the transaction be.</summary>
    public int DepthNeeded => Math.Max(options.Value.FinalConfirmations, options.Value.Confirmations);

    /// <summary>What an admin looks at; null where there is no such transaction.</summary>
    public async Task<ForeignSpendView?> FindAsync(string txid, CancellationToken cancellation)
    {
        if (await ForeignSpendFacts.ReadAsync(db, txid, cancellation) is not { } facts) return null;
        var booked = await db.Set<ForeignSpend>().AsNoTracking().Where(s => s.Txid == txid && s.IsBooked).Select(s => s.Reason).SingleOrDefaultAsync(cancellation);
        var approvals = await CountingAsync(facts, cancellation);
        return new ForeignSpendView(facts, booked, [.. approvals.GroupBy(a => a.Reason).OrderBy(g => g.Key).Select(g => new ReasonTally(g.Key, g.Count()))]);
    }

    /// <summary>Takes the approval of a signed-in admin. The caller has just verified a second factor; <paramref name="block"/> is the one that was shown.</summary>
    public async Task<ForeignSpendResult> ApproveAsync(string txid, string block, ForeignSpendReason reason, Guid admin, CancellationToken cancellation)
    {
        // Admins at once all count: whose save came second counts again and saves again.
        for (var attempt = 1; ; attempt++)
        {
            var result = await TryApproveAsync(txid, block, reason, admin, cancellation);
            if (result is not null) return result;
            if (attempt == Attempts) throw new InvalidOperationException($"The foreign spend {txid} kept changing while an approval was added {Attempts} times.");
        }
    }

    private async Task<ForeignSpendResult?> TryApproveAsync(string txid, string block, ForeignSpendReason reason, Guid admin, CancellationToken cancellation)
    {
        // Tracked and read first: whatever else is read belongs to this version or is thrown away.
        var spend = await db.Set<ForeignSpend>().SingleOrDefaultAsync(s => s.Txid == txid, cancellation);
        var (facts, refusal) = await CheckAsync(spend, txid, block, admin, cancellation);
        if (facts is null)
        {
            db.ChangeTracker.Clear();
            return refusal;
        }

        var now = time.GetUtcNow();
        if (spend is null) db.Add(spend = new ForeignSpend { Txid = txid });
        var mine = await db.Set<ForeignSpendApproval>().SingleOrDefaultAsync(a => a.Txid == txid && a.Block == block && a.AdminId == admin, cancellation);
        var isNew = mine?.Reason != reason;
        if (mine is null) db.Add(new ForeignSpendApproval { Txid = txid, Block = block, AdminId = admin, Reason = reason, At = now });
        else if (isNew) (mine.Reason, mine.At) = (reason, now);

        var have = (await CountingAsync(facts, cancellation)).Count(a => a.Reason == reason && a.AdminId != admin) + 1;
        if (have >= ApprovalsNeeded) Book(spend, facts, reason, have, now);
        else if (!isNew) return new ForeignSpendResult.AlreadyCounted(have, ApprovalsNeeded);
        spend.Version++;
        if (await db.TrySaveAsync(cancellation) != SaveOutcome.Saved) return null;
        if (!spend.IsBooked) return new ForeignSpendResult.Counted(have, ApprovalsNeeded);
        LogBooked(txid, facts.Height, Words.Snake(reason));
        return new ForeignSpendResult.Booked();
    }

    private async Task<(ForeignSpendFacts? Facts, ForeignSpendResult? Refusal)> CheckAsync(ForeignSpend? spend, string txid, string block, Guid admin, CancellationToken cancellation)
    {
        if (!(await AdminRole.MembersAsync(db, cancellation)).Contains(admin)) return (null, new ForeignSpendResult.NotAnAdmin());
        // Also where only the log says so yet, because the database was restored.
        if (spend is { IsBooked: true } || await db.Set<ToldFact>().AnyAsync(f => f.Txid == txid, cancellation)) return (null, new ForeignSpendResult.AlreadyBooked());
        if (await ForeignSpendFacts.ReadAsync(db, txid, cancellation) is not { } facts) return (null, new ForeignSpendResult.NotFound());
        if (facts.Block != block) return (null, new ForeignSpendResult.BlockChanged());
        if (facts.IsPublishedPayment) return (null, new ForeignSpendResult.PublishedPayment());
        // The same coins may be booked as spent in a branch that lost: that is taken back first.
        if (await db.ForeignSpendsGone().AnyAsync(cancellation)) return (null, new ForeignSpendResult.BlockChanged());
        // A coin that the books do not count yet cannot leave them.
        return facts.Depth < DepthNeeded || facts.Coins.Any(c => !c.IsBooked) ? (null, new ForeignSpendResult.NotDeepEnough(facts.Depth, DepthNeeded)) : (facts, null);
    }

    private void Book(ForeignSpend spend, ForeignSpendFacts facts, ForeignSpendReason reason, int admins, DateTimeOffset now)
    {
        (spend.IsBooked, spend.Reason, spend.Height, spend.Spent, spend.Returned) = (true, reason, facts.Height, facts.Spent, facts.Back);
        var inputs = facts.Coins.Select(c => CoinEntry.Outpoint(c.Txid, c.Vout)).ToArray();
        db.Append(new TreasurySpentExternal(facts.Spent, facts.Back, facts.Txid, facts.Height, inputs, Words.Snake(reason), admins), now);
    }

    // Of those who are admins now, about the block that holds it now.
    private async Task<List<ForeignSpendApproval>> CountingAsync(ForeignSpendFacts facts, CancellationToken cancellation)
    {
        var admins = await AdminRole.MembersAsync(db, cancellation);
        var given = await db.Set<ForeignSpendApproval>().AsNoTracking().Where(a => a.Txid == facts.Txid && a.Block == facts.Block).ToListAsync(cancellation);
        return given.FindAll(a => admins.Contains(a.AdminId));
    }

    [LoggerMessage(1, LogLevel.Warning, "The foreign spend {Txid} at height {Height} is booked as {Reason}")]
    private partial void LogBooked(string txid, int height, string reason);
}

/// <summary>A foreign spend as admins see it.</summary>
/// <param name="Facts">What the chain shows.</param>
/// <param name="Booked">The reason it is booked for; null before.</param>
/// <param name="Tallies">How many admins gave which reason.</param>
public sealed record ForeignSpendView(ForeignSpendFacts Facts, ForeignSpendReason? Booked, IReadOnlyList<ReasonTally> Tallies);

/// <summary>So many admins gave this reason.</summary>
public sealed record ReasonTally(ForeignSpendReason Reason, int Admins);
