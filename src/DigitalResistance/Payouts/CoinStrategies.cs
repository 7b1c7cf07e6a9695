namespace DigitalResistance.Payouts;

/// <summary>
/// Ways to find a set of coins. Each gets the useful coins by falling effective value and gives a set that may pay, or null;
/// <see cref="CoinSelection"/> checks every set and keeps the least wasteful.
/// </summary>
internal static class CoinStrategies
{
    /// <summary>Branch and bound gives up after this many steps, as Bitcoin Core does.</summary>
    private const int MaxSteps = 100_000;

    public delegate IReadOnlyList<Weighed>? Strategy(Weighed[] descending, SelectionRequest request);

    public static readonly IReadOnlyList<Strategy> All = [Changeless, FewestCoins, SmallestSingle, OldestFirst, SmallestFirst];

    /// <summary>
    /// A set that needs no change output: depth first over "with this coin" before "without it", cut where even all the rest would
    /// not reach the target or where the excess is too large (Murch, "An Evaluation of Coin Selection Strategies", 2016).
    /// </summary>
    private static List<Weighed>? Changeless(Weighed[] coins, SelectionRequest request)
    {
        var target = request.Needed;
        var limit = checked(target + request.LargestExcess);
        var costPerWeight = request.Rate.SatsPerKvb - request.LongTermRate.SatsPerKvb;
        var rest = coins.Sum(coin => coin.Effective);
        if (rest < target) return null;

        var (chosen, sum, waste) = (new List<int>(), 0L, 0L);
        var (best, bestWaste) = ((int[]?)null, long.MaxValue);
        for (int step = 0, index = 0; step < MaxSteps; step++)
        {
            var backtrack = sum + rest < target || sum > limit || chosen.Count > request.MaxInputs || (costPerWeight > 0 && waste > bestWaste);
            if (!backtrack && sum >= target)
            {
                var total = waste + sum - target;
                if (total < bestWaste) (best, bestWaste) = (chosen.ToArray(), total);
                backtrack = true;
            }

            if (backtrack)
            {
                if (chosen.Count == 0) break;
                // Put back what was left out since the last chosen coin, then leave that coin out too.
                for (index--; index > chosen[^1]; index--) rest += coins[index].Effective;
                sum -= coins[index].Effective;
                waste -= coins[index].Coin.Weight * costPerWeight;
                chosen.RemoveAt(chosen.Count - 1);
            }
            else
            {
                rest -= coins[index].Effective;
                // A coin equal to one just left out would only repeat the same sums.
                var repeats = index > 0 && (chosen.Count == 0 || chosen[^1] != index - 1)
                    && coins[index].Effective == coins[index - 1].Effective && coins[index].Coin.Weight == coins[index - 1].Coin.Weight;
                if (!repeats)
                {
                    chosen.Add(index);
                    sum += coins[index].Effective;
                    waste += coins[index].Coin.Weight * costPerWeight;
                }
            }

            index++;
        }

        return best is null ? null : [.. best.Select(i => coins[i])];
    }

    /// <summary>The largest coins until it is enough: the smallest transaction.</summary>
    private static List<Weighed>? FewestCoins(Weighed[] coins, SelectionRequest request) => Accumulate(coins, request);

    /// <summary>The smallest coin that pays alone: large coins stay whole for later batches.</summary>
    private static Weighed[]? SmallestSingle(Weighed[] coins, SelectionRequest request)
    {
        var enough = request.Needed + request.LargestExcess;
        var count = Array.FindIndex(coins, coin => coin.Effective < enough) is var first && first < 0 ? coins.Length : first;
        return count == 0 ? null : [coins[count - 1]];
    }

    /// <summary>The coins known longest until it is enough: no coin is left behind for ever.</summary>
    private static List<Weighed>? OldestFirst(Weighed[] coins, SelectionRequest request) => Accumulate(coins.OrderBy(c => c.Coin.Id), request);

    /// <summary>The smallest coins until it is enough: consolidates donations while fees are low.</summary>
    private static List<Weighed>? SmallestFirst(Weighed[] coins, SelectionRequest request) => Accumulate(coins.Reverse(), request);

    /// <summary>
    /// Takes coins in the order given until they pay with change; where that would be too many, the smallest taken makes room. At last
    /// it drops every coin without which the rest still pays.
    /// </summary>
    private static List<Weighed>? Accumulate(IEnumerable<Weighed> order, SelectionRequest request)
    {
        var enough = request.Needed + request.LargestExcess;
        var taken = new PriorityQueue<Weighed, long>();
        var sum = 0L;
        foreach (var coin in order)
        {
            taken.Enqueue(coin, coin.Effective);
            sum += coin.Effective;
            if (taken.Count > request.MaxInputs) sum -= taken.Dequeue().Effective;
            if (sum >= enough) break;
        }

        var set = new List<Weighed>();
        while (taken.TryDequeue(out var smallest, out _))
        {
            if (sum - smallest.Effective >= enough) sum -= smallest.Effective;
            else set.Add(smallest);
        }

        return set;
    }
}
