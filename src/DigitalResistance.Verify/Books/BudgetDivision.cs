using System.Numerics;
using System.Security.Cryptography;
using System.Text;

namespace DigitalResistance.Verify.Books;

/// <summary>
/// The division of a round's budget, written again from <c>docs/specs/rounds.md</c> and not taken from the program that made it: pro rata by
/// weight, none above the cap, whole satoshi by the largest remainder, ties by SHA-256 of <c>round|token</c>.
/// </summary>
internal static class BudgetDivision
{
    /// <summary>Each operator's share, and what is left by reason.</summary>
    public static (Dictionary<string, long> Shares, Dictionary<string, long> Carry) Divide(long round, long budget, long capPpm, IReadOnlyList<(string Token, long Weight)> operators)
    {
        var total = operators.Aggregate(BigInteger.Zero, (sum, o) => sum + o.Weight);
        var shares = new Dictionary<string, long>(operators.Count, StringComparer.Ordinal);
        if (total.IsZero) return (shares, new() { ["empty"] = budget });

        var cap = budget * (BigInteger)capPpm / 1_000_000;
        var (over, fractions) = (BigInteger.Zero, BigInteger.Zero);
        var remainders = new List<(string Token, BigInteger Remainder)>();
        foreach (var (token, weight) in operators)
        {
            var product = (BigInteger)weight * budget;
            if (product >= cap * total)
            {
                over += product - cap * total;
                shares[token] = (long)cap;
                continue;
            }

            shares[token] = (long)BigInteger.DivRem(product, total, out var remainder);
            if (shares[token] == 0) continue;
            remainders.Add((token, remainder));
            fractions += remainder;
        }

        foreach (var (token, _) in remainders.OrderByDescending(r => r.Remainder).ThenBy(r => TieBreak(round, r.Token), StringComparer.Ordinal).Take((int)(fractions / total))) shares[token]++;
        var capped = (long)(over / total);
        return (shares, new() { ["cap"] = capped, ["rounding"] = budget - shares.Values.Sum() - capped });
    }

    private static string TieBreak(long round, string token) => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes($"{round}|{token}")));
}
