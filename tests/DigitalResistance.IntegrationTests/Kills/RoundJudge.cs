using DigitalResistance.Ledger;
using DigitalResistance.Payouts;
using DigitalResistance.Rounds;
using DigitalResistance.Testing.Payouts;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.IntegrationTests.Kills;

/// <summary>What must be true after every round, whatever was killed: read from the database, the published log and the node, each of which knows nothing of the others here.</summary>
internal sealed class RoundJudge(KillWorld world)
{
    /// <summary>What one donor gives, in satoshi: two rounds' worth.</summary>
    public const long Gift = 4_000_000;

    private static readonly string[] OnceEach = ["round.opened", "round.frozen", "round.allocated", "round.approved", "round.closed"];

    /// <summary>The last round that was judged.</summary>
    public int Judged { get; private set; }

    /// <summary>How often somebody gave.</summary>
    public int Gifts { get; private set; }

    public async Task GiveAsync(string address)
    {
        await world.Node.FundAsync(address, Gift);
        Gifts++;
        await world.Node.MineAsync(3);
    }

    /// <summary>Whether somebody must give before the next round.</summary>
    public bool Needs => Gifts <= Judged;

    /// <summary>Fails with the first thing that is not as it must be; returns whether the round paid anybody.</summary>
    public async Task<bool> JudgeAsync(int round)
    {
        await using var db = world.Open();
        var grants = await db.Set<Grant>().AsNoTracking().ToListAsync();
        foreach (var mine in grants.Where(g => g.Paid.Value > 0).GroupBy(g => g.Address!))
            Assert.Equal((mine.Key, mine.Sum(g => g.Paid.Value)), (mine.Key, await world.Node.HeldAsync(PayoutWorld.Script(mine.Key).ToHex())));

        var scripts = (await db.Set<TreasuryAddress>().Select(a => a.Script).ToListAsync()).Select(Convert.ToHexStringLower).ToArray();
        var head = await db.Set<LedgerHead>().AsNoTracking().SingleAsync();
        Assert.Equal(await world.Node.HeldAsync(scripts), head.Balance.Value);
        Assert.Equal(Gifts * Gift, head.Received.Value);
        Assert.Equal(grants.Sum(g => g.Paid.Value), head.Paid.Value);

        var entries = await db.Set<LedgerEntry>().AsNoTracking().Select(e => new { e.Index, e.Type, e.RoundNumber }).ToListAsync();
        Assert.Equal(Enumerable.Range(0, entries.Count).Select(i => (long?)i), entries.Select(e => e.Index).Order());
        var types = entries.Where(e => e.RoundNumber == round).Select(e => e.Type).CountBy(t => t).ToDictionary();
        int Count(string type) => types.GetValueOrDefault(type);
        Assert.All(OnceEach, type => Assert.Equal((type, 1), (type, Count(type))));
        Assert.Equal(2, Count("approval"));
        var recipients = grants.Count(g => g.RoundNumber == round && g.Paid.Value > 0);
        Assert.Equal(recipients > 0 ? 1 : 0, Count("tx.confirmed") - Count("tx.unconfirmed"));
        var versions = await db.Set<BatchTransaction>().CountAsync(t => db.Set<Batch>().Any(b => b.Id == t.BatchId && b.RoundNumber == round));
        Assert.Equal((versions, Math.Max(0, versions - 1)), (Count("psbt.created"), Count("tx.replaced")));
        Assert.Equal(recipients, await db.Set<Payout>().CountAsync(p => p.RoundNumber == round && p.PaidTxid != null));
        Judged = round;
        return recipients > 0;
    }
}
