using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Moves;
using DigitalResistance.Platform;
using DigitalResistance.Transparency;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;

namespace DigitalResistance.Payouts;

/// <summary>
/// Builds the transactions of an approved move, all at once and once only: what does not fit into them is another move. From here on they are
/// batches as a round's are.
/// </summary>
public sealed class MoveBuilding(
    MoneyDb db, TreasuryWallet wallet, AddressBook addresses, FeeRates rates, LedgerSeals seals, IOptions<PayoutOptions> options, IOptions<MoveOptions> limits, PaymentLock paymentLock, SigningLimits signing, TimeProvider time)
{
    private readonly SpendableCoins _coins = new(db, wallet);

    /// <summary>What building now would do, with nothing changed: <see cref="BuildResult.MoveOutlook"/>, or why it cannot be built.</summary>
    public async Task<BuildResult> LookAsync(int move, int targetBlocks, CancellationToken cancellation)
    {
        var (ready, refusal) = await PrepareAsync(move, targetBlocks, cancellation);
        return ready is null ? refusal! : new BuildResult.MoveOutlook(
            ready.Plans.Count, ready.Plans.Sum(p => p.Coins.Count), Sats.Sum(ready.Plans.Select(p => p.Change ?? Sats.Zero)), ready.Payments.Move.Paid, Sats.Sum(ready.Plans.Select(p => p.Fee)), ready.Rate, ready.Problem);
    }

    /// <summary>Builds: <see cref="BuildResult.Built"/>, or any other case, having built nothing.</summary>
    public async Task<BuildResult> BuildAsync(int move, int targetBlocks, Guid treasurer, CancellationToken cancellation)
    {
        var (ready, refusal) = await PrepareAsync(move, targetBlocks, cancellation);
        if (ready is null) return refusal!;
        if (ready.Problem is { } dear) return new BuildResult.FeeRefused(1, dear);

        var versions = await db.AnnouncedVersionsAsync(PaymentOrder.Move(move), cancellation);
        for (var i = 0; i < ready.Plans.Count; i++)
        {
            var (batch, chosen) = (new Batch { MoveNumber = move, Number = i + 1, CheckpointSize = ready.Checkpoint.Size }, ready.Plans[i]);
            db.Add(batch);
            db.AddRange(chosen.Coins.Select(coin => new BatchInput { BatchId = batch.Id, CoinId = coin.Id }));
            await new BatchVersion(db, addresses, _coins, ready.Payments.Target, time)
                .WriteAsync(batch, versions.GetValueOrDefault(batch.Number) + 1, ready.Payments.Payments, chosen, changeAddress: null, OpReturnCommitment.Of(ready.Checkpoint), treasurer, cancellation);
        }

        ready.Payments.Move.State = MoveState.Built;
        ready.Payments.Move.Version++;
        return await db.TrySaveAsync(cancellation) == SaveOutcome.Saved ? new BuildResult.Built([.. Enumerable.Range(1, ready.Plans.Count)], 0) : new BuildResult.ChangedMeanwhile();
    }

    private async Task<(Ready? Ready, BuildResult? Refusal)> PrepareAsync(int number, int targetBlocks, CancellationToken cancellation)
    {
        if (await wallet.FindAsync(cancellation) is not { } treasury) return (null, new BuildResult.NoTreasury());
        var (payments, fault) = await MovePayments.ReadAsync(db, wallet, number, cancellation);
        if (payments is null) return (null, new BuildResult.OrderRefused(fault!.Value));
        if (await paymentLock.FindAsync(cancellation) is { } locked) return (null, new BuildResult.Locked(locked));
        if (payments.Move.State != MoveState.Approved) return (null, new BuildResult.NothingToBuild());
        // Another rotation came between: what was approved would bring the money to keys that were left.
        if (payments.Target.Id != treasury.Id) return (null, new BuildResult.OrderRefused(OrderFault.OtherTreasury));
        if (await db.ForeignSpends().AnyAsync(cancellation)) return (null, new BuildResult.SpentElsewhere());

        var proofs = await db.Set<LedgerEntry>().Where(e => e.MoveNumber == number && (e.Type == "move.approval" || e.Type == "move.approved")).Select(e => e.Id).ToListAsync(cancellation);
        if (proofs.Count == 0 || await seals.CoverAsync(proofs, cancellation) is not { } checkpoint) return (null, new BuildResult.NotPublishedYet());
        if (await OverLimitAsync(payments, cancellation) is { } over) return (null, over);

        VByteRate rate;
        try
        {
            rate = await rates.ChooseAsync(targetBlocks, payments.Move.MaxFeeRate, cancellation);
        }
        catch (ChainUnavailableException)
        {
            return (null, new BuildResult.ChainAway());
        }

        var (plans, refusal) = await PlanAsync(payments, rate, cancellation);
        return plans is null ? (null, refusal) : (new Ready(payments, checkpoint, rate, plans, ProblemOf(plans, payments)), null);
    }

    private async Task<BuildResult?> OverLimitAsync(MovePayments payments, CancellationToken cancellation)
    {
        var (paid, now) = (payments.Move.Paid, time.GetUtcNow());
        var month = await db.CostsSinceAsync(now - MoveQueries.Month, cancellation) + paid;
        if (paid > Sats.Zero && month > limits.Value.MaxMonth) return new BuildResult.MonthLimit(month, limits.Value.MaxMonth);
        return await db.OverDayAsync(paid, now, options.Value, cancellation);
    }

    private async Task<(IReadOnlyList<SelectionResult.Chosen>? Plans, BuildResult? Refusal)> PlanAsync(MovePayments payments, VByteRate rate, CancellationToken cancellation)
    {
        var (purses, within) = (await _coins.FreeAsync(cancellation), await signing.FindAsync(cancellation));
        while (true)
        {
            var (plans, refusal) = payments.Move.Kind == MoveKind.Rehearsal ? Rehearse(purses[0], payments, rate, within) : Plan(purses, payments, rate, within);
            SelectableCoin? heavy = null;
            foreach (var plan in plans ?? []) heavy ??= await _coins.TooHeavyAsync(plan.Coins, payments.Payments.Count, within.MaxPsbtBytes, cancellation);
            // A coin whose previous transaction is too large for the devices beside the others is left for another move.
            if (heavy is not { } without) return (plans, refusal);
            purses = [.. purses.Select(purse => purse.Without(without))];
        }
    }

    private static (IReadOnlyList<SelectionResult.Chosen>? Plans, BuildResult? Refusal) Plan(IReadOnlyList<Purse> purses, MovePayments payments, VByteRate rate, PayoutOptions within)
    {
        var move = payments.Move;
        if (move.Kind != MoveKind.RunningCosts)
        {
            var request = BatchPlan.RequestFor([], payments.Target.Descriptor, rate, payments.Fees(Sats.Zero), within);
            var sweep = SweepPlan.Create(purses, ofThisToo: move.Kind == MoveKind.Consolidation, move.Batches, request);
            return sweep.Count > 0 ? (sweep, null) : (null, new BuildResult.NothingToBuild());
        }

        var planned = PayoutPlan.Create(payments.Payments, batches: 1, within);
        if (planned is not PlanResult.Planned { Batches: var batches }) return (null, new BuildResult.PlanRefused(planned));
        var (plans, waiting) = BatchPlan.Create(batches, purses, payments.Target.Descriptor, rate, payments.Fees(Sats.Zero), within);
        return waiting is null ? ([plans[0].Coins], null) : (null, new BuildResult.NotEnough(waiting.Needed, waiting.Available));
    }

    // The smallest coin that is worth its fee; where none is, the largest, so that whoever looks is told what it would cost.
    private (IReadOnlyList<SelectionResult.Chosen>? Plans, BuildResult? Refusal) Rehearse(Purse purse, MovePayments payments, VByteRate rate, PayoutOptions within)
    {
        var request = BatchPlan.RequestFor([], payments.Target.Descriptor, rate, payments.Fees(Sats.Zero), within);
        var able = purse.Coins.OrderBy(coin => coin.Amount).ThenBy(coin => coin.Id)
            .Select(coin => CoinSelection.Settle("Rehearsal", [new Weighed(coin, request)], request)).OfType<SelectionResult.Chosen>().Where(chosen => chosen.Change is not null).ToList();
        if (able.Count == 0) return (null, new BuildResult.NothingToBuild());
        return ([able.Find(chosen => ProblemOf([chosen], payments) is null) ?? able[^1]], null);
    }

    private FeeProblem? ProblemOf(IReadOnlyList<SelectionResult.Chosen> plans, MovePayments payments)
    {
        var (paid, spent) = (payments.Move.Paid, Sats.Zero);
        foreach (var plan in plans)
        {
            var worth = ApprovedPayments.Worth(paid, Sats.Sum(plan.Coins.Select(c => c.Amount)), plan.Fee);
            if (FeeRules.Check(plan.Fee, plan.Weight, worth, payments.Fees(spent), options.Value) is { } problem) return problem;
            spent += plan.Fee;
        }

        return null;
    }

    private sealed record Ready(MovePayments Payments, Checkpoint Checkpoint, VByteRate Rate, IReadOnlyList<SelectionResult.Chosen> Plans, FeeProblem? Problem);
}
