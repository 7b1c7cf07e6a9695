using DigitalResistance.Platform;
using DigitalResistance.Treasury;

namespace DigitalResistance.Payouts;

/// <summary>
/// Chooses which confirmed coins pay for one transaction: a changeless set by branch and bound where there is one, otherwise the
/// least wasteful of several simple sets. Pure: the same coins and the same request give the same answer, whatever their order.
/// </summary>
public static class CoinSelection
{
    /// <summary>Chooses coins, or says what is missing.</summary>
    public static SelectionResult Select(IEnumerable<SelectableCoin> coins, SelectionRequest request)
    {
        // Coins that cost more to spend than they hold only make the transaction dearer.
        var useful = coins.Select(coin => new Weighed(coin, request)).Where(w => w.Effective > 0)
            .OrderByDescending(w => w.Effective).ThenBy(w => w.Coin.Id).ToArray();

        var best = CoinStrategies.All
            .Select(strategy => (Name: strategy.Method.Name, Set: strategy(useful, request)))
            .Where(tried => tried.Set is not null)
            .Select(tried => Settle(tried.Name, tried.Set!, request))
            .Where(set => set is not null)
            .MinBy(set => (set!.Waste, set.Coins.Count));

        return best ?? (SelectionResult)new SelectionResult.NotEnough(
            Needed: request.Target + request.Rate.FeeFor(request.FixedWeight),
            Available: MostThatFits(useful, request));
    }

    /// <summary>
    /// Turns a set of coins into a transaction's sums: change where it is worth an output, otherwise the excess is fee. Null where the set
    /// does not pay or is too large, so that no strategy can talk the caller into either.
    /// </summary>
    internal static SelectionResult.Chosen? Settle(string strategy, IReadOnlyList<Weighed> set, SelectionRequest request)
    {
        var weight = request.WeightOf(set.Count, set.Sum(w => (long)w.Coin.Weight));
        var total = Sats.Sum(set.Select(w => w.Coin.Amount));
        var excess = total - request.Target - request.Rate.FeeFor(weight);
        if (set.Count == 0 || set.Count > request.MaxInputs || excess < Sats.Zero) return null;

        var withChange = weight + request.Change.OutputWeight;
        var change = total - request.Target - request.Rate.FeeFor(withChange);
        var keepsChange = change >= request.SmallestChange;
        if ((keepsChange ? withChange : weight) > request.MaxWeight) return null;
        if (!keepsChange && total - request.Target > request.MaxRate.FeeFor(weight)) return null;

        // Bitcoin Core's waste metric: what spending these inputs now costs above spending them at a normal rate, plus the cost of change or the excess given away.
        var timing = set.Sum(w => (long)w.Coin.Weight) * (request.Rate.SatsPerKvb - request.LongTermRate.SatsPerKvb);
        var ending = keepsChange ? request.CostOfChange : excess.Value * SelectionRequest.Scale;
        var coins = set.Select(w => w.Coin).OrderBy(coin => coin.Id).ToArray();
        return keepsChange
            ? new SelectionResult.Chosen(strategy, coins, total - request.Target - change, change, withChange, timing + ending)
            : new SelectionResult.Chosen(strategy, coins, total - request.Target, Change: null, weight, timing + ending);
    }

    private static Sats MostThatFits(Weighed[] descending, SelectionRequest request)
    {
        var (sum, weight) = (0L, (long)request.FixedWeight);
        foreach (var coin in descending.Take(request.MaxInputs))
        {
            if ((weight += coin.Coin.Weight) > request.MaxWeight) break;
            sum += coin.Effective;
        }

        return new Sats(sum / SelectionRequest.Scale);
    }
}

/// <summary>A confirmed coin that may be spent.</summary>
/// <param name="Id">The coin's row; decides between equals, so that the answer does not depend on the order of the input.</param>
/// <param name="Amount">What it holds.</param>
/// <param name="Weight">Weight units that spending it adds, witness included.</param>
public readonly record struct SelectableCoin(long Id, Sats Amount, int Weight);

/// <summary>The change output this treasury would make.</summary>
/// <param name="OutputWeight">Weight of the output itself.</param>
/// <param name="SpendWeight">Weight of spending it one day.</param>
/// <param name="Dust">Least amount that nodes relay for its script.</param>
public sealed record ChangeShape(int OutputWeight, int SpendWeight, Sats Dust);

/// <summary>What one transaction must pay and under which limits.</summary>
/// <param name="Target">Sum of the payment outputs.</param>
/// <param name="FixedWeight">Weight of everything but inputs and change.</param>
/// <param name="Rate">Fee rate now.</param>
/// <param name="MaxRate">Rate that the fee must not exceed even where the excess of a changeless set goes into it.</param>
/// <param name="LongTermRate">Fee rate of an ordinary day: above it few inputs are chosen, below it many.</param>
/// <param name="Change">Shape of the change output.</param>
/// <param name="MaxInputs">Most inputs that the weakest signing device can hold.</param>
/// <param name="MaxWeight">Most weight units of the signed transaction.</param>
public sealed record SelectionRequest(
    Sats Target, int FixedWeight, VByteRate Rate, VByteRate MaxRate, VByteRate LongTermRate, ChangeShape Change, int MaxInputs, int MaxWeight)
{
    /// <summary>Weight units × sat/kvB are counted in 1/4000 satoshi, so that the cost of one input is exact.</summary>
    internal const long Scale = 4000;

    // Rounding up to whole vbytes and satoshi costs at most this much more than the exact sum, and 253 inputs need a longer count.
    internal long Needed => checked((Target.Value * Scale) + (Rate.SatsPerKvb * (FixedWeight + 3 + (MaxInputs >= 253 ? 8 : 0))) + Scale - 1);

    /// <summary>An output now and an input later.</summary>
    internal long CostOfChange => (Change.OutputWeight * Rate.SatsPerKvb) + (Change.SpendWeight * LongTermRate.SatsPerKvb);

    /// <summary>Less would be dust, or would cost more to spend than it holds.</summary>
    internal Sats SmallestChange =>
        new(Math.Max(Change.Dust.Value, LongTermRate.FeeFor(Change.SpendWeight).Value));

    /// <summary>Above this excess a change output is made, so that a changeless set must stay within it.</summary>
    internal long LargestExcess => (Change.OutputWeight * Rate.SatsPerKvb) + (SmallestChange.Value * Scale);

    internal long WeightOf(int inputs, long inputsWeight) => FixedWeight + inputsWeight + (inputs >= 253 ? 8 : 0);
}

/// <summary>How a selection can end.</summary>
public abstract record SelectionResult
{
    private SelectionResult()
    {
    }

    /// <summary>These coins pay.</summary>
    /// <param name="Strategy">Which strategy found them.</param>
    /// <param name="Coins">The coins, by id.</param>
    /// <param name="Fee">What the transaction pays to miners.</param>
    /// <param name="Change">What comes back; null for a changeless transaction. Never dust.</param>
    /// <param name="Weight">Weight of the signed transaction, at most one vbyte per input too large.</param>
    /// <param name="Waste">The metric that was minimised, in 1/4000 satoshi.</param>
    public sealed record Chosen(string Strategy, IReadOnlyList<SelectableCoin> Coins, Sats Fee, Sats? Change, long Weight, long Waste) : SelectionResult;

    /// <summary>The confirmed coins that fit into one transaction do not pay for it.</summary>
    /// <param name="Needed">Payments and the fee of everything but inputs.</param>
    /// <param name="Available">The most that fits, after what spending it costs.</param>
    public sealed record NotEnough(Sats Needed, Sats Available) : SelectionResult;
}

/// <summary>A coin with what it is worth after paying for its own input, in 1/4000 satoshi.</summary>
internal readonly record struct Weighed(SelectableCoin Coin, long Effective)
{
    public Weighed(SelectableCoin coin, SelectionRequest request)
        : this(coin, checked((coin.Amount.Value * SelectionRequest.Scale) - (coin.Weight * request.Rate.SatsPerKvb)))
    {
    }
}
