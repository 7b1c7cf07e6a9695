using System.Security.Cryptography;
using System.Text;
using DigitalResistance.Platform;

namespace DigitalResistance.Rounds;

/// <summary>
/// Divides a budget over integer weights: pro rata, no operator above the cap, what the cap takes away goes to the carry and boosts
/// nobody, whole satoshi by the largest remainder, ties by a hash that nobody can choose. Pure, exact and independent of the order
/// of its input: the same claims give the same bytes on every machine (<c>docs/specs/rounds.md</c>).
/// </summary>
/// <param name="Shares">One per claim with a positive weight, by token; an amount may be zero.</param>
/// <param name="Carry">What nobody got.</param>
public sealed record Allocation(IReadOnlyList<Share> Shares, Carry Carry)
{
    // Weights and satoshi below 2^53, at most 2^20 claims: every product below stays under 2^127.
    private const long MaximumWeight = 1L << 53;
    private const int MaximumClaims = 1 << 20;

    /// <summary>Divides <paramref name="budget"/>; shares + carry = budget, always.</summary>
    public static Allocation Divide(int round, Sats budget, int capPpm, IEnumerable<Claim> claims)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(budget.Value);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(budget.Value, Sats.Supply.Value);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capPpm, 1_000_000);
        var sorted = Sorted(claims);
        Int128 total = 0;
        foreach (var claim in sorted) total += claim.Weight;
        if (total == 0) return new([], new(Sats.Zero, Sats.Zero, budget));

        var cap = (long)((Int128)budget.Value * capPpm / 1_000_000);
        var amounts = new long[sorted.Length];
        var remainders = new Int128[sorted.Length];
        Int128 overCap = 0, remainderSum = 0;
        for (var i = 0; i < sorted.Length; i++)
        {
            // The exact share is product/total; everything below compares and sums fractions with that one denominator.
            var product = (Int128)sorted[i].Weight * budget.Value;
            if (product >= cap * total)
            {
                (amounts[i], overCap) = (cap, overCap + (product - (cap * total)));
                continue;
            }

            var (whole, remainder) = Int128.DivRem(product, total);
            // A share below one satoshi takes no part in the rounding: luck must not make it infinitely larger.
            if (whole == 0) continue;
            (amounts[i], remainders[i], remainderSum) = ((long)whole, remainder, remainderSum + remainder);
        }

        foreach (var winner in LargestRemainders(round, sorted, remainders, (int)(remainderSum / total))) amounts[winner]++;

        var shares = new Share[sorted.Length];
        var left = budget;
        for (var i = 0; i < sorted.Length; i++)
        {
            shares[i] = new(sorted[i].Token, sorted[i].Weight, new(amounts[i]));
            left -= shares[i].Amount;
        }

        var capped = new Sats((long)(overCap / total));
        return new(shares, new(capped, left - capped, Sats.Zero));
    }

    private static Claim[] Sorted(IEnumerable<Claim> claims)
    {
        Claim[] sorted = [.. claims.Where(c => c.Weight != 0)];
        ArgumentOutOfRangeException.ThrowIfGreaterThan(sorted.Length, MaximumClaims, nameof(claims));
        Array.Sort(Array.ConvertAll(sorted, c => c.Token), sorted, StringComparer.Ordinal);
        for (var i = 0; i < sorted.Length; i++)
        {
            if (sorted[i].Weight is < 0 or >= MaximumWeight) throw new ArgumentOutOfRangeException(nameof(claims), sorted[i].Weight, "A weight lies between 0 and 2^53.");
            if (i > 0 && sorted[i].Token == sorted[i - 1].Token) throw new ArgumentException($"The token {sorted[i].Token} claims twice.", nameof(claims));
        }

        return sorted;
    }

    /// <summary>The places of the <paramref name="units"/> largest remainders; among equal ones the smaller hash wins.</summary>
    private static IEnumerable<int> LargestRemainders(int round, Claim[] claims, Int128[] remainders, int units)
    {
        if (units == 0) return [];
        Int128[] ascending = [.. remainders];
        Array.Sort(ascending);
        var last = ascending[^units];
        var sure = Enumerable.Range(0, claims.Length).Where(i => remainders[i] > last).ToList();
        // Hashes are only needed where remainders tie at the border.
        var tied = Enumerable.Range(0, claims.Length).Where(i => remainders[i] == last)
            .OrderBy(i => SHA256.HashData(Encoding.ASCII.GetBytes($"{round}|{claims[i].Token}")), ByteOrder).Take(units - sure.Count);
        return sure.Concat(tied.ToList());
    }

    private static readonly Comparer<byte[]> ByteOrder = Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b));
}

/// <summary>What one operator brings to the division.</summary>
/// <param name="Token">The operator's public name in this round (ASCII).</param>
/// <param name="Weight">Final integer weight, below 2^53.</param>
public readonly record struct Claim(string Token, long Weight);

/// <summary>What the division gave to one operator.</summary>
public readonly record struct Share(string Token, long Weight, Sats Amount);

/// <summary>What a round gave to nobody, by reason; it stays in the treasury and is a line of the ledger.</summary>
/// <param name="Cap">Taken away by the operators' cap.</param>
/// <param name="Rounding">Fractions of a satoshi, and shares below one satoshi.</param>
/// <param name="Empty">All of it, where nobody had any weight.</param>
public sealed record Carry(Sats Cap, Sats Rounding, Sats Empty)
{
    /// <summary>The sum of all reasons.</summary>
    public Sats Total => Cap + Rounding + Empty;
}
