namespace DigitalResistance.Payouts;

/// <summary>
/// Which coins a consolidation or a rotation brings together, one transaction after the other. Pure. What lies with older keys goes first,
/// all of it; then, where that is asked for, the smallest coins of the keys in force. Coins that cost more than they hold stay.
/// </summary>
internal static class SweepPlan
{
    /// <summary>Plans at most so many transactions, each of one treasury's coins and with one output.</summary>
    /// <param name="purses">Free coins by treasury, the one in force first.</param>
    /// <param name="ofThisToo">Whether coins of the treasury in force are brought together as well.</param>
    /// <param name="batches">Most transactions.</param>
    /// <param name="request">Rate and limits; it pays nobody.</param>
    public static IReadOnlyList<SelectionResult.Chosen> Create(IReadOnlyList<Purse> purses, bool ofThisToo, int batches, SelectionRequest request)
    {
        var older = purses.Skip(1).Reverse().SelectMany(purse => Sets(purse, request, least: 1));
        var sets = ofThisToo ? older.Concat(Sets(purses[0], request, least: 2)) : older;
        return [.. sets.Take(batches).Select(set => CoinSelection.Settle("Sweep", set, request)).OfType<SelectionResult.Chosen>().Where(chosen => chosen.Change is not null)];
    }

    private static IEnumerable<Weighed[]> Sets(Purse purse, SelectionRequest request, int least)
    {
        var useful = purse.Coins.Select(coin => new Weighed(coin, request)).Where(w => w.Effective > 0).OrderBy(w => w.Coin.Amount).ThenBy(w => w.Coin.Id).ToList();
        while (useful.Count >= least)
        {
            var (taken, weight) = (0, (long)request.FixedWeight + request.Change.OutputWeight + 8);
            while (taken < useful.Count && taken < request.MaxInputs && weight + useful[taken].Coin.Weight <= request.MaxWeight) weight += useful[taken++].Coin.Weight;
            if (taken < least) yield break;
            yield return [.. useful.Take(taken)];
            useful.RemoveRange(0, taken);
        }
    }
}
