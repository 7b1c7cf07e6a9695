using DigitalResistance.Data;
using DigitalResistance.Ledger;
using DigitalResistance.Rounds;
using DigitalResistance.Transparency;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;

namespace DigitalResistance.Payouts;

/// <summary>
/// Builds the transactions of an approved round, as many as the confirmed coins allow. Each is written down whole, with its ledger entry,
/// in one save, before anybody can see it; of two who build at once one wins.
/// </summary>
public sealed class BatchBuilding(
    MoneyDb db, TreasuryWallet wallet, AddressBook addresses, FeeRates rates, LedgerSeals seals, PaymentLock paymentLock, SigningLimits signing, TimeProvider time)
{
    private readonly SpendableCoins _coins = new(db, wallet);

    /// <summary>Whether a round is at a point where payments may be built.</summary>
    public static bool MayBuild(RoundState state) => RoundPayments.MayBuild(state);

    /// <summary>What building now would cost, with nothing changed: <see cref="BuildResult.Outlook"/>, or why it cannot be built.</summary>
    public async Task<BuildResult> LookAsync(int round, int targetBlocks, CancellationToken cancellation)
    {
        var (ready, refusal) = await PrepareAsync(round, targetBlocks, cancellation);
        if (ready is null) return refusal!;
        var (paid, fee) = BatchPlan.Total(ready.Plans);
        return new BuildResult.Outlook(ready.Plans.Count, ready.Missing, ready.Payments.Batches, paid, fee, ready.Rate, ready.Plans.Select(p => p.Problem).FirstOrDefault(p => p is not null), ready.Waiting);
    }

    /// <summary>Builds: <see cref="BuildResult.Built"/>, or any other case; batches built before a later one failed stay built.</summary>
    public async Task<BuildResult> BuildAsync(int round, int targetBlocks, Guid treasurer, CancellationToken cancellation)
    {
        var (ready, refusal) = await PrepareAsync(round, targetBlocks, cancellation);
        if (ready is null) return refusal!;
        if (ready.Plans.FirstOrDefault(p => p.Problem is not null) is { } dear) return new BuildResult.FeeRefused(dear.Batch.Number, dear.Problem!);
        if (ready.Plans.Count == 0) return ready.Waiting is { } waiting ? new BuildResult.NotEnough(waiting.Needed, waiting.Available) : new BuildResult.NothingToBuild();

        var versions = await db.AnnouncedVersionsAsync(PaymentOrder.Round(round), cancellation);
        foreach (var plan in ready.Plans)
        {
            await WriteAsync(ready, plan, versions.GetValueOrDefault(plan.Batch.Number) + 1, treasurer, cancellation);
            if (await db.TrySaveAsync(cancellation) != SaveOutcome.Saved) return new BuildResult.ChangedMeanwhile();
            // What is stored is not compared again at each of the saves that follow.
            foreach (var stored in db.ChangeTracker.Entries().Where(e => e.Entity is not Round).ToArray()) stored.State = EntityState.Detached;
        }

        return new BuildResult.Built([.. ready.Plans.Select(p => p.Batch.Number)], ready.Missing - ready.Plans.Count);
    }

    private async Task<(Ready? Ready, BuildResult? Refusal)> PrepareAsync(int number, int targetBlocks, CancellationToken cancellation)
    {
        if (await wallet.FindAsync(cancellation) is not { } treasury) return (null, new BuildResult.NoTreasury());
        var (payments, fault) = await RoundPayments.ReadAsync(db, number, treasury, cancellation);
        if (payments is null) return (null, new BuildResult.OrderRefused(fault!.Value));
        if (await paymentLock.FindAsync(cancellation) is { } locked) return (null, new BuildResult.Locked(locked));
        if (await db.ForeignSpends().AnyAsync(cancellation)) return (null, new BuildResult.SpentElsewhere());

        var proofs = await db.Set<LedgerEntry>().Where(e => e.RoundNumber == number && (e.Type == "approval" || e.Type == "round.approved")).Select(e => e.Id).ToListAsync(cancellation);
        if (proofs.Count == 0 || await seals.CoverAsync(proofs, cancellation) is not { } checkpoint) return (null, new BuildResult.NotPublishedYet());

        var limits = await signing.FindAsync(cancellation);
        var planned = PayoutPlan.Create(payments.Payments, payments.Batches, limits);
        if (planned is not PlanResult.Planned plan) return (null, new BuildResult.PlanRefused(planned));
        var built = await db.Set<Batch>().Where(b => b.RoundNumber == number).Select(b => b.Number).ToListAsync(cancellation);
        var missing = plan.Batches.Where(b => !built.Contains(b.Number)).ToArray();

        VByteRate rate;
        try
        {
            rate = await rates.ChooseAsync(targetBlocks, payments.Round.MaxFeeRate, cancellation);
        }
        catch (ChainUnavailableException)
        {
            return (null, new BuildResult.ChainAway());
        }

        var fees = payments.Fees(await db.FeesOfOthersAsync(PaymentOrder.Round(number), batchId: null, cancellation));
        var (plans, waiting) = await PlanAsync(missing, treasury, rate, fees, limits, cancellation);
        if (await db.OverDayAsync(BatchPlan.Total(plans).Paid, time.GetUtcNow(), limits, cancellation) is { } over) return (null, over);
        return (new Ready(treasury, payments, checkpoint, rate, plans, missing.Length, waiting), null);
    }

    // A coin whose previous transaction is too large for the devices beside the others waits for a transaction that has room for it.
    private async Task<(IReadOnlyList<BatchPlan> Plans, SelectionResult.NotEnough? Waiting)> PlanAsync(
        IReadOnlyCollection<PlannedBatch> batches, AdoptedTreasury treasury, VByteRate rate, RoundFees fees, PayoutOptions limits, CancellationToken cancellation)
    {
        var purses = await _coins.FreeAsync(cancellation);
        while (true)
        {
            var (plans, waiting) = BatchPlan.Create(batches, purses, treasury.Descriptor, rate, fees, limits);
            SelectableCoin? heavy = null;
            foreach (var plan in plans) heavy ??= await _coins.TooHeavyAsync(plan.Coins.Coins, plan.Batch.Payments.Count, limits.MaxPsbtBytes, cancellation);
            if (heavy is not { } without) return (plans, waiting);
            purses = [.. purses.Select(purse => purse.Without(without))];
        }
    }

    private async Task WriteAsync(Ready ready, BatchPlan plan, int version, Guid treasurer, CancellationToken cancellation)
    {
        var round = ready.Payments.Round;
        var batch = new Batch { RoundNumber = round.Number, Number = plan.Batch.Number, CheckpointSize = ready.Checkpoint.Size };
        db.Add(batch);
        db.AddRange(plan.Batch.Payments.Select(p => new Payout { Id = p.PayoutId, RoundNumber = round.Number, Token = p.Token, Amount = p.Amount, Script = p.Script.ToBytes() }));
        db.AddRange(plan.Batch.Payments.Select(p => new BatchPayment { BatchId = batch.Id, PayoutId = p.PayoutId }));
        db.AddRange(plan.Coins.Coins.Select(coin => new BatchInput { BatchId = batch.Id, CoinId = coin.Id }));
        await new BatchVersion(db, addresses, _coins, ready.Treasury, time)
            .WriteAsync(batch, version, plan.Batch.Payments, plan.Coins, changeAddress: null, OpReturnCommitment.Of(ready.Checkpoint), treasurer, cancellation);
        if (round.State == RoundState.Approved) round.State = RoundState.Building;
        // Raised even where the state stays: whoever steps the round back or builds at the same moment must start over.
        round.Version++;
    }

    private sealed record Ready(
        AdoptedTreasury Treasury, RoundPayments Payments, Checkpoint Checkpoint, VByteRate Rate, IReadOnlyList<BatchPlan> Plans, int Missing, SelectionResult.NotEnough? Waiting);
}
