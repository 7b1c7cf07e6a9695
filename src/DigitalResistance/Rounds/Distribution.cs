using DigitalResistance.Platform;

namespace DigitalResistance.Rounds;

/// <summary>How a round's money is spread over its recipients: what the table and the picture of the round's page show.</summary>
/// <param name="Bins">Ranges of amounts from small to large, together all payments.</param>
/// <param name="LargestPpm">Share of the largest payment, in parts per million of all that is paid.</param>
/// <param name="TenLargestPpm">Share of the ten largest.</param>
public sealed record Distribution(IReadOnlyList<DistributionBin> Bins, long LargestPpm, long TenLargestPpm)
{
    private const int MostBins = 10;

    /// <summary>Of payments by amount. Few different amounts are shown one by one; many in ranges of one width.</summary>
    public static Distribution Of(IEnumerable<(Sats Amount, long Count)> payments)
    {
        var paid = payments.Where(p => p.Count > 0).OrderBy(p => p.Amount).ToList();
        if (paid.Count == 0) return new Distribution([], 0, 0);
        var total = paid.Aggregate((Int128)0, (sum, p) => sum + ((Int128)p.Amount.Value * p.Count));
        return new Distribution(paid.Count <= MostBins ? [.. paid.Select(p => new DistributionBin(p.Amount, p.Amount, p.Count, Sum([p])))] : Ranges(paid), Share(1), Share(10));

        long Share(long of)
        {
            var sum = (Int128)0;
            foreach (var (amount, count) in Enumerable.Reverse(paid))
            {
                var taken = Math.Min(of, count);
                sum += (Int128)amount.Value * taken;
                if ((of -= taken) == 0) break;
            }

            return total == 0 ? 0 : (long)(sum * 1_000_000 / total);
        }
    }

    private static List<DistributionBin> Ranges(List<(Sats Amount, long Count)> paid)
    {
        var (least, most) = (paid[0].Amount.Value, paid[^1].Amount.Value);
        var width = (most - least) / MostBins + 1;
        return [.. Enumerable.Range(0, MostBins).Select(i =>
        {
            var (from, to) = (least + (i * width), Math.Min(most, least + ((i + 1) * width) - 1));
            var inside = paid.Where(p => p.Amount.Value >= from && p.Amount.Value <= to).ToList();
            return new DistributionBin(new Sats(from), new Sats(to), inside.Sum(p => p.Count), Sum(inside));
        }).Where(b => b.From <= b.To)];
    }

    private static Sats Sum(IEnumerable<(Sats Amount, long Count)> payments) => new(checked((long)payments.Aggregate((Int128)0, (sum, p) => sum + ((Int128)p.Amount.Value * p.Count))));
}

/// <summary>Payments of a range of amounts.</summary>
/// <param name="From">Smallest amount, included.</param>
/// <param name="To">Largest amount, included.</param>
/// <param name="Recipients">How many.</param>
/// <param name="Sum">What they are paid together.</param>
public sealed record DistributionBin(Sats From, Sats To, long Recipients, Sats Sum);
