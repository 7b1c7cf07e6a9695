using DigitalResistance.Ledger;
using DigitalResistance.Moves;
using DigitalResistance.Payouts;
using DigitalResistance.Platform;
using DigitalResistance.Rounds;
using DigitalResistance.Testing.Treasury;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using NBitcoin;

namespace DigitalResistance.Testing.Payouts;

/// <summary>
/// The life of a treasury from its adoption to a closed round, as people and passes live it: donations, coins moved past the product and booked, a payment built, signed,
/// replaced, mined, lost in a reorganisation and mined again, and at last new keys to which everything goes over. Told so that whoever comes back after a crash looks at how things are and goes on.
/// </summary>
internal sealed class TreasuryStory : IAsyncDisposable
{
    private const int LongestTale = 150;

    private readonly PayoutWorld _first;
    private readonly Outages _outages;
    private readonly string[] _receipts = [DonationOpening.NewToken(), DonationOpening.NewToken()];
    private PayoutWorld _now;
    private static readonly string NewKeys = TestTreasuries.TwoOfThree.Replace("sortedmulti(2,", "sortedmulti(3,", StringComparison.Ordinal);

    private MovesWorld? _people;
    private (Guid Batch, int Version, byte[] Psbt)? _held;
    private string? _foreign;
    private bool _paid;
    private bool _approved;
    private bool _reorganized;
    private int _presses;

    private TreasuryStory(PayoutWorld first, Outages outages) => (_first, _now, _outages) = (first, first, outages);

    /// <summary>How often the process was started again.</summary>
    public int Restarts { get; private set; }

    public static async Task<TreasuryStory> BeginAsync(Outages outages)
    {
        outages.Disarm();
        var story = new TreasuryStory(new PayoutWorld(TreasuryWorld.On(await MoneyDatabase.CreateAsync(outages.Interceptors))), outages);
        story._first.World.Faults.Outages = outages;
        story._people = await MovesWorld.OfAsync(story._first);
        outages.Disarm();
        return story;
    }

    /// <summary>Tells it to its end; <paramref name="again"/> says at which call after a restart the next process goes down too, null for never.</summary>
    public async Task TellAsync(Func<int?> again)
    {
        for (var step = 0; step < LongestTale; step++)
        {
            try
            {
                if (!await StepAsync()) return;
            }
            catch (Exception exception) when (OutageException.Explains(exception))
            {
                // What the people at their pages, and the scheduler, do about it: look again.
            }

            if (_outages.IsDead) await RestartAsync(again());
        }

        throw new InvalidOperationException($"After {LongestTale} steps the story is still at: {await _outages.UnseenAsync(LookAsync)}.");
    }

    /// <summary>Everybody was paid once, every fact was written once, and the books equal the chain.</summary>
    public async Task CheckAsync()
    {
        _outages.Disarm();
        var types = await _first.World.LedgerTypesAsync();
        int Net(string type, string reverted) => types.Count(t => t == type) - types.Count(t => t == reverted);
        Assert.Equal(2, Net("tx.confirmed", "tx.unconfirmed"));
        Assert.Equal(2, Net("donation.confirmed", "donation.reverted"));
        Assert.Equal(1, Net("treasury.spent_external", "treasury.spent_reverted"));
        Assert.Single(types, type => type == "round.closed");
        Assert.Equal((2, 1, 1), (types.Count(type => type == "treasury.rotated"), types.Count(type => type == "move.approved"), types.Count(type => type == "move.closed")));
        Assert.Equal(2, types.Count(type => type == "move.approval"));
        Assert.Equal(3, types.Count(type => type == "psbt.created"));
        Assert.Equal(3, types.Count(type => type == "tx.broadcast"));
        Assert.Single(types, type => type == "tx.replaced");

        var received = await _first.ReceivedAsync();
        var payouts = await _first.World.Read(db => db.Set<Payout>().ToListAsync());
        Assert.Equal(3, payouts.Count);
        Assert.All(payouts, payout => Assert.Equal(payout.Amount.Value, received[Convert.ToHexStringLower(payout.Script)]));
        Assert.Equal(await _first.HoldsAsync(), await _first.BalanceAsync());
        Assert.All(await _people!.CoinsAsync(), coin => Assert.Equal(TestTreasuries.Parse(NewKeys).Sha256, coin.Treasury));
        await _first.OneLogAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _outages.Disarm();
        if (_now != _first) await _now.DisposeAsync();
        await _first.DisposeAsync();
    }

    private async Task RestartAsync(int? next)
    {
        Restarts++;
        if (_now != _first) await _now.DisposeAsync();
        _now = _first.Join();
        _now.World.Faults.Outages = _outages;
        // Whoever held the file in the memory of the old process downloads it again.
        _held = null;
        if (next is { } at) _outages.Arm(at, Outage.KilledAfter);
        else _outages.Disarm();
    }

    // One thing that somebody does, or a turn of everything that runs by itself where everybody waits. False at the end.
    private async Task<bool> StepAsync()
    {
        var at = await _outages.UnseenAsync(LookAsync);
        switch (at)
        {
            case { HasTreasury: false }:
                await Do((TreasuryAdoption act) => act.AdoptAsync(TestTreasuries.TwoOfThree, null, default));
                return true;
            case { Receipts: < 2 }:
                await Do((DonationOpening act) => act.OpenAsync(_receipts[at.Receipts], default));
                return true;
            case { Booked: < 2 } when !_paid:
                await _outages.UnseenAsync(PayAsync);
                return true;
            case { Booked: 2 } when _foreign is null:
                await _outages.UnseenAsync(MoveCoinsAsync);
                return true;
            case { IsForeignBooked: false } when _foreign is not null:
                return await BookAsync();
            case { IsForeignBooked: true } when !_approved:
                await _outages.UnseenAsync(ApproveAsync);
                return true;
            case { Batch: null } when _approved:
                if (await _now.BuildAsync(1) is not BuildResult.Built) await _now.TurnAsync();
                return true;
            case { Round: RoundState.Closed, Move: MoveState.Closed, Unpublished: 0 }:
                return false;
            case { Round: RoundState.Closed }:
                await RotateAsync(at);
                return true;
            default:
                await PayoutAsync(at);
                return true;
        }
    }

    private async Task PayoutAsync(Standing at)
    {
        switch (at)
        {
            case { Batch: BatchState.Built }:
            case { Batch: BatchState.Exported or BatchState.PartlySigned } when (_held?.Batch, _held?.Version) != (at.BatchId, at.Version):
                if (await Do((BatchExport act) => act.DownloadAsync(at.BatchId, default)) is ExportResult.Ready ready) _held = (at.BatchId, at.Version, ready.Psbt);
                else await _now.TurnAsync();
                break;
            case { Batch: BatchState.Exported }:
                await _now.UploadAsync(at.BatchId, PayoutWorld.Sign(_held!.Value.Psbt, 0));
                break;
            case { Batch: BatchState.PartlySigned }:
                await _now.UploadAsync(at.BatchId, PayoutWorld.Sign(_held!.Value.Psbt, 2));
                break;
            case { Batch: BatchState.Broadcast, Version: 1, IsWaiting: true, Move: null }:
                await Do((BatchReplacing act) => act.ReplaceAsync(at.BatchId, 1, 2, PayoutWorld.Treasurer, default));
                break;
            case { Batch: BatchState.Broadcast, IsWaiting: true }:
                _first.World.Chain.Mine(2);
                break;
            case { Batch: BatchState.Confirmed } when !_reorganized:
                _reorganized = true;
                _first.World.Chain.Reorganize(depth: 2, forget: _ => true);
                break;
            case { Batch: BatchState.Confirmed }:
                _first.World.Chain.Mine();
                await _now.TurnAsync();
                break;
            default:
                await _now.TurnAsync();
                break;
        }
    }

    // Alice proposes and signs by her key, Boris approves signed in, as the standard policy wants it.
    private async Task RotateAsync(Standing at)
    {
        var people = new MovesWorld(_now, _people!.Alice, _people.Boris, _people.Key);
        switch (at)
        {
            case { Move: null }:
                await people.RotateAsync(NewKeys);
                break;
            case { Move: MoveState.Proposed }:
                _first.World.Time.Advance(TimeSpan.FromDays(30));
                await people.ApproveAsync(_presses++ % 2 == 0 ? _people.Alice : _people.Boris);
                break;
            case { Move: MoveState.Approved }:
                if (await people.BuildAsync() is not BuildResult.Built) await _now.TurnAsync();
                break;
            default:
                await PayoutAsync(at);
                break;
        }
    }

    private async Task<bool> PayAsync()
    {
        foreach (var (token, amount) in _receipts.Zip([1_000_000L, 2_000_000L])) _first.World.Chain.Pay(PayoutWorld.Script((await _first.World.ReceiptAsync(token))!.Address), new Sats(amount));
        _first.World.Chain.Mine(2);
        return _paid = true;
    }

    private async Task<bool> MoveCoinsAsync()
    {
        var final = await _first.World.Read(db => PayoutWorld.ForeignAsync(db));
        await _first.World.Chain.SendAsync(final, default);
        _first.World.Chain.Mine(4);
        _foreign = final.GetHash().ToString();
        return true;
    }

    private async Task<bool> BookAsync()
    {
        var result = await _now.ExplainAsync(_foreign!, ForeignSpendReason.RunningCosts, _presses++ % 2 == 0 ? _people!.Alice : _people!.Boris);
        if (result is ForeignSpendResult.NotFound or ForeignSpendResult.NotDeepEnough) await _now.TurnAsync();
        return true;
    }

    private async Task<bool> ApproveAsync()
    {
        var facts = (await _first.World.Do((ITreasuryFacts facts) => facts.ReadAsync(default)))!;
        await _first.World.Read(db => PayoutWorld.ApproveAsync(db, facts, _first.World.Time.GetUtcNow(), 1, 200_000, 50, PayoutWorld.Address, 500_000, 400_000, 300_000));
        return _approved = true;
    }

    private async Task<Standing> LookAsync()
    {
        var (receipts, foreign) = (_receipts.Select(Donation.Hash).ToArray(), _foreign);
        var standing = await _first.World.Read(async db =>
        {
            // The round's, and then the rotation's.
            var move = await db.Set<Move>().Select(m => (MoveState?)m.State).SingleOrDefaultAsync();
            var batch = await db.Set<Batch>().AsNoTracking().SingleOrDefaultAsync(b => b.MoveNumber != null) ?? await db.Set<Batch>().AsNoTracking().SingleOrDefaultAsync();
            var id = batch?.Id ?? Guid.Empty;
            var version = await db.Set<BatchTransaction>().AsNoTracking().Where(t => t.BatchId == id).OrderByDescending(t => t.Number).FirstOrDefaultAsync();
            return new Standing(
                await db.Set<TreasuryDescriptor>().AnyAsync(), await db.Set<Donation>().CountAsync(d => receipts.Contains(d.TokenHash)),
                await db.Set<TreasuryCoin>().CountAsync(c => c.IsBooked && c.Origin == CoinOrigin.Donation), await db.Set<ForeignSpend>().AnyAsync(s => s.Txid == foreign && s.IsBooked),
                await db.Set<Round>().Select(r => (RoundState?)r.State).SingleOrDefaultAsync(), move, id, batch?.State, version?.Number ?? 0, version?.Txid,
                await db.Set<LedgerEntry>().CountAsync() - (await db.Set<LedgerHead>().Select(h => (long?)h.Published).SingleOrDefaultAsync() ?? 0), false);
        });
        return standing.Txid is null ? standing : standing with { IsWaiting = await _first.World.Chain.IsWaitingAsync(uint256.Parse(standing.Txid), default) };
    }

    private Task<T> Do<TService, T>(Func<TService, Task<T>> act) where TService : notnull => _now.World.Do(act);

    private sealed record Standing(
        bool HasTreasury, int Receipts, int Booked, bool IsForeignBooked, RoundState? Round, MoveState? Move, Guid BatchId, BatchState? Batch, int Version, string? Txid, long Unpublished, bool IsWaiting);
}
