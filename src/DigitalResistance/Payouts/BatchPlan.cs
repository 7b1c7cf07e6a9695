using DigitalResistance.Platform;
using DigitalResistance.Treasury;

namespace DigitalResistance.Payouts;

/// <summary>
/// What one transaction would look like: payments, coins, fee, change. Made the same way for the outlook that a treasurer is shown and for
/// the batch that is then built.
/// </summary>
/// <param name="Batch">Its number and payments.</param>
/// <param name="Coins">What it spends and what comes back.</param>
/// <param name="Problem">The fee rule it breaks; null where it breaks none.</param>
internal sealed record BatchPlan(PlannedBatch Batch, SelectionResult.Chosen Coins, FeeProblem? Problem)
{
    /// <summary>
    /// Plans batches one after the other, each with coins that the ones before left. Ends early with the reason where coins run out; that
    /// is no fault, the next ones wait until change is confirmed.
    /// </summary>
    public static (IReadOnlyList<BatchPlan> Plans, SelectionResult.NotEnough? Waiting) Create(
        IReadOnlyCollection<PlannedBatch> batches, IEnumerable<Purse> purses, Descriptor descriptor, VByteRate rate, RoundFees round, PayoutOptions limits)
    {
        // The first purse that pays the most: usually that of the treasury in force, and all.
        var tried = purses.Select(purse => Create(batches, purse.Coins, descriptor, rate, round, limits)).ToList();
        return tried.MaxBy(result => result.Plans.Count);
    }

    private static (IReadOnlyList<BatchPlan> Plans, SelectionResult.NotEnough? Waiting) Create(
        IReadOnlyCollection<PlannedBatch> batches, IReadOnlyCollection<SelectableCoin> coins, Descriptor descriptor, VByteRate rate, RoundFees round, PayoutOptions limits)
    {
        var (plans, free) = (new List<BatchPlan>(), coins);
        foreach (var batch in batches)
        {
            var selected = CoinSelection.Select(free, RequestFor(batch.Payments, descriptor, rate, round, limits));
            if (selected is SelectionResult.NotEnough waiting) return (plans, waiting);

            var chosen = (SelectionResult.Chosen)selected;
            plans.Add(new BatchPlan(batch, chosen, FeeRules.Check(chosen.Fee, chosen.Weight, batch.Total, round, limits)));
            round = round with { Spent = round.Spent + chosen.Fee };
            var taken = chosen.Coins.Select(coin => coin.Id).ToHashSet();
            free = [.. free.Where(coin => !taken.Contains(coin.Id))];
        }

        return (plans, null);
    }

    /// <summary>What one transaction must pay, and within which limits.</summary>
    public static SelectionRequest RequestFor(IReadOnlyList<PlannedPayment> payments, Descriptor descriptor, VByteRate rate, RoundFees round, PayoutOptions limits) => new(
        Sats.Sum(payments.Select(payment => payment.Amount)), PayoutTransaction.FixedWeight(payments), rate,
        MaxRate: VByteRate.PerVByte(Math.Min(round.MaxRate.SatsPerKvb / 1000, limits.MaxFeeRateSatPerVByte)),
        LongTermRate: VByteRate.PerVByte(limits.LongTermFeeRateSatPerVByte),
        PayoutTransaction.ChangeOf(descriptor), limits.InputsPerBatch, limits.MaxWeight);

    /// <summary>What the payments and their fees sum to.</summary>
    public static (Sats Paid, Sats Fee) Total(IEnumerable<BatchPlan> plans) =>
        plans.Aggregate((Paid: Sats.Zero, Fee: Sats.Zero), (sum, plan) => (sum.Paid + plan.Batch.Total, sum.Fee + plan.Coins.Fee));
}
