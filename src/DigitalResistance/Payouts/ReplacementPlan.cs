using DigitalResistance.Platform;
using DigitalResistance.Treasury;
using NBitcoin;

namespace DigitalResistance.Payouts;

/// <summary>
/// Which coins a replacement spends and what it costs: all coins that the batch still holds, so that the chain can confirm only one of its
/// versions, and as few more as the higher fee needs. Pure.
/// </summary>
internal static class ReplacementPlan
{
    // BIP-125 rules 3 and 4, and the higher rate that nodes ask for besides: what a replacement adds, in satoshi per 1,000 vbytes.
    private const long IncrementSatsPerKvb = 1000;

    /// <summary>
    /// Whether a newer version keeps every older one out of the chain: each must spend a coin that decides, one that the newer version spends too, or one that is gone
    /// for good, so that the older version can never be mined itself.
    /// </summary>
    public static bool ExcludesAll(IEnumerable<IEnumerable<OutPoint>> versions, IReadOnlySet<OutPoint> decisive) => versions.All(inputs => inputs.Any(decisive.Contains));

    /// <summary>Chooses. <paramref name="dearest"/> is what the network may hold already; null where nothing of the batch ever left the server.</summary>
    public static SelectionResult Create(IReadOnlyCollection<SelectableCoin> held, IReadOnlyCollection<SelectableCoin> free, SelectionRequest request, Cost? dearest)
    {
        request = request with { Rate = Raise(request, held, dearest) };
        var basis = held.Select(coin => new Weighed(coin, request)).ToArray();
        var more = free.Select(coin => new Weighed(coin, request)).Where(w => w.Effective > 0).OrderByDescending(w => w.Effective).ThenBy(w => w.Coin.Id)
            .Take(Math.Max(0, request.MaxInputs - basis.Length)).ToArray();
        for (var added = 0; added <= more.Length; added++)
        {
            var chosen = CoinSelection.Settle("Replace", [.. basis, .. more[..added]], request);
            if (chosen is not null && (dearest is null || chosen.Fee >= dearest.Fee + Increment(chosen.Weight))) return chosen;
        }

        return new SelectionResult.NotEnough(
            Needed: request.Target + request.Rate.FeeFor(request.FixedWeight),
            Available: new Sats(basis.Concat(more).Sum(w => w.Effective) / SelectionRequest.Scale));
    }

    private static VByteRate Raise(SelectionRequest request, IReadOnlyCollection<SelectableCoin> held, Cost? dearest)
    {
        if (dearest is null) return request.Rate;
        var weight = request.WeightOf(held.Count, held.Sum(coin => (long)coin.Weight)) + request.Change.OutputWeight;
        var byFee = new VByteRate(((dearest.Fee + Increment(weight)).Value * 1000 + VByteRate.VBytes(weight) - 1) / VByteRate.VBytes(weight));
        var byRate = new VByteRate(dearest.Rate.SatsPerKvb + IncrementSatsPerKvb);
        return new[] { request.Rate, byFee, byRate }.Max();
    }

    private static Sats Increment(long weight) => new VByteRate(IncrementSatsPerKvb).FeeFor(weight);
}

/// <summary>What a transaction costs.</summary>
/// <param name="Fee">Its fee.</param>
/// <param name="Rate">Its fee rate.</param>
public sealed record Cost(Sats Fee, VByteRate Rate);
