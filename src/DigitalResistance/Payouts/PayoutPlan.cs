using DigitalResistance.Platform;
using DigitalResistance.Treasury;
using NBitcoin;

namespace DigitalResistance.Payouts;

/// <summary>
/// Divides what a round owes into transactions. Pure and independent of the order of its input, so that every rebuild plans the same
/// batches with the same numbers: one output per payout, never split, never merged, not even where two share an address.
/// </summary>
public static class PayoutPlan
{
    /// <summary>Plans as many batches as the admins approved, or names every payment that must not be built.</summary>
    public static PlanResult Create(IEnumerable<PlannedPayment> payments, int batches, PayoutOptions limits)
    {
        var ordered = payments.OrderBy(payment => payment.Token, StringComparer.Ordinal).ToArray();
        var refused = ordered.Select(payment => (payment.Token, Problem: ProblemOf(payment, limits)))
            .Where(judged => judged.Problem is not null)
            .Select(judged => new RefusedPayment(judged.Token, judged.Problem!.Value)).ToArray();
        if (refused.Length > 0) return new PlanResult.Refused(refused);

        var planned = Divide(ordered, batches);
        if (planned.FirstOrDefault(batch => batch.Payments.Count > limits.OutputsPerBatch) is { } crowded) return new PlanResult.TooManyPayments(crowded.Number, crowded.Payments.Count, limits.OutputsPerBatch);
        return planned.FirstOrDefault(batch => batch.Total > limits.MaxBatch) is { } large
            ? new PlanResult.BatchTooLarge(large.Number, large.Total, limits.MaxBatch) : new PlanResult.Planned(planned);
    }

    /// <summary>The division alone, whatever is in it: batches as equal as can be, so that the last signing session is not a single payment.</summary>
    internal static IReadOnlyList<PlannedBatch> Divide(IEnumerable<PlannedPayment> payments, int batches)
    {
        var ordered = payments.OrderBy(payment => payment.Token, StringComparer.Ordinal).ToArray();
        return [.. Enumerable.Range(0, batches).Select(i => new PlannedBatch(i + 1, ordered[(int)((long)ordered.Length * i / batches)..(int)((long)ordered.Length * (i + 1) / batches)]))];
    }

    /// <summary>How many transactions so many recipients need.</summary>
    public static int BatchCount(int recipients, int perBatch) => (recipients + perBatch - 1) / perBatch;

    /// <summary>Whether nodes would not relay a payment because it is so small.</summary>
    internal static bool IsDust(PlannedPayment payment) => payment.Amount <= Sats.Zero || new TxOut(payment.Amount.ToMoney(), payment.Script).IsDust();

    private static PaymentProblem? ProblemOf(PlannedPayment payment, PayoutOptions limits)
    {
        if (payment.IsOurs) return PaymentProblem.PaysTheTreasury;
        if (IsDust(payment)) return PaymentProblem.Dust;
        return payment.Amount > limits.MaxPayout ? PaymentProblem.TooLarge : null;
    }
}

/// <summary>One payment to plan.</summary>
/// <param name="PayoutId">The payout.</param>
/// <param name="Token">The recipient's public name in the round.</param>
/// <param name="Amount">What is paid.</param>
/// <param name="Script">Where to.</param>
/// <param name="IsOurs">Whether the script is one of the treasury's own.</param>
public sealed record PlannedPayment(Guid PayoutId, string Token, Sats Amount, Script Script, bool IsOurs = false);

/// <summary>The payments of one transaction.</summary>
/// <param name="Number">1, 2, 3 … in the round.</param>
/// <param name="Payments">By token.</param>
public sealed record PlannedBatch(int Number, IReadOnlyList<PlannedPayment> Payments)
{
    /// <summary>What they sum to.</summary>
    public Sats Total { get; } = Sats.Sum(Payments.Select(payment => payment.Amount));
}

/// <summary>How planning can end.</summary>
public abstract record PlanResult
{
    private PlanResult()
    {
    }

    /// <summary>These batches.</summary>
    public sealed record Planned(IReadOnlyList<PlannedBatch> Batches) : PlanResult;

    /// <summary>Some payments must not be built, so none is.</summary>
    public sealed record Refused(IReadOnlyList<RefusedPayment> Payments) : PlanResult;

    /// <summary>A batch has more payments than the configuration allows by now.</summary>
    public sealed record TooManyPayments(int Number, int Count, int Limit) : PlanResult;

    /// <summary>A batch is above the configured limit.</summary>
    public sealed record BatchTooLarge(int Number, Sats Total, Sats Limit) : PlanResult;
}

/// <summary>A payment that must not be built, and why.</summary>
public sealed record RefusedPayment(string Token, PaymentProblem Problem);

/// <summary>Why a payment must not be built.</summary>
public enum PaymentProblem
{
    /// <summary>Nodes do not relay so small an output.</summary>
    Dust,

    /// <summary>Above the configured limit of a single payment.</summary>
    TooLarge,

    /// <summary>The address is the treasury's own.</summary>
    PaysTheTreasury,
}
