using DigitalResistance.Data;
using DigitalResistance.Platform;
using DigitalResistance.Treasury;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using NBitcoin;

namespace DigitalResistance.Payouts;

/// <summary>
/// Builds a newer version of a batch that does not confirm: the same payments and the same commitment at a higher fee, or past a coin that
/// somebody else spent for good. It shares a coin with every version that could still be mined, so that the chain itself allows only one of
/// them; the older ones stay known for ever, and whichever is mined is right.
/// </summary>
public sealed class BatchReplacing(MoneyDb db, TreasuryWallet wallet, AddressBook addresses, FeeRates rates, PaymentLock paymentLock, SigningLimits signing, IOptions<BitcoinOptions> bitcoin, TimeProvider time)
{
    private readonly SpendableCoins _coins = new(db, wallet);

    /// <summary>What replacing now would cost, with nothing changed: <see cref="ReplaceResult.Outlook"/>, or why it cannot be done.</summary>
    public async Task<ReplaceResult> LookAsync(Guid batchId, int targetBlocks, CancellationToken cancellation)
    {
        var (ready, refusal) = await PrepareAsync(batchId, targetBlocks, cancellation);
        return ready is null ? refusal! : new ReplaceResult.Outlook(ready.Newest.Number, ready.CostNow, ready.CostThen, ready.Chosen.Coins.Count - ready.Held, ready.Problem);
    }

    /// <summary>Replaces version <paramref name="seen"/>, the newest one that the treasurer looked at: <see cref="ReplaceResult.Built"/>, or any other case but an outlook.</summary>
    public async Task<ReplaceResult> ReplaceAsync(Guid batchId, int seen, int targetBlocks, Guid treasurer, CancellationToken cancellation)
    {
        var (ready, refusal) = await PrepareAsync(batchId, targetBlocks, cancellation);
        if (ready is null) return refusal!;
        if (ready.Newest.Number != seen) return new ReplaceResult.ChangedMeanwhile();
        if (ready.Problem is { } problem) return new ReplaceResult.FeeRefused(problem);

        var (batch, old) = (ready.Batch, PSBT.Load(ready.Newest.Psbt, wallet.Network).GetGlobalTransaction());
        var version = await new BatchVersion(db, addresses, _coins, ready.Treasury, time)
            .WriteAsync(batch, (await db.AnnouncedVersionsAsync(batch.Order, cancellation)).GetValueOrDefault(batch.Number) + 1, ready.Payments, ready.Chosen, await ChangeOfAsync(ready, cancellation), CommitmentOf(old), treasurer, cancellation);
        await ThrowUnlessPaidAlikeAsync(ready, old, version, cancellation);

        var known = await db.Set<BatchInput>().Where(i => i.BatchId == batch.Id).Select(i => i.CoinId).ToListAsync(cancellation);
        db.AddRange(ready.Chosen.Coins.Select(coin => coin.Id).Except(known).Select(id => new BatchInput { BatchId = batch.Id, CoinId = id }));
        batch.State = BatchState.Built;
        batch.Version++;
        return await db.TrySaveAsync(cancellation) == SaveOutcome.Saved ? new ReplaceResult.Built(version.Number) : new ReplaceResult.ChangedMeanwhile();
    }

    private async Task<(Ready? Ready, ReplaceResult? Refusal)> PrepareAsync(Guid batchId, int targetBlocks, CancellationToken cancellation)
    {
        if (await db.Set<Batch>().SingleOrDefaultAsync(b => b.Id == batchId, cancellation) is not { } batch) return (null, new ReplaceResult.NotFound());
        if (await wallet.FindAsync(cancellation) is not { } treasury) return (null, new ReplaceResult.NoTreasury());
        var versions = await db.Set<BatchTransaction>().Where(t => t.BatchId == batchId).OrderBy(t => t.Number).ToListAsync(cancellation);
        var txids = versions.ConvertAll(v => v.Txid);
        if (await db.Set<TreasuryTransaction>().AnyAsync(t => t.Height != null && txids.Contains(t.Txid), cancellation)) return (null, new ReplaceResult.InBlock());
        if (await paymentLock.FindAsync(cancellation) is { } locked) return (null, new ReplaceResult.Locked(locked));
        if (await db.ForeignSpends().AnyAsync(cancellation)) return (null, new ReplaceResult.SpentElsewhere());
        var (payments, fault) = await ApprovedPayments.ReadAsync(db, wallet, treasury, batch, cancellation);
        if (payments is null) return (null, new ReplaceResult.OrderRefused(fault!.Value));

        var held = await _coins.HeldByAsync(batchId, cancellation);
        if (!await ExcludesAllAsync(batchId, versions, held, cancellation)) return (null, new ReplaceResult.CoinsUnsettled());

        VByteRate rate;
        try
        {
            rate = await rates.ChooseAsync(targetBlocks, payments.MaxFeeRate, cancellation);
        }
        catch (ChainUnavailableException)
        {
            return (null, new ReplaceResult.ChainAway());
        }

        var newest = versions[^1];
        var limits = await signing.FindAsync(cancellation);
        var request = BatchPlan.RequestFor(payments.Payments, payments.Treasury.Descriptor, rate, payments.Fees, limits);
        // What never left the server cannot be in anybody's mempool, and may as well become cheaper.
        var dearest = batch.ExportedAt is null ? null : new Cost(versions.Max(v => v.Fee), versions.Max(v => VByteRate.Of(v.Fee, v.Weight)));
        return await ChooseAsync(held, request, dearest, payments.Payments.Count, limits, cancellation) switch
        {
            // Without payments and without change there would be nothing but a fee.
            SelectionResult.Chosen { Change: null } when payments.Payments.Count == 0 => (null, new ReplaceResult.NotEnough(request.Rate.FeeFor(newest.Weight), newest.InputSum)),
            SelectionResult.Chosen chosen => (new Ready(batch, payments.Treasury, newest, payments.Payments, held.Count, chosen, ProblemOf(chosen, newest, payments, limits)), null),
            SelectionResult.NotEnough missing => (null, new ReplaceResult.NotEnough(missing.Needed, missing.Available)),
            var other => throw new InvalidOperationException($"A selection ended as {other}."),
        };
    }

    private static FeeProblem? ProblemOf(SelectionResult.Chosen chosen, BatchTransaction newest, ApprovedPayments payments, PayoutOptions limits) =>
        FeeRules.Check(chosen.Fee, chosen.Weight, ApprovedPayments.Worth(newest.Paid, Sats.Sum(chosen.Coins.Select(c => c.Amount)), chosen.Fee), payments.Fees, limits);

    // Of the coins that join, one whose previous transaction is too large for the devices beside the others is left out.
    private async Task<SelectionResult> ChooseAsync(
        IReadOnlyList<SelectableCoin> held, SelectionRequest request, Cost? dearest, int payments, PayoutOptions limits, CancellationToken cancellation)
    {
        var free = (await _coins.FreeBesideAsync(held, cancellation)).ToList();
        while (true)
        {
            var result = ReplacementPlan.Create(held, free, request, dearest);
            if (result is not SelectionResult.Chosen chosen || await _coins.TooHeavyAsync(chosen.Coins, payments, limits.MaxPsbtBytes, cancellation) is null) return result;
            var joined = chosen.Coins.Where(coin => !held.Contains(coin)).ToList();
            // What the batch holds it must spend, whatever that weighs.
            if (await _coins.TooHeavyAsync(joined, payments: 0, mostBytes: 0, cancellation) is not { } heavy) return result;
            free.Remove(heavy);
        }
    }

    // Every version must share a coin with the new one, or have lost a coin for good, so that it can never be mined itself.
    private async Task<bool> ExcludesAllAsync(Guid batchId, IEnumerable<BatchTransaction> versions, IReadOnlyList<SelectableCoin> held, CancellationToken cancellation)
    {
        var final = await db.Set<ChainBlock>().MaxAsync(b => (int?)b.Height, cancellation) - bitcoin.Value.FinalConfirmations + 1;
        var ids = held.Select(coin => coin.Id).ToArray();
        var decisive = await db.Set<TreasuryCoin>()
            .Where(c => ids.Contains(c.Id) || ((c.SpentHeight <= final || c.IsLost) && db.Set<BatchInput>().Any(i => i.CoinId == c.Id && i.BatchId == batchId)))
            .Select(c => new { c.Txid, c.Vout }).ToListAsync(cancellation);
        var outpoints = decisive.Select(c => new OutPoint(uint256.Parse(c.Txid), c.Vout)).ToHashSet();
        return ReplacementPlan.ExcludesAll(versions.Select(v => PSBT.Load(v.Psbt, wallet.Network).GetGlobalTransaction().Inputs.Select(input => input.PrevOut)), outpoints);
    }

    private async Task<TreasuryAddress?> ChangeOfAsync(Ready ready, CancellationToken cancellation) =>
        await db.Set<TreasuryAddress>().SingleOrDefaultAsync(a => a.Id == ready.Newest.ChangeAddressId && a.DescriptorId == ready.Treasury.Id, cancellation);

    private static byte[] CommitmentOf(Transaction version) =>
        version.Outputs.Select(output => TxNullDataTemplate.Instance.ExtractScriptPubKeyParameters(output.ScriptPubKey)).Single(data => data is not null)![0];

    // The last line of defence against a mistake of ours: everything but change is exactly what the predecessor pays.
    private async Task ThrowUnlessPaidAlikeAsync(Ready ready, Transaction old, BatchTransaction version, CancellationToken cancellation)
    {
        var change = await db.Set<TreasuryAddress>().Where(a => a.Id == ready.Newest.ChangeAddressId || a.Id == version.ChangeAddressId).Select(a => a.Script).ToListAsync(cancellation);
        string[] Kept(Transaction transaction) =>
            [.. transaction.Outputs.Where(o => !change.Exists(script => script.AsSpan().SequenceEqual(o.ScriptPubKey.ToBytes()))).Select(o => $"{o.Value.Satoshi} {o.ScriptPubKey.ToHex()}")];
        if (!Kept(old).SequenceEqual(Kept(PSBT.Load(version.Psbt, wallet.Network).GetGlobalTransaction())))
        {
            throw new InvalidOperationException($"The replacement of batch {ready.Batch.Number} of {ready.Batch.Order} would not pay what it replaces.");
        }
    }

    private sealed record Ready(
        Batch Batch, AdoptedTreasury Treasury, BatchTransaction Newest, IReadOnlyList<PlannedPayment> Payments, int Held, SelectionResult.Chosen Chosen, FeeProblem? Problem)
    {
        public Cost CostNow => new(Newest.Fee, VByteRate.Of(Newest.Fee, Newest.Weight));

        public Cost CostThen => new(Chosen.Fee, VByteRate.Of(Chosen.Fee, Chosen.Weight));
    }
}
